"""Findings: what a verdict means for the organisation, with requirement, statement and objective evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shall.engine.executors.python import Answers
from shall.engine.grading import Policy
from shall.engine.outcomes import MET, NOTHING, UNKNOWN
from shall.engine.plan import Part, Plan
from shall.engine.verdicts import Decided
from shall.texts import LANGUAGES, Lang, say

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
    """One nonconformity or opportunity; its id is its criterion, so the same gap keeps its name from run to run."""

    ruleset: str
    address: str
    grade: str
    rule: str
    rule_says: Mapping[str, str] | None
    criterion: Mapping[str, str]
    requirement: Mapping[str, str]
    statement: Mapping[str, str]
    evidence: Sequence[Evidence]

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
            "grade": self.grade,
            "rule": self.rule,
            "rule_says": dict(self.rule_says) if self.rule_says else None,
            "criterion": dict(self.criterion),
            "requirement": dict(self.requirement),
            "statement": dict(self.statement),
            "evidence": [{"kind": e.kind, "id": e.id, "site": e.site, "unit": e.unit} for e in self.evidence],
        }


def find(plan: Plan, answers: Answers, decided: Sequence[Decided], policy: Policy) -> list[Finding]:
    """The findings of a set of verdicts, in the order of the provisions."""
    clauses: dict[tuple[str, str], list[Decided]] = {}
    for one in decided:
        clauses.setdefault((one.provision.ruleset, one.provision.clause), []).append(one)
    return [
        _finding(plan, answers, d, clauses[d.provision.ruleset, d.provision.clause], policy)
        for d in decided
        if d.verdict in ("nonconforming", "opportunity")
    ]


def _finding(
    plan: Plan, answers: Answers, one: Decided, clause: Sequence[Decided], policy: Policy
) -> Finding:
    provision = one.provision
    failing = [i for i in provision.requirements if answers.requirements[i] != MET]
    expected = [plan.requirements[i].expects for i in failing] or [provision.gist]
    rule = policy.grade(clause) if one.verdict == "nonconforming" else None
    return Finding(
        ruleset=provision.ruleset,
        address=provision.address,
        grade=rule.grade if rule else "opportunity",
        rule=rule.name if rule else "should",
        rule_says=rule.says if rule else None,
        criterion=provision.gist,
        requirement={lang: _joined([e[lang] for e in expected], lang) for lang in LANGUAGES},
        statement={lang: _statement(plan, answers, one, failing, lang) for lang in LANGUAGES},
        evidence=_evidence(plan, answers, failing),
    )


def _joined(texts: Sequence[str], lang: Lang) -> str:
    return ("；" if lang == "zh" else "; ").join(dict.fromkeys(texts))


def _statement(plan: Plan, answers: Answers, one: Decided, failing: Sequence[int], lang: Lang) -> str:
    if one.judgement:
        said = one.judgement
        return say("findings.judged", lang, by=said.judged_by, on=said.judged_on, reason=said.reason)
    texts = [explain_requirement(plan, answers, i, lang) for i in failing]
    return ("" if lang == "zh" else " ").join(dict.fromkeys(t for t in texts if t))


def explain_requirement(plan: Plan, answers: Answers, index: int, lang: Lang) -> str:
    """Why this requirement (an index into the plan) is not met, in one sentence; empty if it is met."""
    outcome = answers.requirements[index]
    part = answers.part(plan.requirements[index])
    kind = ("、" if lang == "zh" else ", ").join(plan.kinds[k][lang] for k in part.kinds[:2])
    if outcome == MET:
        return ""
    if outcome == NOTHING:
        return say("findings.nothing", lang, kind=kind)
    if outcome == UNKNOWN:
        undecided = answers.records(part.undecided)
        return say("findings.unknown", lang, kind=kind, records=_names(undecided, lang))
    return _unmet(plan, answers, part, kind, lang)


def _unmet(plan: Plan, answers: Answers, part: Part, kind: str, lang: Lang) -> str:
    if part.interval and not answers.number(part.interval[1]):
        return say("findings.interval", lang, subject=plan.subjects[part.interval[0]][lang])
    if part.values:
        missing = [
            v[1 + (lang == "en")]
            for v, i in zip(part.values, part.supporting, strict=True)
            if not answers.number(i)
        ]
        return say("findings.missing", lang, kind=kind, values=("、" if lang == "zh" else ", ").join(missing))
    if part.check == "recurring" or (part.check == "fresh" and part.interval):
        return _late(plan, answers, part, kind, lang)
    offending = answers.records(part.offending)
    if offending:
        return say(
            "findings.offending", lang, kind=kind, count=len(offending), records=_names(offending, lang)
        )
    if part.check == "compare":
        return say("findings.compare", lang, kind=kind)
    looked_at = answers.records(part.population)
    return say(
        "findings.none_satisfies", lang, kind=kind, count=len(looked_at), records=_names(looked_at, lang)
    )


def _late(plan: Plan, answers: Answers, part: Part, kind: str, lang: Lang) -> str:
    """How often something was done too late, and when it was last done."""
    at = plan.columns[part.kinds[0]].index(part.wording["date"])
    dates = [row[at] for row in answers.records(part.supporting[:1])]
    count = sum(answers.number(i) or 0 for i in part.offending)
    return say("findings.late", lang, kind=kind, latest=max(dates, default="—"), count=count)


def _names(rows: Sequence[tuple[Any, ...]], lang: Lang) -> str:
    names = [str(row[0]) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        names.append(say("findings.more", lang, count=len(rows)))
    return ("、" if lang == "zh" else ", ").join(names) or "—"


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
