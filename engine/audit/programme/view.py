"""A programme as titled tables: what the screen, the page and the workbook show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shall.engine.audit.programme.make import Programme, Visit, days, half_days
from shall.engine.audit.programme.policy import FACTORS
from shall.engine.audit.programme.result import by_standard, coverage, focus_of
from shall.engine.audit.programme.words import (
    auditor_why,
    focus_name,
    label,
    levels_of,
    often,
    told,
    when,
    who,
)
from shall.texts import say

Cells = Sequence[str | int]


@dataclass(frozen=True)
class Table:
    """A table with its title, what it means, its columns (text key and width) and its rows."""

    key: str
    title: str
    note: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Cells]


class View:
    """One programme in one language."""

    def __init__(self, programme: Programme, digest: str, lang: str) -> None:
        self.programme, self.lang, self.digest = programme, lang, digest
        self.names = {unit.id: unit.name for unit in programme.situation.units}
        self.numbers = {k: str(programme.plan.standards[k]["number"]) for k in programme.plan.asked}

    def t(self, key: str, /, **fields: object) -> str:
        """A text of the programme."""
        return say(f"programme.{key}", self.lang, **fields)

    def head(self) -> list[str]:
        """What it is about, from what and by which rules it was made, and whether it covers everything."""
        p = self.programme
        covered = coverage(p)
        name = p.situation.name or p.situation.organisation
        return [
            self.t("head", name=name, start=p.situation.on, end=p.rounds[-1].end, years=p.years,
                   rounds=len(p.rounds), seed=p.seed),
            self.t("head_standards", standards=self._joined(list(self.numbers.values()))),
            self.t("head_policy", title=getattr(p.policy.file.title, self.lang), **p.policy.head()),
            self.t("head_evidence", position=p.situation.position[0], on=p.situation.on),
            self.t("coverage_line", **covered)
            + ("。" if self.lang == "zh" else ". ")
            + self.t("complete" if covered["complete"] else "incomplete"),
            self.t("digest", digest=self.digest),
        ]  # fmt: skip

    def risks(self) -> list[str]:
        """What may keep the programme from its purpose."""
        return [told(risk, self.lang) for risk in self.programme.risks]

    def tables(self) -> Iterator[Table]:
        """Every table but the matrices, the long one of reasons last."""
        yield self.rounds()
        yield self.visits()
        yield self._units()
        yield self._focus()
        yield self._processes()
        yield self._auditors()
        yield self._rules()
        yield self._cells()

    def _table(
        self, key: str, columns: Sequence[tuple[str, int]], rows: Sequence[Cells], note: str = ""
    ) -> Table:
        return Table(key, self.t(f"t_{key}"), note, [(self.t(f"c_{c}"), width) for c, width in columns], rows)

    def _joined(self, parts: Sequence[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(parts)

    def _numbers(self, rounds: Sequence[int]) -> str:
        return "·".join(map(str, rounds)) or "-"

    def rounds(self) -> Table:
        """When, how many visits, how many auditor days."""
        p, time = self.programme, self.programme.policy.file.time
        rows: list[Cells] = [
            (
                r.number,
                r.start.isoformat(),
                r.end.isoformat(),
                sum(v.round == r.number for v in p.visits),
                days(half_days(p.minutes[r.number], time.minutes_per_day)),
            )
            for r in p.rounds
        ]
        columns = [("round", 7), ("from", 12), ("until", 12), ("visits", 9), ("days", 18)]
        hours = _hours(time.minutes_per_day)
        return self._table(
            "rounds", columns, rows, self.t("days_note", hours=hours, why=getattr(time.why, self.lang))
        )

    def visits(self) -> Table:
        """Who is visited in which round, on what, how and by whom."""
        columns = [("round", 7), ("unit", 20), ("site", 16), ("count", 8), ("clauses", 46), ("levels", 16),
                   ("focus", 30), ("method", 8), ("why", 26), ("hours", 8), ("auditor", 10),
                   ("auditor_why", 34)]  # fmt: skip
        rows = [self._visit(visit) for visit in self.programme.visits]
        return self._table(
            "visits", columns, rows, getattr(self.programme.policy.file.methods.why, self.lang)
        )

    def _visit(self, visit: Visit) -> Cells:
        site = visit.unit.site
        return (
            visit.round,
            f"{visit.unit.id} {visit.unit.name}",
            self.programme.situation.sites.get(site, site) if site else "-",
            len(visit.cells),
            self.clauses(visit),
            levels_of(visit.cells, self.lang),
            self._joined([focus_name(name, self.lang) for name in focus_of(visit.cells)]),
            self.t(f"method_{visit.method}"),
            self.t(f"why_{visit.method_why}"),
            _hours(visit.minutes),
            visit.auditor.id if visit.auditor else "-",
            auditor_why(self.programme, visit, self.lang),
        )

    def clauses(self, visit: Visit) -> str:
        """The clauses of a visit, by standard where there are several."""
        found = by_standard(visit.cells)
        if len(self.numbers) == 1:
            return self._joined([clause for listed in found.values() for clause in listed])
        return "\n".join(f"{key}: {self._joined(listed)}" for key, listed in found.items())

    def _units(self) -> Table:
        situation = self.programme.situation
        rows: list[Cells] = []
        for unit in situation.units:
            share, data = situation.shares[unit.id], situation.data[unit.id]
            mine = [c for c in self.programme.cells if c.unit.id == unit.id]
            last = max((c.last for c in mine if c.last), default=None)
            found = [f.record for f in situation.findings if f.unit == unit.id]
            rows.append(
                (
                    f"{unit.id} {unit.name}",
                    self.share(share.hundredths) + (self.t("by_site") if share.by_site else ""),
                    f"{data.weak}/{data.count}",
                    self._joined([c.record for c in situation.changes.get(unit.id, ())]) or "-",
                    self._joined(found) or "-",
                    last.isoformat() if last else self.t("never"),
                    len(mine),
                    levels_of(mine, self.lang),
                )
            )
        columns = [("unit", 22), ("share", 20), ("data", 10), ("changes", 18), ("found", 18), ("last", 14),
                   ("count", 8), ("levels", 20)]  # fmt: skip
        return self._table("units", columns, rows)

    def share(self, hundredths: int | None) -> str:
        """A share as a percentage with one decimal."""
        if hundredths is None:
            return self.t("unknown")
        return f"{hundredths // 100}.{hundredths % 100 // 10}%"

    def _focus(self) -> Table:
        rows = [
            (focus_name(name, self.lang), " / ".join(self._numbers(span) for span in spans) or "-")
            for name, spans in self.programme.focus.items()
        ]
        return self._table("focus", [("focus", 60), ("rounds", 30)], rows)

    def _processes(self) -> Table:
        rows = [
            (
                f"{one.process} {one.name}",
                label("process", "stage", one.stage, self.lang),
                self._joined([self.names.get(unit, unit) for unit in one.units]),
                one.clauses,
                self._numbers(one.rounds),
                self.t("yes" if one.complete else "no"),
            )
            for one in self.programme.processes
        ]
        columns = [
            ("process", 30),
            ("stage", 12),
            ("unit", 34),
            ("count", 8),
            ("rounds", 12),
            ("covered", 10),
        ]
        return self._table("processes", columns, rows)

    def _auditors(self) -> Table:
        rows = []
        for one in self.programme.situation.auditors:
            mine = [v for v in self.programme.visits if v.auditor and v.auditor.id == one.id]
            why = self.t(f"not_{one.why_not}") if one.why_not else self.t("yes")
            unit = self.names.get(one.unit or "", one.unit or "-")
            rows.append((f"{one.id} {one.name}", unit, why, len(mine), _hours(sum(v.minutes for v in mine))))
        columns = [("auditor", 22), ("unit", 22), ("entitled", 30), ("visits_n", 10), ("hours", 10)]
        return self._table("auditors", columns, rows)

    def _rules(self) -> Table:
        rules = self.programme.policy.file
        rows: list[Cells] = [
            (
                self.t(f"factor_{name}"),
                rules.weights[name].weight,
                getattr(rules.weights[name].why, self.lang),
            )
            for name in FACTORS
        ]
        rows += [
            (
                f"{self.t('c_level')}: {self.t(f'level_{one.name}')}",
                f"≥ {one.score_from}",
                getattr(one.why, self.lang),
            )
            for one in rules.levels
        ]
        rows += [
            (f"{self.t('c_level')} ≥ {self.t(f'level_{one.level}')}", "-", getattr(one.why, self.lang))
            for one in rules.at_least
        ]
        columns = [("factor", 24), ("weight", 10), ("why", 60)]
        return self._table("rules", columns, rows, getattr(rules.source, self.lang))

    def _cells(self) -> Table:
        p = self.programme
        rows = [
            (
                f"{c.unit.id} {c.unit.name}",
                c.matter.ruleset,
                c.matter.clause,
                c.matter.title[self.lang],
                "★" if c.matter.focus else "",
                self._numbers(c.rounds),
                self.t(f"level_{c.level}"),
                c.score,
                who(p, c, self.lang),
                often(p, c, self.lang),
                when(p, c, self.lang),
            )
            for c in p.cells
        ]
        columns = [("unit", 20), ("standard", 12), ("clause", 9), ("title", 22), ("focus", 8), ("rounds", 9),
                   ("level", 7), ("score", 7), ("who", 40), ("often", 44), ("when", 36)]  # fmt: skip
        return self._table("cells", columns, rows)


def _hours(minutes: int) -> str:
    """Minutes as hours with one decimal, rounded up."""
    tenths = -(-minutes // 6)
    return f"{tenths // 10}.{tenths % 10}"
