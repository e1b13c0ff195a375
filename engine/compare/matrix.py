"""Several standards side by side by the concept tree, and how far each chapter of one is answered by the others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shall.engine.compare.relations import Crosswalk, Standards, Traits
from shall.engine.plan import PlannedProvision


@dataclass(frozen=True, slots=True)
class Cell:
    """The provisions of one standard that carry a concept, and the strongest modality among them (3 shall … 0)."""

    provisions: tuple[Traits, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Row:
    """A concept and its cell per standard; `changes` where the standards that carry it differ in modality."""

    concept: str
    cells: Mapping[str, Cell]
    changes: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many binding provisions of a chapter have a counterpart in another standard, of how many."""

    standard: str
    chapter: str
    other: str
    met: int
    of: int

    @property
    def percent(self) -> int:
        """Whole per cent, rounded down, so that 100 means all."""
        return 100 * self.met // self.of if self.of else 0


def rows(standards: Standards, keys: Sequence[str]) -> list[Row]:
    """One row per concept that any of the standards carries, in the order of the tree; unknown ones last."""
    found: dict[str, dict[str, list[Traits]]] = defaultdict(lambda: defaultdict(list))
    for key in keys:
        for one in standards.of(key):
            for concept in one.concepts:
                found[concept][key].append(one)
    place = {name: n for n, name in enumerate(standards.names)}
    order = sorted(found, key=lambda name: (place.get(name, len(place)), name))
    return [_row(concept, found[concept], keys) for concept in order]


def _row(concept: str, carried: Mapping[str, Sequence[Traits]], keys: Sequence[str]) -> Row:
    cells = {
        key: Cell(tuple(carried[key]), max(one.rank for one in carried[key]))
        for key in keys
        if carried.get(key)
    }
    return Row(concept, cells, len({cell.rank for cell in cells.values()}) > 1)


def chapter_of(p: PlannedProvision) -> str:
    """The chapter a provision stands in: the first part of its clause."""
    return p.clause.partition(".")[0]


def coverage(standards: Standards, walks: Sequence[Crosswalk]) -> list[Coverage]:
    """For each standard, chapter and other standard of these crosswalks: counterparts of what binds."""
    found = []
    for walk in (w for pair in walks for w in (pair, pair.inverse())):
        alone = {one.provision for one in walk.only_left}
        count: dict[str, list[int]] = {}
        for one in standards.of(walk.left):
            if one.severity != "info":
                tally = count.setdefault(chapter_of(standards.provisions[one.id]), [0, 0])
                tally[0] += one.id not in alone
                tally[1] += 1
        found += [Coverage(walk.left, chapter, walk.right, *tally) for chapter, tally in count.items()]
    return found
