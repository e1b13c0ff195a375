"""Two audits side by side, for the reader: facts, findings by what became of them, verdicts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from shall.engine.audit.carry_view import joined
from shall.engine.audit.lifecycle import Case
from shall.engine.audit.on_record import Audit
from shall.engine.audit.side_by_side import Pair, Sides, clauses_of, planned_clauses
from shall.engine.audit.side_view import Setting, View, audit_value, cell, counted, grades, iso, table
from shall.engine.reports.document.blocks import (
    Blank,
    Block,
    Cell,
    Column,
    Para,
    Row,
    Section,
    Table,
)
from shall.engine.verdicts import VERDICTS
from shall.evidence.schema import schema
from shall.texts import say


class Beside(View):
    """Two audits side by side."""

    def __init__(self, setting: Setting, sides: Sides) -> None:
        super().__init__(setting)
        self.sides = sides
        self.back = [p for p in sides.pairs if p.came_back]
        self.both = [p for p in sides.pairs if not p.came_back]

    def body(self) -> dict[str, Any]:
        """Both audits, the findings apart and together, verdicts that changed."""
        s = self.sides
        return {
            "audits": [audit_value(s.old), audit_value(s.new)],
            "only_first": [_case(c) for c in s.only_old],
            "only_second": [_case(c) for c in s.only_new],
            "pairs": [
                {
                    "first": _case(p.old), "second": _case(p.new), "meets": p.meets,
                    "concepts": list(p.concepts), "grade": p.grade, "came_back": p.came_back,
                }
                for p in s.pairs
            ],
            "same": [c.finding.record for c in s.same],
            "apart": {
                name: {"first": list(a), "second": list(b)}
                for name, (a, b) in (("units", s.units), ("clauses", s.clauses), ("team", s.team))
            },
            "verdicts": self._verdicts(),
        }  # fmt: skip

    def _verdicts(self) -> dict[str, Any] | None:
        found = self.sides.verdicts
        if found is None:
            return None
        return {
            "on": [found.old["on"], found.new["on"]],
            "counts": {
                key: [self._counts(v, key) for v in (found.old, found.new)] for key in self.set.plan.asked
            },
            "changed": [
                {
                    "ruleset": c.ruleset,
                    "address": c.address,
                    "first": c.old,
                    "second": c.new,
                    "causes": list(c.causes),
                }
                for c in found.shifts
            ],
            "results": [v["receipt"]["result"] for v in (found.old, found.new)],
        }

    def _counts(self, value: Mapping[str, Any], key: str) -> dict[str, int]:
        counted = Counter(p["verdict"] for p in value["provisions"] if p["ruleset"] == key)
        return {verdict: counted[verdict] for verdict in VERDICTS}

    def titles(self) -> tuple[str, str]:
        """Which two."""
        old, new = self.sides.old.id, self.sides.new.id
        return self.t("sides_title"), self.t("sides_subtitle", name=self.set.name, old=old, new=new)

    def tally(self) -> str:
        """How much of each."""
        s = self.sides
        if s.empty:
            return self.t("no_difference")
        changed = len(s.verdicts.shifts) if s.verdicts else "-"
        counts = {
            "back": len(self.back),
            "pairs": len(self.both),
            "old": len(s.only_old),
            "new": len(s.only_new),
        }
        return self.t("sides_tally", **counts, verdicts=changed)

    def sections(self) -> list[Section]:
        """Facts, findings by what became of them, verdicts."""
        s = self.sides
        found = [Section(self.t("t_facts"), 1, (self._facts(),), self.t("t_facts"))]
        parts: list[tuple[str, Block | None]] = [
            (self.t("t_came_back"), self._pairs(self.back)),
            (self.t("t_repeated"), self._pairs(self.both)),
            (self.t("t_only_old", audit=s.old.id), self._cases(s.only_old)),
            (self.t("t_only_new", audit=s.new.id), self._cases(s.only_new)),
            (self.t("t_same"), self._cases(s.same)),
        ]
        named = self.t("t_findings")
        for title, block in parts:
            if block:
                found.append(Section(title, 1, (block,), named))
                named = ""
        return [*found, *self._verdict_sections()]

    def _facts(self) -> Table:
        s, blank = self.sides, self.t("not_recorded")

        def row(name: str, values: Sequence[str]) -> list[Cell]:
            return [self.t(f"row_{name}"), *(cell(v) if v else Blank(blank) for v in values)]

        both = (s.old, s.new)
        days = [" – ".join(dict.fromkeys(d.isoformat() for d in (a.first, a.last) if d)) for a in both]
        clauses = [clauses_of(a) for a in both]
        rows = [
            row("days", days),
            row("spent", [str(a.file.get("days_spent") or "") for a in both]),
            row("team", [joined([self.set.named(p) for p in a.team], self.lang) for a in both]),
            row(
                "units", self._extent([a.units for a in both], s.units, [len(a.planned_units) for a in both])
            ),
            row("clauses", self._extent(clauses, s.clauses, [len(planned_clauses(a)) for a in both])),
            row(
                "found",
                [" / ".join(str(grades(a)[g]) for g in ("major", "minor", "opportunity")) for a in both],
            ),
            row("recommendation", [self._recommended(a) for a in both]),
        ]
        columns = [Column(self.t("c_what"), 1), Column(s.old.id, 3), Column(s.new.id, 3)]
        made = tuple(Row(tuple(r)) for r in rows)
        return Table(tuple(columns), made, note=self.t("session_note"))

    def _extent(
        self, whole: Sequence[tuple[str, ...]], apart: Sequence[tuple[str, ...]], planned: Sequence[int]
    ) -> list[str]:
        found = []
        for all_, only, timetabled in zip(whole, apart, planned, strict=True):
            fields: dict[str, object] = {"count": len(all_), "how": ""}
            if timetabled:
                fields["how"] = self.t("of_timetable", count=timetabled)
            shown = joined([self.set.named(self.set.clause(one)) for one in only], self.lang, 40)
            said = self.t("extent", only=shown, **fields) if only else self.t("extent_same", **fields)
            found.append(said if all_ else "")
        return found

    def _recommended(self, audit: Audit) -> str:
        code = audit.file.get("recommendation")
        column = schema()["audit_file"].column("recommendation") if code else None
        pair = (column.choices or {}).get(str(code)) if column else None
        return pair[self.lang != "zh"] if pair else str(code or "")

    def _pairs(self, pairs: Sequence[Pair]) -> Block | None:
        if not pairs:
            return None
        columns = [
            Column(self.t(f"c_{name}"))
            for name in ("old", "new", "clause", "unit", "meets", "change", "text")
        ]
        return table(columns, [self._pair(p) for p in pairs])

    def _pair(self, p: Pair) -> list[Cell]:
        concepts = joined(p.concepts, self.lang)
        meets = (
            self.t("meets_concept", concepts=concepts) if p.meets == "concept" else self.t(f"meets_{p.meets}")
        )
        changes = [self.t(f"grade_{'up' if p.grade > 0 else 'down' if p.grade else 'equal'}")]
        closed = p.old.closed_on
        changes.append(self.t("came_back", on=closed) if p.came_back else self.t("still_open"))
        places = [self.set.clause(_criterion(c)) for c in (p.old, p.new)]
        units = [self.set.named(c.finding.unit) if c.finding.unit else "-" for c in (p.old, p.new)]
        return [
            cell(self._short(p.old)), cell(self._short(p.new)), cell(" → ".join(dict.fromkeys(places))),
            cell(" → ".join(dict.fromkeys(units))), cell(meets), cell(joined(changes, self.lang)),
            cell(p.new.finding.description or ""),
        ]  # fmt: skip

    def _short(self, case: Case) -> str:
        grade = say(f"audit.grade_{case.grade}", self.lang)
        return f"{case.finding.record} {grade} {case.finding.found_on}"

    def _cases(self, cases: Sequence[Case]) -> Block | None:
        if not cases:
            return None
        columns = [
            Column(self.t(f"c_{name}")) for name in ("record", "clause", "unit", "grade", "state", "text")
        ]
        rows: list[list[Cell]] = []
        for case in sorted(cases, key=lambda c: (_criterion(c), c.finding.record)):
            f = case.finding
            noted = case.grade == "opportunity" and case.state == "raised"
            rows.append([
                cell(f.record), cell(self.set.clause(_criterion(case))), cell(self.set.named(f.unit) if f.unit else ""),
                say(f"audit.grade_{case.grade}", self.lang),
                say("audit.state_noted" if noted else f"audit.state_{case.state}", self.lang),
                cell(f.description or ""),
            ])  # fmt: skip
        return table(columns, rows)

    def _verdict_sections(self) -> list[Section]:
        found = self.sides.verdicts
        if found is None:
            return [Section(self.t("t_verdicts"), 1, (Para(self.t("no_verdicts")),), self.t("t_verdicts"))]
        rows: list[list[Cell]] = []
        for key in self.set.plan.asked:
            a, b = (self._counts(v, key) for v in (found.old, found.new))
            number = str(self.set.plan.standards[key]["number"])
            rows += [
                [number, say(f"cli.{v}", self.lang), counted(a[v]), counted(b[v])]
                for v in VERDICTS
                if a[v] or b[v]
            ]
        columns = [Column(self.t("c_standard"), 2), Column(self.t("c_verdict"), 2)]
        columns += [Column(str(v["on"]), 1, right=True) for v in (found.old, found.new)]
        made = Table(tuple(columns), tuple(Row(tuple(r)) for r in rows))
        sections = [Section(self.t("t_verdicts"), 1, (made,), self.t("t_verdicts"))]
        if found.shifts:
            heads = [Column(self.t(f"c_{n}")) for n in ("clause", "gist", "old", "new")]
            changed = [
                [
                    self.set.clause(f"{c.ruleset}:{c.address}"),
                    cell(str(c.gist[self.lang])),
                    self._verdict(c.old),
                    self._verdict(c.new),
                ]
                for c in found.shifts
            ]
            sections.append(Section(self.t("t_changed"), 1, (table(heads, changed),), self.t("t_changed")))
        return sections

    def _verdict(self, verdict: str | None) -> Cell:
        return say(f"cli.{verdict}", self.lang) if verdict else Blank("-")


def _criterion(case: Case) -> str:
    f = case.finding
    where = f.address or f.clause or "-"
    return f"{f.ruleset}:{where}" if f.ruleset else where


def _case(case: Case) -> dict[str, Any]:
    f = case.finding
    return {
        "finding": f.record,
        "ruleset": f.ruleset,
        "address": f.address or f.clause,
        "unit": f.unit,
        "grade": case.grade,
        "raised_as": f.grade,
        "state": case.state,
        "found_on": f.found_on.isoformat(),
        "closed_on": iso(case.closed_on),
    }
