"""Measures held against an organisation's quantities: which cells each changes, and the quantities afterwards."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal, Inexact, localcontext
from functools import cached_property
from typing import Any, TypeAlias

from pydantic import ValidationError

from shall.engine.loader import Problem
from shall.engine.models import Shape
from shall.engine.scoring.measure_file import YUAN, Effect, Level, Measure, MeasureBook, MeasureProblems
from shall.engine.scoring.scheme import Checklist, Scheme
from shall.engine.scoring.score import Evidence
from shall.engine.scoring.values import KINDS, Given, Line
from shall.engine.wrong import reason
from shall.evidence.schema import schema

Cell: TypeAlias = tuple[str, str, str]
"""Kind, record, column."""
GIVEN = "given"
YEARS = ("data_year", "footprint_year")
WHOLES: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "roof_area": (("pv_area", ("usable_area",)),),
    "waste_energy": (("used", ("available",)),),
    "recyclability": (("recoverable_mass", ("total_mass",)),),
    "solid_waste": (("utilised", ("generated", "utilised_from_stock")),),
    "factory_year": (("net_emissions", ("gross_emissions",)), ("residual_emissions", ("gross_emissions",))),
}
"""Columns that are part of others in the same record: measures that together make a part more than its whole
cannot be had together."""
EXACT = Context(prec=10_000, traps=[Inexact])


@dataclass(frozen=True)
class Option:
    """A measure at one of its levels: its cost in 元 and, cell by cell, what it does."""

    id: str
    measure: Measure
    level: Level | None
    cost: int
    adds: Mapping[Cell, Decimal] = field(default_factory=dict)
    factors: Mapping[Cell, Decimal] = field(default_factory=dict)
    sets: Mapping[Cell, Any] = field(default_factory=dict)
    news: tuple[tuple[str, Line], ...] = ()
    ticks: Mapping[tuple[str, str], bool] = field(default_factory=dict)

    @cached_property
    def cells(self) -> frozenset[Cell]:
        """Every cell it changes."""
        return frozenset((*self.adds, *self.factors, *self.sets))


@dataclass(frozen=True)
class Ground:
    """The evidence before any measure, its records by kind and id."""

    evidence: Evidence

    @cached_property
    def lines(self) -> Mapping[str, Mapping[str, Shape]]:
        """Every record that a measure may change."""
        values = self.evidence.values
        found: dict[str, dict[str, Shape]] = {
            kind: {line.id or "": line for line in getattr(values, kind)} for kind in KINDS
        }
        found[GIVEN] = {f"{GIVEN}:{address}": one for address, one in values.given.items()}
        return found

    def cell(self, cell: Cell) -> Any:
        """What stands in a cell before any measure."""
        return getattr(self.lines[cell[0]][cell[1]], cell[2])


def options(book: MeasureBook, ground: Ground, scheme: Scheme) -> tuple[Option, ...]:
    """Each measure at each level; raises MeasureProblems where one does not fit the quantities."""
    problems: list[Problem] = []
    found: list[Option] = []
    for n, measure in enumerate(book.measures):
        common = [(("measures", n, "effects", k), e) for k, e in enumerate(measure.effects)]
        for m, level in enumerate(measure.levels or (None,)):
            own = [
                (("measures", n, "levels", m, "effects", k), e)
                for k, e in enumerate(level.effects if level else ())
            ]
            found.append(_option(book, ground, scheme, measure, level, [*common, *own], problems))
    if not problems:
        problems += _contradictions(book, found)
        problems += _into_nothing(book, ground, found)
    if problems:
        unique = {(p.line, p.text("en")): p for p in problems}
        raise MeasureProblems(list(unique.values()))
    return tuple(found)


_Path: TypeAlias = tuple[str | int, ...]


def _option(
    book: MeasureBook,
    ground: Ground,
    scheme: Scheme,
    measure: Measure,
    level: Level | None,
    effects: Sequence[tuple[_Path, Effect]],
    problems: list[Problem],
) -> Option:
    name = f"{measure.id}:{level.id}" if level else measure.id
    cost = level.cost if level else measure.cost
    assert cost is not None
    adds: dict[Cell, Decimal] = {}
    factors: dict[Cell, Decimal] = {}
    sets: dict[Cell, Any] = {}
    news: list[tuple[str, Line]] = []
    ticks: dict[tuple[str, str], bool] = {}
    for path, effect in effects:
        try:
            if effect.of:
                for cell, how, value in _cells(effect, ground):
                    if how == "set":
                        if cell in sets and sets[cell] != value:
                            raise _Misfit("paths.set_twice", cell=shown_cell(cell), names=name)
                        sets[cell] = value
                    elif how == "add":
                        adds[cell] = adds.get(cell, Decimal(0)) + value
                    else:
                        factors[cell] = EXACT.multiply(factors.get(cell, Decimal(1)), value)
            elif effect.new:
                news.append((effect.new, _record(effect, name, len(news), ground)))
            else:
                ticks.update(_ticks(effect, scheme))
        except _Misfit as misfit:
            line = book.source.line(*path)
            problems.append(Problem(book.source.name, line, misfit.key, misfit.fields))
    return Option(name, measure, level, int(cost * YUAN), adds, factors, sets, tuple(news), ticks)


class _Misfit(Exception):
    """An effect that does not fit the quantities."""

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(key)
        self.key, self.fields = key, fields


def shown_cell(cell: Cell) -> str:
    """A cell as files and messages name it: `roof_area:RF-01 pv_area`."""
    return f"{cell[1]} {cell[2]}"


def _cells(effect: Effect, ground: Ground) -> Iterator[tuple[Cell, str, Any]]:
    kind = effect.of or ""
    model: type[Shape] | None = Given if kind == GIVEN else KINDS.get(kind)
    if model is None:
        raise _Misfit("paths.no_kind", name=kind, known=", ".join((*KINDS, GIVEN)))
    columns = [c for c in model.model_fields if c != "id"]
    for column in (*effect.add, *effect.multiply, *effect.set, *effect.where):
        if column not in columns:
            raise _Misfit("paths.no_column", name=column, kind=kind, known=", ".join(columns))
    for column in (*effect.add, *effect.multiply):
        if not numeric(kind, column):
            raise _Misfit("paths.no_number", name=column, kind=kind)
    for record in _records(effect, kind, ground):
        for column, number in effect.add.items():
            yield (kind, record, column), "add", number
        for column, number in effect.multiply.items():
            yield (kind, record, column), "multiply", number
        for column, value in effect.set.items():
            line = ground.lines[kind][record]
            yield (kind, record, column), "set", getattr(_checked(line, {column: value}), column)


def numeric(kind: str, column: str) -> bool:
    """Whether a column holds a quantity."""
    found = None if kind == GIVEN else schema()[kind].column(column)
    return column == "value" if found is None else found.type == "decimal"


def _records(effect: Effect, kind: str, ground: Ground) -> list[str]:
    """The one record meant, or with `each` all that match; of the evaluation year where nothing else is said."""
    lines = ground.lines[kind]
    known = ", ".join(lines) or "-"
    if effect.record:
        named = [r for r in (effect.record, f"{kind}:{effect.record}") if r in lines]
        if not named:
            raise _Misfit("paths.no_record", name=effect.record, kind=kind, known=known)
        return named[:1]
    year = ground.evidence.values.year
    found = []
    for record, line in lines.items():
        stated = {c: year for c in YEARS if hasattr(line, c)} | dict(effect.where)
        if all(_alike(getattr(line, column), value) for column, value in stated.items()):
            found.append(record)
    if not found:
        raise _Misfit("paths.no_match", kind=kind, known=known)
    if len(found) > 1 and not effect.each:
        raise _Misfit("paths.several", kind=kind, found=", ".join(found))
    return found


def _alike(value: Any, wanted: Any) -> bool:
    if isinstance(value, Decimal):
        return str(wanted) == str(value)
    return str(value) == str(wanted)


def _checked(line: Shape, changes: Mapping[str, Any]) -> Any:
    """The record with these values, read as a file of values reads them."""
    kept = {c: getattr(line, c) for c in type(line).model_fields}
    try:
        return type(line).model_validate({**kept, **changes})
    except ValidationError as error:
        raise _wrong(error) from None


def _wrong(error: ValidationError) -> _Misfit:
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "-"
    return _Misfit("paths.bad_value", name=where, why=reason(first))


def _record(effect: Effect, option: str, before: int, ground: Ground) -> Line:
    """A record that a measure brings, named after it; of the evaluation year where no year is given."""
    kind = effect.new or ""
    model = KINDS.get(kind)
    if model is None:
        raise _Misfit("paths.no_kind", name=kind, known=", ".join(KINDS))
    if "id" in effect.values:
        raise _Misfit("paths.own_id")
    name = f"{kind}:{option}" + (f"#{before + 1}" if before else "")
    if name in ground.lines[kind]:
        raise _Misfit("paths.id_taken", name=name)
    years = {c: ground.evidence.values.year for c in YEARS if c in model.model_fields}
    try:
        line = model.model_validate({**years, **effect.values, "id": name})
    except ValidationError as error:
        raise _wrong(error) from None
    if broken := broken_by(kind, line, None):
        raise _Misfit("paths.impossible_record", part=broken[0], whole=broken[1])
    return line


def _ticks(effect: Effect, scheme: Scheme) -> dict[tuple[str, str], bool]:
    address = effect.checklist or ""
    rule = next((r for r in scheme.rules if r.address == address), None)
    keys = [i.key for i in rule.curve.checklist] if rule and isinstance(rule.curve, Checklist) else []
    if not keys:
        known = ", ".join(r.address for r in scheme.rules if isinstance(r.curve, Checklist))
        raise _Misfit("paths.no_checklist", address=address, known=known)
    for key in (*effect.tick, *effect.untick):
        if key not in keys:
            raise _Misfit("paths.no_item", name=key, address=address, known=", ".join(keys))
    return {(address, k): True for k in effect.tick} | {(address, k): False for k in effect.untick}


def excluding(one: Option, other: Option) -> bool:
    """Whether two options rule each other out by what the file says."""
    if one.measure.id == other.measure.id:
        return one.id != other.id
    return any(
        a.id in b.measure.excludes or a.measure.id in b.measure.excludes
        for a, b in ((one, other), (other, one))
    )


def _contradictions(book: MeasureBook, found: Sequence[Option]) -> Iterator[Problem]:
    """Two options that can be taken together and set one cell or tick one item differently."""
    ids = [m.id for m in book.measures]
    for n, one in enumerate(found):
        for other in found[:n]:
            if excluding(one, other):
                continue
            mine: dict[Any, Any] = {**one.sets, **one.ticks}
            theirs: dict[Any, Any] = {**other.sets, **other.ticks}
            for cell in mine.keys() & theirs.keys():
                if mine[cell] != theirs[cell]:
                    line = book.source.line("measures", ids.index(one.measure.id))
                    names = f"{other.id}, {one.id}"
                    shown = shown_cell(cell) if len(cell) == 3 else " ".join(cell)
                    yield Problem(book.source.name, line, "paths.set_twice", {"cell": shown, "names": names})


def _into_nothing(book: MeasureBook, ground: Ground, found: Sequence[Option]) -> Iterator[Problem]:
    """Additions to a cell that is empty and that no measure fills."""
    filled = {cell for option in found for cell in option.sets}
    ids = [m.id for m in book.measures]
    for option in found:
        for cell in sorted({*option.adds, *option.factors} - filled):
            if ground.cell(cell) is None:
                line = book.source.line("measures", ids.index(option.measure.id))
                yield Problem(book.source.name, line, "paths.empty_cell", {"cell": shown_cell(cell)})


def cells_after(ground: Ground, taken: Iterable[Option]) -> dict[Cell, Any]:
    """The cells that these options change, as they are afterwards."""
    taken = list(taken)
    found: dict[Cell, Any] = {}
    with localcontext(EXACT):
        for option in taken:
            for cell in option.cells - found.keys():
                found[cell] = ground.cell(cell)
        for option in taken:
            found.update(option.sets)
        for option in taken:
            for cell, factor in option.factors.items():
                found[cell] = None if found[cell] is None else found[cell] * factor
        for option in taken:
            for cell, addend in option.adds.items():
                found[cell] = None if found[cell] is None else found[cell] + addend
    return found


def lines_after(ground: Ground, taken: Iterable[Option]) -> dict[str, dict[str, Shape]]:
    """The records that these options change, as they are afterwards, by kind."""
    updates: dict[tuple[str, str], dict[str, Any]] = {}
    for (kind, record, column), value in cells_after(ground, taken).items():
        updates.setdefault((kind, record), {})[column] = value
    found: dict[str, dict[str, Shape]] = {}
    for (kind, record), update in updates.items():
        found.setdefault(kind, {})[record] = ground.lines[kind][record].model_copy(update=update)
    return found


def evidence_after(ground: Ground, taken: Iterable[Option]) -> Evidence:
    """The evidence as if the options had been in effect in the evaluation year; gates and judgements stay."""
    taken = list(taken)
    evidence = ground.evidence
    changed = lines_after(ground, taken)
    update: dict[str, Any] = {}
    for kind in {*changed, *(kind for option in taken for kind, _ in option.news)}:
        after = {**ground.lines[kind], **changed.get(kind, {})}
        if kind == GIVEN:
            update[kind] = {name.partition(":")[2]: one for name, one in after.items()}
            continue
        born = [line for option in taken for k, line in option.news if k == kind]
        update[kind] = (*after.values(), *born)
    items = {address: dict(known) for address, known in evidence.items.items()}
    for option in taken:
        for (address, key), present in option.ticks.items():
            items.setdefault(address, {})[key] = present, (option.id,)
    return replace(evidence, values=evidence.values.model_copy(update=update), items=items)


def broken_by(
    kind: str, after: Shape, before: Shape | None, only: Collection[str] | None = None
) -> tuple[str, str] | None:
    """What cannot be in a record after measures and was not so before: a part above its whole, less than nothing.

    With `only`, what is bound together by exactly those columns.
    """
    for part, whole in WHOLES.get(kind, ()):
        if only is not None and set(only) != {part, *whole}:
            continue
        if _above(after, part, whole) and not (before and _above(before, part, whole)):
            return part, " + ".join(whole)
    for column in type(after).model_fields:
        if kind == GIVEN or (only is not None and set(only) != {column}):
            continue
        value, was = getattr(after, column), getattr(before, column, None)
        if isinstance(value, Decimal) and value < 0 and not (was is not None and was < 0):
            return "0", column
    return None


def _above(line: Shape, part: str, whole: Sequence[str]) -> bool:
    own, rest = getattr(line, part), [getattr(line, c) for c in whole]
    if own is None or rest[0] is None:
        return False
    with localcontext(EXACT):
        return bool(own > sum(v for v in rest if v is not None))
