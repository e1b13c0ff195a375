"""What somebody outside the team needs to decide about a certificate: the recommendation and whether it may stand.

It decides nothing. A recommendation that must not be followed yet is marked at the head of the paper.
"""

from collections.abc import Sequence

from shall.engine.papers.audit_fields import about, disputes, finding
from shall.engine.papers.audit_plan import CLIENT, TEAM
from shall.engine.papers.audit_report import CONCLUSIONS
from shall.engine.papers.audits import Audit, Item
from shall.engine.papers.layout import (
    Ask,
    Col,
    Context,
    Field,
    Fields,
    Layout,
    Part,
    Rows,
    Signatures,
    Text,
)
from shall.engine.papers.precondition_facts import Facts
from shall.engine.papers.preconditions import Condition, conditions, overall
from shall.engine.papers.verdicts import evaluated
from shall.evidence.store import Store
from shall.texts import Lang

LAYOUT = Layout(
    "certificate-recommendation",
    "papers.certificate_title",
    (
        Part(
            "papers.part_standing",
            (
                Fields(
                    (Field("papers.standing", "standing.told"), Field("papers.standing_day", "standing.day"))
                ),
                Rows(
                    "conditions",
                    (
                        Col("papers.condition", "condition", 2.6),
                        Col("papers.outcome", "outcome"),
                        Col("papers.basis", "basis", 2.6),
                    ),
                    "papers.none",
                ),
                Text("standing.note"),
            ),
        ),
        Part(
            "papers.part_audit",
            (
                Fields(
                    (
                        Field("papers.audit_id", "audit.id"),
                        Field("papers.audit_name", "audit.title"),
                        Field("papers.audit_type", "audit.type"),
                        Field("papers.body", "audit.body"),
                        Field("papers.standards", "audit.standards"),
                        Field("papers.scope", "audit.scope"),
                        Field("papers.first_day", "audit.first_day"),
                        Field("papers.last_day", "audit.last_day"),
                        Field("papers.days_planned", "audit.days_planned"),
                        Field("papers.days_spent", "audit.days_spent"),
                        Field("papers.days_on_site", "audit.days_on_site"),
                        Field("papers.deviations", "audit.deviations"),
                        Field("papers.reported_on", "audit.reported_on"),
                    )
                ),
                CLIENT,
            ),
        ),
        Part(
            "papers.part_certificate",
            (
                Fields(
                    (
                        Field("papers.certificate", "certificate.id"),
                        Field("papers.certificate_number", "certificate.number"),
                        Field("papers.certified_standard", "certificate.standard"),
                        Field("papers.certified_scope", "certificate.scope"),
                        Field("papers.issued_on", "certificate.issued_on"),
                        Field("papers.expires_on", "certificate.expires_on"),
                    )
                ),
            ),
        ),
        Part(
            "papers.part_recommendation",
            (
                Fields(
                    (
                        Field("papers.recommendation", "audit.recommendation"),
                        Field("papers.recommended_by", "audit.recommended_by"),
                        Field("papers.recommended_on", "audit.recommended_on"),
                        Field("papers.reviewer", "audit.reviewer"),
                        Field("papers.designated_decider", "audit.designated_decider"),
                        Field("papers.unresolved", "audit.unresolved"),
                        *(Field(f"papers.c_{name}", f"conclusions.{name}") for name in CONCLUSIONS),
                        Field("papers.conclusion", "conclusions.text"),
                    )
                ),
            ),
        ),
        Part("papers.part_team", (Rows("team", TEAM, "papers.no_team"),)),
        Part(
            "papers.part_nonconformities",
            (
                Rows(
                    "nonconformities",
                    (
                        Col("papers.finding", "id"),
                        Col("papers.grade", "grade"),
                        Col("papers.criterion_address", "address"),
                        Col("papers.statement", "statement", 2.2),
                        Col("papers.state", "state"),
                        Col("papers.due_on", "due_on"),
                        Col("papers.verified", "verified", 2),
                    ),
                    "papers.no_nonconformities",
                ),
            ),
        ),
        Part(
            "papers.part_unresolved",
            (
                Rows(
                    "disputes",
                    (
                        Col("papers.finding", "id"),
                        Col("papers.criterion_address", "criterion"),
                        Col("papers.grade", "grade"),
                        Col("papers.dispute", "dispute", 2),
                        Col("papers.decision", "decision", 2),
                    ),
                    "papers.no_disputes",
                ),
            ),
        ),
        Part(
            "papers.part_gaps",
            (
                Text("gaps_note"),
                Rows(
                    "gaps",
                    (
                        Col("papers.criterion_address", "criterion", 1.4),
                        Col("papers.asks", "asks", 2.4),
                        Col("papers.grade", "grade"),
                        Col("papers.findings", "findings"),
                    ),
                    "papers.no_gaps",
                ),
                Fields(
                    (Field("papers.left_out", "left_out"), Field("papers.digest_result", "result_digest"))
                ),
            ),
        ),
        Part(
            "papers.part_decision",
            (
                Text("decision_note"),
                Signatures(("papers.sign_reviewer", "papers.sign_decider")),
            ),
        ),
    ),
)


def context(store: Store, ask: Ask, lang: Lang) -> Context:
    """The fields of the recommendation; raises UsageError where the audit is not on record.

    `standing.code` is met, not_met or unknown; the paper is marked unless it is met.
    """
    audit = Audit(store, ask, lang)
    found = conditions(audit)
    code = overall(found)
    evaluation = evaluated(audit)
    told = audit.t(f"standing_{code}")
    broken = [f for f in audit.findings if audit.grade_of(f) in ("major", "minor")]
    return {
        "notices": [] if code == "met" else [{"text": _marked(audit, told, found)}],
        "standing": {"code": code, "told": told, "day": ask.on.isoformat(), "note": audit.t("standing_note")},
        "conditions": [_row(audit, one) for one in found],
        "audit": {**about(audit), **_named(audit)},
        "certificate": _certificate(audit),
        "conclusions": {**{name: audit.word(name) for name in CONCLUSIONS}, "text": audit.word("conclusion")},
        "team": audit.team,
        "nonconformities": [finding(audit, raised) for raised in broken],
        "disputes": disputes(audit, audit.findings),
        "gaps": evaluation["gaps"],
        "gaps_note": audit.t("gaps_note"),
        "left_out": evaluation["left_out"],
        "result_digest": evaluation["result"],
        "decision_note": audit.t("decision_note"),
    }


def _marked(audit: Audit, told: str, found: Sequence[Condition]) -> str:
    """What keeps the recommendation from standing, in one sentence."""
    short = [audit.t(f"condition_{c.key}") for c in found if c.outcome == "not_met"]
    unknown = sum(c.outcome == "unknown" for c in found)
    if not short:
        return told
    more = [audit.t("more_unknown", count=unknown)] if unknown else []
    return audit.t("colon").join([told, audit.t("semicolon").join([*short, *more])])


def _named(audit: Audit) -> Item:
    """Further columns of the file: who reviews and decides, what was left open or done otherwise."""
    facts = Facts(audit)
    people = {
        column: audit.joined(audit.who(name) for name in facts.persons(audit.file.get(column)))
        for column in ("reviewer", "designated_decider")
    }
    return {**people, "unresolved": audit.word("unresolved"), "deviations": audit.word("deviations")}


def _row(audit: Audit, one: Condition) -> Item:
    return {
        "condition": audit.t(f"condition_{one.key}"),
        "outcome": audit.t(f"outcome_{one.outcome}"),
        "basis": one.basis or (audit.none if one.outcome == "unknown" else audit.t("dash")),
    }


def _certificate(audit: Audit) -> Item:
    certificate = audit.certificate
    columns = {
        "id": "id",
        "number": "certificate_number",
        "standard": "certified_standard",
        "scope": "certified_scope",
        "issued_on": "issued_on",
        "expires_on": "expires_on",
    }
    return {name: str((certificate or {}).get(column) or audit.none) for name, column in columns.items()}
