"""What the store has for a management review: its period, and how a record becomes a line of a topic."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from shall.engine.audit.history import Followed, followed
from shall.engine.audit.lifecycle import Case
from shall.engine.papers.desk import Desk
from shall.engine.papers.finding_pages import next_due
from shall.engine.papers.layout import Ask
from shall.engine.reports.records import Record, neat
from shall.evidence.store import Store
from shall.texts import Lang, say
from shall.texts.errors import UsageError

Line = dict[str, str]
Columns = tuple[str, ...]
REVIEW = "management_review"


@dataclass(frozen=True, slots=True)
class Topic:
    """What is on record about one topic: what it adds up to, and the records."""

    summary: tuple[str, ...]
    rows: tuple[Line, ...]


class Gathered:
    """The records that a review looks at: those of the period, and what was open at its end.

    `review` is the one on record that was asked for; the period then ends on its day. It begins on the day of the
    review before, or on the day asked for; where there is neither, `since` is None and everything counts.
    """

    def __init__(self, store: Store, ask: Ask, lang: Lang) -> None:
        reviews = reviews_of(Desk(store, ask, lang))
        self.review = named_review(reviews, ask.review) if ask.review else None
        self.until = date.fromisoformat(self.review["reviewed_on"]) if self.review else ask.on
        mine = self.review["id"] if self.review else None
        self.earlier = [r for r in reviews if r["reviewed_on"] <= self.until.isoformat() and r["id"] != mine]
        last = self.earlier[-1]["reviewed_on"] if self.earlier else None
        self.since = ask.since or (date.fromisoformat(last) if last else None)
        self.desk = Desk(store, replace(ask, on=self.until, finding=None), lang)
        self.records, self.says, self.lang = self.desk.records, self.desk.says, lang

    # --- the period ------------------------------------------------------------------------------

    def within(self, day: Any) -> bool:
        """Whether a day lies in the period, its first and last day included."""
        since = self.since.isoformat() if self.since else ""
        return bool(day) and since <= str(day) <= self.until.isoformat()

    def before(self, day: Any) -> bool:
        """Whether a day lies in the period of the same length just before."""
        if not day or self.since is None:
            return False
        start = self.since - (self.until - self.since) - timedelta(1)
        return start.isoformat() <= str(day) < self.since.isoformat()

    def past(self, day: Any) -> bool:
        """Whether a day was over when the period ended."""
        return bool(day) and str(day) < self.until.isoformat()

    def reached(self, day: Any) -> bool:
        """Whether something had happened by the end of the period."""
        return bool(day) and str(day) <= self.until.isoformat()

    def standing(self, done: Any, due: Any, needed: bool = True) -> str:
        """Where something that is to be done stood at the end of the period."""
        if self.reached(done):
            return self.says("was_done", on=done)
        if not needed:
            return self.says("no_action")
        if self.past(due):
            return self.says("was_overdue", on=due)
        return self.says("open_until", on=due) if due else self.says("open")

    def ended(self, done: Any) -> str:
        """Where something without a due date stood at the end of the period."""
        return self.says("was_done", on=done) if self.reached(done) else self.says("not_ended")

    def compared(self, now: int, earlier: int) -> str:
        """A count beside that of the period before, which is what shows a trend."""
        return str(now) if self.since is None else self.says("compared", now=now, before=earlier)

    # --- records ---------------------------------------------------------------------------------

    def of(self, kind: str, take: Callable[[Record], bool]) -> list[Record]:
        """The valid records of a kind that are taken."""
        return [r for r in self.records.of(kind) if take(r)]

    def latest(self, kind: str, per: str, on: str) -> dict[str, Record]:
        """The newest record of each subject up to the end of the period."""
        found: dict[str, Record] = {}
        for record in sorted(self.records.of(kind), key=lambda r: (str(r.get(on) or ""), str(r["id"]))):
            if record.get(per) and self.reached(record.get(on)):
                found[str(record[per])] = record
        return found

    def line(self, kind: str, record: Record, on: str, what: str, result: str = "", state: str = "") -> Line:
        """One record as a line; `on` names the column of its day."""
        name = self.says("named", name=self.records.kind(kind), id=record["id"])
        return {
            "record": name,
            "on": str(record.get(on) or ""),
            "what": what,
            "result": result,
            "state": state,
        }

    def listed(
        self,
        kind: str,
        on: str,
        what: Columns,
        result: Columns = (),
        state: Columns | str = (),
        *,
        take: Callable[[Record], bool] | None = None,
    ) -> list[Line]:
        """The records of a kind as lines, columns by name and value: those whose day `on` lies in the period.

        With `take` those that it takes. A single column of `what` stands without its name; `state` may be a text.
        """
        found = self.of(kind, take or (lambda r: self.within(r.get(on))))
        return [
            self.line(
                kind,
                r,
                on,
                self.word(kind, r, what[0]) if len(what) == 1 else self.told(kind, r, *what),
                self.told(kind, r, *result),
                state if isinstance(state, str) else self.told(kind, r, *state),
            )
            for r in found
        ]

    def joined(self, *parts: str) -> str:
        """Texts in one, empty ones left out."""
        return self.says("semicolon").join(part for part in parts if part)

    def word(self, kind: str, record: Record, column: str) -> str:
        """A value in words with its unit."""
        text = self.records.word(kind, record, column)
        return f"{text} {self.records.measure(kind, column)}".strip() if text else ""

    def told(self, kind: str, record: Record, *columns: str) -> str:
        """Columns by name and value, a plain no included; those not filled in left out."""
        named = [(self.column(kind, c), self.word(kind, record, c)) for c in columns]
        parts = [say("document.named", self.lang, name=name, value=text) for name, text in named if text]
        return self.joined(*parts)

    def column(self, kind: str, name: str) -> str:
        """What a column is called."""
        found = self.records.kinds[kind].column(name)
        assert found is not None, f"{kind}.{name}"
        return found.zh if self.lang == "zh" else found.en

    def amounts(self, kind: str, record: Record, unit: Any, *columns: str) -> str:
        """Numbers by the name of their column, with the unit that stands elsewhere."""
        named = [(self.column(kind, c), self.amount(record.get(c), unit)) for c in columns]
        return self.joined(*(self.says("value_of", name=name, value=value) for name, value in named if value))

    def amount(self, value: Any, unit: Any) -> str:
        """A number with its unit; empty without a number."""
        if value is None:
            return ""
        return f"{neat(Decimal(str(value)))} {unit or ''}".strip()

    @cached_property
    def findings(self) -> list[Followed]:
        """Every finding that is followed, as it stood at the end of the period."""
        ask = self.desk.ask
        return followed(self.desk.store, ask.organisation, self.until, ask.known)

    @property
    def valid(self) -> list[Case]:
        """Those of them that were not withdrawn: a withdrawn finding counts for nothing."""
        return [one.case for one in self.findings if one.case.state != "withdrawn"]

    def finding_lines(self, grades: Iterable[str]) -> Iterator[Line]:
        """Findings of these grades that were open at the end, or were found or closed in the period."""
        for case in self.valid:
            finding = case.finding
            current = case.open or self.within(finding.found_on) or self.within(case.closed_on)
            if case.grade in grades and current:
                grade = say(f"audit.grade_{case.grade}", self.lang)
                noted = case.grade == "opportunity" and case.state == "raised"
                state = say("audit.state_noted" if noted else f"audit.state_{case.state}", self.lang)
                due = next_due(self.desk, case) if case.open else str(case.closed_on or "")
                yield {
                    "record": self.says("named", name=self.records.kind("audit_finding"), id=finding.record),
                    "on": finding.found_on.isoformat(),
                    "what": finding.description or "",
                    "result": self.joined(grade, finding.address or finding.clause or ""),
                    "state": self.joined(state, "" if noted else due),
                }


def reviews_of(desk: Desk) -> list[Mapping[str, Any]]:
    """The management reviews on record that were held, by day."""
    held = [r for r in desk.records.of(REVIEW) if r.get("reviewed_on")]
    return sorted(held, key=lambda r: (str(r["reviewed_on"]), str(r["id"])))


def named_review(reviews: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """The review of that id; raises UsageError naming those there are."""
    reviews = list(reviews)
    found = next((r for r in reviews if r["id"] == name), None)
    if found is None:
        names = ", ".join(str(r["id"]) for r in reviews) or "-"
        raise UsageError("papers_more.no_review", review=name, names=names)
    return found


def ordered(rows: Iterable[Line]) -> tuple[Line, ...]:
    """Lines by day, then by record."""
    return tuple(sorted(rows, key=lambda r: (r["on"], r["record"])))
