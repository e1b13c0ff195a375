"""Findings as what gives rise to consequences and what discharges them: on which day they were how far."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from shall.engine.audit.lifecycle import Case, begin, step
from shall.engine.consequences.rules_file import OfFindings

ORDER = (
    "raised",
    "answered",
    "accepted",
    "implemented",
    "implementation_verified",
    "effectiveness_verified",
    "closed",
)
"""How far a finding has come. One sent back is where it began; a dispute leaves it where it was."""


def stages(case: Case) -> Iterator[tuple[str, int, date]]:
    """Each state it was in, how far that is, and since when."""
    at = begin(case.finding)
    far = _far(at)
    yield "raised", 0, at.finding.found_on
    if at.closed_on is not None:  # the organisation closed what was only noted
        yield at.state, far, at.closed_on
    for taken in case.steps:
        at = step(at, taken)
        far = far if at.state == "disputed" else _far(at)
        assert taken.on is not None
        yield at.state, far, taken.on


def _far(case: Case) -> int:
    return ORDER.index(case.state) if case.state in ORDER else 0


def reached(case: Case, state: str) -> date | None:
    """The day since which it has been at least that far; None where it is not, also where it was and was sent back.

    To close it verifies nothing: a minor one closed on an accepted plan has not come as far as a verification.
    """
    since: date | None = None
    for name, far, on in stages(case):
        if name == "closed" and case.steps and state != "closed" and since is None:
            continue
        if far < ORDER.index(state):
            since = None
        elif since is None:
            since = on
    return since


def events(cases: Sequence[Case], wanted: OfFindings) -> Iterator[tuple[str, date]]:
    """Findings that are meant and the day they were first in one of the states; withdrawn ones never."""
    for case in cases:
        if case.state == "withdrawn" or case.grade not in wanted.grades:
            continue
        if wanted.repeated and not repeats(case, cases):
            continue
        days = [on for state, _, on in stages(case) if state in wanted.states]
        if days:
            yield case.finding.record, min(days)


def repeats(case: Case, cases: Iterable[Case]) -> bool:
    """Whether an earlier nonconformity has the same criterion: closed by then, or found in another audit.

    Seen twice in one audit is not found again.
    """
    own = case.finding
    if own.address is None:
        return False
    for other in cases:
        earlier = other.finding
        if earlier.record == own.record or other.state == "withdrawn" or other.grade == "opportunity":
            continue
        same = (earlier.ruleset, earlier.address) == (own.ruleset, own.address)
        if not same or earlier.found_on >= own.found_on:
            continue
        closed = other.closed_on is not None and other.closed_on <= own.found_on
        if closed or earlier.audit is None or earlier.audit != own.audit:
            return True
    return False
