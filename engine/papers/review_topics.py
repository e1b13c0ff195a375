"""The topics of 9.3.2: for each, what the store has on record about it, with the ids of the records."""

from collections import Counter
from collections.abc import Callable, Mapping

from shall.engine.audit.deadlines import due
from shall.engine.audit.lifecycle import Case, Finding
from shall.engine.papers import review_performance as performance
from shall.engine.papers.finding_pages import superseded
from shall.engine.papers.review_records import REVIEW, Gathered, Line, Topic, ordered
from shall.engine.reports.records import Record

FILED = ("id", "title", "certification_step")
"""How a finding may name the audit of a file."""
NONCONFORMITIES = ("major", "minor")


def _previous_actions(g: Gathered) -> Topic:
    """The decisions of the review before, and those of earlier ones that were open or were done in the period."""
    if not g.earlier:
        return Topic((g.says("first_review"),), ())
    days = {r["id"]: r["reviewed_on"] for r in g.earlier}
    last = g.earlier[-1]["id"]
    kind, rows, states = "review_output", list[Line](), Counter[str]()
    for r in g.of(kind, lambda r: r.get(REVIEW) in days):
        done, due_on, needed = r.get("completed_on"), r.get("due_on"), r.get("action_required") is not False
        standing = _standing(g, done, due_on, needed)
        if r[REVIEW] == last or standing in ("open", "overdue") or g.within(done):
            states[standing] += 1
            what, result = g.told(kind, r, "topic", "decision"), g.told(kind, r, REVIEW, "responsible")
            rows.append(g.line(kind, r, "due_on", what, result, g.standing(done, due_on, needed)))
    counts = {name: states[name] for name in ("done", "open", "overdue", "none")}
    return Topic((g.says("sum_previous", review=last, on=days[last], **counts),), ordered(rows))


def _standing(g: Gathered, done: object, due_on: object, needed: bool) -> str:
    if g.reached(done):
        return "done"
    return "none" if not needed else "overdue" if g.past(due_on) else "open"


def _context_changes(g: Gathered) -> Topic:
    """Reviews of the context, factors, needs and obligations that came up, changes that came from outside."""
    new = g.says("is_new")
    rows = [
        *g.listed("context_review", "held_on", ("result",), ("changes_found", "monitoring")),
        *g.listed("context_factor", "identified_on", ("title",), ("side", "effect", "affected_results"), new),
        *g.listed("stakeholder_need", "decided_on", ("party", "need"), ("decision",)),
        *g.listed("obligation", "obtained_on", ("title",), ("effective_on", "how_it_applies"), new),
        *(_change(g, r) for r in _changes(g) if r.get("external_origin")),
    ]
    return Topic((), ordered(rows))


def _risk_changes(g: Gathered) -> Topic:
    """Risks identified or assessed in the period; treatments due and late, carried out or evaluated in it."""
    kind, rows = "risk_opportunity", list[Line]()
    for r in g.records.of(kind):
        new = g.within(r.get("identified_on"))
        if new or g.within(r.get("assessed_on")):
            what, result = g.told(kind, r, "nature", "title"), g.told(kind, r, "rating", "needs_treatment")
            state = g.says("is_new" if new else "is_reassessed")
            rows.append(g.line(kind, r, "identified_on" if new else "assessed_on", what, result, state))
    for r in g.records.of("treatment"):
        done, due_on = r.get("implemented_on"), r.get("due_on")
        late = g.past(due_on) and not g.reached(done)
        if late or g.within(done) or g.within(r.get("evaluated_on")):
            what = g.told("treatment", r, "risk_opportunity", "measure")
            result = g.told("treatment", r, "responsible", "effective")
            rows.append(g.line("treatment", r, "due_on", what, result, g.standing(done, due_on)))
    return Topic((), ordered(rows))


def _nonconformities(g: Gathered) -> Topic:
    """Findings, the organisation's own nonconformities beside them, corrective actions late or carried out."""
    followed = [f.case for f in g.findings if f.case.grade in NONCONFORMITIES]
    cases = [case for case in g.valid if case.grade in NONCONFORMITIES]
    listed = {case.finding.record for case in followed}
    own = g.of("nonconformity", lambda r: r.get("audit_finding") not in listed)
    is_open = [r for r in own if g.reached(r.get("found_on")) and not g.reached(r.get("closed_on"))]
    gone = set[str]().union(*map(superseded, followed))
    actions = g.of("corrective_action", lambda r: r["id"] not in gone)
    late = [r for r in actions if g.past(r.get("due_on")) and not g.reached(r.get("completed_on"))]
    rows = list(g.finding_lines(NONCONFORMITIES))
    for r in own:
        if r in is_open or g.within(r.get("found_on")) or g.within(r.get("closed_on")):
            result = g.told("nonconformity", r, "grade", "origin", "clause")
            what, state = g.word("nonconformity", r, "nature"), g.ended(r.get("closed_on"))
            rows.append(g.line("nonconformity", r, "found_on", what, result, state))
    for r in (r for r in actions if r in late or g.within(r.get("completed_on"))):
        what = g.told("corrective_action", r, "nonconformity", "measure")
        result = g.told("corrective_action", r, "responsible", "effective")
        state = g.standing(r.get("completed_on"), r.get("due_on"))
        rows.append(g.line("corrective_action", r, "due_on", what, result, state))
    return Topic((_counted(g, cases, own, is_open, len(late)),), ordered(rows))


def _counted(g: Gathered, cases: list[Case], own: list[Record], is_open: list[Record], late: int) -> str:
    found = [c.finding.found_on for c in cases] + [r.get("found_on") for r in own]
    closed = [c.closed_on for c in cases] + [r.get("closed_on") for r in own]
    standing = [c.grade for c in cases if c.open] + [r.get("grade") for r in is_open]
    return g.says(
        "sum_nonconformities",
        found=g.compared(sum(map(g.within, found)), sum(map(g.before, found))),
        closed=g.compared(sum(map(g.within, closed)), sum(map(g.before, closed))),
        open=len(standing),
        major=standing.count("major"),
        late=sum(_late(g, case) for case in cases),
        actions=late,
    )


def _late(g: Gathered, case: Case) -> bool:
    coming = due(case, g.desk.policy, g.desk.days)
    return coming is not None and coming.overdue(g.until)


def _audit_results(g: Gathered) -> Topic:
    """Audits of every kind and steps of certification, with the findings by grade."""
    concluded = ("conforms_standard", "conforms_own", "implemented_effectively", "performance_improving")
    ended = ("conforms", "effective", "conclusion")
    rows = [
        *g.listed(
            "internal_audit", "audited_on", ("audited_scope",), concluded, ("reported_top_management_on",)
        ),
        *g.listed("audit_file", "audited_until", ("title", "audit_type"), ended, ("recommendation",)),
        *g.listed("certification_step", "happened_on", ("step",), ("certificate", "remark")),
    ]
    rows += _unfiled(g)
    raised = [case.finding for case in g.valid]
    now = Counter(f.grade for f in raised if g.within(f.found_on))
    before = Counter(f.grade for f in raised if g.before(f.found_on))
    counts = {grade: g.compared(now[grade], before[grade]) for grade in (*NONCONFORMITIES, "opportunity")}
    return Topic((g.says("sum_audits", count=len(rows), **counts),), ordered(rows))


def _unfiled(g: Gathered) -> list[Line]:
    """Audits that only their findings name, with how many of these were found in the period."""
    filed = {str(r[name]) for r in g.records.of("audit_file") for name in FILED if r.get(name)}
    filed |= {str(r["id"]) for r in g.records.of("internal_audit")}
    named: dict[str, list[Finding]] = {}
    for finding in (case.finding for case in g.valid):
        if finding.audit and finding.audit not in filed and g.within(finding.found_on):
            named.setdefault(finding.audit, []).append(finding)
    return [
        {
            "record": ", ".join(finding.record for finding in found),
            "on": max(finding.found_on for finding in found).isoformat(),
            "what": audit,
            "result": g.says("found_there", count=len(found)),
            "state": g.says("no_file"),
        }
        for audit, found in sorted(named.items())
    ]


def _compliance_results(g: Gathered) -> Topic:
    """Of every obligation the latest evaluation, all that were not compliant, violations, reviews of the list."""
    kind = "compliance_evaluation"
    evaluations = g.of(kind, lambda r: g.within(r.get("evaluated_on")))
    newest = {
        str(r.get("obligation")): r for r in sorted(evaluations, key=lambda r: (r["evaluated_on"], r["id"]))
    }
    shown = {
        str(r["id"]) for r in (*newest.values(), *(r for r in evaluations if r.get("result") != "compliant"))
    }
    rows = g.listed(
        kind,
        "evaluated_on",
        ("obligation",),
        ("result", "cause"),
        ("action_needed", "action_taken", "action_effective"),
        take=lambda r: str(r["id"]) in shown and g.within(r.get("evaluated_on")),
    )
    for r in g.of("violation", lambda r: g.within(r.get("decided_on")) or not g.reached(r.get("closed_on"))):
        what, result = (
            g.told("violation", r, "field", "description"),
            g.told("violation", r, "authority", "penalty"),
        )
        rows.append(g.line("violation", r, "decided_on", what, result, g.ended(r.get("closed_on"))))
    rows += g.listed("obligation_review", "reviewed_on", ("conclusion",), ("still_suitable",))
    now = Counter(r.get("result") for r in evaluations)
    before = Counter(r.get("result") for r in g.of(kind, lambda r: g.before(r.get("evaluated_on"))))
    counts = {name: g.compared(now[name], before[name]) for name in ("compliant", "partly", "noncompliant")}
    missing = [str(r["id"]) for r in g.records.of("obligation") if str(r["id"]) not in newest]
    summary = [g.says("sum_compliance", **counts)]
    summary += [g.says("not_evaluated", obligations=", ".join(missing))] if missing else []
    return Topic(tuple(summary), ordered(rows))


def _improvement_opportunities(g: Gathered) -> Topic:
    """Opportunities from audits and reviews, new or undecided; improvements; suggestions."""
    kind, rows = "improvement_opportunity", list(g.finding_lines(("opportunity",)))
    for r in g.of(kind, lambda r: not r.get("identified_on") or g.reached(r.get("identified_on"))):
        decided = g.reached(r.get("decided_on"))
        if not decided or g.within(r.get("identified_on")) or g.within(r.get("decided_on")):
            result = g.told(kind, r, "expected_reduction", "cost", "priority")
            state = g.told(kind, r, "decision", "decided_on") if decided else g.says("undecided")
            rows.append(g.line(kind, r, "identified_on", g.word(kind, r, "title"), result, state))
    kind = "improvement"
    for r in g.of(kind, lambda r: g.within(r.get("decided_on")) or g.within(r.get("completed_on"))):
        result = g.told(kind, r, "aspect", "saving", "effective")
        state = g.standing(r.get("completed_on"), r.get("due_on"))
        rows.append(g.line(kind, r, "decided_on", g.word(kind, r, "description"), result, state))
    rows += g.listed(
        "suggestion", "submitted_on", ("content",), ("submitted_by",), ("decision", "implemented_on")
    )
    return Topic((), ordered(rows))


def _competence(g: Gathered) -> Topic:
    """Gaps in the latest evaluation of each person, told by the post and never by the name, and training held."""
    kind = "competence_record"
    newest = g.latest(kind, "person", "evaluated_on").values()
    gaps = {str(r["id"]) for r in newest if r.get("competent") is False or r.get("gap")}
    rows = [
        *(_gap(g, r) for r in g.of(kind, lambda r: str(r["id"]) in gaps)),
        *g.listed("training", "held_on", ("title",), ("participants", "hours"), ("effective",)),
    ]
    count = len(g.of(kind, lambda r: g.within(r.get("evaluated_on"))))
    return Topic((g.says("sum_competence", count=count, gaps=len(gaps)),), ordered(rows))


def _gap(g: Gathered, r: Record) -> Line:
    """A gap in competence as a line: whose it is stands in the record only."""
    kind, person = "competence_record", g.records.one("person", r.get("person")) or {}
    unit = person.get("unit")
    named = [g.word("person", person, "job_title"), g.records.label("unit", unit) if unit else ""]
    post = g.joined(*named) or g.says("post_unknown")
    what = g.joined(g.says("post", post=post), g.told(kind, r, "requirement"))
    result, state = g.told(kind, r, "competent", "gap"), g.told(kind, r, "development_plan")
    return g.line(kind, r, "evaluated_on", what, result, state)


def _changes(g: Gathered) -> list[Record]:
    days = ("planned_on", "decided_on", "happened_on")
    return g.of("change", lambda r: any(g.within(r.get(day)) for day in days))


def _change(g: Gathered, r: Record) -> Line:
    result = g.told("change", r, "change_type", "purpose", "consequences", "adverse_effects")
    state = g.standing(r.get("happened_on"), r.get("planned_for"))
    day = next((name for name in ("decided_on", "happened_on", "planned_on") if r.get(name)), "decided_on")
    return g.line("change", r, day, g.word("change", r, "title"), result, state)


def _system_changes(g: Gathered) -> Topic:
    """Changes planned, decided or made in the period, and what records say the system needs."""
    rows = [
        *(_change(g, r) for r in _changes(g) if not r.get("external_origin")),
        *g.listed(
            "nonconformity",
            "found_on",
            ("nature",),
            ("system_change_needed",),
            ("change",),
            take=lambda r: bool(r.get("system_change_needed")) and g.within(r.get("found_on")),
        ),
        *g.listed(
            "process",
            "evaluated_on",
            ("name",),
            ("change_needed",),
            ("changed_on",),
            take=lambda r: bool(r.get("change_needed")) and g.within(r.get("evaluated_on")),
        ),
    ]
    return Topic((), ordered(rows))


def _follow_ups(g: Gathered) -> Topic:
    """Follow-up duties not yet discharged that ask for something to be put before a review or decided by it."""
    from shall.engine.consequences.result import find

    ask, rows = g.desk.ask, list[Line]()
    for one in find(g.desk.store, ask.organisation, g.until, ask.known, days=g.desk.days).all:
        if one.state == "discharged" or not any(d.of in REVIEWED for d in one.declared.discharged_by):
            continue
        kind, record = one.record
        if one.state == "unknown":
            state = g.says("not_sure")
        else:
            state = g.standing(None, one.due_on.isoformat() if one.due_on else None)
        rows.append(
            {
                "record": g.says("named", name=g.records.kind(kind), id=record),
                "on": one.arose_on.isoformat() if one.arose_on else "",
                "what": one.declared.says.zh if g.lang == "zh" else one.declared.says.en,
                "result": g.desk.who(one.who),
                "state": state,
            }
        )
    return Topic((), ordered(rows))


REVIEWED = ("review_input", "review_output", "management_review")
"""Kinds of record by which something has come before a review."""

TOPICS: Mapping[str, tuple[str, Callable[[Gathered], Topic]]] = {
    "previous_actions": ("previous_actions", _previous_actions),
    "context_changes": ("context_changes", _context_changes),
    "risk_changes": ("risk_changes", _risk_changes),
    "nonconformities": ("nonconformities", _nonconformities),
    "monitoring_results": ("monitoring_results", performance.monitoring_results),
    "audit_results": ("audit_results", _audit_results),
    "compliance_results": ("compliance_results", _compliance_results),
    "improvement_opportunities": ("improvement_opportunities", _improvement_opportunities),
    "competence": ("improvement_opportunities", _competence),
    "system_changes": ("system_changes", _system_changes),
    "performance_by_level": ("performance_by_level", performance.performance_by_level),
    "target_achievement": ("target_achievement", performance.target_achievement),
    "carbon_performance": ("measured_performance", performance.carbon_performance),
    "plan_implementation": ("plan_implementation", performance.plan_implementation),
    "follow_ups": ("", _follow_ups),
}
"""Topics as `review_input` names them: the concept of the provisions that ask for each, and what gathers it.

The last one has none: no standard names it, records gave rise to it.
"""
