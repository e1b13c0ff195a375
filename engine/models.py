"""Shapes of a ruleset as its YAML writes them: the only list of allowed keys."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shall.engine.wrong import Wrong

Modality = Literal["shall", "should", "may", "can", "statement"]
Severity = Literal["shall", "should", "info"]
ProvisionKind = Literal["sentence", "item", "note", "indicator", "formula"]

_ADDRESS = re.compile(r"^(\d+(\.\d+)*|[A-Z](\.\d+)*)(#\d+[a-z]?)?(/(L\d+|[a-z]|N?\d+)(#\d+[a-z]?)?)*$")
_PERIOD = re.compile(r"^P(?:(\d+)Y|(\d+)M|(\d+)W|(\d+)D)$")
_CONCEPT = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")


def _address(value: str) -> str:
    if not _ADDRESS.match(value):
        raise Wrong("wrong.address")
    return value


def _text_not_number(value: Any) -> Any:
    if not isinstance(value, str):
        raise Wrong("wrong.address_number")
    return value


def _concept(value: str) -> str:
    if not _CONCEPT.match(value):
        raise Wrong("wrong.concept")
    return value


Address = Annotated[str, BeforeValidator(_text_not_number), AfterValidator(_address)]
Concept = Annotated[str, AfterValidator(_concept)]
Text = Annotated[str, Field(min_length=1)]


class Shape(BaseModel):
    """Frozen; a key that is not declared is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Both(Shape):
    """A text in both languages."""

    zh: Text
    en: Text


def _period(value: Any) -> Any:
    if isinstance(value, str) and not _PERIOD.match(value):
        raise Wrong("wrong.period")
    return value


Period = Annotated[str, BeforeValidator(_period)]


class Defined(Shape):
    """The interval the organisation itself has recorded for this subject.

    Where it has recorded none, nothing can be held to it; with `otherwise`, an event within that period before
    the day suffices then.
    """

    defined: Text
    otherwise: Period | None = None


Interval = Annotated[str | Defined, BeforeValidator(_period)]


def interval_value(interval: "str | Defined") -> tuple[str, int | str]:
    """`("months", n)`, `("days", n)` or `("defined", subject)`."""
    if isinstance(interval, Defined):
        return "defined", interval.defined
    return period_value(interval)


def period_value(period: str) -> tuple[str, int]:
    """`("months", n)` or `("days", n)`."""
    match = _PERIOD.match(period)
    assert match is not None
    years, months, weeks, days = (int(g) if g else 0 for g in match.groups())
    return ("months", years * 12 + months) if years or months else ("days", weeks * 7 + days)


class Check(Shape):
    """One way of asking the evidence; `expects` is the sentence a finding quotes."""

    expects: Both | None = None


class Some(Check):
    """At least `at_least` records of the population satisfy the predicate."""

    some: Text
    where: Text | None = None
    that: Text | None = None
    at_least: int = Field(default=1, ge=1)


class Every(Check):
    """There is a population and all of it satisfies the predicate."""

    every: Text
    where: Text | None = None
    that: Text


class Covers(Check):
    """Each listed value occurs in the column."""

    covers: Text
    where: Text | None = None
    column: Text
    values: tuple[Text, ...] = Field(min_length=1)


class Fresh(Check):
    """The newest record is not older than the period on the day."""

    fresh: Text
    where: Text | None = None
    date: Text
    within: Interval


class Recurring(Check):
    """No gap in the audit period exceeds the interval; with `of`, none for any single record of that kind."""

    recurring: Text
    where: Text | None = None
    date: Text
    interval: Interval
    of: Text | None = None
    of_where: Text | None = None
    of_since: Text | None = None
    match: Text | None = None

    @model_validator(mode="after")
    def _all_or_none(self) -> "Recurring":
        if (self.of is None) != (self.match is None):
            raise Wrong("wrong.of_match")
        if self.of is None and (self.of_where or self.of_since):
            raise Wrong("wrong.of_needed")
        return self


class Answered(Check):
    """Each event is followed by a response within the time, if one is set; one younger than the grace may wait."""

    answered: Text
    where: Text | None = None
    date: Text
    response: Text
    response_where: Text | None = None
    response_date: Text
    match: Text | None = None
    within: Interval | None = None
    grace: Period | None = None

    @model_validator(mode="after")
    def _one_time(self) -> "Answered":
        if self.within and self.grace:
            raise Wrong("wrong.grace")
        if isinstance(self.within, Defined) and self.within.otherwise:
            raise Wrong("wrong.otherwise_here")
        return self


class Linked(Check):
    """Each record has at least one partner."""

    linked: Text
    where: Text | None = None
    partner: Text
    partner_where: Text | None = None
    match: Text


class Count(Shape):
    """How many records satisfy the predicate."""

    count: Text
    where: Text | None = None


class Sum(Shape):
    """The sum of a number column over the records that satisfy the predicate."""

    sum: Text
    column: Text
    where: Text | None = None


class Compare(Check):
    """An arithmetic comparison over counts and sums holds; + - * only."""

    compare: Text
    using: Mapping[str, Count | Sum] = Field(min_length=1)


class Nothing(Check):
    """No record satisfies the predicate, and a record shows that somebody looked."""

    none: Text
    where: Text | None = None
    looked: Some


class AnyOf(Check):
    """One of the checks suffices."""

    any_of: "tuple[Requirement, ...]" = Field(min_length=2)


CHECKS: Mapping[str, type[Check]] = {
    "some": Some,
    "every": Every,
    "covers": Covers,
    "fresh": Fresh,
    "recurring": Recurring,
    "answered": Answered,
    "linked": Linked,
    "compare": Compare,
    "none": Nothing,
    "any_of": AnyOf,
}
"""Every check kind by the key that names it."""


def _pick_check(value: Any) -> Any:
    if isinstance(value, Check) or not isinstance(value, dict):
        return value
    named = [name for name in CHECKS if name in value]
    if len(named) != 1:
        raise Wrong("wrong.one_check", allowed=", ".join(CHECKS))
    return CHECKS[named[0]].model_validate(value)


Requirement = Annotated[Check, BeforeValidator(_pick_check)]


class When(Shape):
    """When a provision applies: a predicate over the organisation's profile, or a record that exists.

    With both: it applies where such a record exists; where records of the kind exist but none fits, it does
    not; where there is none of the kind at all, the profile decides. `or_exists` is a second kind of record that
    suffices.
    """

    profile: Text | None = None
    exists: Text | None = None
    where: Text | None = None
    or_exists: Text | None = None
    or_where: Text | None = None
    says: Both | None = None

    @model_validator(mode="after")
    def _second_needs_a_first(self) -> "When":
        if (self.or_exists and (self.exists is None or self.profile)) or (
            self.or_where and not self.or_exists
        ):
            raise Wrong("wrong.or_exists")
        return self


class Provision(Shape):
    """The smallest statement of a standard that can be judged on its own."""

    address: Address
    modality: Modality
    severity: Severity | None = None
    doc_info: tuple[Literal["maintain", "retain", "document"], ...] = ()
    interval: Literal["defined", "planned", "periodic", "frequency"] | None = None
    trigger: Both | None = None
    refs: tuple[Text, ...] = ()
    incorporates: tuple[Text, ...] = ()
    condition: Both | None = None
    when: When | None = None
    concepts: tuple[Concept, ...] = ()
    gist: Both
    requires: tuple[Requirement, ...] = ()
    judged: Both | None = None
    look_at: tuple[Text, ...] = ()
    reading: Both | None = None

    @property
    def clause(self) -> str:
        """The clause the provision stands in."""
        return re.split(r"[#/]", self.address)[0]

    @property
    def kind(self) -> ProvisionKind:
        """sentence, item or note, told from the address; A.1/n is an indicator, B.n a formula."""
        if self.address[0].isalpha():
            return "indicator" if "/" in self.address else "formula"
        if re.search(r"/N\d+(/|$)", self.address):
            return "note"
        return "sentence" if "#" in self.address.rpartition("/")[2] else "item"

    @property
    def weight(self) -> Severity:
        """What the engine does with it: the stated severity, or what the modality implies."""
        if self.severity:
            return self.severity
        return self.modality if self.modality in ("shall", "should") else "info"


class Standard(Shape):
    """The head of a ruleset: which standard, which edition, of which standing."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    number: Text
    title: Both
    edition: Text
    status: Literal["published", "draft"]
    nature: Literal["requirements", "guideline", "evaluation"]
    published: Text | None = None
    in_force: Text | None = None
    chapters: tuple[Text, ...]
    annexes: Text | None = None
    scoring: Text | None = None
    clauses: Mapping[str, Both] = Field(default_factory=dict)
    reading: Both | None = None


class Ruleset(Shape):
    """A standard with its provisions in the order of the text, and the digest of its content."""

    standard: Standard
    provisions: tuple[Provision, ...]
    fingerprints: Mapping[str, str]
    digest: str

    @property
    def key(self) -> str:
        """Short name of the ruleset, as on the command line."""
        return self.standard.key
