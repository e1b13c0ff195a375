"""Targets: carbon objectives and targets, the measures planned for them, their progress, planned changes."""

from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Record, column

LEVELS = {
    "organisation": ("组织", "organisation"),
    "department": ("部门", "department"),
    "production_unit": ("生产单元", "production unit"),
    "equipment": ("设施设备", "facilities and equipment"),
    "supply_chain_product": ("供应链和产品", "supply chain and product"),
    "project": ("项目", "project"),
    "event": ("活动", "event"),
}


class Objective(
    Record,
    kind="objective",
    zh="碳目标和指标",
    en="objective",
    about_zh="每个碳目标或指标一行；修订后改写同一行并填写更新日期",
    about_en="one row per carbon objective or target; a revision keeps its row and fills in the update date",
):
    """A carbon objective or target."""

    title: str | None = column("名称", "title", example="2026年度单位产品碳排放下降5%")
    objective_type: str | None = column(
        "类别",
        "objective or target",
        choices={"objective": ("目标", "objective"), "target": ("指标", "target")},
        help=(
            "分解到部门、设备的一般为指标",
            "what is broken down to departments or equipment is usually a target",
        ),
        example="objective",
    )
    objective_level: str | None = column("层级", "level", choices=LEVELS, example="organisation")
    matter: str | None = column(
        "针对的事项",
        "matter",
        choices={
            "compliance": ("合规义务履约", "fulfilment of compliance obligations"),
            "energy_plan": ("能源规划的预期结果", "intended results of energy planning"),
            "emission_amount": ("碳排放量或减排量", "amount of emissions or of reductions"),
            "emission_intensity": ("碳排放强度", "emission intensity"),
            "energy_use": ("能源消耗或能效", "energy use or efficiency"),
            "operating_variable": ("运行参数", "operating variable"),
            "material_footprint": ("原辅材料碳足迹", "footprint of materials"),
            "product_footprint": ("产品碳足迹", "footprint of products"),
            "asset_trade": ("碳资产及碳交易的量和值", "carbon assets and trading, amount and value"),
            "offset": ("外部抵消机制", "external offsetting"),
            "neutrality": ("碳中和", "carbon neutrality"),
            "management": ("管理", "management"),
            "other": ("其他", "other"),
        },
        example="emission_intensity",
    )
    horizon: str | None = column(
        "期限类型",
        "horizon",
        choices={
            "annual": ("年度", "annual"),
            "medium": ("中期", "medium term"),
            "long": ("长期", "long term"),
        },
        example="annual",
    )
    owner: str | None = column("负责人", "owner", ref="person", example="PE-1")
    set_on: date | None = column("制定日期", "set on", example="2026-01-15")
    due_on: date | None = column(
        "完成期限", "due on", example="2026-12-31", expires=True, settled_by="achieved"
    )
    target_value: Decimal | None = column(
        "目标值",
        "target value",
        help=("定量目标填数值", "the number to be reached, where it is quantified"),
        example="0.38",
    )
    measure_unit: str | None = column("计量单位", "measure unit", example="tCO2e/t")
    base_value: Decimal | None = column(
        "对比值", "value it is compared with", help=("基准或上年值", "baseline or last year"), example="0.40"
    )
    parameter: str | None = column(
        "对应的碳绩效参数", "performance parameter", ref="performance_parameter", example="PP-1"
    )
    baseline: str | None = column("对应的碳基准", "baseline", ref="baseline", example="BL-1")
    policy: str | None = column(
        "依据的方针",
        "policy",
        help=("目标所服务的方针版本", "the edition of the policy it serves"),
        ref="policy",
        example="P-1",
    )
    policy_point: str | None = column(
        "对应的方针承诺", "policy commitment it serves", example="持续降低单位产品碳排放"
    )
    consistent_with_policy: bool | None = column("与方针一致", "consistent with the policy", example=True)
    considered_requirements: bool | None = column(
        "制定时考虑了适用要求",
        "applicable requirements considered",
        help=("合规义务、约束性指标等", "compliance obligations, binding indicators"),
        example=True,
    )
    obligation: str | None = column("对应的合规义务", "obligation it answers", ref="obligation")
    considered_review: bool | None = column(
        "制定时考虑了碳评审结果", "results of the carbon review considered", example=True
    )
    carbon_review: str | None = column(
        "所依据的碳评审", "carbon review used", ref="carbon_review", example="CR-1"
    )
    considered_opportunities: bool | None = column(
        "制定时考虑了碳绩效改进机会", "opportunities to improve performance considered", example=True
    )
    opportunity: str | None = column("对应的改进机会", "opportunity used", ref="improvement_opportunity")
    considered_baseline: bool | None = column("制定时考虑了碳基准", "baseline considered", example=True)
    considered_reduction_demands: bool | None = column(
        "制定时考虑了减排要求", "demanded reductions considered", example=True
    )
    considered_conditions: bool | None = column(
        "制定时考虑了技术、财务、生产和经营条件",
        "technical, financial, production and market conditions considered",
        example=True,
    )
    considered_potential: bool | None = column(
        "制定时考虑了经营计划和减排潜力", "business plan and reduction potential considered", example=True
    )
    considered_assets: bool | None = column(
        "制定时考虑了碳资产和碳交易", "carbon assets and trading considered"
    )
    considered_stakeholders: bool | None = column(
        "制定时考虑了相关方关注点", "concerns of interested parties considered", example=True
    )
    compared_with_sector: bool | None = column(
        "参照了行业先进值",
        "compared with the best of the sector",
        help=("强度目标适用；注明所用数值", "for intensity objectives; say in the note which value"),
    )
    own_operations: bool | None = column("覆盖自身运营排放", "covers own operations", example=True)
    supply_chain: bool | None = column("覆盖供应链排放", "covers the supply chain")
    monitoring_frequency: str | None = column("监视频次", "how often monitored", example="每月")
    communicated_on: date | None = column("沟通日期", "communicated on", example="2026-01-20")
    communicated_to: str | None = column("沟通对象", "communicated to", example="各部门负责人")
    updated_on: date | None = column("最近更新日期", "last updated on")
    evaluation_criteria: str | None = column(
        "评价准则", "evaluation criteria", example="实际值不高于目标值为达成"
    )
    assessment_rule: str | None = column("考核要求", "assessment rule", example="纳入部门年度考核")
    achieved: bool | None = column("是否达成", "achieved", help=("到期后填写", "filled in once it is due"))


class ObjectiveProgress(
    Record,
    kind="objective_progress",
    zh="目标进展记录",
    en="objective progress",
    about_zh="每次监视、评价一个目标的实现情况一行",
    about_en="one row each time an objective is monitored or evaluated",
):
    """One look at how far an objective has been reached."""

    objective: str = column("目标", "objective", ref="objective", example="OB-1", required=True)
    checked_on: date | None = column("检查日期", "checked on", example="2026-04-05")
    checked_by: str | None = column("检查人", "checked by", ref="person", example="PE-1")
    actual_value: Decimal | None = column(
        "实际值", "actual value", help=("单位同目标", "in the measure unit of the objective"), example="0.39"
    )
    on_track: bool | None = column("进展符合预期", "on track", example=True)
    cause: str | None = column("偏离原因", "cause of the shortfall")
    action_taken: str | None = column("采取的措施", "action taken")
    update_needed: bool | None = column("需要更新目标", "objective needs updating", example=False)


class ActionPlan(
    Record,
    kind="action_plan",
    zh="目标措施计划",
    en="action plan",
    about_zh="实现目标的措施，每项措施一行",
    about_en="the measures planned to reach an objective, one row per measure",
):
    """One measure planned to reach an objective."""

    objective: str = column("目标", "objective", ref="objective", example="OB-1", required=True)
    what: str | None = column("要做什么", "what will be done", example="2号空压机更换为变频机组")
    approach: str | None = column("实现途径和方法", "means and approach", example="招标采购、停机更换")
    area: str | None = column(
        "措施方向",
        "area",
        choices={
            "design": ("低碳设计开发", "low-carbon design"),
            "supply_chain": ("低碳供应链", "low-carbon supply chain"),
            "process": ("优化工艺流程", "better processes"),
            "facility": ("设施管理", "care of facilities"),
            "clean_energy": ("清洁能源", "clean energy"),
            "awareness": ("减碳意识", "awareness"),
            "asset": ("碳资产和碳交易", "carbon assets and trading"),
            "other": ("其他", "other"),
        },
        example="facility",
    )
    resources: str | None = column(
        "所需资源",
        "resources needed",
        help=("人、财、物、技术", "people, money, equipment, technique"),
        example="预算60万元",
    )
    resources_available: bool | None = column("资源已落实", "resources secured", example=True)
    responsible: str | None = column("负责人", "responsible", ref="person", example="PE-2")
    responsible_unit: str | None = column("负责部门", "responsible department", ref="unit")
    start_on: date | None = column("开始日期", "starts on", example="2026-02-01")
    due_on: date | None = column(
        "计划完成日期", "due on", example="2026-09-30", expires=True, settled_by="completed_on"
    )
    completed_on: date | None = column("实际完成日期", "completed on")
    evaluation_method: str | None = column(
        "结果评价方法", "how results are evaluated", example="对比改造前后三个月单耗"
    )
    verification_method: str | None = column(
        "碳绩效改进验证方法",
        "how the improvement is verified",
        help=("用什么数据、与什么比较", "with which data, against what"),
        example="按碳基准归一化后比较",
    )
    expected_effect: Decimal | None = column("预期减排量", "expected reduction", unit="tCO2e", example="120")
    expected_result: str | None = column("预期成效", "expected result", example="年节电20万kWh")
    evaluated_on: date | None = column("结果评价日期", "results evaluated on")
    actual_effect: Decimal | None = column("实际减排量", "actual reduction", unit="tCO2e")
    effective: bool | None = column("措施有效", "effective")
    process: str | None = column(
        "融入的业务流程",
        "business process it is built into",
        help=("如设备管理、采购、生产计划", "such as maintenance, purchasing, production planning"),
        ref="process",
        example="PR-1",
    )
    integration: str | None = column(
        "如何融入业务流程", "how it is built into the business", example="列入年度技改计划和设备月度例会"
    )
    reviewed_on: date | None = column(
        "计划最近评审日期",
        "plan last reviewed on",
        help=("证明计划得到保持", "shows that the plan is kept up"),
        example="2026-04-05",
    )


class Change(
    Record,
    kind="change",
    zh="变更",
    en="change",
    about_zh="影响碳管理体系或碳绩效的变更或变化，每项一行",
    about_en="a change that touches the management system or carbon performance, one row each",
):
    """A change to the management system or to what it manages."""

    title: str | None = column("名称", "title", example="新增涂装二线")
    change_type: str | None = column(
        "类型",
        "type",
        choices={
            "system": ("碳管理体系", "management system"),
            "boundary": ("范围或边界", "scope or boundary"),
            "organisation": ("组织机构", "organisation"),
            "process": ("过程或工艺", "process"),
            "facility": ("设施设备", "facilities"),
            "product": ("产品或服务", "product or service"),
            "energy": ("能源或原料", "energy or materials"),
            "legal": ("法律法规和其他要求", "legal and other requirements"),
            "improvement": ("体系改进", "improvement of the system"),
            "other": ("其他", "other"),
        },
        example="facility",
    )
    changes_system: bool | None = column(
        "属于碳管理体系变更",
        "changes the management system",
        help=("由组织决定的体系变更填“是”", "yes for changes of the system the organisation decided on"),
        example=True,
    )
    planned: bool | None = column(
        "属于有计划的变更", "planned", help=("意外变化填“否”", "no for what came unplanned"), example=True
    )
    major: bool | None = column(
        "属于重大变化",
        "major",
        help=("按组织自己的准则判断", "by the criteria of the organisation itself"),
        example=False,
    )
    purpose: str | None = column("目的", "purpose", example="扩大产能")
    consequences: str | None = column("潜在后果", "potential consequences", example="VOCs焚烧增加天然气用量")
    expected_benefit: str | None = column("预期效益", "expected benefit")
    integrity_considered: bool | None = column(
        "考虑了体系完整性", "integrity of the system considered", example=True
    )
    integrity_note: str | None = column("对体系完整性的影响", "effect on the integrity of the system")
    resources_considered: bool | None = column(
        "考虑了资源可获得性", "availability of resources considered", example=True
    )
    responsibilities_considered: bool | None = column(
        "考虑了职责和权限的分配", "allocation of responsibilities considered", example=True
    )
    plan: str | None = column(
        "变更的实施安排", "how it was to be carried out", example="试运行一个月后纳入体系，更新运行准则"
    )
    planned_on: date | None = column("策划日期", "planned on", example="2026-02-10")
    planned_for: date | None = column(
        "计划完成日期", "planned to be done by", example="2026-05-31", expires=True, settled_by="happened_on"
    )
    decided_by: str | None = column("决定人", "decided by", ref="person", example="PE-1")
    decided_on: date | None = column("决定日期", "decided on", example="2026-02-15")
    happened_on: date | None = column(
        "发生（实施）日期",
        "happened on",
        help=("变化实际发生的日期", "the day the change took effect in fact"),
        example="2026-05-20",
    )
    as_planned: bool | None = column("按策划实施", "carried out as planned", example=True)
    departure: str | None = column("与策划的差异及处理", "departures from the plan and what was done")
    affects_boundary: bool | None = column("影响范围或边界", "affects scope or boundary", example=False)
    affects_sources: bool | None = column("影响碳源或碳汇", "affects sources or sinks", example=True)
    affects_performance: bool | None = column("影响碳绩效", "affects carbon performance", example=True)
    affects_baseline: bool | None = column("影响碳基准", "affects the baseline", example=False)
    affects_static_factor: bool | None = column("影响静态因素", "affects a static factor")
    affects_obligations: bool | None = column("影响合规义务", "affects compliance obligations")
    affects_policy: bool | None = column("影响方针或目标", "affects policy or objectives")
    consequences_reviewed_on: date | None = column(
        "后果评审日期",
        "consequences reviewed on",
        help=("变化发生后对其后果的评审", "the review of the consequences after the change"),
        example="2026-06-05",
    )
    adverse_effects: bool | None = column("有不利影响", "adverse effects", example=False)
    mitigation: str | None = column("减轻不利影响的措施", "action against adverse effects")
    mitigated_on: date | None = column("措施落实日期", "action taken on")
    carbon_review: str | None = column(
        "为此更新的碳评审",
        "carbon review updated for it",
        ref="carbon_review",
        help=("变化后更新的那次碳评审", "the review that was done or updated after this change"),
    )
    external_origin: bool | None = column(
        "源于外部因素",
        "arises from an outside factor",
        help=("如顾客需求、市场变化", "such as what customers ask for, or the market"),
        example=False,
    )
