"""Working days: Monday to Friday, less the days off and plus the make-up days that calendar files name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from shall.engine.grading_file import FileProblems, read_source
from shall.engine.loader import Problem, validated
from shall.engine.models import Both, Shape, Text
from shall.engine.wrong import Wrong

CALENDARS = "calendars"
"""The folder of shipped calendars beside the rulesets."""

Confidence = Literal["high", "medium", "low"]


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise Wrong("wrong.day") from None


Day = Annotated[date, BeforeValidator(_day)]


class Off(Shape):
    """Days off in a row; source and confidence where they differ from the file's."""

    first: Day = Field(alias="from")
    until: Day | None = None
    name: Both
    confidence: Confidence | None = None
    source: Both | None = None

    @property
    def days(self) -> Iterator[date]:
        """Each day."""
        return (self.first + timedelta(n) for n in range(((self.until or self.first) - self.first).days + 1))

    @model_validator(mode="after")
    def _forward(self) -> "Off":
        if self.until is not None and not self.first <= self.until <= self.first + timedelta(366):
            raise Wrong("wrong.off_until")
        return self


class CalendarFile(Shape):
    """A year's days off and make-up working days, with their source."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    year: Annotated[int, Field(ge=1990, le=2200)]
    source: Both
    confidence: Confidence
    off: tuple[Off, ...] = ()
    working: tuple[Day, ...] = ()

    @model_validator(mode="after")
    def _of_the_year(self) -> "CalendarFile":
        days = [day for off in self.off for day in off.days]
        for day in (*days, *self.working):
            if day.year != self.year:
                raise Wrong("wrong.off_year", day=day, year=self.year)
        both = sorted(set(days) & set(self.working))
        if both:
            raise Wrong("wrong.off_working", day=both[0])
        return self


class Reached(NamedTuple):
    """A day, and whether it rests on a year without a calendar or on days that are not certain."""

    day: date
    assumed: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the calendar files say together; a year that none covers has its weekdays only."""

    keys: tuple[str, ...]
    years: frozenset[int]
    off: frozenset[date]
    working: frozenset[date]
    unsure: frozenset[date]
    sources: tuple[Text, ...] = ()

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        if day in self.working:
            return True
        return day.weekday() < 5 and day not in self.off

    def after(self, start: date, days: int) -> Reached:
        """The day that is so many working days after the start; the start itself does not count."""
        day, assumed = start, False
        while days:
            day += timedelta(1)
            days -= self.works(day)
            assumed = assumed or day.year not in self.years or day in self.unsure
        return Reached(day, assumed)


def calendar(own: Sequence[Path] = ()) -> Calendar:
    """The shipped calendars; a file of the user's own replaces what is shipped for its year.

    Raises FileProblems, also where two of the user's files are about one year.
    """
    read = {one.year: one for one in map(_read, _shipped())}
    given: dict[int, Path] = {}
    for path in own:
        one = _read(path)
        if one.year in given:
            fields = {"year": one.year, "other": given[one.year].name}
            raise FileProblems([Problem(path.name, 1, "audit.calendar_twice", fields)])
        given[one.year] = path
        read[one.year] = one
    return _joined([read[year] for year in sorted(read)])


def _shipped() -> Iterator[Path]:
    folder = files("shall.rulesets").joinpath(CALENDARS)
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".yaml"):
            with as_file(entry) as path:
                yield path


def _read(path: Path) -> CalendarFile:
    _, source = read_source(path)
    problems: list[Problem] = []
    found = validated(CalendarFile, source, (), problems)
    if found is None:
        raise FileProblems(problems)
    return found


def _joined(found: Iterable[CalendarFile]) -> Calendar:
    found = list(found)
    unsure = {d for f in found for o in f.off if (o.confidence or f.confidence) == "low" for d in o.days}
    unsure |= {d for f in found if f.confidence == "low" for d in f.working}
    return Calendar(
        keys=tuple(f.key for f in found),
        years=frozenset(f.year for f in found),
        off=frozenset(d for f in found for o in f.off for d in o.days),
        working=frozenset(d for f in found for d in f.working),
        unsure=frozenset(unsure),
        sources=tuple(f"{f.key}: {f.source.zh}" for f in found),
    )
