"""The arithmetic of a score: indicators to points, points to categories, categories to the total. Exact throughout."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from shall.engine.models import Both
from shall.engine.scoring.curves import place, ticked
from shall.engine.scoring.measures import Asked, Part, measure
from shall.engine.scoring.numbers import HUNDRED, Said, said, total
from shall.engine.scoring.scheme import Checklist, Choices, Inapplicable, Rule, Scheme
from shall.engine.scoring.table import Table
from shall.engine.scoring.values import Judged, Values

State = Literal["computed", "checked", "judged", "unknown", "inapplicable"]
Claim = Literal["possible", "blocked", "not_told"]


@dataclass(frozen=True, slots=True)
class Product:
    """A computed number and the share of the points it stands for by itself."""

    part: Part
    fraction: Fraction | None
    segment: Said | None


@dataclass(frozen=True, slots=True)
class Ticked:
    """An item of a checklist: present, absent, or None where that cannot be told; the records looked at."""

    key: str
    name: Both
    weight: Fraction
    present: bool | None
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """One indicator: the share of its points it earned, between `low` and `high`, and how that came about.

    `points` is what it may earn, `earned` what it did (unknown counted as the scheme says), both of the 100 points
    of its category after rescaling; `share` is what it adds to the total, `most` what it could add.
    """

    address: str
    name: Both
    category: str
    rule: Rule
    points: Fraction
    state: State
    fraction: Fraction | None
    low: Fraction
    high: Fraction
    products: tuple[Product, ...] = ()
    joined: Said | None = None
    items: tuple[Ticked, ...] = ()
    judged: Judged | None = None
    found: Fraction | None = None
    remarks: tuple[Said, ...] = ()
    available: Fraction = Fraction(0)
    earned: Fraction | None = None
    share: Fraction | None = None
    most: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """A category: its weight in the total, its score out of 100 and between what and what it lies."""

    key: str
    name: Both
    weight: Fraction
    score: Fraction | None
    low: Fraction
    high: Fraction
    available: Fraction
    indicators: tuple[IndicatorScore, ...]
    remarks: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """The total out of 100, None where the scheme gives no figure to what is unknown; low and high bound it."""

    score: Fraction | None
    low: Fraction
    high: Fraction
    categories: tuple[CategoryScore, ...]
    remarks: tuple[Said, ...] = ()

    def indicators(self) -> list[IndicatorScore]:
        """Every indicator in the order of the table."""
        return [one for category in self.categories for one in category.indicators]


@dataclass(frozen=True, slots=True)
class GateState:
    """A basic requirement: what was found of it, None where that cannot be told, and why."""

    address: str
    met: bool | None
    because: Said


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is scored: values, checklists with the records behind them, whether indicators apply, gates."""

    values: Values
    items: Mapping[str, Mapping[str, tuple[bool | None, tuple[str, ...]]]]
    applies: Mapping[str, tuple[bool | None, Said]]
    gates: tuple[GateState, ...]


def score(evidence: Evidence, table: Table, scheme: Scheme, rules: Sequence[Rule] | None = None) -> Total:
    """The total of an organisation under a scheme; `rules` stand in for the scheme's in the sensitivity."""
    asked = Asked.of(evidence.values, scheme.choices)
    scored = [_indicator(rule, table, scheme, evidence, asked) for rule in rules or scheme.rules]
    weights = scheme.choices.weights.value
    order = list(table.by_address)
    categories = []
    for category in table.categories:
        own = [one for one in scored if one.category == category.key]
        own.sort(key=lambda one: order.index(one.address) if one.address in order else len(order))
        weight = Fraction(category.weight if isinstance(weights, str) else weights[category.key])
        categories.append(_category(category.key, category, weight, own, scheme.choices))
    return _total(categories)


def _total(categories: Sequence[CategoryScore]) -> Total:
    weighing = [c for c in categories if c.available > 0]
    weighed = total([c.weight for c in weighing])
    remarks = [
        said("scoring.category_out", name_zh=c.name.zh, name_en=c.name.en)
        for c in categories
        if not c.available
    ]
    if weighed == 0:
        return Total(
            None, Fraction(0), HUNDRED, tuple(categories), (*remarks, said("scoring.nothing_applies"))
        )
    finished = tuple(_shared(c, c.weight / weighed if c.available else Fraction(0)) for c in categories)

    def over(pick: Callable[[CategoryScore], Fraction]) -> Fraction:
        return total([c.weight * pick(c) for c in weighing]) / weighed

    known = all(c.score is not None for c in weighing)
    value = over(lambda c: c.score or Fraction(0)) if known else None
    return Total(value, over(lambda c: c.low), over(lambda c: c.high), finished, tuple(remarks))


def _shared(category: CategoryScore, part: Fraction) -> CategoryScore:
    """The category with what each indicator adds to the total; `part` is the category's part of it."""
    own = tuple(
        replace(one, share=None if one.earned is None else one.earned * part, most=one.available * part)
        for one in category.indicators
    )
    return replace(category, indicators=own, weight=part * HUNDRED)


def _category(
    key: str, name: Both, weight: Fraction, own: Sequence[IndicatorScore], choices: Choices
) -> CategoryScore:
    counting = [one for one in own if not _excluded(one, choices)]
    available = total([one.points for one in counting])
    if available == 0:
        return CategoryScore(key, name, weight, None, Fraction(0), Fraction(0), available, tuple(own))
    factor = HUNDRED / available
    finished = []
    for one in own:
        if _excluded(one, choices):
            finished.append(one)
            continue
        points = one.points * factor
        earned = None if one.fraction is None else one.fraction * points
        if one.fraction is None and choices.missing.value == "zero":
            earned = one.low * points
        finished.append(replace(one, available=points, earned=earned))
    low = total([one.low * one.points for one in counting]) * factor
    high = total([one.high * one.points for one in counting]) * factor
    earned_all = [one.earned for one in finished if not _excluded(one, choices)]
    known = [e for e in earned_all if e is not None]
    value = total(known) if len(known) == len(earned_all) else None
    remarks = (said("scoring.rescaled", available=available),) if available != HUNDRED else ()
    return CategoryScore(key, _both(name), weight, value, low, high, available, tuple(finished), remarks)


def _both(name: Both) -> Both:
    return Both(zh=name.zh, en=name.en)


def _excluded(one: IndicatorScore, choices: Choices) -> bool:
    return one.state == "inapplicable" and _treated(one.rule, choices) == "exclude_rescale"


def _treated(rule: Rule, choices: Choices) -> Inapplicable:
    return rule.inapplicable or choices.inapplicable.value


def _indicator(rule: Rule, table: Table, scheme: Scheme, evidence: Evidence, asked: Asked) -> IndicatorScore:
    listed = table.by_address.get(rule.address)
    if listed:
        name, category, points = listed.name, listed.category, Fraction(listed.points)
    else:
        extra = next(e for e in scheme.extra if e.address == rule.address)
        name, category, points = extra.name, extra.category, Fraction(extra.points)
    bare = IndicatorScore(
        rule.address, name, category, rule, points, "unknown", None, Fraction(0), Fraction(1)
    )
    applies, why = evidence.applies.get(rule.address, (True, None))
    judged = evidence.values.fractions.get(rule.address)
    if applies is False and why is not None and judged is None:
        return _inapplicable(bare, why, scheme.choices)
    found = _found(bare, evidence, asked, scheme.choices)
    if not applies and why is not None:
        found = replace(found, remarks=(*found.remarks, why))
    if judged is None:
        return found
    share = Fraction(judged.fraction)
    return replace(
        found, state="judged", fraction=share, low=share, high=share, judged=judged, found=found.fraction
    )


def _inapplicable(bare: IndicatorScore, why: Said, choices: Choices) -> IndicatorScore:
    share = Fraction(1 if _treated(bare.rule, choices) == "full" else 0)
    how = said(f"scoring.inapplicable_{_treated(bare.rule, choices)}")
    return replace(bare, state="inapplicable", fraction=share, low=share, high=share, remarks=(why, how))


def _found(bare: IndicatorScore, evidence: Evidence, asked: Asked, choices: Choices) -> IndicatorScore:
    rule = bare.rule
    if rule.measure == "person":
        return replace(bare, remarks=(said("scoring.person_needed"),))
    if isinstance(rule.curve, Checklist):
        return _checked(bare, rule.curve, evidence)
    measured = measure(rule, asked)
    if measured.gap:
        return replace(bare, remarks=(measured.gap, *measured.remarks))
    products = tuple(_placed(part, rule, asked) for part in measured.parts)
    fraction, low, high, joined = join(products, choices.products.value)
    state: State = "unknown" if fraction is None else "computed"
    return replace(
        bare,
        state=state,
        fraction=fraction,
        low=low,
        high=high,
        products=products,
        joined=joined,
        remarks=measured.remarks,
    )


def _placed(part: Part, rule: Rule, asked: Asked) -> Product:
    if part.computed.value is None:
        return Product(part, None, part.computed.reason)
    placed = place(rule.curve, part.computed.value, asked.years)
    return Product(part, placed.fraction, placed.segment)


def _checked(bare: IndicatorScore, curve: Checklist, evidence: Evidence) -> IndicatorScore:
    known = evidence.items.get(bare.address, {})
    items = tuple(
        Ticked(i.key, Both(zh=i.zh, en=i.en), Fraction(i.weight), *known.get(i.key, (None, ())))
        for i in curve.checklist
    )
    low, high = ticked(curve, {i.key: i.present for i in items})
    told = all(i.present is not None for i in items)
    state: State = "checked" if told else "unknown"
    return replace(bare, state=state, fraction=low if told else None, low=low, high=high, items=items)


Joined = tuple[Fraction | None, Fraction, Fraction, Said | None]


def join(products: Sequence[Product], how: str) -> Joined:
    """The share of several products together, its bounds, and how they were joined; the order does not matter."""
    bounds = [
        (p.fraction, p.fraction) if p.fraction is not None else (Fraction(0), Fraction(1)) for p in products
    ]
    lows, highs = [low for low, _ in bounds], [high for _, high in bounds]
    told = all(p.fraction is not None for p in products)
    if len(products) == 1:
        return products[0].fraction, lows[0], highs[0], None
    if how == "output_weighted":
        weights = [p.part.weight for p in products]
        units = {p.part.weight_unit for p in products}
        if None in weights or len(units) > 1 or not any(weights) or min(w or 0 for w in weights) < 0:
            if told and min(lows) == max(highs):
                return lows[0], lows[0], highs[0], said("scoring.joined_same", count=len(products))
            key = "scoring.no_outputs" if len(units) == 1 or None in weights else "scoring.outputs_differ"
            return None, min(lows), max(highs), said(key)
    else:
        weights = [Fraction(1)] * len(products)
    if how == "worst":
        low, high = min(lows), min(highs)
    else:
        weighed = total([w or Fraction(0) for w in weights])
        low, high = (
            total([(w or Fraction(0)) * s for w, s in zip(weights, side, strict=True)]) / weighed
            for side in (lows, highs)
        )
    return (low if told else None), low, high, said(f"scoring.joined_{how}", count=len(products))


def claim(gates: Sequence[GateState]) -> Claim:
    """Whether the claim of a zero-carbon factory is possible: the gates decide, never the score."""
    if any(g.met is False for g in gates):
        return "blocked"
    return "possible" if gates and all(g.met for g in gates) else "not_told"
