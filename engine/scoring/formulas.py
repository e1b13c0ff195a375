"""B.1 to B.8 in exact fractions. A formula never fails: where there is no result it says why.

Numbers come as int, Decimal or Fraction, alone or as a `Datum` that names its records. Results in % are
percent numbers (24, not 0.24), as the annex writes them. What the annex leaves open, a cap, a way to join
products, is left to the scheme: a rise stays negative, a share above 100 % stays above, and both are said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from shall.engine.scoring.numbers import HUNDRED, Said, exact, said

LARGEST = 60
"""Digits before or after the point beyond which a number is refused: nothing on earth is counted so finely."""


@dataclass(frozen=True, slots=True)
class Datum:
    """A number with the records it was taken from; None with a `reason` where it is not to be had."""

    value: Fraction | None
    refs: tuple[str, ...] = ()
    reason: Said | None = None


Amount: TypeAlias = Datum | Fraction | Decimal | int | None


@dataclass(frozen=True, slots=True)
class Input:
    """One quantity of a formula as it was put in."""

    symbol: str
    name: str
    value: Fraction | None
    unit: str
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """A result, or the reason why there is none; a reason beside a value says what to know about it."""

    value: Fraction | None
    unit: str
    reason: Said | None = None
    formula: str = ""
    text: str = ""
    inputs: tuple[Input, ...] = ()

    @property
    def symbols(self) -> str:
        """The formula in its symbols."""
        return self.text.format(**{i.symbol: _pretty(i.symbol) for i in self.inputs})

    @property
    def substituted(self) -> str:
        """The formula with its numbers; what is missing is a question mark."""
        return self.text.format(
            **{i.symbol: "?" if i.value is None else _operand(i.value) for i in self.inputs}
        )


def _pretty(symbol: str) -> str:
    return symbol.replace("_0", "₀").replace("_t", "ₜ")


def _operand(value: Fraction) -> str:
    text = exact(value)
    return f"({text})" if "/" in text or text.startswith("-") else text


@dataclass(frozen=True, slots=True)
class Quantity:
    """An input of a formula: symbol, name in the catalogue (`scoring.input_…`), unit."""

    symbol: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as data: `rule` takes the inputs in their order, `text` is the same for the reader."""

    address: str
    unit: str
    text: str
    inputs: tuple[Quantity, ...]
    divisors: tuple[str, ...]
    rule: Callable[..., Fraction]
    may_rise: bool = False
    whole: bool = False

    def __call__(self, *amounts: Amount) -> Computed:
        """The result over these inputs, in the order of `inputs`."""
        return self.over(amounts)

    def over(self, amounts: tuple[Amount, ...], unit: str | None = None) -> Computed:
        """The result over these inputs; `unit` where it depends on the product."""
        data = [datum(amount) for amount in amounts]
        inputs = tuple(
            Input(q.symbol, q.name, d.value, q.unit, d.refs) for q, d in zip(self.inputs, data, strict=True)
        )
        value, reason = self._result(inputs, data)
        return Computed(value, unit or self.unit, reason, self.address, self.text, inputs)

    def _result(self, inputs: tuple[Input, ...], data: list[Datum]) -> tuple[Fraction | None, Said | None]:
        for one, given in zip(inputs, data, strict=True):
            name = said(f"scoring.input_{one.name}")
            if one.value is None:
                return None, given.reason or said("scoring.missing_input", name=name)
            if one.value < 0:
                return None, said("scoring.negative_input", name=name, value=one.value)
        for one in inputs:
            if one.symbol in self.divisors and one.value == 0:
                return None, said("scoring.zero_denominator", name=said(f"scoring.input_{one.name}"))
        value = self.rule(*(one.value for one in inputs))
        if self.may_rise and value < 0:
            return value, said("scoring.rose", value=-value)
        if self.whole and value > HUNDRED:
            return value, said("scoring.above_whole")
        return value, None


def datum(amount: Amount) -> Datum:
    """The amount as a datum; what is no usable number has a reason instead of a value."""
    if isinstance(amount, Datum):
        return amount
    if amount is None:
        return Datum(None)
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal | Fraction):
        raise TypeError("int, Decimal or Fraction: a float has lost its digits already")
    if isinstance(amount, Decimal):
        if not amount.is_finite():
            return Datum(None, reason=said("scoring.not_a_number", value=str(amount)))
        exponent = amount.as_tuple().exponent
        if amount.adjusted() > LARGEST or int(exponent) < -LARGEST:
            return Datum(None, reason=said("scoring.not_a_number", value=str(amount)))
    return Datum(Fraction(amount))


def ratio(
    address: str,
    unit: str,
    above: tuple[str, str, str],
    below: tuple[str, str, str],
    *,
    percent: bool = True,
) -> Formula:
    """A quotient of two quantities, in % unless told otherwise."""
    a, b = Quantity(*above), Quantity(*below)
    factor = HUNDRED if percent else Fraction(1)
    text = f"{{{a.symbol}}} ÷ {{{b.symbol}}}" + (" × 100" if percent else "")
    return Formula(address, unit, text, (a, b), (b.symbol,), lambda x, y: x / y * factor, whole=percent)


def fall(address: str, above: tuple[str, str, str], below: tuple[str, str, str]) -> Formula:
    """By how many % a quotient fell against an earlier year: (1 − now ÷ then) × 100."""
    inputs = _two_years(above, below)
    at, bt, a0, b0 = (q.symbol for q in inputs)
    text = f"(1 − ({{{at}}} ÷ {{{bt}}}) ÷ ({{{a0}}} ÷ {{{b0}}})) × 100"
    return Formula(
        address,
        "%",
        text,
        inputs,
        (bt, a0, b0),
        lambda a, b, c, d: (1 - (a / b) / (c / d)) * HUNDRED,
        may_rise=True,
    )


def index(address: str, above: tuple[str, str, str], below: tuple[str, str, str], *, down: bool) -> Formula:
    """An earlier year as 100 %: how good the quotient is now beside then, rising when it gets better."""
    inputs = _two_years(above, below)
    at, bt, a0, b0 = (q.symbol for q in inputs)
    now, then = f"({{{at}}} ÷ {{{bt}}})", f"({{{a0}}} ÷ {{{b0}}})"
    if down:
        text, divisors = f"{then} ÷ {now} × 100", (at, bt, b0)
        return Formula(address, "%", text, inputs, divisors, lambda a, b, c, d: (c / d) / (a / b) * HUNDRED)
    text, divisors = f"{now} ÷ {then} × 100", (bt, a0, b0)
    return Formula(address, "%", text, inputs, divisors, lambda a, b, c, d: (a / b) / (c / d) * HUNDRED)


def kept_level(address: str, above: tuple[str, str, str], below: tuple[str, str, str]) -> Formula:
    """A quotient in %, lowered in proportion where it stands below that of the earlier year."""
    inputs = _two_years(above, below)
    at, bt, a0, b0 = (q.symbol for q in inputs)
    now, then = f"{{{at}}} ÷ {{{bt}}}", f"{{{a0}}} ÷ {{{b0}}}"
    text = f"{now} × 100 × min(1, ({now}) ÷ ({then}))"
    return Formula(
        address,
        "%",
        text,
        inputs,
        (bt, a0, b0),
        lambda a, b, c, d: a / b * HUNDRED * min(Fraction(1), (a / b) / (c / d)),
        whole=True,
    )


def _two_years(above: tuple[str, str, str], below: tuple[str, str, str]) -> tuple[Quantity, ...]:
    return tuple(
        Quantity(f"{symbol}_{year}", f"{name}_{when}", unit)
        for year, when in (("t", "now"), ("0", "then"))
        for symbol, name, unit in (above, below)
    )


MATERIAL = ("M", "material", ""), ("Q", "output", "")
RECOVERABLE = ("m", "recoverable", "kg"), ("M", "mass", "kg")
EMISSIONS = ("E", "emissions", "tCO2e"), ("V", "value_added", "万元")
ENERGY = ("E", "product_energy", "tce"), ("Q", "output", "")

renewable_share = ratio("B.1", "%", ("R", "renewable", "tce"), ("E", "energy", "tce"))
roof_coverage = ratio("B.2", "%", ("S_PV", "pv_area", "m2"), ("S_roof", "roof_area", "m2"))
material_per_product = ratio("B.3", "", *MATERIAL, percent=False)
recyclability = ratio("B.4", "%", *RECOVERABLE)
emission_reduction = fall("B.5", *EMISSIONS)
energy_per_product = ratio("B.6", "tce", *ENERGY, percent=False)
footprint_reduction = Formula(
    "B.7",
    "%",
    "(1 − {CF_t} ÷ {CF_0}) × 100",
    (Quantity("CF_t", "footprint_now", "kgCO2e"), Quantity("CF_0", "footprint_then", "kgCO2e")),
    ("CF_0",),
    lambda now, then: (1 - now / then) * HUNDRED,
    may_rise=True,
)
offset_ratio = ratio("B.8", "%", ("C", "offsets", "tCO2e"), ("E_CO2", "emissions", "tCO2e"))

FORMULAS = {
    f.address: f
    for f in (
        renewable_share,
        roof_coverage,
        material_per_product,
        recyclability,
        emission_reduction,
        energy_per_product,
        footprint_reduction,
        offset_ratio,
    )
}
"""The formulas of annex B by address."""
