"""Cycle profiles as their files write them: duties with their periods, and checks of the order and of who decides."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from shall.engine.audit.calendar import Confidence, Day
from shall.engine.audit.tables import Key, Read, read_file
from shall.engine.models import Both, Shape, Text
from shall.engine.wrong import Wrong

FOLDER = "cycles"
"""The folder of shipped profiles beside the rulesets."""

StepName = Literal[
    "stage_1",
    "stage_2",
    "surveillance",
    "recertification",
    "special",
    "decided",
    "refused",
    "issued",
    "suspended",
    "restored",
    "reduced",
    "withdrawn",
]
CheckName = Literal[
    "decided_outside_team",
    "stage_1_before_stage_2",
    "stage_1_ready",
    "audit_before_decision",
    "issued_after_decision",
    "majors_before_decision",
]


class Duty(Shape):
    """What must be done, from what it counts and until when; without `within` and `by` there is no limit."""

    key: Key
    done_by: tuple[StepName, ...] = Field(min_length=1)
    since: StepName | Literal["expired"] | None = None
    which: Literal["first", "later"] = "first"
    only_initial: bool = False
    within: Annotated[str, Field(pattern=r"^P[1-9]\d{0,2}M$")] | None = None
    by: Literal["expiry"] | None = None
    calendar_years: bool = False
    times: Annotated[int, Field(ge=1, le=20)] = 1
    condition: Literal["majors_unverified"] | None = Field(default=None, alias="while")
    says: Both
    late: Both | None = None
    source: Both | None = None
    confidence: Confidence | None = None

    @property
    def months(self) -> int | None:
        """The period in months."""
        return int(self.within[1:-1]) if self.within else None

    @model_validator(mode="after")
    def _one_way(self) -> "Duty":
        if (self.by is None) == (self.since is None):
            raise Wrong("wrong.since_or_by")
        if self.by is not None and (self.within or self.calendar_years or self.which == "later"):
            raise Wrong("wrong.by_alone")
        if self.times > 1 and self.by is None:
            raise Wrong("wrong.times_by")
        if self.calendar_years and (self.within or self.since not in ("decided", "issued")):
            raise Wrong("wrong.calendar_years")
        if self.condition and (self.since != "stage_2" or not self.within):
            raise Wrong("wrong.while_majors")
        return self


class Check(Shape):
    """A check of the steps on record; what it looks at is the software's."""

    key: CheckName
    says: Both


class Profile(Shape):
    """The duties and checks of one scheme."""

    key: Key
    edition: Text
    title: Both
    source: Both
    confidence: Confidence
    in_force: Day | None = None
    cycle_begins: Literal["decided", "issued"]
    duties: tuple[Duty, ...] = Field(min_length=1)
    checks: tuple[Check, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> "Profile":
        for items in (self.duties, self.checks):
            keys = [item.key for item in items]
            if len(set(keys)) < len(keys):
                raise Wrong("wrong.duties_twice")
        return self


def profile(name: str) -> Read[Profile]:
    """The shipped profile of that key, or the one in that file; raises UsageError, RulesetError or FileProblems."""
    return read_file(Profile, name, FOLDER)
