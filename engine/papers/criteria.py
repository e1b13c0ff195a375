"""The criteria of a finding on record: the first, which its own columns name, and the further ones."""

from collections.abc import Iterator, Sequence

Further = tuple[str, str, str]
"""Ruleset, address, and what is asked there as it was written down; empty where that was not."""


def split(text: str | None, further: Sequence[str]) -> tuple[str, list[Further]]:
    """What the first criterion asks, and the further ones (`ruleset:address`) with what they ask.

    `text` holds both: a line that begins with the name of a further criterion is about that one.
    """
    lines = (text or "").split("\n")
    asks = dict(_named(lines[1:], further))
    own = [line for n, line in enumerate(lines) if not n or line.partition(" ")[0] not in asks]
    return "\n".join(own), [(*_place(name), asks.get(name, "")) for name in further]


def _named(lines: Sequence[str], further: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, _, asks = line.partition(" ")
        if name in further:
            yield name, asks


def _place(name: str) -> tuple[str, str]:
    ruleset, _, address = name.rpartition(":")
    return ruleset, address
