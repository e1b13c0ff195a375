"""What the records say about the size of an organisation: persons and the facts a complexity asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shall.engine.audit.sampling import in_force
from shall.evidence.store import Store

TJ_PER_TCE = Decimal("0.0293076")
"""1 tce is 29.3076 GJ."""


@dataclass(frozen=True, slots=True)
class Headcount:
    """Persons as the tables count them, None where no record says; facts by their key in the tables."""

    all: int | None
    involved: int | None
    facts: Mapping[str, Decimal]


def headcount(store: Store, organisation: str, on: date, known: int | None = None) -> Headcount:
    """All employees (the organisation's number, else its sites'), the people involved, energy and significant uses.

    The number of energy types is not taken from records: one that is missing there would make the audit shorter.
    """
    employees, energy = next(
        (
            (r[1], r[2])
            for r in in_force(store, "organisation", organisation, ("employees", "energy_use"), on, known)
        ),
        (None, None),
    )
    if employees is None:
        sites = in_force(store, "site", organisation, ("employees", "in_boundary"), on, known)
        counted = [r[1] for r in sites if r[2] != 0]
        employees = sum(counted) if counted and None not in counted else None
    columns = ("is_top_management", "in_carbon_team", "affects_carbon", "is_external")
    people = in_force(store, "person", organisation, columns, on, known)
    involved = sum(1 for r in people if (r[1] or r[2] or r[3]) and not r[4])
    uses = sum(
        1 for r in in_force(store, "significant_energy_use", organisation, ("energy_use",), on, known) if r[1]
    )
    facts: dict[str, Decimal] = {}
    if energy is not None:
        facts["energy_tj"] = Decimal(str(energy)) * TJ_PER_TCE
    if uses:
        facts["significant_uses"] = Decimal(uses)
    return Headcount(employees or None, involved or None, facts)
