"""Units of carbon accounts behind one small door: pint holds the definitions, every number stays exact.

The registry is empty but for the units below, so a unit that is not here is an error and never a guess. Each kind of
quantity that must not be mixed is a dimension of its own: CO2 and CO2 equivalent, carbon, gas at standard conditions,
money, products. pint is imported at the first use of a unit, not with this module.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from difflib import get_close_matches
from fractions import Fraction
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from shall.engine.accounts.unit_names import DEFINITIONS, SPELLINGS, WORDS
from shall.texts.errors import EvidenceError

DIGITS = 34
"""Significant digits of a result that has no finite decimal form (IEEE 754 decimal128)."""

LARGEST_EXPONENT = 60
"""Amounts beyond 1e60 or below 1e-60 are refused: they are mistakes, and exact arithmetic on them has no end."""

HIGHEST_POWER = 9

_PREFIXES = {"百万": 1_000_000, "千万": 10_000_000, "万": 1, "亿": 1, "千": 1000, "百": 100}
"""Chinese multiples; 1 where the registry itself knows the prefix."""

_TOKEN = re.compile(r"\*\*-?\d+|[*/()]|[^*/()\s]+")
_TEN_THOUSAND = re.compile(r"(?:10\s*(?:\^|\*\*)\s*4|10⁴|1[eE]4|10,?000)\s*[*×·]?\s*(?=[^\W\d])")
_WORD_PATTERN = re.compile("|".join(sorted(map(re.escape, WORDS), key=len, reverse=True)))
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_REWRITTEN = (
    (re.compile(r"\bper\b"), "/"),
    (re.compile(r"\s+"), ""),
    (re.compile(r"[·•⋅×∙]"), "*"),
    (re.compile(r"\^"), "**"),
    (re.compile(r"([kMG]?[Ww])[*.]h\b"), r"\1h"),
    (re.compile(r"m\*\*([23])\b"), r"m\1"),
    (re.compile(r"(?<=[^\W\d])-(\d)\b"), r"**-\1"),
    (re.compile(r"/t\*km\b"), "/tkm"),
)
"""What is written in several ways, brought to one; below the line a tonne-kilometre is one: kg/t·km is kg/(t·km)."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as we write it: its dimension and how many base units one of it is, exactly."""

    text: str
    scale: Fraction
    dimension: Mapping[str, int]
    powers: Mapping[str, int]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share as a pure number, and how the text was read: `percent`, `permille` or `share`."""

    value: Decimal
    reading: str


def unit(text: str) -> Unit:
    """The unit that `text` names, in any of the usual spellings; raises EvidenceError for what is no unit.

    >>> unit("吨二氧化碳／万标立方米").text
    'tCO2/万Nm3'
    """
    return _unit(text.strip())


@lru_cache(maxsize=4096)
def _unit(text: str) -> Unit:
    plain = _plain(text)
    if not plain:
        raise EvidenceError("accounts.no_unit")
    multiple, expression, shown = _expression(plain, text)
    registry = _registry()
    try:
        parsed = registry.parse_units(expression)
    except (
        Exception
    ):  # the names are known: the form is off, and pint tells that by a dozen kinds of exception
        raise EvidenceError("accounts.unit_form", found=text) from None
    powers = {name: int(power) for name, power in parsed._units.items()}
    if any(abs(power) > HIGHEST_POWER for power in powers.values()):
        raise EvidenceError("accounts.unit_form", found=text)
    scale, dimension = multiple, dict[str, int]()
    for name, power in powers.items():
        base, one = _base(name)
        scale *= base**power
        for part, exponent in one.items():
            dimension[part] = dimension.get(part, 0) + exponent * power
    bare = {part: power for part, power in sorted(dimension.items()) if power}
    return Unit(shown, scale, MappingProxyType(bare), MappingProxyType(powers))


def dimension(text: str) -> Mapping[str, int]:
    """What a unit measures, as powers of base dimensions: `kgCO2/kWh` is {"co2": 1, "energy": -1}."""
    return unit(text).dimension


def factor_between(source: str, target: str, *, gas_as_standard: bool = False) -> Fraction:
    """How many `target` one `source` is, exactly; raises EvidenceError when the two measure different things.

    `gas_as_standard` states that cubic metres of gas were measured at standard conditions, or may be taken as if:
    only then do Nm3 and m3 convert, one to one.
    """
    one, other = unit(source), unit(target)
    ours, theirs = one.dimension, other.dimension
    if gas_as_standard:
        ours, theirs = _as_volume(ours), _as_volume(theirs)
    if ours != theirs:
        raise _incompatible(one, other)
    return one.scale / other.scale


def convert(amount: Decimal, source: str, target: str, *, gas_as_standard: bool = False) -> Decimal:
    """`amount` of `source` in `target`: exact where a finite decimal exists, else to 34 significant digits.

    Raises EvidenceError when the units do not convert into each other. `gas_as_standard` as in `factor_between`.
    """
    return decimal(exact(amount) * factor_between(source, target, gas_as_standard=gas_as_standard))


def equivalent(amount: Decimal, source: str, gwp: Fraction | Decimal, target: str = "tCO2e") -> Decimal:
    """A mass of gas, or of CO2, as CO2 equivalent by the potential named: the only door between the two.

    `source` is a mass of the gas (`kg`) or of carbon dioxide (`tCO2`), with or without a denominator that `target`
    shares.
    """
    one, other = unit(source), unit(target)
    ours = dict(one.dimension)
    for gas in ("mass", "co2"):
        if ours.get(gas) == 1 and other.dimension.get("co2e") == 1:
            del ours[gas]
            if {**ours, "co2e": 1} == dict(other.dimension):
                return decimal(exact(amount) * Fraction(gwp) * one.scale / other.scale)
            break
    raise _incompatible(one, other)


def exact(amount: Decimal) -> Fraction:
    """A decimal as a fraction; raises EvidenceError for NaN, infinities and sizes beyond any account."""
    if not amount.is_finite() or (amount and abs(amount.adjusted()) > LARGEST_EXPONENT):
        raise EvidenceError("accounts.not_an_amount", found=str(amount), limit=LARGEST_EXPONENT)
    return Fraction(amount)


def decimal(value: Fraction) -> Decimal:
    """A fraction as a decimal: exact if it has a finite form, else half-even at 34 significant digits."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        places = max(places, power)
    with localcontext() as context:
        if rest == 1:
            whole = value.numerator * 10**places // value.denominator
            context.prec = max(len(str(abs(whole))), 1)
            return _tidy(Decimal(whole).scaleb(-places))
        context.prec = DIGITS
        return Decimal(value.numerator) / Decimal(value.denominator)


def finite(value: Fraction) -> bool:
    """Whether a fraction has a finite decimal form."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def ratio(value: str | Decimal, measured_in: str | None = None) -> Ratio:
    """A share as a pure number, with the reading taken.

    A text with % is percent. A number under a unit of % is percent, whatever its size. A bare number is a share from
    -1 to 1; a larger one could mean either and is refused with EvidenceError.
    """
    text = unicodedata.normalize("NFKC", str(value)).replace(" ", "")
    sign = next((mark for mark in ("%", "‰") if text.endswith(mark)), None)
    named = unit(measured_in).text if measured_in else None
    if named is not None and named not in ("percent", "permille"):
        raise EvidenceError("accounts.ratio_unit", found=measured_in)
    reading = {"%": "percent", "‰": "permille", None: named or "share"}[sign]
    if named and reading != named:
        raise EvidenceError("accounts.ratio_two_units", found=str(value), unit=measured_in)
    try:
        number = Decimal(text.removesuffix(sign or ""))
    except InvalidOperation:
        raise EvidenceError("accounts.ratio_not_read", found=str(value)) from None
    number = decimal(
        exact(number) * {"percent": Fraction(1, 100), "permille": Fraction(1, 1000)}.get(reading, 1)
    )
    if reading == "share" and abs(number) > 1:
        raise EvidenceError("accounts.ratio_bare", found=str(value))
    return Ratio(number, reading)


@cache
def known_units() -> tuple[str, ...]:
    """Every unit by the name it is kept under, without the prefixes 万 and 亿."""
    return tuple(re.findall(r"^(\w+) =", DEFINITIONS, re.M))


@cache
def _registry() -> Any:
    try:
        import pint
    except ModuleNotFoundError:
        raise EvidenceError("accounts.no_pint") from None
    registry: Any = pint.UnitRegistry(None, non_int_type=Decimal, on_redefinition="raise")
    registry.load_definitions(DEFINITIONS.strip().splitlines())
    return registry


@lru_cache(maxsize=1024)
def _base(name: str) -> tuple[Fraction, dict[str, int]]:
    """How many base units one `name` is, and its dimension; a single unit always has a finite decimal scale."""
    registry = _registry()
    scale, _ = registry.get_root_units(name)
    parts = registry.get_dimensionality(name)
    return Fraction(scale), {part.strip("[]"): int(power) for part, power in parts.items()}


def _as_volume(parts: Mapping[str, int]) -> dict[str, int]:
    """The dimension with cubic metres at standard conditions read as cubic metres."""
    found = dict(parts)
    power = found.pop("standard_volume", 0)
    found["length"] = found.get("length", 0) + 3 * power
    return {part: exponent for part, exponent in found.items() if exponent}


def _plain(text: str) -> str:
    """One spelling: half-width, no spaces, `*`, `/` and `**` only, symbols for Chinese words, 万 for 10⁴."""
    found = _TEN_THOUSAND.sub("万", text).translate(_SUPERSCRIPTS)
    found = unicodedata.normalize("NFKC", found).replace("−", "-")
    found = _WORD_PATTERN.sub(lambda match: WORDS[match[0]], found)
    for pattern, replacement in _REWRITTEN:
        found = pattern.sub(replacement, found)
    return found


def _expression(plain: str, text: str) -> tuple[Fraction, str, str]:
    """The multiple that no prefix covers (百 say), the expression for pint, and how we write the unit."""
    multiple, parts, shown = Fraction(1), list[str](), list[str]()
    divided = deep = False
    for token in _TOKEN.findall(plain):
        if token in "*/()" or token.startswith("**"):
            deep = (deep or token == "(") and token != ")"
            divided = divided or token == "/"
            if token == "*" and divided and not deep:
                raise EvidenceError("accounts.unit_ambiguous", found=text)
            parts.append(token)
            shown.append(token)
            continue
        prefix, name, number = _named(token, text)
        if number != 1 and deep:
            raise EvidenceError("accounts.unit_form", found=text)
        multiple *= 1 / number if parts and parts[-1] == "/" else number
        parts.append(name)
        shown.append(prefix + name.removeprefix(prefix))
    return multiple, "".join(parts), "".join(shown)


def _named(token: str, text: str) -> tuple[str, str, Fraction]:
    """Prefix and unit of one token as kept, and what the prefix multiplies by where the registry has no such prefix."""
    known = known_units()
    found = SPELLINGS.get(token, token)
    if found in known:
        return "", found, Fraction(1)
    for prefix, number in _PREFIXES.items():
        inner = token.removeprefix(prefix)
        inner = SPELLINGS.get(inner, inner)
        if token.startswith(prefix) and inner in known:
            return (prefix, prefix + inner, Fraction(1)) if number == 1 else (prefix, inner, Fraction(number))
    raise _unknown(token, text)


def _unknown(token: str, text: str) -> EvidenceError:
    by_fold = {name.casefold(): name for name in (*SPELLINGS, *known_units())}
    near = get_close_matches(token.casefold(), by_fold, n=4, cutoff=0.5)
    names = dict.fromkeys(SPELLINGS.get(by_fold[n], by_fold[n]) for n in near)
    shown = ", ".join(names) or ", ".join(known_units())
    return EvidenceError("accounts.unknown_unit", found=token, unit=text, near=shown)


def _incompatible(one: Unit, other: Unit) -> EvidenceError:
    """Units that do not convert, with the reason where it is one of the usual mistakes."""
    ours, theirs = set(one.dimension), set(other.dimension)
    key = "accounts.units_differ"
    if {"co2", "co2e"} <= ours ^ theirs:
        key = "accounts.co2_and_co2e"
    elif ours != theirs and _as_volume(one.dimension) == _as_volume(other.dimension):
        key = "accounts.gas_volume"
    elif {"carbon", "co2"} <= ours ^ theirs:
        key = "accounts.carbon_and_co2"
    fields = {"found": one.text, "wanted": other.text}
    return EvidenceError(key, **fields, measures=_spelled(one.dimension), allowed=_spelled(other.dimension))


def _spelled(parts: Mapping[str, int]) -> str:
    return " · ".join(f"{part}^{power}" if power != 1 else part for part, power in parts.items()) or "1"


def _tidy(value: Decimal) -> Decimal:
    """Without trailing zeros after the point and without an exponent on whole numbers; precision is the caller's."""
    if value == value.to_integral_value():
        return value.quantize(Decimal(1)) if value.as_tuple().exponent else value
    return value.normalize()
