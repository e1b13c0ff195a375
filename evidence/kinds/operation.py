"""Operation: criteria, design, purchasing, control of processes, neutrality, carbon assets, supply chain."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Pair, Record, column

STAGES: Mapping[str, Pair] = {
    "design": ("设计", "design"),
    "procurement": ("原辅材料获得（采购）", "procurement"),
    "production": ("生产或服务提供", "production or service provision"),
    "equipment": ("设施、设备和系统", "facilities, equipment and systems"),
    "significant_energy_use": ("主要能源使用", "significant energy use"),
    "storage": ("仓储", "storage"),
    "delivery": ("交付", "delivery"),
    "sales": ("销售与配送", "sales and distribution"),
    "transport": ("运输", "transport"),
    "use": ("使用", "use"),
    "end_of_life": ("使用后处置", "treatment after use"),
    "recycling": ("回收与再利用", "recovery and recycling"),
}
"""The life-cycle stages that operation is planned and controlled for."""

LEVERS: Mapping[str, Pair] = {
    "emission_factor": ("排放因子", "emission factor"),
    "activity_level": ("活动水平", "activity level"),
    "both": ("两者", "both"),
}

HIERARCHY: Mapping[str, Pair] = {
    "prevent": ("预防", "prevent"),
    "remove": ("清除", "remove"),
    "neutralise": ("中和", "neutralise"),
    "substitute": ("替代", "substitute"),
    "offset": ("抵消", "offset"),
    "reduce": ("减少", "reduce"),
    "trade": ("交易", "trade"),
    "administer": ("管理", "administer"),
}

PURCHASE_CATEGORIES: Mapping[str, Pair] = {
    "energy": ("能源", "energy"),
    "material": ("资源、原辅材料", "resources and materials"),
    "product": ("产品", "products"),
    "equipment": ("设备", "equipment"),
    "service": ("服务", "services"),
    "carbon_asset_service": ("碳资产服务", "carbon asset services"),
}


class OperatingCriterion(
    Record,
    kind="operating_criterion",
    zh="运行准则",
    en="operating criterion",
    about_zh="过程有效运行、维护的准则（规程、参数范围），每项一行",
    about_en="a criterion (rule, range of a parameter) for running and maintaining a process, one row each",
):
    """A criterion a process is run and maintained by; limits are in `measure_unit`."""

    title: str | None = column("名称", "title", example="空压机运行规程")
    stage: str | None = column("生命周期阶段", "life-cycle stage", choices=STAGES, example="equipment")
    topic: str | None = column(
        "准则类别",
        "type of criterion",
        choices={
            "design": ("设计准则", "design criterion"),
            "purchasing": ("采购准则", "purchasing criterion"),
            "key_process": ("关键工序运行", "operation of a key process"),
            "equipment": ("设备运行与维护", "operation and maintenance of equipment"),
            "production_management": ("生产管理", "management of production"),
            "staff": ("作业人员操作", "work of the staff"),
            "measurement": ("监视和测量设备", "monitoring and measuring equipment"),
            "yield": ("良率与不合格品", "yield and defects"),
            "logistics": ("仓储与运输", "storage and transport"),
            "recycling": ("回收与再利用", "recovery and recycling"),
            "neutrality": ("碳中和管理", "management of neutrality"),
        },
        example="equipment",
    )
    process: str | None = column("所属过程", "process", ref="process", example="PROC1")
    significant_energy_use: str | None = column(
        "所属主要能源使用", "significant energy use", ref="significant_energy_use"
    )
    project: str | None = column("所属投资项目", "investment project", ref="investment_project")
    owner: str | None = column("责任人", "owner", ref="person")
    content: str | None = column("准则内容", "content of the criterion", example="排气压力 0.65~0.72 MPa")
    lower_limit: Decimal | None = column("下限", "lower limit", example="0.65")
    upper_limit: Decimal | None = column("上限", "upper limit", example="0.72")
    measure_unit: str | None = column("计量单位", "unit of measure", example="MPa")
    covers_maintenance: bool | None = column("包含维护要求", "covers maintenance", example=True)
    severe_if_missing: bool | None = column(
        "缺失可致严重偏离",
        "severe deviation if missing",
        help=(
            "缺少该准则可使碳绩效严重偏离预期",
            "without it carbon performance can stray far from what is expected",
        ),
        example=True,
    )
    severe_deviation_rule: str | None = column(
        "严重偏离的判定", "what counts as a severe deviation", example="比功率超过基准 10%"
    )
    considers_life_cycle: bool | None = column("考虑了生命周期", "considers the life cycle", example=True)
    considers_risk: bool | None = column("考虑了风险", "considers risk", example=True)
    consistent_with_baseline: bool | None = column(
        "与碳基准一致", "consistent with the baseline", example=True
    )
    consistent_with_parameters: bool | None = column(
        "与碳绩效参数一致", "consistent with the performance parameters", example=True
    )
    consistent_with_objectives: bool | None = column(
        "与碳目标一致", "consistent with the objectives", example=True
    )
    established_on: date | None = column("建立日期", "established on", example="2025-02-10")
    last_confirmed_on: date | None = column("最近确认日期", "last confirmed on", example="2026-02-20")


class CriterionCommunication(
    Record,
    kind="criterion_communication",
    zh="准则沟通记录",
    en="communication of a criterion",
    about_zh="把运行准则告知在组织控制下工作的人员的记录",
    about_en="that people working under the organisation's control were told of an operating criterion",
):
    """Somebody was told of a criterion, on a day, by a means."""

    criterion: str = column("运行准则", "criterion", ref="operating_criterion", required=True, example="OC1")
    communicated_on: date | None = column("沟通日期", "communicated on", example="2025-02-15")
    audience: str | None = column("沟通对象", "audience", example="动力车间操作工")
    recipient: str | None = column("接收人", "recipient", ref="person")
    contractor_staff: bool | None = column("包含外来作业人员", "includes contractors' staff", example=False)
    means: str | None = column("沟通方式", "means", example="班前会、现场张贴")
    acknowledged: bool | None = column(
        "接收人已确认",
        "acknowledged",
        help=("签字或测试等", "by signature or a test, for example"),
        example=True,
    )


class OperatingRecord(
    Record,
    kind="operating_record",
    zh="运行控制记录",
    en="operating record",
    about_zh="按准则控制过程的记录（运行日志、点检表、保养记录），每次或每期一行",
    about_en="control of a process by a criterion (log, inspection sheet, maintenance record), one row each",
):
    """What was seen when a process was controlled; `value` is in `measure_unit`."""

    criterion: str | None = column("运行准则", "criterion", ref="operating_criterion", example="OC1")
    measure: str | None = column("控制措施", "control measure", ref="control_measure")
    stage: str | None = column("生命周期阶段", "life-cycle stage", choices=STAGES, example="equipment")
    activity: str | None = column("活动", "activity", example="空压机日点检")
    recorded_on: date | None = column("记录日期", "recorded on", example="2026-03-05")
    recorded_by: str | None = column("记录人", "recorded by", ref="person")
    value: Decimal | None = column("实测值", "value found", example="0.69")
    measure_unit: str | None = column("计量单位", "unit of measure", example="MPa")
    within_criterion: bool | None = column("符合准则", "within the criterion", example=True)
    action_outside: str | None = column(
        "偏离时的处置",
        "action when outside",
        help=("不符合准则时填写", "where the criterion was not kept"),
    )


class DesignReview(
    Record,
    kind="design_review",
    zh="设计的碳评审",
    en="design review",
    about_zh="新、改、扩建项目或工艺、产品设计时对碳绩效的考虑，每次设计一行",
    about_en="how carbon performance was considered in the design of a project, a process or a product",
):
    """What one design considered; flags say what is on record, not what was hoped."""

    title: str | None = column("设计名称", "title", example="二期熔炼线改造设计")
    project: str | None = column("投资项目", "investment project", ref="investment_project", example="IP1")
    subject: str | None = column(
        "设计对象",
        "subject",
        choices={
            "project": ("项目", "project"),
            "production_process": ("工艺", "production process"),
            "product": ("产品", "product"),
        },
        example="project",
    )
    project_type: str | None = column(
        "项目类型",
        "type of project",
        choices={
            "new": ("新建", "new"),
            "altered": ("改建", "altered"),
            "extended": ("扩建", "extended"),
        },
        example="altered",
    )
    significant: bool | None = column(
        "对碳绩效有显著影响",
        "significant for carbon performance",
        help=("显著性由组织确定，写明依据", "the organisation decides what is significant; give the basis"),
        example=True,
    )
    significance_basis: str | None = column(
        "显著性判定依据", "basis of the significance", example="年排放变化超过 500 吨"
    )
    reviewed_on: date | None = column("评审日期", "reviewed on", example="2025-11-12")
    reviewer: str | None = column("评审人", "reviewer", ref="person")
    factors_identified: bool | None = column(
        "识别了显著影响因素", "significant factors identified", example=True
    )
    considers_compliance: bool | None = column(
        "考虑了合规义务", "considers compliance obligations", example=True
    )
    considers_impact: bool | None = column(
        "考虑了碳绩效影响程度", "considers the extent of the impact", example=True
    )
    expected_change_tco2e: Decimal | None = column(
        "预计年排放变化",
        "expected change a year",
        unit="tCO2e",
        example="-820",
        help=("减少为负", "reductions are negative"),
    )
    considers_opportunities: bool | None = column(
        "考虑了改进机会", "considers improvement opportunities", example=True
    )
    sets_operating_criteria: bool | None = column(
        "建立了运行准则",
        "sets operating criteria",
        help=("为投运后的控制", "for control once in service"),
        example=True,
    )
    evaluation_appropriate: bool | None = column(
        "适合纳入碳绩效评价结果",
        "evaluation results are appropriate here",
        help=(
            "否：没有可用于本设计的评价结果，说明写入备注",
            "no: no evaluation result serves this design; say why in the note",
        ),
        example=True,
    )
    performance_evaluation: str | None = column(
        "所用碳绩效评价", "performance evaluation used", ref="performance_evaluation"
    )
    evaluation_in_specification: bool | None = column(
        "评价结果纳入规范", "evaluation taken into the specification", example=True
    )
    evaluation_in_design: bool | None = column(
        "评价结果纳入设计", "evaluation taken into the design", example=True
    )
    evaluation_in_purchasing: bool | None = column(
        "评价结果纳入采购", "evaluation taken into the purchasing", example=True
    )
    design_criteria_needed: bool | None = column("需要设计准则", "design criteria needed", example=True)
    design_criteria_set: bool | None = column("已建立设计准则", "design criteria set", example=True)
    considers_equipment_choice: bool | None = column(
        "考虑工艺与设备选型", "considers production process and choice of equipment"
    )
    considers_layout_buildings: bool | None = column("考虑总平面与建筑", "considers layout and buildings")
    considers_power_supply: bool | None = column("考虑供电系统优化", "considers power supply")
    considers_heat_supply: bool | None = column("考虑供热系统优化", "considers heat supply")
    considers_gas_supply: bool | None = column("考虑供气系统优化", "considers gas supply")
    considers_industrial_policy: bool | None = column("考虑国家产业政策", "considers industrial policy")
    considers_emission_level: bool | None = column("考虑项目排放水平", "considers the emission level")
    considers_eia_energy_review: bool | None = column(
        "考虑环评与节能审查", "considers environmental assessment and energy review"
    )
    considers_pollution_synergy: bool | None = column(
        "考虑减污降碳协同", "considers synergy with pollution control"
    )
    considers_building_emissions: bool | None = column(
        "考虑建筑碳排放要求", "considers emissions of buildings"
    )
    considers_green_materials: bool | None = column(
        "考虑绿色低碳建材", "considers low-carbon building materials"
    )
    considers_saving_renewables: bool | None = column(
        "考虑节能技术和可再生能源", "considers energy saving and renewables"
    )
    considers_matching: bool | None = column("考虑设备设施匹配性", "considers matching of equipment")
    considers_best_practice: bool | None = column(
        "考虑行业最佳实践", "considers best practice of the industry"
    )
    considers_metering: bool | None = column("考虑计量设备配备要求", "considers metering requirements")
    considers_process_optimisation: bool | None = column(
        "考虑工艺优化与资源利用", "considers optimised processes and use of resources"
    )
    new_process_evaluated: bool | None = column(
        "新工艺验证时评价了碳绩效",
        "performance evaluated when a new process was validated",
        help=("没有新工艺验证时留空", "leave empty where no new process was validated"),
    )
    considers_material_distance: bool | None = column(
        "考虑材料易得性与运距", "considers availability and distance of materials"
    )
    considers_lightweight: bool | None = column(
        "考虑轻量化与包装减量", "considers less material and packaging"
    )
    considers_dismantling: bool | None = column("考虑易拆解易维修", "considers easy dismantling and repair")
    considers_product_efficiency: bool | None = column(
        "考虑产品高能效", "considers efficiency of the product in use"
    )
    considers_low_carbon_material: bool | None = column(
        "考虑低碳新材料与绿色包装", "considers low-carbon materials and green packaging"
    )
    considers_recycling: bool | None = column("考虑便于回收利用", "considers recovery and recycling")
    considers_durability: bool | None = column("考虑产品耐用性", "considers durability")
    considers_material_carbon: bool | None = column(
        "考虑原辅材料低碳属性", "considers carbon attributes of materials"
    )
    considers_reuse_rate: bool | None = column("考虑产品再利用率", "considers the reuse rate of the product")
    considers_installation: bool | None = column("考虑产品易安装", "considers easy installation")


class PurchaseRule(
    Record,
    kind="purchase_rule",
    zh="采购准则",
    en="purchasing rule",
    about_zh="采购规范、采购准则或管理办法，每个文件一行",
    about_en="a purchasing specification, criterion or procedure, one row per document",
):
    """What a purchasing document says."""

    title: str | None = column("名称", "title", example="绿色采购管理办法")
    issued_on: date | None = column("发布日期", "issued on", example="2025-01-20")
    covers_energy: bool | None = column("覆盖能源", "covers energy", example=True)
    covers_materials: bool | None = column(
        "覆盖资源和原辅材料", "covers resources and materials", example=True
    )
    covers_products: bool | None = column("覆盖产品", "covers products", example=True)
    covers_services: bool | None = column("覆盖服务", "covers services", example=True)
    covers_asset_services: bool | None = column(
        "覆盖碳资产服务机构", "covers carbon asset services", example=True
    )
    covers_equipment: bool | None = column("覆盖设备", "covers equipment", example=True)
    covers_outsourcing: bool | None = column("覆盖外包过程", "covers outsourced processes", example=True)
    considers_compliance: bool | None = column(
        "考虑合规义务", "considers compliance obligations", example=True
    )
    requires_low_carbon: bool | None = column("规定低碳要求", "requires low carbon", example=True)
    requires_advanced_value: bool | None = column("规定先进值要求", "requires advanced values", example=True)
    sets_supplier_criteria: bool | None = column(
        "规定供方评价准则",
        "sets criteria for suppliers",
        help=("与碳绩效有关的", "about carbon performance"),
        example=True,
    )
    considers_matching: bool | None = column(
        "考虑与现有基础的匹配", "considers matching with what exists", example=True
    )
    evaluates_impact: bool | None = column(
        "评价采购对象的碳影响", "evaluates the impact of what is bought", example=True
    )
    prefers_clean_energy: bool | None = column("优先清洁能源", "prefers clean energy", example=True)
    prefers_low_carbon_materials: bool | None = column(
        "优先低碳材料", "prefers low-carbon materials", example=True
    )
    prefers_low_carbon_packaging: bool | None = column(
        "优先低碳包装", "prefers low-carbon packaging", example=True
    )
    prefers_short_transport: bool | None = column(
        "优先短距离、低碳运输", "prefers short or low-carbon transport", example=True
    )
    shortens_purchasing: bool | None = column("缩短采购流程", "shortens the purchasing process", example=True)
    bans_phased_out_equipment: bool | None = column("禁购淘汰设备", "bans phased-out equipment", example=True)
    prefers_efficient_equipment: bool | None = column(
        "优先高能效设备", "prefers efficient equipment", example=True
    )
    controls_material_quality: bool | None = column(
        "加强原辅料质量控制", "controls quality of materials", example=True
    )
    prefers_recycled: bool | None = column("优先再生资源", "prefers recycled materials", example=True)
    prefers_evaluated_suppliers: bool | None = column(
        "优先有碳评价体系的供应商", "prefers suppliers with carbon evaluation", example=True
    )


class Purchase(
    Record,
    kind="purchase",
    zh="采购活动",
    en="purchase",
    about_zh="一次采购或一类采购活动，每项一行",
    about_en="a purchase, or a regular purchasing activity, one row each",
):
    """One purchase and what was considered before it was decided."""

    title: str | None = column("采购内容", "what is bought", example="二期中频电炉")
    category: str | None = column("类别", "category", choices=PURCHASE_CATEGORIES, example="equipment")
    rule: str | None = column("所依采购准则", "purchasing rule", ref="purchase_rule", example="PR1")
    supplier: str | None = column("供方", "supplier", ref="supplier", example="SUP1")
    design_review: str | None = column(
        "所依设计评审",
        "design review",
        ref="design_review",
        help=("按设计输出采购时填写", "where bought to a design"),
    )
    purchased_on: date | None = column("采购决定日期", "decided on", example="2026-01-18")
    significant: bool | None = column(
        "对碳绩效可能有显著影响", "may be significant for carbon performance", example=True
    )
    considers_impact: bool | None = column("考虑了碳绩效影响", "considers the carbon impact", example=True)
    considers_compliance: bool | None = column(
        "考虑了合规义务", "considers compliance obligations", example=True
    )
    specifies_low_carbon: bool | None = column(
        "规范中有低碳或先进值要求", "specification asks for low carbon or advanced values", example=True
    )
    supplier_evaluated: bool | None = column(
        "按碳准则评价了供方", "supplier evaluated for carbon", example=True
    )
    considers_matching: bool | None = column(
        "考虑了与现有基础的匹配", "considers matching with what exists", example=True
    )
    phased_out_equipment: bool | None = column("属于淘汰的高耗能设备", "phased-out equipment", example=False)
    clean_energy: bool | None = column("属于清洁能源", "clean energy")
    low_carbon_choice: bool | None = column("选用了低碳方案", "the low-carbon choice was taken", example=True)
    efficiency_grade: int | None = column(
        "能效等级", "efficiency grade", help=("1 级最优", "1 is best"), example=1
    )
    transport_km: Decimal | None = column("运输距离", "transport distance", unit="km", example="120")


class Supplier(
    Record,
    kind="supplier",
    zh="外部供方",
    en="supplier",
    about_zh="外部供方、承包方、服务机构，每家一行",
    about_en="a supplier, contractor or service provider, one row each",
):
    """Who supplies, and whether that matters for carbon."""

    name: str | None = column("名称", "name", example="某电炉制造公司")
    category: str | None = column("供应类别", "category", choices=PURCHASE_CATEGORIES, example="equipment")
    contractor: bool | None = column("承包方", "contractor", example=False)
    significant: bool | None = column("与碳绩效显著相关", "significant for carbon performance", example=True)
    obligations: str | None = column("其相关合规义务", "its compliance obligations", example="能效标识要求")
    emission_data_shared: bool | None = column("提供排放数据", "shares emission data", example=True)
    low_carbon_transport: bool | None = column("采用低碳运输", "uses low-carbon transport")
    carbon_evaluation_system: bool | None = column("有碳排放评价体系", "has a carbon evaluation system")
    distance_km: Decimal | None = column("运输距离", "distance", unit="km", example="120")


class SupplierEvaluation(
    Record,
    kind="supplier_evaluation",
    zh="供方评价",
    en="supplier evaluation",
    about_zh="按准则对供方的一次评价",
    about_en="one evaluation of a supplier by criteria",
):
    """How a supplier did against criteria, on a day."""

    supplier: str = column("供方", "supplier", ref="supplier", required=True, example="SUP1")
    rule: str | None = column("所依准则", "rule", ref="purchase_rule", example="PR1")
    evaluated_on: date | None = column("评价日期", "evaluated on", example="2025-12-03")
    evaluator: str | None = column("评价人", "evaluator", ref="person")
    carbon_criteria_used: bool | None = column("使用了碳绩效准则", "carbon criteria used", example=True)
    score: Decimal | None = column("得分", "score", example="86")
    outcome: str | None = column(
        "结论",
        "result",
        choices={
            "accepted": ("合格", "accepted"),
            "conditional": ("有条件合格", "accepted with conditions"),
            "rejected": ("不合格", "rejected"),
        },
        example="accepted",
    )


class SupplierCommunication(
    Record,
    kind="supplier_communication",
    zh="供方沟通记录",
    en="communication with a supplier",
    about_zh="与外部供方（含合同方）就碳要求的一次沟通",
    about_en="one communication with a supplier or contractor about carbon requirements",
):
    """What a supplier was told, on a day."""

    supplier: str = column("供方", "supplier", ref="supplier", required=True, example="SUP1")
    communicated_on: date | None = column("沟通日期", "communicated on", example="2026-01-10")
    means: str | None = column("沟通方式", "means", example="合同附件、会议")
    told_obligations: bool | None = column("告知合规义务", "told of its compliance obligations", example=True)
    told_requirements: bool | None = column(
        "告知碳绩效要求", "told of the performance requirements", example=True
    )
    told_factors: bool | None = column("告知影响因素", "told of the factors that matter", example=True)
    answered: bool | None = column("对方已确认", "acknowledged", example=True)


class OutsourcedProcess(
    Record,
    kind="outsourced_process",
    zh="外包过程",
    en="outsourced process",
    about_zh="由外部完成、属于体系范围的过程，每项一行",
    about_en="a process within the system that others carry out, one row each",
):
    """A process given to others and how it is held under control."""

    title: str | None = column("名称", "title", example="电镀外协")
    supplier: str | None = column("承接方", "supplier", ref="supplier", example="SUP2")
    affects_carbon: bool | None = column("影响碳绩效", "affects carbon performance", example=True)
    impact: str | None = column("影响程度说明", "extent of the impact", example="占产品碳足迹约 4%")
    control_type: str | None = column(
        "控制类型",
        "type of control",
        choices={
            "control": ("控制", "control"),
            "influence": ("施加影响", "influence"),
            "uncontrolled": ("未控制", "not controlled"),
        },
        example="control",
    )
    control_means: str | None = column("控制方式", "means of control", example="合同条款、季度现场检查")
    responsibilities_defined: bool | None = column("明确双方职责", "responsibilities defined", example=True)
    operating_requirements: bool | None = column(
        "明确运行要求", "operating requirements stated", example=True
    )
    performance_requirements: bool | None = column(
        "提出碳绩效要求", "performance requirements stated", example=True
    )
    performance_requirements_needed: bool | None = column(
        "需要提出碳绩效要求", "performance requirements needed", example=True
    )
    last_controlled_on: date | None = column("最近控制日期", "last controlled on", example="2026-03-20")


class ControlMeasure(
    Record,
    kind="control_measure",
    zh="碳控制措施",
    en="control measure",
    about_zh="针对碳源排放因子或活动水平的控制、减碳措施，每项一行",
    about_en="a measure on the emission factor or activity level of a source, one row each",
):
    """A measure that keeps or brings emissions down; amounts are per year."""

    title: str | None = column("名称", "title", example="空压机变频改造")
    stage: str | None = column("生命周期阶段", "life-cycle stage", choices=STAGES, example="equipment")
    emission_source: str | None = column(
        "针对的碳源", "emission source", ref="emission_source", example="ES1"
    )
    objective: str | None = column("所依碳目标", "objective", ref="objective", example="OBJ1")
    criterion: str | None = column(
        "所依运行准则", "operating criterion", ref="operating_criterion", example="OC1"
    )
    action_plan: str | None = column("所属措施计划", "action plan", ref="action_plan")
    treatment: str | None = column("所属风险机遇措施", "action on a risk or opportunity", ref="treatment")
    lever: str | None = column("作用对象", "acts on", choices=LEVERS, example="activity_level")
    level: str | None = column("控制层级", "level of control", choices=HIERARCHY, example="reduce")
    approach: str | None = column(
        "措施类型",
        "type of measure",
        choices={
            "product_upgrade": ("产品升级换代", "product upgrade"),
            "process_renewal": ("工艺设备更新", "renewal of process or equipment"),
            "clean_energy": ("清洁能源使用", "clean energy"),
            "efficiency": ("能效提升", "energy efficiency"),
            "waste_heat": ("余热余能利用", "use of waste heat and energy"),
            "maintenance": ("维护保养", "maintenance"),
            "yield": ("良率提升", "better yield"),
            "management": ("管理措施", "management"),
        },
        example="efficiency",
    )
    owner: str | None = column("责任人", "owner", ref="person")
    established_on: date | None = column("制定日期", "established on", example="2025-04-01")
    implemented: bool | None = column("已实施", "implemented", example=True)
    implemented_on: date | None = column("实施日期", "implemented on", example="2025-07-15")
    expected_reduction: Decimal | None = column(
        "预计年减排量", "expected reduction a year", unit="tCO2e", example="310"
    )
    achieved_reduction: Decimal | None = column(
        "实际年减排量", "achieved reduction a year", unit="tCO2e", example="295"
    )
    performance_assessed_on: date | None = column(
        "减碳绩效评估日期", "reduction performance assessed on", example="2026-02-28"
    )
    assessment_standard: str | None = column(
        "评估所依标准", "standard of the assessment", example="ISO 14064-2"
    )
    baseline_scenario_set: bool | None = column("设定了减排基准线情景", "baseline scenario set", example=True)


class ReductionStrategy(
    Record,
    kind="reduction_strategy",
    zh="减排策略",
    en="reduction strategy",
    about_zh="基于生命周期重点环节分析制定的减排策略，每项一行",
    about_en="a strategy to reduce emissions, drawn from the hot spots of the life cycle, one row each",
):
    """A strategy with its means, time, money and expected benefit."""

    title: str | None = column("名称", "title", example="铸件熔炼降碳策略")
    stage: str | None = column("生命周期阶段", "life-cycle stage", choices=STAGES, example="production")
    hot_spots_analysed_on: date | None = column(
        "重点环节分析日期", "hot spots analysed on", example="2025-05-20"
    )
    analysis_standard: str | None = column("分析所依标准", "standard of the analysis", example="ISO 14067")
    economically_feasible: bool | None = column("经济可行", "economically feasible", example=True)
    technically_feasible: bool | None = column("技术可行", "technically feasible", example=True)
    technology: str | None = column("技术方案", "technology", example="余热预热炉料")
    scope_text: str | None = column("实施范围", "scope", example="熔炼车间")
    starts_on: date | None = column("开始日期", "starts on", example="2025-09-01")
    ends_on: date | None = column("完成日期", "ends on", example="2026-08-31")
    funds: Decimal | None = column("所需资金", "funds needed", unit="CNY", example="1200000")
    funds_source: str | None = column("资金来源", "source of the funds", example="自有资金")
    expected_reduction: Decimal | None = column(
        "预计年减排量", "expected reduction a year", unit="tCO2e", example="640"
    )
    uses_efficiency: bool | None = column("含节能增效", "uses energy efficiency", example=True)
    uses_renewables: bool | None = column("含可再生能源替代", "uses renewable energy", example=False)
    uses_material_substitution: bool | None = column(
        "含含碳原料替代", "replaces carbon-bearing materials", example=False
    )
    uses_green_purchasing: bool | None = column("含绿色采购", "uses green purchasing", example=False)


class NeutralityMeasure(
    Record,
    kind="neutrality_measure",
    zh="碳中和措施",
    en="neutrality measure",
    about_zh="碳中和技术方案或措施，每项一行",
    about_en="a technical scheme or measure towards carbon neutrality, one row each",
):
    """A measure towards neutrality; the amount is per year."""

    title: str | None = column("名称", "title", example="厂区剩余排放抵消方案")
    means: str | None = column(
        "方式",
        "means",
        choices={
            "reduction": ("深度减排", "deep reduction"),
            "renewables": ("可再生能源替代", "renewable energy"),
            "capture": ("捕集、利用与封存", "capture, use and storage"),
            "sink": ("碳汇", "sink"),
            "offset": ("抵消", "offset"),
        },
        example="renewables",
    )
    owner: str | None = column("责任人", "owner", ref="person")
    established_on: date | None = column("制定日期", "established on", example="2025-03-15")
    implemented: bool | None = column("已实施", "implemented", example=True)
    implemented_on: date | None = column("实施日期", "implemented on", example="2025-10-01")
    standard_followed: str | None = column("所依标准", "standard followed", example="ISO 14068-1")
    follows_standard: bool | None = column(
        "按该标准原则开展", "follows the principles of the standard", example=True
    )
    amount: Decimal | None = column("年中和量", "amount neutralised a year", unit="tCO2e", example="500")


class OperationRiskCheck(
    Record,
    kind="operation_risk_check",
    zh="运行因素评审",
    en="check of operating factors",
    about_zh="对运行过程中可能影响碳绩效的因素的一次评审，每个因素一行",
    about_en="one factor looked at in a review of what may affect carbon performance in operation",
):
    """A factor, when it was looked at, and what was done to prevent harm."""

    factor: str | None = column("因素", "factor", example="冷却水温升高导致压缩机能效下降")
    stage: str | None = column("生命周期阶段", "life-cycle stage", choices=STAGES, example="equipment")
    process: str | None = column("过程", "process", ref="process")
    risk: str | None = column("对应风险机遇", "risk or opportunity", ref="risk_opportunity")
    checked_on: date | None = column("评审日期", "checked on", example="2026-01-25")
    checked_by: str | None = column("评审人", "checked by", ref="person")
    risk_based: bool | None = column("按风险思维评审", "looked at by risk", example=True)
    confirmed: bool | None = column(
        "确认会影响", "confirmed", help=("否：评审后确认无影响", "no: found to have no effect"), example=True
    )
    prevention: str | None = column("防范措施", "prevention", example="夏季增开冷却塔")
    prevented_on: date | None = column("防范实施日期", "prevention in place on", example="2026-03-01")


class MeasureConfirmation(
    Record,
    kind="measure_confirmation",
    zh="措施与准则确认",
    en="confirmation of a measure or criterion",
    about_zh="对控制措施或运行准则的一次试验或确认",
    about_en="one test or confirmation of a control measure or an operating criterion",
):
    """Whether a measure or a criterion still serves, and what was updated."""

    measure: str | None = column("控制措施", "control measure", ref="control_measure", example="CM1")
    criterion: str | None = column(
        "运行准则", "operating criterion", ref="operating_criterion", example="OC1"
    )
    confirmed_on: date | None = column("试验或确认日期", "confirmed on", example="2026-02-20")
    confirmed_by: str | None = column("确认人", "confirmed by", ref="person")
    method: str | None = column(
        "方式",
        "method",
        choices={"test": ("试验", "test"), "confirmation": ("确认", "confirmation")},
        example="test",
    )
    effective: bool | None = column("仍然有效", "still effective", example=True)
    update_needed: bool | None = column("需要更新", "update needed", example=False)
    updated_on: date | None = column("更新日期", "updated on")


class StorageMeasure(
    Record,
    kind="storage_measure",
    zh="仓储控制",
    en="control of storage",
    about_zh="仓储过程中影响碳绩效的要素及其控制，每项一行",
    about_en="an element of storage that affects carbon performance and how it is controlled, one row each",
):
    """An element of storage, its criterion and its measure."""

    element: str | None = column("要素", "element", example="成品库照明与叉车用能")
    identified_on: date | None = column("识别日期", "identified on", example="2025-06-10")
    criterion_needed: bool | None = column("需要准则", "criterion needed", example=True)
    criterion: str | None = column(
        "运行准则", "operating criterion", ref="operating_criterion", example="OC1"
    )
    controls_capacity: bool | None = column(
        "合理库容、减少在库时间", "capacity and time in store kept low", example=True
    )
    optimises_flow: bool | None = column(
        "优化流程、加快周转", "flow optimised, faster turnover", example=True
    )
    green_building: bool | None = column("采用绿色建筑设计", "green building design", example=False)
    electric_handling: bool | None = column("使用电动转运工具", "electric handling equipment", example=True)
    implemented_on: date | None = column("实施日期", "implemented on", example="2025-09-01")
    kept_to_criterion: bool | None = column(
        "按准则执行", "carried out to the criterion", help=("附执行记录", "attach the record"), example=True
    )


class TransportMeasure(
    Record,
    kind="transport_measure",
    zh="运输与配送控制",
    en="control of transport",
    about_zh="运输、销售、配送环节影响碳绩效的要素及其控制，每项一行",
    about_en="an element of transport or distribution that affects carbon performance and its control",
):
    """An element of transport or distribution, its criterion and its measure."""

    element: str | None = column("要素", "element", example="成品公路运输")
    stage: str | None = column("生命周期阶段", "life-cycle stage", choices=STAGES, example="transport")
    identified_on: date | None = column("识别日期", "identified on", example="2025-06-10")
    carbon_review: str | None = column("所依碳评审", "carbon review", ref="carbon_review", example="CR1")
    criterion_needed: bool | None = column("需要准则", "criterion needed", example=True)
    criterion: str | None = column(
        "运行准则", "operating criterion", ref="operating_criterion", example="OC1"
    )
    cleaner_mode: bool | None = column("优化结构、清洁能源运输", "better modes, clean energy", example=True)
    optimises_routes: bool | None = column("优化配送路线", "routes optimised", example=True)
    implemented_on: date | None = column("实施日期", "implemented on", example="2025-09-01")
    kept_to_criterion: bool | None = column(
        "按准则执行", "carried out to the criterion", help=("附执行记录", "attach the record"), example=True
    )


class RecyclingMeasure(
    Record,
    kind="recycling_measure",
    zh="回收与再利用",
    en="recovery and recycling",
    about_zh="回收与再利用的评估和准则，每类回收对象一行",
    about_en="how recovery and recycling was assessed and ruled, one row per material",
):
    """One kind of thing recovered, its effect and its criterion."""

    material: str | None = column(
        "回收对象",
        "what is recovered",
        choices={
            "offcuts": ("生产余料", "production leftovers"),
            "products": ("废旧产品", "used products"),
            "parts": ("零部件、组件", "parts and components"),
            "solid_waste": ("工业固体废物", "industrial solid waste"),
        },
        example="offcuts",
    )
    circular_economy: bool | None = column("运用循环经济思想", "circular economy applied", example=True)
    impact_assessed_on: date | None = column(
        "碳影响评估日期", "carbon impact assessed on", example="2025-08-15"
    )
    expected_reduction: Decimal | None = column(
        "预计年减排量", "expected reduction a year", unit="tCO2e", example="90"
    )
    criterion_needed: bool | None = column("需要准则", "criterion needed", example=True)
    criterion: str | None = column(
        "运行准则", "operating criterion", ref="operating_criterion", example="OC1"
    )
    implemented_on: date | None = column("实施日期", "implemented on", example="2025-10-10")


class CarbonAssetRule(
    Record,
    kind="carbon_asset_rule",
    zh="碳资产管理规定",
    en="carbon asset rule",
    about_zh="碳资产管理的规定或策划，每个文件一行",
    about_en="a rule or plan for managing carbon assets, one row per document",
):
    """What a carbon asset rule covers and whether it is carried out."""

    title: str | None = column("名称", "title", example="碳资产管理办法")
    issued_on: date | None = column("发布日期", "issued on", example="2025-02-01")
    owner: str | None = column("责任人", "owner", ref="person")
    implemented: bool | None = column("已实施", "implemented", example=True)
    implemented_on: date | None = column("实施日期", "implemented on", example="2025-03-01")
    third_party_used: bool | None = column("委托第三方服务机构", "third party entrusted", example=True)
    covers_third_party: bool | None = column(
        "规定了第三方机构的管理",
        "covers the third party",
        help=("未委托时留空", "empty where none is used"),
        example=True,
    )
    resources_assured: bool | None = column("明确所需资源", "resources assured", example=True)
    covers_identification: bool | None = column(
        "含资产类型识别", "covers identification of assets", example=True
    )
    covers_measures: bool | None = column("含管理措施制定", "covers management measures", example=True)
    covers_statistics: bool | None = column("含资产统计", "covers statistics", example=True)
    covers_allowances: bool | None = column("含配额管理", "covers allowances", example=True)
    covers_ccer: bool | None = column("含核证减排量管理", "covers certified reductions", example=True)
    covers_project_reductions: bool | None = column(
        "含项目减碳量管理", "covers project reductions", example=True
    )
    covers_finance: bool | None = column("含碳金融产品管理", "covers carbon finance", example=False)
    covers_development: bool | None = column("含资产开发", "covers development of assets", example=True)
    covers_trading: bool | None = column("含交易管理", "covers trading", example=True)
    market_rules_known: bool | None = column("掌握市场交易规则", "market rules are known", example=True)
    trading_department: str | None = column(
        "交易专职部门",
        "department for trading",
        help=("涉及交易时填写", "where assets are traded"),
        example="碳资产部",
    )
    trading_procedure: bool | None = column("有交易操作流程", "trading procedure set", example=True)
    trading_precautions: bool | None = column("有交易防控措施", "trading precautions set", example=True)
    considers_reduction_cost: bool | None = column(
        "考虑自身减排成本", "considers own cost of reduction", example=True
    )
    considers_cost_options: bool | None = column(
        "考虑基于成本的技术与管理改进", "considers improvements by that cost", example=True
    )
    considers_market_price: bool | None = column("考虑市场价格", "considers the market price", example=True)
    considers_instruments: bool | None = column(
        "考虑金融工具选择", "considers financial instruments", example=False
    )
    considers_accounting: bool | None = column("考虑财务处理", "considers accounting", example=True)


class ComplianceRule(
    Record,
    kind="compliance_rule",
    zh="履约规定",
    en="rule for meeting the allowance duty",
    about_zh="碳排放权履约（监测报告、核查、清缴、交易）的规定，每个文件一行",
    about_en="a rule for meeting the emission allowance duty (reporting, verification, surrender, trading)",
):
    """What the rule on the allowance duty covers and whether it is carried out."""

    title: str | None = column("名称", "title", example="碳排放履约管理规定")
    market: str | None = column(
        "所属市场",
        "market",
        choices={"national": ("全国", "national"), "local": ("地方", "local"), "other": ("其他", "other")},
        example="national",
    )
    issued_on: date | None = column("发布日期", "issued on", example="2025-02-01")
    owner: str | None = column("责任人", "owner", ref="person")
    covers_reporting: bool | None = column("含监测与报告", "covers monitoring and reporting", example=True)
    covers_verification: bool | None = column("含核查配合", "covers verification", example=True)
    covers_surrender: bool | None = column("含配额清缴", "covers surrender", example=True)
    covers_trading: bool | None = column("含交易", "covers trading", example=True)
    surrender_due_on: date | None = column("清缴截止日期", "surrender due on", example="2025-12-31")
    implemented: bool | None = column("已实施", "implemented", example=True)
    implemented_on: date | None = column("实施日期", "implemented on", example="2025-03-01")


class ManagementRule(
    Record,
    kind="management_rule",
    zh="碳管理制度",
    en="management rule",
    about_zh="碳排放管理制度文件，每个文件一行",
    about_en="a rule of the company on managing carbon emissions, one row per document",
):
    """What a management rule contains."""

    title: str | None = column("名称", "title", example="碳排放管理制度")
    issued_on: date | None = column("发布日期", "issued on", example="2025-01-15")
    covers_structure: bool | None = column("含组织架构", "covers the structure", example=True)
    covers_duties: bool | None = column("含岗位职责与权限", "covers duties and authority", example=True)
    covers_content: bool | None = column("含管理内容与要求", "covers content and requirements", example=True)
    covers_supervision: bool | None = column(
        "含监督考核机制", "covers supervision and assessment", example=True
    )
    covers_revision: bool | None = column("含时效与修订流程", "covers validity and revision", example=True)


class CarbonCost(
    Record,
    kind="carbon_cost",
    zh="碳成本",
    en="carbon cost",
    about_zh="产品全生命周期碳成本的核算，每类每期一行",
    about_en="cost of carbon over the life cycle of products, one row per class and period",
):
    """A cost class and its amount in a period."""

    cost_class: str | None = column(
        "成本类别",
        "class of cost",
        choices={
            "prevention": ("预防成本", "prevention"),
            "detection": ("检测成本", "detection"),
            "emission": ("碳排放成本", "emission"),
        },
        example="prevention",
    )
    stage: str | None = column("生命周期阶段", "life-cycle stage", choices=STAGES, example="equipment")
    product: str | None = column("产品", "product", example="球墨铸件")
    amount: Decimal | None = column("金额", "amount", unit="CNY", example="350000")
    controlled_by: str | None = column("控制措施", "how it is controlled", example="年度预算与考核")
    recorded_on: date | None = column("核算日期", "accounted on", example="2026-01-31")


class SupplyChainPlan(
    Record,
    kind="supply_chain_plan",
    zh="绿色供应链计划",
    en="supply chain plan",
    about_zh="绿色供应链的管理计划与机制，每个文件一行",
    about_en="the plan and mechanisms of a green supply chain, one row per document",
):
    """What the plan for the supply chain provides for and whether it was evaluated."""

    title: str | None = column("名称", "title", example="绿色供应链管理计划")
    issued_on: date | None = column("发布日期", "issued on", example="2025-03-10")
    supplier_emission_evaluation: bool | None = column(
        "有供应商碳排放评价机制", "mechanism to evaluate suppliers' emissions", example=True
    )
    prefers_low_carbon_materials: bool | None = column(
        "优先低碳原辅材料", "prefers low-carbon materials", example=True
    )
    raises_recycled_share: bool | None = column(
        "提高再生资源循环利用率", "raises the recycled share", example=True
    )
    optimises_transport: bool | None = column("优化运输方式", "optimises transport", example=True)
    uses_efficient_equipment: bool | None = column(
        "选用节能设备与技术", "uses efficient equipment", example=True
    )
    raises_renewables: bool | None = column(
        "加大可再生能源比例", "raises the share of renewables", example=True
    )
    has_platform: bool | None = column("有信息管理平台", "has an information platform", example=True)
    footprint_database: bool | None = column(
        "有产品碳足迹数据库", "has a product footprint database", example=True
    )
    standard_followed: str | None = column("所依标准", "standard followed", example="GB/T 39257")
    evaluated_on: date | None = column("绿色供应链评价日期", "evaluated on", example="2026-02-10")
    evaluation_result: str | None = column(
        "评价结论", "result of the evaluation", example="达到绿色供应链管理企业要求"
    )
