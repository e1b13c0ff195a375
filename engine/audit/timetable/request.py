"""What is asked of an audit plan: read from a file, every mistake told with its line."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from shall.engine.audit.calendar import Day
from shall.engine.grading_file import FileProblems, read_source
from shall.engine.loader import Problem, Source, validated
from shall.engine.models import Shape, Text
from shall.engine.wrong import Wrong


def _clock(value: object) -> object:
    """Minutes since midnight of `9:30`."""
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,2}):(\d{2})", value.strip())):
        hours, minutes = int(found[1]), int(found[2])
        if hours < 24 and minutes < 60:
            return 60 * hours + minutes
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return value
    raise Wrong("wrong.clock")


Clock = Annotated[int, BeforeValidator(_clock)]
Weight = Annotated[int, Field(ge=0, le=1000)]
Minutes = Annotated[int, Field(ge=1, le=4800)]


class Hours(Shape):
    """Working hours."""

    start: Clock = Field(default=540, alias="from")
    until: Clock = 1050
    lunch_from: Clock = 720
    lunch_until: Clock = 780

    @model_validator(mode="after")
    def _forward(self) -> "Hours":
        if not self.start < self.lunch_from <= self.lunch_until < self.until:
            raise Wrong("wrong.hours_order")
        return self


class Meetings(Shape):
    """Opening, daily and closing meeting."""

    opening_minutes: Annotated[int, Field(ge=0, le=240)] = 30
    team_minutes: Annotated[int, Field(ge=0, le=240)] = 30
    closing_minutes: Annotated[int, Field(ge=0, le=240)] = 30
    site: Text | None = None
    everybody: bool = True


class Overrides(Shape):
    """Minutes in place of the estimate, by unit or by clause."""

    units: Mapping[str, Minutes] = Field(default_factory=dict)
    clauses: Mapping[str, Annotated[int, Field(ge=0, le=480)]] = Field(default_factory=dict)


class Absence(Shape):
    """Days on which somebody cannot audit."""

    auditor: Text
    first: Day = Field(alias="from")
    until: Day

    @model_validator(mode="after")
    def _forward(self) -> "Absence":
        if self.until < self.first:
            raise Wrong("wrong.until_from")
        return self


class Leg(Shape):
    """The time between two sites, in both directions."""

    start: Text = Field(alias="from")
    to: Text
    minutes: Annotated[int, Field(ge=0, le=720)]


class Travel(Shape):
    """Times between sites, beside those on record."""

    default_minutes: Annotated[int, Field(ge=0, le=720)] = 60
    times: tuple[Leg, ...] = ()


class Fixed(Shape):
    """Where the sessions of a unit are to be."""

    unit: Text
    day: Day | None = None
    half: Literal["morning", "afternoon"] | None = None
    auditor: Text | None = None


class Only(Shape):
    """The part that is audited; an empty list is everything. A clause stands for all that lie below it."""

    units: tuple[Text, ...] = ()
    clauses: tuple[Text, ...] = ()

    def has(self, clause: str) -> bool:
        """Whether a clause, `ruleset:number`, belongs to the part."""
        return not self.clauses or any(f"{clause}.".startswith(f"{one}.") for one in self.clauses)


class Before(Shape):
    """One unit before another."""

    before: Text
    after: Text


class Weights(Shape):
    """What a worse plan costs."""

    end_minutes: Weight = 1
    travel_minutes: Weight = 2
    balance_minutes: Weight = 1
    another_auditor: Weight = 60
    early_half_day: Weight = 20


class RequestFile(Shape):
    """A request as its file writes it; every key has a default."""

    hours: Hours = Field(default_factory=Hours)
    minutes_per_day: Annotated[int, Field(ge=60, le=480)] = 480
    slot_minutes: Annotated[int, Field(ge=5, le=120)] = 30
    session_minutes: Annotated[int, Field(ge=30, le=240)] = 120
    meetings: Meetings = Field(default_factory=Meetings)
    audit_days: Annotated[Decimal, Field(gt=0, le=1000)] | None = None
    on_site_percent: Annotated[int, Field(ge=10, le=100)] = 80
    minutes: Overrides = Field(default_factory=Overrides)
    sector: Text | None = None
    lead: Text | None = None
    accompany: Mapping[str, Text] = Field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    impartiality_months: Annotated[int, Field(ge=0, le=120)] = 24
    units: tuple[Text, ...] = ()
    only: Only = Field(default_factory=Only)
    remote: tuple[Text, ...] = ()
    travel: Travel = Field(default_factory=Travel)
    fixed: tuple[Fixed, ...] = ()
    order: tuple[Before, ...] = ()
    weights: Weights = Field(default_factory=Weights)
    early_from_percent: Annotated[int, Field(ge=0, le=100)] = 20
    effort: Annotated[int, Field(ge=1, le=60)] = 4

    @model_validator(mode="after")
    def _fits(self) -> "RequestFile":
        hours, meetings = self.hours, self.meetings
        morning, afternoon = hours.lunch_from - hours.start, hours.until - hours.lunch_until
        if meetings.opening_minutes > morning:
            raise Wrong("wrong.opening_long")
        if meetings.team_minutes + meetings.closing_minutes > afternoon:
            raise Wrong("wrong.closing_long")
        if self.slot_minutes > self.session_minutes:
            raise Wrong("wrong.slot_long")
        return self


@dataclass(frozen=True, slots=True)
class Request:
    """A request, the digest of its file, and the file for telling lines (None: the defaults)."""

    file: RequestFile
    digest: str
    source: Source | None = None


def template_text() -> str:
    """The shipped request with its comments."""
    return files("shall.rulesets").joinpath("audit_plan", "default.yaml").read_text(encoding="utf-8")


def read_request(path: Path | None = None) -> Request:
    """The request of a file, or the defaults; raises FileProblems with everything that is wrong."""
    if path is None:
        return Request(RequestFile(), _digest(template_text()))
    text, source = read_source(path)
    if source.value is None:
        source = Source(source.name, {}, source.node)
    problems: list[Problem] = []
    found = validated(RequestFile, source, (), problems)
    if found is None or problems:
        raise FileProblems(problems)
    return Request(found, _digest(text), source)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def check_names(
    request: Request,
    *,
    units: Iterable[str],
    auditors: Iterable[str],
    sites: Iterable[str],
    clauses: Iterable[str],
) -> None:
    """Hold the names in the request against those there are; raises FileProblems."""
    source = request.source
    if source is None:
        return
    listed = list(clauses)
    known = {"unit": set(units), "auditor": set(auditors), "site": set(sites), "clause": set(listed)}
    known["part"] = {part for clause in listed for part in parts_of(clause)}
    problems = [
        Problem(source.name, source.line(*at), f"audit_plan.no_{what}",
                {"value": value, "known": ", ".join(sorted(known[what])[:20]) or "-"})
        for at, what, value in _names(request.file)
        if value not in known[what]
    ]  # fmt: skip
    if problems:
        raise FileProblems(problems)


def parts_of(clause: str) -> list[str]:
    """The clause and those it lies in: `a:8.1.2`, `a:8.1`, `a:8`."""
    pieces = clause.split(".")
    return [".".join(pieces[:n]) for n in range(len(pieces), 0, -1)]


def _names(file: RequestFile) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Each name in the request: where, of what, which."""
    for unit in file.minutes.units:
        yield ("minutes", "units", unit), "unit", unit
    for clause in file.minutes.clauses:
        yield ("minutes", "clauses", clause), "clause", clause
    for key, listed in (("units", file.units), ("remote", file.remote)):
        yield from (((key, n), "unit", unit) for n, unit in enumerate(listed))
    yield from ((("only", "units", n), "unit", unit) for n, unit in enumerate(file.only.units))
    yield from ((("only", "clauses", n), "part", clause) for n, clause in enumerate(file.only.clauses))
    for n, fixed in enumerate(file.fixed):
        yield ("fixed", n, "unit"), "unit", fixed.unit
        if fixed.auditor:
            yield ("fixed", n, "auditor"), "auditor", fixed.auditor
    for n, order in enumerate(file.order):
        yield ("order", n, "before"), "unit", order.before
        yield ("order", n, "after"), "unit", order.after
    for n, absence in enumerate(file.absences):
        yield ("absences", n, "auditor"), "auditor", absence.auditor
    for who, whom in file.accompany.items():
        yield from ((("accompany", who), "auditor", one) for one in (who, whom))
    if file.lead:
        yield ("lead",), "auditor", file.lead
    if file.meetings.site:
        yield ("meetings", "site"), "site", file.meetings.site
    for n, leg in enumerate(file.travel.times):
        yield ("travel", "times", n, "from"), "site", leg.start
        yield ("travel", "times", n, "to"), "site", leg.to
