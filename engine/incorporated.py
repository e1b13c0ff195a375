"""Which gaps become findings where standards incorporate one another: each once, under every provision it breaks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shall.engine.executors.python import Answers
from shall.engine.outcomes import MET
from shall.engine.plan import Plan
from shall.engine.verdicts import Decided

FAILING = ("nonconforming", "opportunity")


@dataclass(frozen=True, slots=True)
class Raised:
    """A verdict that becomes a finding, with all provisions it stands under and the standards it counts in.

    `softened`: only recommendations incorporate it, so that it is at most an opportunity.
    """

    decided: Decided
    cites: tuple[str, ...]
    standards: tuple[str, ...]
    softened: bool


def raised(plan: Plan, answers: Answers, decided: Sequence[Decided]) -> list[Raised]:
    """The gaps behind these verdicts, in the order of the provisions reported on.

    A gap in an incorporated provision is raised there and cites the incorporating one. Where a provision of the
    incorporating standard asks the same thing in its own words and fails for the same reason, that finding
    cites the incorporated provision instead of a second one being raised.
    """
    through = _through(plan, answers, decided)
    gaps = {n: d for n, d in enumerate(decided) if d.verdict in FAILING and d.reason != "incorporated"}
    own: dict[str, list[int]] = {}
    for n, d in gaps.items():
        own.setdefault(d.provision.ruleset, []).append(n)
    also: dict[int, list[str]] = {}
    found: list[tuple[int, int, Raised]] = []
    for n, d in gaps.items():
        outer = []
        for o in through.get(n, ()):
            same = _same_gap(plan, answers, d, [gaps[i] for i in own.get(decided[o].provision.ruleset, ())])
            if same is None:
                outer.append(decided[o])
            else:
                also.setdefault(_index(decided, same), []).append(d.provision.id)
        asked = d.provision.ruleset in plan.asked
        standards = ([d.provision.ruleset] if asked else []) + [o.provision.ruleset for o in outer]
        if standards:
            first = n if asked else _index(decided, outer[0])
            cites = (d.provision.id, *(o.provision.id for o in outer))
            soft = not asked and all(o.provision.severity == "should" for o in outer)
            found.append((first, n, Raised(d, cites, tuple(dict.fromkeys(standards)), soft)))
    return [_citing(one, also.get(n, ())) for _, n, one in sorted(found, key=lambda f: f[:2])]


def relevant(plan: Plan, answers: Answers, decided: Sequence[Decided]) -> list[Decided]:
    """Provisions of standards not asked for that count because one asked for incorporates them."""
    through = _through(plan, answers, decided)
    return [d for n, d in enumerate(decided) if n in through and d.provision.ruleset not in plan.asked]


def standing(finding: Mapping[str, Any], ruleset: str) -> str:
    """The address under which a finding counts in a standard: its own, or that of the provision incorporating it."""
    cited = (name.partition(":") for name in finding["cites"])
    return next(str(address) for key, _, address in cited if key == ruleset)


def _citing(one: Raised, more: Sequence[str]) -> Raised:
    cites = tuple(dict.fromkeys((*one.cites, *more)))
    return Raised(one.decided, cites, one.standards, one.softened)


def _index(decided: Sequence[Decided], one: Decided) -> int:
    return next(n for n, d in enumerate(decided) if d is one)


def _through(plan: Plan, answers: Answers, decided: Sequence[Decided]) -> Mapping[int, Sequence[int]]:
    """For each incorporated provision the provisions reported on that ask for it, directly or through others."""
    found: dict[int, dict[int, None]] = {}
    for n, one in enumerate(decided):
        if one.provision.ruleset in plan.asked:
            for inner in _inner(plan, answers, decided, n):
                found.setdefault(inner, {})[n] = None
    return {inner: list(outer) for inner, outer in found.items()}


def _inner(plan: Plan, answers: Answers, decided: Sequence[Decided], n: int) -> Iterator[int]:
    if _passes_on(decided[n], answers):
        for inner in decided[n].provision.incorporated:
            yield inner
            if plan.provisions[inner].ruleset not in plan.asked:
                yield from _inner(plan, answers, decided, inner)


def _passes_on(one: Decided, answers: Answers) -> bool:
    """Whether gaps below count: not where a person decided, nor where it does not or may not apply."""
    when = one.provision.when
    applies = when is None or answers.conditions[when] == MET
    return applies and one.judgement is None and one.exclusion is None and one.provision.severity != "info"


def _same_gap(plan: Plan, answers: Answers, gap: Decided, others: Sequence[Decided]) -> Decided | None:
    """A finding of the incorporating standard that fails by all that this one fails by, and is no less grave."""
    failing = _failing(plan, answers, gap)
    if not failing or gap.judgement:
        return None
    return next(
        (
            o
            for o in others
            if o.judgement is None
            and failing <= _failing(plan, answers, o)
            and not (gap.verdict == "nonconforming" and o.verdict == "opportunity")
        ),
        None,
    )


def _failing(plan: Plan, answers: Answers, one: Decided) -> set[object]:
    return {
        plan.requirements[i].decision for i in one.provision.requirements if answers.requirements[i] != MET
    }
