"""Support: resources, competence, awareness, communication and disclosure, documented information."""

from datetime import date
from decimal import Decimal

from shall.evidence.kinds.base import Record, column

DIRECTIONS = {"internal": ("内部", "internal"), "external": ("外部", "external")}

TOPICS = {
    "policy": ("碳方针", "carbon policy"),
    "objectives": ("碳目标和指标", "objectives and targets"),
    "performance": ("碳绩效", "carbon performance"),
    "parameters": ("碳绩效参数", "performance parameters"),
    "baseline": ("碳基准", "baseline"),
    "obligations": ("合规义务", "obligations to comply"),
    "review": ("碳评审结果", "results of the carbon review"),
    "criteria": ("运行准则", "operating criteria"),
    "responsibilities": ("职责和权限", "responsibilities and authorities"),
    "importance": ("碳管理的重要性", "importance of carbon management"),
    "change": ("变更", "changes"),
    "technology": ("低碳技术和经验", "low-carbon techniques and experience"),
    "nonconformity": ("不符合和纠正措施", "nonconformities and corrective actions"),
    "suggestion": ("意见和建议", "suggestions"),
    "audit_review": ("内审和管理评审结果", "results of audits and management reviews"),
    "trading": ("碳交易", "carbon trading"),
    "finance": ("碳金融", "carbon finance"),
    "supplier": ("供应链要求", "requirements on the supply chain"),
    "other": ("其他", "other"),
}

AUDIENCES = {
    "staff": ("员工", "staff"),
    "top_management": ("最高管理者", "top management"),
    "contractor": ("承包方", "contractors"),
    "government": ("政府", "government"),
    "regulator": ("监管机构", "regulator"),
    "association": ("行业协会等社团", "associations"),
    "customer": ("客户", "customers"),
    "supplier": ("供方", "suppliers"),
    "verifier": ("核查机构", "verification bodies"),
    "asset_manager": ("碳资产管理机构", "carbon asset managers"),
    "public": ("公众", "the public"),
    "other": ("其他相关方", "other interested parties"),
}

MEANS = {
    "report": ("报表或报告", "reports"),
    "meeting": ("会议", "meetings"),
    "notice": ("公告或简报", "notices"),
    "training": ("培训", "training"),
    "website": ("网站", "website"),
    "media": ("新闻媒体或新媒体", "media"),
    "mail": ("邮件或函件", "mail"),
    "system": ("信息系统或平台", "information system"),
    "talk": ("口头", "by word of mouth"),
    "publication": ("专利和著作", "patents and publications"),
    "event": ("开放日、展览等活动", "open days and events"),
    "other": ("其他", "other"),
}

DISCLOSURE_MODES = {"active": ("主动披露", "on its own initiative"), "on_request": ("应询披露", "on request")}


class Resource(
    Record,
    kind="resource",
    zh="资源",
    en="resource",
    about_zh="碳管理体系所需的资源，每项一行",
    about_en="a resource the management system needs, one row each",
):
    """A resource that was found necessary, and whether it is there."""

    resource_type: str | None = column(
        "类别",
        "type",
        choices={
            "human": ("人力资源", "people"),
            "knowledge": ("知识和技术", "knowledge and technique"),
            "finance": ("财力资源", "money"),
            "information": ("信息资源", "information"),
            "infrastructure": ("基础设施", "infrastructure"),
            "work_environment": ("工作环境或过程运行环境", "environment of work and processes"),
        },
        example="human",
    )
    title: str | None = column("名称", "title", example="专职碳数据管理员2名")
    purpose: str | None = column("用途", "what it is needed for", example="碳数据收集和质量控制")
    origin: str | None = column(
        "来源类别",
        "from inside or outside",
        choices=DIRECTIONS,
        help=("外部包括外包、租用、咨询", "outside: hired, bought, contracted"),
        example="internal",
    )
    determined_on: date | None = column("确定需求的日期", "need determined on", example="2026-01-10")
    determined_by: str | None = column("确定人", "determined by", ref="person", example="PE-1")
    needed_by: date | None = column(
        "最迟需要日期",
        "needed by",
        help=("尚不需要时填写将来的日期", "a later day where it is not needed yet"),
        expires=True,
        settled_by="provided_on",
    )
    provided: bool | None = column("已提供", "provided", example=True)
    provided_on: date | None = column("提供日期", "provided on", example="2026-02-01")
    amount: Decimal | None = column("金额", "amount of money", unit="CNY")
    gap: str | None = column("缺口及安排", "what is short and what is done about it")


class ResourceReview(
    Record,
    kind="resource_review",
    zh="资源评估",
    en="resource review",
    about_zh="对内部资源能力、局限和外部资源需求的评估，每次一行",
    about_en="an assessment of what own resources can do and what must come from outside, one row each time",
):
    """An assessment of the resources of the organisation."""

    reviewed_on: date | None = column("评估日期", "reviewed on", example="2026-01-10")
    reviewed_by: str | None = column("评估人", "reviewed by", ref="person", example="PE-1")
    internal_capability: str | None = column(
        "内部资源的能力", "what own resources can do", example="可自行完成排放核算"
    )
    internal_limits: str | None = column(
        "内部资源的局限", "limits of own resources", example="无产品碳足迹核算经验"
    )
    external_needs: str | None = column(
        "需从外部获得的资源",
        "what must come from outside",
        help=("没有时写“无”", "write 'none' if there is none"),
        example="产品碳足迹第三方服务",
    )
    external_feasibility: str | None = column(
        "外部获得的可行性",
        "feasibility of getting it",
        help=("费用、时间、供应方", "cost, time, providers"),
        example="已询价三家，预算内",
    )


class CompetenceRequirement(
    Record,
    kind="competence_requirement",
    zh="岗位能力要求",
    en="competence requirement",
    about_zh="影响碳管理体系和碳绩效的岗位，每个岗位一行",
    about_en="a post that bears on the management system or on carbon performance, one row per post",
):
    """What a post demands of whoever holds it."""

    post: str | None = column("岗位", "post", example="碳排放核算员")
    post_group: str | None = column(
        "岗位类别",
        "group of posts",
        choices={
            "carbon_management": ("碳管理", "carbon management"),
            "facility_operation": ("排放设施运行", "operation of emitting facilities"),
            "equipment": ("设备管理", "equipment management"),
            "production": ("生产管理和工艺技术", "production and process engineering"),
            "purchasing": ("采购", "purchasing"),
            "quality": ("质量检测与控制", "quality testing and control"),
            "logistics": ("物流、仓储、运输", "logistics, storage, transport"),
            "system": ("体系运行管理", "running the management system"),
            "design": ("研发和设计", "research and design"),
            "trading": ("碳交易和履约", "carbon trading and surrender of allowances"),
            "audit": ("内部审核", "internal audit"),
            "other": ("其他", "other"),
        },
        example="carbon_management",
    )
    affects_system: bool | None = column("影响碳管理体系", "bears on the management system", example=True)
    affects_performance: bool | None = column("影响碳绩效", "bears on carbon performance", example=True)
    affects_trading: bool | None = column(
        "影响碳交易或履约", "bears on trading or surrender of allowances", example=False
    )
    education: str | None = column("教育要求", "education demanded", example="大专及以上")
    training_needed: str | None = column("培训要求", "training demanded", example="温室气体核算培训")
    skills: str | None = column("技能要求", "skills demanded", example="掌握行业核算指南")
    experience: str | None = column("经验要求", "experience demanded", example="从事能源或碳管理1年")
    qualification: str | None = column(
        "资质要求", "qualification demanded", help=("如特种作业证", "such as a licence")
    )
    determined_on: date | None = column("确定日期", "determined on", example="2026-01-10")
    reviewed_on: date | None = column("最近评审日期", "last reviewed on", example="2026-01-10")
    affects_compliance: bool | None = column(
        "影响合规义务的履行", "bears on meeting obligations to comply", example=True
    )
    future_needs: str | None = column(
        "将来的能力需要",
        "competence needed in future",
        help=("评审时预计的新要求，没有则写“无”", "as foreseen in the review; write 'none' if there is none"),
        example="产品碳足迹核算",
    )


class CompetenceRecord(
    Record,
    kind="competence_record",
    zh="能力评价记录",
    en="competence record",
    about_zh="某人对某岗位能力的评价，每人每岗一行",
    about_en="the evaluation of one person for one post, one row per person and post",
):
    """The evaluation of a person against the demands of a post."""

    requirement: str | None = column(
        "岗位能力要求", "competence requirement", ref="competence_requirement", example="CQ-1"
    )
    person: str | None = column("人员", "person", ref="person", example="PE-3")
    evaluated_on: date | None = column("评价日期", "evaluated on", example="2026-01-25")
    evaluated_by: str | None = column("评价人", "evaluated by", ref="person", example="PE-1")
    basis_education: bool | None = column("依据教育", "judged on education", example=True)
    basis_training: bool | None = column("依据培训", "judged on training", example=True)
    basis_skill: bool | None = column("依据技能", "judged on skill", example=False)
    basis_experience: bool | None = column("依据经验", "judged on experience", example=True)
    evidence: str | None = column(
        "能力证明",
        "proof",
        help=("证书编号、考核记录等", "certificate number, test record"),
        example="核算员证书2025-018",
    )
    competent: bool | None = column("能够胜任", "competent", example=True)
    gap: str | None = column("能力差距", "what is lacking")
    development_plan: str | None = column("培训或提升安排", "plan to train or develop")


class Training(
    Record,
    kind="training",
    zh="培训和能力提升",
    en="training or other competence action",
    about_zh="为获得所需能力采取的措施，每项每个主题一行",
    about_en="an action taken to acquire competence, one row per action and topic",
):
    """An action taken so that people become competent."""

    title: str | None = column("名称", "title", example="发电设施核算指南培训")
    action_type: str | None = column(
        "措施类型",
        "type of action",
        choices={
            "training": ("培训", "training"),
            "coaching": ("指导", "coaching"),
            "reassignment": ("调整岗位", "reassignment"),
            "recruitment": ("招聘", "recruitment"),
            "external": ("聘用外部人员", "hiring of external people"),
        },
        example="training",
    )
    topic: str | None = column(
        "主题",
        "topic",
        choices={
            "legal": ("政策法规、标准和其他要求", "policies, regulations, standards, other requirements"),
            "system": ("体系标准和体系文件", "system standards and documents"),
            "policy_objectives": ("碳方针、目标和指标", "policy, objectives and targets"),
            "metering": ("碳计量和统计", "metering and statistics"),
            "accounting": ("排放核算和报告", "emission accounting and reports"),
            "footprint": ("产品碳足迹", "product footprint"),
            "information": ("国内外碳资讯", "carbon news at home and abroad"),
            "operation": ("效率监控与低碳运行", "efficiency monitoring and low-carbon operation"),
            "technology": ("碳减排技术", "reduction techniques"),
            "asset": ("碳资产管理", "carbon asset management"),
            "trading": ("碳交易、碳信用和履约", "trading, credits, surrender of allowances"),
            "audit": ("内部审核", "internal audit"),
            "other": ("其他", "other"),
        },
        example="accounting",
    )
    stage: str | None = column(
        "培训阶段",
        "stage",
        choices={
            "induction": ("新员工入职", "induction of new staff"),
            "transfer": ("转岗", "change of post"),
            "continuing": ("在岗继续培训", "continuing training"),
        },
        example="continuing",
    )
    competence_record: str | None = column(
        "针对的能力评价", "competence record it follows", ref="competence_record"
    )
    need_identified_on: date | None = column("需求识别日期", "need identified on", example="2026-01-12")
    held_on: date | None = column("实施日期", "held on", example="2026-03-12")
    trainer: str | None = column("讲师或机构", "trainer", example="某第三方服务机构")
    participants: int | None = column("参加人数", "participants", example=18)
    hours: Decimal | None = column("学时", "hours", unit="h", example="4")
    evaluation_method: str | None = column(
        "效果评价方式", "how the effect was evaluated", example="笔试和上岗观察"
    )
    evaluation_due_on: date | None = column(
        "计划评价日期",
        "effect to be evaluated by",
        help=("效果需过一段时间才能评价时填写", "where the effect shows only later"),
        expires=True,
        settled_by="evaluated_on",
    )
    evaluated_on: date | None = column("效果评价日期", "effect evaluated on", example="2026-03-20")
    effective: bool | None = column("措施有效", "effective", example=True)
    follow_up: str | None = column(
        "后续安排", "follow-up", help=("无效时填写", "what was done where it had no effect")
    )


class AwarenessRecord(
    Record,
    kind="awareness_record",
    zh="意识培养记录",
    en="awareness record",
    about_zh="一次使员工具备意识的活动及其效果检查，每次一行",
    about_en="one activity to make people aware and the check of its effect, one row each",
):
    """One activity to make people aware, with what was found when they were asked."""

    title: str | None = column("名称", "title", example="2026年全员碳意识宣贯")
    held_on: date | None = column("日期", "held on", example="2026-03-18")
    form: str | None = column(
        "形式",
        "form",
        choices={
            "training": ("培训", "training"),
            "meeting": ("交流或会议", "meeting"),
            "test": ("考核", "test"),
            "interview": ("访谈", "interview"),
            "reward": ("奖惩", "reward and sanction"),
            "culture": ("企业文化活动", "culture"),
            "other": ("其他", "other"),
        },
        example="training",
    )
    audience: str | None = column("对象", "audience", example="全体员工及驻厂承包方")
    persons_expected: int | None = column("应参加人数", "persons expected", example=240)
    persons_reached: int | None = column("实际参加人数", "persons reached", example=240)
    made_up_on: date | None = column(
        "缺席人员补训日期",
        "absent persons caught up on",
        help=("没有缺席时留空", "empty if nobody was absent"),
    )
    covers_climate: bool | None = column(
        "含全球气候变化及其风险", "covers climate change and its risks", example=True
    )
    covers_policy: bool | None = column("含碳方针", "covers the carbon policy", example=True)
    covers_objectives: bool | None = column("含碳目标和指标", "covers objectives and targets", example=True)
    covers_contribution: bool | None = column(
        "含个人对体系有效性的贡献", "covers what each contributes to the system", example=True
    )
    covers_benefit: bool | None = column(
        "含改进碳绩效的益处", "covers the benefit of better performance", example=True
    )
    covers_impact: bool | None = column(
        "含个人行为对碳绩效的影响", "covers what each one's acts do to performance", example=True
    )
    covers_consequences: bool | None = column(
        "含不符合体系要求的后果", "covers the consequences of not conforming", example=True
    )
    covers_importance: bool | None = column(
        "含符合方针、准则和体系要求的重要性",
        "covers why to conform to policy, criteria and system",
        example=True,
    )
    covers_strategy: bool | None = column(
        "含双碳战略对企业的价值",
        "covers the value of the national carbon goals for the company",
        example=True,
    )
    checked_on: date | None = column("效果检查日期", "effect checked on", example="2026-03-25")
    check_method: str | None = column("效果检查方式", "how the effect was checked", example="抽样提问30人")
    understood: bool | None = column(
        "检查表明已理解",
        "people were found aware",
        help=("以检查结果为准", "as found in the check"),
        example=True,
    )


class CommunicationPlan(
    Record,
    kind="communication_plan",
    zh="信息交流安排",
    en="communication plan",
    about_zh="规定的内部和外部信息交流，每类一行",
    about_en="a communication that was planned, internal or external, one row per sort",
):
    """What the organisation has laid down for one sort of communication."""

    direction: str | None = column("内部或外部", "direction", choices=DIRECTIONS, example="internal")
    topic: str | None = column("主题", "topic", choices=TOPICS, example="performance")
    content: str | None = column("交流什么", "what", example="月度碳绩效及目标进展")
    timing: str | None = column("何时交流", "when", example="每月10日前")
    audience: str | None = column("对象类别", "audience", choices=AUDIENCES, example="staff")
    audience_note: str | None = column("与谁交流", "with whom", example="各车间主任")
    means: str | None = column("方式类别", "means", choices=MEANS, example="meeting")
    means_note: str | None = column("如何交流", "how", example="生产例会通报")
    communicator: str | None = column("谁来交流", "who communicates", example="碳管理办公室")
    obligation: str | None = column(
        "对应的合规义务",
        "obligation it serves",
        help=("如年度排放报告报送", "such as the yearly emission report"),
        ref="obligation",
    )
    purpose: str | None = column("为何交流", "why", example="让各车间知道目标是否按期")


class Communication(
    Record,
    kind="communication",
    zh="信息交流记录",
    en="communication",
    about_zh="实际进行的一次信息交流，每次一行",
    about_en="one communication that took place, one row each",
):
    """One communication that took place."""

    plan: str | None = column("依据的安排", "plan it follows", ref="communication_plan", example="CP-1")
    direction: str | None = column("内部或外部", "direction", choices=DIRECTIONS, example="internal")
    topic: str | None = column("主题", "topic", choices=TOPICS, example="performance")
    communicated_on: date | None = column("交流日期", "communicated on", example="2026-04-10")
    communicated_by: str | None = column("交流人", "communicated by", ref="person", example="PE-1")
    audience: str | None = column("对象类别", "audience", choices=AUDIENCES, example="staff")
    audience_note: str | None = column("对象", "to whom", example="各车间主任")
    means: str | None = column("方式类别", "means", choices=MEANS, example="meeting")
    content: str | None = column("内容摘要", "content in short", example="一季度单位产品碳排放0.39")
    contains_data: bool | None = column("含碳数据或绩效信息", "contains carbon data", example=True)
    checked_on: date | None = column(
        "内容核对日期",
        "content checked on",
        help=("发出前与体系记录核对", "against the records of the system, before it went out"),
        example="2026-04-09",
    )
    checked_by: str | None = column("核对人", "checked by", ref="person", example="PE-2")
    consistent: bool | None = column("与体系信息一致", "agrees with the system's information", example=True)
    truthful: bool | None = column("真实可信", "true and reliable", example=True)
    obligation: str | None = column("对应的合规义务", "obligation it serves", ref="obligation")
    reply: str | None = column("反馈及处理", "reply and what was done")
    reach: str | None = column(
        "交流层次",
        "how far it reaches",
        choices={
            "company": ("全企业", "the whole company"),
            "department": ("部门或车间内部", "within a department or workshop"),
            "system": ("某个系统内部", "within one system, such as energy supply"),
        },
        help=("内部交流填写", "for communication inside"),
        example="company",
    )


class DisclosureRule(
    Record,
    kind="disclosure_rule",
    zh="碳信息披露准则",
    en="disclosure rule",
    about_zh="组织制定的碳信息披露规则，每种披露方式一行",
    about_en="a rule of the organisation on carbon disclosure, one row per mode of disclosure",
):
    """What the organisation has laid down for one mode of disclosure."""

    mode: str | None = column("披露方式", "mode", choices=DISCLOSURE_MODES, example="active")
    principles: str | None = column("披露原则", "principles", example="相关、可靠、完整、及时")
    follows_principles: bool | None = column(
        "符合GB/T 26450的原则", "follows the principles of GB/T 26450", example=True
    )
    content: str | None = column("披露内容", "content to disclose", example="年度排放量、目标及进展")
    channel: str | None = column("披露渠道", "channel", example="公司网站")
    set_on: date | None = column("制定日期", "set on", example="2026-01-15")


class Disclosure(
    Record,
    kind="disclosure",
    zh="碳信息披露",
    en="disclosure",
    about_zh="一次对外披露碳信息，每次一行",
    about_en="one disclosure of carbon information to the outside, one row each",
):
    """One disclosure of carbon information."""

    title: str | None = column("名称", "title", example="2025年度碳信息披露报告")
    rule: str | None = column("依据的准则", "rule it follows", ref="disclosure_rule", example="DR-1")
    mandatory: bool | None = column(
        "属于强制披露",
        "mandatory",
        help=("法律法规或标准要求的为“是”", "yes where law or a standard demands it"),
        example=False,
    )
    mode: str | None = column("披露方式", "mode", choices=DISCLOSURE_MODES, example="active")
    disclosed_on: date | None = column("披露日期", "disclosed on", example="2026-04-22")
    channel: str | None = column("披露渠道", "channel", choices=MEANS, example="website")
    address: str | None = column("网址或出处", "where it can be found", example="公司网站“可持续发展”栏目")
    own_operations: bool | None = column("含自身运营信息", "covers own operations", example=True)
    supply_chain: bool | None = column("含供应链上下游信息", "covers the supply chain", example=False)
    discloses_targets: bool | None = column("含目标类信息", "covers targets and the way there", example=True)
    discloses_performance: bool | None = column("含绩效类信息", "covers performance", example=True)
    discloses_measures: bool | None = column("含举措类信息", "covers measures taken", example=True)
    public_wording: bool | None = column(
        "公众易于理解",
        "easy for the public to understand",
        help=("图表、通俗说明等", "charts, plain explanations"),
        example=True,
    )
    guides_consumers: bool | None = column(
        "引导公众低碳消费", "leads the public to low-carbon consumption", example=True
    )
    verified: bool | None = column("经第三方核查", "verified by a third party", example=False)
    checked_on: date | None = column("内容核对日期", "content checked on", example="2026-04-20")


class SuggestionChannel(
    Record,
    kind="suggestion_channel",
    zh="建议渠道",
    en="suggestion channel",
    about_zh="人员提出意见或建议的途径，每个渠道一行",
    about_en="a way for people to make comments or suggestions, one row per channel",
):
    """A way for people to make comments or suggestions."""

    title: str | None = column("名称", "title", example="合理化建议平台")
    opened_on: date | None = column("启用日期", "opened on", example="2025-03-01")
    responsible: str | None = column("受理人", "who handles them", ref="person", example="PE-1")
    open_to_staff: bool | None = column("员工可用", "open to staff", example=True)
    open_to_contractors: bool | None = column(
        "在组织控制下工作的其他人员可用",
        "open to others working under the organisation's control",
        help=("承包方、劳务派遣等", "contractors, agency workers"),
        example=True,
    )
    rule: str | None = column("处理规则", "how they are handled", example="15个工作日内答复")
    announced_on: date | None = column("告知日期", "announced on", example="2025-03-05")


class Suggestion(
    Record,
    kind="suggestion",
    zh="意见和建议",
    en="suggestion",
    about_zh="收到的改进意见或建议，每条一行",
    about_en="a comment or suggestion received, one row each",
):
    """A comment or suggestion received."""

    channel: str | None = column("渠道", "channel", ref="suggestion_channel", example="SC-1")
    submitted_on: date | None = column("提出日期", "submitted on", example="2026-02-08")
    submitted_by: str | None = column(
        "提出人", "submitted by", help=("可匿名", "may be anonymous"), example="二车间员工"
    )
    content: str | None = column("内容", "content", example="烘箱待机降温")
    about_carbon: bool | None = column("涉及碳管理或碳绩效", "about carbon management", example=True)
    answered_on: date | None = column("答复日期", "answered on", example="2026-02-20")
    decision: str | None = column(
        "处理结果",
        "decision",
        choices={
            "adopted": ("采纳", "adopted"),
            "rejected": ("不采纳", "not adopted"),
            "pending": ("处理中", "pending"),
        },
        example="adopted",
    )
    decision_reason: str | None = column("理由", "reason")
    implemented_on: date | None = column("实施日期", "implemented on")


class ControlledDocument(
    Record,
    kind="controlled_document",
    zh="文件化信息",
    en="controlled document",
    about_zh="碳管理体系的文件和记录清单，每个文件一行",
    about_en="the register of documents and records of the management system, one row each",
):
    """A document or record of the management system, as its register lists it."""

    title: str | None = column("标题", "title", example="碳排放数据管理程序")
    doc_number: str | None = column("文件编号", "document number", example="CMS-P-06")
    edition: str | None = column("版本", "edition", example="B/1")
    doc_date: date | None = column("文件日期", "date of the document", example="2026-01-05")
    author: str | None = column("作者", "author", example="碳管理办公室")
    doc_type: str | None = column(
        "类型",
        "type",
        choices={
            "manual": ("手册", "manual"),
            "procedure": ("程序或制度", "procedure or rule"),
            "instruction": ("作业文件", "work instruction"),
            "plan": ("计划或方案", "plan"),
            "report": ("报告", "report"),
            "form": ("表式", "form"),
            "evidence": ("记录", "record"),
            "other": ("其他", "other"),
        },
        example="procedure",
    )
    subject: str | None = column(
        "所涉事项",
        "subject",
        choices={
            "scope": ("范围和边界", "scope and boundary"),
            "process": ("体系过程", "processes of the system"),
            "policy": ("碳方针", "carbon policy"),
            "review_method": ("碳评审准则和方法", "criteria and methods of the carbon review"),
            "review_result": ("碳评审结果", "results of the carbon review"),
            "obligations": ("合规义务", "obligations to comply"),
            "obligation_review": ("合规义务评审", "review of obligations"),
            "parameters": ("碳绩效参数", "performance parameters"),
            "baseline": ("碳基准", "baseline"),
            "data": ("碳数据", "carbon data"),
            "objectives": ("碳目标和指标", "objectives and targets"),
            "action_plan": ("措施计划", "action plans"),
            "change": ("变更", "changes"),
            "competence": ("人员能力", "competence"),
            "communication": ("信息交流", "communication"),
            "operation": ("运行控制", "operational control"),
            "design": ("设计控制", "design control"),
            "purchase": ("采购控制", "purchasing control"),
            "monitoring": ("监视、测量和校准", "monitoring, measurement and calibration"),
            "performance": ("碳绩效评价", "evaluation of performance"),
            "compliance": ("合规性评价", "evaluation of compliance"),
            "audit": ("内部审核", "internal audit"),
            "management_review": ("管理评审", "management review"),
            "nonconformity": ("不符合和纠正措施", "nonconformity and corrective action"),
            "other": ("其他", "other"),
        },
        example="data",
    )
    needed_by: str | None = column(
        "由谁要求",
        "demanded by",
        choices={
            "standard": ("标准要求", "the standard"),
            "organisation": ("组织自行确定", "the organisation itself"),
        },
        example="standard",
    )
    doc_language: str | None = column("语言", "language", example="zh")
    doc_form: str | None = column(
        "形式",
        "form",
        help=("文字、图表、软件版本等", "text, charts, software version"),
        example="文字和流程图",
    )
    medium: str | None = column(
        "载体",
        "medium",
        choices={
            "paper": ("纸质", "paper"),
            "electronic": ("电子", "electronic"),
            "both": ("纸质和电子", "paper and electronic"),
        },
        example="electronic",
    )
    reviewed_by: str | None = column("评审人", "reviewed by", ref="person", example="PE-2")
    reviewed_on: date | None = column("评审日期", "reviewed on", example="2026-01-04")
    suitable: bool | None = column(
        "评审认为适宜且充分", "found suitable and adequate in the review", example=True
    )
    available_at: str | None = column("使用场所", "where it is to be used", example="各车间、碳管理办公室")
    available: bool | None = column(
        "在使用处可获得",
        "at hand where and when needed",
        help=("以检查结果为准", "as found in a check"),
        example=True,
    )
    protection: str | None = column("保护措施", "how it is protected", example="权限管理、每日备份")
    protected: bool | None = column(
        "得到充分保护", "well protected", help=("以检查结果为准", "as found in a check"), example=True
    )
    checked_on: date | None = column(
        "获取和保护情况检查日期", "availability and protection checked on", example="2026-03-02"
    )
    distribution: str | None = column("分发范围", "distribution", example="各部门")
    access_rule: str | None = column(
        "访问和检索规则", "who may read or change it", example="全员可读，办公室可改"
    )
    storage_place: str | None = column("存放处", "storage", example="文件管理系统")
    legible: bool | None = column("清晰易读", "legible", example=True)
    change_controlled: bool | None = column(
        "更改受控",
        "changes are controlled",
        help=("版本号、修订记录", "edition number, revision list"),
        example=True,
    )
    obsolete_removed: bool | None = column("旧版已收回", "old editions removed", example=True)
    retention_months: int | None = column("保存期限（月）", "retention in months", example=60)
    retention_rule: str | None = column(
        "保存规则", "retention rule", help=("长期保存时写在此处", "for instance: kept for good")
    )
    disposal: str | None = column("到期处置方式", "disposal", example="经批准后删除并登记")
    disposed_on: date | None = column("处置日期", "disposed of on")


class DocumentRule(
    Record,
    kind="document_rule",
    zh="文件管理规定",
    en="document rule",
    about_zh="管理文件化信息的规定，每份一行",
    about_en="a rule on how documented information is managed, one row each",
):
    """What the organisation has laid down on managing documents."""

    title: str | None = column("名称", "title", example="文件和记录控制程序")
    regulates_drafting: bool | None = column("规定编制", "covers drafting", example=True)
    regulates_approval: bool | None = column("规定审批", "covers approval", example=True)
    regulates_issue: bool | None = column("规定发布", "covers issue", example=True)
    regulates_use: bool | None = column("规定使用", "covers use", example=True)
    regulates_change: bool | None = column("规定变更", "covers change", example=True)
    regulates_withdrawal: bool | None = column("规定作废", "covers withdrawal", example=True)
    identification: str | None = column(
        "标识规则", "rule on titles, dates, editions", example="CMS-类别-序号，版本A/0起"
    )
    control_mark: bool | None = column("设有受控标识", "has a mark for controlled copies", example=True)
    access_rights: bool | None = column("设定访问权限", "sets access rights", example=True)
    access_conditions: str | None = column(
        "获取途径和条件", "how and when they can be had", example="内网查询；外部经批准"
    )
    retention_form: str | None = column("保存形式", "form of retention", example="电子为主，合同纸质")
    retention_months: int | None = column("保存期限（月）", "retention in months", example=60)
    tamper_proof: bool | None = column("防篡改", "guards against tampering", example=True)


class ExternalDocument(
    Record,
    kind="external_document",
    zh="外来文件",
    en="external document",
    about_zh="碳管理体系所需的外来文件，每个一行",
    about_en="a document from outside that the management system needs, one row each",
):
    """A document from outside that the management system needs."""

    title: str | None = column("标题", "title", example="行业温室气体核算指南")
    doc_number: str | None = column("文号", "number", example="环办气候函〔2022〕485号")
    issuer: str | None = column("发布机构", "issuer", example="主管部门")
    edition: str | None = column("版本或日期", "edition or date", example="2022")
    needed_for: str | None = column("用途", "needed for", example="年度排放核算")
    identified_on: date | None = column("识别日期", "identified on", example="2026-01-06")
    obtained_on: date | None = column("获取日期", "obtained on", example="2026-01-06")
    needs_control: bool | None = column(
        "需要受控", "needs control", help=("由组织判断", "as the organisation judges"), example=True
    )
    controlled: bool | None = column(
        "已受控",
        "controlled",
        help=("登记、分发、更新受控", "listed, distributed and updated under control"),
        example=True,
    )
    distribution: str | None = column("分发范围", "distribution", example="碳管理办公室")
    current_edition: bool | None = column("为现行有效版本", "is the edition in force", example=True)
    checked_on: date | None = column("有效性核查日期", "edition checked on", example="2026-03-02")
