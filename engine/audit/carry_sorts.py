"""The sorts of entries that are carried over, each from the records that tell of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from shall.engine.audit.carried import Drawn, Entry, Says, Value, What, Word
from shall.engine.audit.cycle import Cycle, Due, cycle
from shall.engine.audit.cycle_file import Profile, profile
from shall.engine.audit.cycle_records import certificates
from shall.engine.audit.deadlines import due as next_due
from shall.engine.audit.history import EVENT, FINDING, GRADED
from shall.engine.audit.lifecycle import FINAL, Case
from shall.engine.audit.on_record import Audit, Looked
from shall.engine.audit.programme.make import Cell, is_in
from shall.engine.audit.programme.situation import WHOLE, Situation
from shall.engine.grading import Policy
from shall.evidence.store import Store

if TYPE_CHECKING:
    from shall.engine.audit.calendar import Calendar

ACTING = ("accepted", "implemented", "implementation_verified")
"""States in which an accepted answer still has something to be verified."""
AHEAD = 365
"""Steps of certification that fall due within so many days are carried: the next audit is usually within them."""


class Cases:
    """The findings of all audits, each in one entry or settled."""

    def __init__(
        self,
        audits: Sequence[Audit],
        last: Audit | None,
        on: date,
        policy: Policy,
        days: "Calendar",
        heads: Mapping[str, str | None],
    ) -> None:
        self.on, self.policy, self.days, self.heads = on, policy, days, heads
        self.last = last
        self.cases: dict[str, tuple[Case, Audit]] = {}
        for audit in audits:
            for case in audit.cases:
                self.cases.setdefault(case.finding.record, (case, audit))
        self.settled: list[str] = []

    def entries(self) -> Iterator[Entry]:
        """An entry for each finding that is open, or was closed since without having been seen to work."""
        for record in sorted(self.cases):
            case, audit = self.cases[record]
            if case.open:
                yield self._open(case, audit)
            elif case.state == "closed" and self._since(case):
                if case.grade == "opportunity" or _seen_to_work(case):
                    self.settled.append(record)
                else:
                    yield self._closed(case, audit)

    def _since(self, case: Case) -> bool:
        """Whether it was closed after the last audit ended, or found by it."""
        if self.last is None or self.last.last is None or case in self.last.cases:
            return True
        return case.closed_on is None or case.closed_on > self.last.last

    def _open(self, case: Case, audit: Audit) -> Entry:
        what: What = "open_finding"
        if case.state == "disputed":
            what = "dispute"
        elif case.grade == "opportunity":
            what = "opportunity"
        elif case.state in ACTING:
            what = "unverified_action"
        reason = "noted" if what == "opportunity" and case.state == "raised" else case.state
        return self._made(what, case, audit, Says(f"carry.why_{reason}", {"since": case.since}))

    def _closed(self, case: Case, audit: Audit) -> Entry:
        return self._made("recurrence", case, audit, Says("carry.why_closed", {"on": case.closed_on}))

    def _made(self, what: What, case: Case, audit: Audit, why: Says) -> Entry:
        f, next_ = case.finding, next_due(case, self.policy, self.days)
        owner = case.answer.owner if case.answer and what == "unverified_action" else None
        who = (next_.who if next_ else None) or owner
        if who is None and next_ and next_.what in ("answer", "action"):
            who = self.heads.get(f.unit or "") or f.unit
        return Entry(
            what=what,
            record=f.record,
            is_=Says(
                "carry.is_finding", {"grade": Word(f"audit.grade_{case.grade}"), "text": f.description or "-"}
            ),
            why=why,
            audit=None if audit.kind == "nameless" else audit.id,
            who=who,
            due=next_.on if next_ else None,
            assumed=bool(next_ and next_.assumed),
            overdue=bool(next_ and next_.overdue(self.on)),
            unit=f.unit,
            ruleset=f.ruleset,
            clauses=tuple(c for c in (f.address or f.clause,) if c),
            state=case.state,
            grade=case.grade,
            repeats=self._repeats(case),
        )

    def _repeats(self, case: Case) -> tuple[str, ...]:
        """Findings under the same criterion found before, upheld ones only."""
        f = case.finding
        return tuple(
            record
            for record, (other, _) in sorted(self.cases.items())
            if f.address
            and (other.finding.ruleset, other.finding.address) == (f.ruleset, f.address)
            and other.finding.found_on < f.found_on
            and other.state != "withdrawn"
        )


def _seen_to_work(case: Case) -> bool:
    """Whether somebody confirmed that the action had its effect, and nothing came after but the close."""
    confirmed = [s.event == "effectiveness_verified" and s.outcome == "confirmed" for s in case.steps]
    return case.state in FINAL and any(confirmed)


def unread(store: Store, organisation: str, known: int) -> Iterator[str]:
    """Findings that are followed or cannot be told not to be, without a day or grade."""
    columns = ("id", "grade", "found_on", "status")
    for record, grade, found_on, status in store.rows(FINDING, organisation, columns, known=known):
        if status in (None, "approved") and (grade is None or (grade in GRADED and not found_on)):
            yield record


# --- what the last audit left ----------------------------------------------------------------------------


def issues(done: Sequence[Audit], last: Audit | None) -> Iterator[Entry]:
    """Unresolved points and issues for the programme that the last audit's file names."""
    for name in ("unresolved", "significant_issues"):
        text = last.file.get(name) if last else None
        if last and text:
            yield Entry(
                "issue", last.id, Says("carry.is_text", {"text": text}), Says(f"carry.why_{name}"), last.id
            )


def unfinished(
    store: Store, organisation: str, on: date, known: int, audits: Sequence[Audit]
) -> Iterator[Entry]:
    """Judgements of a checklist that were held back because something is still to be answered."""
    columns = ("id", "ruleset", "address", "judged_on", "made_as", "status", "reason", "judged_by")
    rows = [
        r for r in store.rows("judgement", organisation, columns, known=known) if r[4] == "audit" and r[3]
    ]
    rows = [r for r in rows if r[3] <= on.isoformat()]
    settled = {(r[1], r[2], r[3]) for r in rows if r[5] in (None, "approved")}
    for record, ruleset, address, day, _, status, reason, by in rows:
        if status != "draft" or any((a, b) == (ruleset, address) and c >= day for a, b, c in settled):
            continue
        judged = date.fromisoformat(day)
        audit = next((a.id for a in audits if a.first and a.last and a.first <= judged <= a.last), None)
        said = Says("carry.is_text", {"text": reason or "-"})
        why = Says("carry.why_unfinished", {"on": judged})
        yield Entry("unfinished", record, said, why, audit, by, ruleset=ruleset, clauses=(address,))


def uncovered(
    cells: Sequence[Cell], done: Sequence[Audit], last: Audit | None, numbers: Mapping[str, str]
) -> Iterator[Entry]:
    """For each unit the clauses that concern it and that the last audit did not look at."""
    if last is None:
        return
    if not any(one.clause for one in last.looked):
        yield Entry("uncovered", last.id, Says("carry.is_no_record"), Says("carry.why_no_record"), last.id)
        return
    ever = [one for audit in done for one in audit.proven]
    by_unit: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        by_unit.setdefault((cell.unit.id, cell.matter.ruleset), []).append(cell)
    for (unit, ruleset), held in sorted(by_unit.items()):
        missed = [c for c in held if not any(_covers(one, c) for one in last.proven)]
        if not missed:
            continue
        seen = [o for o in ever if o.on and (o.unit == unit or any(_covers(o, c) for c in held))]
        newest = max(seen, key=lambda o: (o.on, o.proof != "session"), default=None)
        listed = [c.matter.clause for c in missed if any(_covers(one, c) for one in last.looked)]
        fields: dict[str, Value | Word] = {
            "count": len(missed),
            "all": len(held),
            "standard": numbers[ruleset],
        }
        key = "uncovered_planned" if listed else "uncovered" if newest else "never_audited"
        told = newest is not None and newest.proof == "session"
        more: dict[str, Value | Word] = {
            "last": newest.on if newest else "-",
            "how": Word("carry.by_timetable") if told else "",
            "clauses": tuple(listed),
        }
        yield Entry(
            "uncovered", unit, Says("carry.is_uncovered", fields), Says(f"carry.why_{key}", more), last.id,
            held[0].unit.head, unit=unit, ruleset=ruleset, clauses=tuple(c.matter.clause for c in missed),
        )  # fmt: skip


def _covers(one: Looked, cell: Cell) -> bool:
    where = one.unit or WHOLE  # what was judged without a unit says nothing about any one unit
    inside = one.clause is not None and is_in(cell.matter.clause, one.clause)
    return inside and where == cell.unit.id and cell.matter.ruleset in one.standards


def drawn(situation: Situation, done: Sequence[Audit]) -> Iterator[Drawn]:
    """Each site with the audits that visited it."""
    site_of = {unit.id: unit.site for unit in situation.units}
    for site, name in sorted(situation.sites.items()):
        held = {
            audit.id: max(days)
            for audit in done
            if (
                days := [o.on for o in audit.proven if o.on and (o.site or site_of.get(o.unit or "")) == site]
            )
        }
        yield Drawn(site, name, tuple(held), max(held.values(), default=None))


def never(one: Drawn) -> Entry:
    """A site that no audit visited."""
    said = Says("carry.is_site", {"site": one.site, "name": one.name})
    return Entry("never_drawn", one.site, said, Says("carry.why_never_drawn"))


def consequences(store: Store, organisation: str, on: date, known: int, days: "Calendar") -> Iterator[Entry]:
    """Follow-up duties not discharged, or of which that cannot be told; steps of a finding are carried with it."""
    from shall.engine.consequences.result import find
    from shall.engine.consequences.words import named

    for one in find(store, organisation, on, known, days=days).all:
        steps = any(way.of in (FINDING, EVENT) for way in one.declared.discharged_by)
        if one.state == "discharged" or steps:
            continue
        because = {"zh": named(one.record, "zh"), "en": named(one.record, "en")}
        why = Says(f"carry.why_consequence_{one.state}", {"because": because, "since": one.arose_on or "-"})
        says = {"zh": one.declared.says.zh, "en": one.declared.says.en}
        yield Entry(
            "consequence", one.name, Says("carry.is_consequence", {"says": says}), why,
            who=one.who, due=one.due_on, assumed=one.due_assumed, overdue=one.state == "overdue",
            unit=one.unit, clauses=tuple(one.declared.clauses), state=one.state, of=one.record,
        )  # fmt: skip


def certification(
    store: Store, organisation: str, on: date, known: int, profiles: Sequence[str], last: Audit | None
) -> tuple[list[Entry], dict[str, int]]:
    """Steps of certification that are late, due before long, or open without a limit; elsewhere only their number.

    Carried are those of the certificate that the last audit belongs to, else those of carbon certificates; of every
    other certificate it is told how many there are.
    """
    found: list[Entry] = []
    others: dict[str, int] = {}
    held = certificates(store, organisation, on, known)
    named = last.certificate if last and any(c.id == last.certificate for c in held) else None
    for rules in (profile(name).table for name in profiles):
        for certificate in held:
            made = cycle(certificate, rules, on, AHEAD)
            waiting = [due for due in made.dues if due.done_on is None and due.state != "later"]
            if certificate.id == named if named else certificate.subject == "carbon":
                found += [_step(made, due, rules) for due in waiting]
            elif waiting:
                others[certificate.id] = others.get(certificate.id, 0) + len(waiting)
    return found, others


def _step(of: Cycle, due: Due, rules: Profile) -> Entry:
    fields: dict[str, Value | Word] = {
        "says": {"zh": due.duty.says.zh, "en": due.duty.says.en},
        "subject": Word(f"audit_time.subject_{of.certificate.subject}"),
    }
    key = "no_steps" if "no_audits" in of.notes else "certification"
    why = Says(f"carry.why_{key}", {"profile": {"zh": rules.title.zh, "en": rules.title.en}})
    return Entry(
        "certification", of.certificate.id, Says("carry.is_step", fields), why,
        due=due.on, overdue=due.state == "late", state=due.state,
    )  # fmt: skip
