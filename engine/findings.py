"""Findings: what a verdict means for the organisation, with requirement, statement and objective evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from shall.engine.clauses import Whole, wholes
from shall.engine.executors.python import Answers, Row, Rows
from shall.engine.grading import GRADES, Earlier, Facts, GradingRule, Policy
from shall.engine.incorporated import Raised, raised
from shall.engine.joining import gap_of, groups, highest, merged, told
from shall.engine.outcomes import MET, NOTHING
from shall.engine.plan import Plan
from shall.engine.statements import Evidenced, explain_requirement
from shall.engine.verdicts import Decided, covers
from shall.texts import LANGUAGES, Lang, say

JUDGEMENT_KIND = "judgement"
"""The kind that holds what persons decided."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record a finding rests on."""

    kind: str
    id: str
    site: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of several criteria that a finding breaks by the same records, with what it would say by itself.

    `cites` are the criterion and the provisions that incorporate it; `grade` and `rule` are what the policy gave it.
    """

    ruleset: str
    address: str
    cites: Sequence[str]
    criterion: Mapping[str, str]
    requirement: Mapping[str, str]
    statement: Mapping[str, str]
    grade: str
    rule: str

    @property
    def id(self) -> str:
        """`ruleset:address`."""
        return f"{self.ruleset}:{self.address}"

    def as_json(self) -> dict[str, Any]:
        """The criterion as plain values."""
        return {
            "id": self.id,
            "ruleset": self.ruleset,
            "address": self.address,
            "cites": list(self.cites),
            "criterion": dict(self.criterion),
            "requirement": dict(self.requirement),
            "statement": dict(self.statement),
            "grade": self.grade,
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One nonconformity or opportunity; its id is its criterion, so the same gap keeps its name from run to run.

    `cites` are all provisions it stands under, the criterion first: those that incorporate the criterion, and
    incorporated ones that the same gap breaks. `standards` are the standards reported on in which it counts.
    `grade` is the one that counts: `computed_grade` is what the rule gave, `regrade` the person who gave another one,
    or the same, to what is open on record under the criterion.
    `earlier` are findings on record under the same criterion. `policy` is None where no policy graded it.
    `criteria` are all criteria, its own first, where several provisions have this one gap (the grade is then the
    highest of theirs); empty where it has one.
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
    criteria: Sequence[Criterion] = ()

    @property
    def id(self) -> str:
        """`ruleset:address`."""
        return f"{self.ruleset}:{self.address}"

    @property
    def ids(self) -> tuple[str, ...]:
        """Every criterion it is told for, its own first."""
        return tuple(c.id for c in self.criteria) or (self.id,)

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
            "criteria": [c.as_json() for c in self.criteria],
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
    contradict others. `rows` and `invalid` are the rows by kind that are evidence on the day, and those that are not.
    """

    on: date
    since: date
    earlier: Sequence[Earlier] = ()
    columns: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    contradicted: frozenset[tuple[str, str]] = frozenset()
    rows: Rows = field(default_factory=dict)
    invalid: Mapping[str, Sequence[Row]] = field(default_factory=dict)


def find(
    plan: Plan, answers: Answers, decided: Sequence[Decided], policy: Policy, known: Known
) -> list[Finding]:
    """The findings of a set of verdicts, in the order of the provisions; one gap under several of them once."""
    gaps = raised(plan, answers, decided)
    joinable = [gap_of(plan, answers, gap, _same(gap.decided, known.earlier)) for gap in gaps]
    clauses = wholes(plan, answers, decided, gaps, joinable)
    spread = {id(g.decided): _rests_on(plan, answers, g.decided) for g in gaps if _graded(g)}
    shared = _by_concept(gaps, spread)
    evidenced = Evidenced(plan, answers, known.on.isoformat(), known.rows, known.invalid)
    found = []
    for gap in gaps:
        facts = None
        if _graded(gap):
            whole = clauses[gap.decided.provision.ruleset, gap.decided.provision.clause]
            facts = _facts(plan, answers, gap.decided, whole, spread[id(gap.decided)], shared, known)
        found.append(_finding(evidenced, gap, policy, facts, known))
    return [_joint([found[n] for n in members], [gaps[n] for n in members]) for members in groups(joinable)]


def _joint(found: Sequence[Finding], gaps: Sequence[Raised]) -> Finding:
    """The findings of one gap as one: the first with what the others add, and the highest of their grades."""
    first = found[0]
    if len(found) == 1:
        return first
    gravest = found[highest([f.computed_grade for f in found])]
    earlier = {e.record: e for f in found for e in f.earlier}
    return replace(
        first,
        cites=merged(gaps[0], gaps[1:]).cites,
        grade=found[highest([f.grade for f in found])].grade,
        rule=gravest.rule,
        rule_says=gravest.rule_says,
        requirement={lang: _joined(told([f.requirement[lang] for f in found]), lang) for lang in LANGUAGES},
        statement={lang: _sentences(told([f.statement[lang] for f in found]), lang) for lang in LANGUAGES},
        evidence=sorted(dict.fromkeys(e for f in found for e in f.evidence), key=lambda e: (e.kind, e.id)),
        computed_grade=gravest.computed_grade,
        earlier=sorted(earlier.values(), key=lambda e: (e.found_on, e.record)),
        criteria=[
            Criterion(
                f.ruleset,
                f.address,
                f.cites,
                f.criterion,
                f.requirement,
                f.statement,
                f.computed_grade,
                f.rule,
            )
            for f in found
        ],
    )


def _graded(gap: Raised) -> bool:
    """Whether the policy grades it: a nonconformity, not one that counts only as a recommendation."""
    return gap.decided.verdict == "nonconforming" and not gap.softened


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
    whole: Whole,
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
        decidable=whole.decidable,
        failing=whole.failing,
        gaps=whole.gaps,
        faulty=whole.faulty,
        at_work=whole.at_work,
        lacking=sum(o != MET for o in outcomes),
        nothing_found=not judged and bool(outcomes) and all(o == NOTHING for o in outcomes),
        units={"provision": _count(rests, "unit"), "concept": _count([*rests, *alike], "unit")},
        sites={"provision": _count(rests, "site"), "concept": _count([*rests, *alike], "site")},
        rests_on=rests_on,
        contradicted=any((e.kind, e.id) in known.contradicted for e in rests),
        same=_same(one, known.earlier),
        same_clause=[e for e in known.earlier if _in_clause(e, p.ruleset, p.clause)],
    )


def _count(records: Sequence[Evidence], place: str) -> int:
    return len({getattr(e, place) for e in records} - {None})


def _same(one: Decided, earlier: Sequence[Earlier]) -> list[Earlier]:
    """The findings on record under the same criterion, the newest last."""
    p = one.provision
    found = [e for e in earlier if (e.ruleset, e.address) == (p.ruleset, p.address) or p.id in e.further]
    return sorted(found, key=lambda e: (e.found_on, e.record))


def _in_clause(one: Earlier, ruleset: str, clause: str) -> bool:
    """Whether a finding on record stands under a clause, by any of its criteria."""
    if one.ruleset in ("", ruleset) and covers(clause, one.address):
        return True
    further = (name.partition(":") for name in one.further)
    return any(key == ruleset and covers(clause, address) for key, _, address in further)


def _finding(evidenced: Evidenced, gap: Raised, policy: Policy, facts: Facts | None, known: Known) -> Finding:
    plan, answers = evidenced.plan, evidenced.answers
    one, provision = gap.decided, gap.decided.provision
    rule: GradingRule | None = policy.grade(facts) if facts else None
    grade = rule.grade if rule else "opportunity"
    earlier = _same(one, known.earlier)
    regrade = _by_person(earlier, grade) if rule else None
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
        statement={lang: _statement(evidenced, one, failing, lang) for lang in LANGUAGES},
        evidence=[*_judged_by(one), *_evidence(plan, answers, failing)],
        computed_grade=grade,
        policy=policy.head() if rule else None,
        regrade=regrade,
        earlier=earlier,
    )


def _by_person(earlier: Sequence[Earlier], computed: str) -> Mapping[str, Any] | None:
    """The grade that persons gave what is open on record under the criterion: the gravest, of equals the newest.

    None where one that the policy graded is graver still, or where it was raised with the grade computed now.
    """
    standing = [e for e in reversed(earlier) if e.closed_on is None and e.grade in GRADES]
    gravest = min(standing, key=lambda e: (_ORDER.index(str(e.grade)), e.regrade is None), default=None)
    if gravest is None or gravest.regrade is None:
        return None
    agrees = gravest.regrade["record"] == gravest.record and gravest.regrade["grade"] == computed
    return None if agrees else gravest.regrade


_ORDER: Sequence[str] = GRADES


def _joined(texts: Sequence[str], lang: Lang) -> str:
    return ("；" if lang == "zh" else "; ").join(dict.fromkeys(texts))


def _statement(found: Evidenced, one: Decided, failing: Sequence[int], lang: Lang) -> str:
    if one.judgement:
        said = one.judgement
        basis = say("findings.basis", lang, evidence=said.evidence) if said.evidence else ""
        reason = said.reason.rstrip("。. ")
        return say("findings.judged", lang, by=said.judged_by, on=said.judged_on, reason=reason, basis=basis)
    return _sentences([explain_requirement(found, i, lang) for i in failing], lang)


def _sentences(texts: Sequence[str], lang: Lang) -> str:
    return ("" if lang == "zh" else " ").join(dict.fromkeys(t for t in texts if t))


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
