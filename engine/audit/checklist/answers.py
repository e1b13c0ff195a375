"""The answers of a merged checklist: lines with everything they need, by auditors who may give them.

What forbids an answer because of who gave it is told once for each auditor, with the number of rows.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from shall.engine.audit.checklist.entitled import Audit, Team
from shall.engine.audit.checklist.form import VERDICTS, Form, Line
from shall.engine.audit.checklist.merging import Merged
from shall.engine.audit.people import People
from shall.evidence.parse import choice_label
from shall.evidence.store import Store
from shall.texts import say

NEEDS: Mapping[str, tuple[str, ...]] = {
    "conforming": ("seen", "auditor", "date"),
    "improvable": ("statement", "seen", "auditor", "date"),
    "minor": ("statement", "seen", "auditor", "date"),
    "major": ("statement", "seen", "auditor", "date"),
    "opportunity": ("statement", "seen", "auditor", "date"),
    "not_applicable": ("statement", "auditor", "date"),
    "unresolved": ("statement", "auditor", "date"),
    "not_audited": (),
}
"""The cells a verdict cannot do without."""
NUMBERS_SHOWN = 5
"""Rows of a refusal that it names before it says that there are more."""


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the report, by key and fields."""

    key: str
    fields: Mapping[str, object]

    def text(self, lang: str) -> str:
        """The line in that language."""
        told = dict(self.fields)
        if "column" in told:
            told["column"] = say(f"checklist.col_{told['column']}", lang)
        if "why" in told:
            told["why"] = say(str(told["why"]), lang)
        if "role" in told:
            told["role"] = _role(str(told["role"]), lang)
        return say(self.key, lang, **told)


def _role(role: str, lang: str) -> str:
    from shall.evidence.schema import schema

    column = schema()["audit_team_member"].column("team_role")
    pair = column.choices.get(role) if column else None
    return pair[lang != "zh"] if pair else role


@dataclass(frozen=True, slots=True)
class Answer:
    """A line with everything it needs, its auditor found on record.

    `by` is what a judgement names: the auditor's person, the auditor where no person is on record. `apart` says that
    own work was looked for and ruled out.
    """

    line: Line
    verdict: str
    statement: str
    seen: str
    auditor: str
    by: str
    on: date
    apart: bool = False


@dataclass(slots=True)
class _Refusals:
    """What forbids answers because of who gave them, or when: each matter once, with its rows."""

    found: dict[tuple[str, tuple[tuple[str, object], ...]], list[str]] = field(default_factory=dict)

    def add(self, line: Line, key: str, fields: Mapping[str, object]) -> None:
        """One more row about which the same is to be said."""
        self.found.setdefault((key, tuple(fields.items())), []).append(line.cells["no"])

    def told(self) -> Iterator[Told]:
        """Each refusal with how many rows it concerns, and the first of them."""
        for (key, fields), rows in self.found.items():
            more = " …" if len(rows) > NUMBERS_SHOWN else ""
            numbers = ", ".join(rows[:NUMBERS_SHOWN]) + more
            yield Told(key, {**dict(fields), "count": len(rows), "numbers": numbers})


def answers_of(
    store: Store, merged: Merged, audit: Audit, today: date, problems: list[Told]
) -> dict[str, Answer]:
    """The lines with a verdict that says something; what they lack is a problem each."""
    form = merged.form
    people = People(store, form.organisation, None)
    known = {row[0] for row in store.rows("auditor", form.organisation, ("id",))}
    team = Team(store, form, audit.file) if audit.file else None
    found, refusals = {}, _Refusals()
    for line in form.lines:
        cells = merged.values.get(line.id, {})
        verdict = cells.get("verdict", "")
        if cells and not verdict:
            problems.append(of_line(line, "checklist.no_verdict"))
        elif verdict and verdict not in line.allowed:
            word = choice_label(VERDICTS[verdict])
            problems.append(of_line(line, "checklist.not_for_should", verdict=word))
        elif verdict:
            lacking = [name for name in NEEDS[verdict] if not cells.get(name)]
            problems += [of_line(line, "checklist.lacks", column=name) for name in lacking]
            if not lacking and verdict != "not_audited":
                answer = _answer(line, cells, known, people, team)
                for key, fields in _against(answer, people, team, known, form, today):
                    refusals.add(line, key, {"auditor": answer.auditor, **fields})
                found[line.id] = answer
    problems += refusals.told()
    return found


def of_line(line: Line, key: str, **fields: object) -> Told:
    """Something about one row: its number and addresses stand in the text."""
    addresses = ", ".join(m.id for m in line.members)
    return Told(key, {"no": line.cells["no"], "address": addresses, **fields})


def _answer(
    line: Line, cells: Mapping[str, str], known: Collection[str], people: People, team: Team | None
) -> Answer:
    said, on = cells["auditor"], date.fromisoformat(cells["date"])
    auditor = said if said in known else said.partition(" ")[0]
    person = people.name(auditor)
    by = person if people.person(person) else auditor
    if team is not None:
        apart = team.own_work_ruled_out(auditor, line, on)
    else:
        unit = people.actor(auditor, on, ()).unit
        apart = by == auditor or (unit is not None and line.unit not in (None, unit))
    texts = (cells.get("statement", ""), cells.get("seen", ""))
    return Answer(line, cells["verdict"], *texts, auditor, by, on, apart)


def _against(
    answer: Answer, people: People, team: Team | None, known: Collection[str], form: Form, today: date
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Why this auditor may not say this on this day."""
    line, on = answer.line, answer.on
    if on > today:
        yield "checklist.future", {"on": on}
    if on < date.fromisoformat(form.since):
        yield "checklist.too_early", {"on": on, "since": form.since}
    if answer.auditor not in known:
        yield "checklist.unknown_auditor", {"names": _some(sorted(known))}
        return
    who = people.actor(answer.auditor, on, ())
    if not who.competent:
        yield "checklist.not_competent", {"on": on}
    if team is not None:
        yield from team.against(answer.auditor, line, on)
    elif who.unit is not None and who.unit == line.unit:
        yield "checklist.own_unit", {"unit": line.unit}


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
