"""Which records to look at: a size rule, and a draw that anybody can repeat from the seed.

The draw ranks the records by the SHA-256 of `seed|question|kind:id` and takes the first n: no random generator whose
behaviour could change, and another seed gives another sample. Records to be cleared up are looked at whatever the draw.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isqrt

from shall.texts.errors import UsageError

LEAST = 3
"""Fewer records than this are all looked at."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The records drawn of one kind, out of so many."""

    kind: str
    population: int
    drawn: tuple[str, ...]


def size_rule(text: str) -> str:
    """The rule as it is kept: `root`, `all` or a number; raises UsageError."""
    if text in ("root", "all") or (text.isascii() and text.isdigit() and int(text) > 0):
        return text if text in ("root", "all") else str(int(text))
    raise UsageError("checklist.bad_size", value=text)


def size(rule: str, population: int) -> int:
    """How many of so many: the square root rounded up and at least three, all, or a number."""
    if rule == "all":
        return population
    root = isqrt(population - 1) + 1 if population else 0
    return min(population, max(LEAST, root) if rule == "root" else int(rule))


def draw(
    population: Collection[str], rule: str, seed: int, question: str, always: Collection[str] = ()
) -> list[Sample]:
    """The sample of these records (`kind:id`), kind by kind, the ids in order; the same for the same arguments.

    Those of the population that are to be looked at `always` come first; the draw fills up to the size.
    """
    kinds: dict[str, list[str]] = {}
    for reference in sorted(set(population)):
        kinds.setdefault(reference.partition(":")[0], []).append(reference)
    first = frozenset(always)
    return [_of_kind(kind, references, rule, seed, question, first) for kind, references in kinds.items()]


def _of_kind(
    kind: str, references: Sequence[str], rule: str, seed: int, question: str, first: frozenset[str]
) -> Sample:
    def rank(reference: str) -> str:
        return hashlib.sha256(f"{seed}|{question}|{reference}".encode()).hexdigest()

    fixed = [r for r in references if r in first]
    free = sorted((r for r in references if r not in first), key=rank)
    taken = [*fixed, *free[: max(size(rule, len(references)) - len(fixed), 0)]]
    return Sample(kind, len(references), tuple(sorted(r.partition(":")[2] for r in taken)))
