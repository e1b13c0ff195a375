"""The published shape of an inventory, as models that mirror it exactly and as JSON Schema derived from them."""

from typing import Annotated, Any

from pydantic import Field

from shall.engine.accounts.inventory import INVENTORY_FORMAT
from shall.engine.reports.schema import Both, Count, Day, Digest, Exact, Organisation, Position

Number = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", description="a decimal as text, all digits")]
Share = Annotated[str, Field(pattern=r"^-?\d+\.\d{2}$", description="percent")]


class SetUsed(Exact):
    """A factor set by key, edition and digest."""

    set: str
    edition: str
    digest: Digest


class Because(Both):
    """Why the methodology takes the set."""

    set: str
    title: Both


class BasisUsed(Exact):
    """The methodology and the sets it names."""

    methodology: str
    edition: str
    year: int
    region: str | None
    sets: dict[str, SetUsed]
    title: Both
    because: dict[str, Because]


class Totals(Exact):
    """The total, and what stands apart from it."""

    emissions: Number
    emissions_market: Number | None
    exported: Number
    biogenic: Number
    montreal: Number
    removals: Number
    offsets: Number


class Part(Exact):
    """One group of a breakdown; the groups of a level add up to the total."""

    key: str
    label: Both
    emission: Number
    share: Share | None


class FactorUsed(Exact):
    """The factor of a line."""

    key: str
    value: Number
    unit: str
    name: Both
    source: Both
    confidence: str
    year: int | None
    region: str | None


class Period(Exact):
    """First and last day, those outside the year left out."""

    from_: Annotated[Day, Field(alias="from")]
    until: Day


class LineResult(Exact):
    """One datum with its arithmetic."""

    id: str
    record: str
    name: str
    source_class: str
    substance: str | None
    source: str | None
    part: str
    scope: str
    category: str
    gas: str
    site: str | None
    unit: str | None
    period: Period
    quantity: Number | None
    measure_unit: str | None
    method: str
    factor: FactorUsed
    emission: Number
    emission_market: Number | None
    arithmetic: str
    filled: str | None
    recorded: Number | None
    readings: list[Both]


class CertificateResult(Exact):
    """Green power in MWh and the emission it takes away from the market-based total."""

    record: str
    number: str
    power: Number
    counted: Number
    avoided: Number
    readings: list[Both]


class Market(Exact):
    """Purchased electricity, market-based."""

    location: Number
    before_certificates: Number
    certificates: list[CertificateResult]
    residual: FactorUsed | None
    total: Number


class Removed(Exact):
    """A removal of a sink, or an offset."""

    record: str
    number: str
    name: str
    quantity: Number


class Apart(Exact):
    """What is not netted."""

    sinks: list[Removed]
    offsets: list[Removed]


class Intensity(Exact):
    """Emission per output over the days both cover; no value where it cannot be told."""

    name: Both
    unit: str
    value: Number | None
    emission: Number | None
    denominator: Number | None
    days: Count
    arithmetic: str | None
    readings: list[Both]


class Comparison(Exact):
    """This year against a baseline, the year before or the inventory on record."""

    kind: str
    name: Both
    unit: str
    ours: Number
    theirs: Number | None
    change: Number | None
    record: str | None
    readings: list[Both]


class DatumQuality(Exact):
    """Origin, meter and uncertainty of one line."""

    id: str
    origin: str
    document: str | None
    meter: str | None
    calibration: str
    calibration_record: str | None
    activity_percent: Number
    activity_basis: str
    factor_percent: Number
    percent: Number


class Origin(Exact):
    """Emission by origin of the data."""

    key: str
    emission: Number
    share: Share | None


class Estimated(Exact):
    """What rests on estimated or filled data."""

    emission: Number
    share: Share | None


class Coverage(Exact):
    """Items that run all year, those with gaps, and the months on record in full of all that there should be."""

    items: Count
    items_with_gaps: Count
    months: Count
    months_of: Count


class Completeness(Exact):
    """Months of the year without a datum of an item."""

    name: str
    meter: str | None
    months_missing: list[str]
    months_partial: list[str]
    days_missing: Count
    filled: str


class Uncertainty(Exact):
    """Half-width at 95 % and range of the total."""

    percent: Number | None
    half_width: Number
    low: Number
    high: Number
    items: Count
    factors: Count


class Differing(Exact):
    """A datum whose recorded emission is not ours."""

    id: str
    recorded: Number
    computed: Number


class RecordedEmissions(Exact):
    """Our emissions against those recorded with the data."""

    same: Count
    differing: list[Differing]


class Quality(Exact):
    """The quality view."""

    data: list[DatumQuality]
    origins: list[Origin]
    estimated: Estimated
    coverage: Coverage
    completeness: list[Completeness]
    not_filled: list[Both]
    uncertainty: Uncertainty
    recorded: RecordedEmissions
    rule: Both


class InventoryReceipt(Exact):
    """What the inventory can be computed again from."""

    software: str
    methodology: str
    sets: dict[str, Digest]
    evidence: Position
    result: Digest


class InventoryResult(Exact):
    """The inventory of one organisation and year."""

    format: Annotated[int, Field(json_schema_extra={"const": INVENTORY_FORMAT})]
    organisation: Organisation
    year: int
    unit: str
    places: int
    fill: str
    basis: BasisUsed
    totals: Totals
    breakdown: dict[str, list[Part]]
    lines: list[LineResult]
    market: Market | None
    apart: Apart
    intensities: list[Intensity]
    comparisons: list[Comparison]
    quality: Quality
    left_out: dict[str, list[str]]
    readings: list[Both]
    receipt: InventoryReceipt


def inventory_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of an inventory."""
    derived = InventoryResult.model_json_schema(by_alias=True)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:shall:inventory:{INVENTORY_FORMAT}",
    }
    return head | derived
