"""A plan in words: conflicts, notes, sessions; what every way of showing it shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from shall.engine.audit.programme.situation import WHOLE
from shall.engine.audit.timetable.arrange import Entry
from shall.engine.audit.timetable.conflicts import ANOTHER, Tell
from shall.engine.audit.timetable.make import Made
from shall.engine.audit.timetable.work import absent_on
from shall.texts import Lang, say

SHOWN = 12
"""So many clauses of a session are named on the screen."""


def clock(minutes: int) -> str:
    """`09:30`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True)
class View:
    """A plan in one language."""

    made: Made
    digest: str
    lang: Lang

    def t(self, key: str, **fields: object) -> str:
        """A text of the plan."""
        return say(f"audit_plan.{key}", self.lang, **fields)

    def listed(self, names: Sequence[str]) -> str:
        """Names in a row."""
        return ("、" if self.lang == "zh" else ", ").join(names) or "-"

    def told(self, tell: Tell) -> str:
        """A condition, a help or a note in words."""
        key, fields = tell
        return say(key, self.lang, **{name: self._value(value) for name, value in fields.items()})

    def _value(self, value: object) -> object:
        match value:
            case ("names", tuple(names)):
                return self.listed([str(n) for n in names])
            case ("key", str(key)):
                return say(key, self.lang)
            case ("keys", tuple(keys)):
                return self.listed([say(str(key), self.lang) for key in keys])
            case ("units", tuple(units)):
                return self.listed([self.unit(str(unit)) for unit in units])
            case ("areas", tuple(areas)):
                return self.listed([self.area(str(a)) for a in areas])
            case ("tasks", tuple(numbers)):
                return self.listed([self.work_of(int(str(n))) for n in numbers][:8])
        return value

    def area(self, area: str) -> str:
        """A group of clauses in words."""
        return area if area == "-" else self.concepts.get(area, area)

    @cached_property
    def concepts(self) -> Mapping[str, str]:
        """Titles of the first-level concepts as the clauses use them."""
        from shall.engine.lint import concepts

        return {str(k): str(v.get(self.lang, k)) for k, v in concepts().items() if "." not in str(k)}

    def work_of(self, number: int) -> str:
        """A session in a few words: unit and clauses."""
        task = self.made.work.puzzle.tasks[number]
        clauses = [c for _, c in task.cells]
        more = "…" if len(clauses) > 4 else ""
        return f"{self.unit(task.unit)} {' '.join(clauses[:4])}{more}"

    def unit(self, unit: str) -> str:
        """A unit's id and name."""
        found = self.made.facts.units[unit].name
        if unit == WHOLE:
            return self.made.facts.name or self.made.facts.organisation
        return unit if found == unit else f"{unit} {found}"

    def site(self, site: str | None) -> str:
        """A site's name."""
        return self.t("afar") if site is None else self.made.facts.sites.get(site, site)

    def member(self, auditor: str) -> str:
        """An auditor's id and name."""
        found = next((m.name for m in self.made.facts.members if m.id == auditor), auditor)
        return auditor if auditor in (found, ANOTHER) else f"{auditor} {found}"

    def columns(self) -> list[str]:
        """Everybody of the team: those who audit, then those who accompany them."""
        members = self.made.facts.members
        return [*self.made.work.puzzle.auditors, *(m.id for m in members if not m.counts)]

    def column(self, member: str) -> str:
        """The head of somebody's column."""
        counts = member in self.made.work.puzzle.auditors
        return self.member(member) + ("" if counts else f" ({self.t('accompanies')})")

    def away(self, day: int) -> list[str]:
        """Those of the team who are absent on a day."""
        facts = self.made.facts
        return [m for m in self.columns() if absent_on(facts, m, facts.days[day])]

    def who(self, entry: Entry) -> list[str]:
        """Those who take part, with the experts and trainees that accompany them."""
        return [*entry.who, *self.company(entry)]

    def company(self, entry: Entry) -> list[str]:
        """Experts and trainees that go along."""
        facts = self.made.facts
        leads = self.made.request.file.accompany
        found = []
        for m in facts.members:
            with_them = (leads.get(m.id) or facts.lead) in entry.who
            if not m.counts and with_them and not absent_on(facts, m.id, facts.days[entry.day]):
                found.append(m.id)
        return found

    def clauses(self, entry: Entry) -> list[str]:
        """`ruleset:clause` of a session."""
        if entry.task is None:
            return []
        return [f"{key}:{clause}" for key, clause in self.made.work.puzzle.tasks[entry.task].cells]

    def short(self, entry: Entry) -> str:
        """The clauses of a session by standard."""
        held: dict[str, list[str]] = {}
        for name in self.clauses(entry):
            key, _, clause = name.partition(":")
            held.setdefault(key, []).append(clause)
        alone = len(self.made.programme.plan.asked) == 1
        return "; ".join(" ".join(v) if alone else f"{k}: {' '.join(v)}" for k, v in held.items())

    def what(self, entry: Entry) -> str:
        """What goes on."""
        if entry.kind == "audit" and entry.task is not None:
            return self.unit(self.made.work.puzzle.tasks[entry.task].unit)
        if entry.kind == "travel":
            return self.t("travelling", origin=self.site(entry.origin), to=self.site(entry.site))
        return self.t(f"kind_{entry.kind}")

    def place(self, entry: Entry) -> str:
        """Where it goes on."""
        if entry.site is None and entry.kind == "team":
            return self.t("by_phone")
        if entry.site is None and entry.kind in ("opening", "closing"):
            return "-"
        return self.site(entry.site)

    def head(self) -> list[str]:
        """What every showing begins with."""
        made, facts = self.made, self.made.facts
        standards = [str(made.programme.plan.standards[k]["number"]) for k in made.programme.plan.asked]
        lead = self.member(facts.lead) if facts.lead else "-"
        lines = [
            self.t("head", name=facts.name or facts.organisation, audit=facts.audit, title=facts.title or "-",
                   start=facts.days[0], end=facts.days[-1], days=len(facts.days)),
            self.t("head_standards", standards=self.listed(standards)),
            self.t("head_team", lead=lead, team=self.listed([
                self.column(m.id) for m in facts.members
            ])),
            self.t("head_work", sessions=len(made.work.puzzle.tasks), hours=f"{made.work.planned / 60:.1f}",
                   estimated=f"{made.work.estimated / 60:.1f}"),
        ]  # fmt: skip
        if made.entries:
            lines.append(self.quality())
        return [
            *lines,
            self.t("head_evidence", position=facts.position[0], seed=made.seed, solver=made.solver),
        ]

    def quality(self) -> str:
        """How good the plan is, and what is known of better ones."""
        made = self.made
        if made.status == "optimal":
            return self.t("optimal", cost=made.cost)
        gap = 100 * (made.cost - made.bound) // made.cost if made.cost else 0
        return self.t("feasible", cost=made.cost, bound=made.bound, gap=gap)

    def notes(self) -> list[str]:
        """Remarks."""
        found = [self.told(note) for note in self.made.work.notes]
        busy = {e.day for e in self.made.entries if e.kind == "audit"}
        idle = [str(day) for n, day in enumerate(self.made.facts.days) if n not in busy]
        return [*found, self.t("note_idle", days=self.listed(idle))] if idle and self.made.entries else found

    def conflicts(self) -> list[str]:
        """Why there is no plan, and what would help, line by line."""
        lines = []
        for n, one in enumerate(self.made.conflicts, 1):
            lines.append(self.t("conflict", number=n))
            lines += [f"  - {self.told(c)}" for c in one.conditions]
            if not one.minimal:
                lines.append("  " + self.t("not_minimal"))
            lines += [f"  → {self.told(h)}" for h in one.helps]
        return lines
