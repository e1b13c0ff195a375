"""The verdicts of an evaluation as a paper shows them: counts by standard and chapter, and what they rest on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from shall.engine.audit.history import earlier
from shall.engine.cache import executor_for
from shall.engine.evaluation import Evaluation, Question, evaluate, policy_columns, result
from shall.engine.findings import Known, find
from shall.engine.papers.audits import Audit, Item
from shall.engine.reports.records import Record
from shall.engine.verdicts import People, decide
from shall.texts import say

COUNTED = (
    "conforming",
    "nonconforming",
    "not_demonstrated",
    "needs_judgement",
    "opportunity",
    "not_applicable",
)
"""Verdicts that are counted; statements that only inform are left out."""


def evaluated(audit: Audit, on: date | None = None) -> Item:
    """The evaluation of the audit's standards on the day: rows of counts, gaps, and its receipt.

    Rows and gaps tell what the evidence alone says; where what auditors judged changes a count, a second row tells
    the counts with their judgements. Standards that are not rulesets of ours cannot be evaluated and are named in
    `left_out`. Without `on` it is the day of the audit's question.
    """
    asked = audit.at_hand
    left_out = audit.t("comma").join(key for key in audit.standards if key not in asked)
    made = _evaluation(audit, asked, on) if asked else None
    found = result(made, str(audit.organisation.get("name") or "") or None) if made else None
    alone = result(_alone(made, audit)) if made else None
    receipt = found["receipt"] if found else {}
    return {
        "rows": _rows(alone, found, audit) if alone and found else [],
        "gaps": _gaps(alone, found, audit) if alone and found else [],
        "day": (on or audit.ask.on).isoformat(),
        "since": found["from"] if found else audit.none,
        "left_out": left_out or audit.t("nothing_left_out"),
        "plan": receipt.get("plan", audit.none),
        "grading": "{key} {digest}".format(**receipt["grading"]) if found else audit.none,
        "rulesets": "\n".join(f"{audit.number(k)} {v}" for k, v in receipt.get("rulesets", {}).items())
        or audit.none,
        "result": receipt.get("result", audit.none),
    }


def _evaluation(audit: Audit, asked: list[str], on: date | None) -> Evaluation:
    ask = audit.ask
    question = Question.of(ask.organisation, on or ask.on, ask.since, "audit", ask.known)
    return evaluate(executor_for(asked), audit.store, question, ask.policy)


def _alone(made: Evaluation, audit: Audit) -> Evaluation:
    """The same evaluation as if nobody had judged anything; what does not apply by a justified exclusion stays so."""
    people = {key: People({}, one.exclusions) for key, one in made.people.items()}
    question = made.question
    decided = decide(made.plan, made.answers, people, question.mode)
    known = Known(
        question.on,
        question.since,
        earlier(audit.store, question.organisation, question.on, question.known, policy=made.policy),
        policy_columns(audit.store, question, made.policy),
        frozenset(record for one in made.observations for record in one.records),
        made.rows,
        made.invalid,
    )
    findings = find(made.plan, made.answers, decided, made.policy, known)
    return replace(made, decided=decided, findings=findings)


def _rows(alone: Mapping[str, Any], found: Mapping[str, Any], audit: Audit) -> list[Item]:
    """Rows for each chapter of each standard, and for the whole of it."""
    rows: list[Item] = []
    for standard in found["standards"]:
        bare, judged = (one["summary"][standard["key"]] for one in (alone, found))
        number = standard["number"]
        for one, other in zip(bare["chapters"], judged["chapters"], strict=True):
            title = (one["title"] or {}).get(audit.lang, "")
            chapter = f"{one['chapter']} {title}".strip()
            rows += _pair(audit, number, chapter, one["verdicts"], other["verdicts"])
        rows += _pair(audit, number, audit.t("whole"), bare["verdicts"], judged["verdicts"])
    return rows


def _pair(
    audit: Audit, standard: str, chapter: str, bare: Mapping[str, int], judged: Mapping[str, int]
) -> Iterator[Item]:
    """The counts by the evidence, and below them those after judgement where any of them differs."""
    yield _row(standard, chapter, audit.t("by_evidence"), bare)
    if any(bare[verdict] != judged[verdict] for verdict in COUNTED):
        yield _row(standard, chapter, audit.t("after_judgement"), judged)


def _row(standard: str, chapter: str, basis: str, counts: Mapping[str, int]) -> Item:
    return {
        "standard": standard,
        "chapter": chapter,
        "place": f"{standard}\n{chapter}",
        "basis": basis,
        **{verdict: str(counts[verdict]) for verdict in COUNTED},
    }


def _gaps(alone: Mapping[str, Any], found: Mapping[str, Any], audit: Audit) -> list[Item]:
    """Nonconformities by the evidence alone, each with those raised about one of its criteria, and what was judged."""
    raised: dict[str, list[str]] = {}
    for one in filter(audit.stands, audit.findings):
        for name in _names(audit, one, alone):
            raised.setdefault(name, []).append(str(one["id"]))
    numbers = {s["key"]: s["number"] for s in (*alone["standards"], *alone["incorporated_standards"])}
    judged = {
        f"{p['ruleset']}:{p['address']}": p["verdict"] for p in (*found["provisions"], *found["incorporated"])
    }
    rows = []
    for gap in alone["findings"]:
        if gap["grade"] not in ("major", "minor"):
            continue
        criteria = gap["criteria"] or [gap]
        about = [
            record for c in criteria for name in (c["id"], _clause(c)) for record in raised.get(name, ())
        ]
        told = [audit.t("comma").join(dict.fromkeys(about)) or audit.t("not_raised")]
        told += _otherwise(audit, [judged.get(c["id"], "nonconforming") for c in criteria])
        rows.append(
            {
                "criterion": "\n".join(
                    f"{numbers.get(c['ruleset'], c['ruleset'])} {c['address']}" for c in criteria
                ),
                "asks": "\n".join(dict.fromkeys(c["criterion"][audit.lang] for c in criteria)),
                "grade": say(f"audit.grade_{gap['grade']}", audit.lang),
                "findings": "\n".join(told),
            }
        )
    return rows


def _otherwise(audit: Audit, verdicts: Sequence[str]) -> list[str]:
    """What auditors judged where it is not what the evidence says."""
    words = dict.fromkeys(audit.t(f"v_{v}") for v in verdicts if v != "nonconforming" and v in COUNTED)
    return (
        [audit.t("colon").join((audit.t("after_judgement"), audit.t("comma").join(words)))] if words else []
    )


def _names(audit: Audit, raised: Record, found: Mapping[str, Any]) -> list[str]:
    """The criteria (`ruleset:address`) that a finding on record is about; any standard where it names none."""
    place = str(raised.get("address") or raised.get("clause") or "")
    rulesets = [str(raised["ruleset"])] if raised.get("ruleset") else [s["key"] for s in found["standards"]]
    return [*(f"{ruleset}:{place}" for ruleset in rulesets), *audit.further(raised)]


def _clause(criterion: Mapping[str, Any]) -> str:
    """The clause of a criterion: a finding raised about the clause as a whole is about it too."""
    return f"{criterion['ruleset']}:{criterion['address'].partition('/')[0].partition('#')[0]}"
