"""The verdicts of an evaluation as a paper shows them: counts by standard and chapter, and what they rest on."""

from collections.abc import Mapping
from typing import Any

from shall.engine.reports.papers.audits import Audit, Item
from shall.engine.reports.records import Record
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


def evaluated(audit: Audit) -> Item:
    """The evaluation of the audit's standards on the day: rows of counts, gaps, and its receipt.

    Standards that are not rulesets of ours cannot be evaluated and are named in `left_out`.
    """
    asked = audit.at_hand
    left_out = audit.t("comma").join(key for key in audit.standards if key not in asked)
    found = _result(audit, asked) if asked else None
    receipt = found["receipt"] if found else {}
    return {
        "rows": _rows(found, audit) if found else [],
        "gaps": _gaps(found, audit) if found else [],
        "day": audit.records.on,
        "since": found["from"] if found else audit.none,
        "left_out": left_out or audit.t("nothing_left_out"),
        "plan": receipt.get("plan", audit.none),
        "grading": "{key} {digest}".format(**receipt["grading"]) if found else audit.none,
        "rulesets": "\n".join(f"{k} {v}" for k, v in receipt.get("rulesets", {}).items()) or audit.none,
        "result": receipt.get("result", audit.none),
    }


def _result(audit: Audit, asked: list[str]) -> Mapping[str, Any]:
    from shall.engine.cache import executor_for
    from shall.engine.evaluation import Question, evaluate, result

    ask = audit.ask
    question = Question.of(ask.organisation, ask.on, ask.since, "audit", ask.known)
    name = str(audit.organisation.get("name") or "") or None
    return result(evaluate(executor_for(asked), audit.store, question, ask.policy), name)


def _rows(found: Mapping[str, Any], audit: Audit) -> list[Item]:
    """A row for each chapter of each standard, and one for the whole of it."""
    rows = []
    for standard in found["standards"]:
        summary = found["summary"][standard["key"]]
        number = standard["number"]
        for chapter in summary["chapters"]:
            title = (chapter["title"] or {}).get(audit.lang, "")
            rows.append(_row(number, f"{chapter['chapter']} {title}".strip(), chapter["verdicts"]))
        rows.append(_row(number, audit.t("whole"), summary["verdicts"]))
    return rows


def _row(standard: str, chapter: str, counts: Mapping[str, int]) -> Item:
    return {
        "standard": standard,
        "chapter": chapter,
        **{verdict: str(counts[verdict]) for verdict in COUNTED},
    }


def _gaps(found: Mapping[str, Any], audit: Audit) -> list[Item]:
    """Nonconformities the evaluation finds, each with the nonconformities raised about one of its criteria."""
    raised: dict[str, list[str]] = {}
    for one in filter(audit.stands, audit.findings):
        for name in _names(audit, one, found):
            raised.setdefault(name, []).append(str(one["id"]))
    numbers = {s["key"]: s["number"] for s in (*found["standards"], *found["incorporated_standards"])}
    rows = []
    for gap in found["findings"]:
        if gap["grade"] not in ("major", "minor"):
            continue
        criteria = gap["criteria"] or [gap]
        about = [
            record for c in criteria for name in (c["id"], _clause(c)) for record in raised.get(name, ())
        ]
        rows.append(
            {
                "criterion": "\n".join(
                    f"{numbers.get(c['ruleset'], c['ruleset'])} {c['address']}" for c in criteria
                ),
                "asks": "\n".join(dict.fromkeys(c["criterion"][audit.lang] for c in criteria)),
                "grade": say(f"audit.grade_{gap['grade']}", audit.lang),
                "findings": audit.t("comma").join(dict.fromkeys(about)) or audit.t("not_raised"),
            }
        )
    return rows


def _names(audit: Audit, raised: Record, found: Mapping[str, Any]) -> list[str]:
    """The criteria (`ruleset:address`) that a finding on record is about; any standard where it names none."""
    place = str(raised.get("address") or raised.get("clause") or "")
    rulesets = [str(raised["ruleset"])] if raised.get("ruleset") else [s["key"] for s in found["standards"]]
    return [*(f"{ruleset}:{place}" for ruleset in rulesets), *audit.further(raised)]


def _clause(criterion: Mapping[str, Any]) -> str:
    """The clause of a criterion: a finding raised about the clause as a whole is about it too."""
    return f"{criterion['ruleset']}:{criterion['address'].partition('/')[0].partition('#')[0]}"
