"""A programme as a document to be approved: Word or PDF, the coverage as pictures, the reasons as an annex."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from shall.engine.audit.carried import Carried
from shall.engine.audit.carry_view import View as CarryView
from shall.engine.audit.carry_view import reason
from shall.engine.audit.carry_view import told as carried_says
from shall.engine.audit.programme.result import coverage, focus_of
from shall.engine.audit.programme.view import Table, View
from shall.engine.audit.programme.words import auditor_why, focus_name, levels_of, often, when, who
from shall.engine.reports.document import blocks
from shall.engine.reports.document.blocks import Block, Cell, Chart, Column, Facts, Para, Point, Row, Section
from shall.engine.reports.view import clean

PLACES, ROWS = 14, 40
"""Units and clauses of one picture at most: more could not be read on a page."""
LEFT, CELL, TOP, STEP, RATIO = 340, 44, 124, 24, 1.25
"""The measures of a picture, and how high it may be for its width to stand on one page."""
SHORT = 12


def document(view: View, carried: Carried | None = None) -> blocks.Document:
    """The programme as a document, with what earlier audits left for it where that is known."""
    p = view.programme
    day = p.situation.on.isoformat()
    name = p.situation.name or p.situation.organisation
    return blocks.Document(
        lang="zh" if view.lang == "zh" else "en",
        title=view.t("title"),
        subtitle=str(clean(f"{name} {day} – {p.rounds[-1].end}")),
        on=day,
        day=day,
        running=f"{view.t('title')} · {view.digest[:SHORT]}",
        head=Facts(tuple(_head(view, name))),
        notices=(Para(view.t("d_draft"), "note"),),
        sections=tuple(_sections(view, carried)),
        receipt=view.digest,
    )


def _head(view: View, name: str) -> Iterator[tuple[str, Cell]]:
    p = view.programme
    yield view.t("d_organisation"), str(clean(name))
    yield view.t("d_criteria"), ("、" if view.lang == "zh" else ", ").join(view.numbers.values())
    yield (
        view.t("d_rules"),
        f"{getattr(p.policy.file.title, view.lang)} ({p.policy.file.key}, {p.policy.file.edition})",
    )
    yield view.t("d_evidence"), view.t("head_evidence", position=p.situation.position[0], on=p.situation.on)
    yield view.t("d_seed"), str(p.seed)


def _sections(view: View, carried: Carried | None) -> Iterator[Section]:
    tables = {table.key: table for table in view.tables()}

    def section(title: str, *found: Block) -> Section:
        return Section(title, 1, found)

    yield section(view.t("t_objectives"), Para(view.t("objectives")))
    yield section(view.t("d_extent"), _extent(view))
    risks = [Para(f"{n}. {clean(risk)}") for n, risk in enumerate(view.risks(), 1)]
    yield section(view.t("t_risks"), *(risks or [Para("-")]))
    yield section(view.t("t_rounds"), _plain(tables["rounds"]))
    yield section(view.t("t_visits"), _visits(view))
    yield section(view.t("t_focus"), _plain(tables["focus"]))
    yield section(view.t("d_methods"), *_methods(view))
    yield section(view.t("t_auditors"), Para(view.t("d_selection")), _plain(tables["auditors"]))
    yield section(view.t("d_responsibilities"), _responsibilities(view))
    yield section(view.t("t_matrix"), *_pictures(view), Para(view.t("heat_note"), "note"))
    yield section(view.t("t_units"), _plain(tables["units"]))
    if tables["processes"].rows:
        yield section(view.t("t_processes"), _plain(tables["processes"]))
    if carried is not None:
        yield section(view.t("d_carried"), *_carried(view, carried))
    yield section(view.t("t_rules"), _plain(tables["rules"]))
    yield section(view.t("d_annex"), _reasons(view))


def _text(text: str | int) -> Cell:
    return str(clean(str(text)))


def _spaced(listed: str) -> str:
    """A list that may break behind each of its signs."""
    return listed.replace("、", "、 ")


def _plain(table: Table) -> blocks.Table:
    """A table of the view as it is."""
    rows = tuple(Row(tuple(_text(cell) for cell in row)) for row in table.rows)
    columns = [Column(name, width) for name, width in table.columns]
    return blocks.Table(blocks.fitted(columns, rows), rows, note=table.note)


def _extent(view: View) -> Facts:
    p = view.programme
    covered = coverage(p)
    sites = list(dict.fromkeys(p.situation.sites.get(u.site, u.site) for u in p.situation.units if u.site))
    separator = "、" if view.lang == "zh" else ", "
    whole = view.t("complete" if covered["complete"] else "incomplete")
    rows = (
        (view.t("d_period"), f"{p.situation.on} – {p.rounds[-1].end}"),
        (view.t("d_units"), _text(separator.join(u.name for u in p.situation.units))),
        (view.t("d_sites"), _text(separator.join(sites) or "-")),
        (view.t("d_processes"), _text(separator.join(one.name for one in p.processes) or "-")),
        (view.t("d_coverage"), f"{view.t('coverage_line', **covered)} {whole}"),
    )
    return Facts(rows)


def _visits(view: View) -> blocks.Table:
    """The visits of each round under its number; what a page has no room for stands together."""
    p = view.programme
    rows: list[Row] = []
    for one in p.rounds:
        rows.append(Row((f"{view.t('round_n', n=one.number)} {one.start} – {one.end}",), "group"))
        for visit, shown in zip(p.visits, view.visits().rows, strict=True):
            if visit.round != one.number:
                continue
            _, unit, site, count, clauses, _, _, method, why, hours, *_ = shown
            stars = len(focus_of(visit.cells))
            said = f"{count}; {levels_of(visit.cells, view.lang)}" + (f"; ★ {stars}" if stars else "")
            cells = (
                f"{unit}\n{site}", f"{_spaced(str(clauses))}\n({said})", f"{method}\n{why}", hours,
                auditor_why(p, visit, view.lang),
            )  # fmt: skip
            rows.append(Row(tuple(_text(cell) for cell in cells)))
    heads = (("unit", 2.4), ("clauses", 4.6), ("method", 2), ("hours", 0.8), ("auditor_why", 2.6))
    columns = tuple(Column(view.t(f"c_{name}"), width) for name, width in heads)
    return blocks.Table(columns, tuple(rows), note=getattr(p.policy.file.methods.why, view.lang))


def _methods(view: View) -> Iterator[Block]:
    visits = view.programme.visits
    remote = sum(visit.method == "remote" for visit in visits)
    yield Para(view.t("d_methods_said", all=len(visits), remote=remote, on_site=len(visits) - remote))
    yield Para(getattr(view.programme.policy.file.methods.why, view.lang), "note")


def _responsibilities(view: View) -> Facts:
    blank = blocks.Blank(view.t("d_to_fill"))
    names = ("d_responsible", "d_approved_by", "d_approved_on", "d_communicated")
    rows: list[tuple[str, Cell]] = [(view.t(name), blank) for name in names]
    return Facts(
        (
            *rows,
            (view.t("d_reporting"), view.t("d_reporting_said")),
            (view.t("d_records"), view.t("d_records_said")),
        )
    )


def _carried(view: View, carried: Carried) -> Iterator[Block]:
    """What earlier audits left for the programme; findings stand in the annex's reasons too."""
    shown = CarryView(carried, "zh" if view.lang == "zh" else "en")
    entries = carried.at("programme")
    if not entries:
        yield Para(shown.t("nothing"))
        return
    rows: list[Row] = []
    for what in dict.fromkeys(one.what for one in entries):
        rows.append(Row((shown.t(f"what_{what}"),), "group"))
        for one in (e for e in entries if e.what == what):
            cells = (
                shown.record(one), _spaced(shown.clauses(one)) or "-", carried_says(one.is_, shown.lang),
                reason(one, shown.lang), shown.due(one) or "-",
            )  # fmt: skip
            rows.append(Row(tuple(_text(cell) for cell in cells)))
    heads = (("record", 1.3), ("clause", 2.4), ("is", 3), ("why", 3), ("due", 1.4))
    yield blocks.Table(tuple(Column(shown.t(f"c_{n}"), w) for n, w in heads), tuple(rows))


def _reasons(view: View) -> blocks.Table:
    """Why each clause concerns a unit, why so often and why then, unit by unit."""
    p = view.programme
    rows: list[Row] = []
    unit = ""
    for cell in p.cells:
        if cell.unit.id != unit:
            unit = cell.unit.id
            rows.append(Row((_text(f"{cell.unit.id} {cell.unit.name}"),), "group"))
        focus = "、".join(focus_name(name, view.lang) for name in cell.matter.focus)
        clause = (
            f"{cell.matter.ruleset}:{cell.matter.clause}" if len(p.plan.asked) > 1 else cell.matter.clause
        )
        cells = (
            f"{clause} {cell.matter.title[view.lang]}" + (f"\n★ {focus}" if focus else ""),
            "·".join(map(str, cell.rounds)), view.t(f"level_{cell.level}"), who(p, cell, view.lang),
            often(p, cell, view.lang), when(p, cell, view.lang),
        )  # fmt: skip
        rows.append(Row(tuple(_text(one) for one in cells)))
    heads = (("clause", 2.4), ("rounds", 0.9), ("level", 0.8), ("who", 2.6), ("often", 3.4), ("when", 2.6))
    return blocks.Table(tuple(Column(view.t(f"c_{n}"), w) for n, w in heads), tuple(rows))


# --- the coverage as pictures ----------------------------------------------------------------------------


def _pictures(view: View) -> Iterator[Chart]:
    """Clauses by round in each unit, then for each standard clauses by unit; cut where a page ends."""
    p = view.programme
    units = [(u.id, f"{u.id} {u.name}") for u in p.situation.units]
    counts = {(v.unit.id, str(v.round)): len(v.cells) for v in p.visits}
    rounds = [(str(r.number), str(r.number)) for r in p.rounds]
    yield from _cut(view.t("heat_rounds"), units, rounds, counts)
    for key in p.plan.asked:
        rows = [
            (m.id, f"{'★ ' if m.focus else ''}{m.clause} {m.title[view.lang]}")
            for m in p.matters
            if m.ruleset == key
        ]
        held = {(c.matter.id, c.unit.id): len(c.rounds) for c in p.cells if c.matter.ruleset == key}
        yield from _cut(view.t("heat_name", standard=view.numbers[key]), rows, units, held)


Named = Sequence[tuple[str, str]]


def _cut(name: str, rows: Named, places: Named, cells: dict[tuple[str, str], int]) -> Iterator[Chart]:
    """One map as so many pictures as it takes; all of them share their colours."""
    highest = max(cells.values(), default=0)
    wide = [places[n : n + PLACES] for n in range(0, len(places), PLACES)]
    tall = min(ROWS, int((max(LEFT + CELL * min(len(places), PLACES), 480) * RATIO - TOP) / STEP))
    high = [rows[n : n + tall] for n in range(0, len(rows), tall)]
    number, count = 0, len(wide) * len(high)
    for across in wide:
        for down in high:
            number += 1
            points = tuple(
                Point(
                    label,
                    tuple(
                        Decimal(cells[row, place]) if (row, place) in cells else None for place, _ in across
                    ),
                    "",
                )
                for row, label in down
            )
            named = f"{name} ({number}/{count})" if count > 1 else name
            yield Chart("heat", named, tuple(label for _, label in across), points, highest=highest)
