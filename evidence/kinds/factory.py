"""Zero-carbon factory: energy, buildings, products, materials, waste, certificates, the evaluation itself."""

from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Record, column

PER_PRODUCT_UNIT = ("按产品单位", "per unit of product")


class FactoryYear(
    Record,
    kind="factory_year",
    zh="工厂年度数据",
    en="factory data of a year",
    about_zh="工厂一个年度的增加值和排放量，一年一行；评价年、基准年和前三年都要有",
    about_en="value added and emissions of one year; also for the base year and three years back",
):
    """Value added and emissions of the factory in one year."""

    data_year: int | None = column("年度", "year", example=2025)
    value_added: Decimal | None = column("工业增加值", "industrial value added", unit="万元", example="18500")
    gross_emissions: Decimal | None = column(
        "温室气体排放量",
        "emissions",
        unit="tCO2e",
        help=("抵消之前", "before offsetting"),
        example="6200",
    )
    net_emissions: Decimal | None = column(
        "净排放量",
        "net emissions",
        unit="tCO2e",
        help=("扣除厂内清除量后，抵消之前", "after removals on site, before offsetting"),
        example="6150",
    )
    residual_emissions: Decimal | None = column(
        "残余排放量",
        "residual emissions",
        unit="tCO2e",
        help=("采取减排措施之后仍然存在、需要抵消的排放", "what remains after reduction and is to be offset"),
        example="6150",
    )
    comprehensive_energy: Decimal | None = column(
        "综合能耗",
        "total energy consumption",
        unit="tce",
        help=(
            "主要、辅助和附属生产系统，不含原料用能",
            "main, auxiliary and ancillary systems, feedstock left out",
        ),
        example="2400",
    )
    energy_basis: str | None = column(
        "电力折标方法",
        "electricity converted by",
        choices={"calorific": ("当量值", "calorific value"), "equivalent": ("等价值", "equivalent value")},
        help=("可再生能源须用同一方法", "renewables must use the same"),
        example="calorific",
    )
    accounting_standard: str | None = column("核算标准", "accounting standard", example="GB/T 32151.29-2024")
    verified_by: str | None = column("核查方", "verified by")
    verified_on: date | None = column("核查日期", "verified on")


class RenewableSupply(
    Record,
    kind="renewable_supply",
    zh="非化石能源消费",
    en="use of non-fossil energy",
    about_zh="一年中一种来源的可再生能源或其他非化石能源消费，不得重复计算",
    about_en="renewable or other non-fossil energy of one origin in a year; nothing may count twice",
):
    """Non-fossil energy of one origin used in one year."""

    data_year: int | None = column("年度", "year", example=2025)
    energy_source: str | None = column(
        "能源种类",
        "source of energy",
        choices={
            "solar": ("太阳能", "solar"),
            "wind": ("风能", "wind"),
            "hydro": ("水能", "hydro"),
            "biomass": ("生物质能", "biomass"),
            "geothermal": ("地热能", "geothermal"),
            "marine": ("海洋能", "marine"),
            "nuclear": ("核能", "nuclear"),
            "other": ("其他", "other"),
        },
        example="solar",
    )
    renewable: bool | None = column(
        "属于可再生能源",
        "renewable",
        help=("核能属非化石能源但不可再生", "nuclear is non-fossil but not renewable"),
        example=True,
    )
    route: str | None = column(
        "获得方式",
        "obtained by",
        choices={
            "own_use": ("自建设施自发自用", "own plant, used on site"),
            "market": ("市场化交易", "bought on the market"),
            "direct_line": ("专线直供", "direct line"),
            "certificate": ("单独购买绿证", "certificates bought alone"),
            "fuel": ("直接使用燃料或热力", "fuel or heat used directly"),
        },
        example="own_use",
    )
    power: Decimal | None = column("电量", "electricity", unit="MWh", example="1500")
    amount: Decimal | None = column("折标准煤量", "amount", unit="tce", example="184.35")
    proof_number: str | None = column(
        "凭证编号", "number of the proof", help=("合同、结算单或绿证", "contract, settlement or certificate")
    )
    green_certificate: str | None = column("绿证", "green certificate", ref="green_certificate")


class Building(
    Record,
    kind="building",
    zh="建筑",
    en="building",
    about_zh="厂区内的建筑，一栋一行",
    about_en="a building of the factory, one row each",
):
    """A building of the factory."""

    name: str | None = column("名称", "name", example="1 号厂房")
    owned: bool | None = column("自有", "owned", example=True)
    floor_area: Decimal | None = column("建筑面积", "floor area", unit="m2", example="12000")
    built_on: date | None = column("建成日期", "built on", example="2018-09-01")
    energy_class: str | None = column(
        "节能等级",
        "energy class",
        choices={
            "ordinary": ("一般建筑", "ordinary"),
            "ultra_low": ("超低能耗", "ultra-low energy"),
            "near_zero": ("近零能耗", "nearly zero energy"),
            "zero": ("零能耗", "zero energy"),
        },
        example="ordinary",
    )
    class_proof: str | None = column(
        "等级证明", "proof of the class", help=("标识或检测报告编号", "label or test report")
    )
    class_state: str | None = column(
        "推行阶段",
        "stage",
        choices={
            "planned": ("已规划", "planned"),
            "building": ("建设或改造中", "under construction or renovation"),
            "done": ("已建成", "completed"),
        },
        help=("低能耗建筑的推行情况", "how far the low-energy class has come"),
    )


class RoofArea(
    Record,
    kind="roof_area",
    zh="屋顶",
    en="roof",
    about_zh="建筑屋顶及其光伏铺设面积，一个屋顶一行",
    about_en="a roof and how much of it carries photovoltaic modules, one row each",
):
    """A roof and its photovoltaic area."""

    building: str | None = column("建筑", "building", ref="building", example="BD-1")
    total_area: Decimal | None = column("屋顶总面积", "total area", unit="m2", example="6000")
    usable_area: Decimal | None = column(
        "可利用面积",
        "usable area",
        unit="m2",
        help=("承重、遮挡、安全允许铺设的面积", "where load, shade and safety permit"),
        example="5000",
    )
    pv_area: Decimal | None = column("光伏铺设面积", "photovoltaic area", unit="m2", example="3500")
    pv_capacity: Decimal | None = column("装机容量", "installed capacity", unit="kWp", example="700")
    in_operation_since: date | None = column("投运日期", "in operation since", example="2024-05-01")
    unusable_reason: str | None = column("不可利用的理由", "why part is not usable")


class Microgrid(
    Record,
    kind="microgrid",
    zh="微电网",
    en="microgrid",
    about_zh="工厂建设或参与的微电网系统",
    about_en="a microgrid the factory built or takes part in",
):
    """A microgrid the factory built or takes part in."""

    name: str | None = column("名称", "name", example="厂区光储微电网")
    involvement: str | None = column(
        "方式",
        "involvement",
        choices={
            "built": ("自建", "built by the factory"),
            "joined": ("参与", "takes part"),
            "planned": ("已规划", "planned"),
        },
        example="built",
    )
    consumes_renewables: bool | None = column("可再生能源消纳", "takes up renewables", example=True)
    combines_energies: bool | None = column("多能互补", "combines several energies", example=True)
    smart_control: bool | None = column("智能调控", "smart control", example=True)
    storage: Decimal | None = column("储能容量", "storage capacity", unit="kWh", example="500")
    in_operation_since: date | None = column("投运日期", "in operation since", example="2025-03-01")


class DigitalPlatform(
    Record,
    kind="digital_platform",
    zh="能碳管理平台",
    en="energy and carbon platform",
    about_zh="能耗与碳排放管理平台及其功能",
    about_en="the platform that manages energy and emissions, with its functions",
):
    """The platform that manages energy and emissions."""

    name: str | None = column("名称", "name", example="能碳管理平台")
    in_operation_since: date | None = column("上线日期", "in operation since", example="2024-10-01")
    covers_energy: bool | None = column("管理能耗", "covers energy", example=True)
    covers_carbon: bool | None = column("管理碳排放", "covers emissions", example=True)
    online_monitoring: bool | None = column("实时在线监测", "monitors online in real time", example=True)
    alarms: bool | None = column("异常报警", "raises alarms", example=True)
    key_equipment: int | None = column("重点能耗设备数", "key energy equipment", example=24)
    key_equipment_metered: int | None = column("其中已监测计量", "of these metered", example=24)
    visualises: bool | None = column("监测结果可视化", "shows results graphically", example=True)
    analyses: bool | None = column("数据智能分析", "analyses the data", example=True)
    adjusts: bool | None = column(
        "自动调节",
        "adjusts automatically",
        help=("依据生产要求、工况和预警", "by production, condition and warnings"),
        example=False,
    )
    checked_on: date | None = column("功能确认日期", "functions confirmed on", example="2026-05-10")
    checked_by: str | None = column("确认人", "confirmed by", ref="person")
    integrates_production: bool | None = column(
        "接入生产系统", "takes in the production systems", example=True
    )
    integrates_meters: bool | None = column("接入能源计量设备", "takes in the energy meters", example=True)
    integrates_supply_chain: bool | None = column(
        "接入供应链数据", "takes in supply chain data", example=False
    )
    calculates_emissions: bool | None = column("核算排放量", "calculates emissions", example=True)
    identifies_key_stages: bool | None = column(
        "识别排放关键环节", "identifies where emissions matter most", example=True
    )
    simulates_reduction: bool | None = column(
        "模拟减排路径",
        "simulates reduction paths",
        help=("优化策略并预测减排效果", "betters the strategy and forecasts its effect"),
        example=False,
    )
    analyses_carbon_price: bool | None = column("分析碳价走势", "analyses the carbon price", example=False)
    optimises_assets: bool | None = column("优化碳资产配置", "optimises carbon assets", example=False)
    generates_inventory: bool | None = column(
        "生成排放盘查报告", "generates emission inventory reports", example=True
    )
    generates_footprint: bool | None = column(
        "生成产品碳足迹报告", "generates product footprint reports", example=False
    )


class WasteEnergy(
    Record,
    kind="waste_energy",
    zh="余能",
    en="waste energy",
    about_zh="可利用的余热、余冷、余压及其利用，一处一行",
    about_en="waste heat, cold or pressure that could be used, and its use; one row each",
):
    """A source of waste energy and its use."""

    name: str | None = column("余能来源", "origin", example="空压机压缩热")
    waste_energy_type: str | None = column(
        "种类",
        "type",
        choices={
            "heat": ("余热", "heat"),
            "cold": ("余冷", "cold"),
            "pressure": ("余压", "pressure"),
            "other": ("其他", "other"),
        },
        example="heat",
    )
    data_year: int | None = column("年度", "year", example=2025)
    available: Decimal | None = column("可利用量", "available", unit="tce", example="60")
    used: Decimal | None = column("已利用量", "used", unit="tce", example="45")
    utilised: bool | None = column("已利用", "in use", example=True)
    purpose: str | None = column("用途", "used for", example="生活热水")
    unused_reason: str | None = column("未利用的理由", "why not used")


class EnergyIntensity(
    Record,
    kind="energy_intensity",
    zh="单位产品能耗",
    en="energy per product",
    about_zh="一种产品一年的单位产品综合能耗，评价年和基准年各一行",
    about_en="energy per unit of one product in one year; also for the base year",
):
    """Energy per unit of one product in one year."""

    product: str | None = column("产品", "product", ref="product", example="PD-1")
    data_year: int | None = column("年度", "year", example=2025)
    energy: Decimal | None = column(
        "产品综合能耗",
        "energy of the product",
        unit="tce",
        help=("不含原料用能", "feedstock left out"),
        example="800",
    )
    qualified_output: Decimal | None = column("合格产品产量", "qualified output", example="4000")
    measure_unit: str | None = column("产品单位", "unit of product", example="t")
    intensity: Decimal | None = column(
        "单位产品综合能耗", "energy per product", unit="tce", help=PER_PRODUCT_UNIT, example="0.2"
    )
    share_method: str | None = column(
        "多产品分摊方法",
        "how shared among products",
        choices={
            "measured": ("分别计量", "measured for each"),
            "standard_product": ("折算标准产品", "converted to a standard product"),
            "proportional": ("按产量和能耗比例", "by output and energy"),
            "single": ("单一产品", "one product only"),
        },
        example="measured",
    )
    standard_followed: str | None = column("计算标准", "standard followed", example="GB/T 36132")
    quota_standard: str | None = column(
        "能耗限额标准", "energy limit standard", help=("没有适用标准时留空", "empty where none exists")
    )
    quota_exists: bool | None = column("有适用的限额标准", "a limit standard applies", example=False)
    quota_grade: str | None = column(
        "达到的限额等级",
        "grade reached",
        choices={
            "1": ("一级", "grade 1"),
            "2": ("二级", "grade 2"),
            "3": ("三级", "grade 3"),
            "none": ("未达到三级", "below grade 3"),
        },
        help=("一级最优", "grade 1 is best"),
    )


class MaterialUse(
    Record,
    kind="material_use",
    zh="原材料消耗",
    en="use of materials",
    about_zh="一种产品一年对一种主要原材料的消耗",
    about_en="what one product used of one main material in one year",
):
    """The use of one main material for one product in one year."""

    product: str | None = column("产品", "product", ref="product", example="PD-1")
    material: str | None = column("原材料", "material", example="铸铁件")
    data_year: int | None = column("年度", "year", example=2025)
    amount: Decimal | None = column("消耗量", "amount used", example="4600")
    measure_unit: str | None = column("原材料单位", "unit of material", example="t")
    qualified_output: Decimal | None = column("合格产品产量", "qualified output", example="4000")
    product_unit: str | None = column("产品单位", "unit of product", example="t")
    per_product: Decimal | None = column(
        "单位产品消耗量", "used per product", help=PER_PRODUCT_UNIT, example="1.15"
    )
    control_measure: str | None = column("控制措施", "how use is controlled", example="近净成形铸造")
    standard_followed: str | None = column("评价标准", "standard followed", example="GB/T 29115")
    evaluated_on: date | None = column("评价日期", "evaluated on", example="2026-02-10")


class FootprintMeasure(
    Record,
    kind="footprint_measure",
    zh="碳足迹优化措施",
    en="measure on a product footprint",
    about_zh="依据碳足迹结果采取的优化措施，一项一行",
    about_en="a measure taken on the strength of a product footprint, one row each",
):
    """A measure taken on the strength of a product footprint."""

    product: str | None = column("产品", "product", ref="product", example="PD-1")
    product_footprint: str | None = column(
        "依据的碳足迹", "footprint it rests on", ref="product_footprint", example="PF-1"
    )
    lever: str | None = column(
        "环节",
        "where",
        choices={
            "design": ("产品设计", "design"),
            "production": ("生产", "production"),
            "supply_chain": ("供应链管理", "supply chain"),
        },
        example="design",
    )
    measure: str | None = column("措施", "measure", example="轻量化设计")
    completed_on: date | None = column("完成日期", "completed on", example="2026-01-15")
    expected_reduction: Decimal | None = column(
        "减少的碳足迹",
        "reduction of the footprint",
        unit="kgCO2e",
        help=("每功能单位", "per functional unit"),
        example="12",
    )
    performance_kept: bool | None = column("仍满足性能质量要求", "performance and quality kept", example=True)


class Recyclability(
    Record,
    kind="recyclability",
    zh="产品可回收利用率",
    en="recyclability of a product",
    about_zh="一种产品在一个年度的可回收利用率，评价年和基准年各一行",
    about_en="what share of a product can be recovered, by year; also for the base year",
):
    """What share of a product can be recovered."""

    product: str | None = column("产品", "product", ref="product", example="PD-1")
    data_year: int | None = column("年度", "year", example=2025)
    total_mass: Decimal | None = column("产品总质量", "mass of the product", unit="kg", example="850")
    recoverable_mass: Decimal | None = column(
        "可回收利用质量",
        "recoverable mass",
        unit="kg",
        help=("零部件和材料之和", "parts and materials together"),
        example="790",
    )
    standard_followed: str | None = column("计算标准", "standard followed", example="GB/T 20862")
    calculated_on: date | None = column("计算日期", "calculated on", example="2026-02-20")


class Technology(
    Record,
    kind="technology",
    zh="先进技术装备",
    en="advanced technology",
    about_zh="采用的列入国家目录的技术和设备，一项一行",
    about_en="a technology or piece of equipment in use that a national catalogue lists, one row each",
):
    """A catalogued technology in use."""

    name: str | None = column("名称", "name", example="磁悬浮空压机")
    catalogue: str | None = column(
        "所属目录",
        "catalogue",
        choices={
            "energy_saving": ("节能降碳技术装备推荐目录", "energy-saving and carbon-reducing technology"),
            "water_saving": ("节水工艺技术装备目录", "water-saving technology"),
            "resource_use": ("工业资源综合利用目录", "comprehensive use of resources"),
            "environmental": ("重大环保技术装备目录", "major environmental equipment"),
            "green_technology": ("绿色技术推广目录", "green technology"),
            "low_carbon": ("低碳技术推广目录", "low-carbon technology"),
            "pollution_control": ("污染防治技术指导目录", "pollution control"),
            "restructuring": ("产业结构调整目录（鼓励类）", "industrial restructuring, encouraged"),
        },
        example="energy_saving",
    )
    catalogue_edition: str | None = column("目录版本", "edition of the catalogue", example="2024 年版")
    entry_number: str | None = column("目录序号", "entry in the catalogue", example="3-12")
    units_installed: int | None = column("台套数", "units installed", example=2)
    in_use: bool | None = column("正在使用", "in use", example=True)
    installed_on: date | None = column("投用日期", "put to use on", example="2024-11-01")


class SolidWaste(
    Record,
    kind="solid_waste",
    zh="工业固体废物",
    en="industrial solid waste",
    about_zh="一种工业固体废物一年的产生和综合利用，评价年和基准年都要有",
    about_en="one industrial solid waste in one year: how much arose, how much was used",
):
    """One industrial solid waste in one year."""

    waste: str | None = column("废物名称", "waste", example="废铸造砂")
    data_year: int | None = column("年度", "year", example=2025)
    generated: Decimal | None = column("产生量", "generated", unit="t", example="320")
    utilised: Decimal | None = column(
        "综合利用量",
        "utilised",
        unit="t",
        help=("含利用往年贮存量", "with what was used of earlier stock"),
        example="280",
    )
    utilised_from_stock: Decimal | None = column(
        "其中利用往年贮存量", "of this from earlier stock", unit="t", example="0"
    )
    way: str | None = column("利用方式", "how utilised", example="再生砂")
    standard_followed: str | None = column("计算标准", "standard followed", example="GB/T 32326")


class RecyclingGuide(
    Record,
    kind="recycling_guide",
    zh="循环利用指导文件",
    en="recycling guide",
    about_zh="指导下游回收、拆解和再利用产品的文件及其传递",
    about_en="a guide that tells those downstream how to recover a product, and how it reached them",
):
    """A guide for recovering a product, and how it reached those downstream."""

    product: str | None = column("产品", "product", ref="product", example="PD-1")
    title: str | None = column("标题", "title", example="产品拆解与回收指南")
    issued_on: date | None = column("发布日期", "issued on", example="2025-06-01")
    conveyed_on: date | None = column("传递日期", "passed on", example="2025-07-01")
    conveyed_to: str | None = column("传递对象", "passed on to", example="主要客户和回收企业")
    receipt_confirmed: bool | None = column("已确认收到", "receipt confirmed", example=True)


class Remanufacturing(
    Record,
    kind="remanufacturing",
    zh="再制造",
    en="remanufacturing",
    about_zh="再制造生产，一种产品一年一行",
    about_en="remanufacturing, one row per product and year",
):
    """Remanufacturing of one product in one year."""

    product: str | None = column("产品", "product", ref="product", example="PD-1")
    data_year: int | None = column("年度", "year", example=2025)
    feasible: bool | None = column("产品可再制造", "can be remanufactured", example=True)
    standard_followed: str | None = column("依据标准", "standard followed", example="GB/T 28618")
    started_on: date | None = column("开始日期", "started on", example="2024-03-01")
    quantity: Decimal | None = column("再制造产量", "quantity", example="150")
    measure_unit: str | None = column("产量单位", "unit of quantity", example="台")
    inspected: bool | None = column("产品经检验合格", "inspected and passed", example=True)


class CarbonDisclosureItem(
    Record,
    kind="carbon_disclosure_item",
    zh="碳披露内容",
    en="item of a carbon disclosure",
    about_zh="一次披露中的一项内容",
    about_en="one thing that a disclosure tells",
):
    """One thing that a disclosure tells."""

    disclosure: str | None = column("披露", "disclosure", ref="disclosure", required=True, example="DC-1")
    matter: str | None = column(
        "内容",
        "content",
        choices={
            "boundary": ("核算边界和方法", "boundary and method"),
            "scope1": ("直接排放", "direct emissions"),
            "scope2": ("能源间接排放", "indirect emissions from energy"),
            "scope3": ("其他间接排放", "other indirect emissions"),
            "intensity": ("排放强度", "emission intensity"),
            "footprint": ("产品碳足迹", "product footprint"),
            "targets": ("减排目标", "targets"),
            "measures": ("减排措施和成效", "measures and their effect"),
            "offsets": ("抵消", "offsets"),
            "verification": ("核查声明", "verification statement"),
        },
        example="scope1",
    )
    data_year: int | None = column("数据年度", "year of the data", example=2025)
    place: str | None = column(
        "出处", "where in the document", help=("页码或网址", "page or address"), example="第 12 页"
    )


class Certificate(
    Record,
    kind="certificate",
    zh="证书",
    en="certificate",
    about_zh="管理体系、绿色工厂、产品等证书，一张一行",
    about_en="a certificate of a management system, factory or product, one row each",
):
    """A certificate of a management system, factory or product."""

    subject: str | None = column(
        "对象",
        "subject",
        choices={
            "environment": ("环境管理体系", "environmental management"),
            "energy": ("能源管理体系", "energy management"),
            "safety": ("职业健康安全管理体系", "occupational health and safety"),
            "quality": ("质量管理体系", "quality management"),
            "carbon": ("碳管理体系", "carbon management"),
            "green_factory": ("绿色工厂", "green factory"),
            "green_product": ("绿色产品", "green product"),
            "green_supply_chain": ("绿色供应链", "green supply chain"),
            "footprint": ("产品碳足迹", "product footprint"),
            "emission_statement": ("碳排放核查声明", "verification statement"),
            "other": ("其他", "other"),
        },
        example="energy",
    )
    certified_standard: str | None = column("依据标准", "standard", example="GB/T 23331-2020")
    certificate_number: str | None = column("证书编号", "number", example="EnMS-2024-001")
    issuer: str | None = column("发证机构", "issued by", example="某认证有限公司")
    certified_scope: str | None = column("覆盖范围", "scope")
    issued_on: date | None = column("发证日期", "issued on", example="2024-08-01")
    expires_on: date | None = column(
        "有效期至", "expires on", example="2027-07-31", expires=True, latest_per="subject"
    )
    state: str | None = column(
        "证书状态",
        "state",
        choices={
            "active": ("有效", "in force"),
            "suspended": ("暂停", "suspended"),
            "revoked": ("撤销或注销", "withdrawn"),
        },
        example="active",
    )
    state_checked_on: date | None = column("状态查询日期", "state looked up on", example="2026-06-01")


class FactoryPlan(
    Record,
    kind="factory_plan",
    zh="零碳工厂规划",
    en="zero-carbon plan",
    about_zh="零碳工厂的中长期规划；年度量化目标填在目标指标中",
    about_en="a medium- or long-term plan for the zero-carbon factory; yearly targets are rows of objective",
):
    """A medium- or long-term plan for the zero-carbon factory."""

    title: str | None = column("标题", "title", example="零碳工厂建设规划（2025—2030）")
    horizon: str | None = column(
        "期限",
        "horizon",
        choices={"medium": ("中期", "medium-term"), "long": ("长期", "long-term")},
        example="medium",
    )
    first_year: int | None = column("起始年", "first year", example=2025)
    last_year: int | None = column("截止年", "last year", example=2030)
    issued_on: date | None = column("发布日期", "issued on", example="2025-01-10")
    responsible: str | None = column("负责人", "responsible person", ref="person")
    has_yearly_targets: bool | None = column("含年度量化目标", "has quantified yearly targets", example=True)


class FactoryEvaluation(
    Record,
    kind="factory_evaluation",
    zh="零碳工厂评价",
    en="zero-carbon evaluation",
    about_zh="一次零碳工厂评价：谁做、怎么做、报告写了什么；评价期填在覆盖期间",
    about_en="one evaluation: by whom, how, what the report covers; the period is the one evaluated",
):
    """One zero-carbon evaluation of the factory."""

    party: str | None = column(
        "评价方",
        "evaluated by",
        choices={
            "first": ("第一方（自评）", "first party"),
            "second": ("第二方（合作方）", "second party"),
            "third": ("第三方", "third party"),
        },
        example="third",
    )
    evaluator: str | None = column("评价机构", "name of the evaluator")
    independent: bool | None = column("独立于工厂", "independent of the factory", example=True)
    capable: bool | None = column("具备评价能力", "capable of evaluating", example=True)
    for_announcement: bool | None = column("结果用于对外宣告", "result to be announced", example=True)
    workflow: str | None = column("评价工作流程文件", "workflow document", ref="controlled_document")
    team_formed_on: date | None = column("成立评价组日期", "team formed on", example="2026-03-01")
    plan_made_on: date | None = column("评价方案日期", "plan made on", example="2026-03-05")
    plan_fits: bool | None = column("方案结合企业实际", "plan fits the factory", example=True)
    conformity_checked_on: date | None = column(
        "符合性评价日期", "basic requirements checked on", example="2026-03-20"
    )
    indicators_evaluated_on: date | None = column(
        "指标评价日期", "indicators evaluated on", example="2026-03-25"
    )
    report_on: date | None = column("报告日期", "report dated", example="2026-04-10")
    reviewed_independently_on: date | None = column(
        "独立复核日期", "reviewed independently on", example="2026-04-15"
    )
    reviewer: str | None = column("复核人", "reviewer")
    released_on: date | None = column("报告发布日期", "report released on", example="2026-04-20")
    base_year: int | None = column("基准年", "base year", example=2024)
    report_names_subject: bool | None = column(
        "报告：名称和地址", "report: names and addresses", example=True
    )
    report_names_date: bool | None = column("报告：日期", "report: date", example=True)
    report_names_scope: bool | None = column(
        "报告：目的、准则、范围", "report: purpose, criteria, scope", example=True
    )
    report_describes_subject: bool | None = column(
        "报告：主体情况", "report: about the factory", example=True
    )
    report_describes_process: bool | None = column(
        "报告：评价过程", "report: course of the evaluation", example=True
    )
    report_covers_emissions: bool | None = column("报告：排放量化", "report: emissions", example=True)
    report_covers_reductions: bool | None = column("报告：减排", "report: reductions", example=True)
    report_covers_offsets: bool | None = column("报告：抵消", "report: offsets", example=True)
    report_covers_scores: bool | None = column("报告：单项和总得分", "report: scores", example=True)
    report_covers_result: bool | None = column(
        "报告：结果、问题和解决办法", "report: result and open problems", example=True
    )
    evaluation_year: int | None = column(
        "评价年",
        "evaluation year",
        help=("各年度数据按此年度取用", "the year whose figures are used"),
        example=2025,
    )
    principles_stated: bool | None = column(
        "方案写明评价原则", "plan states the principles of the evaluation", example=True
    )
    workflow_covers_steps: bool | None = column(
        "工作流程含全部步骤",
        "workflow has all steps",
        help=(
            "组建工作组、定方案、查基本要求、评指标、写报告、收尾",
            "team, plan, basic requirements, indicators, report, closing",
        ),
        example=True,
    )
    covers_energy_structure: bool | None = column(
        "评价了能源结构", "energy structure evaluated", example=True
    )
    covers_management: bool | None = column("评价了管理能力", "management ability evaluated", example=True)
    covers_reduction: bool | None = column("评价了降碳成效", "reduction achieved evaluated", example=True)
    covers_responsibility: bool | None = column(
        "评价了责任与产业延伸", "responsibility and value chain evaluated", example=True
    )
    sources_recorded: bool | None = column(
        "所用数据均记有来源", "source of each datum recorded", example=True
    )
    data_checked_on: date | None = column(
        "数据核对日期",
        "data checked on",
        help=("与原始凭证核对", "against the original vouchers"),
        example="2026-03-22",
    )
    working_papers: str | None = column(
        "工作底稿存放处", "where the working papers are kept", example="评价机构档案 2026-015"
    )


class EvaluationTeamMember(
    Record,
    kind="evaluation_team_member",
    zh="评价组成员",
    en="member of the evaluation team",
    about_zh="零碳工厂评价工作组的成员，一人一行",
    about_en="a member of the team that evaluates the factory, one row each",
):
    """A member of the team that evaluates the factory."""

    factory_evaluation: str | None = column(
        "零碳工厂评价", "evaluation", ref="factory_evaluation", required=True, example="FE-2026"
    )
    name: str | None = column("姓名", "name", example="张工")
    team_role: str | None = column(
        "组内角色",
        "role",
        choices={
            "leader": ("组长", "leader"),
            "member": ("组员", "member"),
            "expert": ("外部专家", "outside expert"),
        },
        example="leader",
    )
    skills: str | None = column("技能和能力", "skills", example="温室气体核算、机械工艺")
    competent: bool | None = column("能力满足评价需要", "found competent", example=True)
    impartial: bool | None = column(
        "立场公正",
        "impartial",
        help=("不评价自己负责的工作，无利益冲突", "evaluates no work of their own, no conflict of interest"),
        example=True,
    )
