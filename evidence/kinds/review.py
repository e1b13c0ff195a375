"""Planning inputs: risks and opportunities, carbon review, compliance obligations."""

from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Pair, Record, column

REVIEW_LEVELS: dict[str, Pair] = {
    "organisation": ("组织", "organisation"),
    "product": ("产品或服务", "product or service"),
    "project": ("项目", "project"),
    "activity": ("活动", "activity"),
}

REVIEW_MATTERS: dict[str, Pair] = {
    "sources": ("碳源", "carbon sources"),
    "sinks": ("碳汇", "carbon sinks"),
    "offsets": ("可抵消量", "quantity that can be offset"),
    "energy_uses": ("主要能源使用和主要排放设施", "significant energy uses and emission facilities"),
    "energy_performance": (
        "主要能源使用的变量、基准与绩效",
        "variables, baseline and performance of the energy uses",
    ),
    "energy_people": ("影响主要能源使用的人员", "people who influence the energy uses"),
    "projects": ("投资建设项目", "investment projects"),
    "project_compliance": ("建设项目合规性", "compliance of investment projects"),
    "project_technology": (
        "受限或淘汰的技术、设备、材料",
        "restricted or phased-out technology, equipment, material",
    ),
    "project_parameters": ("建设项目碳绩效参数", "performance parameters of investment projects"),
    "project_emissions": ("建设项目碳排放评估", "emission assessment of investment projects"),
    "intended_outcomes": ("体系的预期结果", "intended outcomes of the system"),
    "parameters": ("碳绩效参数", "performance parameters"),
    "metering": ("计量器具配备、检定和维护", "meters: provision, verification, maintenance"),
    "opportunities": ("碳绩效改进机会", "opportunities to improve carbon performance"),
    "neutrality": ("碳中和技术和方案", "neutrality technology and schemes"),
    "assets_trading": ("碳资产和碳交易", "carbon assets and carbon trading"),
    "future_performance": ("未来碳绩效及趋势", "future performance and its trend"),
    "obligations": ("合规义务", "obligations as a whole"),
    "management_rules": ("现有碳管理制度", "existing carbon management rules"),
    "law_identification": ("适用的法律法规和其他要求", "applicable laws and other requirements"),
    "law_effect": ("要求对碳源的作用", "how the requirements act on carbon sources"),
    "government_limits": ("碳总量和强度控制要求", "government limits on total or intensity"),
    "emission_trend": ("排放总量和强度的现状与趋势", "level and trend of total emissions and intensity"),
    "benchmarking": ("与行业、自身历史和目标的对比", "comparison with industry, own history and targets"),
    "data_quality": ("碳数据质量", "quality of carbon data"),
    "duties_and_rules": ("碳管理职能和制度执行", "carbon management functions and how rules are kept"),
    "measures": ("碳管理措施计划", "planned carbon management measures"),
    "other": ("其他", "other"),
}

CONFORMITY: dict[str, Pair] = {
    "conforming": ("符合", "conforming"),
    "not_conforming": ("不符合", "not conforming"),
    "not_applicable": ("不适用", "not applicable"),
}

LIFE_CYCLE_STAGES: dict[str, Pair] = {
    "raw_material": ("原辅材料获取", "raw material acquisition"),
    "design": ("设计开发", "design"),
    "production": ("生产", "production"),
    "transport": ("运输与储存", "transport and storage"),
    "use_phase": ("使用", "use"),
    "end_of_life": ("废弃与回收", "end of life and recovery"),
    "supporting": ("辅助与办公", "supporting and office activities"),
}


class PlanningRecord(
    Record,
    kind="planning_record",
    zh="体系策划记录",
    en="planning record",
    about_zh="策划或重新策划碳管理体系的一次记录（会议纪要、策划报告），说明考虑了哪些输入、得出哪些输出",
    about_en="one planning of the management system (minutes, report): inputs and outputs",
):
    """One planning of the system, with the inputs that were considered and the outputs it gave."""

    title: str | None = column("名称", "title", example="2026 年度碳管理体系策划纪要")
    planned_on: date | None = column("策划日期", "planned on", example="2026-01-15")
    planned_by: str | None = column("策划负责人", "planned by", ref="person", example="PERSON-1")
    considers_factors: bool | None = column(
        "考虑了内外部因素", "considers internal and external factors", example=True
    )
    considers_needs: bool | None = column(
        "考虑了相关方需求和期望", "considers needs of interested parties", example=True
    )
    considers_review: bool | None = column(
        "考虑了碳评审结果", "considers the result of the carbon review", example=True
    )
    considers_obligations: bool | None = column(
        "考虑了合规义务", "considers the compliance obligations", example=True
    )
    considers_risks: bool | None = column(
        "以已识别的风险和机遇为输入", "takes the identified risks and opportunities as input", example=True
    )
    life_cycle_basis: bool | None = column(
        "按产品生命周期排放特征", "based on life cycle emissions", example=True
    )
    carbon_review: str | None = column(
        "所依据的碳评审", "carbon review used", ref="carbon_review", example="CR-2025"
    )
    outputs_parameters: bool | None = column(
        "输出含碳绩效参数", "outputs performance parameters", example=True
    )
    outputs_baseline: bool | None = column("输出含碳基准", "outputs a baseline", example=True)
    outputs_objectives: bool | None = column(
        "输出含目标和指标", "outputs objectives and targets", example=True
    )
    outputs_measures: bool | None = column("输出含措施计划", "outputs an action plan", example=True)
    outputs_data_plan: bool | None = column(
        "输出含碳数据收集计划", "outputs a data collection plan", example=True
    )


class RiskOpportunity(
    Record,
    kind="risk_opportunity",
    zh="风险和机遇",
    en="risk or opportunity",
    about_zh="与碳管理有关的风险或机遇，每项一行；应对措施另填“应对措施”表",
    about_en="one risk or opportunity per row; what is done about it goes into `treatment`",
):
    """A risk or an opportunity, where it comes from and what depends on it."""

    nature: str | None = column(
        "性质",
        "nature",
        choices={"risk": ("风险", "risk"), "opportunity": ("机遇", "opportunity")},
        example="risk",
    )
    title: str | None = column("内容", "title", example="出口产品碳足迹要求提高")
    category: str | None = column(
        "类别",
        "category",
        choices={
            "strategic": ("战略", "strategic"),
            "policy": ("政策法规", "policy and law"),
            "technology": ("技术", "technology"),
            "market": ("市场", "market"),
            "financial": ("财务", "financial"),
            "operational": ("运营", "operational"),
            "other": ("其他", "other"),
        },
        example="market",
    )
    context_factor: str | None = column("来自内外部因素", "from context factor", ref="context_factor")
    stakeholder_need: str | None = column(
        "来自相关方需求", "from interested party need", ref="stakeholder_need"
    )
    carbon_review: str | None = column("来自碳评审", "from carbon review", ref="carbon_review")
    obligation: str | None = column("来自合规义务", "from obligation", ref="obligation")
    identified_on: date | None = column("识别日期", "identified on", example="2026-01-15")
    identified_by: str | None = column("识别人", "identified by", ref="person")
    serves_outcomes: bool | None = column(
        "关系到预期结果的实现",
        "bears on the intended outcomes",
        example=True,
        help=("评估时考虑了它对体系预期结果的影响", "its effect on the intended outcomes was assessed"),
    )
    serves_prevention: bool | None = column(
        "关系到不期望的影响",
        "bears on undesired effects",
        example=True,
        help=("包括潜在的不利影响", "potential effects included"),
    )
    serves_improvement: bool | None = column(
        "关系到持续改进", "bears on continual improvement", example=False
    )
    assessed_on: date | None = column("评估日期", "assessed on", example="2026-01-20")
    rating: str | None = column(
        "等级",
        "rating",
        choices={"high": ("高", "high"), "medium": ("中", "medium"), "low": ("低", "low")},
        example="high",
    )
    needs_treatment: bool | None = column(
        "需要应对",
        "needs to be addressed",
        example=True,
        help=("评估后是否决定采取措施", "whether it was decided to act on it"),
    )
    owner: str | None = column("责任人", "owner", ref="person")
    life_cycle_stage: str | None = column("生命周期阶段", "life cycle stage", choices=LIFE_CYCLE_STAGES)
    monitored_on: date | None = column("最近监视日期", "last monitored on")
    considers_change_over_time: bool | None = column(
        "考虑随时间的变化", "considers how it changes over time", example=True
    )


class Treatment(
    Record,
    kind="treatment",
    zh="应对措施",
    en="treatment",
    about_zh="应对某项风险或机遇的措施，每项措施一行",
    about_en="one action on a risk or an opportunity per row",
):
    """An action on a risk or opportunity: what, who, when, through which process, and whether it worked."""

    risk_opportunity: str = column(
        "风险或机遇", "risk or opportunity", ref="risk_opportunity", required=True, example="RO-1"
    )
    strategy: str | None = column(
        "策略",
        "strategy",
        choices={
            "avoid": ("规避", "avoid"),
            "transfer": ("转移", "transfer"),
            "reduce": ("减轻", "reduce"),
            "accept": ("接受", "accept"),
            "seize": ("抓住机遇", "seize"),
        },
        example="reduce",
    )
    measure: str | None = column("措施", "measure", example="建立产品碳足迹核算流程")
    area: str | None = column(
        "措施方面",
        "area",
        choices={
            "risk_management": ("风险管理机制", "risk management"),
            "rules_and_duties": ("制度与职责", "rules and duties"),
            "policy_tracking": ("跟踪政策法规", "tracking policy and law"),
            "digital_platform": ("信息化平台", "digital platform"),
            "process_and_equipment": ("工艺与设备", "process and equipment"),
            "supply_chain": ("供应链", "supply chain"),
            "production_control": ("生产过程控制", "production control"),
            "metering": ("计量与检测", "metering and testing"),
            "competence": ("能力建设", "competence"),
            "product_development": ("低碳产品研发", "low-carbon product development"),
            "new_energy": ("新能源和新材料", "new energy and materials"),
            "recycling": ("品质、服务与回收利用", "quality, service, recycling"),
            "other": ("其他", "other"),
        },
        example="product_development",
    )
    responsible: str | None = column("责任人", "responsible", ref="person", example="PERSON-1")
    due_on: date | None = column(
        "计划完成日期", "due on", example="2026-06-30", expires=True, settled_by="implemented_on"
    )
    process: str | None = column(
        "融入的过程",
        "process it is built into",
        ref="process",
        example="PROC-1",
        help=("措施在哪个体系过程中实施", "the process of the system through which it is carried out"),
    )
    evaluation_method: str | None = column(
        "有效性评价方法", "how effectiveness is evaluated", example="每半年对比已核算产品的比例"
    )
    implemented_on: date | None = column("实施日期", "implemented on")
    evaluated_on: date | None = column("有效性评价日期", "effectiveness evaluated on")
    effective: bool | None = column("有效", "effective")
    emergency_plan: bool | None = column("含应急预案", "includes an emergency plan")


class ReviewProcedure(
    Record,
    kind="review_procedure",
    zh="碳评审准则和方法",
    en="carbon review procedure",
    about_zh="碳评审的过程规定：准则、方法、内容、间隔；每个版本一行",
    about_en="how carbon reviews are done: criteria, methods, contents, interval; one row per edition",
):
    """The documented criteria and methods of the carbon review, one row per edition."""

    title: str | None = column("名称", "title", example="碳评审管理程序")
    level: str | None = column(
        "维度",
        "level",
        choices=REVIEW_LEVELS,
        example="organisation",
        help=("每个维度一行", "one row per level"),
    )
    responsible: str | None = column("负责人", "responsible", ref="person", example="PERSON-1")
    policy: str | None = column("所依据的碳方针", "policy it follows", ref="policy", example="POL-1")
    consistent_with_policy: bool | None = column(
        "已核对与碳方针一致", "checked against the policy", example=True
    )
    covers_influencing_activities: bool | None = column(
        "涵盖影响碳绩效的活动", "covers activities that influence performance", example=True
    )
    life_cycle_basis: bool | None = column("基于生命周期理念", "based on life cycle thinking", example=True)
    risk_basis: bool | None = column("基于风险思维", "based on risk-based thinking", example=True)
    covers_system_scope: bool | None = column("覆盖体系范围", "covers the scope of the system", example=True)
    states_criteria: bool | None = column("规定评审准则", "states the criteria", example=True)
    states_methods: bool | None = column("规定评审方法", "states the methods", example=True)
    states_responsibilities: bool | None = column("规定职责", "states the responsibilities", example=True)
    states_scope: bool | None = column("规定评审范围", "states the scope of a review", example=True)
    states_interval: bool | None = column("规定时间间隔", "states the interval", example=True)
    states_tools: bool | None = column("规定工具", "states the tools", example=True)
    states_contents: bool | None = column(
        "规定本维度的评审内容",
        "states the contents for this level",
        example=True,
        help=("结合该维度特点设定的内容", "the contents set to suit this level"),
    )
    states_facility_identification: bool | None = column(
        "规定排放设施的识别", "states how emission facilities are identified", example=True
    )


class CarbonReview(
    Record,
    kind="carbon_review",
    zh="碳评审",
    en="carbon review",
    about_zh="实施的一次碳评审；附件为碳评审报告；被新的评审取代后填失效日期",
    about_en="one carbon review that was carried out, with its report; give `valid until` once superseded",
):
    """One carbon review that was carried out."""

    title: str | None = column("名称", "title", example="2025 年度碳评审")
    review_type: str | None = column(
        "类型",
        "type",
        choices={
            "initial": ("初始评审", "initial"),
            "periodic": ("定期评审", "periodic"),
            "update": ("变化后更新", "update after a change"),
        },
        example="periodic",
    )
    level: str | None = column("维度", "level", choices=REVIEW_LEVELS, example="organisation")
    conducted_on: date | None = column("完成日期", "conducted on", example="2026-01-10")
    lead: str | None = column("负责人", "leader", ref="person", example="PERSON-1")
    procedure: str | None = column("所用准则和方法", "procedure used", ref="review_procedure", example="RP-1")
    covers_system_scope: bool | None = column("覆盖体系范围", "covers the scope of the system", example=True)
    life_cycle_basis: bool | None = column("基于生命周期理念", "based on life cycle thinking", example=True)
    risk_basis: bool | None = column("基于风险思维", "based on risk-based thinking", example=True)
    covers_influencing_activities: bool | None = column(
        "涵盖影响碳绩效的活动", "covers activities that influence performance", example=True
    )
    guideline: str | None = column(
        "适用的指南或标准",
        "guideline or standard used",
        example="GB/T 32150",
        help=("识别和核算所依据的文件", "what identification and accounting follow"),
    )
    states_boundary: bool | None = column("明确范围和边界", "states scope and boundary", example=True)
    outputs_emission_level: bool | None = column("输出含排放现状", "outputs the emission level", example=True)
    outputs_parameters_baseline: bool | None = column(
        "输出含碳绩效参数和基准", "outputs parameters and baseline", example=True
    )
    outputs_objectives: bool | None = column(
        "输出含目标和指标", "outputs objectives and targets", example=True
    )
    outputs_variables: bool | None = column(
        "输出含相关变量和静态因素", "outputs relevant variables and static factors", example=True
    )
    outputs_measures: bool | None = column("输出含措施计划", "outputs an action plan", example=True)
    improvement_direction: str | None = column("改进方向", "direction of improvement", example="空压系统节能")
    report_on: date | None = column("报告日期", "report issued on", example="2026-01-20")


class ReviewAnalysis(
    Record,
    kind="review_analysis",
    zh="碳评审分析",
    en="review analysis",
    about_zh="碳评审中对一个事项的分析，每事项一行",
    about_en="what a carbon review found on one matter, one row per matter",
):
    """The analysis of one matter in one carbon review."""

    carbon_review: str = column(
        "碳评审", "carbon review", ref="carbon_review", required=True, example="CR-2025"
    )
    matter: str = column("事项", "matter", choices=REVIEW_MATTERS, required=True, example="sources")
    analysed_on: date | None = column("分析日期", "analysed on", example="2026-01-10")
    analysed_by: str | None = column("分析人", "analysed by", ref="person", example="PERSON-1")
    conclusion: str | None = column(
        "结论",
        "conclusion",
        example="共识别 12 个碳源",
        help=("没有发现也写明", "say so when nothing was found"),
    )
    found: int | None = column(
        "识别出的数量",
        "number found",
        example=12,
        help=("分析后确认没有的填 0", "0 when the analysis found none"),
    )
    conformity: str | None = column(
        "符合性",
        "conformity",
        choices=CONFORMITY,
        help=("评价符合性的事项填写", "for matters that ask whether something conforms"),
    )
    suitable: bool | None = column("适宜", "suitable", help=("评价制度时填写", "for the evaluation of rules"))
    adequate: bool | None = column("充分", "adequate")
    effective: bool | None = column("有效", "effective")
    life_cycle_basis: bool | None = column("按生命周期分析", "follows the life cycle", example=True)
    considers_fluctuation: bool | None = column(
        "考虑异常和可预见波动", "considers abnormal and foreseeable fluctuation", example=True
    )
    quantity: Decimal | None = column(
        "数量", "quantity", unit="tCO2e", example=120, help=("如可抵消量", "such as what can be offset")
    )
    asset_types: str | None = column("碳资产和交易种类", "types of assets and trades")
    expected_scale: str | None = column("预计规模", "expected scale")
    expected_benefit: str | None = column("预计效益", "expected benefit")
    trend: str | None = column(
        "趋势",
        "trend",
        choices={
            "rising": ("上升", "rising"),
            "steady": ("平稳", "steady"),
            "falling": ("下降", "falling"),
        },
    )
    solution: str | None = column("选用的技术或方案", "technology or scheme selected")
    feasible: bool | None = column(
        "可行", "feasible", help=("评估碳中和技术和方案是否可行", "for neutrality schemes")
    )


class CarbonInventory(
    Record,
    kind="carbon_inventory",
    zh="碳清单",
    en="carbon inventory",
    about_zh="某一期间碳源和碳汇及其排放、清除和抵消的量化清单",
    about_en="the quantified list of sources and sinks with emissions, removals and offsets of a period",
):
    """The quantified list of sources and sinks of a period."""

    title: str | None = column("名称", "title", example="2025 年碳清单")
    carbon_review: str | None = column("碳评审", "carbon review", ref="carbon_review", example="CR-2025")
    prepared_on: date | None = column("编制日期", "prepared on", example="2026-01-15")
    prepared_by: str | None = column("编制人", "prepared by", ref="person", example="PERSON-1")
    guideline: str | None = column("核算依据", "accounting standard", example="GB/T 32150")
    lists_sources: bool | None = column("列出碳源", "lists the sources", example=True)
    lists_sinks: bool | None = column(
        "列出碳汇",
        "lists the sinks",
        example=True,
        help=("没有碳汇时写明为零也算", "stating that there is none counts"),
    )
    scope1: Decimal | None = column("范围 1 排放", "scope 1 emissions", unit="tCO2e", example=1200)
    scope2: Decimal | None = column("范围 2 排放", "scope 2 emissions", unit="tCO2e", example=3400)
    scope3: Decimal | None = column("范围 3 排放", "scope 3 emissions", unit="tCO2e", example=9100)
    emissions: Decimal | None = column("排放总量", "total emissions", unit="tCO2e", example=13700)
    removals: Decimal | None = column("清除量", "removals", unit="tCO2e", example=0)
    offsets: Decimal | None = column("抵消量", "offsets", unit="tCO2e", example=0)
    verified_by: str | None = column("核查机构", "verified by")
    verified_on: date | None = column("核查日期", "verified on")


class EmissionSource(
    Record,
    kind="emission_source",
    zh="碳源",
    en="carbon source",
    about_zh="体系范围内的碳源，每个碳源一行",
    about_en="one carbon source within the scope of the system per row",
):
    """A carbon source within the scope, with its quantification."""

    title: str | None = column("名称", "title", example="天然气锅炉")
    source_class: str | None = column(
        "种类",
        "class",
        choices={
            "stationary_combustion": ("固定燃烧", "stationary combustion"),
            "mobile_combustion": ("移动燃烧", "mobile combustion"),
            "process": ("生产过程", "process"),
            "fugitive": ("无组织（逸散）", "fugitive"),
            "waste": ("废弃物处理处置", "waste treatment"),
            "purchased_electricity": ("购入电力", "purchased electricity"),
            "purchased_heat": ("购入热力及其他能源", "purchased heat and other energy"),
            "transport": ("运输", "transport"),
            "purchased_goods": ("原辅材料获取", "purchased materials"),
            "product_use": ("产品使用和废弃", "use and end of life of products"),
            "special": ("特殊排放", "special emissions"),
            "other": ("其他", "other"),
        },
        example="stationary_combustion",
    )
    scope: str | None = column(
        "范围",
        "scope",
        choices={"1": ("范围 1", "scope 1"), "2": ("范围 2", "scope 2"), "3": ("范围 3", "scope 3")},
        example="1",
    )
    origin: str | None = column(
        "来源（设施、活动）",
        "origin (facility, activity)",
        example="动力车间 2 号锅炉",
        help=("产生排放的设备、设施、系统或过程", "the equipment, facility, system or process it comes from"),
    )
    process: str | None = column("过程", "process", ref="process")
    carbon_review: str | None = column(
        "识别于碳评审", "identified in carbon review", ref="carbon_review", example="CR-2025"
    )
    carbon_inventory: str | None = column(
        "列入碳清单", "listed in inventory", ref="carbon_inventory", example="CI-2025"
    )
    life_cycle_stage: str | None = column(
        "生命周期阶段", "life cycle stage", choices=LIFE_CYCLE_STAGES, example="production"
    )
    emission_factor: str | None = column("排放因子", "emission factor", ref="emission_factor", example="EF-1")
    activity_level: Decimal | None = column("活动水平", "activity level", example=520000)
    measure_unit: str | None = column("活动水平单位", "unit of the activity level", example="m3")
    emissions: Decimal | None = column("排放量", "emissions", unit="tCO2e", example=1124)
    fluctuation: str | None = column(
        "异常、潜在或可预见的波动",
        "abnormal, potential or foreseeable fluctuation",
        example="检修后启停期耗气增加",
        help=("分析后认为没有的写“无”", "write 'none' when the analysis found none"),
    )
    gas_co2: bool | None = column("CO2", "CO2", example=True)
    gas_ch4: bool | None = column("CH4", "CH4", example=False)
    gas_n2o: bool | None = column("N2O", "N2O", example=False)
    gas_hfcs: bool | None = column("HFCs", "HFCs", example=False)
    gas_pfcs: bool | None = column("PFCs", "PFCs", example=False)
    gas_sf6: bool | None = column("SF6", "SF6", example=False)
    gas_nf3: bool | None = column("NF3", "NF3", example=False)
    planned_facility: bool | None = column(
        "来自已列入计划的新、改、扩建设施", "from a planned, new or altered facility", example=False
    )
    key_source: bool | None = column("重点控制", "to be controlled with priority", example=True)


class CarbonSink(
    Record,
    kind="carbon_sink",
    zh="碳汇",
    en="carbon sink",
    about_zh="体系范围内的碳汇，每个碳汇一行",
    about_en="one carbon sink within the scope of the system per row",
):
    """A carbon sink within the scope, with its quantification."""

    title: str | None = column("名称", "title", example="厂区林地")
    sink_class: str | None = column(
        "种类",
        "class",
        choices={
            "forest": ("林业", "forest"),
            "soil": ("土壤", "soil"),
            "wetland_ocean": ("湿地与海洋", "wetland and ocean"),
            "capture": ("捕集、利用与封存", "capture, use and storage"),
            "direct_air_capture": ("直接空气捕集", "direct air capture"),
            "purchased": ("购入碳汇", "purchased"),
            "other": ("其他", "other"),
        },
        example="forest",
    )
    origin: str | None = column(
        "来源（地点、活动）", "origin (place, activity)", example="厂区东侧林地 2 公顷"
    )
    carbon_review: str | None = column(
        "识别于碳评审", "identified in carbon review", ref="carbon_review", example="CR-2025"
    )
    carbon_inventory: str | None = column(
        "列入碳清单", "listed in inventory", ref="carbon_inventory", example="CI-2025"
    )
    life_cycle_stage: str | None = column("生命周期阶段", "life cycle stage", choices=LIFE_CYCLE_STAGES)
    activity_level: Decimal | None = column("活动水平", "activity level", example=2)
    measure_unit: str | None = column("活动水平单位", "unit of the activity level", example="hm2")
    removals: Decimal | None = column("清除量", "removals", unit="tCO2e", example=20)
    fluctuation: str | None = column(
        "异常、潜在或可预见的波动",
        "abnormal, potential or foreseeable fluctuation",
        example="病虫害",
        help=("分析后认为没有的写“无”", "write 'none' when the analysis found none"),
    )


class SignificantEnergyUse(
    Record,
    kind="significant_energy_use",
    zh="主要能源使用和排放设施",
    en="significant energy use or emission facility",
    about_zh="需重点控制的能源使用或排放设施，每项一行",
    about_en="an energy use or emission facility to be controlled with priority, one per row",
):
    """A significant energy use or main emission facility with its variables, baseline and performance."""

    title: str | None = column("名称", "title", example="空压系统")
    object_type: str | None = column(
        "对象",
        "object",
        choices={
            "facility": ("设施", "facility"),
            "equipment": ("设备", "equipment"),
            "system": ("系统", "system"),
            "process": ("过程", "process"),
        },
        example="system",
    )
    energy_use: bool | None = column("属于主要能源使用", "is a significant energy use", example=True)
    emission_facility: bool | None = column("属于主要排放设施", "is a main emission facility", example=False)
    emission_source: str | None = column("对应碳源", "carbon source", ref="emission_source")
    carbon_review: str | None = column(
        "识别于碳评审", "identified in carbon review", ref="carbon_review", example="CR-2025"
    )
    energy_type: str | None = column("能源种类", "energy type", example="电力")
    consumption: Decimal | None = column("年消耗量", "annual consumption", unit="tce", example=260)
    selected_for: str | None = column(
        "确定理由",
        "selected for",
        choices={
            "share": ("占比大", "large share"),
            "potential": ("减排潜力大", "large potential"),
            "supply_chain": ("对供应链影响大", "influence on the supply chain"),
            "other": ("其他", "other"),
        },
        example="share",
    )
    variables: str | None = column(
        "相关变量",
        "relevant variables",
        example="产量、环境温度",
        help=("详细数据填“相关变量”表", "their values go into `relevant_variable`"),
    )
    baseline: str | None = column("基准", "baseline", ref="baseline", example="BL-1")
    performance_parameter: str | None = column(
        "碳绩效参数", "performance parameter", ref="performance_parameter", example="PP-1"
    )
    advanced_value: Decimal | None = column("先进值", "advanced value", example="0.092")
    activity_level: Decimal | None = column("活动水平", "activity level", example=2100000)
    current_value: Decimal | None = column("当前碳绩效", "current performance", example="0.105")
    measure_unit: str | None = column("绩效单位", "unit of the performance", example="kWh/m3")
    evaluated_on: date | None = column("绩效测定日期", "performance determined on", example="2026-01-10")
    people: str | None = column(
        "有直接或间接影响的人员",
        "people with direct or indirect influence",
        example="动力班组、设备管理员",
        help=("在组织控制下工作的岗位或人员", "posts or persons working under the organisation's control"),
    )


class InvestmentProject(
    Record,
    kind="investment_project",
    zh="投资建设项目",
    en="investment project",
    about_zh="新建、改建、扩建设施、设备、系统和过程的项目",
    about_en="a project that builds, alters or extends facilities, equipment, systems or processes",
):
    """A project of building, altering or extending."""

    title: str | None = column("名称", "title", example="涂装线改造")
    project_type: str | None = column(
        "类型",
        "type",
        choices={"new": ("新建", "new"), "altered": ("改建", "altered"), "extended": ("扩建", "extended")},
        example="altered",
    )
    phase: str | None = column(
        "阶段",
        "phase",
        choices={
            "planned": ("计划", "planned"),
            "design": ("设计", "design"),
            "construction": ("施工", "construction"),
            "in_operation": ("运行", "operation"),
        },
        example="design",
    )
    decided_on: date | None = column("立项日期", "decided on", example="2025-10-08")
    started_on: date | None = column("开工日期", "started on")
    completed_on: date | None = column("投产日期", "completed on")
    investment: Decimal | None = column("投资额", "investment", unit="CNY 10 000", example=800)
    expected_emissions: Decimal | None = column(
        "预计年排放", "expected annual emissions", unit="tCO2e", example=300
    )
    significant_carbon_impact: bool | None = column(
        "对碳绩效有显著影响", "significant influence on carbon performance", example=True
    )
    needs_emission_assessment: bool | None = column(
        "需做固定资产投资项目碳排放评估",
        "needs an emission assessment of fixed-asset investment",
        example=False,
    )
    responsible: str | None = column("负责人", "responsible", ref="person", example="PERSON-1")


class ProjectAssessment(
    Record,
    kind="project_assessment",
    zh="建设项目评价",
    en="project assessment",
    about_zh="对一个投资建设项目的评价；附件为评价报告",
    about_en="the assessment of one investment project; the document is its report",
):
    """The assessment of one investment project."""

    investment_project: str = column(
        "建设项目", "investment project", ref="investment_project", required=True, example="PRJ-1"
    )
    carbon_review: str | None = column("所属碳评审", "carbon review", ref="carbon_review", example="CR-2025")
    assessed_on: date | None = column("评价日期", "assessed on", example="2025-11-20")
    assessed_by: str | None = column("评价人", "assessed by", ref="person", example="PERSON-1")
    design_conformity: str | None = column(
        "设计阶段合规性", "conformity of the design", choices=CONFORMITY, example="conforming"
    )
    construction_conformity: str | None = column(
        "施工阶段合规性", "conformity of the construction", choices=CONFORMITY, example="conforming"
    )
    operation_conformity: str | None = column(
        "运行阶段合规性", "conformity of the operation", choices=CONFORMITY, example="conforming"
    )
    technology_checked_on: date | None = column(
        "限制淘汰目录核对日期",
        "checked against restriction lists on",
        example="2025-11-20",
        help=("核对国家、行业、地方限制或淘汰的技术、设备、材料", "national, industry and local lists"),
    )
    restricted_technology: bool | None = column(
        "含受限或淘汰的技术、设备、材料", "contains restricted or phased-out items", example=False
    )
    performance_parameter: str | None = column(
        "碳绩效参数", "performance parameter", ref="performance_parameter"
    )
    parameters_suitable: bool | None = column("碳绩效参数适宜", "parameters suitable", example=True)
    parameters_advanced: bool | None = column("碳绩效参数先进", "parameters advanced", example=True)
    low_carbon_technology: bool | None = column(
        "采用成熟低碳技术和高能效设备",
        "uses mature low-carbon technology and efficient equipment",
        example=True,
    )
    emission_assessment_on: date | None = column("碳排放评估报告日期", "emission assessment report of")


class ImprovementOpportunity(
    Record,
    kind="improvement_opportunity",
    zh="碳绩效改进机会",
    en="improvement opportunity",
    about_zh="识别出的碳绩效改进机会及其优先次序",
    about_en="an opportunity to improve carbon performance and its priority",
):
    """An opportunity to improve carbon performance, with its priority."""

    title: str | None = column("内容", "title", example="空压机余热回收")
    identified_on: date | None = column("识别日期", "identified on", example="2026-01-10")
    carbon_review: str | None = column(
        "识别于碳评审", "identified in carbon review", ref="carbon_review", example="CR-2025"
    )
    significant_energy_use: str | None = column(
        "对应主要能源使用", "significant energy use", ref="significant_energy_use"
    )
    priority: int | None = column("优先次序", "priority", example=1, help=("1 最优先", "1 comes first"))
    ranking_basis: str | None = column("排序依据", "basis of the ranking", example="减排量与投资回收期")
    expected_reduction: Decimal | None = column(
        "预计年减排", "expected annual reduction", unit="tCO2e", example=85
    )
    cost: Decimal | None = column("预计投入", "expected cost", unit="CNY 10 000", example=30)
    decision: str | None = column(
        "决定",
        "decision",
        choices={
            "adopted": ("采纳", "adopted"),
            "deferred": ("暂缓", "deferred"),
            "rejected": ("不采纳", "rejected"),
        },
        example="adopted",
    )
    decided_on: date | None = column("决定日期", "decided on", example="2026-02-01")
    action_plan: str | None = column("列入措施计划", "action plan", ref="action_plan")


class Obligation(
    Record,
    kind="obligation",
    zh="合规义务",
    en="compliance obligation",
    about_zh="与碳管理体系及碳源碳汇有关的合规义务，每项一行",
    about_en="one obligation that concerns the system or its sources and sinks per row",
):
    """A compliance obligation: where it comes from, how it applies, through what it is met."""

    title: str | None = column("名称", "title", example="碳排放权交易管理暂行条例")
    reference_number: str | None = column("文号或标准号", "number", example="国务院令第775号")
    category: str | None = column(
        "类别",
        "category",
        choices={
            "law": ("法律、法规、国际惯例", "law, regulation, international custom"),
            "authority": ("政府或权力机构要求", "requirement of an authority"),
            "permit": ("行政许可或授权", "permit or licence"),
            "normative_document": ("监管机构规范性文件", "normative document of a regulator"),
            "ruling": ("法院或行政裁决", "court or administrative ruling"),
            "standard": ("标准", "standard"),
            "association": ("与社团或非政府组织的协议", "agreement with an association or NGO"),
            "contract": ("合同要求", "contract"),
            "investor": ("投资方要求", "investor requirement"),
            "own_commitment": ("自身承诺", "own commitment"),
            "other": ("其他", "other"),
        },
        example="law",
    )
    mandatory: bool | None = column("强制性", "mandatory", example=True)
    jurisdiction: str | None = column(
        "层级",
        "jurisdiction",
        choices={
            "international": ("国际", "international"),
            "national": ("国家", "national"),
            "local": ("地方", "local"),
            "industry": ("行业", "industry"),
            "private": ("相关方", "private"),
        },
        example="national",
    )
    issuer: str | None = column("发布机构", "issuer", example="国务院")
    effective_on: date | None = column("实施日期", "in force since", example="2024-05-01")
    obtained_on: date | None = column("获取日期", "obtained on", example="2024-03-01")
    obtained_from: str | None = column(
        "获取途径",
        "obtained from",
        choices={
            "government": ("政府", "government"),
            "media": ("媒体", "media"),
            "interested_party": ("相关方", "interested party"),
            "industry_body": ("行业组织", "industry body"),
            "service": ("专业服务", "professional service"),
            "other": ("其他", "other"),
        },
        example="government",
    )
    requirement: str | None = column("具体要求", "what it asks", example="按期清缴碳排放配额")
    how_it_applies: str | None = column(
        "如何应用于本组织",
        "how it applies here",
        example="本公司为重点排放单位，须按年清缴",
        help=("写明适用的场所、活动和要做的事", "which places and activities, and what has to be done"),
    )
    concerns_sources: bool | None = column("与碳源有关", "concerns carbon sources", example=True)
    concerns_sinks: bool | None = column("与碳汇有关", "concerns carbon sinks", example=False)
    concerns_system: bool | None = column("与碳管理体系有关", "concerns the system", example=True)
    limits_emissions: bool | None = column(
        "碳总量或强度控制要求", "limits total emissions or intensity", example=True
    )
    concerns_allowances: bool | None = column("与配额履约有关", "concerns allowances", example=True)
    concerns_technology: bool | None = column(
        "鼓励、限制、淘汰的工艺和设备", "encouraged, restricted or phased-out technology", example=False
    )
    concerns_industry_policy: bool | None = column(
        "行业及上下游政策", "policy for the industry and its chain", example=False
    )
    effect_on_sources: str | None = column(
        "对碳源的作用",
        "effect on the carbon sources",
        example="限定锅炉年排放上限",
        help=("碳评审中的评价结果", "as evaluated in the carbon review"),
    )
    process: str | None = column(
        "纳入的过程",
        "process it is built into",
        ref="process",
        example="PROC-1",
        help=("体系中哪个过程落实该义务", "the process of the system that carries it"),
    )
    responsible: str | None = column("责任人", "responsible", ref="person", example="PERSON-1")
    key_obligation: bool | None = column(
        "对体系有重要影响", "of great importance to the system", example=True
    )
    concerns_energy_limits: bool | None = column(
        "能耗限额、设备能效要求", "energy limits or efficiency of equipment", example=False
    )


class ObligationReview(
    Record,
    kind="obligation_review",
    zh="合规义务评审",
    en="obligation review",
    about_zh="对合规义务（清单）持续适宜性的一次评审；附件为评审记录",
    about_en="one review of whether the list of obligations is still suitable; the document is its record",
):
    """One review of the continuing suitability of the obligations."""

    reviewed_on: date | None = column("评审日期", "reviewed on", example="2026-03-10")
    reviewed_by: str | None = column("评审人", "reviewed by", ref="person", example="PERSON-1")
    covers_all: bool | None = column("覆盖全部合规义务", "covers all obligations", example=True)
    still_suitable: bool | None = column(
        "仍然适宜", "still suitable", example=True, help=("评审结论", "the conclusion of the review")
    )
    conclusion: str | None = column("结论", "conclusion", example="新增 1 项、废止 1 项")
    list_updated_on: date | None = column("清单更新日期", "list updated on", example="2026-03-12")
    supervised_by_top_management: bool | None = column(
        "最高管理者督促", "supervised by top management", example=True
    )
