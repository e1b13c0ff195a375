"""The nonconformity report: one nonconformity, or all of an audit, each with everything on record about it."""

from collections.abc import Mapping, Sequence
from typing import Any

from shall.engine.papers.desk import Desk, asked_findings
from shall.engine.papers.finding_pages import page
from shall.engine.papers.layout import (
    Ask,
    Col,
    Field,
    Fields,
    Layout,
    Part,
    Rows,
    Signatures,
    Text,
)
from shall.evidence.store import Store
from shall.texts import Lang


def fields(*names: tuple[str, str]) -> Fields:
    """Labelled lines: the name of the label among these texts, and the path."""
    return Fields(tuple(Field(f"papers_more.{label}", path) for label, path in names))


HEAD = fields(
    ("organisation", "organisation"),
    ("on", "on"),
    ("count", "count"),
    ("policy", "policy"),
)

CRITERION = fields(
    ("number", "item.number"),
    ("audit", "item.audit"),
    ("standard", "item.standard.number"),
    ("standard_title", "item.standard.title"),
    ("edition", "item.standard.edition"),
    ("address", "item.address"),
    ("clause", "item.clause"),
    ("asks", "item.asks"),
    ("further", "item.further"),
    ("statement", "item.statement"),
    ("evidence", "item.evidence"),
    ("unit", "item.unit"),
    ("site", "item.site"),
    ("auditor", "item.auditor"),
    ("found_on", "item.found_on"),
    ("grade", "item.grade"),
)
"""What was raised; the corrective-action form begins with it too."""

CITED = Rows(
    "item.evidence_records",
    (
        Col("papers_more.record", "record", 1.4),
        Col("papers_more.record_says", "says", 4),
        Col("papers_more.unit", "unit", 1.2),
        Col("papers_more.site", "site", 1.2),
        Col("papers_more.document", "document", 1.2),
    ),
    "papers_more.no_records",
)

HISTORY = Rows(
    "item.history",
    (
        Col("papers_more.step_number", "number", 0.5),
        Col("papers_more.step_on", "on", 1.1),
        Col("papers_more.step", "step", 1.4),
        Col("papers_more.step_by", "by", 1.4),
        Col("papers_more.step_brought", "brought", 4),
        Col("papers_more.step_entry", "entry", 0.7),
    ),
    "papers_more.no_steps",
)


LAYOUT = Layout(
    "nonconformity-report",
    "papers_more.report_title",
    (
        Part("papers_more.report_head", (HEAD, Text("nothing"))),
        Part(
            "papers_more.report_each",
            (
                CRITERION,
                CITED,
                fields(
                    ("raised_as", "item.raised_as"),
                    ("graded_by", "item.graded_by"),
                    ("rule", "item.rule"),
                    ("regrade", "item.regrade.said"),
                    ("state", "item.state"),
                    ("due_next", "item.due.next"),
                    ("due_answer", "item.due.answer"),
                    ("due_review", "item.due.review"),
                    ("due_action", "item.due.action"),
                    ("extended", "item.due.extended"),
                    ("due_close", "item.due.close"),
                    ("acknowledged", "item.acknowledged"),
                    ("dispute", "item.dispute.said"),
                ),
                Text("answer_note"),
                fields(
                    ("correction", "item.answer.correction"),
                    ("cause", "item.answer.cause"),
                    ("action", "item.answer.action"),
                    ("owner", "item.answer.owner"),
                    ("answered", "item.answer.said"),
                    ("review", "item.review.said"),
                    ("implemented", "item.implemented.said"),
                    ("implementation", "item.implementation.said"),
                    ("effectiveness", "item.effectiveness.said"),
                    ("closed", "item.closed.said"),
                ),
                Rows(
                    "item.own",
                    (
                        Col("papers_more.record", "record"),
                        Col("papers_more.correction", "correction", 2),
                        Col("papers_more.cause", "cause", 2),
                        Col("papers_more.action", "actions", 3),
                        Col("papers_more.similar", "similar_result", 1.5),
                        Col("papers_more.closed_on", "closed_on", 1.1),
                    ),
                    "papers_more.no_own",
                ),
                HISTORY,
                Text("item.irregular"),
                Signatures(
                    (
                        "papers_more.sign_auditor",
                        "papers_more.sign_client",
                        "papers_more.sign_reviewer",
                    )
                ),
            ),
            each="findings",
        ),
    ),
)


def context(store: Store, ask: Ask, lang: Lang) -> dict[str, Any]:
    """The fields of the report; raises UsageError where the finding or the audit asked for is not on record."""
    desk = Desk(store, ask, lang)
    found = [page(desk, standing) for standing in asked_findings(desk)]
    return {**head(desk, found), "answer_note": desk.says("answer_note"), "findings": found}


def head(desk: Desk, pages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What stands at the head of a paper about these nonconformities."""
    policy = desk.policy
    named = {"title": policy.title[desk.lang], "key": policy.key, "edition": policy.edition}
    disputed = [p["number"] for p in pages if p["dispute"]["open"]]
    irregular = [p["number"] for p in pages if p["irregular"]]
    told = [
        desk.says(key, count=len(names), names=", ".join(names))
        for key, names in (("notice_disputed", disputed), ("notice_irregular", irregular))
        if names
    ]
    return {
        "organisation": desk.organisation(),
        "on": desk.ask.on.isoformat(),
        "policy": desk.says("policy_named", **named),
        "count": str(len(pages)),
        "nothing": "" if pages else desk.says("no_nonconformities"),
        "notices": [{"text": text} for text in told],
    }
