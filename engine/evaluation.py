"""One organisation held against a plan on one day: the result every report is made from."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from shall.engine import __version__
from shall.engine.audit.history import earlier
from shall.engine.contradictions import Observation, contradictions
from shall.engine.executors.python import Answers, PythonExecutor, Row, Rows, prepare
from shall.engine.findings import Finding, Known, find
from shall.engine.grading import Policy
from shall.engine.incorporated import relevant
from shall.engine.outcomes import OUTCOMES
from shall.engine.plan import Plan
from shall.engine.trees import usual_start
from shall.engine.verdicts import (
    VERDICTS,
    Decided,
    Exclusion,
    Judgement,
    Mode,
    People,
    decide,
)
from shall.evidence.store import Store

RESULT_FORMAT = 2
VALIDITY = ("status", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: whose evidence, on which day, over which period, as known at which ledger position."""

    organisation: str
    on: date
    since: date
    mode: Mode = "audit"
    known: int | None = None

    @classmethod
    def of(
        cls,
        organisation: str,
        on: date,
        since: date | None = None,
        mode: Mode = "audit",
        known: int | None = None,
    ) -> "Question":
        """The question with the usual audit period: the twelve months up to the day."""
        return cls(organisation, on, since or usual_start(on), mode, known)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything one evaluation found; `result` turns it into the plain value that is printed and kept.

    `people` are the judgements and exclusions on record by ruleset, those not asked for included.
    """

    plan: Plan
    question: Question
    rows: Rows
    answers: Answers
    decided: Sequence[Decided]
    findings: Sequence[Finding]
    position: tuple[int, str]
    invalid: Mapping[str, Sequence[Row]]
    policy: Policy
    observations: Sequence[Observation] = ()
    people: Mapping[str, People] = field(default_factory=dict)


def evaluate(executor: PythonExecutor, store: Store, question: Question, policy: Policy) -> Evaluation:
    """Hold the organisation's evidence against the plan, all of it as it stood at one ledger position."""
    plan = executor.plan
    position = store.position() if question.known is None else store.position_at(question.known)
    question = replace(question, known=position[0])
    rows, invalid = read_rows(plan, store, question)
    answers = executor.run(rows, question.on, question.since)
    people = _people(plan, store, question)
    decided = decide(plan, answers, people, question.mode)
    org, on, since = question.organisation, question.on, question.since
    observations = contradictions(store, org, on, since, question.known)
    known = Known(
        on,
        since,
        earlier(store, org, on, question.known, policy=policy),
        policy_columns(store, question, policy),
        frozenset(record for one in observations for record in one.records),
        rows,
        invalid,
    )
    findings = find(plan, answers, decided, policy, known)
    return Evaluation(
        plan, question, rows, answers, decided, findings, position, invalid, policy, observations, people
    )


def policy_columns(store: Store, question: Question, policy: Policy) -> dict[str, dict[str, dict[str, Any]]]:
    """What the policy wants to know of the records a finding may rest on, by kind and id."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for kind, columns in policy.columns().items():
        rows = store.rows(kind, question.organisation, ["id", *columns], known=question.known)
        found[kind] = {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows}
    return found


def read_rows(plan: Plan, store: Store, question: Question) -> tuple[Rows, Mapping[str, Sequence[Row]]]:
    """The rows that are evidence on the day, and those left out: drafts, withdrawn, not yet or no longer valid."""
    valid: dict[str, list[Row]] = {}
    invalid: dict[str, list[Row]] = {}
    for kind, columns in plan.columns.items():
        found = store.rows(kind, question.organisation, [*columns, *VALIDITY], known=question.known)
        if found:
            prepared = prepare(kind, found, plan)
            valid[kind] = [row for row in prepared if counts(row, question.on.isoformat())]
            invalid[kind] = [row for row in prepared if not counts(row, question.on.isoformat())]
    return valid, invalid


def counts(row: Row, on: str) -> bool:
    """Whether a row (its last three columns are status and validity) is evidence on that day."""
    status, valid_from, valid_until = row[-3:]
    return (
        (status is None or status == "approved")
        and (valid_from is None or valid_from <= on)
        and (valid_until is None or valid_until >= on)
    )


def _people(plan: Plan, store: Store, question: Question) -> dict[str, People]:
    on = question.on.isoformat()

    def rows(kind: str, *columns: str) -> list[Row]:
        found = store.rows(kind, question.organisation, [*columns, *VALIDITY], known=question.known)
        return [row for row in found if counts(row, on)]

    judged: dict[str, dict[str, list[Judgement]]] = {}
    for row in rows(
        "judgement",
        "id",
        "ruleset",
        "address",
        "verdict",
        "reason",
        "judged_by",
        "judged_on",
        "made_as",
        "evidence",
    ):
        record, ruleset, address, verdict, reason, by, day, made_as, evidence = row[:9]
        if all((ruleset, address, verdict, reason, by, day, made_as)) and day <= on:
            found = Judgement(record, verdict, reason, by, day, made_as, evidence)
            judged.setdefault(ruleset, {}).setdefault(address, []).append(found)
    excluded: dict[str, list[Exclusion]] = {}
    for row in rows("exclusion", "id", "ruleset", "address", "justification", "approved_by", "approved_on"):
        record, ruleset, address, justification, by, day = row[:6]
        if all((ruleset, address, justification, by, day)) and day <= on:
            excluded.setdefault(ruleset, []).append(Exclusion(record, address, justification, by, day))
    keys = dict.fromkeys((*plan.standards, *judged, *excluded))
    return {key: People(judged.get(key, {}), excluded.get(key, ())) for key in keys}


def result(evaluation: Evaluation, name: str | None = None) -> dict[str, Any]:
    """The evaluation as a plain value, in the shape of the published schema; the same bytes for the same inputs."""
    plan, question = evaluation.plan, evaluation.question
    body: dict[str, Any] = {
        "format": RESULT_FORMAT,
        "organisation": {"id": question.organisation, "name": name},
        "on": question.on.isoformat(),
        "from": question.since.isoformat(),
        "mode": question.mode,
        "standards": [_standard(plan.standards[key]) for key in plan.asked],
        "incorporated_standards": [
            _standard(s) for key, s in plan.standards.items() if key not in plan.asked
        ],
        "summary": {key: _summary(key, evaluation.decided, plan) for key in plan.asked},
        "provisions": [
            _provision(d, evaluation) for d in evaluation.decided if d.provision.ruleset in plan.asked
        ],
        "incorporated": [
            _provision(d, evaluation) for d in relevant(plan, evaluation.answers, evaluation.decided)
        ],
        "findings": [f.as_json() for f in evaluation.findings],
        "observations": [o.as_json() for o in evaluation.observations],
    }
    body["receipt"] = _receipt(evaluation, body)
    return body


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: what digests are taken of."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _receipt(evaluation: Evaluation, body: Mapping[str, Any]) -> dict[str, Any]:
    plan, question = evaluation.plan, evaluation.question
    sequence, head = evaluation.position
    return {
        "software": f"shall {__version__}",
        "rulesets": {key: s["digest"] for key, s in plan.standards.items()},
        "plan": plan.digest,
        "grading": evaluation.policy.head(),
        "kinds": plan.schema_digest,
        "evidence": {"organisation": question.organisation, "position": sequence, "head": head},
        "result": hashlib.sha256(canonical(body).encode()).hexdigest(),
    }


def _standard(head: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("key", "number", "title", "edition", "status", "nature", "published", "in_force", "digest")
    return {name: head[name] for name in kept}


def _summary(key: str, decided: Sequence[Decided], plan: Plan) -> dict[str, Any]:
    own = [d for d in decided if d.provision.ruleset == key]
    chapters: dict[str, list[Decided]] = {}
    for one in own:
        chapters.setdefault(one.provision.clause.split(".")[0], []).append(one)
    titles = plan.standards[key].get("clauses", {})
    return {
        "verdicts": _counts(own),
        "to_confirm": sum(d.to_confirm for d in own),
        "readiness": _readiness(own) if plan.standards[key]["nature"] == "guideline" else None,
        "chapters": [
            {
                "chapter": c,
                "title": titles.get(c),
                "verdicts": _counts(ds),
                "readiness": _readiness(ds) if plan.standards[key]["nature"] == "guideline" else None,
            }
            for c, ds in chapters.items()
        ],
    }


def _readiness(decided: Sequence[Decided]) -> dict[str, int]:
    """How many of the recommendations and requirements that apply are met: a guideline's level of readiness.

    What waits for a person or for records is not met yet.
    """
    apply = [d for d in decided if d.provision.severity != "info" and d.verdict != "not_applicable"]
    return {"met": sum(d.verdict == "conforming" for d in apply), "of": len(apply)}


def _counts(decided: Sequence[Decided]) -> dict[str, int]:
    return {verdict: sum(d.verdict == verdict for d in decided) for verdict in VERDICTS}


def _provision(one: Decided, evaluation: Evaluation) -> dict[str, Any]:
    provision, plan, answers = one.provision, evaluation.plan, evaluation.answers
    return {
        "ruleset": provision.ruleset,
        "address": provision.address,
        "clause": provision.clause,
        "kind": provision.kind,
        "modality": provision.modality,
        "severity": provision.severity,
        "gist": dict(provision.gist),
        "outcome": one.outcome,
        "verdict": one.verdict,
        "evidence_verdict": one.evidence_verdict,
        "reason": one.reason,
        "to_confirm": one.to_confirm,
        "condition": dict(plan.conditions[provision.when].says) if provision.when is not None else None,
        "question": dict(provision.judged) if provision.judged else None,
        "look_at": list(provision.look_at),
        "reading": dict(provision.reading) if provision.reading else None,
        "judgement": _person(one.judgement),
        "claim": _person(one.claim),
        "exclusion": _person(one.exclusion),
        "requirements": [_requirement(i, plan, answers) for i in provision.requirements],
        "incorporates": [plan.provisions[i].id for i in provision.incorporated],
    }


def _person(record: Judgement | Exclusion | None) -> dict[str, Any] | None:
    return {name: getattr(record, name) for name in record.__dataclass_fields__} if record else None


def _requirement(index: int, plan: Plan, answers: Answers) -> dict[str, Any]:
    requirement = plan.requirements[index]
    part = answers.part(requirement)
    offending = references(part.offending, plan, answers)
    return {
        "id": requirement.id,
        "check": requirement.check,
        "expects": dict(requirement.expects),
        "kinds": list(requirement.kinds),
        "outcome": OUTCOMES[answers.requirements[index]],
        "population": references(part.population, plan, answers),
        "offending": offending,
        "undecided": [r for r in references(part.undecided, plan, answers) if r not in offending],
    }


def references(indexes: Sequence[int], plan: Plan, answers: Answers) -> list[str]:
    """`kind:id` of the records behind these aggregates, sorted, each once."""
    found: set[str] = set()
    for i in indexes:
        rows = answers.aggregates[i]
        if isinstance(rows, list):
            found |= {f"{plan.aggregates[i][1]}:{row[0]}" for row in rows}
    return sorted(found)
