"""What a score is computed from, as plain values: the shape of a values file, filled from a store as well.

Lists bear the names of evidence kinds, their fields those of the kinds' columns, in the units of the columns.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import Field, model_validator

from shall.engine.loader import Problem, RulesetProblems
from shall.engine.models import Address, Shape, Text
from shall.engine.scoring.numbers import Number, Share
from shall.engine.scoring.table import read_file
from shall.engine.wrong import Wrong
from shall.texts.errors import EvidenceError

_M = TypeVar("_M", bound=Shape)


class Line(Shape):
    """A record: `id` names it in the arithmetic."""

    id: Text | None = None


class FactoryYear(Line):
    """A year of the factory; emissions in tCO2e before offsets, value added in 万元, energy in tce."""

    data_year: int | None = None
    value_added: Number | None = None
    gross_emissions: Number | None = None
    net_emissions: Number | None = None
    residual_emissions: Number | None = None
    comprehensive_energy: Number | None = None


class RenewableSupply(Line):
    """Non-fossil energy of one origin used in a year, in tce."""

    data_year: int | None = None
    energy_source: str | None = None
    renewable: bool | None = None
    amount: Number | None = None
    green_certificate: str | None = None


class RoofArea(Line):
    """A roof and its photovoltaic area in m2."""

    usable_area: Number | None = None
    pv_area: Number | None = None
    in_operation_since: date | None = None


class WasteEnergy(Line):
    """Waste energy available and used in a year, in tce."""

    data_year: int | None = None
    available: Number | None = None
    used: Number | None = None
    utilised: bool | None = None


class MaterialUse(Line):
    """A main material used for a product in a year."""

    product: str | None = None
    material: str | None = None
    data_year: int | None = None
    amount: Number | None = None
    measure_unit: str | None = None
    qualified_output: Number | None = None
    product_unit: str | None = None


class EnergyIntensity(Line):
    """Energy of a product in a year in tce, its qualified output, the grade of the energy limit it reaches."""

    product: str | None = None
    data_year: int | None = None
    energy: Number | None = None
    qualified_output: Number | None = None
    measure_unit: str | None = None
    quota_exists: bool | None = None
    quota_grade: str | None = Field(default=None, pattern="^([123]|none)$")


class Recyclability(Line):
    """Mass of a product and of what can be recovered of it, in kg."""

    product: str | None = None
    data_year: int | None = None
    total_mass: Number | None = None
    recoverable_mass: Number | None = None


class ProductFootprint(Line):
    """The footprint of a product in a year, in kgCO2e per functional unit."""

    product: str | None = None
    footprint_year: int | None = None
    functional_unit: str | None = None
    amount: Number | None = None
    accounting_standard: str | None = None
    completed_on: date | None = None


class Product(Line):
    """A product of the factory."""

    key_industrial_product: bool | None = None
    is_service: bool | None = None


class Technology(Line):
    """A technology or machine in use that a national catalogue lists."""

    catalogue: str | None = None
    catalogue_edition: str | None = None
    entry_number: str | None = None
    in_use: bool | None = None


class Building(Line):
    """A building, its floor area in m2 and its energy class."""

    floor_area: Number | None = None
    energy_class: str | None = None
    class_state: str | None = None
    class_proof: str | None = None


class SolidWaste(Line):
    """An industrial solid waste in a year, in t; `utilised` includes what was taken from earlier stock."""

    data_year: int | None = None
    generated: Number | None = None
    utilised: Number | None = None
    utilised_from_stock: Number | None = None


class Offset(Line):
    """Credits for emissions of a period, in tCO2e."""

    offset_type: str | None = None
    purpose: str | None = None
    quantity: Number | None = None
    serial_number: str | None = None
    purchased_on: date | None = None
    cancelled_on: date | None = None
    cancellation_number: str | None = None
    green_certificate: str | None = None
    period_until: date | None = None


class GreenCertificate(Line):
    """A batch of green certificates by number, and the uses it was put to."""

    certificate_type: str | None = None
    certificate_number: str | None = None
    cancelled_on: date | None = None
    used_as: str | None = Field(default=None, pattern="^(renewable_energy|offset|market)$")


class CarbonInventory(Line):
    """An inventory of a period in tCO2e: what is added up in its total tells the scopes of a factory's emissions."""

    period_from: date | None = None
    period_until: date | None = None
    scope1: Number | None = None
    scope2: Number | None = None
    scope3: Number | None = None
    emissions: Number | None = None


class Judged(Shape):
    """The share of the points that a person gave to an indicator."""

    fraction: Share
    by: Text
    on: date
    because: Text


class Given(Shape):
    """A number stated for an indicator of the user's own, in the unit of its curve."""

    value: Number
    because: Text


class Applies(Shape):
    """Whether an indicator applies to the factory."""

    applies: bool
    because: Text


class Gate(Shape):
    """Whether a basic requirement is met, as somebody found it."""

    met: bool | None
    because: Text


KINDS: Mapping[str, type[Line]] = {
    "factory_year": FactoryYear,
    "renewable_supply": RenewableSupply,
    "roof_area": RoofArea,
    "waste_energy": WasteEnergy,
    "material_use": MaterialUse,
    "energy_intensity": EnergyIntensity,
    "recyclability": Recyclability,
    "product_footprint": ProductFootprint,
    "product": Product,
    "technology": Technology,
    "building": Building,
    "solid_waste": SolidWaste,
    "offset": Offset,
    "green_certificate": GreenCertificate,
    "carbon_inventory": CarbonInventory,
}
"""The kinds of evidence that hold quantities."""


class Values(Shape):
    """Everything a score needs: the year, quantities, checklists, and what persons decided."""

    title: ClassVar[str] = "values of a zero-carbon score"

    organisation: Text | None = None
    year: int = Field(ge=1900, le=2200)
    base_year: int | None = Field(default=None, ge=1900, le=2200)
    on: date | None = None
    factory_year: tuple[FactoryYear, ...] = ()
    renewable_supply: tuple[RenewableSupply, ...] = ()
    roof_area: tuple[RoofArea, ...] = ()
    waste_energy: tuple[WasteEnergy, ...] = ()
    material_use: tuple[MaterialUse, ...] = ()
    energy_intensity: tuple[EnergyIntensity, ...] = ()
    recyclability: tuple[Recyclability, ...] = ()
    product_footprint: tuple[ProductFootprint, ...] = ()
    product: tuple[Product, ...] = ()
    technology: tuple[Technology, ...] = ()
    building: tuple[Building, ...] = ()
    solid_waste: tuple[SolidWaste, ...] = ()
    offset: tuple[Offset, ...] = ()
    green_certificate: tuple[GreenCertificate, ...] = ()
    carbon_inventory: tuple[CarbonInventory, ...] = ()
    checklists: Mapping[Address, Mapping[str, bool | None]] = Field(default_factory=dict)
    fractions: Mapping[Address, Judged] = Field(default_factory=dict)
    given: Mapping[Address, Given] = Field(default_factory=dict)
    applies: Mapping[Address, Applies] = Field(default_factory=dict)
    gates: Mapping[Address, Gate] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _base_year_before(self) -> "Values":
        if self.base_year is not None and self.base_year >= self.year:
            raise Wrong("wrong.base_year")
        return self

    @model_validator(mode="after")
    def _ids_once(self) -> "Values":
        for kind in KINDS:
            ids = Counter(line.id for line in getattr(self, kind) if line.id)
            twice = sorted(name for name, times in ids.items() if times > 1)
            if twice:
                raise Wrong("wrong.id_twice", kind=kind, ids=", ".join(twice))
        return self

    def named(self) -> "Values":
        """The same values, each record without an id named after its place: `roof_area[0]`."""
        changed = {
            kind: tuple(
                line.model_copy(update={"id": f"{kind}:{line.id}" if line.id else f"{kind}[{n}]"})
                for n, line in enumerate(getattr(self, kind))
            )
            for kind in KINDS
        }
        return self.model_copy(update=changed)


class Decisions(Shape):
    """What persons decided, to go with the evidence of a store."""

    fractions: Mapping[Address, Judged] = Field(default_factory=dict)
    given: Mapping[Address, Given] = Field(default_factory=dict)
    applies: Mapping[Address, Applies] = Field(default_factory=dict)


class ValuesProblems(EvidenceError):
    """A values file that cannot be used, with everything found wrong in it."""

    def __init__(self, problems: RulesetProblems) -> None:
        super().__init__("scoring.values_problems", count=len(problems.problems))
        self.problems = problems.problems

    def text(self, lang: str) -> str:
        """Every problem on a line of its own, below a head line."""
        return "\n".join([super().text(lang), *(f"  {p.text(lang)}" for p in self.problems)])


def read_values(path: Path) -> Values:
    """A values file (YAML or JSON) as values; raises ValuesProblems naming every mistake with its line."""
    return _read(path, Values).named()


def read_decisions(path: Path) -> Decisions:
    """What persons decided, from a file that holds nothing else; raises ValuesProblems."""
    return _read(path, Decisions)


def _read(path: Path, model: type[_M]) -> _M:
    problems: list[Problem] = []
    values, _, _ = read_file(path, path.name, model, problems)
    if values is None:
        raise ValuesProblems(RulesetProblems(problems))
    return values


def unknown_addresses(decided: Values | Decisions, known: Mapping[str, object]) -> Iterator[str]:
    """Addresses that something was decided about and that are not scored."""
    for part in ("fractions", "given", "applies", "checklists"):
        yield from (a for a in getattr(decided, part, ()) if a not in known)


def values_schema() -> dict[str, Any]:
    """The JSON Schema of a values file."""
    return Values.model_json_schema(mode="validation")
