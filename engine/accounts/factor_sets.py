"""The shapes of factor sets and methodologies as their YAML writes them: the only list of allowed keys."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from shall.engine.accounts.units import unit
from shall.engine.models import Both, Shape, Text
from shall.engine.wrong import Wrong
from shall.texts.errors import EvidenceError

NATIONAL = "全国"
Confidence = Literal["high", "medium-high", "medium", "low"]
CONFIDENCE: Mapping[str, tuple[str, str]] = {
    "high": ("高", "high"),
    "medium-high": ("较高", "medium to high"),
    "medium": ("中", "medium"),
    "low": ("低", "low"),
}
KINDS: Mapping[str, tuple[str, str]] = {
    "gwp": ("全球变暖潜势", "global warming potential"),
    "blend": ("混合制冷剂", "refrigerant blend"),
    "grid": ("电力排放因子", "factor of electricity"),
    "fuel": ("化石燃料", "fossil fuel"),
    "heat": ("热力排放因子", "factor of heat"),
    "carbonate": ("碳酸盐", "carbonate"),
    "coal_equivalent": ("折标准煤系数", "coefficient of standard coal"),
    "density": ("液体密度", "density of a liquid"),
}
USES: Mapping[str, str] = {
    "gwp": "gwp",
    "blend": "blend",
    "electricity_location": "grid",
    "electricity_market": "grid",
    "fuel": "fuel",
    "heat": "heat",
    "carbonate": "carbonate",
    "coal_equivalent": "coal_equivalent",
    "density": "density",
}
"""What a methodology chooses a set for, and the kind of set it must be."""

YEAR_RULES: Mapping[str, tuple[str, str]] = {
    "latest_not_later": (
        "最近一个不晚于核算年度的数据年",
        "the latest year of data that is not later than the inventory year",
    ),
    "same_year": ("数据年等于核算年度", "the year of data is the inventory year"),
    "stated_years": ("该值写明适用于核算年度", "the value says that it is for the inventory year"),
}


def _quoted(raw: object) -> object:
    """A number of a set is a quoted text: YAML would read 0.10 as a float and drop what was published."""
    if not isinstance(raw, str):
        raise Wrong("wrong.quoted_number")
    if not re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", raw):
        raise Wrong("wrong.plain_decimal")
    return raw


def _a_unit(raw: object) -> object:
    if isinstance(raw, str):
        try:
            unit(raw)
        except EvidenceError as error:
            raise Wrong(error.key, **error.fields) from None
    return raw


Number = Annotated[Decimal, BeforeValidator(_quoted), Field(ge=0)]
UnitText = Annotated[Text, BeforeValidator(_a_unit)]
EditionText = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Years(Shape):
    """Inventory years, both ends included; an end left out is open."""

    from_: int | None = Field(default=None, alias="from")
    until: int | None = None

    def hold(self, year: int) -> bool:
        """Whether the year lies in the span."""
        return (self.from_ is None or self.from_ <= year) and (self.until is None or year <= self.until)

    def meet(self, other: "Years") -> bool:
        """Whether some year lies in both spans."""
        starts, ends = (self.from_, other.from_), (self.until, other.until)
        return max(y or 0 for y in starts) <= min(9999 if y is None else y for y in ends)

    def __str__(self) -> str:
        return f"{self.from_ or ''}–{self.until or ''}"


class ValueSource(Both):
    """Where values come from; `reached` says whether the source itself, or a transcription of it, was read."""

    reached: bool


class Value(Shape):
    """What every value of a set carries."""

    what: Text
    name: Both
    also: tuple[Text, ...] = ()
    source: Text
    confidence: Confidence
    note: Both | None = None
    years: Years | None = None
    unit: UnitText | None = None

    @property
    def names(self) -> frozenset[str]:
        """Every name the value answers to, folded."""
        return frozenset(map(folded, (self.what, self.name.zh, self.name.en, *self.also)))


class PlainValue(Value):
    """One number: a potential, a factor of heat or of a carbonate."""

    value: Number


class GridValue(Value):
    """A factor of electricity in a region; `year` is the year of the data, where the series has one."""

    region: Text
    year: int | None = None
    value: Number

    def lies_in(self, region: str) -> bool:
        """Whether the region, by its Chinese or English name, is the value's."""
        return folded(region) in (folded(self.region), folded(self.name.en))


class FuelValue(Value):
    """Net calorific value (GJ per unit of fuel), carbon (tC/GJ) and oxidation (share, at most 1)."""

    per: UnitText
    ncv: Number
    carbon: Number
    oxidation: Annotated[Number, Field(le=1)]


class CoalValue(Value):
    """Standard coal per unit of energy: one number, or the range that the standard leaves open."""

    unit: UnitText
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None

    @model_validator(mode="after")
    def _one_or_range(self) -> "CoalValue":
        if (self.value is None) == (self.low is None) or (self.low is None) != (self.high is None):
            raise Wrong("wrong.value_or_range")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise Wrong("wrong.low_above_high")
        return self


class BlendValue(Value):
    """Mass fractions of the components, which sum to 1 exactly."""

    fractions: dict[str, Number] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> "BlendValue":
        if sum(self.fractions.values()) != 1:
            raise Wrong("wrong.fractions")
        return self


class Gap(Shape):
    """A value that was looked for and is not there."""

    what: Text
    region: Text | None = None
    year: int | None = None
    note: Both


class FactorSet(Shape):
    """One edition of one set."""

    key: Key
    edition: EditionText
    kind: Literal["gwp", "blend", "grid", "fuel", "heat", "carbonate", "coal_equivalent", "density"]
    title: Both
    about: Both
    use: Literal["organisation", "product_footprint"] = "organisation"
    years: Years = Years()
    sources: dict[str, ValueSource] = Field(min_length=1)
    unit: UnitText | None = None
    gaps: tuple[Gap, ...] = ()
    values: tuple[Value, ...] = Field(min_length=1)
    digest: str = ""

    @model_validator(mode="after")
    def _holds_together(self) -> "FactorSet":
        if self.kind in ("gwp", "grid", "heat", "carbonate", "density") and self.unit is None:
            raise Wrong("wrong.set_unit")
        return self

    @property
    def reference(self) -> str:
        """How a result names it: `key@edition`."""
        return f"{self.key}@{self.edition}"

    def unit_of(self, value: Value) -> str:
        """The value's own unit, else the set's."""
        return value.unit or self.unit or "percent"

    def holds_for(self, value: Value, year: int) -> bool:
        """Whether the value may serve an inventory of that year."""
        return self.years.hold(year) and (value.years is None or value.years.hold(year))


class PlainSet(FactorSet):
    """Potentials, factors of heat, factors of carbonates, densities."""

    values: tuple[PlainValue, ...] = Field(min_length=1)


class GridSet(FactorSet):
    """Factors of electricity."""

    values: tuple[GridValue, ...] = Field(min_length=1)


class FuelSet(FactorSet):
    """Defaults of fuels."""

    values: tuple[FuelValue, ...] = Field(min_length=1)


class CoalSet(FactorSet):
    """Coefficients of standard coal."""

    values: tuple[CoalValue, ...] = Field(min_length=1)


class BlendSet(FactorSet):
    """Compositions of refrigerant blends."""

    values: tuple[BlendValue, ...] = Field(min_length=1)


MODELS: Mapping[str, type[FactorSet]] = {
    "grid": GridSet,
    "fuel": FuelSet,
    "coal_equivalent": CoalSet,
    "blend": BlendSet,
}


class SetChoice(Shape):
    """The set a methodology takes for one use, and why."""

    set: Key
    because: Both
    what: Text | None = None
    area: Literal["national", "region"] | None = None
    year_rule: Literal["latest_not_later", "same_year", "stated_years"] | None = None


class Methodology(Shape):
    """Which sets an inventory takes, use by use, for which inventory years."""

    key: Key
    edition: EditionText
    title: Both
    years: Years = Years()
    uses: dict[str, SetChoice] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_uses(self) -> "Methodology":
        for use, choice in self.uses.items():
            if use not in USES:
                raise Wrong("wrong.unknown_use", use=use, allowed=", ".join(USES))
            asked = (choice.what, choice.area, choice.year_rule)
            if (USES[use] == "grid") != all(part is not None for part in asked):
                raise Wrong("wrong.grid_use", use=use)
        return self


def folded(name: str) -> str:
    """A name as it is compared: half-width, lower case, no spaces, hyphens or underscores."""
    return re.sub(r"[\s_\-‐–—]", "", unicodedata.normalize("NFKC", name)).casefold()
