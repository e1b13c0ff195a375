"""Which scopes a factory's emissions are the sum of, told by the inventory on record that has the same total."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from shall.engine.scoring.numbers import Said, said
from shall.engine.scoring.values import CarbonInventory, Values

NUMBERS = ("1", "2", "3")


def scopes(values: Values, *years: int | None) -> Iterator[Said]:
    """For each year with emissions on record, which scopes they are; where two years differ in that, that too."""
    known: set[tuple[str, ...]] = set()
    for year in years:
        emissions = _emissions(values, year)
        if emissions is None:
            continue
        held = [(one, _added(one)) for one in _inventories(values, year) if one.emissions == emissions]
        told = [(one, parts) for one, parts in held if parts]
        if not told:
            yield said("scoring.scopes_unsaid", year=year)
            continue
        record, parts = told[0]
        known.add(parts)
        yield said("scoring.scopes_told", year=year, record=record.id or "", scopes=parts)
    if len(known) > 1:
        yield said("scoring.scopes_differ")


def _emissions(values: Values, year: int | None) -> Decimal | None:
    """The emissions of the year before removals, where there is one record and it has them."""
    found = [y.gross_emissions for y in values.factory_year if y.data_year == year and year is not None]
    return found[0] if len(found) == 1 else None


def _inventories(values: Values, year: int | None) -> list[CarbonInventory]:
    """The inventories of the whole year, by id."""
    found = [
        one
        for one in values.carbon_inventory
        if year is not None and (one.period_from, one.period_until) == (date(year, 1, 1), date(year, 12, 31))
    ]
    return sorted(found, key=lambda one: one.id or "")


def _added(one: CarbonInventory) -> tuple[str, ...]:
    """The scopes that make up the total: all that are filled in, or the first of them that add up to it."""
    filled = [n for n in NUMBERS if getattr(one, f"scope{n}") is not None]
    for count in range(len(filled), 0, -1):
        if sum(getattr(one, f"scope{n}") for n in filled[:count]) == one.emissions:
            return tuple(filled[:count])
    return ()
