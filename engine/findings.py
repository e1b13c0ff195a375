"""Findings: what a verdict means for the organisation, with requirement, statement and objective evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shall.engine.executors.python import Answers
from shall.engine.grading import Earlier, Facts, GradingRule, Policy
from shall.engine.incorporated import Raised, raised
from shall.engine.outcomes import MET, NOTHING, UNKNOWN
from shall.engine.plan import Part, Plan
from shall.engine.verdicts import Decided, covers
from shall.texts import LANGUAGES, Lang, say

JUDGEMENT_KIND = "judgement"
"""The kind that holds what persons decided."""

SHOWN = 6
"""Records a statement names before it says how many more there are; the evidence lists all."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record a finding rests on."""

    kind: str
    id: str
    site: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One nonconformity or opportunity; its id is its criterion, so the same gap keeps its name from run to run.

    `cites` are all provisions it stands under, the criterion first: those that incorporate the criterion, and
    incorporated ones that the same gap breaks. `standards` are the standards reported on in which it counts.
    `grade` is the one that counts: `computed_grade` is what the rule gave, `regrade` who changed it and why.
    `earlier` are findings on record under the same criterion. `policy` is None where no policy graded it.
    """

    ruleset: str
    address: str
    cites: Sequence[str]
    standards: Sequence[str]
    grade: str
    rule: str
    rule_says: Mapping[str, str] | None
    criterion: Mapping[str, str]
    requirement: Mapping[str, str]
    statement: Mapping[str, str]
    evidence: Sequence[Evidence]
    computed_grade: str
    policy: Mapping[str, str] | None = None
    regrade: Mapping[str, Any] | None = None
    earlier: Sequence[Earlier] = ()

    @property
    def id(self) -> str:
        """`ruleset:address`."""
        return f"{self.ruleset}:{self.address}"

    def as_json(self) -> dict[str, Any]:
        """The finding as plain values."""
        return {
            "id": self.id,
            "ruleset": self.ruleset,
            "address": self.address,
            "cites": list(self.cites),
            "standards": list(self.standards),
            "grade": self.grade,
            "rule": self.rule,
            "rule_says": dict(self.rule_says) if self.rule_says else None,
            "criterion": dict(self.criterion),
            "requirement": dict(self.requirement),
            "statement": dict(self.statement),
            "evidence": [{"kind": e.kind, "id": e.id, "site": e.site, "unit": e.unit} for e in self.evidence],
            "computed_grade": self.computed_grade,
            "policy": dict(self.policy) if self.policy else None,
            "regrade": dict(self.regrade) if self.regrade else None,
            "earlier": [_on_record(e) for e in self.earlier],
        }


def _on_record(one: Earlier) -> dict[str, Any]:
    closed = one.closed_on.isoformat() if one.closed_on else None
    return {
        "finding": one.record,
        "found_on": one.found_on.isoformat(),
        "closed_on": closed,
        "grade": one.grade,
    }


@dataclass(frozen=True, slots=True)
class Known:
    """What grading knows beside the verdicts: the day and the audit period, and what the store has on record.

    `columns` are what the policy asks of records, by kind and id; `contradicted` are records (kind, id) that
    contradict others.
    """

    on: date
    since: date
    earlier: Sequence[Earlier] = ()
    columns: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    contradicted: frozenset[tuple[str, str]] = frozenset()


def find(
    plan: Plan, answers: Answers, decided: Sequence[Decided], policy: Policy, known: Known
) -> list[Finding]:
    """The findings of a set of verdicts, in the order of the provisions."""
    clauses: dict[tuple[str, str], list[Decided]] = {}
    for one in decided:
        clauses.setdefault((one.provision.ruleset, one.provision.clause), []).append(one)
    at_work = {
        key: _at_work(plan, answers, clause)
        for key, clause in clauses.items()
        if any(d.verdict == "nonconforming" for d in clause)
    }
    gaps = raised(plan, answers, decided)
    spread = {id(g.decided): _rests_on(plan, answers, g.decided) for g in gaps if _graded(g)}
    shared = _by_concept(gaps, spread)
    found = []
    for gap in gaps:
        facts = None
        if _graded(gap):
            key = (gap.decided.provision.ruleset, gap.decided.provision.clause)
            clause = _clause_counts(clauses[key])
            rests = spread[id(gap.decided)]
            facts = _facts(plan, answers, gap.decided, clause, at_work[key], rests, shared, known)
        found.append(_finding(plan, answers, gap, policy, facts, known))
    return found


def _graded(gap: Raised) -> bool:
    """Whether the policy grades it: a nonconformity, not one that counts only as a recommendation."""
    return gap.decided.verdict == "nonconforming" and not gap.softened


def _clause_counts(clause: Sequence[Decided]) -> tuple[int, int]:
    """How many of a clause's shall provisions can be decided and apply, and how many of these fail."""
    decidable = [
        d
        for d in clause
        if d.provision.severity == "shall" and d.verdict not in ("not_applicable", "needs_judgement")
    ]
    return len(decidable), sum(d.verdict == "nonconforming" for d in decidable)


def _rests_on(plan: Plan, answers: Answers, one: Decided) -> list[Evidence]:
    """The records that offend; not those that were merely looked at, nor those that are open."""
    found: dict[tuple[str, str], Evidence] = {}
    for i in one.provision.requirements:
        if answers.requirements[i] == MET:
            continue
        for n in answers.part(plan.requirements[i]).offending:
            rows = answers.aggregates[n]
            for row in rows if isinstance(rows, list) else ():
                kind = plan.aggregates[n][1]
                found.setdefault((kind, row[0]), Evidence(kind, row[0], row[1], row[2]))
    return list(found.values())


def _by_concept(
    gaps: Sequence[Raised], spread: Mapping[int, Sequence[Evidence]]
) -> Mapping[str, Sequence[Evidence]]:
    found: dict[str, list[Evidence]] = {}
    for gap in gaps:
        for concept in gap.decided.provision.concepts if id(gap.decided) in spread else ():
            found.setdefault(concept, []).extend(spread[id(gap.decided)])
    return found


def _facts(
    plan: Plan,
    answers: Answers,
    one: Decided,
    clause: tuple[int, int],
    at_work: bool,
    rests: Sequence[Evidence],
    shared: Mapping[str, Sequence[Evidence]],
    known: Known,
) -> Facts:
    p = one.provision
    alike = [e for concept in p.concepts for e in shared.get(concept, ())]
    judged = one.judgement is not None
    outcomes = [answers.requirements[i] for i in p.requirements]
    rests_on: dict[str, list[Mapping[str, Any]]] = {}
    for e in rests:
        if e.kind in known.columns:
            rests_on.setdefault(e.kind, []).append(known.columns[e.kind].get(e.id, {}))
    return Facts(
        id=p.id,
        concepts=p.concepts,
        on=known.on,
        since=known.since,
        decidable=clause[0],
        failing=clause[1],
        at_work=at_work,
        lacking=sum(o != MET for o in outcomes),
        nothing_found=not judged and bool(outcomes) and all(o == NOTHING for o in outcomes),
        units={"provision": _count(rests, "unit"), "concept": _count([*rests, *alike], "unit")},
        sites={"provision": _count(rests, "site"), "concept": _count([*rests, *alike], "site")},
        rests_on=rests_on,
        contradicted=any((e.kind, e.id) in known.contradicted for e in rests),
        same=_same(one, known.earlier),
        same_clause=[
            e for e in known.earlier if e.ruleset in ("", p.ruleset) and covers(p.clause, e.address)
        ],
    )


def _count(records: Sequence[Evidence], place: str) -> int:
    return len({getattr(e, place) for e in records} - {None})


def _same(one: Decided, earlier: Sequence[Earlier]) -> list[Earlier]:
    """The findings on record under the same criterion, the newest last."""
    p = one.provision
    found = [e for e in earlier if (e.ruleset, e.address) == (p.ruleset, p.address)]
    return sorted(found, key=lambda e: (e.found_on, e.record))


def _at_work(plan: Plan, answers: Answers, clause: Sequence[Decided]) -> bool:
    """Whether some record that a failing provision of the clause looked at is as it should be."""
    for one in clause:
        for i in one.provision.requirements if one.verdict == "nonconforming" else ():
            part = answers.part(plan.requirements[i])
            faulty = {row[0] for row in answers.records((*part.offending, *part.undecided))}
            if any(row[0] not in faulty for row in answers.records(part.population)):
                return True
    return False


def _finding(
    plan: Plan, answers: Answers, gap: Raised, policy: Policy, facts: Facts | None, known: Known
) -> Finding:
    one, provision = gap.decided, gap.decided.provision
    rule: GradingRule | None = policy.grade(facts) if facts else None
    grade = rule.grade if rule else "opportunity"
    earlier = _same(one, known.earlier)
    regrade = next((e.regrade for e in reversed(earlier) if e.closed_on is None), None) if rule else None
    failing = [i for i in provision.requirements if answers.requirements[i] != MET]
    expected = [plan.requirements[i].expects for i in failing] or [provision.gist]
    return Finding(
        ruleset=provision.ruleset,
        address=provision.address,
        cites=gap.cites,
        standards=gap.standards,
        grade=str(regrade["grade"]) if regrade else grade,
        rule=rule.name if rule else "should",
        rule_says=rule.says if rule else None,
        criterion=provision.gist,
        requirement={lang: _joined([e[lang] for e in expected], lang) for lang in LANGUAGES},
        statement={lang: _statement(plan, answers, one, failing, lang) for lang in LANGUAGES},
        evidence=[*_judged_by(one), *_evidence(plan, answers, failing)],
        computed_grade=grade,
        policy=policy.head() if rule else None,
        regrade=regrade,
        earlier=earlier,
    )


def _joined(texts: Sequence[str], lang: Lang) -> str:
    return ("；" if lang == "zh" else "; ").join(dict.fromkeys(texts))


def _statement(plan: Plan, answers: Answers, one: Decided, failing: Sequence[int], lang: Lang) -> str:
    if one.judgement:
        said = one.judgement
        basis = say("findings.basis", lang, evidence=said.evidence) if said.evidence else ""
        reason = said.reason.rstrip("。. ")
        return say("findings.judged", lang, by=said.judged_by, on=said.judged_on, reason=reason, basis=basis)
    texts = [explain_requirement(plan, answers, i, lang) for i in failing]
    return ("" if lang == "zh" else " ").join(dict.fromkeys(t for t in texts if t))


def explain_requirement(plan: Plan, answers: Answers, index: int, lang: Lang) -> str:
    """Why this requirement (an index into the plan) is not met, in one sentence; empty if it is met."""
    part = answers.part(plan.requirements[index])
    outcome = answers.outcome(part)
    if answers.requirements[index] == MET:
        return ""
    if outcome == NOTHING:
        return say("findings.nothing", lang, kind=_kinds(plan, part.population[:1], lang))
    if outcome == UNKNOWN:
        return _about("findings.unknown", plan, answers, part.undecided, lang)
    return _unmet(plan, answers, part, lang)


def _unmet(plan: Plan, answers: Answers, part: Part, lang: Lang) -> str:
    if part.interval and not answers.number(part.interval[1]):
        return say("findings.interval", lang, subject=plan.subjects[part.interval[0]][lang])
    if part.values:
        column = 1 if lang == "zh" else 2
        missing = [
            value[column]
            for value, i in zip(part.values, part.supporting, strict=True)
            if not answers.number(i)
        ]
        kind = _kinds(plan, part.population, lang)
        return say("findings.missing", lang, kind=kind, values=_listed(missing, lang))
    if part.check in ("recurring", "fresh") and "of" not in part.wording:
        return _late(plan, answers, part, lang)
    if answers.records(part.offending):
        key = {
            "linked": "findings.unlinked",
            "answered": "findings.unanswered",
            "recurring": "findings.lapsed",
        }.get(part.check)
        partner = _kinds(plan, part.supporting[1:], lang)
        return _about(key or "findings.offending", plan, answers, part.offending, lang, partner=partner)
    if part.check == "compare":
        return say("findings.compare", lang, kind=_kinds(plan, part.population, lang))
    one = part.check == "some" and part.wording.get("at_least", 1) == 1
    key = "findings.none_at_all" if one else "findings.none_satisfies"
    return _about(key, plan, answers, part.population, lang)


def _about(key: str, plan: Plan, answers: Answers, indexes: Sequence[int], lang: Lang, **values: str) -> str:
    """The text with the records behind these aggregates: their kinds, how many, and which."""
    behind = [i for i in indexes if answers.records((i,))]
    rows = answers.records(behind)
    kind = _kinds(plan, behind, lang)
    return say(key, lang, kind=kind, count=len(rows), records=_names(rows, lang), **values)


def _late(plan: Plan, answers: Answers, part: Part, lang: Lang) -> str:
    """That the latest is too long ago; or how many times too much time passed, with the dates that show where."""
    at = plan.columns[part.kinds[0]].index(part.wording["date"])
    dates = sorted({str(row[at]) for row in answers.records(part.supporting[:1])})
    kind = _kinds(plan, part.population, lang)
    if part.check == "fresh":
        return say("findings.stale", lang, kind=kind, latest=dates[-1])
    shown = _listed(dates[-SHOWN:], lang)
    count = sum(answers.number(i) or 0 for i in part.offending)
    return say("findings.late", lang, kind=kind, dates=shown, count=count)


def _kinds(plan: Plan, indexes: Sequence[int], lang: Lang) -> str:
    """The names of the kinds whose records these aggregates count."""
    return _listed(list(dict.fromkeys(plan.kinds[plan.aggregates[i][1]][lang] for i in indexes)), lang)


def _names(rows: Sequence[tuple[Any, ...]], lang: Lang) -> str:
    names = _listed([str(row[0]) for row in rows[:SHOWN]], lang)
    return say("findings.more", lang, names=names, count=len(rows)) if len(rows) > SHOWN else names or "—"


def _listed(names: Sequence[str], lang: Lang) -> str:
    return ("、" if lang == "zh" else ", ").join(names)


def _judged_by(one: Decided) -> list[Evidence]:
    """The judgement itself where it decided, so that the finding can be traced to who made it and on what."""
    return [Evidence(JUDGEMENT_KIND, one.judgement.record, None, None)] if one.judgement else []


def _evidence(plan: Plan, answers: Answers, failing: Sequence[int]) -> list[Evidence]:
    """The records the statement rests on: those that offend or are open, else those that were looked at."""
    found: dict[tuple[str, str], Evidence] = {}
    for part in (answers.part(plan.requirements[i]) for i in failing):
        named = (*part.offending, *part.undecided)
        if not answers.records(named):
            named = part.population
        for i in named:
            rows = answers.aggregates[i]
            kind = plan.aggregates[i][1]
            for row in rows if isinstance(rows, list) else ():
                found.setdefault((kind, row[0]), Evidence(kind, row[0], row[1], row[2]))
    return [found[key] for key in sorted(found)]
