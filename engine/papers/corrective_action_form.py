"""The corrective-action form: what was raised is filled in, the rest is for the audited organisation to write.

A field of the answer is filled in only with what the organisation answered itself; after an answer was sent back the
fields are empty again, and the reason stands above them. Of an audit the findings still open are shown.
"""

from typing import Any

from shall.engine.audit.history import Followed
from shall.engine.papers.desk import Desk, asked_findings
from shall.engine.papers.finding_pages import page
from shall.engine.papers.layout import Ask, Col, Layout, Part, Rows, Signatures, Text
from shall.engine.papers.nonconformity_report import CITED, CRITERION, HEAD, fields, head
from shall.evidence.store import Store
from shall.texts import Lang

ANSWER = ("correction", "cause", "action", "owner")
STEPS = ("review", "implementation", "effectiveness")
PARTS = ("outcome", "reason", "on", "by")

WRITTEN = {
    "correction": "correction",
    "similar": "similar",
    "consequences": "consequences",
    "cause": "cause",
    "action": "action",
    "owner": "owner",
    "due_on": "action_due",
    "system_change": "system_change",
    "objection": "objection",
}
"""What the organisation writes, in the order of the form, with the names of the labels."""

LINE = "\u3000" * 16
_LINES = "\n".join([LINE] * 4)
ROOM = dict.fromkeys(("correction", "similar", "consequences", "cause", "action", "objection"), _LINES)
"""What stands where somebody is to write: room for one line, or for several."""


def _to_write(path: str) -> Rows:
    columns = (Col("papers_more.to_write", "label", 1.4), Col("papers_more.written", "text", 4))
    return Rows(path, columns, "papers_more.nothing_to_write")


LAYOUT = Layout(
    "corrective-action-form",
    "papers_more.form_title",
    (
        Part("papers_more.form_head", (HEAD, Text("how"), Text("nothing"))),
        Part(
            "papers_more.form_each",
            (
                CRITERION,
                CITED,
                fields(
                    ("graded_by", "item.graded_by"),
                    ("rule", "item.rule"),
                    ("state", "item.state"),
                    ("due_answer", "item.due.answer"),
                    ("extended", "item.due.extended"),
                    ("due_close", "item.due.close"),
                    ("dispute", "item.dispute.said"),
                    ("sent_back", "item.form.sent_back"),
                ),
                Text("organisation_part"),
                _to_write("item.to_answer"),
                Signatures(("papers_more.sign_client", "papers_more.sign_owner")),
                Text("auditor_part"),
                _to_write("item.to_verify"),
                Signatures(("papers_more.sign_reviewer",)),
            ),
            each="findings",
        ),
    ),
)


def context(store: Store, ask: Ask, lang: Lang) -> dict[str, Any]:
    """The fields of the form; raises UsageError where the finding or the audit asked for is not on record."""
    desk = Desk(store, ask, lang)
    asked = asked_findings(desk)
    if ask.finding is None:
        asked = [standing for standing in asked if standing.case.open]
    found = [_page(desk, standing) for standing in asked]
    return {
        **head(desk, found),
        "how": desk.says("form_how"),
        "organisation_part": desk.says("form_organisation"),
        "auditor_part": desk.says("form_auditor"),
        "findings": found,
    }


def _page(desk: Desk, standing: Followed) -> dict[str, Any]:
    shown = page(desk, standing)
    says = desk.says
    back, objects = standing.case.state == "rejected", standing.case.state == "disputed"
    own = shown["own"][0] if shown["own"] else {}
    written = {
        **{name: "" if back else shown["answer"][name] for name in ANSWER},
        "due_on": shown["due"]["action"],
        "similar": _joined(own, "similar_checked_on", "similar_result"),
        "consequences": _joined(own, "has_consequences", "consequences", "consequences_handled"),
        "system_change": own.get("system_change_needed", ""),
        "objection": shown["dispute"]["reason"] if objects else "",
    }
    by_auditor = {f"{step}_{part}": shown[step][part] for step in STEPS for part in PARTS}
    filled = {name: text or ROOM.get(name, LINE) for name, text in {**written, **by_auditor}.items()}
    shown["form"] = {**filled, "sent_back": _sent_back(shown) if back else says("not_sent_back")}
    shown["to_answer"] = [{"label": says(label), "text": filled[name]} for name, label in WRITTEN.items()]
    shown["to_verify"] = [{"label": says(name), "text": filled[name]} for name in by_auditor]
    return shown


def _sent_back(shown: dict[str, Any]) -> str:
    """Why the answer came back: the last verification or review that did not accept it."""
    told = next(shown[step] for step in reversed(STEPS) if shown[step]["on"])
    return str(told["said"])


def _joined(own: dict[str, str], *names: str) -> str:
    return "\n".join(own[name] for name in names if own.get(name))
