"""Auditing: an audit as a whole, its team and timetable, and what decides who may audit what."""

from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Record, column
from shall.evidence.kinds.evaluation import EXTENT


class AuditFile(
    Record,
    kind="audit_file",
    zh="审核档案",
    en="audit file",
    about_zh="一次审核的总体情况：目的、范围、日期、与计划的偏离、结论和推荐意见；内部和外部审核都可填写，发现另填",
    about_en="one audit as a whole: objectives, scope, days, deviations from the plan, conclusions, recommendation; "
    "internal or external; findings are rows of their own",
):
    """One audit as a whole, internal or external."""

    title: str | None = column("名称", "title", example="2026 年碳管理体系监督审核")
    audit_type: str | None = column(
        "审核类型",
        "type of audit",
        choices={
            "internal": ("内部审核", "internal audit"),
            "stage_1": ("第一阶段审核", "stage 1 audit"),
            "stage_2": ("第二阶段审核", "stage 2 audit"),
            "surveillance": ("监督审核", "surveillance audit"),
            "recertification": ("再认证审核", "recertification audit"),
            "special": ("特殊审核", "special audit"),
            "customer": ("客户审核", "audit by a customer"),
        },
        example="surveillance",
    )
    internal_audit: str | None = column(
        "内部审核",
        "internal audit",
        ref="internal_audit",
        help=("内部审核填写", "for an internal audit"),
    )
    certification_step: str | None = column(
        "认证过程",
        "step of certification",
        ref="certification_step",
        help=("认证审核填写", "for a certification audit"),
    )
    body: str | None = column("审核机构", "body that audits", example="示例认证有限公司（虚构）")
    client_representative: str | None = column(
        "受审核方代表", "representative of the audited organisation", example="张三"
    )
    objectives: str | None = column("审核目的", "objectives", example="确认体系持续符合并有效运行")
    standards: str | None = column(
        "审核准则：标准",
        "criteria: standards",
        help=("规则集名称，以分号隔开", "keys of rulesets, separated by semicolons"),
        example="t_ccaa_39",
    )
    criteria: str | None = column("其他审核准则", "other criteria", example="体系文件、适用的法律法规")
    audited_scope: str | None = column("审核范围", "scope", example="全部部门和场所")
    integration: str | None = column(
        "结合方式",
        "combination",
        choices={
            "single": ("单一体系", "one system"),
            "combined": ("结合审核", "combined audit"),
            "joint": ("联合审核", "joint audit"),
            "integrated": ("一体化审核", "integrated audit"),
        },
        example="single",
    )
    audited_from: date | None = column("审核首日", "first day", example="2026-09-07")
    audited_until: date | None = column(
        "审核末日", "last day", help=("末次会议日期", "day of the closing meeting"), example="2026-09-09"
    )
    days_planned: Decimal | None = column("计划审核人日", "audit days planned", example="8")
    days_spent: Decimal | None = column("实际审核人日", "audit days spent", example="8")
    days_on_site: Decimal | None = column("其中现场人日", "of these on site", example="7")
    deviations: str | None = column(
        "与计划的偏离及理由", "deviations from the plan and reasons", example="无偏离"
    )
    significant_issues: str | None = column(
        "影响审核方案的重要事项", "significant issues for the audit programme"
    )
    changes_since_last: str | None = column(
        "上次审核以来的重大变化", "significant changes since the last audit"
    )
    unresolved: str | None = column("未解决的问题", "unresolved issues")
    marks_control: str | None = column(
        "证书和标志的使用", "use of certification documents and marks", example="使用受控，未发现误用"
    )
    scope_appropriate: str | None = column(
        "结论：认证范围适宜", "conclusion: scope appropriate", choices=EXTENT, example="yes"
    )
    objectives_met: str | None = column(
        "结论：审核目的实现", "conclusion: objectives of the audit met", choices=EXTENT, example="yes"
    )
    conforms: str | None = column("结论：体系符合要求", "conclusion: conforms", choices=EXTENT, example="yes")
    effective: str | None = column("结论：体系有效", "conclusion: effective", choices=EXTENT, example="yes")
    internal_audit_reliable: str | None = column(
        "结论：内部审核可信", "conclusion: internal audits can be relied on", choices=EXTENT, example="yes"
    )
    management_review_effective: str | None = column(
        "结论：管理评审有效", "conclusion: management review effective", choices=EXTENT, example="yes"
    )
    conclusion: str | None = column("结论说明", "conclusion in words")
    recommendation: str | None = column(
        "推荐意见",
        "recommendation",
        choices={
            "grant": ("推荐授予", "grant"),
            "maintain": ("推荐保持", "maintain"),
            "renew": ("推荐更新", "renew"),
            "after_verification": (
                "验证纠正措施后推荐",
                "after corrective actions are verified",
            ),
            "reduce": ("缩小范围", "reduce the scope"),
            "suspend": ("暂停", "suspend"),
            "withdraw": ("撤销", "withdraw"),
            "refuse": ("不予推荐", "refuse"),
        },
        example="maintain",
    )
    recommended_on: date | None = column("推荐日期", "recommended on", example="2026-09-10")
    recommended_by: str | None = column("推荐人", "recommended by", ref="auditor", example="AU-1")
    reported_on: date | None = column("报告日期", "report issued on")
    reviewer: str | None = column(
        "复核人",
        "reviewed by",
        help=(
            "决定之前复核审核结果的人，姓名或审核员编号，多人以分号隔开；不得在审核组内",
            "who reviews the audit before the decision, name or id of an auditor, several by semicolons; "
            "not of the team",
        ),
        example="赵工",
    )
    designated_decider: str | None = column(
        "拟定认证决定人",
        "designated to decide",
        help=(
            "决定之前填写，姓名或审核员编号，多人以分号隔开；不得在审核组内",
            "filled in before the decision, name or id of an auditor, several by semicolons; not of the team",
        ),
        example="钱工",
    )


class AuditTeamMember(
    Record,
    kind="audit_team_member",
    zh="审核组成员",
    en="member of an audit team",
    about_zh="一次审核的组成员和陪同人员，一人一行",
    about_en="members of the team of one audit and those who accompany it, one row each",
):
    """Somebody who takes part in an audit."""

    audit_file: str | None = column(
        "审核档案", "audit file", ref="audit_file", required=True, example="AD-2026"
    )
    auditor: str | None = column("审核员", "auditor", ref="auditor", example="AU-1")
    name: str | None = column("姓名", "name", help=("不是审核员时填写", "for those who are not auditors"))
    team_role: str | None = column(
        "角色",
        "role",
        choices={
            "lead": ("审核组长", "lead auditor"),
            "auditor": ("审核员", "auditor"),
            "expert": ("技术专家", "technical expert"),
            "trainee": ("实习审核员", "auditor in training"),
            "observer": ("观察员", "observer"),
            "guide": ("向导", "guide"),
            "interpreter": ("翻译", "interpreter"),
        },
        example="lead",
    )
    accepted_by_client: bool | None = column(
        "受审核方无异议", "no objection by the audited organisation", example=True
    )


class AuditSession(
    Record,
    kind="audit_session",
    zh="审核日程",
    en="audit session",
    about_zh="审核计划中的一段时间：何时、何地、哪个部门、哪些条款、由谁审核",
    about_en="one entry of an audit plan: when, where, which unit, which clauses, by whom",
):
    """One entry of the timetable of an audit."""

    audit_file: str | None = column(
        "审核档案", "audit file", ref="audit_file", required=True, example="AD-2026"
    )
    held_on: date | None = column("日期", "day", example="2026-09-07")
    starts: str | None = column("开始", "starts", help=("时:分", "hours:minutes"), example="09:00")
    ends: str | None = column("结束", "ends", help=("时:分", "hours:minutes"), example="09:30")
    session_type: str | None = column(
        "类型",
        "type",
        choices={
            "opening": ("首次会议", "opening meeting"),
            "audit": ("审核", "audit"),
            "team": ("审核组内部会议", "team meeting"),
            "travel": ("路途", "travel"),
            "closing": ("末次会议", "closing meeting"),
        },
        example="audit",
    )
    auditor: str | None = column("审核员", "auditor", ref="auditor", example="AU-1")
    clauses: str | None = column(
        "条款",
        "clauses",
        help=("规则集:条款，以分号隔开", "ruleset:clause, separated by semicolons"),
        example="t_ccaa_39:8.1; t_ccaa_39:8.2",
    )
    remote: bool | None = column("远程", "remote", example=False)


class AuditorCompetence(
    Record,
    kind="auditor_competence",
    zh="审核员能力范围",
    en="scope of an auditor's competence",
    about_zh="一名审核员可以审核什么：标准、条款组、行业，一行一项；有此类记录的审核员只审核所列内容",
    about_en="what one auditor may audit: standard, group of clauses, sector; who has such rows audits only "
    "what they list",
):
    """What an auditor was found competent for."""

    auditor: str | None = column("审核员", "auditor", ref="auditor", required=True, example="AU-1")
    standard: str | None = column(
        "标准",
        "standard",
        help=("规则集名称；留空为全部", "key of a ruleset; empty: all"),
        example="t_ccaa_39",
    )
    clause_group: str | None = column(
        "条款组",
        "group of clauses",
        help=(
            "概念或其上级，如 operation、carbon；留空为全部",
            "a concept or one above it, such as operation; empty: all",
        ),
        example="operation",
    )
    sector: str | None = column("行业", "sector", help=("留空为全部", "empty: all"), example="机械制造")
    evaluated_on: date | None = column("评价日期", "evaluated on", example="2026-01-03")


class AuditorEngagement(
    Record,
    kind="auditor_engagement",
    zh="审核员利益关系",
    en="engagement of an auditor",
    about_zh="审核员与受审核组织的其他关系：任职、咨询、代做内审等；填写期间",
    about_en="other ties of an auditor with the audited organisation: employment, consultancy, internal audits "
    "done for it; with their period",
):
    """A tie that bears on an auditor's impartiality."""

    auditor: str | None = column("审核员", "auditor", ref="auditor", required=True, example="AU-4")
    engagement: str | None = column(
        "关系",
        "tie",
        choices={
            "employment": ("任职", "employment"),
            "consultancy": ("咨询", "consultancy"),
            "internal_audit": ("为其做内部审核", "internal audit on its behalf"),
            "training": ("专门培训", "training made for it"),
            "inventory": ("编制碳清单或报告", "preparing its inventory or report"),
            "other": ("其他", "other"),
        },
        example="consultancy",
    )
    whole_organisation: bool | None = column(
        "涉及整个组织",
        "concerns the whole organisation",
        help=("只涉及一个部门时填否并填写部门", "no for one unit only, with the unit"),
        example=True,
    )


class AuditorAbsence(
    Record,
    kind="auditor_absence",
    zh="审核员不可用时间",
    en="absence of an auditor",
    about_zh="审核员不能参加审核的期间；填写期间首日和末日",
    about_en="days on which an auditor cannot audit; with first and last day of the period",
):
    """Days on which an auditor cannot audit."""

    auditor: str | None = column("审核员", "auditor", ref="auditor", required=True, example="AU-2")
    reason: str | None = column("原因", "reason", example="其他审核任务")


class SiteTravel(
    Record,
    kind="site_travel",
    zh="场所间路程",
    en="travel between sites",
    about_zh="两个场所之间的路途时间，往返相同的只填一行",
    about_en="time to travel between two sites; one row does for both directions",
):
    """The time it takes from one site to another."""

    from_site: str | None = column("从", "from", ref="site", required=True, example="SITE-1")
    to_site: str | None = column("到", "to", ref="site", required=True, example="SITE-2")
    minutes: int | None = column("分钟", "minutes", example=60)
