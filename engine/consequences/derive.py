"""What follows from facts: the words both engines speak, and the plain loop that needs no library.

Consequences, records and links are numbers, days are day numbers (`date.toordinal`), `sure` is 1 or 0.

    root(c, e, day, sure)             record e gives rise to consequence c on that day
    link(c, e, g)                     what could discharge a c that came of record e is the group g
    answer(g, r, day, after)          record r of the group g was there on `day`; the one before it on `after`
    maybe(g, r, day)                  r might be: it lacks what would tell, or its date (day FAR)
    arise(c, d)                       with c arises d
    pass(c, d, r, sure)               where r discharges c, d arises

    instance(c, root, e, day, sure)   <- root(c, e, day, sure), root = e
    instance(d, root, e, day, 1)      <- instance(c, root, e, day, 1), arise(c, d)
    done(c, root, e, day, sure, r, on)  <- instance(c, root, e, day, sure), link(c, e, g), answer(g, r, on, after),
                                         after < day <= on: the first answer from the day on
    instance(d, root, r, on, sure)    <- done(c, root, e, day, 1, r, on), pass(c, d, r, sure)
    possible(c, root, e, day, r)      <- instance(c, root, e, day, sure), link(c, e, g), maybe(g, r, on), day <= on

Every fact is derived once, days come from the records, so a circle ends: it has to be done again only when it was
done, on that day or a later one.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

FAR = 10_000_000
"""A day after all others: for what has no date."""

Instance = tuple[int, int, int, int, int]
Fact = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the records say, each relation sorted."""

    root: tuple[Fact, ...] = ()
    link: tuple[Fact, ...] = ()
    answer: tuple[Fact, ...] = ()
    maybe: tuple[Fact, ...] = ()
    arise: tuple[Fact, ...] = ()
    passing: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """What follows, sorted; a cause is a derived instance followed by the one it came from."""

    instance: tuple[Fact, ...] = ()
    cause: tuple[Fact, ...] = ()
    done: tuple[Fact, ...] = ()
    possible: tuple[Fact, ...] = ()

    @classmethod
    def of(cls, found: dict[str, set[Fact]]) -> "Derived":
        """The relations of a result, sorted."""
        return cls(**{f.name: tuple(sorted(found[f.name])) for f in fields(cls)})


def fixpoint(facts: Facts) -> Derived:
    """Everything that follows, by a plain loop: take an instance, see what comes of it, until nothing new comes."""
    look = _Index(facts)
    found: dict[str, set[Fact]] = {f.name: set() for f in fields(Derived)}
    waiting = deque((c, e, e, day, sure) for c, e, day, sure in facts.root)
    while waiting:
        one = waiting.popleft()
        if one in found["instance"]:
            continue
        found["instance"].add(one)
        found["possible"].update((*one[:4], r) for r in look.possible(one))
        done: list[Fact] = [(*one, r, on) for r, on in look.first(one)]
        found["done"].update(done)
        if one[4]:
            for child in look.children(one, done):
                found["cause"].add((*child, *one))
                waiting.append(child)
    return Derived.of(found)


class _Index:
    """The facts by what they are looked up by."""

    def __init__(self, facts: Facts) -> None:
        self.groups: dict[Fact, list[int]] = {}
        self.answers: dict[int, list[Fact]] = {}
        self.maybes: dict[int, list[Fact]] = {}
        self.arising: dict[int, list[int]] = {}
        self.passing: dict[Fact, list[Fact]] = {}
        for c, e, g in facts.link:
            self.groups.setdefault((c, e), []).append(g)
        for g, *rest in facts.answer:
            self.answers.setdefault(g, []).append(tuple(rest))
        for g, *rest in facts.maybe:
            self.maybes.setdefault(g, []).append(tuple(rest))
        for c, d in facts.arise:
            self.arising.setdefault(c, []).append(d)
        for c, d, r, sure in facts.passing:
            self.passing.setdefault((c, r), []).append((d, sure))

    def first(self, one: Instance) -> Iterator[tuple[int, int]]:
        """The first answer from the day of the instance on."""
        c, _, e, day, _ = one
        for g in self.groups.get((c, e), ()):
            yield from ((r, on) for r, on, after in self.answers.get(g, ()) if after < day <= on)

    def possible(self, one: Instance) -> Iterator[int]:
        """Records that might be an answer."""
        c, _, e, day, _ = one
        for g in self.groups.get((c, e), ()):
            yield from (r for r, on in self.maybes.get(g, ()) if day <= on)

    def children(self, one: Instance, done: Iterable[Fact]) -> Iterator[Instance]:
        """What arises with it, and by its being discharged."""
        c, root, e, day, _ = one
        yield from ((d, root, e, day, 1) for d in self.arising.get(c, ()))
        for *_, r, on in done:
            yield from ((d, root, r, on, sure) for d, sure in self.passing.get((c, r), ()))
