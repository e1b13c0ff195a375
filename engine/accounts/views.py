"""Views of one inventory: every one of them groups the same lines, so every one has the same total.

A view is a plain table: title, columns, rows of cells, notes. Texts exist in both languages; the tables of the
standards are named by the ids of their annexes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from shall.engine.accounts.activity import Record, Said, amount, day, days_inside, said
from shall.engine.accounts.inventory import (
    CATEGORIES,
    LEVELS,
    SCOPES,
    UNIT,
    Inventory,
    Line,
    label,
    plain,
    previous,
    share,
)
from shall.engine.accounts.rates import BIOGENIC, COUNTED, EXPORTED, MONTREAL, REMOVAL
from shall.engine.accounts.units import decimal, exact
from shall.evidence.kinds.carbon import SOURCE_CLASSES
from shall.texts import LANGUAGES, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.annexes import Element

Cell = str | Mapping[str, str]
Both = Mapping[str, str]

GB_BLOCKS: Mapping[str, tuple[str, str]] = {
    "combustion": ("燃料燃烧排放", "fuel combustion"),
    "process": ("过程排放（含废弃物处理、逸散）", "process emissions, waste and fugitive included"),
    "energy": ("购入电力、热力排放", "purchased electricity and heat"),
    "exported": (
        "输出电力、热力（从购入中减去）",
        "exported electricity and heat, to be subtracted from purchases",
    ),
    "special": ("特殊排放", "special emissions"),
    "other": ("其他间接排放", "other indirect emissions"),
}
GB_BLOCK_OF: Mapping[str, str] = {
    "stationary_combustion": "combustion",
    "mobile_combustion": "combustion",
    "process": "process",
    "waste": "process",
    "fugitive": "process",
    "purchased_electricity": "energy",
    "purchased_heat": "energy",
    "exported_electricity": "exported",
    "exported_heat": "exported",
    "biomass": "special",
    "purchased_goods": "special",
}
"""The blocks of GB/T 32150 and Hunan Table C.1; what they have no block for is other indirect."""

VIEWS = (
    "scopes",
    "gbt32150",
    "iso14064",
    "source",
    "source_class",
    "gas",
    "site",
    "unit",
    "month",
    "lines",
    "quality",
)

TABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "t_ccaa_39": {name: (name,) for name in ("A.1.1", "A.2.1", "A.2.2", "A.3", "A.4")},
    "machinery": {
        **{f"D.{n}": (f"D.5.1/{n}",) for n in range(3, 7)},
        **{f"D.{n}": (f"D.5.2/{n}",) for n in range(7, 10)},
        "F.1": tuple(f"F.1/{n}" for n in range(1, 7)),
    },
    "hunan": {name: (name,) for name in ("C.1", "C.2", "F.1")},
}
"""The tables of each standard by the number a reader knows, and the annex elements they are."""

OF_LINES = frozenset(
    ("A.2.1", "D.5.1/5", "D.5.1/6", "D.5.2/9", "F.1/1", "F.1/2", "F.1/3", "F.1/4", "F.1/5", "F.1/6")
)
"""Elements filled from the lines; the others from records, D.8 and A.1.1 from the results."""
OF_RESULTS = frozenset(("A.1.1", "D.5.2/8"))
MONTHLY = "F.1/"
_GASES = {
    "CO2": "gas_co2", "CH4": "gas_ch4", "N2O": "gas_n2o", "HFCs": "gas_hfcs", "PFCs": "gas_pfcs", "SF6": "gas_sf6",
    "NF3": "gas_nf3",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A view as plain cells."""

    key: str
    title: Both
    columns: Sequence[Both]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[Both] = field(default_factory=tuple)

    def plain(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "key": self.key,
            "title": dict(self.title),
            "columns": [dict(c) for c in self.columns],
            "rows": [[cell if isinstance(cell, str) else dict(cell) for cell in row] for row in self.rows],
            "notes": [dict(n) for n in self.notes],
        }


def text(key: str, /, **fields: object) -> dict[str, str]:
    """A text of the catalogue in both languages."""
    return {lang: say(f"inventory.{key}", lang, **fields) for lang in LANGUAGES}


def view(inventory: Inventory, name: str) -> list[Table]:
    """The tables of one view; `table:D.6` names a table of a standard. Raises UsageError for an unknown name."""
    if name.startswith("table:"):
        return _named_tables(inventory, name.removeprefix("table:"))
    match name:
        case "scopes":
            return [_grouped(inventory, name, lambda x: x.scope, SCOPES)]
        case "iso14064":
            return [_grouped(inventory, name, lambda x: x.category, CATEGORIES)]
        case "gbt32150":
            return [_gbt(inventory)]
        case "lines":
            return [_lines(inventory)]
        case "quality":
            return _quality(inventory)
    if name in LEVELS:
        return [_level(inventory, name)]
    raise UsageError("inventory.unknown_view", found=name, allowed=", ".join([*VIEWS, "table:..."]))


# Views over the lines.

_AMOUNTS = ("column_emission", "column_share")


def _level(inventory: Inventory, level: str) -> Table:
    total = inventory.total()
    rows: list[Sequence[Cell]] = [
        [label(inventory, level, key), plain(value), share(value, total) or "-"]
        for key, value in inventory.by(LEVELS[level]).items()
    ]
    rows.append([text("row_total"), plain(total), share(total, total) or "-"])
    columns = [text(f"level_{level}"), *map(text, _AMOUNTS)]
    return Table(level, text(f"view_{level}"), columns, rows, _notes(inventory))


def _grouped(
    inventory: Inventory, name: str, key: Callable[[Line], str], labels: Mapping[str, tuple[str, str]]
) -> Table:
    """Groups with their classes below, the total, and what stands apart."""
    total = inventory.total()
    rows: list[Sequence[Cell]] = []
    for group, (zh, en) in labels.items():
        mine = [x for x in inventory.part(COUNTED) if key(x) == group]
        if mine:
            rows += _group({"zh": zh, "en": en}, mine, total)
    rows.append([text("row_total"), "", plain(total), share(total, total) or "-"])
    rows += _apart(inventory)
    columns = [text("column_group"), text("column_class"), *map(text, _AMOUNTS)]
    return Table(name, text(f"view_{name}"), columns, rows, _notes(inventory))


def _group(name: Both, mine: Sequence[Line], total: int) -> Iterator[Sequence[Cell]]:
    whole = sum(x.emission for x in mine)
    yield [name, "", plain(whole), share(whole, total) or "-"]
    for cls in SOURCE_CLASSES:
        part = sum(x.emission for x in mine if x.source_class == cls)
        if any(x.source_class == cls for x in mine):
            yield ["", _class(cls), plain(part), share(part, total) or "-"]


def _class(cls: str) -> Both:
    zh, en = SOURCE_CLASSES[cls]
    return {"zh": zh, "en": en}


def _apart(inventory: Inventory) -> Iterator[Sequence[Cell]]:
    """What is told beside the total and never netted with it."""
    market = inventory.market_total
    if market is not None:
        yield [text("row_market"), "", plain(market), ""]
    for part in (EXPORTED, BIOGENIC, MONTREAL):
        if inventory.part(part):
            yield [text(f"row_{part}"), "", plain(inventory.total(part)), ""]
    removed = inventory.total(REMOVAL) + sum(s.quantity for s in inventory.sinks)
    yield [text("row_removals"), "", plain(removed), ""]
    yield [text("row_offsets"), "", plain(sum(o.quantity for o in inventory.offsets)), ""]


def _gbt(inventory: Inventory) -> Table:
    """The shape of GB/T 32150: blocks, and the total with exported energy taken off as its formula does."""
    total = inventory.total()
    rows: list[Sequence[Cell]] = []
    for block, (zh, en) in GB_BLOCKS.items():
        parts = (EXPORTED,) if block == "exported" else (COUNTED, BIOGENIC)
        mine = [
            x
            for x in inventory.lines
            if x.part in parts and GB_BLOCK_OF.get(x.source_class, "other") == block
        ]
        counted = [x for x in mine if x.part != BIOGENIC]
        if counted:
            rows += _group({"zh": zh, "en": en}, counted, total)
        biogenic = [x for x in mine if x.part == BIOGENIC]
        if biogenic:
            rows.append([text("row_biogenic"), "", plain(sum(x.emission for x in biogenic)), ""])
    rows.append([text("row_total"), "", plain(total), share(total, total) or "-"])
    exported = inventory.total(EXPORTED)
    rows.append([text("row_net_of_exports"), "", plain(total + exported), ""])
    rows += [r for r in _apart(inventory) if r[0] not in (text("row_exported"), text("row_biogenic"))]
    columns = [text("column_block"), text("column_class"), *map(text, _AMOUNTS)]
    return Table("gbt32150", text("view_gbt32150"), columns, rows, _notes(inventory))


def _lines(inventory: Inventory) -> Table:
    rows: list[Sequence[Cell]] = [
        [x.id, x.activity.name, x.month, text(f"method_{x.rate.method}"), x.arithmetic, x.rate.used.key]
        for x in inventory.lines
    ]
    heads = (
        "column_record",
        "column_name",
        "column_period",
        "column_method",
        "column_arithmetic",
        "column_factor",
    )
    return Table("lines", text("view_lines"), [text(h) for h in heads], rows)


def _notes(inventory: Inventory) -> list[Both]:
    found: list[Both] = [text("note_places")]
    if inventory.gaps:
        found.append(text("note_gaps", count=len(inventory.gaps)))
    return found


def _quality(inventory: Inventory) -> list[Table]:
    from shall.engine.accounts.quality import quality

    found = quality(inventory)
    names = {x.id: x.activity.name for x in inventory.lines}
    rows: list[Sequence[Cell]] = [
        [d["id"], names[d["id"]], text(f"origin_{d['origin']}"), d["meter"] or "-", text(f"state_{d['calibration']}"),
         d["activity_percent"], d["factor_percent"], d["percent"], _told_basis(d["activity_basis"])]
        for d in found["data"]
    ]  # fmt: skip
    heads: tuple[str, ...] = ("record", "name", "origin", "meter", "calibration")
    heads = (*heads, "activity_percent", "factor_percent", "percent", "basis")
    data = Table("quality", text("view_quality"), [text(f"column_{h}") for h in heads], rows, [found["rule"]])
    gaps: list[Sequence[Cell]] = [
        [
            c["name"],
            *(", ".join(c[key]) or "-" for key in ("months_missing", "months_partial")),
            str(c["days_missing"]),
        ]
        for c in found["completeness"]
    ]
    heads = ("name", "months_missing", "months_partial", "days_missing")
    whole = Table("completeness", text("view_completeness"), [text(f"column_{h}") for h in heads], gaps)
    return [data, whole]


def _told_basis(basis: str) -> Cell:
    """The record a percentage was taken from, or that it is the usual value of an origin."""
    kind, _, name = basis.partition(":")
    if kind != "usual":
        return basis
    return {
        lang: say("inventory.basis_usual", lang, origin=text(f"origin_{name}")[lang]) for lang in LANGUAGES
    }


# Tables of the standards.


def _named_tables(inventory: Inventory, name: str) -> list[Table]:
    """The elements a table's number stands for; `machinery/F.1` where several standards have the number."""
    standard, slash, number = name.partition("/")
    if not slash or standard not in TABLES:
        standard, number = "", name
    found = [
        (key, tables[number]) for key, tables in TABLES.items() if number in tables and standard in ("", key)
    ]
    if not found:
        every = ", ".join(f"{key}/{number}" for key, tables in TABLES.items() for number in tables)
        raise UsageError("inventory.unknown_table", found=name, allowed=every)
    if len(found) > 1:
        several = ", ".join(f"{key}/{number}" for key, _ in found)
        raise UsageError("inventory.which_table", found=name, allowed=several)
    key, ids = found[0]
    elements = _elements(key)
    return [_table(inventory, key, elements[one]) for one in ids]


@cache
def _elements(standard: str) -> dict[str, "Element"]:
    from shall.engine.annexes import elements
    from shall.engine.loader import load_ruleset
    from shall.engine.shelf import folder_of

    folder = folder_of(standard)
    return {e.id: e for e in elements(folder, load_ruleset(folder)[0])}


def _table(inventory: Inventory, standard: str, element: "Element") -> Table:
    key = f"{standard}/{element.id}"
    title = {"zh": element.title.zh, "en": element.title.en}
    notes = [{"zh": element.reading.zh, "en": element.reading.en}] if element.reading else []
    if element.id in OF_RESULTS:
        return _of_results(inventory, key, title, notes)
    if element.id in OF_LINES:
        monthly = element.id.startswith(MONTHLY)
        return (_monthly if monthly else _of_lines)(inventory, element, key, title, notes)
    return _of_records(inventory, element, key, title, notes)


def _as_records(inventory: Inventory, kind: str) -> list[dict[str, Any]]:
    """The lines as rows of the kind a table counts, so that its own predicates pick them."""
    rows = []
    for x in inventory.lines:
        if x.part == MONTREAL and kind == "emission_source":
            continue
        cls = "special" if kind == "emission_source" and x.source_class == "biomass" else x.source_class
        row: dict[str, Any] = {
            "id": x.id,
            "source_class": cls,
            "scope": x.scope,
            "substance": x.activity.substance,
        }
        row |= {"name": x.activity.name, "emission_source": x.activity.source}
        row |= {column: gas == x.rate.gas for gas, column in _GASES.items()}
        rows.append(row)
    return rows


def _matching(element: "Element", records: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """For each row of an element the ids of the records that it picks; a row without predicate picks none."""
    from shall.engine.compiler import counting_plan
    from shall.engine.executors.python import PythonExecutor, prepare
    from shall.engine.predicates import parse
    from shall.evidence.schema import schema

    kind = element.row_kind
    asked = [row for row in element.rows if row.where]
    if kind is None or not asked:
        return [[] for _ in element.rows]
    kinds = schema()
    counting = counting_plan([(kind, parse(str(r.where), kinds[kind])) for r in asked], [], kinds)
    plan = counting.plan
    rows = [tuple(_stored(r.get(name)) for name in plan.columns[kind]) for r in records]
    today = date(2000, 1, 1)
    answers = PythonExecutor(plan).run({kind: prepare(kind, rows, plan)}, today, today)
    place = list(plan.columns[kind]).index("id")
    found = iter([[str(row[place]) for row in answers.aggregates[i] or ()] for i in counting.counts])  # type: ignore[union-attr]
    return [next(found) if row.where else [] for row in element.rows]


def _stored(value: Any) -> Any:
    """A value as a store gives it."""
    return int(value) if isinstance(value, bool) else value


def _of_lines(
    inventory: Inventory, element: "Element", key: str, title: Both, notes: Sequence[Both]
) -> Table:
    """Rows of a table with quantity, emission and share of their lines; what no row picks stands at the end."""
    picked = _matching(element, _as_records(inventory, str(element.row_kind)))
    by_id = {x.id: x for x in inventory.lines}
    total, seen = inventory.total(), set[str]()
    rows: list[Sequence[Cell]] = []
    for row, ids in zip(element.rows, picked, strict=True):
        group: Cell = {"zh": row.group.zh, "en": row.group.en} if row.group else ""
        name = {"zh": row.zh, "en": row.en}
        if row.where is None:
            rows.append([group, name, "", plain(total), share(total, total) or "-"])
            continue
        fresh = [by_id[i] for i in ids if i not in seen]
        seen.update(ids)
        rows.append([group, name, *_summed(fresh, total)])
    rest = [x for x in inventory.lines if x.id not in seen and x.part in (COUNTED, EXPORTED, BIOGENIC)]
    if rest:
        rows.append(["", text("row_elsewhere"), *_summed(rest, total)])
    removed = inventory.total(REMOVAL) + sum(s.quantity for s in inventory.sinks)
    if element.id == "D.5.1/6":
        rows.append(["", text("row_removals"), "", plain(removed), ""])
    heads = ("column_group", "column_row", "column_quantity", *_AMOUNTS)
    return Table(key, title, [text(h) for h in heads], rows, [*notes, *_notes(inventory)])


def _summed(lines: Sequence[Line], total: int) -> list[Cell]:
    """Quantities by unit, the emission that counts, and its share; an empty row is marked as such."""
    if not lines:
        return [text("cell_empty"), text("cell_empty"), ""]
    counted = sum(x.emission for x in lines if x.part in (COUNTED, EXPORTED))
    amounts = "; ".join(_quantities(lines)) or "-"
    only = [x for x in lines if x.part == COUNTED]
    return [amounts, plain(counted), share(counted, total) or "-" if only else ""]


def _quantities(lines: Iterable[Line]) -> list[str]:
    """Amounts by substance and unit, added exactly."""
    sums: dict[tuple[str, str], Fraction] = {}
    for x in lines:
        if x.quantity is not None:
            key = (x.activity.substance or "", x.activity.measure_unit or "tCO2e")
            sums[key] = sums.get(key, Fraction()) + exact(x.quantity) * x.activity.share
    units: dict[str, list[str]] = {}
    for (_, measured), value in sorted(sums.items()):
        units.setdefault(measured, []).append(_neat(value))
    return [f"{' + '.join(values)} {measured}" for measured, values in units.items()]


def _monthly(inventory: Inventory, element: "Element", key: str, title: Both, notes: Sequence[Both]) -> Table:
    """One row per item and period: quantity of the month, quantity so far, emission."""
    picked = {i for ids in _matching(element, _as_records(inventory, str(element.row_kind))) for i in ids}
    lines = sorted(
        (x for x in inventory.lines if x.id in picked), key=lambda x: (x.item, x.activity.first, x.id)
    )
    rows: list[Sequence[Cell]] = []
    so_far: dict[tuple[str, ...], Fraction] = {}
    for x in lines:
        value = exact(x.quantity or Decimal(0)) * x.activity.share
        so_far[x.item] = so_far.get(x.item, Fraction()) + value
        extra = (
            [f"{x.activity.mode or '-'} {x.activity.distance or '-'} km"]
            if x.source_class == "transport"
            else []
        )
        rows.append(
            [" ".join([x.activity.name, *extra]), x.month, _neat(value),
             _neat(so_far[x.item]), x.activity.measure_unit or "-", plain(x.emission)]
        )  # fmt: skip
    if not rows:
        rows.append([text("cell_empty"), "", "", "", "", ""])
    heads = ("name", "period", "quantity", "so_far", "measure_unit", "emission")
    return Table(key, title, [text(f"column_{h}") for h in heads], rows, notes)


def _of_records(
    inventory: Inventory, element: "Element", key: str, title: Both, notes: Sequence[Both]
) -> Table:
    """Rows of a table filled with the columns it names of the records it picks; empty cells are marked."""
    kind = str(element.row_kind)
    records = [r for r in inventory.evidence.of(kind) if _of_year(r, inventory.year)]
    by_id = {str(r["id"]): r for r in records}
    picked = _matching(element, records)
    rows: list[Sequence[Cell]] = []
    if not element.rows:
        rows += _unique([*_cells(inventory, element, kind, r)] for r in records)
        if not rows:
            rows.append([text("cell_empty"), *[""] * (len(element.fields) - 1)])
        return Table(key, title, [_both(f.name) for f in element.fields], rows, notes)
    for row, ids in zip(element.rows, picked, strict=True):
        name = {"zh": row.zh, "en": row.en}
        filled = _unique([name, *_cells(inventory, element, kind, by_id[i])] for i in ids if i in by_id)
        if element.id == "A.3":
            filled += _set_factors(inventory, element, row.where, name)
        rows += filled or [[name, text("cell_empty"), *[""] * (len(element.fields) - 1)]]
    columns = [text("column_row"), *(_both(f.name) for f in element.fields)]
    return Table(key, title, columns, rows, notes)


def _set_factors(
    inventory: Inventory, element: "Element", where: str | None, name: Both
) -> list[Sequence[Cell]]:
    """Factors of the sets that lines of the row were made with."""
    row = next(r for r in element.rows if r.where == where)
    one = element.model_copy(update={"rows": (row,)})
    ids = set(_matching(one, _as_records(inventory, "emission_factor"))[0])
    used = [
        x.rate.used
        for x in inventory.lines
        if x.id in ids and not x.rate.used.key.startswith("emission_factor:")
    ]
    rows: list[Sequence[Cell]] = [
        [name, u.name, f"{format(decimal(u.value), 'f')} {u.unit}", "", u.source] for u in used
    ]
    return _unique(rows)


def _of_year(record: Record, year: int) -> bool:
    start, end = day(record.get("period_from")), day(record.get("period_until"))
    return start is None or end is None or days_inside(start, end, year) > 0


def _unique(rows: Iterable[Sequence[Cell]]) -> list[Sequence[Cell]]:
    """Rows in order, each once."""
    seen: dict[str, Sequence[Cell]] = {}
    for row in rows:
        seen.setdefault(repr(list(row)), row)
    return list(seen.values())


def _cells(inventory: Inventory, element: "Element", kind: str, record: Record) -> Iterator[Cell]:
    for one in element.fields:
        found = (
            record if one.filled_by.kind == kind else _related(inventory, kind, record, one.filled_by.kind)
        )
        yield _written(one.filled_by.kind, found, one.filled_by.columns) if found else ""


def _related(inventory: Inventory, kind: str, record: Record, other: str) -> Record | None:
    """The record of another kind that this one names, or the latest that names it."""
    from shall.evidence.schema import schema

    ours, theirs = schema()[kind], schema()[other]
    for column in ours.columns:
        if column.ref == other and record.get(column.name):
            return inventory.evidence.one(other, str(record[column.name]))
    naming = [c.name for c in theirs.columns if c.ref == kind]
    found = [r for r in inventory.evidence.of(other) if any(r.get(n) == record["id"] for n in naming)]
    last = date(inventory.year, 12, 31).isoformat()
    found = [r for r in found if str(r.get("performed_on") or r.get("period_until") or "") <= last]
    return max(
        found,
        key=lambda r: (str(r.get("performed_on") or r.get("period_until") or ""), r["id"]),
        default=None,
    )


def _written(kind: str, record: Record, columns: Iterable[str]) -> Cell:
    """The columns of a record in words, joined; a choice by its label, a flag by its column."""
    from shall.evidence.schema import schema

    both: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    for name in columns:
        column, value = schema()[kind].column(name), record.get(name)
        if column is None or value in (None, False):
            continue
        if column.choices:
            pair = column.choices[str(value)]
        elif value is True:
            pair = (column.zh, column.en)
        else:
            pair = (str(value), str(value))
        both["zh"].append(pair[0])
        both["en"].append(pair[1])
    return {"zh": "，".join(both["zh"]), "en": ", ".join(both["en"])}


def _both(pair: Any) -> dict[str, str]:
    return {"zh": pair.zh, "en": pair.en}


def _of_results(inventory: Inventory, key: str, title: Both, notes: Sequence[Both]) -> Table:
    """Total and intensities of the year and, where known, of the year before."""
    rows: list[Sequence[Cell]] = [[text("row_total"), str(inventory.year), plain(inventory.total()), "tCO2e"]]
    for one in comparisons(inventory):
        if one["kind"] == "previous_year" and one["theirs"] is not None:
            name = "row_total" if one["record"] is None else "row_total_on_record"
            rows.append([text(name), str(inventory.year - 1), one["theirs"], "tCO2e"])
    for one in intensities(inventory):
        cell: Cell = one["value"] if one["value"] is not None else text("cell_not_computed")
        rows.append([one["name"], str(inventory.year), cell, one["unit"]])
    for value in inventory.evidence.of("parameter_value"):
        if not _of_year(value, inventory.year) or value.get("amount") is None:
            continue
        parameter = inventory.evidence.one("performance_parameter", value.get("parameter")) or {}
        span = f"{value.get('period_from') or '-'}/{value.get('period_until') or '-'}"
        name = str(parameter.get("name") or value["parameter"])
        rows.append(
            [text("row_parameter", name=name), span, str(value["amount"]), str(parameter.get("measure_unit"))]
        )
    heads = ("column_row", "column_period", "column_value", "column_measure_unit")
    return Table(key, title, [text(h) for h in heads], rows, notes)


# Intensities and comparisons.


def _days(start: date, end: date) -> set[date]:
    return {start + timedelta(n) for n in range((end - start).days + 1)}


def _own(inventory: Inventory) -> list[Line]:
    """The counted lines of scopes 1 and 2: what intensities and baselines are about."""
    return [x for x in inventory.part(COUNTED) if x.scope in ("1", "2")]


def intensities(inventory: Inventory) -> list[dict[str, Any]]:
    """Scopes 1 and 2 per output value and per product, over the days that outputs and data of emission both cover."""
    outputs = [
        r for r in inventory.evidence.of("product_output") if r.get("period_from") and r.get("period_until")
    ]
    year = inventory.year
    first, last = date(year, 1, 1), date(year, 12, 31)
    made: list[dict[str, Any]] = []
    within = [
        r for r in outputs
        if (s := day(r["period_from"])) and (e := day(r["period_until"])) and first <= s and e <= last
    ]  # fmt: skip
    if not within:
        return made
    if any(r.get("output_value") is not None for r in within):
        name = text("intensity_value")
        made.append(
            _intensity(inventory, name, within, "output_value", "tCO2e/万元", inventory.part(COUNTED))
        )
    if any(r.get("value_added") is not None for r in within):
        name = text("intensity_added")
        made.append(_intensity(inventory, name, within, "value_added", "tCO2e/万元", _own(inventory)))
    products = {
        str(r.get("product") or r.get("product_name")): r for r in within if r.get("quantity") is not None
    }
    for product, sample in sorted(products.items()):
        made.append(_per_product(inventory, within, product, sample))
    return made


def _per_product(
    inventory: Inventory, within: Sequence[Record], product: str, sample: Record
) -> dict[str, Any]:
    """Per unit of a product, by the emission of the place that makes nothing else; else not computed, which is said."""
    mine = [r for r in within if str(r.get("product") or r.get("product_name")) == product]
    name = {lang: str(sample.get("product_name") or product) for lang in LANGUAGES}
    title = text("intensity_product", name=name["zh"])
    site, measured = sample.get("site"), str(sample.get("measure_unit"))
    unit = f"tCO2e/{measured}"
    if len({r.get("measure_unit") for r in mine}) > 1 or len({r.get("site") for r in mine}) > 1:
        return _not_computed(title, unit, said("several_units_or_sites"))
    here = {str(r.get("product") or r.get("product_name")) for r in within if r.get("site") == site}
    if len(here) > 1:
        return _not_computed(title, unit, said("several_products", count=len(here)))
    lines = [x for x in _own(inventory) if site is None or x.activity.site == site]
    return _intensity(inventory, title, mine, "quantity", unit, lines)


def _not_computed(name: Both, unit: str, why: Said) -> dict[str, Any]:
    empty = {"value": None, "emission": None, "denominator": None, "days": 0, "arithmetic": None}
    return {"name": dict(name), "unit": unit, **empty, "readings": [why.both()]}


def _intensity(
    inventory: Inventory, name: Both, outputs: Sequence[Record], column: str, unit: str, lines: Sequence[Line]
) -> dict[str, Any]:
    """Emission over output on the days that every output series covers, lines that lie in them entirely."""
    series: dict[tuple[str, str], set[date]] = {}
    for r in outputs:
        start, end = day(r["period_from"]), day(r["period_until"])
        assert start and end
        series.setdefault((str(r.get("site")), str(r.get("product"))), set()).update(_days(start, end))
    common = set.intersection(*series.values())
    denominator = sum(
        (exact(amount(r.get(column)) or Decimal(0)) for r in outputs if _period(r) <= common), Fraction()
    )
    inside = [x for x in lines if _days(x.activity.first, x.activity.last) <= common]
    readings: list[Said] = []
    length = (date(inventory.year, 12, 31) - date(inventory.year, 1, 1)).days + 1
    if len(common) < length:
        readings.append(said("intensity_days", days=len(common), of=length))
    whole = {x.id for x in inside}
    cut = [x for x in lines if x.id not in whole and _days(x.activity.first, x.activity.last) & common]
    if cut:
        readings.append(said("intensity_cut", count=len(cut)))
    if not denominator:
        return _not_computed(name, unit, said("zero_output"))
    if not inside:
        return _not_computed(name, unit, said("no_common_days"))
    emission = sum(x.emission for x in inside)
    value = Fraction(emission, UNIT) / denominator
    shown = _places(value)
    told = f"{plain(emission)} tCO2e ÷ {format(decimal(denominator), 'f')} {unit.partition('/')[2]} = {shown}"
    return {
        "name": dict(name),
        "unit": unit,
        "value": shown,
        "emission": plain(emission),
        "denominator": format(decimal(denominator), "f"),
        "days": len(common),
        "arithmetic": told,
        "readings": [r.both() for r in readings],
    }


def _neat(value: Fraction) -> str:
    """An amount to at most ten places, without idle zeros."""
    text = _places(value, 10)
    return text.rstrip("0").rstrip(".")


def _period(record: Record) -> set[date]:
    start, end = day(record["period_from"]), day(record["period_until"])
    assert start and end
    return _days(start, end)


def _places(value: Fraction, places: int = 6) -> str:
    """A fraction rounded for print, half to even."""
    return format(Decimal(f"{round(value * 10**places)}E-{places}"), "f")


def comparisons(inventory: Inventory) -> list[dict[str, Any]]:
    """The total and intensities against baselines on record, the year before, and the inventory on record."""
    return [*_baselines(inventory), *_previous(inventory), *_recorded(inventory)]


def _compared(
    kind: str, name: Both, ours: Fraction, theirs: Fraction | None, unit: str, **more: Any
) -> dict[str, Any]:
    change = (ours - theirs) / theirs * 100 if theirs else None
    return {
        "kind": kind,
        "name": dict(name),
        "unit": unit,
        "ours": format(decimal(ours), "f"),
        "theirs": format(decimal(theirs), "f") if theirs is not None else None,
        "change": _places(change, 2) if change is not None else None,
        "record": more.get("record"),
        "readings": [r.both() for r in more.get("readings", ())],
    }


def _incomplete(inventory: Inventory) -> list[Said]:
    return (
        [said("incomplete_year", count=len(inventory.gaps))]
        if inventory.gaps and inventory.fill == "none"
        else []
    )


def _baselines(inventory: Inventory) -> Iterator[dict[str, Any]]:
    last = date(inventory.year, 12, 31).isoformat()
    total = Fraction(sum(x.emission for x in _own(inventory)), UNIT)
    remarks = [said("scopes_1_and_2"), *_incomplete(inventory)]
    per_value = next((i for i in intensities(inventory) if i["name"] == text("intensity_value")), None)
    for one in inventory.evidence.of("baseline"):
        parameter = inventory.evidence.one("performance_parameter", one.get("parameter"))
        value = amount(one.get("amount"))
        if parameter is None or value is None or str(one.get("established_on") or "") > last:
            continue
        name: Both = {lang: str(parameter.get("name") or one["id"]) for lang in LANGUAGES}
        record, unit = f"baseline:{one['id']}", str(parameter.get("measure_unit") or "")
        if one.get("level") != "organisation":
            continue
        if parameter.get("parameter_type") == "emission_total" and unit == "tCO2e":
            yield _compared("baseline", name, total, exact(value), unit, record=record, readings=remarks)
        elif (
            parameter.get("parameter_type") == "emission_intensity"
            and per_value
            and per_value["unit"] == unit
            and per_value["value"] is not None
        ):
            ours = exact(Decimal(per_value["value"]))
            yield _compared("baseline", name, ours, exact(value), unit, record=record)


def _previous(inventory: Inventory) -> Iterator[dict[str, Any]]:
    name, before = text("compared_previous", year=inventory.year - 1), previous(inventory)
    if isinstance(before, Inventory):
        there, here = {x.item for x in before.lines}, {x.item for x in inventory.lines}
        if here <= there:
            readings = _incomplete(inventory) + ([said("incomplete_before")] if before.gaps else [])
            ours, theirs = (Fraction(one.total(), UNIT) for one in (inventory, before))
            yield _compared("previous_year", name, ours, theirs, "tCO2e", readings=readings)
            return
        before = said("previous_items", count=len(here - there), of=len(here), year=inventory.year - 1)
    kept = _inventory_of(inventory, inventory.year - 1)
    if kept is None:
        total = Fraction(inventory.total(), UNIT)
        yield _compared("previous_year", name, total, None, "tCO2e", readings=[before])
        return
    yield _on_record(
        inventory, "previous_year", name, kept, [before, said("previous_recorded", record=kept["id"])]
    )


def _recorded(inventory: Inventory) -> Iterator[dict[str, Any]]:
    kept = _inventory_of(inventory, inventory.year)
    if kept:
        name = text("compared_recorded", title=str(kept.get("title") or kept["id"]))
        yield _on_record(inventory, "recorded", name, kept, [])


def _on_record(
    inventory: Inventory, kind: str, name: Both, kept: Record, readings: Sequence[Said]
) -> dict[str, Any]:
    """Against an inventory on record, over the scopes that one has."""
    scopes = _scopes_of(kept)
    mine = [x for x in inventory.part(COUNTED) if x.scope in scopes] if scopes else inventory.part(COUNTED)
    told = [said("scopes_of_record", scopes=", ".join(scopes))] if scopes and len(scopes) < 3 else []
    ours, theirs = (
        Fraction(sum(x.emission for x in mine), UNIT),
        exact(amount(kept["emissions"]) or Decimal(0)),
    )
    remarks = [*readings, *told, *_incomplete(inventory)]
    record = f"carbon_inventory:{kept['id']}"
    return _compared(kind, name, ours, theirs, "tCO2e", record=record, readings=remarks)


def _scopes_of(kept: Record) -> list[str]:
    """The scopes that make up the total of an inventory on record: all filled in, or the first that sum to it."""
    filled = [n for n in ("1", "2", "3") if kept.get(f"scope{n}") is not None]
    for count in range(len(filled), 0, -1):
        if sum(amount(kept[f"scope{n}"]) or 0 for n in filled[:count]) == amount(kept["emissions"]):
            return filled[:count]
    return filled


def _inventory_of(inventory: Inventory, year: int) -> Record | None:
    span = (f"{year}-01-01", f"{year}-12-31")
    found = [
        r for r in inventory.evidence.of("carbon_inventory")
        if (r.get("period_from"), r.get("period_until")) == span and r.get("emissions") is not None
    ]  # fmt: skip
    return max(found, key=lambda r: (str(r.get("prepared_on") or ""), r["id"]), default=None)
