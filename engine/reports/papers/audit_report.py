"""The report of an audit, with the contents of ISO/IEC 17021-1, 9.4.8.2 and 9.4.8.3."""

from shall.engine.reports.papers.audit_fields import (
    about,
    disputes,
    earlier_rows,
    finding,
    places,
    unvisited,
)
from shall.engine.reports.papers.audit_plan import CLIENT, PLACES, TEAM
from shall.engine.reports.papers.audits import Audit, Item
from shall.engine.reports.papers.layout import (
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
from shall.engine.reports.papers.verdicts import COUNTED, evaluated
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
            ),
        ),
        Part(
            "papers.part_conclusion",
            (
                Fields(tuple(Field(f"papers.c_{name}", f"conclusions.{name}") for name in CONCLUSIONS)),
                Fields(
                    (
                        Field("papers.conclusion", "conclusions.text"),
                        Field("papers.recommendation", "audit.recommendation"),
                        Field("papers.recommended_by", "audit.recommended_by"),
                        Field("papers.recommended_on", "audit.recommended_on"),
                    )
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
                        Field("papers.marks", "course.marks"),
                    )
                ),
            ),
        ),
        Part(
            "papers.part_verdicts",
            (
                Text("evaluation.told"),
                Rows(
                    "evaluation.rows",
                    (
                        Col("papers.standard", "standard", 1.2),
                        Col("papers.chapter", "chapter", 1.3),
                        *(Col(f"papers.v_{verdict}", verdict, 1.3) for verdict in COUNTED),
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
                        Col("papers.day", "day"),
                        Col("papers.unit", "unit"),
                        Col("papers.clauses", "clauses"),
                        Col("papers.auditor", "auditor"),
                        Col("papers.result", "result", 2.4),
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
    """The fields of the report; raises UsageError where the audit is not on record."""
    audit = Audit(store, ask, lang)
    found = [finding(audit, raised) for raised in audit.findings]
    grades = [audit.grade_of(raised) for raised in audit.findings]
    broken = [f for f, g in zip(found, grades, strict=True) if g in ("major", "minor")]
    evaluation = evaluated(audit)
    return {
        "audit": about(audit),
        "conclusions": {**{name: audit.word(name) for name in CONCLUSIONS}, "text": audit.word("conclusion")},
        "recommendation_note": ""
        if audit.file.get("audit_type") == "internal"
        else audit.t("recommendation_note"),
        "places": places(audit),
        "team": audit.team,
        "accompanying": audit.accompanying,
        "course": {
            "deviations": audit.word("deviations"),
            "significant_issues": audit.word("significant_issues"),
            "changes": audit.word("changes_since_last"),
            "marks": audit.word("marks_control"),
            "unresolved": audit.word("unresolved"),
        },
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
        "looked_at": _looked_at(audit),
        "unvisited": unvisited(audit),
    }


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


def _looked_at(audit: Audit) -> list[Item]:
    """What was looked at: checks on record, and entries of the timetable where there are none."""
    word = audit.records.word
    checks = [
        {
            "day": str(s.get("audited_on") or audit.none),
            "unit": word("audit_scope", s, "unit") or audit.none,
            "clauses": str(s.get("clause") or "") or word("audit_scope", s, "focus") or audit.none,
            "auditor": audit.who(s.get("auditor")) or audit.none,
            "result": str(s.get("audit_result") or audit.none),
        }
        for s in audit.looked_at
    ]
    return checks or _from_timetable(audit)


def _from_timetable(audit: Audit) -> list[Item]:
    from shall.engine.reports.papers.audit_fields import timetable

    rows = timetable(audit, ("audit",))
    return [
        {
            **{name: row[name] or audit.none for name in ("day", "unit", "clauses", "auditor")},
            "result": audit.none,
        }
        for row in rows
    ]
