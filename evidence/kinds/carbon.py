"""Carbon itself: parameters and baselines, data and meters, products, assets, projects and events."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Pair, Record, column

LEVELS: Mapping[str, Pair] = {
    "organisation": ("组织", "organisation"),
    "department": ("部门（车间）", "department"),
    "production_unit": ("生产单元（工序）", "production unit"),
    "equipment": ("设施设备", "equipment"),
    "supply_chain": ("供应链", "supply chain"),
    "product": ("产品/服务", "product or service"),
    "project": ("项目", "project"),
    "event": ("活动", "event"),
}

SOURCE_CLASSES: Mapping[str, Pair] = {
    "stationary_combustion": ("固定源燃烧", "stationary combustion"),
    "mobile_combustion": ("移动源燃烧", "mobile combustion"),
    "process": ("工业生产过程", "industrial process"),
    "waste": ("废弃物处理处置", "waste treatment"),
    "fugitive": ("逸散", "fugitive"),
    "purchased_electricity": ("净购入电力", "net purchased electricity"),
    "purchased_heat": ("净购入热力（含蒸汽）", "net purchased heat or steam"),
    "exported_electricity": ("输出电力", "exported electricity"),
    "exported_heat": ("输出热力（含蒸汽）", "exported heat or steam"),
    "biomass": ("生物质燃烧", "biomass combustion"),
    "purchased_goods": ("外购产品隐含碳", "carbon embodied in purchased products"),
    "transport": ("外部运输", "transport by others"),
    "product_use": ("产品使用", "use of products"),
    "recovery": ("回收、捕集、封存或再利用", "recovery, capture, storage or reuse"),
    "sink": ("碳汇", "sink"),
    "other": ("其他", "other"),
}

SUBSTANCES: Mapping[str, Pair] = {
    "coal": ("煤", "coal"),
    "coke": ("焦炭", "coke"),
    "crude_oil": ("原油", "crude oil"),
    "fuel_oil": ("燃料油", "fuel oil"),
    "petrol": ("汽油", "petrol"),
    "diesel": ("柴油", "diesel"),
    "other_petroleum": ("其他石油制品", "other petroleum product"),
    "lpg": ("液化石油气", "liquefied petroleum gas"),
    "natural_gas": ("天然气", "natural gas"),
    "refinery_gas": ("炼厂干气", "refinery gas"),
    "coke_oven_gas": ("焦炉煤气", "coke-oven gas"),
    "other_fuel": ("其他燃料", "other fuel"),
    "electricity": ("电力", "electricity"),
    "heat": ("热力", "heat"),
    "steam": ("蒸汽", "steam"),
    "cooling": ("冷量", "cooling"),
    "compressed_air": ("压缩空气", "compressed air"),
    "water": ("水", "water"),
    "biomass": ("生物质", "biomass"),
    "limestone": ("石灰石", "limestone"),
    "electrode": ("电极", "electrode"),
    "carbon_dioxide": ("二氧化碳气体", "carbon dioxide gas"),
    "acetylene": ("乙炔", "acetylene"),
    "refrigerant": ("制冷剂", "refrigerant"),
    "sf6": ("六氟化硫", "sulphur hexafluoride"),
    "waste_water": ("废水", "waste water"),
    "steel": ("钢铁", "steel"),
    "metal": ("其他金属材料", "other metal"),
    "non_metal": ("非金属材料", "non-metallic material"),
    "composite": ("复合材料", "composite"),
    "other": ("其他", "other"),
}

FREQUENCIES: Mapping[str, Pair] = {
    "continuous": ("连续", "continuous"),
    "shift": ("每班", "every shift"),
    "daily": ("每日", "daily"),
    "weekly": ("每周", "weekly"),
    "monthly": ("每月", "monthly"),
    "quarterly": ("每季度", "quarterly"),
    "yearly": ("每年", "yearly"),
    "per_batch": ("每批次", "per batch"),
    "on_event": ("发生时", "when it happens"),
}

DATA_CATEGORIES: Mapping[str, Pair] = {
    "activity_level": ("活动水平", "activity level"),
    "emission_factor": ("排放因子", "emission factor"),
    "relevant_variable": ("相关变量", "relevant variable"),
    "operating_value": ("运行准则规定的量和值", "quantity or value set by an operating criterion"),
    "material_balance": ("物料平衡参数", "material balance parameter"),
    "emission_total": ("碳排放总量", "total emissions"),
    "emission_intensity": ("碳排放强度", "emission intensity"),
    "benchmark": ("先进值", "benchmark"),
    "carbon_asset": ("碳资产", "carbon asset"),
    "carbon_trade": ("碳交易", "carbon trade"),
    "static_factor": ("静态因素", "static factor"),
    "action_plan": ("措施计划规定的数据", "datum required by an action plan"),
    "production": ("产量和产值", "output and output value"),
    "equipment_state": ("设备运行参数", "operating parameter of equipment"),
    "supplier": ("供应商碳数据", "supplier's carbon data"),
    "other": ("其他", "other"),
}

PARAMETER_TYPES: Mapping[str, Pair] = {
    "emission_total": ("碳排放总量", "total emissions"),
    "emission_intensity": ("碳排放强度", "emission intensity"),
    "energy": ("能耗或能效", "energy use or efficiency"),
    "operating_state": ("运行状态", "operating state"),
    "footprint": ("碳足迹", "carbon footprint"),
    "reduction": ("减排量", "emission reduction"),
    "removal": ("清除量", "removal"),
    "other": ("其他", "other"),
}

FACTOR_SOURCES: Mapping[str, Pair] = {
    "measured": ("实测", "measured"),
    "supplier": ("供应商提供", "supplier"),
    "national": ("国家主管部门发布", "published by a national authority"),
    "provincial": ("地方主管部门发布", "published by a local authority"),
    "sector": ("行业指南缺省值", "sector guideline default"),
    "international": ("国际组织缺省值", "international default"),
    "database": ("专业数据库", "database"),
}


class PerformanceParameter(
    Record,
    kind="performance_parameter",
    zh="碳绩效参数",
    en="performance parameter",
    about_zh="用来衡量碳绩效的一个参数，每个参数一行",
    about_en="a parameter by which carbon performance is measured, one row each",
):
    """A parameter that measures carbon performance."""

    name: str | None = column("名称", "name", example="单位产值碳排放量")
    level: str | None = column("层级", "level", choices=LEVELS, example="organisation")
    parameter_type: str | None = column(
        "参数类型", "type of parameter", choices=PARAMETER_TYPES, example="emission_intensity"
    )
    measure_unit: str | None = column("计量单位", "unit of measurement", example="tCO2e/万元")
    formula: str | None = column(
        "计算方法",
        "how it is computed",
        help=("直接测量的写“直接测量”", "say so if it is measured directly"),
        example="排放总量 / 产值",
    )
    monitoring_method: str | None = column(
        "监视测量方法", "how it is monitored", example="按月由能源报表计算"
    )
    monitoring_frequency: str | None = column(
        "监视频次", "how often it is monitored", choices=FREQUENCIES, example="monthly"
    )
    improvement_direction: str | None = column(
        "改进方向",
        "direction of improvement",
        choices={
            "lower": ("越低越好", "lower is better"),
            "higher": ("越高越好", "higher is better"),
            "range": ("保持在区间内", "within a range"),
        },
        example="lower",
    )
    improvement_criterion: str | None = column(
        "改进判据",
        "what counts as improvement",
        help=(
            "数值如何变化算改进，已排除产量等影响",
            "which change counts as improvement, output and the like set aside",
        ),
        example="同口径比基准下降",
    )
    determined_on: date | None = column("确定日期", "determined on", example="2025-09-10")
    updated_on: date | None = column("最近更新日期", "last updated on")
    carbon_review: str | None = column("所依据的碳评审", "carbon review it rests on", ref="carbon_review")
    parameter_method: str | None = column(
        "确定和更新方法", "method of determining it", ref="parameter_method", example="PM1"
    )
    variables_considered: str | None = column(
        "如何考虑相关变量", "how variables were considered", example="按当量产量建立回归关系"
    )
    subject: str | None = column(
        "对象", "what it is about", help=("如某车间、设备、产品", "a workshop, machine or product")
    )
    responsible: str | None = column("负责人", "responsible person", ref="person")


class ParameterMethod(
    Record,
    kind="parameter_method",
    zh="碳绩效参数方法",
    en="parameter method",
    about_zh="规定如何确定和更新碳绩效参数的文件，每个版本一行",
    about_en="a document saying how parameters are determined and updated, one row per edition",
):
    """A documented method by which performance parameters are determined and updated."""

    title: str | None = column("标题", "title", example="碳绩效参数管理规定")
    version: str | None = column("版本", "version", example="B/1")
    covers_determination: bool | None = column(
        "规定如何确定参数", "says how parameters are determined", example=True
    )
    covers_update: bool | None = column("规定如何更新参数", "says how parameters are updated", example=True)
    covers_monitoring: bool | None = column("规定监测方法", "says how they are monitored", example=True)
    covers_cycle: bool | None = column("规定监测周期", "sets the monitoring cycle", example=True)
    covers_abnormal: bool | None = column(
        "规定异常判定和处理", "says how abnormal values are told and handled", example=True
    )
    covers_improvement: bool | None = column(
        "规定分析与改进", "covers analysis and improvement", example=True
    )
    reviewed_on: date | None = column("最近评审日期", "last reviewed on", example="2026-03-02")


class ParameterValue(
    Record,
    kind="parameter_value",
    zh="碳绩效参数值",
    en="parameter value",
    about_zh="某一期间一个碳绩效参数的值及其评审，每期一行；期间填在“覆盖期间”",
    about_en="the value of a parameter over one period and its review, one row per period",
):
    """The value of one parameter over the period covered."""

    parameter: str = column(
        "碳绩效参数", "parameter", ref="performance_parameter", required=True, example="PP1"
    )
    amount: Decimal | None = column(
        "数值", "value", help=("单位同参数", "in the unit of the parameter"), example="0.412"
    )
    normalised_amount: Decimal | None = column("归一化后的数值", "normalised value", example="0.405")
    normalisation_method: str | None = column("归一化方法", "how it was normalised", example="按当量产量回归")
    baseline: str | None = column("对照的碳基准", "baseline compared with", ref="baseline", example="B1")
    baseline_amount: Decimal | None = column("碳基准值", "value of the baseline", example="0.450")
    historic_amount: Decimal | None = column("历史同期值", "value of the same period before", example="0.431")
    benchmark_amount: Decimal | None = column("先进值", "benchmark", example="0.390")
    expected_amount: Decimal | None = column("预期值", "expected value", example="0.410")
    reviewed_on: date | None = column("评审日期", "reviewed on", example="2026-01-15")
    reviewed_by: str | None = column("评审人", "reviewed by", ref="person")
    comparison: str | None = column(
        "与碳基准比较的结果",
        "result of the comparison with the baseline",
        choices={
            "improved": ("改进", "improved"),
            "unchanged": ("持平", "unchanged"),
            "worse": ("变差", "worse"),
            "not_compared": ("不宜比较", "not fit to be compared"),
        },
        example="improved",
    )
    comparison_note: str | None = column(
        "比较说明",
        "remark on the comparison",
        help=("不宜比较时写明理由", "the reason where it is not fit to be compared"),
    )


class Baseline(
    Record,
    kind="baseline",
    zh="碳基准",
    en="baseline",
    about_zh="一个碳绩效参数的定量参照；基准期填在“覆盖期间”，每次建立或调整一行",
    about_en="the reference of a parameter, one row per setting; the base period is the period covered",
):
    """The quantitative reference of one parameter over its base period."""

    parameter: str | None = column("碳绩效参数", "parameter", ref="performance_parameter", example="PP1")
    level: str | None = column("层级", "level", choices=LEVELS, example="organisation")
    amount: Decimal | None = column(
        "基准值", "value", help=("单位同参数", "in the unit of the parameter"), example="0.450"
    )
    base_year: int | None = column("基准年", "base year", example=2024)
    base_line: str | None = column(
        "基准线",
        "base line",
        help=("用公式或曲线表示的基准", "a reference given by a formula or curve"),
        example="E = 120 + 0.31 x 产量",
    )
    carbon_review: str | None = column(
        "所依据的碳评审", "carbon review it rests on", ref="carbon_review", example="CR1"
    )
    period_basis: str | None = column(
        "时段合适的理由", "why the period suits", example="生产稳定的完整自然年"
    )
    variables_basis: str | None = column(
        "如何考虑相关变量的活动水平",
        "how levels of relevant variables were considered",
        example="按基准年当量产量",
    )
    established_on: date | None = column("建立日期", "established on", example="2025-09-20")
    normalised: bool | None = column("已归一化", "normalised", example=True)
    normalisation_method: str | None = column("归一化方法", "how it was normalised", example="按当量产量回归")
    baseline_method: str | None = column("确定方法", "method of setting it", ref="baseline_method")
    previous_baseline: str | None = column("上一版碳基准", "baseline it replaces", ref="baseline")
    considers_boundary: bool | None = column(
        "考虑核算边界", "considers the accounting boundary", example=True
    )
    considers_accounting_method: bool | None = column(
        "考虑核算方法", "considers the accounting method", example=True
    )
    considers_metering: bool | None = column("考虑计量手段", "considers metering", example=True)
    considers_region: bool | None = column("考虑区域", "considers the region", example=True)
    considers_period: bool | None = column("考虑时段", "considers the period", example=True)
    considers_industry_level: bool | None = column(
        "考虑行业水平", "considers the level of the industry", example=True
    )
    considers_capability: bool | None = column("考虑自身能力", "considers own capability", example=True)
    considers_obligations: bool | None = column(
        "考虑合规义务", "considers compliance obligations", example=True
    )
    considers_monitoring_plan: bool | None = column(
        "考虑监测计划", "considers the monitoring plan", example=True
    )
    considers_management_level: bool | None = column(
        "考虑碳管理水平", "considers the level of carbon management", example=True
    )
    considers_production: bool | None = column(
        "考虑产品和生产特点", "considers product and production features", example=True
    )
    considers_facilities: bool | None = column(
        "考虑主要排放设施绩效", "considers performance of main emitting facilities", example=True
    )
    considers_operation: bool | None = column(
        "考虑燃料、设备、负荷和操作条件",
        "considers fuel, equipment, load and operating conditions",
        example=True,
    )
    structure_stable: bool | None = column(
        "基准期排放、产品和工艺结构稳定", "stable emission, product and process structure", example=True
    )
    operation_stable: bool | None = column(
        "基准期生产经营稳定", "stable production and business", example=True
    )
    data_reliable: bool | None = column(
        "基准期数据齐全可靠", "complete and reliable data in the base period", example=True
    )
    no_major_accident: bool | None = column(
        "基准期无重大停产事故", "no major stoppage in the base period", example=True
    )
    considers_previous_year: bool | None = column(
        "考虑上年度数据", "considers the previous year", example=True
    )
    considers_typical_year: bool | None = column("考虑典型年数据", "considers a typical year", example=True)
    considers_historic_mean: bool | None = column(
        "考虑历史均值", "considers the historical mean", example=True
    )
    alert_rule: str | None = column(
        "预警规则",
        "alert rule",
        help=("实际值偏离多少时报警", "how far a value may depart before an alert"),
        example="月值高于基准 10%",
    )
    purpose: str | None = column("使用目的", "purpose", example="评价年度碳绩效改进")
    statistic_cycle: str | None = column(
        "统计周期", "statistical cycle", choices=FREQUENCIES, example="monthly"
    )
    tested_on: date | None = column("计算和测试日期", "computed and tested on", example="2025-09-18")
    reviewed_on: date | None = column("最近评审日期", "last reviewed on", example="2026-01-20")


class BaselineMethod(
    Record,
    kind="baseline_method",
    zh="碳基准方法",
    en="baseline method",
    about_zh="规定如何确定和调整碳基准的文件，每个版本一行",
    about_en="a document saying how baselines are set and adjusted, one row per edition",
):
    """A documented method by which baselines are set and adjusted."""

    title: str | None = column("标题", "title", example="碳基准管理规定")
    version: str | None = column("版本", "version", example="A/0")
    covers_calculation: bool | None = column("规定统计计算准则", "sets rules of calculation", example=True)
    covers_period: bool | None = column("规定时间范围", "sets the time range", example=True)
    covers_update: bool | None = column("规定更新", "says when it is updated", example=True)
    adjustment_rule: str | None = column(
        "预先确定的调整规则", "rule of adjustment set beforehand", example="产量变化超过 20% 时按回归公式调整"
    )


BASELINE_CAUSES: Mapping[str, Pair] = {
    "parameter_not_reflecting": ("参数不再反映碳绩效", "the parameter no longer reflects performance"),
    "static_factor": ("静态因素重大变化", "major change of a static factor"),
    "predetermined_method": ("触发预定的调整规则", "a rule set beforehand applies"),
    "boundary": ("边界或统计口径变化", "change of boundary or of what is counted"),
    "material": ("主要原辅材料调整", "change of main materials"),
    "facility": ("主要设备设施变化", "change of main equipment"),
    "process": ("生产工艺变化", "change of process"),
    "product": ("产品或产品结构变化", "change of product or product mix"),
    "method_or_factor": ("核算方法、因子、标准等变化", "change of method, factor or standard"),
    "alert": ("数据预警被触发", "the alert rule fired"),
    "other": ("其他重大变化", "other major change"),
}


class BaselineEvent(
    Record,
    kind="baseline_event",
    zh="碳基准调整事由",
    en="baseline event",
    about_zh="可能要求评审或调整碳基准的一件事，每件一行",
    about_en="something that may require a baseline to be reviewed or adjusted, one row each",
):
    """An event that calls a baseline in question."""

    cause: str | None = column("事由", "cause", choices=BASELINE_CAUSES, example="static_factor")
    occurred_on: date | None = column("发生日期", "occurred on", example="2026-02-01")
    description: str | None = column("说明", "description", example="新增涂装线")
    major: bool | None = column(
        "属重大变化",
        "major change",
        help=("重大的准则由本组织确定", "what is major the organisation decides"),
        example=True,
    )
    baseline: str | None = column("涉及的碳基准", "baseline concerned", ref="baseline", example="B1")
    static_factor: str | None = column("涉及的静态因素", "static factor concerned", ref="static_factor")
    change: str | None = column("相关变更", "related change", ref="change")


class BaselineAdjustment(
    Record,
    kind="baseline_adjustment",
    zh="碳基准调整",
    en="baseline adjustment",
    about_zh="对一件事由作出的评审和调整，每次一行",
    about_en="the review and adjustment made for an event, one row each",
):
    """How a baseline was reviewed and adjusted after an event."""

    event: str | None = column("事由", "event", ref="baseline_event", example="BE1")
    baseline: str | None = column("碳基准", "baseline", ref="baseline", example="B1")
    reviewed_on: date | None = column("评审日期", "reviewed on", example="2026-02-20")
    decision: str | None = column(
        "决定",
        "decision",
        choices={"adjust": ("调整", "adjust"), "keep": ("不调整", "keep")},
        example="adjust",
    )
    decision_basis: str | None = column("决定依据", "basis of the decision", example="影响超过 5%")
    adjusted_on: date | None = column("调整日期", "adjusted on", example="2026-03-01")
    previous_amount: Decimal | None = column("调整前的值", "value before", example="0.450")
    adjusted_amount: Decimal | None = column("调整后的值", "value after", example="0.470")
    adjusted_formula: str | None = column(
        "调整后的基准线", "base line after", help=("基准用公式表示时填写", "where the reference is a formula")
    )
    method: str | None = column("调整方法", "method of adjustment", example="按新增产能重算基准年")
    new_baseline: str | None = column("调整后的碳基准", "baseline after", ref="baseline")


class StaticFactor(
    Record,
    kind="static_factor",
    zh="静态因素",
    en="static factor",
    about_zh="显著影响碳绩效而不常变化的因素；发生重大变化时另记一行“碳基准调整事由”",
    about_en="a factor that matters and seldom changes; a major change is also recorded as a baseline event",
):
    """A known factor of weight that seldom changes."""

    name: str | None = column("名称", "name", example="厂房供暖面积")
    amount: Decimal | None = column("数值", "value", example="18000")
    measure_unit: str | None = column("计量单位", "unit of measurement", example="m2")
    significance_criterion: str | None = column(
        "显著性准则", "criterion of significance", example="影响排放总量 5% 以上"
    )
    determined_on: date | None = column("确定日期", "determined on", example="2025-09-10")
    checked_on: date | None = column("最近核对日期", "last checked on", example="2026-01-10")
    significant_energy_use: str | None = column(
        "主要能源使用", "significant energy use", ref="significant_energy_use"
    )
    emission_source: str | None = column("碳源", "emission source", ref="emission_source")


class RelevantVariable(
    Record,
    kind="relevant_variable",
    zh="相关变量",
    en="relevant variable",
    about_zh="影响碳绩效且经常变化的可量化因素，如产量、气温",
    about_en="a quantity that affects performance and changes often, such as output or temperature",
):
    """A quantifiable factor that changes routinely and affects performance."""

    name: str | None = column("名称", "name", example="当量产量")
    parameter: str | None = column("碳绩效参数", "parameter", ref="performance_parameter", example="PP1")
    significant_energy_use: str | None = column(
        "主要能源使用", "significant energy use", ref="significant_energy_use"
    )
    measure_unit: str | None = column("计量单位", "unit of measurement", example="台")
    activity_level: Decimal | None = column("当前活动水平", "current level", example="52000")
    significant: bool | None = column("数据表明影响显著", "data show it matters", example=True)
    significance_basis: str | None = column("判定依据", "basis of the finding", example="回归 R2 = 0.91")
    determined_on: date | None = column("确定日期", "determined on", example="2025-09-10")


class DataCollectionPlan(
    Record,
    kind="data_collection_plan",
    zh="碳数据收集计划",
    en="data collection plan",
    about_zh="规定收集哪些碳数据及如何收集的计划，每个版本一行；数据逐项填在“碳数据项”",
    about_en="a plan of the data to collect, one row per edition; the data are data items",
):
    """A plan of the data to collect, one edition."""

    title: str | None = column("标题", "title", example="2026 年碳数据收集计划")
    version: str | None = column("版本", "version", example="A/2")
    level: str | None = column("层级", "level", choices=LEVELS, example="organisation")
    implemented_on: date | None = column("实施日期", "implemented on", example="2026-01-01")
    fits_scale: bool | None = column("适合规模", "fits the size", example=True)
    fits_complexity: bool | None = column("适合复杂程度", "fits the complexity", example=True)
    fits_resources: bool | None = column("适合资源", "fits the resources", example=True)
    fits_equipment: bool | None = column("适合监视测量设备", "fits the monitoring equipment", example=True)
    fit_basis: str | None = column("适合的理由", "why it fits", example="数据项与现有表计一一对应")
    responsible: str | None = column("负责人", "responsible person", ref="person")


class DataPlanReview(
    Record,
    kind="data_plan_review",
    zh="碳数据收集计划评审",
    en="review of the data collection plan",
    about_zh="对碳数据收集计划的一次评审，每次一行",
    about_en="a review of a data collection plan, one row each",
):
    """One review of a data collection plan."""

    data_collection_plan: str | None = column("计划", "plan", ref="data_collection_plan", example="DCP1")
    reviewed_on: date | None = column("评审日期", "reviewed on", example="2025-12-15")
    reviewed_by: str | None = column("评审人", "reviewed by", ref="person")
    update_needed: bool | None = column("需要更新", "update needed", example=True)
    updated_on: date | None = column("更新日期", "updated on", example="2025-12-28")
    conclusion: str | None = column("结论", "conclusion", example="增加空压站分表")


class DataItem(
    Record,
    kind="data_item",
    zh="碳数据项",
    en="data item",
    about_zh="计划收集的一项数据：收集什么、如何收集、多久一次、怎样保留",
    about_en="a datum to be collected: what, how, how often, how it is kept",
):
    """One datum of a data collection plan."""

    data_collection_plan: str | None = column("计划", "plan", ref="data_collection_plan", example="DCP1")
    name: str | None = column("名称", "name", example="熔炼工序用电量")
    category: str | None = column("类别", "category", choices=DATA_CATEGORIES, example="activity_level")
    key_characteristic: str | None = column(
        "关键特性",
        "key characteristic",
        help=("该数据用来监视哪项关键特性", "the key characteristic it serves"),
        example="熔炼炉电耗",
    )
    scope_level: str | None = column("层级", "level", choices=LEVELS, example="production_unit")
    substance: str | None = column(
        "物质或能源", "substance or energy", choices=SUBSTANCES, example="electricity"
    )
    measure_unit: str | None = column("计量单位", "unit of measurement", example="kWh")
    collection_method: str | None = column(
        "收集方式",
        "how it is collected",
        choices={
            "automatic": ("自动采集", "automatic"),
            "manual_reading": ("人工抄表", "manual reading"),
            "invoice": ("结算凭证", "invoice"),
            "stocktake": ("盘存", "stocktake"),
            "laboratory": ("化验", "laboratory"),
            "calculation": ("计算", "calculation"),
            "supplier": ("供应商提供", "from the supplier"),
            "published": ("引用公布值", "published value"),
        },
        example="automatic",
    )
    frequency: str | None = column("收集频次", "how often", choices=FREQUENCIES, example="monthly")
    retention_method: str | None = column("保留方式", "how it is kept", example="能碳平台数据库")
    retention_years: int | None = column("保留年限", "years kept", unit="a", example=5)
    responsible: str | None = column("负责人", "responsible person", ref="person")
    priority: int | None = column("优先级", "priority", help=("1 最高", "1 is the highest"), example=1)
    quality_control: str | None = column("质量控制要求", "quality control", example="与电费结算单交叉核对")
    significant_energy_use: str | None = column(
        "主要能源使用", "significant energy use", ref="significant_energy_use"
    )
    emission_source: str | None = column("碳源", "emission source", ref="emission_source")
    operating_criterion: str | None = column("运行准则", "operating criterion", ref="operating_criterion")
    action_plan: str | None = column("措施计划", "action plan", ref="action_plan")
    meter: str | None = column("计量器具", "meter", ref="meter")
    relevant_variable: str | None = column("相关变量", "relevant variable", ref="relevant_variable")
    static_factor: str | None = column("静态因素", "static factor", ref="static_factor")


class ActivityDatum(
    Record,
    kind="activity_datum",
    zh="碳数据",
    en="activity datum",
    about_zh="实际收集到的一个数据；所属期间填在“覆盖期间”",
    about_en="a datum actually collected; its period is the period covered",
):
    """A quantity collected for the period covered."""

    name: str | None = column("名称", "name", example="熔炼工序用电量")
    data_item: str | None = column("计划的数据项", "planned data item", ref="data_item", example="DI1")
    category: str | None = column("类别", "category", choices=DATA_CATEGORIES, example="activity_level")
    source_class: str | None = column(
        "排放类型", "source class", choices=SOURCE_CLASSES, example="purchased_electricity"
    )
    substance: str | None = column(
        "物质或能源", "substance or energy", choices=SUBSTANCES, example="electricity"
    )
    emission_source: str | None = column("碳源", "emission source", ref="emission_source")
    carbon_sink: str | None = column("碳汇", "carbon sink", ref="carbon_sink")
    quantity: Decimal | None = column("数量", "quantity", example="1250000")
    measure_unit: str | None = column("计量单位", "unit of measurement", example="kWh")
    data_origin: str | None = column(
        "数据来源",
        "origin of the datum",
        choices={
            "metered": ("计量", "metered"),
            "invoice": ("结算凭证", "invoice"),
            "stocktake": ("盘存", "stocktake"),
            "laboratory": ("化验", "laboratory"),
            "calculated": ("计算", "calculated"),
            "estimated": ("估算", "estimated"),
            "supplier": ("供应商提供", "supplier"),
        },
        example="metered",
    )
    origin_document: str | None = column("来源凭证", "document it comes from", example="电费结算单 2026-03")
    collected_on: date | None = column("收集日期", "collected on", example="2026-04-02")
    collected_by: str | None = column("收集人", "collected by", ref="person")
    analysed_on: date | None = column("分析日期", "analysed on", example="2026-04-08")
    meter: str | None = column("计量器具", "meter", ref="meter", example="M1")
    emission_factor: str | None = column("排放因子", "emission factor", ref="emission_factor", example="EF1")
    emission: Decimal | None = column("排放量", "emission", unit="tCO2e", example="663.3")
    removal: Decimal | None = column("清除或回收量", "removed or recovered", unit="tCO2e")
    relevant_variable: str | None = column("相关变量", "relevant variable", ref="relevant_variable")
    static_factor: str | None = column("静态因素", "static factor", ref="static_factor")
    significant_energy_use: str | None = column(
        "主要能源使用", "significant energy use", ref="significant_energy_use"
    )
    action_plan: str | None = column("措施计划", "action plan", ref="action_plan")
    transport_mode: str | None = column("运输方式", "mode of transport", example="公路")
    transport_distance: Decimal | None = column("运输距离", "transport distance", unit="km")
    transport_trips: int | None = column("运输次数", "number of trips")
    cross_checked_on: date | None = column("交叉核对日期", "cross-checked on", example="2026-04-05")


class EmissionFactor(
    Record,
    kind="emission_factor",
    zh="排放因子",
    en="emission factor",
    about_zh="核算采用的一个排放因子及其参数和来源",
    about_en="a factor used in the accounting, with its parameters and where they come from",
):
    """A factor used in the accounting, and its source."""

    name: str | None = column("名称", "name", example="全国电力平均二氧化碳排放因子")
    source_class: str | None = column(
        "排放类型", "source class", choices=SOURCE_CLASSES, example="purchased_electricity"
    )
    substance: str | None = column(
        "物质或能源", "substance or energy", choices=SUBSTANCES, example="electricity"
    )
    gas: str | None = column(
        "气体",
        "gas",
        choices={
            "co2e": ("二氧化碳当量", "CO2 equivalent"),
            "co2": ("二氧化碳", "CO2"),
            "ch4": ("甲烷", "CH4"),
            "n2o": ("氧化亚氮", "N2O"),
            "hfcs": ("氢氟碳化物", "HFCs"),
            "pfcs": ("全氟碳化物", "PFCs"),
            "sf6": ("六氟化硫", "SF6"),
            "nf3": ("三氟化氮", "NF3"),
        },
        example="co2",
    )
    amount: Decimal | None = column("因子值", "value of the factor", example="0.5306")
    measure_unit: str | None = column("因子单位", "unit of the factor", example="kgCO2/kWh")
    heating_value: Decimal | None = column(
        "低位发热量", "net calorific value", help=("单位写在备注", "say the unit in the note")
    )
    carbon_content: Decimal | None = column("单位热值含碳量", "carbon content per unit of heat", unit="tC/GJ")
    oxidation_rate: Decimal | None = column("碳氧化率", "oxidation rate", unit="%")
    global_warming_potential: Decimal | None = column("全球变暖潜势", "global warming potential")
    other_parameter: str | None = column("其他参数", "other parameters")
    factor_source: str | None = column(
        "来源类型", "kind of source", choices=FACTOR_SOURCES, example="national"
    )
    source_title: str | None = column("来源文件", "source document", example="主管部门公告")
    factor_year: int | None = column("因子年份", "year of the factor", example=2023)
    reason: str | None = column("选用理由", "why it was chosen", example="最新发布的全国平均值")


class Meter(
    Record,
    kind="meter",
    zh="计量器具",
    en="meter",
    about_zh="能源或碳计量器具、监视测量设备，每台一行；报废的填失效日期",
    about_en="a meter or monitoring device, one row each; give a scrapped one its last day of validity",
):
    """A meter or monitoring device."""

    name: str | None = column("名称", "name", example="熔炼车间总电表")
    serial_number: str | None = column("出厂编号", "serial number", example="DB-0031")
    meter_type: str | None = column(
        "类型",
        "type",
        choices={
            "electricity": ("电能表", "electricity meter"),
            "gas": ("气体流量计", "gas meter"),
            "liquid": ("液体流量计", "liquid meter"),
            "steam": ("蒸汽流量计", "steam meter"),
            "heat": ("热量表", "heat meter"),
            "weighing": ("衡器", "weighing device"),
            "temperature": ("温度仪表", "thermometer"),
            "pressure": ("压力仪表", "pressure gauge"),
            "analyser": ("分析仪器", "analyser"),
            "other": ("其他", "other"),
        },
        example="electricity",
    )
    model: str | None = column("型号", "model", example="DTZ341")
    location: str | None = column("安装地点", "where it stands", example="1 号变电所")
    substance: str | None = column("计量对象", "what it measures", choices=SUBSTANCES, example="electricity")
    metering_level: str | None = column(
        "配备级别",
        "metering level",
        choices={
            "site": ("用能单位", "entry of the organisation"),
            "sub_unit": ("次级用能单位", "sub-unit"),
            "equipment": ("主要用能设备", "main equipment"),
        },
        example="sub_unit",
    )
    accuracy_class: str | None = column("准确度等级", "accuracy class", example="0.5S")
    accuracy_required: str | None = column("要求的准确度等级", "accuracy class required", example="1.0")
    meets_gb17167: bool | None = column(
        "配备符合 GB 17167",
        "equipped as GB 17167 asks",
        help=("仅对能源计量器具填写", "for energy meters only"),
        example=True,
    )
    for_key_characteristic: bool | None = column(
        "用于关键特性", "used for a key characteristic", example=True
    )
    needs_calibration: bool | None = column(
        "需检定或校准",
        "needs calibration",
        help=("仅指示用的填“否”", "no for a mere indicator"),
        example=True,
    )
    calibration_months: int | None = column(
        "检定或校准周期", "calibration interval", unit="months", example=12
    )
    online: bool | None = column("在线监测", "read online", example=True)
    installed_on: date | None = column("安装日期", "installed on", example="2022-05-01")
    maintained_on: date | None = column("最近维护日期", "last maintained on", example="2026-02-11")
    significant_energy_use: str | None = column(
        "主要能源使用", "significant energy use", ref="significant_energy_use"
    )
    emission_source: str | None = column("碳源", "emission source", ref="emission_source")


class Calibration(
    Record,
    kind="calibration",
    zh="检定或校准",
    en="calibration",
    about_zh="对一台计量器具的一次检定、校准或维护",
    about_en="one verification, calibration or maintenance of a meter",
):
    """One calibration of one meter."""

    meter: str = column("计量器具", "meter", ref="meter", required=True, example="M1")
    action: str | None = column(
        "性质",
        "what was done",
        choices={
            "verification": ("检定", "verification"),
            "calibration": ("校准", "calibration"),
            "internal_check": ("内部核查", "internal check"),
            "maintenance": ("维护", "maintenance"),
        },
        example="verification",
    )
    performed_on: date | None = column("实施日期", "done on", example="2026-03-20")
    due_on: date | None = column(
        "下次到期日", "next due on", example="2027-03-19", expires=True, latest_per="meter"
    )
    performed_by: str | None = column("实施机构", "done by", example="市计量院")
    certificate_number: str | None = column("证书编号", "certificate number", example="JD2026-1188")
    traceable: bool | None = column("可溯源", "traceable", example=True)
    result: str | None = column(
        "结果",
        "result",
        choices={
            "passed": ("合格", "passed"),
            "failed": ("不合格", "failed"),
            "limited": ("限用", "limited use"),
        },
        example="passed",
    )
    uncertainty: str | None = column("不确定度", "uncertainty", example="0.2% (k=2)")
    follow_up: str | None = column("不合格的处理", "what was done if it failed")


class MeasurementMethod(
    Record,
    kind="measurement_method",
    zh="准确性和重现性方法",
    en="measurement method",
    about_zh="证明监视测量设备所给数据准确、可重现的方法及结果",
    about_en="how data of a measuring device are shown to be accurate and repeatable, and the result",
):
    """A documented way of establishing accuracy and repeatability."""

    title: str | None = column("名称", "title", example="电能表期间核查规程")
    meter: str | None = column("计量器具", "meter", ref="meter")
    covers_accuracy: bool | None = column("覆盖准确性", "covers accuracy", example=True)
    covers_repeatability: bool | None = column("覆盖可重现性", "covers repeatability", example=True)
    checked_on: date | None = column("最近验证日期", "last checked on", example="2026-03-25")
    result: str | None = column(
        "验证结果",
        "result",
        choices={"accepted": ("合格", "accepted"), "rejected": ("不合格", "rejected")},
        example="accepted",
    )


class Product(
    Record,
    kind="product",
    zh="产品/服务",
    en="product",
    about_zh="一种产品或服务的基本信息",
    about_en="what a product or service is",
):
    """A product or service."""

    name: str | None = column("名称", "name", example="球墨铸铁轮毂")
    model: str | None = column("型号规格", "model", example="QT450-10")
    technical_data: str | None = column("技术参数", "technical data", example="单重 42 kg")
    functional_unit: str | None = column("功能单位", "functional unit", example="1 件轮毂")
    is_service: bool | None = column("是服务", "is a service", example=False)
    main_product: bool | None = column("主要产品", "main product", example=True)
    key_industrial_product: bool | None = column("重点工业产品", "key industrial product", example=True)


class ProductOutput(
    Record,
    kind="product_output",
    zh="产品产量和产值",
    en="product output",
    about_zh="某一期间一种产品的产量和产值；期间填在“覆盖期间”",
    about_en="output of one product over the period covered",
):
    """Output and output value of one product over the period covered."""

    product: str | None = column("产品", "product", ref="product", example="PR1")
    product_name: str | None = column("产品名称", "name of the product", example="球墨铸铁轮毂")
    quantity: Decimal | None = column("产量", "quantity", example="52000")
    qualified_quantity: Decimal | None = column("合格品产量", "quantity of good products", example="51500")
    measure_unit: str | None = column("产量单位", "unit of quantity", example="件")
    output_value: Decimal | None = column("产值", "output value", unit="万元", example="18600")
    value_added: Decimal | None = column("工业增加值", "value added", unit="万元", example="5200")


class DataQualityPlan(
    Record,
    kind="data_quality_plan",
    zh="碳数据质量控制计划",
    en="data quality plan",
    about_zh="保证碳数据质量的规定，每个版本一行",
    about_en="rules that assure the quality of carbon data, one row per edition",
):
    """Rules that assure data quality, one edition."""

    title: str | None = column("标题", "title", example="碳数据质量控制计划")
    version: str | None = column("版本", "version", example="A/1")
    implemented_on: date | None = column("实施日期", "implemented on", example="2026-01-01")
    follows_accounting_rules: bool | None = column(
        "确保符合核算报告准则", "keeps to accounting rules", example=True
    )
    accounting_rules: str | None = column(
        "所依据的核算准则", "accounting rules followed", example="GB/T 32150"
    )
    covers_boundary: bool | None = column("明确核算边界", "sets the accounting boundary", example=True)
    covers_collection: bool | None = column(
        "规定数据的收集和记录", "covers collecting and recording", example=True
    )
    covers_transfer: bool | None = column(
        "规定数据的传递和汇总", "covers passing on and adding up", example=True
    )
    covers_reporting: bool | None = column("规定数据的报告", "covers reporting", example=True)
    covers_equipment: bool | None = column(
        "规定监测设备的配备、维护和校准", "covers equipment and its calibration", example=True
    )
    covers_missing_data: bool | None = column("规定数据缺失的处理", "covers missing data", example=True)
    covers_production_change: bool | None = column(
        "规定生产变化时的处理", "covers changes of production", example=True
    )
    covers_method_change: bool | None = column(
        "规定报告方法变更的处理", "covers changes of method", example=True
    )
    covers_intended_use: bool | None = column(
        "确保数据适合预定用途", "keeps data fit for their use", example=True
    )
    covers_records: bool | None = column(
        "规定核算报告活动的记录", "covers records of accounting", example=True
    )
    covers_responsibility: bool | None = column(
        "明确各环节责任部门", "names the departments in charge", example=True
    )
    covers_internal_control: bool | None = column("规定内部控制程序", "covers internal control", example=True)
    covers_version_control: bool | None = column(
        "规定版本管理和修订", "covers versions and revision", example=True
    )


class DataQualityCheck(
    Record,
    kind="data_quality_check",
    zh="碳数据质量检查",
    en="data quality check",
    about_zh="对碳数据的一次检查、交叉验证或缺失处理",
    about_en="one check, cross-check or treatment of missing data",
):
    """One check of carbon data."""

    data_quality_plan: str | None = column(
        "质量控制计划", "data quality plan", ref="data_quality_plan", example="DQP1"
    )
    checked_on: date | None = column("检查日期", "checked on", example="2026-04-10")
    checked_by: str | None = column("检查人", "checked by", ref="person")
    data_set: str | None = column("检查的数据", "data checked", example="2026 年一季度用电量")
    activity_datum: str | None = column("碳数据", "activity datum", ref="activity_datum")
    check_type: str | None = column(
        "检查内容",
        "what was checked",
        choices={
            "completeness": ("完整性", "completeness"),
            "accuracy": ("准确性", "accuracy"),
            "consistency": ("一致性", "consistency"),
            "cross_check": ("交叉验证", "cross-check"),
            "boundary": ("边界", "boundary"),
            "missing_data": ("缺失处理", "missing data"),
            "uncertainty": ("不确定性", "uncertainty"),
        },
        example="cross_check",
    )
    method: str | None = column("方法", "method", example="台账与结算单比对")
    uncertainty: Decimal | None = column("不确定性", "uncertainty", unit="%", example="3.2")
    passed: bool | None = column("通过", "passed", example=True)
    problem: str | None = column("发现的问题", "problem found")
    corrected_on: date | None = column("纠正日期", "corrected on")


LIFE_CYCLE_STAGES: Mapping[str, Pair] = {
    "material": ("原材料获取", "raw material"),
    "design": ("设计", "design"),
    "production": ("生产", "production"),
    "packaging": ("包装", "packaging"),
    "distribution": ("运输和交付", "transport and delivery"),
    "use": ("使用", "use"),
    "maintenance": ("维护", "maintenance"),
    "recycling": ("再循环", "recycling"),
    "disposal": ("最终处置", "disposal"),
}


class ProductFootprint(
    Record,
    kind="product_footprint",
    zh="产品碳足迹",
    en="product footprint",
    about_zh="一种产品或服务一次碳足迹核算的结果；评审期填在“覆盖期间”",
    about_en="the result of one footprint study; its period is the period covered",
):
    """The footprint of one product or service over the period covered."""

    product: str | None = column("产品", "product", ref="product", example="PR1")
    footprint_year: int | None = column("核算年度", "year", example=2025)
    period_type: str | None = column(
        "评审期类型",
        "kind of period",
        choices={
            "year": ("一年", "a year"),
            "span": ("一段时间", "a span of time"),
            "batch": ("一批次的生产时间", "the making of a batch"),
        },
        example="year",
    )
    life_cycle: str | None = column(
        "生命周期范围",
        "part of the life cycle",
        choices={
            "cradle_to_gate": ("摇篮到大门", "cradle to gate"),
            "cradle_to_grave": ("摇篮到坟墓", "cradle to grave"),
            "gate_to_gate": ("大门到大门", "gate to gate"),
            "other_part": ("其他阶段", "another part"),
        },
        example="cradle_to_gate",
    )
    functional_unit: str | None = column("功能单位", "functional unit", example="1 件轮毂")
    system_boundary: str | None = column(
        "系统边界", "system boundary", example="生铁、熔炼、浇注、加工、包装、出厂"
    )
    sources_and_sinks: str | None = column(
        "碳排放源和汇", "sources and sinks", example="生铁、电力、焦炭、运输"
    )
    factors_used: str | None = column("采用的排放因子", "factors used", example="见排放因子清单")
    amount: Decimal | None = column(
        "碳足迹", "footprint", unit="kgCO2e", help=("每功能单位", "per functional unit"), example="86.4"
    )
    accounting_standard: str | None = column("核算标准", "standard followed", example="GB/T 24067")
    data_basis: str | None = column(
        "数据基础",
        "basis of the data",
        choices={
            "own": ("自有数据", "own data"),
            "database": ("专业数据库", "database"),
            "both": ("两者结合", "both"),
        },
        example="both",
    )
    primary_share: Decimal | None = column("初级数据占比", "share of primary data", unit="%", example="65")
    completed_on: date | None = column("完成日期", "completed on", example="2026-03-31")
    verified_by: str | None = column("核查方", "verified by", example="某认证公司")
    verified_on: date | None = column("核查日期", "verified on", example="2026-04-20")
    published_on: date | None = column("公开日期", "published on")


class FootprintStage(
    Record,
    kind="footprint_stage",
    zh="碳足迹阶段结果",
    en="footprint stage",
    about_zh="碳足迹在一个生命周期阶段的结果、排放重点和减排策略",
    about_en="one life-cycle stage of a footprint: result, hot spot and strategy",
):
    """One life-cycle stage of a footprint."""

    product_footprint: str = column(
        "产品碳足迹", "product footprint", ref="product_footprint", required=True, example="PF1"
    )
    stage: str | None = column("阶段", "stage", choices=LIFE_CYCLE_STAGES, example="production")
    amount: Decimal | None = column("排放量", "emission", unit="kgCO2e", example="31.5")
    hot_spot: bool | None = column("排放重点", "hot spot", example=True)
    strategy: str | None = column("减排策略", "reduction strategy", example="冲天炉改中频炉")
    economically_feasible: bool | None = column("经济可行", "economically feasible", example=True)
    technically_feasible: bool | None = column("技术可行", "technically feasible", example=True)


CREDITS: Mapping[str, Pair] = {
    "allowance": ("碳排放配额", "emission allowance"),
    "ccer": ("核证自愿减排量", "certified voluntary reduction (CCER)"),
    "international_credit": ("国际碳信用", "international credit"),
    "inclusion_credit": ("碳普惠减排量", "carbon inclusion credit"),
    "project_reduction": ("项目减碳量", "reduction of an own project"),
    "sink": ("碳汇", "sink"),
    "green_certificate": ("绿色电力证书", "green power certificate"),
    "finance_product": ("碳金融产品", "carbon finance product"),
    "other": ("其他", "other"),
}


class CarbonAsset(
    Record,
    kind="carbon_asset",
    zh="碳资产",
    en="carbon asset",
    about_zh="拥有或控制的一项碳资产",
    about_en="a carbon asset owned or controlled",
):
    """A carbon asset owned or controlled."""

    asset_type: str | None = column("类型", "type", choices=CREDITS, example="allowance")
    name: str | None = column("名称", "name", example="2025 年度配额")
    identified_on: date | None = column("识别日期", "identified on", example="2025-12-20")
    quantity: Decimal | None = column("数量", "quantity", unit="tCO2e", example="12000")
    value: Decimal | None = column("价值", "value", unit="万元", example="96")
    counted_on: date | None = column("统计日期", "counted on", example="2026-03-31")
    registry: str | None = column("登记机构", "registry", example="全国碳排放权注册登记机构")
    registry_number: str | None = column("登记编号", "registry number")
    expires_on: date | None = column("到期日", "expires on", expires=True)
    expected_benefit: Decimal | None = column("预计效益", "expected benefit", unit="万元", example="15")
    management_measure: str | None = column(
        "管理措施", "management measure", example="按季盘点，到期前 60 日提出方案"
    )
    accounting_treatment: str | None = column(
        "财务处理方式", "treatment in the accounts", example="按暂行规定列示"
    )
    responsible: str | None = column("负责人", "responsible person", ref="person")


class CarbonTrade(
    Record,
    kind="carbon_trade",
    zh="碳交易",
    en="carbon trade",
    about_zh="一笔碳资产买卖",
    about_en="one purchase or sale of carbon assets",
):
    """One purchase or sale."""

    traded_on: date | None = column("交易日期", "traded on", example="2025-11-18")
    direction: str | None = column(
        "方向", "direction", choices={"buy": ("买入", "buy"), "sell": ("卖出", "sell")}, example="buy"
    )
    asset_type: str | None = column("标的", "what was traded", choices=CREDITS, example="allowance")
    carbon_asset: str | None = column("碳资产", "carbon asset", ref="carbon_asset")
    quantity: Decimal | None = column("数量", "quantity", unit="tCO2e", example="800")
    amount: Decimal | None = column("金额", "money", unit="元", example="64000")
    purpose: str | None = column(
        "目的",
        "purpose",
        choices={
            "surrender": ("履约", "surrender"),
            "offset": ("抵消", "offset"),
            "trading": ("经营", "trading"),
        },
        example="surrender",
    )
    market: str | None = column("交易场所", "market", example="全国碳市场")
    counterparty: str | None = column("交易对手", "counterparty")
    contract_number: str | None = column(
        "合同或凭证号", "contract or voucher number", example="CEA-20251118-07"
    )
    compliance_checked_on: date | None = column("合规审查日期", "compliance checked on", example="2025-11-15")


class AllowanceAccount(
    Record,
    kind="allowance_account",
    zh="配额账户",
    en="allowance account",
    about_zh="一个履约年度的配额分配与清缴",
    about_en="allocation and surrender of one compliance year",
):
    """Allowances of one compliance year."""

    compliance_year: int | None = column("履约年度", "compliance year", example=2024)
    allocated: Decimal | None = column("分配量", "allocated", unit="tCO2e", example="118000")
    verified_emissions: Decimal | None = column(
        "核查排放量", "verified emissions", unit="tCO2e", example="121500"
    )
    verified_on: date | None = column("核查日期", "verified on", example="2025-06-12")
    surrender_due_on: date | None = column(
        "清缴期限", "surrender due on", example="2025-12-31", expires=True, settled_by="surrendered_on"
    )
    surrendered: Decimal | None = column("清缴量", "surrendered", unit="tCO2e", example="121500")
    surrendered_on: date | None = column("清缴日期", "surrendered on", example="2025-12-10")
    credits_used: Decimal | None = column("其中减排量抵销", "of which credits", unit="tCO2e", example="2000")
    balance: Decimal | None = column("结余", "balance", unit="tCO2e", example="0")
    shortfall_plan: str | None = column("缺口安排", "plan for a shortfall")


class Offset(
    Record,
    kind="offset",
    zh="碳抵消",
    en="offset",
    about_zh="一次抵消；所抵消的期间填在“覆盖期间”",
    about_en="one offset; the period it is for is the period covered",
):
    """Credits used against emissions of the period covered."""

    offset_type: str | None = column("方式", "type", choices=CREDITS, example="ccer")
    purpose: str | None = column(
        "用途",
        "purpose",
        choices={**LEVELS, "factory": ("工厂", "factory")},
        help=("为谁抵消", "for whom"),
        example="factory",
    )
    quantity: Decimal | None = column("数量", "quantity", unit="tCO2e", example="3200")
    vintage: int | None = column("减排量年份", "vintage", example=2025)
    credit_project: str | None = column("来源项目", "project of origin", example="某林业碳汇项目")
    methodology: str | None = column("方法学", "methodology", example="造林碳汇")
    registry: str | None = column("登记机构", "registry", example="国家注册登记机构")
    serial_number: str | None = column("序列号", "serial number", example="CCER-2025-000123")
    purchased_on: date | None = column("购买日期", "purchased on", example="2026-01-20")
    cancelled_on: date | None = column("注销日期", "cancelled on", example="2026-02-15")
    cancellation_number: str | None = column("注销凭证号", "cancellation number", example="ZX-2026-0088")
    verified_by: str | None = column("核证机构", "verified by")
    carbon_event: str | None = column("活动", "event", ref="carbon_event")
    reduction_project: str | None = column("自有项目", "own project", ref="reduction_project")
    green_certificate: str | None = column("绿证", "green certificate", ref="green_certificate")


class GreenCertificate(
    Record,
    kind="green_certificate",
    zh="绿色电力证书",
    en="green certificate",
    about_zh="一批绿证或绿色电力交易凭证；电量所属期间填在“覆盖期间”",
    about_en="a batch of green power certificates; the period of the power is the period covered",
):
    """A batch of green power certificates."""

    certificate_type: str | None = column(
        "类型",
        "type",
        choices={
            "gec": ("绿证", "green power certificate"),
            "green_power_trade": ("绿色电力交易凭证", "voucher of a green power trade"),
            "international": ("国际绿证", "international certificate"),
        },
        example="gec",
    )
    certificate_number: str | None = column("证书编号", "certificate number", example="GEC-2025-0001")
    quantity: Decimal | None = column("电量", "power", unit="MWh", example="3000")
    energy_source: str | None = column("电源类型", "energy source", example="风电")
    purchased_on: date | None = column("购买日期", "purchased on", example="2025-12-05")
    cancelled_on: date | None = column("核销日期", "cancelled on", example="2026-01-12")
    used_as: str | None = column(
        "用途",
        "used as",
        choices={
            "renewable_energy": ("计入可再生能源", "renewable energy"),
            "offset": ("用于抵消", "offset"),
            "market": ("基于市场的电力核算", "market-based electricity"),
        },
        help=("同一证书只能用一次", "a certificate counts once"),
        example="renewable_energy",
    )


class ReductionProject(
    Record,
    kind="reduction_project",
    zh="减排项目",
    en="reduction project",
    about_zh="一个减排或清除项目：基准线、项目、泄漏排放和减排量；减排量所属期间填在“覆盖期间”",
    about_en="a project that reduces or removes emissions, with its figures for the period covered",
):
    """A project that reduces or removes emissions, and its figures for the period covered."""

    name: str | None = column("名称", "name", example="余热回收改造")
    purpose: str | None = column("目的", "purpose", example="回收熔炼余热供暖")
    outline: str | None = column("概述", "outline", example="加装换热器两台")
    boundary: str | None = column("项目边界", "boundary", example="熔炼车间及供暖系统")
    technology: str | None = column("技术说明", "technology", example="管壳式换热")
    legality: str | None = column("合规情况", "legal standing", example="已备案")
    state: str | None = column(
        "阶段",
        "state",
        choices={
            "planned": ("拟开展", "planned"),
            "running": ("实施中", "running"),
            "done": ("已实施", "done"),
        },
        example="done",
    )
    baseline_scenario: str | None = column("基准线情景", "baseline scenario", example="继续用天然气锅炉供暖")
    methodology: str | None = column("方法学", "methodology", example="ISO 14064-2")
    methodology_fit: str | None = column(
        "方法学适用性", "why the methodology fits", example="边界和数据条件相符"
    )
    additionality_needed: bool | None = column("需论证额外性", "additionality to be shown", example=False)
    additionality: str | None = column("额外性论证", "additionality shown", example="投资回收期长于行业基准")
    economics: str | None = column("经济性分析", "economics", example="投资 120 万元，4 年回收")
    investment: Decimal | None = column("投资", "investment", unit="万元", example="120")
    funding: str | None = column("资金来源", "source of money", example="自筹")
    annual_benefit: Decimal | None = column("年收益", "yearly benefit", unit="万元", example="31")
    annual_cost: Decimal | None = column("年成本", "yearly cost", unit="万元", example="4")
    monitoring_plan: str | None = column("监测计划", "monitoring plan", example="热量表按月抄录")
    monitoring_done: str | None = column("监测执行情况", "how monitoring went", example="12 个月数据齐全")
    starts_on: date | None = column("开始日期", "starts on", example="2025-03-01")
    ends_on: date | None = column("结束日期", "ends on", example="2035-02-28")
    lifetime_years: Decimal | None = column("运行期限", "lifetime", unit="a", example="10")
    lifetime_basis: str | None = column("期限依据", "basis of the lifetime", example="设备寿命和行业技术更新")
    baseline_emission: Decimal | None = column("基准线排放", "baseline emission", unit="tCO2e", example="420")
    project_emission: Decimal | None = column("项目排放", "project emission", unit="tCO2e", example="35")
    leakage_emission: Decimal | None = column(
        "泄漏排放",
        "leakage",
        unit="tCO2e",
        help=("项目引起、发生在项目边界以外的增加量", "an increase outside the boundary"),
        example="0",
    )
    expected_reduction: Decimal | None = column(
        "预计减排量", "expected reduction", unit="tCO2e", example="380"
    )
    actual_reduction: Decimal | None = column("实际减排量", "actual reduction", unit="tCO2e", example="385")
    parameters_basis: str | None = column(
        "参数确认和数据质量", "how parameters were confirmed", example="热量表检定合格，月度交叉核对"
    )
    environmental_effect: str | None = column(
        "环境影响", "effect on the environment", example="氮氧化物减少 0.3 t"
    )
    pollutant_reduction: Decimal | None = column("协同减污量", "pollutants avoided", unit="t", example="0.3")
    verified_by: str | None = column("核查方", "verified by")
    verified_on: date | None = column("核查日期", "verified on")


class CarbonEvent(
    Record,
    kind="carbon_event",
    zh="活动",
    en="event",
    about_zh="会议、展会等一次活动及其碳中和",
    about_en="a meeting, fair or other event and its neutrality",
):
    """An event and what was promised and judged of its neutrality."""

    theme: str | None = column("主题", "theme", example="年度供应商大会")
    held_from: date | None = column("开始日期", "held from", example="2026-05-18")
    held_until: date | None = column("结束日期", "held until", example="2026-05-19")
    place: str | None = column("地点", "place", example="南京")
    participants: int | None = column("人数", "participants", example=220)
    estimated_on: date | None = column("排放预估日期", "emissions estimated on", example="2026-04-10")
    estimated_emission: Decimal | None = column(
        "预估排放量", "estimated emission", unit="tCO2e", example="46"
    )
    reduction_plan: str | None = column("减碳行动计划", "reduction plan", example="无纸化、公共交通接驳")
    neutrality_plan: str | None = column("碳中和计划", "neutrality plan", example="购买 CCER 抵消")
    commitment_published_on: date | None = column(
        "公开承诺日期", "promise made public on", example="2026-04-20"
    )
    accounted_on: date | None = column(
        "实际排放核算日期", "actual emissions accounted on", example="2026-06-05"
    )
    actual_emission: Decimal | None = column("实际排放量", "actual emission", unit="tCO2e", example="43.5")
    offset_quantity: Decimal | None = column("抵消量", "offset", unit="tCO2e", example="44")
    neutrality_reviewed_on: date | None = column(
        "碳中和评审日期", "neutrality reviewed on", example="2026-06-20"
    )
    neutrality_conforms: bool | None = column("碳中和符合", "neutrality reached", example=True)
    advice: str | None = column("改进建议", "advice", example="减少航空出行")


class EventEmission(
    Record,
    kind="event_emission",
    zh="活动排放",
    en="event emission",
    about_zh="活动某一阶段一个排放源的预估和实际排放",
    about_en="estimated and actual emission of one source in one phase of an event",
):
    """One source in one phase of an event."""

    carbon_event: str = column("活动", "event", ref="carbon_event", required=True, example="EV1")
    phase: str | None = column(
        "阶段",
        "phase",
        choices={
            "preparation": ("筹备", "preparation"),
            "holding": ("举办", "holding"),
            "closing": ("收尾", "closing"),
        },
        example="holding",
    )
    emission_origin: str | None = column("排放源", "source of emission", example="参会人员交通")
    estimated_quantity: Decimal | None = column("预估活动水平", "estimated activity", example="66000")
    actual_quantity: Decimal | None = column("实际活动水平", "actual activity", example="61000")
    measure_unit: str | None = column("计量单位", "unit of measurement", example="人km")
    emission_factor: str | None = column("排放因子", "emission factor", ref="emission_factor")
    estimated_emission: Decimal | None = column(
        "预估排放量", "estimated emission", unit="tCO2e", example="12.5"
    )
    actual_emission: Decimal | None = column("实际排放量", "actual emission", unit="tCO2e", example="11.6")


class EventAction(
    Record,
    kind="event_action",
    zh="活动减排行动",
    en="event action",
    about_zh="活动的一项减排行动及其完成情况和效果",
    about_en="a reduction action of an event, its completion and effect",
):
    """A reduction action of an event."""

    carbon_event: str = column("活动", "event", ref="carbon_event", required=True, example="EV1")
    description: str | None = column("行动", "action", example="资料电子化")
    due_on: date | None = column(
        "计划完成日期", "due on", example="2026-05-10", expires=True, settled_by="completed_on"
    )
    completed_on: date | None = column("完成日期", "completed on", example="2026-05-08")
    expected_reduction: Decimal | None = column(
        "预计减排量", "expected reduction", unit="tCO2e", example="0.4"
    )
    actual_reduction: Decimal | None = column("实际减排量", "actual reduction", unit="tCO2e", example="0.4")
    reviewed_on: date | None = column("评审日期", "reviewed on", example="2026-06-20")


class ReviewReport(
    Record,
    kind="review_report",
    zh="碳评审报告内容",
    en="content of a carbon review report",
    about_zh="一份碳评审报告写明的内容；评审覆盖期填在“覆盖期间”，组织、项目、产品/服务、活动各一行",
    about_en="what a report says, one row per level and object; its period is the period covered",
):
    """What the report of one carbon review says, for one level and object."""

    carbon_review: str | None = column("碳评审", "carbon review", ref="carbon_review", example="CR1")
    level: str | None = column("层级", "level", choices=LEVELS, example="organisation")
    reduction_project: str | None = column("项目", "project", ref="reduction_project")
    product: str | None = column("产品/服务", "product or service", ref="product")
    carbon_event: str | None = column("活动", "event", ref="carbon_event")
    purpose: str | None = column("评审目的", "purpose", example="识别主要排放和改进机会")
    basis_laws: str | None = column("依据的法律法规", "laws relied on", example="碳排放权交易管理暂行条例")
    basis_policies: str | None = column("依据的规章政策", "policies relied on", example="地方碳达峰实施方案")
    basis_notices: str | None = column("依据的通知公告", "notices relied on", example="年度报告核查通知")
    basis_standards: str | None = column("依据的技术和核算标准", "standards relied on", example="GB/T 32150")
    base_year: int | None = column("基准年", "base year", example=2024)
    year_type: str | None = column(
        "年度类型",
        "kind of year",
        choices={"calendar": ("自然年", "calendar year"), "financial": ("财务年度", "financial year")},
        example="calendar",
    )
    period_basis: str | None = column(
        "基准年和覆盖期的选取理由", "why year and period were chosen", example="配合履约年度"
    )
    scope_stated: str | None = column("评审范围", "scope", example="一号厂区全部活动")
    scope_consistent: bool | None = column(
        "与体系范围一致", "agrees with the scope of the system", example=True
    )
    scheduled_on: date | None = column("评审时间", "date of the review", example="2026-01-10")
    reviewers: str | None = column("评审人员", "reviewers", example="组长李敏，组员四人")
    duties: str | None = column("分工和职责", "division of duties", example="动力组负责能源数据")
    qualitative_methods: str | None = column("定性方法", "qualitative methods", example="访谈、文件查阅")
    quantitative_methods: str | None = column("定量方法", "quantitative methods", example="排放因子法")
    method_basis: str | None = column("方法的适宜性论证", "why the methods fit", example="与行业指南一致")
    relevance: bool | None = column("相关性", "relevance", example=True)
    completeness: bool | None = column("完整性", "completeness", example=True)
    consistency: bool | None = column("一致性", "consistency", example=True)
    accuracy: bool | None = column("准确性", "accuracy", example=True)
    transparency: bool | None = column("透明性", "transparency", example=True)
    conservativeness: bool | None = column("保守性", "conservativeness", help=("仅项目", "projects only"))
    overview: str | None = column(
        "概况",
        "overview",
        help=("名称、注册资本、性质、规模、产品、经营", "name, capital, nature, size, products, business"),
    )
    management_state: str | None = column(
        "碳管理现状", "state of carbon management", example="制度 12 份，专岗 3 个"
    )
    source_streams: str | None = column("碳源流", "source streams", example="天然气、焦炭、电力")
    key_facilities: str | None = column("重点排放设施", "key emitting facilities", example="冲天炉、热处理炉")
    metering_state: str | None = column(
        "监测设备配置和管理", "metering and its management", example="电表 42 台，均在检定期"
    )
    monitoring_state: str | None = column(
        "监测计划及执行", "monitoring plan and its execution", example="按月执行"
    )
    data_confirmation: str | None = column(
        "活动数据和因子的确认", "how data and factors were confirmed", example="凭证核对"
    )
    accounting: str | None = column("核算过程和结果", "accounting and its result", example="见排放量表")
    load_analysis: str | None = column(
        "不同负荷和条件下的分析", "analysis by load and conditions", example="淡旺季对比"
    )
    history_analysis: str | None = column("历史变化分析", "analysis of past years", example="三年下降 6%")
    peer_analysis: str | None = column("外部对比分析", "comparison with others", example="低于行业均值")
    objective_analysis: str | None = column("目标指标分析", "analysis of objectives", example="年度目标完成")
    same_scope_and_method: bool | None = column(
        "对比口径一致", "same scope and method compared", example=True
    )
    measures_effect: str | None = column(
        "已实施项目的减排效果", "effect of projects done", example="余热回收减排 385 t"
    )
    measures_potential: str | None = column(
        "拟开展项目的减排潜力", "potential of projects planned", example="屋顶光伏 900 t/a"
    )
    data_flow: str | None = column("数据流管理", "data flow", example="车间到动力部到平台")
    quality_measures: str | None = column("数据质量保障方法", "measures of data quality", example="三级复核")
    uncertainty_analysis: str | None = column("不确定性分析", "analysis of uncertainty", example="总体 4%")
    filing: str | None = column("文件存档", "filing", example="档案室保存五年")
    summary: str | None = column("评审总结", "summary", example="排放持续下降")
    advice: str | None = column("建议", "advice", example="优先改造空压系统")
