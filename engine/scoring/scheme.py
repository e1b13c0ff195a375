"""Schemes: the choices a standard leaves open, as a file that argues for each; key and digest stand in every result."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from shall.engine.loader import Problem, RulesetProblems, Source
from shall.engine.models import Address, Both, Requirement, Shape, Text, When
from shall.engine.scoring.numbers import Number, Share
from shall.engine.scoring.table import Key, Table, read_file
from shall.engine.wrong import Wrong
from shall.texts.errors import RulesetError

SCHEMES = "schemes"
T = TypeVar("T")

Use = Literal["renewable", "market", "offset"]
Way = Literal["level", "index", "change", "level_by_index", "catalogues", "entries"]
Inapplicable = Literal["exclude_rescale", "full", "zero"]

WAYS: Mapping[str, tuple[Way | None, ...]] = {
    "B.1": (None,),
    "B.2": (None,),
    "B.3": ("index", "change", "level"),
    "B.4": ("level", "index", "level_by_index"),
    "B.5": (None,),
    "B.6": ("change", "index", "level"),
    "B.7": (None,),
    "B.8": (None,),
    "waste_energy": (None,),
    "limit_grade": (None,),
    "footprints": (None,),
    "catalogues": ("catalogues", "entries"),
    "low_energy": (None,),
    "value_growth": (None,),
    "solid_waste": ("level", "index", "level_by_index"),
    "checklist": (None,),
    "given": (None,),
    "person": (None,),
}
"""What can be measured, and the ways in which each is turned into one number."""


class Choice(Shape, Generic[T]):
    """A decision: what, why, which silence of the text it fills, and what else could be decided."""

    value: T
    because: Both
    silence: Both
    alternatives: tuple[T, ...] = ()


def _cap(value: Any) -> Any:
    return None if value == "none" else value


class Choices(Shape):
    """The decisions that hold for the whole score."""

    base_year: Choice[Literal["chosen", "year_before"]]
    inapplicable: Choice[Inapplicable]
    missing: Choice[Literal["zero", "unknown"]]
    renewables: Choice[Literal["renewable", "non_fossil"]]
    green_power: Choice[tuple[Use, ...]]
    certificates: Choice[Literal["purchased", "cancelled"]]
    emissions: Choice[Literal["net", "gross"]]
    offset_base: Choice[Literal["gross", "net", "residual"]]
    offset_counts: Choice[Literal["cancelled", "bought"]]
    offset_cap: Choice[Annotated[Number | None, BeforeValidator(_cap)]]
    products: Choice[Literal["output_weighted", "mean", "worst"]]
    weights: Choice[Literal["recommended"] | Mapping[Key, Number]]
    rounding: Choice[Annotated[int, Field(ge=0, le=10)]]

    @model_validator(mode="after")
    def _each_use_once(self) -> "Choices":
        for order in (self.green_power.value, *self.green_power.alternatives):
            if sorted(order) != ["market", "offset", "renewable"]:
                raise Wrong("wrong.green_power")
        return self


class Point(Shape):
    """At this value the curve gives this share of the points."""

    at: Number
    gives: Share


class Linear(Shape):
    """Straight lines between points, in one direction; beyond the ends their value, or, unclamped, no answer.

    With `per_year` the values are multiplied by the years between base and evaluation year. `floor` is what any
    value that could be computed earns at least.
    """

    linear: tuple[Point, ...] = Field(min_length=2)
    direction: Literal["up", "down"] = "up"
    per_year: bool = False
    floor: Share = Field(default=0, validate_default=True)
    clamp: bool = True

    @model_validator(mode="after")
    def _ordered(self) -> "Linear":
        for left, right in pairwise(self.linear):
            if right.at <= left.at:
                raise Wrong("wrong.curve_order")
            if right.gives != left.gives and (right.gives > left.gives) != (self.direction == "up"):
                raise Wrong("wrong.curve_direction", direction=self.direction)
        return self


class Step(Shape):
    """What a value at or beyond a threshold earns."""

    at_least: Number | None = None
    above: Number | None = None
    at_most: Number | None = None
    below: Number | None = None
    gives: Share

    @model_validator(mode="after")
    def _one_threshold(self) -> "Step":
        if sum(t is not None for t in (self.at_least, self.above, self.at_most, self.below)) != 1:
            raise Wrong("wrong.one_threshold")
        return self

    @property
    def rising(self) -> bool:
        """Whether more is better."""
        return self.at_least is not None or self.above is not None

    @property
    def rank(self) -> tuple[Any, bool]:
        """How hard the step is to reach; only steps of one direction compare."""
        if self.rising:
            return (self.at_least if self.above is None else self.above), self.above is not None
        return -(self.at_most if self.below is None else self.below), self.below is not None  # type: ignore[operator]


class Steps(Shape):
    """The first step reached counts, the best one first."""

    steps: tuple[Step, ...] = Field(min_length=1)
    otherwise: Share = Field(default=0, validate_default=True)

    @model_validator(mode="after")
    def _ordered(self) -> "Steps":
        for better, worse in pairwise(self.steps):
            if better.rising != worse.rising or better.rank <= worse.rank or better.gives < worse.gives:
                raise Wrong("wrong.steps_order")
        if self.otherwise > self.steps[-1].gives:
            raise Wrong("wrong.steps_otherwise")
        return self


class Item(Both):
    """A line of a checklist; `requires` is how records show it, a check as in the rulesets."""

    key: Key
    weight: Number = Field(default=1, gt=0, validate_default=True)
    requires: Requirement | None = None


class Checklist(Shape):
    """The share of the items present, by weight; with `full_at` that many items earn everything."""

    checklist: tuple[Item, ...] = Field(min_length=1)
    full_at: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _distinct(self) -> "Checklist":
        keys = [item.key for item in self.checklist]
        if len(set(keys)) < len(keys):
            raise Wrong("wrong.items_twice")
        if self.full_at and self.full_at > len(keys):
            raise Wrong("wrong.full_at")
        return self


SHAPES: Mapping[str, type[Shape]] = {"linear": Linear, "steps": Steps, "checklist": Checklist}


def _pick_curve(value: Any) -> Any:
    if isinstance(value, Shape) or value is None:
        return value
    named = [name for name in SHAPES if isinstance(value, dict) and name in value]
    if len(named) != 1:
        raise Wrong("wrong.one_curve")
    return SHAPES[named[0]].model_validate(value)


Curve = Annotated[Shape, BeforeValidator(_pick_curve)]


class Alternative(Both):
    """Another way to score one indicator, tried in the sensitivity."""

    measure: Text | None = None
    way: Way | None = None
    curve: Curve | None = None


class Rule(Shape):
    """How one indicator is scored."""

    address: Address
    measure: Text
    way: Way | None = None
    curve: Curve | None = None
    when: When | None = None
    inapplicable: Inapplicable | None = None
    because: Both
    silence: Both
    alternatives: tuple[Alternative, ...] = ()

    def varied(self, other: Alternative) -> "Rule":
        """The same indicator scored that other way."""
        changed = {k: v for k in ("measure", "way", "curve") if (v := getattr(other, k)) is not None}
        return self.model_copy(update=changed)


class Extra(Rule):
    """An indicator of a user's own beside those of the table."""

    category: Key
    name: Both
    points: Number = Field(gt=0)


class Scheme(Shape):
    """All choices under one key and edition."""

    key: Key
    edition: Text
    title: Both
    choices: Choices
    indicators: tuple[Rule, ...]
    extra: tuple[Extra, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, the extra ones last."""
        return (*self.indicators, *self.extra)


@dataclass(frozen=True, slots=True)
class LoadedScheme:
    """A scheme, the digest of its file, and the file for messages."""

    scheme: Scheme
    digest: str
    source: Source


def shipped_schemes(folder: Traversable) -> list[str]:
    """Keys of the schemes that come with a ruleset."""
    place = folder.joinpath(SCHEMES)
    if not place.is_dir():
        return []
    return sorted(e.name.removesuffix(".yaml") for e in place.iterdir() if e.name.endswith(".yaml"))


def load_scheme(name: str, folder: Traversable, table: Table) -> LoadedScheme:
    """The scheme of that key beside the ruleset, or of a file; raises RulesetError, RulesetProblems."""
    entry: Traversable
    if name in shipped_schemes(folder):
        entry, shown = folder.joinpath(SCHEMES, f"{name}.yaml"), f"{folder.name}/{SCHEMES}/{name}.yaml"
    elif Path(name).is_file():
        entry, shown = Path(name), name
    else:
        known = ", ".join(shipped_schemes(folder)) or "-"
        raise RulesetError("scoring.unknown_scheme", name=name, known=known)
    problems: list[Problem] = []
    scheme, source, digest = read_file(entry, shown, Scheme, problems)
    if scheme and source:
        problems += scheme_problems(scheme, source, table)
    if problems or scheme is None or source is None:
        raise RulesetProblems(problems)
    return LoadedScheme(scheme, digest, source)


def schemes_problems(folder: Traversable, table: Table) -> Iterator[Problem]:
    """What is wrong with the schemes beside a ruleset, each with file and line."""
    for name in shipped_schemes(folder):
        problems: list[Problem] = []
        shown = f"{folder.name}/{SCHEMES}/{name}.yaml"
        scheme, source, _ = read_file(folder.joinpath(SCHEMES, f"{name}.yaml"), shown, Scheme, problems)
        yield from problems
        if scheme and source:
            yield from scheme_problems(scheme, source, table)


def scheme_problems(scheme: Scheme, source: Source, table: Table) -> Iterator[Problem]:
    """Where a scheme does not fit the table: addresses, categories, weights, measures."""

    def at(key: str, *path: str | int, **fields: Any) -> Problem:
        return Problem(source.name, source.line(*path), key, fields)

    seen: set[str] = set()
    for part, rules in (("indicators", scheme.indicators), ("extra", scheme.extra)):
        for n, rule in enumerate(rules):
            if rule.address in seen:
                yield at("scoring.twice", part, n, name=rule.address)
            if (rule.address in table.by_address) == (part == "extra"):
                key = "scoring.extra_is_known" if part == "extra" else "scoring.not_an_indicator"
                yield at(key, part, n, address=rule.address)
            seen.add(rule.address)
            for step, tried in enumerate((rule, *(rule.varied(a) for a in rule.alternatives))):
                path = (part, n) if step == 0 else (part, n, "alternatives", step - 1)
                yield from _misfits(tried, lambda key, _path=path, **f: at(key, *_path, **f))
    for address in table.by_address.keys() - seen:
        yield at("scoring.not_in_scheme", "indicators", address=address)
    keys = [c.key for c in table.categories]
    for n, extra in enumerate(scheme.extra):
        if extra.category not in keys:
            yield at("scoring.no_category", "extra", n, name=extra.category, allowed=", ".join(keys))
    for weights in (scheme.choices.weights.value, *scheme.choices.weights.alternatives):
        if not isinstance(weights, str):
            if sorted(weights) != sorted(keys):
                yield at("scoring.weights_keys", "choices", "weights", allowed=", ".join(keys))
            if sum(weights.values()) != 100 or min(weights.values(), default=0) < 0:
                yield at("scoring.weights_sum", "choices", "weights", found=sum(weights.values()))


def _misfits(rule: Rule, at: Callable[..., Problem]) -> Iterator[Problem]:
    """What does not go together within one rule."""
    ways = WAYS.get(rule.measure)
    if ways is None:
        yield at("scoring.no_measure", name=rule.measure, allowed=", ".join(WAYS))
        return
    if rule.way not in ways:
        yield at(
            "scoring.no_way", name=rule.way, measure=rule.measure, allowed=", ".join(w or "-" for w in ways)
        )
    if rule.measure == "person":
        fits = rule.curve is None
    else:
        fits = rule.curve is not None and isinstance(rule.curve, Checklist) == (rule.measure == "checklist")
    if not fits:
        yield at("scoring.curve_misfit", measure=rule.measure)
