"""Which factors an inventory uses: chosen by methodology and year, then frozen, never guessed.

A methodology names one set for every use, with the reason. What the named set does not hold is a MissingFactor that
lists what would fit.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shall.engine.accounts.factor_library import Library, library
from shall.engine.accounts.factor_sets import (
    CONFIDENCE,
    NATIONAL,
    USES,
    BlendValue,
    CoalValue,
    FactorSet,
    FuelValue,
    Gap,
    GridValue,
    Methodology,
    PlainValue,
    SetChoice,
    Value,
    ValueSource,
    Years,
    folded,
)
from shall.engine.accounts.units import decimal, finite, unit
from shall.engine.models import Both
from shall.texts import LANGUAGES, say
from shall.texts.errors import EvidenceError

DENSITY = "density"
CARBON_TO_CO2 = Fraction(44, 12)
"""Mass of carbon dioxide per mass of carbon, by the rounded molar masses that the guidelines use."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Something that would fit where a factor is missing."""

    set: str
    what: str
    region: str | None = None
    year: int | None = None
    years: str = ""

    def text(self) -> str:
        """On one line, in words of the sets themselves."""
        parts = [self.set, self.what, self.region, str(self.year or self.years)]
        return " · ".join(part for part in parts if part)


class MissingFactor(EvidenceError):
    """The chosen set does not hold what is asked; says what is known of the gap and what would fit."""

    SHOWN = 12

    def __init__(
        self,
        key: str,
        fits: Sequence[Fit] = (),
        gaps: Sequence[Both] = (),
        holds: Sequence[str] = (),
        /,
        **fields: object,
    ) -> None:
        self.fits, self.gaps, self.holds = tuple(fits), tuple(gaps), tuple(holds)
        super().__init__(key, **fields)

    def text(self, lang: str) -> str:
        """What is missing, what the set holds instead, then what would fit, one per line."""
        lines = [say(self.key, lang, **self.fields)]
        lines += [
            say("accounts.known_gap", lang, note=gap.zh if lang == "zh" else gap.en) for gap in self.gaps
        ]
        if self.holds:
            lines.append(say("accounts.set_holds", lang, names=", ".join(self.holds)))
        if not self.fits:
            return "\n".join([*lines, say("accounts.nothing_fits", lang)])
        lines.append(say("accounts.would_fit", lang, count=len(self.fits)))
        lines += [f"  {fit.text()}" for fit in self.fits[: self.SHOWN]]
        if len(self.fits) > self.SHOWN:
            lines.append(say("accounts.more_fit", lang, count=len(self.fits) - self.SHOWN))
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One use: the set, and the choice of the methodology that led to it."""

    set: FactorSet
    choice: SetChoice


@dataclass(frozen=True)
class Basis:
    """The sets that an inventory of one methodology, year and region uses: frozen, and named in its result."""

    methodology: Methodology
    year: int
    region: str | None
    chosen: Mapping[str, Chosen]
    library: Library = field(repr=False, compare=False)

    def stamp(self) -> dict[str, Any]:
        """What a result keeps of it: keys, editions and digests, in plain values."""
        sets = {
            use: {"set": c.set.key, "edition": c.set.edition, "digest": c.set.digest}
            for use, c in self.chosen.items()
        }
        head = {"methodology": self.methodology.key, "edition": self.methodology.edition}
        return {**head, "year": self.year, "region": self.region, "sets": sets}


@dataclass(frozen=True, slots=True)
class Part:
    """One input of a computed factor."""

    name: str
    value: Fraction
    unit: str


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor with everything needed to recompute and to defend it.

    `exact` is the factor itself; `value` is its decimal, exact where `finite` says so. `year` is the year of the data,
    `rule` names in YEAR_RULES how it was chosen, and `newer` says of later years up to the inventory year why not they.
    """

    use: str
    what: str
    name: Both
    exact: Fraction
    unit: str
    gas: str
    set: str
    edition: str
    digest: str
    source: ValueSource
    confidence: str
    note: Both | None = None
    region: str | None = None
    year: int | None = None
    rule: str | None = None
    newer: tuple[Gap, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def value(self) -> Decimal:
        """The factor as a decimal: exact if it has a finite form, else to 34 significant digits."""
        return decimal(self.exact)

    @property
    def finite(self) -> bool:
        """Whether `value` is exact."""
        return finite(self.exact)


def choose(
    methodology: str,
    year: int,
    region: str | None = None,
    *,
    known: Library | None = None,
    editions: Mapping[str, str] | None = None,
    densities: str | None = None,
) -> Basis:
    """The sets that a methodology uses for an inventory year, at their newest edition or at the `editions` named.

    `region` is the province or grid whose electricity is used, where the methodology asks for one. `editions` (set key
    to edition, as a result's stamp has them) repeats an old choice; the methodology may be `key@edition` likewise.
    `densities` is the key of a set of densities, which the user allows where the methodology names none.
    """
    shelf = known or library()
    found = _methodology(methodology, shelf)
    if not found.years.hold(year):
        fits = [
            Fit(m.key, "methodology", years=str(m.years)) for m in shelf.methodologies if m.years.hold(year)
        ]
        fields = {"methodology": found.key, "year": year, "years": str(found.years)}
        raise MissingFactor("accounts.methodology_year", fits, **fields)
    pinned = dict(editions or {})
    chosen: dict[str, Chosen] = {}
    for use, choice in found.uses.items():
        if choice.area == "region" and region is None:
            raise EvidenceError(
                "accounts.no_region", methodology=found.key, regions=_regions(shelf, choice.set)
            )
        chosen[use] = Chosen(_edition(shelf, choice.set, pinned.get(choice.set)), choice)
    if densities is not None:
        chosen[DENSITY] = _densities(shelf, densities, pinned.get(densities))
    if stray := sorted(set(pinned) - {c.set.key for c in chosen.values()}):
        raise EvidenceError("accounts.edition_unused", sets=", ".join(stray), methodology=found.key)
    return Basis(found, year, region, chosen, shelf)


def _densities(shelf: Library, key: str, edition: str | None) -> Chosen:
    """The set of densities that the user names; raises EvidenceError where there is no such set."""
    held = [k for k, editions in shelf.editions.items() if any(s.kind == DENSITY for s in editions.values())]
    if key not in held:
        raise EvidenceError("accounts.no_densities", found=key, allowed=", ".join(held))
    because = Both(**{lang: say("inventory.because_density", lang) for lang in LANGUAGES})
    return Chosen(_edition(shelf, key, edition), SetChoice(set=key, because=because))


def reopen(stamp: Mapping[str, Any], known: Library | None = None) -> Basis:
    """The basis that a result was made with, from its stamp; raises EvidenceError if a set is gone or was altered."""
    named = {entry["set"]: entry["edition"] for entry in stamp["sets"].values()}
    methodology = f"{stamp['methodology']}@{stamp['edition']}"
    densities = stamp["sets"].get(DENSITY, {}).get("set")
    basis = choose(
        methodology, stamp["year"], stamp["region"], known=known, editions=named, densities=densities
    )
    for use, entry in stamp["sets"].items():
        now = basis.chosen.get(use)
        if now is None or now.set.digest != entry["digest"]:
            raise EvidenceError("accounts.set_altered", set=f"{entry['set']}@{entry['edition']}")
    return basis


def factor(basis: Basis, use: str, what: str | None = None) -> Factor:
    """The factor of one use (a key of USES) for one thing (gas, fuel, carbonate ...); raises MissingFactor.

    Electricity takes no `what`: the methodology says which. A potential may be asked for a refrigerant blend, whose
    value is computed from the mass fractions. Names are taken in Chinese, English or as symbols.
    """
    if use not in USES:
        raise EvidenceError("accounts.unknown_use", found=use, allowed=", ".join(USES))
    chosen = basis.chosen.get(use)
    if chosen is None:
        raise MissingFactor("accounts.use_not_chosen", methodology=basis.methodology.key, use=use)
    if USES[use] == "grid":
        return _electricity(basis, use, chosen)
    if what is None:
        what = "heat" if use == "heat" else ""
    value = _only(chosen.set, what, basis.year)
    if value is None and use == "gwp" and (blend := _blend(basis, what)):
        return blend
    if value is None:
        raise _missing(basis, use, what)
    return _lowered(use, chosen.set, value)


def _lowered(use: str, one: FactorSet, value: Value) -> Factor:
    """A value of a set as a factor; a fuel's is computed."""
    match value:
        case FuelValue():
            ncv, carbon, oxidation = map(Fraction, (value.ncv, value.carbon, value.oxidation))
            parts = (
                Part("ncv", ncv, f"GJ/{value.per}"),
                Part("carbon", carbon, "tC/GJ"),
                Part("oxidation", oxidation, "1"),
                Part("carbon_to_co2", CARBON_TO_CO2, "tCO2/tC"),
            )
            product = ncv * carbon * oxidation * CARBON_TO_CO2
            return _made(use, one, value, product, f"tCO2/{value.per}", parts=parts)
        case CoalValue() if value.value is None:
            names = {"what_zh": value.name.zh, "what_en": value.name.en}
            fields = {"set": one.reference, "low": value.low, "high": value.high, "unit": value.unit}
            raise EvidenceError("accounts.only_a_range", **names, **fields)
        case PlainValue() | GridValue() | CoalValue():
            assert value.value is not None
            return _made(use, one, value, Fraction(value.value), one.unit_of(value))
    raise EvidenceError("accounts.no_single_value", set=one.reference, what=value.what)


def _made(use: str, one: FactorSet, value: Value, exact: Fraction, measured: str, **more: Any) -> Factor:
    return Factor(
        use=use,
        what=value.what,
        name=value.name,
        exact=exact,
        unit=measured,
        gas=_gas(measured),
        set=one.key,
        edition=one.edition,
        digest=one.digest,
        source=one.sources[value.source],
        confidence=value.confidence,
        note=value.note,
        region=getattr(value, "region", None),
        year=getattr(value, "year", None),
        **more,
    )


def _gas(measured: str) -> str:
    """What a factor of that unit counts: `CO2`, `CO2e`, or nothing for what is no emission."""
    parts = unit(measured).dimension
    return "CO2" if parts.get("co2") else "CO2e" if parts.get("co2e") else ""


def _blend(basis: Basis, what: str) -> Factor | None:
    """The potential of a refrigerant blend: the mass-weighted sum of those of its components."""
    chosen = basis.chosen.get("blend")
    value = _only(chosen.set, what, basis.year) if chosen else None
    if chosen is None or not isinstance(value, BlendValue):
        return None
    gases = {gas: factor(basis, "gwp", gas) for gas in value.fractions}
    parts = tuple(
        part
        for gas, share in value.fractions.items()
        for part in (
            Part(f"share:{gas}", Fraction(share), "1"),
            Part(f"gwp:{gas}", gases[gas].exact, gases[gas].unit),
        )
    )
    total = sum((Fraction(share) * gases[gas].exact for gas, share in value.fractions.items()), Fraction())
    made = _made("blend", chosen.set, value, total, "kgCO2e/kg", parts=parts)
    weakest = max((made.confidence, *(g.confidence for g in gases.values())), key=list(CONFIDENCE).index)
    return replace(made, confidence=weakest)


def _electricity(basis: Basis, use: str, chosen: Chosen) -> Factor:
    """The grid factor of the methodology's area, by its year rule and no other."""
    choice, one = chosen.choice, chosen.set
    region = NATIONAL if choice.area == "national" else _province(basis.region or "")
    held = [v for v in one.values if isinstance(v, GridValue) and v.what == choice.what and v.lies_in(region)]
    held = [v for v in held if one.holds_for(v, basis.year) and _fits_year(v, choice.year_rule, basis.year)]
    if not held:
        raise _missing(basis, use, choice.what or "", region)
    value = max(held, key=lambda v: v.year or 0)
    newer = _gaps(one, value.what, value.region, range((value.year or basis.year) + 1, basis.year + 1))
    return replace(_lowered(use, one, value), rule=choice.year_rule, newer=newer)


def _gaps(one: FactorSet, what: str, region: str | None, years: range) -> tuple[Gap, ...]:
    """What the set says of values it lacks, for those years or for none in particular."""
    return tuple(
        gap
        for gap in one.gaps
        if folded(gap.what) == folded(what)
        and folded(gap.region or region or "") == folded(region or "")
        and (gap.year is None or gap.year in years)
    )


def _here(value: Value, region: str) -> bool:
    return isinstance(value, GridValue) and value.lies_in(region)


def _fits_year(value: GridValue, rule: str | None, year: int) -> bool:
    match rule:
        case "latest_not_later":
            return value.year is not None and value.year <= year
        case "same_year":
            return value.year == year
    return value.years is not None and value.years.hold(year)


_ENDINGS = re.compile(r"(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|区域电网|电网)$")


def _province(region: str) -> str:
    """A region as the sets write it: 江苏省 is 江苏."""
    return _ENDINGS.sub("", unicodedata.normalize("NFKC", region).strip())


def _only(one: FactorSet, what: str, year: int) -> Value | None:
    """The one value that answers to the name and holds for the year."""
    name = folded(what)
    return next((v for v in one.values if name in v.names and one.holds_for(v, year)), None)


def _missing(basis: Basis, use: str, what: str, region: str | None = None) -> MissingFactor:
    """What is missing, what the set itself says of it, what it does hold, and everything in any set that would fit."""
    chosen = basis.chosen[use].set
    gaps = _gaps(chosen, what, region, range(basis.year + 1))
    notes = dict.fromkeys(gap.note for gap in gaps)
    fields = {"what": what, "set": chosen.reference, "methodology": basis.methodology.key, "year": basis.year}
    fits = list(_fits(basis, use, folded(what), region))
    if region is None:
        holds = dict.fromkeys(v.what for v in chosen.values)
        return MissingFactor("accounts.missing_factor", fits, list(notes), list(holds), **fields)
    held = dict.fromkeys(v.region for v in chosen.values if isinstance(v, GridValue))
    return MissingFactor(
        "accounts.missing_grid_factor", fits, list(notes), list(held), region=region, **fields
    )


def _fits(basis: Basis, use: str, name: str, region: str | None) -> Iterator[Fit]:
    """The same thing in other editions, families or years, or things of a like name; nearest years first."""
    kind, chosen = USES[use], basis.chosen[use].set
    shelf = [s for s in basis.library.sets if s.kind == kind and s.use == "organisation"]
    same = [(s, v) for s in shelf for v in s.values if name in v.names or folded(v.what) == name]
    if region is not None:
        same = [(s, v) for s, v in same if _here(v, region) or _here(v, NATIONAL)]
    elif not same and len(name) > 1:
        same = [(chosen, v) for v in chosen.values if any(name in n or n in name for n in v.names)]

    def far(entry: tuple[FactorSet, Value]) -> tuple[bool, int, bool, str]:
        one, value = entry
        years = abs((getattr(value, "year", None) or basis.year) - basis.year)
        return not one.holds_for(value, basis.year), years, one.key != chosen.key, one.reference

    for one, value in sorted(same, key=far):
        span = value.years or one.years
        where, year = getattr(value, "region", None), getattr(value, "year", None)
        yield Fit(one.reference, value.what, where, year, "" if span == Years() else str(span))


def _methodology(name: str, shelf: Library) -> Methodology:
    key, _, edition = name.partition("@")
    found = [m for m in shelf.methodologies if m.key == key and edition in ("", m.edition)]
    if not found:
        allowed = ", ".join(dict.fromkeys(m.key for m in shelf.methodologies))
        raise EvidenceError("accounts.unknown_methodology", found=name, allowed=allowed)
    return max(found, key=lambda m: m.edition)


def _edition(shelf: Library, key: str, pinned: str | None) -> FactorSet:
    """The newest edition of a set, or the one pinned."""
    editions = shelf.editions[key]
    if pinned is None:
        return editions[max(editions)]
    if pinned not in editions:
        raise EvidenceError("accounts.unknown_edition", set=key, found=pinned, allowed=", ".join(editions))
    return editions[pinned]


def _regions(shelf: Library, key: str) -> str:
    return ", ".join(
        dict.fromkeys(v.region for v in _edition(shelf, key, None).values if isinstance(v, GridValue))
    )
