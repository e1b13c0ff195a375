"""Leadership: policy, what top management did, roles, reports to top management."""

from datetime import date

from shall.evidence.kinds.base import Record, column


class Policy(
    Record,
    kind="policy",
    zh="方针",
    en="policy",
    about_zh="最高管理者发布的方针，每个版本一行；内容各列只填写方针原文确有的",
    about_en="a policy issued by top management, one row per edition; say only what its text contains",
):
    """A policy, one row per edition."""

    topic: str | None = column(
        "主题",
        "topic",
        choices={
            "carbon": ("碳", "carbon"),
            "energy": ("能源", "energy"),
            "environment": ("环境", "environment"),
        },
        example="carbon",
    )
    title: str | None = column("标题", "title", example="碳方针")
    wording: str | None = column("内容", "wording")
    issued_by_top_management: bool | None = column(
        "由最高管理者发布", "issued by top management", example=True
    )
    issued_by: str | None = column("发布人", "issued by", ref="person", example="P1")
    issued_on: date | None = column("发布日期", "issued on", example="2025-01-10")
    covers_scope: bool | None = column(
        "覆盖体系范围",
        "covers the scope",
        help=("适用于所确定的整个体系范围", "it holds for the whole scope as determined"),
        example=True,
    )
    carried_out_how: str | None = column(
        "如何实施",
        "how it is carried out",
        help=("落实方针的目标、计划或制度", "objectives, plans or rules that put it into practice"),
        example="碳目标分解表",
    )
    suitability_basis: str | None = column(
        "契合性依据",
        "basis of suitability",
        help=(
            "与哪些宗旨、内外部因素、相关方需求和资源对应",
            "which purpose, factors, needs and resources it answers",
        ),
        example="F1、F3；出口铸件",
    )
    commits_compliance: bool | None = column(
        "承诺履行合规义务", "commits to compliance obligations", example=True
    )
    special_commitments: str | None = column(
        "特定承诺",
        "special commitments",
        help=("履约、低碳采购、低碳产品等", "surrender, low-carbon purchasing, products and so on"),
    )
    commits_climate: bool | None = column(
        "承诺应对气候变化",
        "commits to act on climate change",
        help=("如碳达峰、碳中和", "peak, neutrality and the like"),
        example=True,
    )
    commits_reduction: bool | None = column("承诺减排", "commits to reducing emissions", example=True)
    commits_system_improvement: bool | None = column(
        "承诺持续改进体系", "commits to improving the system", example=True
    )
    commits_performance_improvement: bool | None = column(
        "承诺持续改进碳绩效", "commits to improving performance", example=True
    )
    uses_life_cycle: bool | None = column(
        "写明运用生命周期理念", "speaks of life cycle thinking", example=True
    )
    frames_objectives: bool | None = column(
        "为目标指标提供框架",
        "frames objectives and targets",
        help=("目标和指标可由其推出并据以评审", "objectives and targets can be set and reviewed against it"),
        example=True,
    )
    consistent_with_strategy: bool | None = column("与战略一致", "consistent with the strategy", example=True)
    consistent_with_policies: bool | None = column(
        "与其他方针协调", "consistent with other policies", example=True
    )
    communicated_on: date | None = column("内部沟通日期", "communicated within on", example="2025-01-15")
    communicated_how: str | None = column(
        "内部沟通方式", "how communicated within", example="全员宣贯、公告栏"
    )
    communicated_to: str | None = column(
        "沟通对象", "communicated to", help=("包括代表组织工作的人员", "people working on its behalf too")
    )
    available_suitable: bool | None = column(
        "适宜对外提供",
        "suitable to make available",
        help=("组织是否认为适宜让相关方获取", "whether the organisation finds it fit"),
        example=True,
    )
    available_to_parties: bool | None = column(
        "相关方可获取", "available to interested parties", example=True
    )
    available_how: str | None = column("获取途径", "where it can be had", example="公司网站")
    reviewed_on: date | None = column(
        "最近评审日期",
        "last reviewed on",
        help=("新版本填写其发布前的评审日期", "for a new edition: the review before it was issued"),
        example="2026-03-10",
    )
    review_result: str | None = column(
        "评审结论",
        "review result",
        choices={"kept": ("保持不变", "kept"), "update_needed": ("需要更新", "update needed")},
        example="kept",
    )
    updated_on: date | None = column(
        "更新日期", "updated on", help=("评审认为需要更新时填写", "when the review asked for it")
    )
    special_applicable: bool | None = column(
        "有适用的特定承诺",
        "special commitments apply",
        help=("组织判断是否有适用的特定承诺", "whether the organisation finds that any applies to it"),
        example=False,
    )


class LeadershipAction(
    Record,
    kind="leadership_action",
    zh="最高管理者的作为",
    en="action of top management",
    about_zh="最高管理者为体系所做的一件事，附可查的文件或记录",
    about_en="one thing top management did for the system, with a document or record that shows it",
):
    """One thing top management did that can be shown."""

    matter: str = column(
        "事项",
        "matter",
        choices={
            "accountability": ("对体系有效性负责", "answers for the effectiveness of the system"),
            "direction": ("方针和目标与战略一致", "policy and objectives in line with the strategy"),
            "life_cycle_and_risk": ("运用生命周期理念和风险思维", "life cycle and risk-based thinking"),
            "integration": ("体系融入业务过程", "system built into business processes"),
            "resources": ("保证资源", "makes resources available"),
            "communication": ("沟通碳管理的重要性", "speaks of why carbon management matters"),
            "results": ("保证实现预期结果", "makes sure of the intended results"),
            "improvement": ("促进持续改进", "promotes improvement"),
            "staff": ("指导和支持员工", "directs and supports staff"),
            "managers": ("支持其他管理者", "supports other managers"),
            "parameters": ("保证绩效参数恰当", "makes sure the parameters fit"),
            "change": ("保证有处理变化的过程", "makes sure changes are handled"),
            "esg": ("建立 ESG 结构", "sets up an ESG structure"),
            "management_review": ("组织管理评审", "holds management reviews"),
            "planning": ("制定中长期规划", "sets the long-term plan"),
        },
        example="resources",
        required=True,
    )
    what: str | None = column("做了什么", "what was done", example="批准能碳平台预算")
    taken_by: str | None = column("行动人", "taken by", ref="person", example="P1")
    by_top_management: bool | None = column(
        "由最高管理者本人作出",
        "by top management itself",
        help=("亲自作出或签署，而非委托", "in person or signed, not delegated"),
        example=True,
    )
    taken_on: date | None = column("日期", "taken on", example="2026-02-18")
    shown_by: str | None = column(
        "可查的记录",
        "shown by",
        help=("会议纪要、批文、讲话稿等", "minutes, approval, speech"),
        example="总经理办公会纪要 2026-05",
    )
    result: str | None = column("结果", "result")


class RoleAssignment(
    Record,
    kind="role_assignment",
    zh="岗位职责和权限",
    en="role assignment",
    about_zh="一个岗位的职责、权限和任职人；职责各列只填写任命书或岗位文件确有的",
    about_en="duties, authority and holder of one role; say only what the appointment contains",
):
    """Who holds which role, with which duties."""

    role: str | None = column(
        "岗位",
        "role",
        choices={
            "carbon_team": ("碳管理团队", "carbon management team"),
            "carbon_manager": ("碳管理负责人", "head of carbon management"),
            "management_representative": ("管理者代表", "management representative"),
            "carbon_specialist": ("碳管理专员", "carbon specialist"),
            "facility_manager": ("排放设施设备管理", "manager of emitting facilities"),
            "facility_operator": ("排放设施设备运行", "operator of emitting facilities"),
            "data": ("碳数据收集与核算", "carbon data and accounting"),
            "assets": ("碳资产管理", "carbon assets"),
            "purchasing": ("采购", "purchasing"),
            "production": ("生产", "production"),
            "design": ("设计开发", "design and development"),
            "finance": ("财务", "finance"),
            "energy": ("能源管理", "energy management"),
            "internal_auditor": ("内部审核", "internal audit"),
            "top_management": ("最高管理层", "top management"),
            "other": ("其他", "other"),
        },
        example="carbon_manager",
    )
    holder: str | None = column(
        "任职人", "holder", ref="person", help=("每人一行", "one row per person"), example="P2"
    )
    responsibilities: str | None = column("职责", "responsibilities", example="组织建立和实施碳管理体系")
    authorities: str | None = column("权限", "authorities", example="可调用各部门数据")
    in_team: bool | None = column("属于碳管理团队", "belongs to the carbon management team", example=True)
    team_form: str | None = column(
        "团队形式",
        "form of the team",
        choices={
            "department": ("专门部门", "a department of its own"),
            "merged": ("与能源部门融合", "merged with the energy department"),
            "external_help": ("借助外部机构", "with help from outside"),
            "persons": ("一人或数人", "one or several people"),
        },
        example="merged",
    )
    assigned_by_top_management: bool | None = column(
        "由最高管理者分配", "assigned by top management", example=True
    )
    assigned_by: str | None = column("分配人", "assigned by", ref="person", example="P1")
    assigned_on: date | None = column("分配日期", "assigned on", example="2024-09-15")
    communicated_on: date | None = column(
        "沟通日期",
        "communicated on",
        help=("告知任职人和相关人员之日", "when those concerned were told"),
        example="2024-09-20",
    )
    communicated_how: str | None = column("沟通方式", "how communicated", example="任命文件下发")
    duty_system: bool | None = column(
        "职责：建立、实施、保持和改进体系", "duty: set up, run and improve the system", example=True
    )
    duty_conformity: bool | None = column(
        "职责：保证体系符合标准", "duty: keep the system to the standard", example=True
    )
    duty_action_plan: bool | None = column("职责：措施计划", "duty: action plans", example=True)
    duty_reporting: bool | None = column(
        "职责：向最高管理者报告", "duty: report to top management", example=True
    )
    duty_criteria: bool | None = column("职责：建立准则和方法", "duty: criteria and methods", example=True)
    duty_communication: bool | None = column(
        "职责：内外部沟通", "duty: communication inside and outside", example=False
    )
    duty_risk: bool | None = column("职责：识别和预防风险", "duty: identify and prevent risks", example=False)
    duty_capability: bool | None = column("职责：能力建设", "duty: build ability of staff", example=False)
    duty_data: bool | None = column(
        "职责：排放数据监测和核算", "duty: monitor and account for emissions", example=True
    )
    duty_reduction: bool | None = column(
        "职责：减排计划和项目", "duty: reduction plans and projects", example=True
    )
    duty_assets: bool | None = column("职责：碳资产和交易", "duty: carbon assets and trading", example=False)
    duty_surrender: bool | None = column("职责：碳排放履约", "duty: surrender of allowances", example=False)
    duty_supply_chain: bool | None = column(
        "职责：供应链和产品碳足迹", "duty: supply chain and product footprints", example=False
    )
    duty_policy_tracking: bool | None = column(
        "职责：跟踪政策和碳资讯", "duty: follow policy and carbon news", example=True
    )
    duty_planning: bool | None = column("职责：规划和制度", "duty: plans and rules", example=False)
    duty_internal_audit: bool | None = column("职责：内部审核", "duty: internal audit", example=False)
    duty_carbon_review: bool | None = column("职责：碳评审", "duty: carbon review", example=True)
    duty_information_system: bool | None = column(
        "职责：碳管理信息系统", "duty: carbon information system", example=False
    )
    duty_zero_carbon: bool | None = column("职责：零碳工厂", "duty: zero-carbon factory", example=False)
    duty_decisions: bool | None = column(
        "职责：落实最高管理者的决定", "duty: carry out what top management decides", example=False
    )
    duty_scope: bool | None = column(
        "职责：确定体系边界", "duty: set the boundary of the system", example=False
    )
    duty_supervision: bool | None = column("职责：监督考核", "duty: supervise and assess", example=False)
    duty_disclosure: bool | None = column(
        "职责：信息披露", "duty: disclose carbon information", example=False
    )


class ManagementReport(
    Record,
    kind="management_report",
    zh="向最高管理者的报告",
    en="report to top management",
    about_zh="碳管理团队向最高管理者所作的一次报告",
    about_en="one report of the carbon management team to top management",
):
    """One report on how the system and performance are doing."""

    reported_on: date | None = column("报告日期", "reported on", example="2026-03-31")
    reported_by: str | None = column("报告人", "reported by", ref="person", example="P2")
    received_by: str | None = column("接收人", "received by", ref="person", example="P1")
    to_top_management: bool | None = column("报告给最高管理者", "made to top management", example=True)
    covers_system: bool | None = column("包含体系绩效", "covers performance of the system", example=True)
    covers_improvement: bool | None = column(
        "包含碳绩效的改进", "covers improvement of carbon performance", example=True
    )
    summary: str | None = column("要点", "summary")
    decision: str | None = column("最高管理者的决定", "decision of top management")
