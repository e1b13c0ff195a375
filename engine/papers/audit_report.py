"""The report of an audit, with the contents of ISO/IEC 17021-1, 9.4.8.2 and 9.4.8.3."""

from dataclasses import replace
from datetime import date

from shall.engine.papers.audit_fields import (
    about,
    disputes,
    earlier_rows,
    finding,
    places,
    unvisited,
)
from shall.engine.papers.audit_plan import CLIENT, PLACES, TEAM
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
from shall.engine.papers.own_checks import own_checks
from shall.engine.papers.sampled import sampled
from shall.engine.papers.verdicts import COUNTED, evaluated
from shall.engine.papers.wording import told
from shall.evidence.store import Store
from shall.texts import Lang

CONCLUSIONS = (
    "conforms",
    "effective",
    "internal_audit_reliable",
    "management_review_effective",
    "scope_appropriate",
    "objectives_met",
)
"""What a report concludes, each by its column of the audit file."""
OF_ANY = ("conforms", "effective", "objectives_met")
OF_CERTIFICATION = ("internal_audit_reliable", "management_review_effective", "scope_appropriate")
"""Conclusions of any audit, and those that only an audit for a certificate draws."""

LAYOUT = Layout(
    "audit-report",
    "papers.report_title",
    (
        Part(
            "papers.part_audit",
            (
                Fields(
                    (
                        Field("papers.audit_id", "audit.id"),
                        Field("papers.audit_name", "audit.title"),
                        Field("papers.audit_type", "audit.type"),
                        Field("papers.integration", "audit.integration"),
                        Field("papers.body", "audit.body"),
                        Field("papers.reported_on", "audit.reported_on"),
                    )
                ),
                CLIENT,
                Text("frozen"),
            ),
        ),
        Part(
            "papers.part_conclusion",
            (
                Fields(tuple(Field(f"papers.c_{name}", f"conclusions.{name}") for name in OF_ANY)),
                Fields(
                    tuple(Field(f"papers.c_{name}", f"conclusions.{name}") for name in OF_CERTIFICATION),
                    when="for_certificate",
                ),
                Fields((Field("papers.conclusion", "conclusions.text"),)),
                Fields(
                    (
                        Field("papers.recommendation", "audit.recommendation"),
                        Field("papers.recommended_by", "audit.recommended_by"),
                        Field("papers.recommended_on", "audit.recommended_on"),
                    ),
                    when="for_certificate",
                ),
                Text("recommendation_note"),
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
                        Field("papers.days_spent", "audit.days_spent"),
                        Field("papers.days_on_site", "audit.days_on_site"),
                    )
                ),
                PLACES,
            ),
        ),
        Part("papers.part_team", (Rows("team", TEAM, "papers.no_team"),)),
        Part("papers.part_accompanying", (Rows("accompanying", TEAM, "papers.no_accompanying"),)),
        Part(
            "papers.part_course",
            (
                Fields(
                    (
                        Field("papers.deviations", "course.deviations"),
                        Field("papers.significant_issues", "course.significant_issues"),
                        Field("papers.changes", "course.changes"),
                    )
                ),
                Fields((Field("papers.marks", "course.marks"),), when="for_certificate"),
                Text("confidentiality"),
            ),
        ),
        Part(
            "papers.part_own_checks",
            (
                Rows(
                    "own_checks",
                    (
                        Col("papers.record", "record", 1.2),
                        Col("papers.day", "day", 0.8),
                        Col("papers.check_about", "about", 1.6),
                        Col("papers.check_found", "found", 2.6),
                    ),
                    "papers.no_own_checks",
                ),
            ),
            when="for_certificate",
        ),
        Part(
            "papers.part_verdicts",
            (
                Text("evaluation.told"),
                Rows(
                    "evaluation.rows",
                    (
                        Col("papers.standard_chapter", "place", 2.4),
                        Col("papers.evaluated_by", "basis", 1),
                        *(Col(f"papers.v_{verdict}", verdict, 0.7) for verdict in COUNTED),
                    ),
                    "papers.no_verdicts",
                ),
                Fields((Field("papers.left_out", "evaluation.left_out"),)),
            ),
        ),
        Part(
            "papers.part_findings",
            (
                Fields(
                    (
                        Field("papers.count_major", "counts.major"),
                        Field("papers.count_minor", "counts.minor"),
                        Field("papers.count_opportunity", "counts.opportunity"),
                        Field("papers.count_other", "counts.other"),
                        Field("papers.count_open", "counts.open"),
                    )
                ),
                Text("no_nonconformities"),
            ),
        ),
        Part(
            "papers.part_nonconformity",
            (
                Fields(
                    (
                        Field("papers.grade", "item.grade"),
                        Field("papers.graded_by", "item.graded_by"),
                        Field("papers.standard", "item.standard"),
                        Field("papers.criterion_address", "item.address"),
                        Field("papers.criterion", "item.criterion"),
                        Field("papers.further_criteria", "item.further"),
                        Field("papers.statement", "item.statement"),
                        Field("papers.evidence", "item.evidence"),
                        Field("papers.unit", "item.unit"),
                        Field("papers.site", "item.site"),
                        Field("papers.auditor", "item.auditor"),
                        Field("papers.found_on", "item.found_on"),
                        Field("papers.state", "item.state"),
                        Field("papers.correction", "item.correction"),
                        Field("papers.cause", "item.cause"),
                        Field("papers.action", "item.action"),
                        Field("papers.owner", "item.owner"),
                        Field("papers.due_on", "item.due_on"),
                        Field("papers.verified", "item.verified"),
                    )
                ),
            ),
            each="nonconformities",
        ),
        Part(
            "papers.part_others",
            (
                Rows(
                    "others",
                    (
                        Col("papers.finding", "id"),
                        Col("papers.grade", "grade"),
                        Col("papers.criterion_address", "address"),
                        Col("papers.statement", "statement", 2.4),
                        Col("papers.evidence", "evidence", 1.8),
                        Col("papers.unit", "unit"),
                        Col("papers.state", "state"),
                    ),
                    "papers.no_others",
                ),
            ),
        ),
        Part(
            "papers.part_unresolved",
            (
                Fields((Field("papers.unresolved", "course.unresolved"),)),
                Rows(
                    "disputes",
                    (
                        Col("papers.finding", "id"),
                        Col("papers.criterion_address", "criterion"),
                        Col("papers.grade", "grade"),
                        Col("papers.statement", "statement", 2),
                        Col("papers.dispute", "dispute", 2),
                        Col("papers.decision", "decision", 2),
                    ),
                    "papers.no_disputes",
                ),
            ),
        ),
        Part(
            "papers.part_earlier",
            (
                Rows(
                    "earlier",
                    (
                        Col("papers.finding", "id"),
                        Col("papers.criterion_address", "criterion"),
                        Col("papers.grade", "grade"),
                        Col("papers.statement", "statement", 2),
                        Col("papers.carried_why", "why", 1.4),
                        Col("papers.state", "state"),
                        Col("papers.verified", "verified", 2),
                    ),
                    "papers.no_earlier",
                ),
            ),
        ),
        Part(
            "papers.part_sampling",
            (
                Text("disclaimer"),
                Rows(
                    "looked_at",
                    (
                        Col("papers.unit", "unit"),
                        Col("papers.day", "day"),
                        Col("papers.clauses_planned", "clauses", 1.9),
                        Col("papers.clauses_seen", "seen", 1.9),
                        Col("papers.auditor", "auditor"),
                        Col("papers.result", "result", 1.9),
                    ),
                    "papers.no_looked_at",
                ),
                Fields((Field("papers.unvisited", "unvisited"),)),
            ),
        ),
        Part("papers.part_signed", (Signatures(("papers.sign_lead", "papers.sign_client")),)),
        Part(
            "papers.part_digests",
            (
                Fields(
                    (
                        Field("papers.evaluated_on", "evaluation.day"),
                        Field("papers.evaluated_since", "evaluation.since"),
                        Field("papers.digest_result", "evaluation.result"),
                        Field("papers.digest_plan", "evaluation.plan"),
                        Field("papers.digest_grading", "evaluation.grading"),
                        Field("papers.digest_rulesets", "evaluation.rulesets"),
                    )
                ),
            ),
        ),
    ),
)


def context(store: Store, ask: Ask, lang: Lang) -> Context:
    """The fields of the report; raises UsageError where the audit is not on record.

    What came after a report was issued does not appear in it: it tells the state of that day. Where nobody chose a
    day the standards are evaluated on the last day of the audit.
    """
    audit = _as_issued(Audit(store, ask, lang))
    standing = [raised for raised in audit.findings if not audit.withdrawn(raised)]
    found = [finding(audit, raised) for raised in standing]
    grades = [audit.grade_of(raised) for raised in standing]
    broken = [f for f, g in zip(found, grades, strict=True) if g in ("major", "minor")]
    evaluation = evaluated(audit, evaluation_day(audit))
    return {
        "as_of": audit.ask.on.isoformat(),
        "for_certificate": audit.word("audit_type") if audit.certifies else "",
        "frozen": audit.t("frozen", on=audit.ask.on) if audit.ask.on < ask.on else "",
        "audit": about(audit),
        "conclusions": {**{name: audit.word(name) for name in CONCLUSIONS}, "text": audit.word("conclusion")},
        "recommendation_note": audit.t("recommendation_note") if audit.certifies else "",
        "places": places(audit),
        "team": audit.team,
        "accompanying": audit.accompanying,
        "course": {
            "deviations": audit.word("deviations"),
            "significant_issues": audit.word("significant_issues"),
            "changes": audit.word("changes_since_last"),
            "marks": audit.word("marks_control"),
            "unresolved": told(audit, audit.word("unresolved")),
        },
        "confidentiality": audit.t("confidentiality"),
        "own_checks": own_checks(audit) if audit.certifies else [],
        "evaluation": {
            **{k: v for k, v in evaluation.items() if k != "gaps"},
            "told": audit.t("evaluation_told", on=evaluation["day"]) if evaluation["rows"] else "",
        },
        "counts": _counts(audit),
        "no_nonconformities": "" if broken else audit.t("no_nonconformities"),
        "nonconformities": broken,
        "others": [f for f, g in zip(found, grades, strict=True) if g not in ("major", "minor")],
        "disputes": disputes(audit, audit.findings),
        "earlier": earlier_rows(audit),
        "disclaimer": audit.t("disclaimer"),
        "looked_at": sampled(audit),
        "unvisited": unvisited(audit),
    }


def _as_issued(audit: Audit) -> Audit:
    """The audit as it stood when its report was issued, where that was before the day asked for."""
    issued = str(audit.file.get("reported_on") or "")
    if not issued or issued >= audit.ask.on.isoformat():
        return audit
    return Audit(audit.store, replace(audit.ask, audit=audit.id, on=date.fromisoformat(issued)), audit.lang)


def evaluation_day(audit: Audit) -> date:
    """The day on which the standards are evaluated: the last of the audit, unless somebody chose a day."""
    if audit.ask.settled or not audit.last_day:
        return audit.ask.on
    return min(audit.ask.on, date.fromisoformat(audit.last_day))


def _counts(audit: Audit) -> Item:
    """How many findings of each grade stand, and how many nonconformities are open; withdrawn ones do not count."""
    cases = [(raised, audit.cases.get(str(raised["id"]))) for raised in audit.findings]
    standing = [
        (audit.grade_of(raised), case) for raised, case in cases if not case or case.state != "withdrawn"
    ]
    grades = [grade for grade, _ in standing]
    named = ("major", "minor", "opportunity")
    still = sum(bool(case and case.open and grade in ("major", "minor")) for grade, case in standing)
    counts = {grade: str(grades.count(grade)) for grade in named}
    return {**counts, "other": str(sum(g not in named for g in grades)), "open": str(still)}
