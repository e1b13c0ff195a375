"""Improvement: nonconformities, corrective actions, continual improvement."""

from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Record, column


class Nonconformity(
    Record,
    kind="nonconformity",
    zh="不符合",
    en="nonconformity",
    about_zh="组织发现的不符合及其处理；纠正措施另填",
    about_en="a nonconformity the organisation found, and its handling; corrective actions are kept apart",
):
    """A nonconformity the organisation found, and its handling."""

    nature: str | None = column(
        "不符合的性质",
        "nature",
        help=("发生了什么、不符合哪项要求", "what happened, which requirement"),
        example="3 月蒸汽数据未按计划收集",
    )
    clause: str | None = column("条款", "clause", example="6.1.6")
    origin: str | None = column(
        "发现途径",
        "found by",
        choices={
            "internal_audit": ("内部审核", "internal audit"),
            "external_audit": ("外部审核", "external audit"),
            "monitoring": ("监视和测量", "monitoring and measuring"),
            "compliance_evaluation": ("合规性评价", "compliance evaluation"),
            "management_review": ("管理评审", "management review"),
            "complaint": ("投诉或建议", "complaint or suggestion"),
            "daily_check": ("日常检查", "daily check"),
        },
        example="internal_audit",
    )
    audit_finding: str | None = column("审核发现", "audit finding", ref="audit_finding", example="AF-1")
    compliance_evaluation: str | None = column(
        "合规性评价", "compliance evaluation", ref="compliance_evaluation"
    )
    found_on: date | None = column("发现日期", "found on", example="2026-04-10")
    grade: str | None = column(
        "分级", "grade", choices={"major": ("严重", "major"), "minor": ("轻微", "minor")}, example="minor"
    )
    correction_applicable: bool | None = column(
        "可以纠正",
        "can be corrected",
        help=("已无法纠正时填否", "no when it can no longer be put right"),
        example=True,
    )
    correction: str | None = column(
        "控制和纠正措施", "control and correction", example="按锅炉台账补录 3 月数据"
    )
    corrected_on: date | None = column("纠正日期", "corrected on", example="2026-04-15")
    has_consequences: bool | None = column("产生了后果", "had consequences", example=False)
    consequences: str | None = column("后果", "consequences", example="3 月排放量少计 12 tCO2e")
    consequences_handled: str | None = column("后果的处理", "how the consequences were dealt with")
    consequences_handled_on: date | None = column("后果处理日期", "consequences dealt with on")
    reviewed_on: date | None = column("评审日期", "reviewed on", example="2026-04-16")
    reviewed_by: str | None = column("评审人", "reviewed by", ref="person")
    cause: str | None = column("原因", "cause", example="交接班时未移交数据表")
    similar_checked_on: date | None = column(
        "类似不符合的排查日期", "looked for similar ones on", example="2026-04-16"
    )
    similar_result: str | None = column(
        "类似不符合的排查结果",
        "similar ones",
        choices={
            "none": ("不存在且不会发生", "none, and none likely"),
            "potential": ("可能发生", "could occur"),
            "found": ("存在", "found"),
        },
        example="none",
    )
    action_needed: bool | None = column(
        "是否需要纠正措施",
        "corrective action needed",
        help=("评价原因后的决定", "decided after looking at the cause"),
        example=True,
    )
    action_reason: str | None = column("决定的理由", "reason of the decision", example="原因可能再次出现")
    system_change_needed: bool | None = column(
        "是否需要变更体系", "change of the system needed", example=False
    )
    change: str | None = column("体系变更", "change of the system", ref="change")
    closed_on: date | None = column("关闭日期", "closed on", example="2026-05-30")


class CorrectiveAction(
    Record,
    kind="corrective_action",
    zh="纠正措施",
    en="corrective action",
    about_zh="消除不符合原因的措施，一项一行",
    about_en="an action that removes the cause of a nonconformity, one row each",
):
    """An action that removes the cause of a nonconformity."""

    nonconformity: str | None = column(
        "不符合", "nonconformity", ref="nonconformity", required=True, example="NC-1"
    )
    measure: str | None = column("措施", "measure", example="将数据表移交列入交接班检查单")
    responsible: str | None = column("负责人", "responsible person", ref="person", example="PE-4")
    due_on: date | None = column(
        "计划完成日期", "due on", example="2026-05-10", expires=True, settled_by="completed_on"
    )
    completed_on: date | None = column("完成日期", "completed on", example="2026-05-06")
    result: str | None = column("措施的结果", "result", example="4、5 月数据收集完整")
    effect_reviewed_on: date | None = column(
        "有效性评审日期", "effectiveness reviewed on", example="2026-05-28"
    )
    effect_reviewed_by: str | None = column("有效性评审人", "effectiveness reviewed by", ref="person")
    effective: bool | None = column("是否有效", "effective", example=True)
    proportionate: bool | None = column(
        "与影响相适应",
        "proportionate",
        help=("与不符合的影响相称", "fits the effects of the nonconformity"),
        example=True,
    )


class Improvement(
    Record,
    kind="improvement",
    zh="持续改进",
    en="continual improvement",
    about_zh="已决定或已完成的改进，一项一行",
    about_en="an improvement decided on or completed, one row each",
):
    """An improvement of the system or of carbon performance."""

    description: str | None = column("改进内容", "description", example="空压站余热回收")
    aspect: str | None = column(
        "改进对象",
        "what it improves",
        choices={
            "suitability": ("体系适宜性", "suitability of the system"),
            "adequacy": ("体系充分性", "adequacy of the system"),
            "effectiveness": ("体系有效性", "effectiveness of the system"),
            "carbon_performance": ("碳绩效", "carbon performance"),
        },
        example="carbon_performance",
    )
    origin: str | None = column(
        "发现途径",
        "arose from",
        choices={
            "internal_audit": ("内部审核", "internal audit"),
            "external_audit": ("外部审核", "external audit"),
            "management_review": ("管理评审", "management review"),
            "performance_evaluation": ("绩效评价", "performance evaluation"),
            "carbon_review": ("碳评审", "carbon review"),
            "suggestion": ("建议", "suggestion"),
            "other": ("其他", "other"),
        },
        example="performance_evaluation",
    )
    focus: str | None = column(
        "重点方向",
        "field",
        choices={
            "supply_chain": ("供应链", "supply chain"),
            "production": ("生产", "production"),
            "transport": ("运输", "transport"),
        },
        example="production",
    )
    means: str | None = column(
        "途径",
        "means",
        choices={
            "green_design": ("绿色设计", "green design"),
            "process_optimisation": ("工艺优化", "process optimisation"),
            "energy_retrofit": ("节能技改", "energy retrofit"),
            "low_carbon_purchase": ("低碳采购", "low-carbon purchasing"),
            "low_carbon_transport": ("低碳运输", "low-carbon transport"),
            "recycling": ("回收与再利用", "recovery and reuse"),
            "management": ("管理改进", "better management"),
        },
        example="energy_retrofit",
    )
    audit_finding: str | None = column("审核发现", "audit finding", ref="audit_finding")
    review_output: str | None = column("管理评审决定", "management review decision", ref="review_output")
    improvement_opportunity: str | None = column("改进机会", "opportunity", ref="improvement_opportunity")
    cause: str | None = column("原因分析", "cause analysed", example="压缩热未利用")
    considers_benefits_risks: bool | None = column(
        "考虑效益和风险", "weighs benefits and risks", example=True
    )
    considers_system_integrity: bool | None = column("考虑体系完整性", "keeps the system whole", example=True)
    considers_resources: bool | None = column("考虑资源支持", "considers resources", example=True)
    considers_responsibilities: bool | None = column(
        "考虑职责分配", "considers responsibilities", example=True
    )
    controlled_by: str | None = column(
        "控制依据", "controlled under", help=("所依据的规定或计划", "the rule or plan it follows")
    )
    responsible: str | None = column("负责人", "responsible person", ref="person")
    decided_on: date | None = column("决定日期", "decided on", example="2026-02-01")
    due_on: date | None = column(
        "计划完成日期", "due on", example="2026-05-31", expires=True, settled_by="completed_on"
    )
    completed_on: date | None = column("完成日期", "completed on", example="2026-05-20")
    result: str | None = column("结果", "result", example="年减排约 120 tCO2e")
    saving: Decimal | None = column("年减排量", "yearly reduction", unit="tCO2e", example="120")
    verified_on: date | None = column("验证日期", "verified on", example="2026-06-10")
    verified_by: str | None = column("验证人", "verified by", ref="person")
    effective: bool | None = column("是否有效", "effective", example=True)
