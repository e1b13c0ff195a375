"""The two papers of a management review: what is put before it (9.3.2) and what it decided (9.3.3).

The input is collected from the store, topic by topic; the output is what is on record of one review, with the topics
about which no decision is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from shall.engine.cache import executor_for
from shall.engine.papers.desk import Desk
from shall.engine.papers.layout import Ask
from shall.engine.papers.review_layouts import INPUT, OUTPUT
from shall.engine.papers.review_records import REVIEW, Gathered, named_review, reviews_of
from shall.engine.papers.review_topics import TOPICS
from shall.engine.plan import PlannedProvision
from shall.evidence.store import Store
from shall.texts import Lang
from shall.texts.errors import UsageError

__all__ = ["INPUT", "OUTPUT", "input_context", "output_context"]

CONCEPTS = "evaluation.management_review."
DEFAULT = ("t_ccaa_39",)


OUTPUTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("performance_improvement",), "decision_performance"),
    (("policy",), "decision_policy"),
    (("parameters",), "decision_parameters"),
    (("baselines",), "decision_baselines"),
    (("targets", "action_plans", "system_elements"), "decision_targets"),
    (("unmet_targets",), "decision_unmet"),
    (("business_integration",), "decision_integration"),
    (("resources",), "decision_resources"),
    (("competence",), "decision_competence"),
    (("awareness",), "decision_competence"),
    (("communication",), "decision_communication"),
    (("system_changes",), "system_change_decisions"),
)
"""The topics of 9.3.3, one decision on any of which is enough, with the concept of the provisions that ask for it."""


def input_context(store: Store, ask: Ask, lang: Lang) -> dict[str, Any]:
    """The fields of the input; raises UsageError where the review asked for is not on record."""
    g = Gathered(store, ask, lang)
    asked = _Asked(g.desk)
    topics = {name: _shown(g, asked, name) for name in TOPICS}
    empty = [str(t["title"]) for name, t in topics.items() if TOPICS[name][0] and not t["rows"]]
    since = g.since.isoformat() if g.since else g.says("from_start")
    last = g.earlier[-1] if g.earlier else None
    submitted = list(_submitted(g))
    return {
        "organisation": g.desk.organisation(),
        "review": {
            "id": str(g.review["id"]) if g.review else g.says("next_review"),
            "on": str(g.review["reviewed_on"]) if g.review else "",
        },
        "last_review": g.says("named", name=last["reviewed_on"], id=last["id"])
        if last
        else g.says("first_review"),
        "period": g.says("from_to", since=since, until=g.until),
        "standards": asked.standards,
        "empty_topics": g.says("list_comma").join(empty) or g.says("none_empty"),
        "how": g.says("input_how"),
        "topics": topics,
        "submitted": submitted,
        "not_submitted": _not_submitted(g) if g.review else "",
    }


def _shown(g: Gathered, asked: "_Asked", name: str) -> dict[str, Any]:
    concept, gather = TOPICS[name]
    topic = gather(g)
    return {
        "title": g.says(f"topic_{name}"),
        "asks": asked.text(concept),
        "summary": "\n".join(topic.summary),
        "rows": list(topic.rows),
    }


def _submitted(g: Gathered) -> Iterator[dict[str, str]]:
    """What is on record as put before the review."""
    for r in _inputs(g.desk, str(g.review["id"])) if g.review else ():
        yield {
            "record": str(r["id"]),
            "topic": g.told("review_input", r, "topic", "level"),
            "on": str(r.get("presented_on") or ""),
            "content": str(r.get("content") or ""),
            "trend": g.word("review_input", r, "shows_trend"),
        }


def _inputs(desk: Desk, review: str) -> list[Mapping[str, Any]]:
    return [r for r in desk.records.of("review_input") if r.get(REVIEW) == review]


def _not_submitted(g: Gathered) -> str:
    assert g.review is not None
    there = {r.get("topic") for r in _inputs(g.desk, str(g.review["id"])) if r.get("content")}
    missing = [
        g.says(f"topic_{name}") for name, (concept, _) in TOPICS.items() if concept and name not in there
    ]
    return g.says("not_submitted", topics=g.says("list_comma").join(missing)) if missing else ""


def output_context(store: Store, ask: Ask, lang: Lang) -> dict[str, Any]:
    """The fields of the output of the review asked for, or of the last one; raises UsageError without one."""
    desk = Desk(store, ask, lang)
    reviews = reviews_of(desk)
    held = [r for r in reviews if r["reviewed_on"] <= ask.on.isoformat()]
    if ask.review is None and not held:
        raise UsageError("papers_more.no_review_yet", on=ask.on)
    review = named_review(reviews, ask.review) if ask.review else held[-1]
    asked, says, records = _Asked(desk), desk.says, desk.records
    outputs = [r for r in records.of("review_output") if r.get(REVIEW) == review["id"]]
    words = (
        "by_top_management",
        "participants",
        "suitable",
        "adequate",
        "effective",
        "aligned_with_strategy",
    )
    told = {name: records.word(REVIEW, review, name) or says("not_on_record") for name in words}
    inputs = sorted(
        {records.word("review_input", r, "topic") for r in _inputs(desk, str(review["id"]))} - {""}
    )
    return {
        "organisation": desk.organisation(),
        "review": {
            "id": str(review["id"]),
            "on": str(review["reviewed_on"]),
            "chaired_by": desk.named("person", review.get("chaired_by")) or says("not_on_record"),
            **told,
            "overall_conclusion": str(review.get("overall_conclusion") or says("not_on_record")),
        },
        "inputs": says("list_comma").join(inputs) or says("not_on_record"),
        "standards": asked.standards,
        "decided": _decided(desk, outputs),
        "decisions": [_decision(desk, r) for r in outputs],
        "undecided": list(_undecided(desk, asked, review, outputs)),
    }


def _decided(desk: Desk, outputs: list[Mapping[str, Any]]) -> str:
    if not outputs:
        return ""
    on = desk.ask.on.isoformat()
    done = sum(bool(r.get("completed_on")) and r["completed_on"] <= on for r in outputs)
    none = sum(r.get("action_required") is False for r in outputs if not r.get("completed_on"))
    return desk.says(
        "sum_decisions", count=len(outputs), done=done, none=none, open=len(outputs) - done - none
    )


def _decision(desk: Desk, r: Mapping[str, Any]) -> dict[str, str]:
    says, records = desk.says, desk.records
    on, done, due = desk.ask.on.isoformat(), r.get("completed_on"), r.get("due_on")
    if done and done <= on:
        state = says("was_done", on=done)
    elif r.get("action_required") is False:
        state = says("no_action")
    elif due and due < on:
        state = says("was_overdue", on=due)
    else:
        state = says("open_until", on=due) if due else says("open")
    return {
        "record": str(r["id"]),
        "topic": records.word("review_output", r, "topic") or says("not_on_record"),
        "decision": str(r.get("decision") or says("not_on_record")),
        "action_required": records.word("review_output", r, "action_required"),
        "owner": desk.named("person", r.get("responsible")),
        "due_on": str(due or ""),
        "completed_on": str(done or ""),
        "state": state,
    }


def _undecided(
    desk: Desk, asked: "_Asked", review: Mapping[str, Any], outputs: list[Mapping[str, Any]]
) -> Iterator[dict[str, str]]:
    """The topics without a decision; what to do where a target was missed is asked for only where one was."""
    decided = {r.get("topic") for r in outputs if r.get("decision")}
    missed = [
        str(r["id"])
        for r in desk.records.of("objective")
        if r.get("achieved") is not True and r.get("due_on") and r["due_on"] < review["reviewed_on"]
    ]
    for topics, concept in OUTPUTS:
        unmet = topics == ("unmet_targets",)
        if decided & set(topics) or (unmet and not missed):
            continue
        words = [desk.records.word("review_output", {"topic": t}, "topic") for t in topics]
        why = desk.says("missed_targets", names=", ".join(missed)) if unmet else desk.says("no_decision")
        yield {"topic": " / ".join(words), "asks": asked.text(concept), "why": why}


class _Asked:
    """What the standards ask of a topic: the provisions that are about its concept."""

    def __init__(self, desk: Desk) -> None:
        names = desk.ask.standards or DEFAULT
        self.plan, self.lang, self.says = executor_for(names).plan, desk.lang, desk.says
        heads = [self.plan.standards[key] for key in self.plan.asked]
        told = [f"{h['number']} {h['title'][desk.lang]} ({h['edition']})" for h in heads]
        self.standards = desk.says("list_comma").join(told)

    def text(self, concept: str) -> str:
        """Number, address and gist of each, one below the other; empty where none of the standards asks for it."""
        if not concept:
            return ""
        found = [p for p in self.plan.provisions if f"{CONCEPTS}{concept}" in p.concepts]
        return "\n".join(self._line(p) for p in found if p.ruleset in self.plan.asked)

    def _line(self, p: PlannedProvision) -> str:
        number = self.plan.standards[p.ruleset]["number"]
        return self.says("asked", number=number, address=p.address, gist=p.gist[self.lang])
