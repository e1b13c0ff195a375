"""From a value to a share of the points, along the curve that a scheme draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from shall.engine.models import Shape
from shall.engine.scoring.numbers import HUNDRED, Said, said, total
from shall.engine.scoring.scheme import Checklist, Item, Linear, Steps


@dataclass(frozen=True, slots=True)
class Placed:
    """The share of the points (0 to 1), None off an unclamped curve, and the piece of curve it was read from."""

    fraction: Fraction | None
    segment: Said


def place(curve: Shape | None, value: Fraction, years: int | None) -> Placed:
    """Where a value stands on a curve; `years` lie between base and evaluation year."""
    if isinstance(curve, Linear):
        return _linear(curve, value, years)
    assert isinstance(curve, Steps)
    return _stepped(curve, value)


def _linear(curve: Linear, value: Fraction, years: int | None) -> Placed:
    if curve.per_year and not years:
        return Placed(None, said("scoring.no_years"))
    factor = Fraction(years or 1) if curve.per_year else Fraction(1)
    points = [(Fraction(p.at) * factor, Fraction(p.gives)) for p in curve.linear]
    floor = Fraction(curve.floor)
    (first, low), (last, high) = points[0], points[-1]
    if value < first or value > last:
        end, gives = (first, low) if value < first else (last, high)
        if not curve.clamp:
            return Placed(None, said("scoring.off_curve", first=first, last=last))
        key = "scoring.segment_below" if value < first else "scoring.segment_beyond"
        return Placed(max(gives, floor), said(key, end=end, gives=max(gives, floor) * HUNDRED))
    for (x0, y0), (x1, y1) in pairwise(points):
        if value <= x1:
            share = y0 + (value - x0) / (x1 - x0) * (y1 - y0)
            fields = {"x0": x0, "y0": y0 * HUNDRED, "x1": x1, "y1": y1 * HUNDRED}
            if share < floor:
                return Placed(floor, said("scoring.segment_floor", gives=floor * HUNDRED, **fields))
            return Placed(share, said("scoring.segment_linear", **fields))
    raise AssertionError(points)


def _stepped(curve: Steps, value: Fraction) -> Placed:
    for step in curve.steps:
        for name, bound, holds in (
            ("at_least", step.at_least, step.at_least is not None and value >= Fraction(step.at_least)),
            ("above", step.above, step.above is not None and value > Fraction(step.above)),
            ("at_most", step.at_most, step.at_most is not None and value <= Fraction(step.at_most)),
            ("below", step.below, step.below is not None and value < Fraction(step.below)),
        ):
            if holds and bound is not None:
                gives = Fraction(step.gives)
                return Placed(
                    gives, said(f"scoring.step_{name}", bound=Fraction(bound), gives=gives * HUNDRED)
                )
    gives = Fraction(curve.otherwise)
    return Placed(gives, said("scoring.step_otherwise", gives=gives * HUNDRED))


def ticked(curve: Checklist, present: Mapping[str, bool | None]) -> tuple[Fraction, Fraction]:
    """The least and the most the items earn; they differ by what is unknown."""
    return _earned(curve, [i for i in curve.checklist if present.get(i.key)]), _earned(
        curve, [i for i in curve.checklist if present.get(i.key) is not False]
    )


def _earned(curve: Checklist, items: Sequence[Item]) -> Fraction:
    if curve.full_at:
        return min(Fraction(1), Fraction(len(items), curve.full_at))
    weighed = total([Fraction(i.weight) for i in items])
    return weighed / total([Fraction(i.weight) for i in curve.checklist])
