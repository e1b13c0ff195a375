"""Numbers of the score: read exactly, kept as fractions, rounded only where they are printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, WithJsonSchema

from shall.engine.wrong import Wrong
from shall.evidence.kinds.base import DECIMAL_PLACES, MAX_DIGITS
from shall.texts import say

HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the catalogue with its fields; `name` fields are themselves keys, see `text`."""

    key: str
    fields: tuple[tuple[str, object], ...] = ()

    def text(self, lang: str) -> str:
        """The sentence in that language; a field that is a `Said` is said too."""
        return say(self.key, lang, **{k: _shown(v, lang) for k, v in self.fields})


def said(key: str, **fields: object) -> Said:
    """A sentence to be said later, in either language."""
    return Said(key, tuple(fields.items()))


def _shown(value: object, lang: str) -> object:
    if isinstance(value, Said):
        return value.text(lang)
    if isinstance(value, Fraction):
        return readable(value)
    if isinstance(value, tuple):
        return ", ".join(str(_shown(part, lang)) for part in value)
    return value


def exact(value: Fraction) -> str:
    """Every digit where the decimal ends, else the fraction: `7.68125`, `2/3`."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    return ("-" if value < 0 else "") + whole + (f".{part}" if part else "")


DIGITS = 4
"""Decimals of a number in a sentence; of one below a tenth as many digits that count."""


def readable(value: Fraction) -> str:
    """The number as a sentence says it: exact up to four decimals, else rounded after a sign that says so.

    >>> readable(Fraction(5, 8)), readable(Fraction(13228700, 1868673)), readable(Fraction(1, 3000))
    ('0.625', '≈7.0792', '≈0.0003333')
    """
    text = exact(value)
    _, _, decimals = text.partition(".")
    if "/" not in text and len(decimals) <= DIGITS:
        return text
    places, size = DIGITS, abs(value)
    while size * 10 < 1:
        size, places = size * 10, places + 1
    rounded = shown(value, places).rstrip("0").rstrip(".")
    return rounded if Fraction(rounded) == value else f"≈{rounded}"


def unrounded(sentence: Said) -> dict[str, str]:
    """The exact values of the numbers that a sentence says rounded, by the name of the field."""
    return {k: exact(v) for k, v in sentence.fields if isinstance(v, Fraction) and readable(v) != exact(v)}


def shown(value: Fraction, places: int) -> str:
    """Rounded half away from zero to that many places, for printing only."""
    scaled = abs(value) * 10**places
    digits = str((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).rjust(
        places + 1, "0"
    )
    sign = "-" if value < 0 and digits.strip("0") else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Wrong("wrong.number")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise Wrong("wrong.number") from None
    return _bounded(number)


def _bounded(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise Wrong("wrong.number")
    exponent = number.normalize().as_tuple().exponent
    if number.adjusted() >= MAX_DIGITS or (number and int(exponent) < -DECIMAL_PLACES):
        raise Wrong("wrong.number_long", before=MAX_DIGITS, after=DECIMAL_PLACES)
    return number


def _share(value: Any) -> Any:
    if isinstance(value, str) and value.strip().endswith(("%", "％")):
        number = _number(value.strip()[:-1]).scaleb(-2)
    else:
        number = _number(value)
        if number > 1:
            raise Wrong("wrong.share_percent", number=number)
    if not 0 <= number <= 1:
        raise Wrong("wrong.share")
    return number


_SHOWN = {"anyOf": [{"type": "number"}, {"type": "string"}]}
Number = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema(_SHOWN)]
"""A decimal as it is written; never through a binary float."""
Share = Annotated[
    Decimal,
    BeforeValidator(_share),
    WithJsonSchema({**_SHOWN, "description": "0 to 1, or a text with a percent sign: 0.24 or '24%'"}),
]
"""A share: `0.24` and `24%` are the same, a bare 24 is refused."""


def plain(node: Any, value: Any) -> Any:
    """A YAML value with each number that a binary would alter left as the file writes it (`node` is its tree)."""
    if isinstance(node, yaml.MappingNode):
        return {k.value: plain(v, value[k.value]) for k, v in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(part, one) for part, one in zip(node.value, value, strict=True)]
    if isinstance(value, float) or (
        isinstance(value, int) and node.value != str(value) and node.tag.endswith(":int")
    ):
        return node.value
    return value


def total(values: Sequence[Fraction]) -> Fraction:
    """The sum as a fraction, also of nothing."""
    return sum(values, Fraction(0))
