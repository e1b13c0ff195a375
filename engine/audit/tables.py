"""Tables of audit time and sampling as their files write them: numbers with source and confidence, none ours."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from hashlib import sha256
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from shall.engine.audit.calendar import Confidence
from shall.engine.grading_file import FileProblems, read_source
from shall.engine.loader import Problem, validated
from shall.engine.models import Both, Shape, Text
from shall.engine.wrong import Wrong
from shall.texts.errors import UsageError

FOLDER = "audit_time"
"""The folder of shipped tables beside the rulesets."""

Level = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Key = Level
Audit = Literal["initial", "surveillance", "recertification"]
AUDITS: tuple[Audit, ...] = ("initial", "surveillance", "recertification")


def _decimal(value: object) -> object:
    """The number exactly as the file writes it: what YAML read as 2.5 is 2.5, not the float nearest to it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Wrong("wrong.number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Wrong("wrong.number") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -4 or number.adjusted() > 8:
        raise Wrong("wrong.number_nine_four")
    return number


def _share(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[1-9]\d{0,3}/[1-9]\d{0,3}", value):
        return Fraction(value)
    number = _decimal(value)
    assert isinstance(number, Decimal)
    return Fraction(number)


def _positive(value: Fraction) -> Fraction:
    if not 0 < value <= 10:
        raise Wrong("wrong.share_ten")
    return value


Number = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0)]
Percent = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=100)]
Share = Annotated[Any, BeforeValidator(lambda value: _positive(_share(value)))]
"""A Fraction: thirds are exact."""


class Rounding(Shape):
    """What a result is rounded to, and how; `nearest` takes a tie up."""

    to: Annotated[Number, Field(gt=0)]
    mode: Literal["nearest", "up"]
    says: Both
    confidence: Confidence | None = None


class Limits(Shape):
    """How far additions and reductions together may go below the table, in percent of it."""

    reduce_percent: Percent
    says: Both
    confidence: Confidence | None = None


class ShareOf(Shape):
    """The time of an audit as a share of an initial audit calculated with today's facts."""

    share: Share
    says: Both
    confidence: Confidence | None = None


class Factor(Shape):
    """A ground for more or less time that the document names; `most` limits its percentage where it gives one."""

    key: Key
    effect: Literal["add", "reduce", "either"]
    says: Both
    most: Percent | None = None


class Persons(Shape):
    """Who is counted: everybody, or the people involved in the system."""

    counts: Literal["all", "involved"]
    says: Both


class Step(Shape):
    """The value of a factor up to a number; the last step has no number."""

    most: Number | None = None
    value: Number


class Weighed(Shape):
    """One factor of the complexity."""

    key: Key
    weight: Number
    says: Both
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> "Weighed":
        mosts = [step.most for step in self.steps]
        if mosts[-1] is not None or None in mosts[:-1]:
            raise Wrong("wrong.last_step")
        known = [most for most in mosts if most is not None]
        if known != sorted(set(known)):
            raise Wrong("wrong.most_rises")
        return self


class LevelAt(Shape):
    """A level and the complexity up to which it reaches: `below` the number, or `most` the number."""

    level: Level
    below: Number | None = None
    most: Number | None = None

    def takes(self, value: Decimal) -> bool:
        """Whether that complexity is of this level, those before it having refused."""
        return (self.below is None or value < self.below) and (self.most is None or value <= self.most)


class Complexity(Shape):
    """How the level follows from facts."""

    says: Both
    factors: tuple[Weighed, ...] = Field(min_length=1)
    levels: tuple[LevelAt, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _last_takes_all(self) -> "Complexity":
        if self.levels[-1].below is not None or self.levels[-1].most is not None:
            raise Wrong("wrong.last_level")
        if any(at.below is None and at.most is None for at in self.levels[:-1]):
            raise Wrong("wrong.other_levels")
        return self


Days = Mapping[Level, Annotated[Number, Field(gt=0)]]


class Band(Shape):
    """The days for so many persons; surveillance and recertification only where the table gives them itself."""

    first: Annotated[int, Field(alias="from", ge=1)]
    until: Annotated[int, Field(ge=1)]
    initial: Days
    surveillance: Days | None = None
    recertification: Days | None = None
    confidence: Confidence | None = None
    source: Both | None = None

    def days(self, audit: Audit) -> Days | None:
        """The table's own days for that audit."""
        given: Days | None = getattr(self, audit)
        return given


class Unsure(Shape):
    """A single number that is less certain than the rest."""

    first: Annotated[int, Field(alias="from")]
    level: Level
    audit: Audit = "initial"
    confidence: Confidence
    says: Both


class TimeTable(Shape):
    """Audit days by persons and level."""

    key: Key
    edition: Text
    title: Both
    made_for: Both
    source: Both
    confidence: Confidence
    day_hours: Annotated[int, Field(ge=1, le=24)]
    persons: Persons
    levels: Annotated[Mapping[Level, Both], Field(min_length=1)]
    complexity: Complexity | None = None
    rounding: Rounding
    limits: Limits
    on_site_percent: Percent
    surveillance: ShareOf | None = None
    recertification: ShareOf | None = None
    factors: tuple[Factor, ...] = ()
    bands: tuple[Band, ...] = Field(min_length=1)
    unsure: tuple[Unsure, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "TimeTable":
        _bands_follow(self.bands)
        for band in self.bands:
            for audit in AUDITS:
                days = band.days(audit)
                if days is None and (audit == "initial" or getattr(self, audit) is None):
                    raise Wrong("wrong.band_days", first=band.first, audit=audit)
                if days is not None and set(days) != set(self.levels):
                    raise Wrong("wrong.band_levels", first=band.first, audit=audit)
        levels = {at.level for at in self.complexity.levels} if self.complexity else set()
        if levels - set(self.levels):
            raise Wrong("wrong.complexity_level")
        for one in self.unsure:
            if one.first not in {band.first for band in self.bands} or one.level not in self.levels:
                raise Wrong("wrong.unsure")
        if len({factor.key for factor in self.factors}) < len(self.factors):
            raise Wrong("wrong.factors_twice")
        return self

    def band(self, persons: int) -> Band | None:
        """The band of so many persons; None beyond the table."""
        return next((band for band in self.bands if band.first <= persons <= band.until), None)


def _bands_follow(bands: Sequence[Band]) -> None:
    expected = 1
    for band in bands:
        if band.first != expected or band.until < band.first:
            raise Wrong("wrong.bands", expected=expected, found=band.first)
        expected = band.until + 1


class Sized(Shape):
    """The share of the square root; `proven` where the system proved effective over the cycle."""

    share: Share
    proven: Share | None = None


class Sizes(Shape):
    """The share per audit."""

    initial: Sized
    surveillance: Sized
    recertification: Sized


REASONS = (
    "never_visited",
    "open_findings",
    "earlier_findings",
    "large_emissions",
    "many_people",
    "new_purpose",
)
"""What the software can tell about a site."""


class Reason(Shape):
    """A reason to choose a site, and what it weighs."""

    key: Literal[
        "never_visited",
        "open_findings",
        "earlier_findings",
        "large_emissions",
        "many_people",
        "new_purpose",
    ]
    points: Annotated[int, Field(ge=1, le=100)]
    at_percent: Percent | None = None
    says: Both

    @model_validator(mode="after")
    def _limit_where_used(self) -> "Reason":
        if (self.key in ("large_emissions", "many_people")) != (self.at_percent is not None):
            raise Wrong("wrong.at_percent")
        return self


class SamplingTable(Shape):
    """How many sites, and by which reasons."""

    key: Key
    edition: Text
    title: Both
    made_for: Both
    source: Both
    confidence: Confidence
    size: Sizes
    all_sites: tuple[Audit, ...]
    unsampled_percent: Percent
    random_percent: Percent
    site_reduce_percent: Percent
    central: Both
    reasons: tuple[Reason, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> "SamplingTable":
        if len({reason.key for reason in self.reasons}) < len(self.reasons):
            raise Wrong("wrong.reason_twice")
        return self


class IntegrationRule(Shape):
    """How far integration shortens the sum."""

    key: Key
    edition: Text
    title: Both
    source: Both
    confidence: Confidence
    reduce_percent: Percent
    adds: Both
    rounding: Rounding


class SamplingFile(Shape):
    """A file of a sampling table."""

    sampling: SamplingTable


class IntegrationFile(Shape):
    """A file of an integration rule."""

    integration: IntegrationRule


_File = TypeVar("_File", bound=Shape)
_Table = TypeVar("_Table")


@dataclass(frozen=True, slots=True)
class Read(Generic[_Table]):
    """A table and the digest of the text it was read from."""

    table: _Table
    digest: str


def time_table(name: str) -> Read[TimeTable]:
    """The shipped table of that key, or the one in that file; raises UsageError, RulesetError or FileProblems."""
    return read_file(TimeTable, name, FOLDER)


def sampling_table(name: str = "iaf_md1") -> Read[SamplingTable]:
    """As `time_table`, for sampling."""
    read = read_file(SamplingFile, name, FOLDER)
    return Read(read.table.sampling, read.digest)


def integration_rule(name: str = "iaf_md11") -> Read[IntegrationRule]:
    """As `time_table`, for integrated audits."""
    read = read_file(IntegrationFile, name, FOLDER)
    return Read(read.table.integration, read.digest)


def shipped(folder: str = FOLDER) -> list[str]:
    """Keys of the files in a shipped folder."""
    entries = files("shall.rulesets").joinpath(folder).iterdir()
    return sorted(e.name.removesuffix(".yaml") for e in entries if e.name.endswith(".yaml"))


def time_tables() -> list[TimeTable]:
    """The shipped tables of audit time."""
    others = ("iaf_md1", "iaf_md11")
    return [time_table(key).table for key in shipped() if key not in others]


def read_file(model: type[_File], name: str, folder: str) -> Read[_File]:
    """The shipped file of that key, or the file at that path, as the model."""
    if name in shipped(folder):
        with as_file(files("shall.rulesets").joinpath(folder, f"{name}.yaml")) as path:
            return _read(model, path)
    if not Path(name).is_file():
        raise UsageError("audit_time.no_table", name=name, names=", ".join(shipped(folder)))
    return _read(model, Path(name))


def _read(model: type[_File], path: Path) -> Read[_File]:
    text, source = read_source(path)
    problems: list[Problem] = []
    found = validated(model, source, (), problems)
    if found is None:
        raise FileProblems(problems)
    return Read(found, sha256(text.encode()).hexdigest())
