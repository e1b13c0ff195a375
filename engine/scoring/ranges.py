"""How far a score depends on what is missing and on what the text leaves open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from shall.engine.models import Both
from shall.engine.scoring.numbers import Said, said
from shall.engine.scoring.scheme import Choices, Rule, Scheme
from shall.engine.scoring.score import Evidence, Total, score
from shall.engine.scoring.table import Table


@dataclass(frozen=True, slots=True)
class Reading:
    """One open choice decided otherwise: which, how, the total it gives and how far that lies from the scheme's."""

    choice: str
    address: str | None
    says: Said
    total: Fraction
    low: Fraction
    high: Fraction
    moves: Fraction


@dataclass(frozen=True, slots=True)
class Range:
    """The total under missing evidence alone (`low`, `high`) and with every open choice varied as well."""

    low: Fraction
    high: Fraction
    least: Fraction
    most: Fraction
    readings: tuple[Reading, ...]


def figure(total: Total) -> Fraction:
    """The total, or what is proved of it where the scheme gives no figure to what is missing."""
    return total.low if total.score is None else total.score


def ranges(evidence: Evidence, table: Table, scheme: Scheme, base: Total) -> Range:
    """The score with each open choice varied by itself; the choice that moves it most comes first."""
    readings = []
    for choice, address, says, varied in _varied(scheme):
        other = score(evidence, table, varied)
        moves = figure(other) - figure(base)
        readings.append(Reading(choice, address, says, figure(other), other.low, other.high, moves))
    readings.sort(key=lambda r: -abs(r.moves))
    return Range(
        base.low,
        base.high,
        min([base.low, *(r.low for r in readings)]),
        max([base.high, *(r.high for r in readings)]),
        tuple(readings),
    )


def _varied(scheme: Scheme) -> Iterator[tuple[str, str | None, Said, Scheme]]:
    """The scheme with one choice or one indicator's curve exchanged, for each alternative it lists."""
    for name in Choices.model_fields:
        if name == "rounding":
            continue
        choice = getattr(scheme.choices, name)
        for value in choice.alternatives:
            changed = scheme.choices.model_copy(update={name: choice.model_copy(update={"value": value})})
            says = said(
                "scoring.choice_is", name=said(f"scoring.choice_{name}"), value=value_said(name, value)
            )
            yield name, None, says, scheme.model_copy(update={"choices": changed})
    for part in ("indicators", "extra"):
        rules: tuple[Rule, ...] = getattr(scheme, part)
        for n, rule in enumerate(rules):
            for other in rule.alternatives:
                tried = (*rules[:n], rule.varied(other), *rules[n + 1 :])
                says = _named(rule.address, Both(zh=other.zh, en=other.en))
                yield rule.address, rule.address, says, scheme.model_copy(update={part: tried})


def _named(address: str, name: Both) -> Said:
    return said("scoring.reading_of", address=address, name_zh=name.zh, name_en=name.en)


def value_said(name: str, value: object) -> Said:
    """A choice's value in words."""
    if isinstance(value, tuple):
        return said("scoring.value_order", uses=tuple(said(f"scoring.use_{use}") for use in value))
    if isinstance(value, Mapping):
        return said("scoring.value_weights", weights=", ".join(f"{k} {v}" for k, v in value.items()))
    if value is None:
        return said("scoring.value_none")
    if isinstance(value, str):
        return said(f"scoring.value_{name}_{value}")
    return said("scoring.value_number", value=str(value))
