"""Evaluation: monitoring, compliance evaluation, internal audit, management review, violations."""

from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Record, column

LEVELS = {
    "organisation": ("组织", "organisation"),
    "department": ("部门", "department"),
    "production_unit": ("生产单元", "production unit"),
    "equipment": ("设施设备", "facility or equipment"),
    "supply_chain": ("供应链", "supply chain"),
    "product": ("产品或服务", "product or service"),
    "project": ("项目", "project"),
    "event": ("活动", "event"),
}

EXTENT = {"yes": ("是", "yes"), "partly": ("部分", "partly"), "no": ("否", "no")}

FOCUS = {
    "compliance_evaluation": (
        "合规性评价是否结合内外部因素和相关方需求",
        "compliance evaluation in the light of context and interested parties",
    ),
    "data_plan": ("碳数据收集计划及其实施", "data collection plan and its implementation"),
    "targets": ("目标指标是否合理及定期评价", "soundness and regular evaluation of targets"),
    "action_plans": ("措施计划及其实施效果", "action plans, their implementation and effect"),
    "competence": ("人员能力", "competence of people"),
    "operation_control": (
        "关键碳源和过程、运行准则及控制",
        "key sources and processes, criteria and control",
    ),
    "levels": ("不同层面的碳管理", "management at the several levels"),
    "other": ("其他", "other"),
}


class MonitoringPlan(
    Record,
    kind="monitoring_plan",
    zh="监视测量计划",
    en="monitoring plan item",
    about_zh="需要监视和测量的内容，一项一行：用什么方法、何时测量、何时分析评价",
    about_en="what is to be monitored, one row per item: how and when it is measured, analysed and evaluated",
):
    """What the organisation decided to monitor, one row per item."""

    item: str | None = column("监视测量内容", "item monitored", example="单位产品碳排放量")
    matter: str | None = column(
        "关键特性",
        "key characteristic",
        choices={
            "plan_effectiveness": ("措施计划的有效性", "effectiveness of action plans"),
            "performance_parameter": ("碳绩效参数", "parameter of carbon performance"),
            "emission_factor": ("排放因子", "emission factor"),
            "activity_data": ("活动水平", "activity data"),
            "significant_energy_use": ("主要能源使用的运行", "operation of significant energy uses"),
            "relevant_variable": ("相关变量", "relevant variable"),
            "intensity_comparison": ("排放强度对比", "comparison of emission intensity"),
            "total_comparison": ("排放总量对比", "comparison of total emissions"),
            "target_progress": ("目标指标实现程度", "achievement of targets"),
            "system_process": ("管理体系过程", "process of the management system"),
            "other": ("其他", "other"),
        },
        help=("一行只填一项关键特性", "one key characteristic per row"),
        example="performance_parameter",
    )
    level: str | None = column("层面", "level", choices=LEVELS, example="product")
    compared_with: str | None = column(
        "对比对象",
        "compared with",
        choices={
            "expected": ("预期值", "expected value"),
            "advanced": ("先进值", "advanced value"),
            "history": ("历史同期值", "same period of earlier years"),
        },
        help=("仅用于对比类内容", "for comparisons only"),
    )
    variable_type: str | None = column(
        "变量类型",
        "type of variable",
        choices={
            "energy_type": ("能源种类变化", "change of energy types"),
            "product_output": ("产品种类和产量", "product types and output"),
            "climate": ("气候", "climate"),
            "other": ("其他", "other"),
        },
        help=("仅用于相关变量", "for relevant variables only"),
    )
    objective: str | None = column("目标指标", "objective", ref="objective")
    parameter: str | None = column(
        "碳绩效参数", "performance parameter", ref="performance_parameter", example="PP-1"
    )
    emission_source: str | None = column("碳源", "emission source", ref="emission_source")
    meter: str | None = column("计量器具", "meter", ref="meter")
    method: str | None = column("监视测量方法", "measuring method", example="按月读取电表并用排放因子核算")
    analysis_method: str | None = column(
        "分析评价方法", "method of analysis and evaluation", example="与基准逐月对比"
    )
    validity_assured: bool | None = column(
        "方法能确保结果有效",
        "method assures valid results",
        help=(
            "例如经过校准、复核或方法验证",
            "for example by calibration, review or validation of the method",
        ),
        example=True,
    )
    measured_when: str | None = column("监视测量时间", "when measured", example="每月 5 日前")
    analysed_when: str | None = column("分析评价时间", "when analysed and evaluated", example="每季度末")
    responsible: str | None = column("负责人", "responsible person", ref="person")
    serious_deviation_limit: str | None = column(
        "严重偏离的界定", "what counts as a serious deviation", example="偏离预期值 10% 以上"
    )


class MonitoringResult(
    Record,
    kind="monitoring_result",
    zh="监视测量结果",
    en="monitoring result",
    about_zh="一次监视或测量的结果及其分析评价",
    about_en="one result of monitoring or measuring, with its analysis and evaluation",
):
    """One result of monitoring."""

    monitoring_plan: str | None = column(
        "监视测量计划", "monitoring plan item", ref="monitoring_plan", required=True, example="MP-1"
    )
    measured_on: date | None = column("监视测量日期", "measured on", example="2026-05-05")
    result_value: Decimal | None = column("结果数值", "value of the result", example="0.82")
    measure_unit: str | None = column("计量单位", "unit of measure", example="tCO2e/t")
    result_text: str | None = column(
        "结果描述", "result in words", help=("没有数值时填写", "where there is no number")
    )
    measured_by: str | None = column("监视测量人", "measured by", ref="person")
    analysed_on: date | None = column("分析评价日期", "analysed and evaluated on", example="2026-06-20")
    analysis: str | None = column(
        "分析评价结论", "outcome of the analysis", example="低于基准 4%，主要因空压机改造"
    )


class Deviation(
    Record,
    kind="deviation",
    zh="碳绩效偏离",
    en="deviation of carbon performance",
    about_zh="碳绩效偏离预期的情况，以及调查和响应",
    about_en="a departure of carbon performance from what was expected, its investigation and the response",
):
    """A departure of carbon performance from what was expected."""

    description: str | None = column("偏离情况", "what deviated", example="5 月单位产品碳排放量超出预期 18%")
    serious: bool | None = column(
        "是否严重", "serious", help=("按组织自己的界定", "by the organisation's own limit"), example=True
    )
    detected_on: date | None = column("发现日期", "detected on", example="2026-05-06")
    parameter: str | None = column(
        "碳绩效参数", "performance parameter", ref="performance_parameter", example="PP-1"
    )
    monitoring_plan: str | None = column("监视测量计划", "monitoring plan item", ref="monitoring_plan")
    expected_value: Decimal | None = column("预期值", "expected value")
    actual_value: Decimal | None = column("实际值", "actual value")
    measure_unit: str | None = column("计量单位", "unit of measure")
    investigated_on: date | None = column("调查日期", "investigated on", example="2026-05-08")
    investigated_by: str | None = column("调查人", "investigated by", ref="person")
    cause: str | None = column("调查结果", "result of the investigation", example="余热锅炉停运检修")
    response: str | None = column("响应措施", "response", example="提前复役余热锅炉并调整检修计划")
    responded_on: date | None = column("响应日期", "responded on", example="2026-05-15")
    response_result: str | None = column("响应结果", "result of the response", example="6 月恢复至预期值以内")


class PerformanceEvaluation(
    Record,
    kind="performance_evaluation",
    zh="绩效评价",
    en="performance evaluation",
    about_zh="对碳管理体系和碳绩效有效性的评价；与基准对比时一个参数一行",
    about_en="evaluation of the system and of carbon performance; one row per parameter held to a baseline",
):
    """An evaluation of the system or of carbon performance."""

    evaluated_on: date | None = column("评价日期", "evaluated on", example="2026-01-20")
    evaluated_by: str | None = column("评价人", "evaluated by", ref="person")
    evaluates_system: bool | None = column("评价体系有效性", "evaluates the system", example=True)
    evaluates_performance: bool | None = column("评价碳绩效", "evaluates carbon performance", example=True)
    method: str | None = column("评价方法", "method", example="参数值与碳基准对比")
    conclusion: str | None = column("评价结论", "conclusion", example="体系运行有效，碳绩效较基准改进 4%")
    system_effective: str | None = column("体系是否有效", "system effective", choices=EXTENT, example="yes")
    performance_effective: str | None = column(
        "碳绩效是否达到预期", "carbon performance as intended", choices=EXTENT, example="yes"
    )
    parameter: str | None = column(
        "碳绩效参数", "performance parameter", ref="performance_parameter", example="PP-1"
    )
    baseline: str | None = column("碳基准", "baseline", ref="baseline", example="BL-1")
    parameter_value: Decimal | None = column("参数值", "value of the parameter", example="0.82")
    baseline_value: Decimal | None = column("基准值", "value of the baseline", example="0.85")
    measure_unit: str | None = column("计量单位", "unit of measure", example="tCO2e/t")
    improved: bool | None = column("碳绩效是否改进", "carbon performance improved", example=True)
    used_for: str | None = column(
        "结果应用场景",
        "use of the result",
        choices={
            "internal_decision": ("内部决策", "internal decisions"),
            "supply_chain": ("供应链管理", "supply chain management"),
            "third_party": ("第三方评价", "third-party evaluation"),
            "strategy": ("组织战略与社会责任", "strategy and social responsibility"),
        },
    )


class ComplianceEvaluation(
    Record,
    kind="compliance_evaluation",
    zh="合规性评价",
    en="compliance evaluation",
    about_zh="对合规义务履行状况的评价，一次评价中的一项义务一行",
    about_en="evaluation of whether obligations are met, one row per obligation in each evaluation",
):
    """The evaluation of one obligation on one occasion."""

    obligation: str | None = column("合规义务", "obligation", ref="obligation", example="OB-1")
    evaluated_on: date | None = column("评价日期", "evaluated on", example="2026-03-15")
    evaluated_by: str | None = column("评价人", "evaluated by", ref="person", example="PE-1")
    occasion: str | None = column(
        "评价时机",
        "occasion",
        choices={
            "planned": ("按规定间隔", "at the defined interval"),
            "law_change": ("法律法规、标准变化", "change of laws or standards"),
            "external_change": ("其他外部因素变化", "other external change"),
            "operation_change": ("运行条件变更", "change of operating conditions"),
        },
        example="planned",
    )
    change: str | None = column(
        "引起评价的变更",
        "change that led to it",
        ref="change",
        help=("因变化开展评价时填写", "when a change led to it"),
    )
    context_factor: str | None = column("相关内外部因素", "context factor", ref="context_factor")
    considers_context: bool | None = column("考虑了内外部因素", "takes context into account", example=True)
    considers_stakeholders: bool | None = column(
        "考虑了相关方需求", "takes needs of interested parties into account", example=True
    )
    emphasised: bool | None = column(
        "重点评价",
        "evaluated with emphasis",
        help=("对体系有重要影响的义务", "for obligations that matter most"),
    )
    result: str | None = column(
        "评价结果",
        "result",
        choices={
            "compliant": ("合规", "compliant"),
            "partly": ("部分合规", "partly compliant"),
            "noncompliant": ("不合规", "not compliant"),
        },
        example="compliant",
    )
    basis: str | None = column("依据的证据", "evidence used", example="履约通知书、排放报告")
    cause: str | None = column("不合规原因", "cause of noncompliance")
    action_needed: bool | None = column("是否需要采取措施", "action needed", example=False)
    action_taken: str | None = column("采取的措施", "action taken")
    action_taken_on: date | None = column("措施完成日期", "action completed on")
    action_effective: bool | None = column("措施是否有效", "action effective")
    status_known_by: str | None = column(
        "掌握合规状况的人员",
        "who keeps the knowledge of the compliance status",
        ref="person",
        help=(
            "负责了解并更新该义务合规状况的人",
            "the person who knows and updates the status of this obligation",
        ),
        example="PE-1",
    )


class AuditProgramme(
    Record,
    kind="audit_programme",
    zh="内部审核方案",
    en="internal audit programme",
    about_zh="组织自己的内部审核方案，每个方案一行；期间填写方案覆盖的期间",
    about_en="the organisation's own internal audit programme, one row each; the period is the one it covers",
):
    """A programme of internal audits."""

    title: str | None = column("名称", "title", example="2026 年度碳管理体系内部审核方案")
    responsible: str | None = column("负责人", "responsible person", ref="person")
    defines_frequency: bool | None = column("规定频次", "sets the frequency", example=True)
    defines_methods: bool | None = column("规定方法", "sets the methods", example=True)
    defines_responsibilities: bool | None = column("规定职责", "sets responsibilities", example=True)
    defines_planning: bool | None = column("规定策划要求", "sets planning requirements", example=True)
    defines_reporting: bool | None = column("规定审核报告", "sets reporting", example=True)
    considers_importance: bool | None = column(
        "考虑过程的重要性", "considers importance of processes", example=True
    )
    considers_changes: bool | None = column("考虑影响组织的变化", "considers changes", example=True)
    considers_past_results: bool | None = column(
        "考虑以往审核结果",
        "considers past results",
        help=("首次审核没有以往结果时填是", "yes at the first audit, when there are none"),
        example=True,
    )
    maintained_on: date | None = column(
        "最近维护日期",
        "last maintained on",
        help=("最近一次评审或更新方案的日期", "last reviewed or updated"),
    )


class InternalAudit(
    Record,
    kind="internal_audit",
    zh="内部审核",
    en="internal audit",
    about_zh="一次内部审核：准则、范围、结论和报告",
    about_en="one internal audit: criteria, scope, conclusions and report",
):
    """One internal audit."""

    audit_programme: str | None = column(
        "审核方案", "audit programme", ref="audit_programme", example="AP-2026"
    )
    planned_on: date | None = column(
        "计划日期", "planned for", example="2026-04-10", expires=True, settled_by="audited_on"
    )
    audited_on: date | None = column(
        "审核日期", "audited on", help=("末次会议日期", "day of the closing meeting")
    )
    purpose: str | None = column("审核目的", "purpose", example="评价体系符合性和有效性")
    criteria: str | None = column(
        "审核准则", "criteria", example="碳管理体系标准、体系文件、碳方针、适用法规"
    )
    audited_scope: str | None = column("审核范围", "scope", example="全部部门和场所")
    timetable: str | None = column("日程", "timetable")
    lead_auditor: str | None = column("审核组长", "lead auditor", ref="auditor", example="AU-1")
    performance_improving: str | None = column(
        "结论：是否改进碳绩效", "conclusion: carbon performance improving", choices=EXTENT, example="yes"
    )
    conforms_own: str | None = column(
        "结论：是否符合自身体系要求", "conclusion: meets own requirements", choices=EXTENT, example="yes"
    )
    conforms_policy: str | None = column(
        "结论：是否符合碳方针、目标和指标",
        "conclusion: meets policy and targets",
        choices=EXTENT,
        example="yes",
    )
    conforms_standard: str | None = column(
        "结论：是否符合标准要求", "conclusion: meets the standard", choices=EXTENT, example="partly"
    )
    implemented_effectively: str | None = column(
        "结论：是否得到有效实施和保持",
        "conclusion: effectively implemented and maintained",
        choices=EXTENT,
        example="yes",
    )
    report_covers_process: bool | None = column("报告写明审核过程", "report covers the course of the audit")
    report_covers_findings: bool | None = column("报告写明不符合项", "report covers the nonconformities")
    report_covers_actions: bool | None = column("报告写明纠正措施", "report covers the corrective actions")
    report_concludes: bool | None = column("报告写明审核结论", "report states a conclusion", example=True)
    reported_on: date | None = column(
        "向相关管理者报告日期", "reported to the managers concerned on", example="2026-04-20"
    )
    reported_to: str | None = column("报告对象", "reported to", example="生产部、能源部负责人")
    reported_top_management_on: date | None = column("向最高管理者报告日期", "reported to top management on")
    reported_units_on: date | None = column(
        "向相关部门和人员通报日期", "told to the units and people concerned on"
    )


class AuditScope(
    Record,
    kind="audit_scope",
    zh="审核内容",
    en="audited matter",
    about_zh="审核的检查记录：一个部门、一个条款或一个关注点一行；内部审核写明内部审核，外部审核写明审核档案",
    about_en="what an audit looked at: one row per unit and clause, or per point of attention; an internal audit by "
    "its record, an external one by its audit file",
):
    """What an audit looked at, one row per unit and clause; rules count only rows of an internal audit."""

    internal_audit: str | None = column(
        "内部审核",
        "internal audit",
        ref="internal_audit",
        help=("内部审核填写；留空的行不算内部审核", "for an internal audit; a row without it is none of any"),
        example="IA-2026",
    )
    clause: str | None = column("条款", "clause", example="8.1")
    focus: str | None = column("关注点", "point of attention", choices=FOCUS, example="operation_control")
    level: str | None = column(
        "层面", "level", choices=LEVELS, help=("关注不同层面时填写", "for the levels looked at")
    )
    audited_on: date | None = column("检查日期", "audited on", example="2026-04-10")
    auditor: str | None = column("审核员", "auditor", ref="auditor", example="AU-1")
    audits_own_work: bool | None = column("审核员审核自己的工作", "auditor audits own work", example=False)
    audit_result: str | None = column(
        "检查结果", "what was found", example="运行准则齐全，抽查 5 份记录均受控"
    )
    audit_file: str | None = column(
        "审核档案",
        "audit file",
        ref="audit_file",
        help=("外部审核必填", "needed for an external audit"),
        example="AD-2026",
    )


class Auditor(
    Record,
    kind="auditor",
    zh="内部审核员",
    en="internal auditor",
    about_zh="实施内部审核的人员及其能力",
    about_en="a person who carries out internal audits, and the competence shown",
):
    """A person who carries out internal audits."""

    person: str | None = column("人员", "person", ref="person", example="PE-3")
    name: str | None = column("姓名", "name", help=("外聘人员填写", "for people from outside"))
    audit_role: str | None = column(
        "审核角色",
        "role",
        choices={
            "lead": ("审核组长", "lead auditor"),
            "auditor": ("审核员", "auditor"),
            "expert": ("技术专家", "technical expert"),
        },
        example="lead",
    )
    appointed_on: date | None = column("任命日期", "appointed on", example="2026-01-05")
    competence_evaluated_on: date | None = column(
        "能力评价日期", "competence evaluated on", example="2026-01-03"
    )
    competent: bool | None = column("能力满足要求", "found competent", example=True)
    qualification: str | None = column(
        "资格或培训", "qualification or training", example="碳管理体系内审员培训 24 学时"
    )
    declared_impartial: bool | None = column("已声明公正性", "has declared impartiality", example=True)
    external_body: bool | None = column(
        "外部机构的审核员",
        "auditor of an external body",
        help=(
            "认证机构、客户等派来的审核员填是；组织自己的和外聘的内审员填否",
            "yes for those a certification body or a customer sends; no for the organisation's own and hired ones",
        ),
        example=False,
    )


class AuditFinding(
    Record,
    kind="audit_finding",
    zh="审核发现",
    en="audit finding",
    about_zh="内部或外部审核的发现",
    about_en="a finding of an internal or external audit",
):
    """A finding of an internal or external audit."""

    origin: str | None = column(
        "审核类型",
        "type of audit",
        choices={
            "internal": ("内部审核", "internal audit"),
            "customer": ("客户审核", "audit by a customer"),
            "certification": ("认证审核", "certification audit"),
            "verification": ("碳核查", "verification"),
            "authority": ("监督检查", "inspection by an authority"),
        },
        example="internal",
    )
    internal_audit: str | None = column("内部审核", "internal audit", ref="internal_audit", example="IA-2026")
    found_on: date | None = column("发现日期", "found on", example="2026-04-10")
    clause: str | None = column("条款", "clause", example="6.1.6")
    grade: str | None = column(
        "分级",
        "grade",
        choices={
            "major": ("严重不符合", "major nonconformity"),
            "minor": ("轻微不符合", "minor nonconformity"),
            "opportunity": ("改进机会", "opportunity for improvement"),
            "observation": ("观察项", "observation"),
            "good_practice": ("良好实践", "good practice"),
        },
        example="minor",
    )
    description: str | None = column("发现描述", "description", example="二车间 3 月蒸汽数据未按计划收集")
    evidence: str | None = column("客观证据", "objective evidence", example="3 月数据收集表缺蒸汽一栏")
    cause: str | None = column("原因分析", "cause found", help=("改进机会也可填写", "also for opportunities"))
    ruleset: str | None = column("标准", "standard", example="t_ccaa_39")
    address: str | None = column(
        "条款地址", "address", help=("不符合的准则", "the criterion that is not met"), example="6.1.6#4"
    )
    auditor: str | None = column("审核员", "auditor", ref="auditor", example="AU-1")
    audit: str | None = column(
        "所属审核",
        "audit",
        help=("外部审核填写名称", "the name of an external audit"),
        example="2026 年初次认证第二阶段",
    )
    criterion: str | None = column("准则内容", "what the criterion asks", example="按计划收集碳数据")
    graded_by: str | None = column(
        "分级依据",
        "grading rule",
        help=("分级策略和规则的名称", "policy and rule that gave the grade"),
        example="iso_17021_1:default",
    )
    further: str | None = column(
        "其他准则",
        "further criteria",
        help=("ruleset:address，以分号隔开", "`ruleset:address`, separated by semicolons"),
        example="t_ccaa_39:6.1.6#3",
    )


class FindingEvent(
    Record,
    kind="finding_event",
    zh="审核发现的处理",
    en="event of a finding",
    about_zh="一项审核发现处理过程中的一步，只增不改；状态由各步推出",
    about_en="one step in the handling of a finding; added, never changed: its state follows from the steps",
):
    """One step in the life of a finding."""

    finding: str | None = column("审核发现", "finding", ref="audit_finding", required=True, example="AF-1")
    event: str | None = column(
        "步骤",
        "step",
        choices={
            "answered": ("答复", "answered"),
            "reviewed": ("评审答复", "answer reviewed"),
            "implemented": ("措施完成", "implemented"),
            "implementation_verified": ("验证实施", "implementation verified"),
            "effectiveness_verified": ("验证有效性", "effectiveness verified"),
            "disputed": ("提出异议", "disputed"),
            "dispute_decided": ("异议裁定", "dispute decided"),
            "extended": ("延期", "extended"),
            "regraded": ("改判分级", "regraded"),
            "withdrawn": ("撤销", "withdrawn"),
            "closed": ("关闭", "closed"),
        },
        example="answered",
    )
    happened_on: date | None = column("日期", "date", example="2026-04-20")
    person: str | None = column(
        "办理人", "by (person)", ref="person", help=("受审核方人员", "of the audited side"), example="PE-4"
    )
    auditor: str | None = column(
        "办理的审核员", "by (auditor)", ref="auditor", help=("审核方人员", "of the auditing side")
    )
    outcome: str | None = column(
        "结果",
        "outcome",
        choices={
            "accepted": ("接受", "accepted"),
            "rejected": ("退回", "sent back"),
            "confirmed": ("确认", "confirmed"),
            "not_confirmed": ("未确认", "not confirmed"),
            "upheld": ("维持", "upheld"),
            "withdrawn": ("撤销", "withdrawn"),
        },
        help=("评审、验证和裁定时填写", "for reviews, verifications and decisions"),
    )
    reason: str | None = column(
        "理由或所查证据", "reason, or what was looked at", help=("说明依据", "what it rests on")
    )
    correction: str | None = column("纠正", "correction", example="补录 3 月蒸汽数据")
    cause: str | None = column("原因", "cause", example="交接班时未移交数据表")
    action: str | None = column("纠正措施", "corrective action", example="将数据表移交列入交接班检查单")
    owner: str | None = column("措施负责人", "owner of the action", ref="person", example="PE-4")
    due_on: date | None = column(
        "期限", "due on", help=("措施期限，或延期后的期限", "of the action, or after the extension")
    )
    grade: str | None = column(
        "改判后的分级",
        "new grade",
        choices={
            "major": ("严重不符合", "major nonconformity"),
            "minor": ("轻微不符合", "minor nonconformity"),
        },
    )


class CertificationStep(
    Record,
    kind="certification_step",
    zh="认证过程",
    en="step of certification",
    about_zh="管理体系认证周期中的一步：各阶段审核、认证决定、发证、暂停、恢复、撤销，每次每步一行",
    about_en="one step in the cycle of a certified management system: each audit, decision, issue, suspension, return "
    "or withdrawal is a row",
):
    """One step in the cycle of a certified management system, carried out by the certification body."""

    certificate: str | None = column("证书", "certificate", ref="certificate", required=True, example="CE-1")
    step: str | None = column(
        "步骤",
        "step",
        choices={
            "stage_1": ("第一阶段审核", "stage 1 audit"),
            "stage_2": ("第二阶段审核", "stage 2 audit"),
            "surveillance": ("监督审核", "surveillance audit"),
            "recertification": ("再认证审核", "recertification audit"),
            "special": ("特殊审核", "special audit"),
            "decided": ("认证决定：授予或更新", "decision to grant or renew"),
            "refused": ("认证决定：不予授予或更新", "decision to refuse"),
            "issued": ("颁发证书", "certificate issued"),
            "suspended": ("暂停", "suspended"),
            "restored": ("恢复", "restored"),
            "reduced": ("缩小范围", "scope reduced"),
            "withdrawn": ("撤销或注销", "withdrawn"),
        },
        example="surveillance",
    )
    planned_on: date | None = column(
        "计划日期", "planned for", example="2026-07-10", expires=True, settled_by="happened_on"
    )
    happened_on: date | None = column(
        "完成日期", "completed on", help=("审核为末次会议日期", "of an audit, the day of the closing meeting")
    )
    lead_auditor: str | None = column("审核组长", "lead auditor", example="陈工")
    team: str | None = column(
        "审核组成员",
        "members of the team",
        help=("以分号隔开", "separated by semicolons"),
        example="李工；王工",
    )
    decided_by: str | None = column(
        "决定人",
        "decided by",
        help=("认证决定、暂停等步骤填写，多人以分号隔开", "for decisions; several by semicolons"),
    )
    ready: bool | None = column(
        "第一阶段结论：可进入第二阶段", "stage 1 concludes: ready for stage 2", example=True
    )
    remark: str | None = column(
        "说明", "remark", help=("暂停、缩小、撤销的原因", "why suspended, reduced or withdrawn")
    )


class ManagementReview(
    Record,
    kind="management_review",
    zh="管理评审",
    en="management review",
    about_zh="最高管理者主持的一次管理评审；输入和输出另填",
    about_en="one review by top management; its inputs and outputs are rows of their own",
):
    """One review of the system by top management."""

    reviewed_on: date | None = column("评审日期", "reviewed on", example="2026-05-20")
    chaired_by: str | None = column("主持人", "chaired by", ref="person", example="PE-1")
    by_top_management: bool | None = column("由最高管理者实施", "carried out by top management", example=True)
    participants: str | None = column("参加人员", "participants")
    suitable: str | None = column("结论：适宜性", "conclusion: suitable", choices=EXTENT, example="yes")
    adequate: str | None = column("结论：充分性", "conclusion: adequate", choices=EXTENT, example="yes")
    effective: str | None = column("结论：有效性", "conclusion: effective", choices=EXTENT, example="yes")
    aligned_with_strategy: str | None = column(
        "结论：与战略方向一致", "conclusion: in line with strategy", choices=EXTENT, example="yes"
    )
    overall_conclusion: str | None = column(
        "总体评价", "overall conclusion", example="体系总体有效，需加强数据质量"
    )


class ReviewInput(
    Record,
    kind="review_input",
    zh="管理评审输入",
    en="management review input",
    about_zh="提交管理评审的信息，一个主题一行",
    about_en="information put before a management review, one row per topic",
):
    """A topic put before a management review."""

    management_review: str | None = column(
        "管理评审", "management review", ref="management_review", required=True, example="MR-2026"
    )
    topic: str | None = column(
        "主题",
        "topic",
        choices={
            "previous_actions": ("以往评审措施的状况", "status of actions from earlier reviews"),
            "context_changes": ("内外部因素的变化", "changes of internal and external factors"),
            "risk_changes": ("风险和机遇的变化", "changes of risks and opportunities"),
            "nonconformities": ("不符合和纠正措施", "nonconformities and corrective actions"),
            "monitoring_results": ("监视和测量结果", "results of monitoring and measuring"),
            "audit_results": ("审核结果", "audit results"),
            "compliance_results": ("合规性评价结果", "results of compliance evaluation"),
            "improvement_opportunities": ("持续改进的机会", "opportunities for continual improvement"),
            "competence": ("人员能力", "competence of people"),
            "system_changes": ("体系变更的需求", "need to change the system"),
            "performance_by_level": ("某一层面的碳绩效", "carbon performance of one level"),
            "target_achievement": ("目标和指标的实现程度", "achievement of targets"),
            "carbon_performance": ("碳绩效及其改进", "carbon performance and its improvement"),
            "plan_implementation": ("措施计划的实施和效果", "implementation and effect of action plans"),
            "other": ("其他", "other"),
        },
        example="audit_results",
    )
    level: str | None = column(
        "层面",
        "level",
        choices=LEVELS,
        help=("主题为某一层面的碳绩效时填写", "with the topic performance by level"),
    )
    presented_on: date | None = column(
        "提交日期",
        "presented on",
        help=("通常为评审日期", "usually the day of the review"),
        example="2026-05-20",
    )
    content: str | None = column("内容", "content", example="2026 年内审发现 3 项轻微不符合，均已关闭")
    shows_trend: bool | None = column(
        "给出趋势", "shows the trend", help=("与以往期间比较", "compared with earlier periods"), example=True
    )
    from_monitoring: bool | None = column(
        "基于监视测量结果",
        "based on results of monitoring",
        help=("用于碳绩效主题", "for carbon performance"),
    )


class ReviewOutput(
    Record,
    kind="review_output",
    zh="管理评审输出",
    en="management review output",
    about_zh="管理评审的决定，一个主题一行；评审后认为无需行动的也要写明",
    about_en="a decision of a management review, one row per topic; also when no action was found necessary",
):
    """A decision of a management review."""

    management_review: str | None = column(
        "管理评审", "management review", ref="management_review", required=True, example="MR-2026"
    )
    topic: str | None = column(
        "主题",
        "topic",
        choices={
            "performance_improvement": ("改进碳绩效的机会", "opportunities to improve carbon performance"),
            "policy": ("碳方针", "carbon policy"),
            "parameters": ("碳绩效参数", "performance parameters"),
            "baselines": ("碳基准", "baselines"),
            "targets": ("碳目标和指标", "objectives and targets"),
            "action_plans": ("措施计划", "action plans"),
            "system_elements": ("体系的其他要素", "other elements of the system"),
            "unmet_targets": ("未实现时的措施", "action where something was not achieved"),
            "business_integration": (
                "改进融入业务过程的机会",
                "chances to integrate into business processes",
            ),
            "resources": ("资源分配", "allocation of resources"),
            "competence": ("能力的改进", "improving competence"),
            "awareness": ("意识的改进", "improving awareness"),
            "communication": ("沟通的改进", "improving communication"),
            "system_changes": ("体系变更", "changes of the system"),
            "other": ("其他", "other"),
        },
        example="resources",
    )
    decision: str | None = column("决定", "decision", example="增配 2 台蒸汽流量计")
    action_required: bool | None = column(
        "需要行动", "action required", help=("无需行动时填否", "no when none is needed"), example=True
    )
    responsible: str | None = column("负责人", "responsible person", ref="person", example="PE-2")
    due_on: date | None = column(
        "计划完成日期", "due on", example="2026-09-30", expires=True, settled_by="completed_on"
    )
    completed_on: date | None = column("实际完成日期", "completed on")


class Violation(
    Record,
    kind="violation",
    zh="违规行为",
    en="violation",
    about_zh="被主管部门认定的违规行为",
    about_en="a violation established by an authority",
):
    """A violation established by an authority."""

    field: str | None = column(
        "领域",
        "field",
        choices={
            "safety": ("安全", "safety"),
            "quality": ("质量", "quality"),
            "environment": ("环保", "environment"),
            "energy": ("能源", "energy"),
            "carbon": ("碳排放", "carbon emissions"),
            "other": ("其他", "other"),
        },
        example="environment",
    )
    occurred_on: date | None = column("发生日期", "occurred on", example="2024-08-01")
    decided_on: date | None = column("认定日期", "established on")
    authority: str | None = column("认定机关", "authority", example="市生态环境局")
    reference_number: str | None = column("文书编号", "reference number")
    description: str | None = column("情况说明", "description")
    penalty: Decimal | None = column("罚款金额", "fine", unit="CNY")
    closed_on: date | None = column("整改完成日期", "remedied on")


class ViolationSearch(
    Record,
    kind="violation_search",
    zh="违规行为查询",
    en="search for violations",
    about_zh="在公示系统中查询违规行为的记录；覆盖期间填写查询的时间范围",
    about_en="a search of public registers for violations; the period is the span of time searched",
):
    """A search of public registers; the period says what span of time was searched."""

    searched_on: date | None = column("查询日期", "searched on", example="2026-06-15")
    searched_by: str | None = column("查询人", "searched by", ref="person")
    register_name: str | None = column(
        "查询的公示系统", "register searched", example="国家企业信用信息公示系统"
    )
    covers_safety: bool | None = column("查询安全", "covers safety", example=True)
    covers_quality: bool | None = column("查询质量", "covers quality", example=True)
    covers_environment: bool | None = column("查询环保", "covers environment", example=True)
    violations_found: int | None = column("查到的违规数", "violations found", example=0)
