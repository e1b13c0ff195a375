"""Who a text names: the members of a team as people write them into one cell."""

import re
from collections.abc import Callable

TEAM = ("lead", "auditor", "expert", "trainee", None)
"""Roles that make somebody a member of the team; the others accompany it."""
SEPARATORS = re.compile(r"[;；、,，\n\r\t]")


def members(text: str | None, known: Callable[[str], bool]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The members a text names, and those of them that might be several people.

    A space separates only where every piece is `known`, by id or name: `Anna Li` on her own stays one member. What
    holds a space and is neither known nor made of known pieces is one member, and told.

    >>> members("CB-1 CB-3、赵 六", {"CB-1", "CB-3"}.__contains__)
    (('CB-1', 'CB-3', '赵 六'), ('赵 六',))
    """
    found: list[str] = []
    doubtful: list[str] = []
    for part in (" ".join(part.split()) for part in SEPARATORS.split(text or "")):
        pieces = part.split()
        if len(pieces) < 2 or known(part):
            found += [part] if part else []
        elif all(map(known, pieces)):
            found += pieces
        else:
            found.append(part)
            doubtful.append(part)
    return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(doubtful))
