"""The plan of an audit, as the audited organisation gets it beforehand (ISO/IEC 17021-1, 9.2.3.2)."""

from shall.engine.papers.audit_fields import about, days, places, timetable
from shall.engine.papers.audits import Audit
from shall.engine.papers.earlier_findings import elsewhere, to_verify
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
from shall.evidence.store import Store
from shall.texts import Lang

CLIENT = Fields(
    (
        Field("papers.client", "audit.client.name"),
        Field("papers.client_address", "audit.client.address"),
        Field("papers.client_code", "audit.client.credit_code"),
        Field("papers.client_representative", "audit.client.representative"),
    )
)
"""The audited organisation."""

TEAM = (
    Col("papers.name", "name", 1.4),
    Col("papers.role", "role"),
    Col("papers.no_objection", "no_objection"),
)

PLACES = Rows(
    "places",
    (
        Col("papers.site", "site", 1.4),
        Col("papers.address", "address", 1.6),
        Col("papers.permanence", "kind"),
        Col("papers.site_purpose", "purpose"),
        Col("papers.days", "days", 1.2),
        Col("papers.how", "how"),
    ),
    "papers.no_places",
)
"""Where and when."""

LAYOUT = Layout(
    "audit-plan",
    "papers.plan_title",
    (
        Part(
            "papers.part_audit",
            (
                Fields(
                    (
                        Field("papers.audit_id", "audit.id"),
                        Field("papers.audit_name", "audit.title"),
                        Field("papers.audit_type", "audit.type"),
                        Field("papers.body", "audit.body"),
                    )
                ),
                CLIENT,
            ),
        ),
        Part(
            "papers.part_basis",
            (
                Fields(
                    (
                        Field("papers.objectives", "audit.objectives"),
                        Field("papers.standards", "audit.standards"),
                        Field("papers.criteria", "audit.criteria"),
                        Field("papers.scope", "audit.scope"),
                        Field("papers.units", "audit.units"),
                        Field("papers.integration", "audit.integration"),
                    )
                ),
            ),
        ),
        Part(
            "papers.part_days",
            (
                Fields(
                    (
                        Field("papers.first_day", "audit.first_day"),
                        Field("papers.last_day", "audit.last_day"),
                        Field("papers.days_planned", "audit.days_planned"),
                        Field("papers.days_on_site", "audit.days_on_site"),
                    )
                ),
                PLACES,
            ),
        ),
        Part(
            "papers.part_team",
            (
                Rows("team", TEAM, "papers.no_team"),
                Text("alongside"),
                Text("objection"),
            ),
        ),
        Part("papers.part_accompanying", (Rows("accompanying", TEAM, "papers.no_accompanying"),)),
        Part(
            "papers.part_timetable",
            (Text("timetable_told"), Text("timetable_note")),
        ),
        Part(
            "papers.part_day",
            (
                Rows(
                    "item.lines",
                    (
                        Col("papers.time", "time", 1.15),
                        Col("papers.place", "place", 1.2),
                        Col("papers.unit", "unit", 1.1),
                        Col("papers.what", "what", 1.1),
                        Col("papers.clauses", "clauses", 2.8),
                        Col("papers.auditor", "auditor", 1.4),
                        Col("papers.how", "how", 0.7),
                    ),
                    "papers.no_timetable",
                ),
            ),
            each="days",
        ),
        Part(
            "papers.part_to_verify",
            (
                Rows(
                    "to_verify",
                    (
                        Col("papers.finding", "id"),
                        Col("papers.criterion_address", "criterion", 1.2),
                        Col("papers.grade", "grade"),
                        Col("papers.unit", "unit"),
                        Col("papers.statement", "statement", 2),
                        Col("papers.carried_why", "why", 1.8),
                        Col("papers.carried_due", "due"),
                    ),
                    "papers.nothing_to_verify",
                ),
                Text("to_verify_elsewhere"),
            ),
        ),
        Part(
            "papers.part_agreed",
            (Text("agreement"), Signatures(("papers.sign_lead", "papers.sign_client"))),
        ),
    ),
)


def context(store: Store, ask: Ask, lang: Lang) -> Context:
    """The fields of the plan; raises UsageError where the audit is not on record."""
    audit = Audit(store, ask, lang)
    internal = audit.file.get("audit_type") == "internal"
    lines = timetable(audit)
    noted = str((audit.internal or {}).get("timetable") or "")
    return {
        "audit": about(audit),
        "places": places(audit),
        "team": audit.team,
        "accompanying": audit.accompanying,
        "alongside": audit.alongside,
        "timetable": lines,
        "days": days(audit),
        "timetable_told": audit.t("timetable_told" if lines else "no_timetable"),
        "to_verify": to_verify(audit),
        "to_verify_elsewhere": elsewhere(audit),
        "timetable_note": audit.t("timetable_noted", text=noted) if noted and not lines else "",
        "objection": audit.t("objection_internal" if internal else "objection"),
        "agreement": audit.t("agreement"),
    }
