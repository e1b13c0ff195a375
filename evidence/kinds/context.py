"""Context: the organisation and its parts, surroundings, interested parties, scope, processes and choices."""

from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Record, column

VERDICTS = {
    "conforming": ("符合", "conforming"),
    "nonconforming": ("不符合", "nonconforming"),
    "opportunity": ("改进机会", "opportunity for improvement"),
    "not_applicable": ("不适用", "not applicable"),
}

INTERVAL_SUBJECTS = {
    "carbon_review": ("碳评审", "carbon review"),
    "obligation_review": ("合规义务评审", "review of compliance obligations"),
    "key_characteristic_monitoring": ("关键特性监视测量", "monitoring of key characteristics"),
    "data_plan_review": ("数据收集计划评审", "review of the data collection plan"),
    "policy_review": ("方针评审", "policy review"),
    "report_to_top_management": ("向最高管理者报告", "report to top management"),
    "compliance_evaluation": ("合规性评价", "evaluation of compliance"),
    "internal_audit": ("内部审核", "internal audit"),
    "management_review": ("管理评审", "management review"),
    "calibration": ("计量器具检定或校准", "calibration of meters"),
    "control_confirmation": ("控制措施确认", "confirmation of control measures"),
    "objective_evaluation": ("目标指标评价", "evaluation of objectives and targets"),
    "context_review": ("内外部因素评审", "review of external and internal factors"),
    "competence_review": ("能力评价", "review of competence"),
    "stakeholder_review": ("相关方需求评审", "review of interested parties and their needs"),
    "risk_review": ("风险和机遇评审", "review of risks and opportunities"),
    "baseline_review": ("碳基准评审", "review of the carbon baseline"),
    "parameter_review": ("碳绩效参数评审", "review of performance parameters"),
    "data_quality_review": ("数据质量评审", "review of data quality"),
    "supplier_evaluation": ("供应商评价", "evaluation of suppliers"),
    "performance_evaluation": ("碳绩效评价", "evaluation of carbon performance"),
    "resource_review": ("资源评估", "review of resources"),
    "disclosure": ("信息披露", "disclosure"),
    "document_review": ("文件评审", "review of documents"),
    "training": ("培训", "training"),
}


class Organisation(
    Record,
    kind="organisation",
    zh="组织",
    en="organisation",
    about_zh="组织的基本情况，只填一行；条款是否适用由此判断",
    about_en="the profile of the organisation, one row only; it decides which clauses apply",
):
    """The profile that conditions of provisions are tested against."""

    name: str | None = column("名称", "name", example="某铸造有限公司")
    credit_code: str | None = column("统一社会信用代码", "unified social credit code")
    address: str | None = column("注册地址", "registered address")
    industry: str | None = column(
        "行业",
        "industry",
        choices={
            "machinery": ("机械制造", "machinery"),
            "vehicles": ("汽车及运输设备制造", "vehicles and transport equipment"),
            "electrical": ("电气和电子设备制造", "electrical and electronic equipment"),
            "steel": ("钢铁", "iron and steel"),
            "nonferrous": ("有色金属", "nonferrous metals"),
            "building_materials": ("建材", "building materials"),
            "chemicals": ("石化和化工", "petrochemicals and chemicals"),
            "paper": ("造纸", "paper"),
            "food": ("食品和饮料", "food and drink"),
            "textiles": ("纺织", "textiles"),
            "mining": ("采矿", "mining"),
            "power": ("电力和热力生产", "power and heat generation"),
            "other_industry": ("其他工业", "other industry"),
            "services": ("服务业", "services"),
            "other": ("其他", "other"),
        },
        example="machinery",
    )
    purpose: str | None = column(
        "宗旨",
        "purpose",
        help=("组织的使命、愿景或战略方向", "mission, vision or strategic direction"),
        example="为装备制造业提供铸件",
    )
    employees: int | None = column("员工人数", "employees", example=420)
    energy_use: Decimal | None = column("年综合能源消费量", "energy use per year", unit="tce", example="5200")
    emissions: Decimal | None = column(
        "年温室气体排放量", "emissions of the year", unit="tCO2e", example="14300"
    )
    system_since: date | None = column(
        "体系运行开始日期",
        "system in operation since",
        help=("管理体系正式实施之日", "the day the management system took effect"),
        example="2024-10-01",
    )
    in_carbon_market: bool | None = column(
        "纳入碳市场",
        "in a carbon market",
        help=("负有配额清缴义务", "has a duty to surrender allowances"),
        example=False,
    )
    carbon_quota_controlled: bool | None = column(
        "受碳排放总量或强度控制",
        "emissions capped by government",
        help=("政府下达了排放总量或强度指标", "a government limit on total emissions or intensity applies"),
        example=True,
    )
    energy_quota_controlled: bool | None = column(
        "受能耗双控或限额约束", "energy use capped by government", example=True
    )
    wants_neutrality: bool | None = column("追求碳中和", "aims at carbon neutrality", example=False)
    trades_carbon_assets: bool | None = column("开展碳交易", "trades carbon assets", example=False)
    has_carbon_assets: bool | None = column("拥有碳资产", "has carbon assets", example=False)
    develops_sinks: bool | None = column("开发碳汇项目", "develops carbon sinks", example=False)
    discloses_carbon: bool | None = column("披露碳信息", "discloses carbon information", example=True)
    exports: bool | None = column("产品出口", "exports its products", example=True)
    designs_products: bool | None = column("从事产品设计", "designs products", example=True)
    outsources_processes: bool | None = column("有外包过程", "outsources processes", example=True)
    builds_projects: bool | None = column(
        "有新改扩建项目",
        "has building projects",
        help=("新建、改建或扩建投资项目", "new, altered or extended facilities"),
        example=False,
    )
    manages_organisation_level: bool | None = column(
        "开展组织层面碳管理", "manages carbon of the organisation", example=True
    )
    manages_product_level: bool | None = column(
        "开展产品或服务层面碳管理", "manages carbon of products or services", example=True
    )
    manages_project_level: bool | None = column(
        "开展项目层面碳管理", "manages carbon of projects", example=False
    )
    manages_event_level: bool | None = column("开展活动层面碳管理", "manages carbon of events", example=False)
    has_waste_energy: bool | None = column(
        "有可利用余能",
        "has usable waste energy",
        help=("余热、余冷、余压等", "waste heat, cold or pressure"),
        example=True,
    )
    has_solid_waste: bool | None = column("产生工业固体废物", "produces industrial solid waste", example=True)
    can_remanufacture: bool | None = column(
        "产品可再制造", "its products can be remanufactured", example=False
    )
    strategy: str | None = column(
        "战略文件", "strategy document", help=("名称和文号", "title and number"), example="2025—2030 发展规划"
    )


class BusinessActivity(
    Record,
    kind="business_activity",
    zh="行业活动",
    en="business activity",
    about_zh="组织从事的各行业活动，每项一行；据此选出适用的核算标准和典型碳源，一行也没有时按组织的行业选",
    about_en="one line of business per row; it selects the accounting standards and typical sources that apply, "
    "where there is none the industry of the organisation does",
):
    """A line of business, finer than the industry of the organisation."""

    activity: str | None = column(
        "行业活动",
        "activity",
        choices={
            "machinery_making": ("机械设备制造", "making of machinery"),
            "foundry": ("铸造", "founding"),
            "forging": ("锻造", "forging"),
            "heat_treatment": ("热处理", "heat treatment"),
            "stamping": ("冲压", "stamping"),
            "metal_working": ("金属加工", "metal working"),
            "electronics": ("电子设备制造", "making of electronic equipment"),
            "semiconductors": ("电子半导体", "semiconductors"),
            "steel_making": ("钢铁生产", "iron and steel making"),
            "magnesium": ("镁冶炼", "magnesium smelting"),
            "aluminium": ("铝冶炼", "aluminium smelting"),
            "copper": ("铜冶炼", "copper smelting"),
            "lead": ("铅冶炼", "lead smelting"),
            "zinc": ("锌冶炼", "zinc smelting"),
            "other_nonferrous": ("其他有色金属冶炼和压延", "smelting and rolling of other nonferrous metals"),
            "industrial_silicon": ("工业硅生产", "industrial silicon"),
            "power_generation": ("发电", "power generation"),
            "grid": ("电网", "power grid"),
            "heat_supply": ("供热", "heat supply"),
            "flat_glass": ("平板玻璃生产", "flat glass"),
            "glass_fibre": ("玻璃纤维生产", "glass fibre"),
            "cement": ("水泥生产", "cement"),
            "cement_products": ("水泥制品生产", "cement products"),
            "ceramics": ("陶瓷生产", "ceramics"),
            "daily_ceramics": ("日用陶瓷生产", "ceramics of daily use"),
            "insulation": ("绝热材料生产", "thermal insulation"),
            "fired_building_materials": (
                "烧结类墙体屋面及道路材料生产",
                "fired materials for walls, roofs and roads",
            ),
            "building_gypsum": ("建筑石膏生产", "building gypsum"),
            "waterproofing": ("建筑防水材料生产", "waterproofing materials"),
            "carbon_materials": ("炭素材料生产", "carbon materials"),
            "chemicals": ("化工生产", "chemicals"),
            "fertiliser": ("化肥生产", "fertiliser"),
            "petrochemicals": ("石油化工", "petrochemicals"),
            "fluorine_chemicals": ("氟化工", "fluorine chemicals"),
            "phosphates": ("磷酸及磷酸盐生产", "phosphoric acid and phosphates"),
            "sulphuric_acid": ("工业硫酸生产", "industrial sulphuric acid"),
            "chemical_fibre": ("化纤生产", "chemical fibre"),
            "coatings": ("涂料生产", "coatings"),
            "coking": ("独立焦化", "independent coking"),
            "coal": ("煤炭生产", "coal mining"),
            "oil_and_gas": ("石油天然气生产", "oil and gas production"),
            "mining": ("矿山", "mining"),
            "textiles": ("纺织服装", "textiles and clothing"),
            "paper": ("造纸", "paper"),
            "food": ("食品加工", "food processing"),
            "beverages_tobacco": ("烟草及酒、饮料和精制茶", "tobacco, drinks and refined tea"),
            "furniture": ("家具生产", "furniture"),
            "wood": ("木材加工", "wood processing"),
            "livestock": ("畜禽养殖", "livestock"),
            "crops": ("种植", "crops"),
            "road_transport": ("陆上交通运输", "land transport"),
            "water_transport": ("水运", "water transport"),
            "aviation": ("民用航空", "civil aviation"),
            "cold_stores": ("冷库运营", "cold stores"),
            "battery_recycling": ("废弃电池处理处置", "treatment of waste batteries"),
            "waste_water": ("污水处理", "waste water treatment"),
            "waste_treatment": ("垃圾处理", "waste treatment"),
            "other": ("其他", "other"),
        },
        example="foundry",
    )
    main: bool | None = column("主营", "main activity", example=True)
    classification_code: str | None = column(
        "国民经济行业代码",
        "industry code",
        help=("GB/T 4754 的代码", "code of GB/T 4754"),
        example="3391",
    )


class Site(
    Record,
    kind="site",
    zh="场所",
    en="site",
    about_zh="组织的每一处场所一行",
    about_en="a place where the organisation works, one row each",
):
    """A place where the organisation works."""

    name: str | None = column("名称", "name", example="一号厂区")
    address: str | None = column("地址", "address")
    purpose: str | None = column(
        "用途",
        "purpose",
        choices={
            "head_office": ("总部", "head office"),
            "plant": ("工厂", "plant"),
            "office": ("办公", "office"),
            "warehouse": ("仓库", "warehouse"),
            "laboratory": ("实验室", "laboratory"),
            "project": ("项目现场", "project site"),
            "other": ("其他", "other"),
        },
        example="plant",
    )
    in_boundary: bool | None = column("在体系边界内", "within the system's boundary", example=True)
    employees: int | None = column("员工人数", "employees", example=380)


class Unit(
    Record,
    kind="unit",
    zh="部门",
    en="unit",
    about_zh="组织内的部门、车间或班组",
    about_en="a department, workshop or team of the organisation",
):
    """A part of the organisation that has duties of its own."""

    name: str | None = column("名称", "name", example="设备动力部")
    parent: str | None = column("上级部门", "parent unit", ref="unit")
    head: str | None = column("负责人", "head", ref="person")
    function_area: str | None = column(
        "职能",
        "function",
        choices={
            "top_management": ("最高管理层", "top management"),
            "carbon": ("碳管理", "carbon management"),
            "energy": ("能源管理", "energy management"),
            "environment": ("环保和安全", "environment and safety"),
            "production": ("生产", "production"),
            "equipment": ("设备", "equipment"),
            "design": ("设计开发", "design and development"),
            "purchasing": ("采购", "purchasing"),
            "sales": ("销售", "sales"),
            "logistics": ("物流仓储", "logistics and storage"),
            "quality": ("质量和计量", "quality and metrology"),
            "finance": ("财务", "finance"),
            "people": ("人力资源", "human resources"),
            "legal": ("法务", "legal"),
            "other": ("其他", "other"),
        },
        example="equipment",
    )
    in_boundary: bool | None = column("在体系边界内", "within the system's boundary", example=True)


class Person(
    Record,
    kind="person",
    zh="人员",
    en="person",
    about_zh="证据中提到的人员；离岗填失效日期",
    about_en="somebody named in the evidence; fill valid until when they leave",
):
    """Somebody the evidence names."""

    name: str | None = column("姓名", "name", example="李敏")
    job_title: str | None = column("职务", "job title", example="设备动力部经理")
    is_top_management: bool | None = column(
        "属于最高管理层",
        "belongs to top management",
        help=("在最高层指挥和控制组织", "directs and controls the organisation at the highest level"),
        example=False,
    )
    in_carbon_team: bool | None = column(
        "碳管理团队成员", "member of the carbon management team", example=True
    )
    is_external: bool | None = column("外部人员", "from outside the organisation", example=False)
    affects_carbon: bool | None = column(
        "工作影响碳绩效",
        "work affects carbon performance",
        help=(
            "在组织控制下工作并影响碳绩效或合规",
            "works under the organisation's control and affects performance or compliance",
        ),
        example=True,
    )


class DefinedInterval(
    Record,
    kind="defined_interval",
    zh="规定的时间间隔",
    en="defined interval",
    about_zh="组织自己规定的各项活动的最长间隔；填月数或天数之一",
    about_en="the longest interval the organisation itself allows for an activity; give months or days",
):
    """An interval the organisation set itself: findings hold it to its own words."""

    subject: str = column(
        "事项", "subject", choices=INTERVAL_SUBJECTS, example="management_review", required=True
    )
    months: int | None = column("月数", "months", example=12)
    days: int | None = column("天数", "days", help=("按天规定时填写", "when set in days"))
    basis: str | None = column(
        "规定出处",
        "basis",
        help=("写有该间隔的文件", "the document that sets it"),
        example="CM-P-09 管理评审程序",
    )
    responsible: str | None = column("负责人", "responsible", ref="person")
    also_upon: str | None = column(
        "另行触发的情况",
        "also upon",
        help=("除间隔外何时进行", "events that call for it besides the interval"),
    )


class ContextFactor(
    Record,
    kind="context_factor",
    zh="内外部因素",
    en="context factor",
    about_zh="影响体系预期结果和碳绩效的外部或内部因素",
    about_en="an external or internal factor that affects the intended results and carbon performance",
):
    """Something outside or inside the organisation that bears on what the system can achieve."""

    title: str | None = column("因素", "factor", example="欧盟碳边境调节机制")
    side: str | None = column(
        "类别",
        "side",
        choices={"external": ("外部", "external"), "internal": ("内部", "internal")},
        example="external",
    )
    topic: str | None = column(
        "主题",
        "topic",
        choices={
            "international_trade": ("国际绿色贸易规则", "international green trade rules"),
            "international_design": (
                "国际生态设计和可持续采购",
                "international eco-design and sustainable purchasing",
            ),
            "international_disclosure": ("国际碳披露机制", "international carbon disclosure"),
            "international_accounting": ("国际排放核算要求", "international emission accounting"),
            "dual_carbon_policy": ("双碳政策", "national and local dual-carbon policy"),
            "carbon_market": ("碳交易和自愿减排政策", "carbon market policy"),
            "footprint_policy": ("产品碳足迹政策", "product footprint policy"),
            "reuse_policy": ("废弃物循环利用政策", "policy on reuse of waste"),
            "green_procurement": ("政府绿色采购", "green procurement by government"),
            "low_carbon_technology": ("节能低碳技术发展", "low-carbon technology"),
            "domestic_accounting": ("国内排放核算要求", "domestic emission accounting"),
            "law": ("法律法规", "law"),
            "industry_rules": ("行业规范", "rules of the industry"),
            "supply_chain": ("供应链要求", "demands of the supply chain"),
            "market": ("市场和竞争", "market and competition"),
            "economy": ("经济", "economy"),
            "social": ("文化和社会责任", "culture and social responsibility"),
            "ecology": ("生态", "ecology"),
            "climate": ("气候状况", "the state of the climate"),
            "positioning": ("碳管理定位和战略规划", "carbon positioning and strategy"),
            "culture": ("价值观和文化", "values and culture"),
            "governance": ("治理架构和机制", "governance and mechanisms"),
            "external_information": (
                "收集分析外部信息的能力",
                "ability to gather and analyse outside information",
            ),
            "decision_ability": ("管理层决策能力", "management's ability to decide"),
            "staff_ability": ("员工能力和意识", "staff ability and awareness"),
            "knowledge": ("知识", "knowledge"),
            "resources": ("资源配置", "resources"),
            "size": ("组织规模", "size of the organisation"),
            "facilities": ("设施", "facilities"),
            "energy_use": ("主要能源使用", "significant energy use"),
            "quantification": ("排放量化和数据质量", "quantification and data quality"),
            "emission_sources": ("重点排放源和设施", "main emission sources and facilities"),
            "reduction": ("减排管理", "management of reductions"),
            "performance": ("绩效和绩效评估", "performance and its assessment"),
            "assets": ("碳资产运营", "carbon assets"),
            "disclosure": ("信息披露管理", "management of disclosure"),
            "assessment_feedback": ("评估、内审和外审反馈", "feedback of assessments and audits"),
            "finance": ("财务和内控", "finance and internal control"),
            "other": ("其他", "other"),
        },
        help=("选最接近的一项", "take the nearest"),
        example="international_trade",
    )
    description: str | None = column("说明", "description")
    affected_results: str | None = column(
        "影响的预期结果",
        "results affected",
        help=("对哪些预期结果或碳绩效有何影响", "which intended results or performance it affects, and how"),
        example="出口订单与产品碳足迹",
    )
    relevant_to_purpose: bool | None = column("与宗旨相关", "relevant to the purpose", example=True)
    effect: str | None = column(
        "影响方向",
        "effect",
        choices={
            "positive": ("正面", "positive"),
            "negative": ("负面", "negative"),
            "both": ("兼有", "both"),
        },
        example="negative",
    )
    swot: str | None = column(
        "SWOT",
        "SWOT",
        choices={
            "strength": ("优势", "strength"),
            "weakness": ("劣势", "weakness"),
            "opportunity": ("机会", "opportunity"),
            "threat": ("威胁", "threat"),
        },
        example="threat",
    )
    life_cycle_stage: str | None = column(
        "生命周期阶段",
        "life cycle stage",
        choices={
            "raw_materials": ("原材料获取", "raw materials"),
            "design": ("设计", "design"),
            "production": ("生产", "production"),
            "transport": ("运输和交付", "transport and delivery"),
            "use": ("使用", "use"),
            "end_of_life": ("废弃后处理和处置", "end of life"),
            "whole": ("全生命周期", "whole life cycle"),
        },
        help=("该因素在哪个阶段起作用", "the stage in which the factor works"),
        example="whole",
    )
    climate_relation: str | None = column(
        "与气候状况的关系",
        "relation to the climate",
        choices={
            "affects_organisation": ("气候影响组织", "the climate affects the organisation"),
            "affected_by_organisation": ("组织影响气候", "the organisation affects the climate"),
            "both": ("相互影响", "both"),
            "none": ("无", "none"),
        },
        example="none",
    )
    identified_on: date | None = column("识别日期", "identified on", example="2026-01-12")
    identified_by: str | None = column("识别人", "identified by", ref="person")
    reviewed_on: date | None = column("最近评审日期", "last reviewed on", example="2026-01-12")


class ContextReview(
    Record,
    kind="context_review",
    zh="环境与相关方信息评审",
    en="context review",
    about_zh="对内外部因素或相关方信息的监视、评审和更新，每次一行",
    about_en="one look at what is known of factors or interested parties: monitored, reviewed, updated",
):
    """One occasion on which what is known of the surroundings was looked at again."""

    held_on: date | None = column("评审日期", "held on", example="2026-01-15")
    held_by: str | None = column("评审人", "held by", ref="person")
    covers_factors: bool | None = column("涉及内外部因素", "covers factors", example=True)
    covers_needs: bool | None = column("涉及相关方需求", "covers needs of interested parties", example=True)
    monitoring: str | None = column(
        "信息如何监视",
        "how information is monitored",
        help=("渠道、频次、负责人", "channels, frequency, person"),
        example="政策月报、行业协会通知",
    )
    method: str | None = column("分析方法", "method of analysis", example="SWOT")
    result: str | None = column("评审结论", "result", example="新增碳边境因素一项")
    changes_found: bool | None = column("发现变化", "changes found", example=True)
    updated_on: date | None = column(
        "清单更新日期",
        "lists updated on",
        help=("有变化时填写", "when changes were found"),
        example="2026-01-20",
    )


class InterestedParty(
    Record,
    kind="interested_party",
    zh="相关方",
    en="interested party",
    about_zh="与碳管理体系和碳绩效有关的相关方",
    about_en="somebody with an interest in how the organisation manages carbon",
):
    """Somebody who affects, or is affected by, how the organisation manages carbon."""

    name: str | None = column("名称", "name", example="省生态环境厅")
    side: str | None = column(
        "内外部",
        "side",
        choices={"external": ("外部", "external"), "internal": ("内部", "internal")},
        example="external",
    )
    category: str | None = column(
        "类别",
        "category",
        choices={
            "regulator": ("政府监管部门", "regulator"),
            "investor": ("投资方", "investor"),
            "supplier": ("供应方", "supplier"),
            "customer": ("采购方和顾客", "customer"),
            "sales_platform": ("销售平台", "sales platform"),
            "outsourcer": ("外包方", "outsourcing partner"),
            "technical_service": ("技术服务方", "technical service"),
            "association": ("行业协会和社团", "association"),
            "ngo": ("非政府组织", "non-governmental organisation"),
            "community": ("社区和公众", "community and public"),
            "employees": ("员工和工会", "employees and unions"),
            "internal_function": ("内部职能机构", "internal function"),
            "owner": ("股东、管理团队和所有者", "shareholders, management, owners"),
            "other": ("其他", "other"),
        },
        example="regulator",
    )
    relevance: str | None = column(
        "与碳管理的关系",
        "relevance",
        help=("为何与体系和碳绩效有关", "why it matters to the system and performance"),
        example="排放报告的监管者",
    )
    relevant: bool | None = column("与体系和碳绩效有关", "relevant to system and performance", example=True)
    identified_on: date | None = column("识别日期", "identified on", example="2026-01-12")
    communication_way: str | None = column(
        "沟通方式",
        "way of communication",
        help=("与谁、沟通什么、如何沟通", "with whom, what, how"),
        example="年度报告和座谈",
    )


class StakeholderNeed(
    Record,
    kind="stakeholder_need",
    zh="相关方需求和期望",
    en="need of an interested party",
    about_zh="相关方的一项需求或期望及其处理决定",
    about_en="one need or expectation of an interested party and what was decided about it",
):
    """One thing an interested party needs or expects."""

    party: str = column("相关方", "interested party", ref="interested_party", example="IP1", required=True)
    need: str | None = column("需求或期望", "need or expectation", example="按期提交年度排放报告")
    decision: str | None = column(
        "处理决定",
        "decision",
        choices={
            "in_system": ("纳入碳管理体系", "taken into the system"),
            "obligation": ("成为合规义务", "becomes a compliance obligation"),
            "both": ("两者兼有", "both"),
            "none": ("不采纳", "not taken up"),
        },
        help=("留空表示尚未决定", "empty: not yet decided"),
        example="obligation",
    )
    obligation: str | None = column(
        "对应合规义务", "obligation", ref="obligation", help=("成为合规义务时填写", "when it became one")
    )
    decided_on: date | None = column("决定日期", "decided on", example="2026-01-15")
    decided_by: str | None = column("决定人", "decided by", ref="person")
    reason: str | None = column("理由", "reason")
    tracked_how: str | None = column("如何跟踪", "how it is tracked", example="每季度查看主管部门网站")
    reviewed_on: date | None = column("最近评审日期", "last reviewed on", example="2026-01-15")


class ScopeStatement(
    Record,
    kind="scope_statement",
    zh="体系范围说明",
    en="scope statement",
    about_zh="管理体系范围和边界的说明，每个版本一行",
    about_en="the scope and boundaries of the management system, one row per edition",
):
    """The words in which the organisation draws its boundaries."""

    topic: str | None = column(
        "体系",
        "system",
        choices={
            "carbon": ("碳", "carbon"),
            "energy": ("能源", "energy"),
            "environment": ("环境", "environment"),
        },
        example="carbon",
    )
    wording: str | None = column("范围", "scope", example="铸件的设计、生产和服务")
    organisational_boundary: str | None = column(
        "组织边界", "organisational boundary", help=("单元和职能", "units and functions"), example="全部部门"
    )
    physical_boundary: str | None = column(
        "物理边界", "physical boundary", help=("场所和区域", "sites and areas"), example="一号厂区围墙内"
    )
    reporting_boundary: str | None = column(
        "报告边界",
        "reporting boundary",
        help=("纳入核算的排放类别", "the emissions counted"),
        example="范围一、范围二",
    )
    applicability: str | None = column(
        "适用性",
        "applicability",
        help=("标准哪些要求适用、哪些不适用", "which requirements apply and which do not"),
        example="全部要求适用",
    )
    all_requirements_apply: bool | None = column("全部要求适用", "all requirements apply", example=True)
    considers_factors: bool | None = column("考虑了内外部因素", "considers factors", example=True)
    considers_needs: bool | None = column(
        "考虑了相关方需求", "considers needs of interested parties", example=True
    )
    considers_units: bool | None = column(
        "考虑了单元、职能和物理边界", "considers units, functions and boundaries", example=True
    )
    considers_activities: bool | None = column(
        "考虑了活动、产品和服务", "considers activities, products and services", example=True
    )
    considers_sources: bool | None = column("考虑了碳源", "considers carbon sources", example=True)
    considers_sinks: bool | None = column("考虑了碳汇", "considers carbon sinks", example=False)
    available_to_parties: bool | None = column(
        "相关方可获取", "available to interested parties", example=True
    )
    available_how: str | None = column("获取途径", "where it can be had", example="公司网站")
    determined_on: date | None = column("确定日期", "determined on", example="2026-01-20")
    considers_strategy: bool | None = column("考虑了发展战略", "considers the strategy", example=True)
    considers_obligations: bool | None = column(
        "考虑了合规义务", "considers compliance obligations", example=True
    )


class ScopeElement(
    Record,
    kind="scope_element",
    zh="范围要素",
    en="scope element",
    about_zh="边界内外的单元、职能、场所、活动、产品、服务、碳源、碳汇，逐项列出是否纳入体系",
    about_en="each unit, place, activity, product, source and the like, and whether it is in",
):
    """One thing that is inside or outside the system."""

    name: str | None = column("名称", "name", example="冲天炉熔炼")
    element_type: str | None = column(
        "类型",
        "type",
        choices={
            "unit": ("组织单元", "organisational unit"),
            "function": ("职能", "function"),
            "place": ("物理边界", "physical boundary"),
            "activity": ("活动", "activity"),
            "product": ("产品", "product"),
            "service": ("服务", "service"),
            "source": ("碳源", "carbon source"),
            "sink": ("碳汇", "carbon sink"),
        },
        example="activity",
    )
    system_part: str | None = column(
        "所属环节",
        "part",
        choices={
            "main_production": ("主要生产系统", "main production"),
            "auxiliary": ("辅助生产系统", "auxiliary production"),
            "ancillary": ("附属生产系统", "ancillary facilities"),
            "design": ("设计", "design"),
            "purchasing": ("采购", "purchasing"),
            "inbound_transport": ("原料运输", "transport of materials"),
            "storage": ("仓储", "storage"),
            "distribution": ("销售和配送", "sales and distribution"),
            "after_sales": ("售后", "after sales"),
            "recovery": ("回收利用", "recovery and reuse"),
            "other": ("其他", "other"),
        },
        example="main_production",
    )
    within_boundary: bool | None = column("在范围和边界内", "within scope and boundary", example=True)
    in_system: bool | None = column(
        "已纳入体系",
        "taken into the system",
        help=("体系是否对其实施管理", "whether the system manages it"),
        example=True,
    )
    affects_carbon: bool | None = column(
        "影响或可能影响碳绩效", "affects or may affect carbon performance", example=True
    )
    influence: str | None = column(
        "控制程度",
        "influence",
        choices={
            "control": ("控制", "control"),
            "influence": ("可施加影响", "influence"),
            "none": ("无", "none"),
        },
        help=("组织的职责、权限和能力", "duty, authority and ability of the organisation"),
        example="control",
    )
    emission_source: str | None = column("对应碳源", "emission source", ref="emission_source")
    reason_left_out: str | None = column("未纳入理由", "reason left out")
    decided_on: date | None = column("确定日期", "decided on", example="2026-01-20")


class SystemDescription(
    Record,
    kind="system_description",
    zh="体系说明",
    en="system description",
    about_zh="管理手册或同类文件：体系的架构、机制和与其他体系的关系",
    about_en="the manual or the like: how the system is built and how it joins other systems",
):
    """How the management system as a whole is built, one row per edition."""

    topic: str | None = column(
        "体系",
        "system",
        choices={
            "carbon": ("碳", "carbon"),
            "energy": ("能源", "energy"),
            "environment": ("环境", "environment"),
            "safety": ("职业健康安全", "health and safety"),
            "quality": ("质量", "quality"),
        },
        example="carbon",
    )
    title: str | None = column("标题", "title", example="碳管理手册")
    established_on: date | None = column("建立日期", "established on", example="2024-09-15")
    in_operation_since: date | None = column("实施日期", "in operation since", example="2024-10-01")
    last_updated_on: date | None = column("最近修订日期", "last updated on", example="2026-02-01")
    describes_interactions: bool | None = column(
        "说明过程及其相互作用", "describes processes and their interaction", example=True
    )
    describes_structure: bool | None = column(
        "说明组织架构和机制", "describes structure and mechanisms", example=True
    )
    considers_factors: bool | None = column("考虑了内外部因素", "considers factors", example=True)
    considers_needs: bool | None = column(
        "考虑了相关方信息", "considers information on interested parties", example=True
    )
    improves_by_pdca: bool | None = column("按 PDCA 改进", "improves by plan-do-check-act", example=True)
    integrated_quality: bool | None = column("与质量体系融合", "joined with quality management", example=True)
    integrated_environment: bool | None = column(
        "与环境体系融合", "joined with environmental management", example=True
    )
    integrated_energy: bool | None = column("与能源体系融合", "joined with energy management", example=True)
    standard_followed: str | None = column("依据的标准", "standard followed", example="GB/T 23331-2020")


class Process(
    Record,
    kind="process",
    zh="过程",
    en="process",
    about_zh="碳管理体系所需的一个过程",
    about_en="a process the system needs",
):
    """A process of the system, as its owner describes it."""

    name: str | None = column("名称", "name", example="碳数据收集")
    stage: str | None = column(
        "环节",
        "stage",
        choices={
            "planning": ("策划", "planning"),
            "support": ("支持", "support"),
            "operation": ("运行", "operation"),
            "evaluation": ("绩效评价", "evaluation"),
            "improvement": ("改进", "improvement"),
        },
        example="planning",
    )
    applied_in: str | None = column("应用部门", "where applied", example="各车间、设备动力部")
    inputs: str | None = column("输入", "inputs", example="抄表记录、采购发票")
    outputs: str | None = column("期望的输出", "expected outputs", example="月度排放台账")
    follows: str | None = column(
        "前序过程", "follows", ref="process", help=("第一个过程可留空", "empty for the first")
    )
    step: int | None = column("顺序号", "step", example=3)
    interaction: str | None = column(
        "相互作用", "interaction", help=("与哪些过程如何衔接", "which processes it meets, and how")
    )
    criteria: str | None = column("准则", "criteria", example="数据缺失率为零")
    methods: str | None = column(
        "方法",
        "methods",
        help=("包括监视和测量", "monitoring and measuring included"),
        example="每月抄表并复核",
    )
    indicator: str | None = column("绩效指标", "performance indicator", example="按时报送率")
    criteria_applied: bool | None = column("准则和方法已实施", "criteria and methods applied", example=True)
    resources: str | None = column("所需资源", "resources needed", example="数据员一名、能碳平台")
    resources_available: bool | None = column("资源已到位", "resources available", example=True)
    owner: str | None = column("负责人", "owner", ref="person", example="P2")
    authority: str | None = column("职责和权限", "duty and authority", example="可要求各部门补报数据")
    risks_addressed: bool | None = column(
        "已应对风险和机遇", "risks and opportunities addressed", example=True
    )
    evaluated_on: date | None = column("最近评价日期", "last evaluated on", example="2026-03-05")
    results_achieved: bool | None = column("达到预期结果", "expected results achieved", example=True)
    change_needed: bool | None = column("需要变更", "change needed", example=False)
    changed_on: date | None = column("变更实施日期", "changed on")
    improvement: str | None = column(
        "改进", "improvement", help=("做了哪些改进", "what was improved"), example="改为在线采集"
    )
    improved_on: date | None = column("改进日期", "improved on", example="2026-03-30")
    needs_document: bool | None = column(
        "需要文件支持",
        "needs a document",
        help=("没有文件是否影响运行", "whether it could not run without one"),
        example=True,
    )
    procedure: str | None = column("支持文件", "supporting document", ref="controlled_document")
    records_kept: str | None = column(
        "保留的记录", "records kept", help=("证明按策划进行", "showing it ran as planned"), example="抄表记录"
    )
    evaluates_compliance: bool | None = column(
        "用于合规性评价",
        "evaluates compliance",
        help=("本过程评价合规义务的履行", "it evaluates how obligations are met"),
        example=False,
    )


class MethodChoice(
    Record,
    kind="method_choice",
    zh="方法选择",
    en="choice of method",
    about_zh="组织就某事项选定的方法或标准及其理由",
    about_en="a method or standard the organisation chose for a matter, and why",
):
    """A method the organisation settled on, so that results can be repeated."""

    subject: str | None = column(
        "事项",
        "subject",
        choices={
            "context_analysis": ("环境分析", "analysis of context"),
            "risk_assessment": ("风险评估", "risk assessment"),
            "source_identification": ("排放源识别", "identification of sources"),
            "accounting": ("排放核算", "emission accounting"),
            "product_footprint": ("产品碳足迹", "product footprint"),
            "carbon_review": ("碳评审", "carbon review"),
            "significance": ("重要性判定", "deciding significance"),
            "baseline": ("碳基准", "baseline"),
            "parameter": ("碳绩效参数", "performance parameters"),
            "monitoring": ("监视测量", "monitoring and measuring"),
            "performance_evaluation": ("绩效评价", "evaluation of performance"),
            "data_quality": ("数据质量", "data quality"),
            "compliance_evaluation": ("合规性评价", "evaluation of compliance"),
            "supplier_evaluation": ("供应商评价", "evaluation of suppliers"),
            "neutrality": ("碳中和", "carbon neutrality"),
            "other": ("其他", "other"),
        },
        example="accounting",
    )
    method: str | None = column("方法", "method", example="排放因子法")
    norm: str | None = column("依据标准", "standard followed", example="GB/T 32150")
    reason: str | None = column("理由", "reason")
    decided_by: str | None = column("决定人", "decided by", ref="person")
    decided_on: date | None = column("决定日期", "decided on", example="2026-01-10")


class Exclusion(
    Record,
    kind="exclusion",
    zh="不适用声明",
    en="exclusion",
    about_zh="经批准的不适用条款及其理由",
    about_en="a clause or provision the organisation holds not to apply, with the reason and the approval",
):
    """A provision, or a whole clause, held not to apply."""

    ruleset: str = column("标准", "standard", example="t_ccaa_39", required=True)
    address: str = column(
        "条款地址",
        "address",
        help=("某项规定或整个条款", "a provision or a whole clause"),
        example="8.4/d",
        required=True,
    )
    justification: str | None = column("理由", "justification", example="未纳入碳市场，不持有配额")
    results_unaffected: bool | None = column(
        "不影响预期结果",
        "results not affected",
        help=(
            "不适用不影响实现预期结果和碳绩效",
            "leaving it out affects neither intended results nor performance",
        ),
        example=True,
    )


class Judgement(
    Record,
    kind="judgement",
    zh="判断",
    en="judgement",
    about_zh="由人对某项规定作出的结论，与证据结论并列保留",
    about_en="what a person decided about a provision; it stands beside what the evidence says",
):
    """A verdict given by a person, with name, day, reason and evidence."""

    ruleset: str = column("标准", "standard", example="t_ccaa_39", required=True)
    address: str = column("条款地址", "address", example="5.2/a", required=True)
    verdict: str | None = column("结论", "verdict", choices=VERDICTS, example="conforming")
    reason: str | None = column("理由", "reason", example="方针与公司战略和主要排放源一致")
    judged_by: str | None = column(
        "判断人",
        "judged by",
        help=(
            "人员编号；外部审核员填审核员编号",
            "id of a person; for an auditor from outside, that of the auditor",
        ),
        example="P9",
    )
    judged_on: date | None = column("判断日期", "judged on", example="2026-06-12")
    made_as: str | None = column(
        "性质",
        "made as",
        choices={"self_assessment": ("自我评价", "self-assessment"), "audit": ("审核", "audit")},
        example="audit",
    )
    evidence: str | None = column(
        "所依据的证据",
        "evidence",
        help=("写明记录编号", "name the record ids"),
        example="policy P1; context_factor F1, F2",
    )
