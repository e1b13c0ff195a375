"""Which engine derives: the plain loop, durable-rules in a process of its own, or both held against each other."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, Literal

from shall.engine.consequences.derive import Derived, Facts, fixpoint
from shall.texts.errors import ShallError

Engine = Literal["fixpoint", "durable", "both"]
ENGINES: tuple[Engine, ...] = ("fixpoint", "durable", "both")
WORKER = ("-P", "-m", "shall.engine.consequences.worker")
SECONDS = 120
"""How long the other process may take."""
TOO_NEW = (3, 13)
"""From this Python on the library cannot be imported."""


class WorkerError(ShallError):
    """The other process gave no answer that can be used; the plain loop still does."""


def derive(facts: Facts, engine: Engine = "fixpoint") -> Derived:
    """Everything that follows; raises WorkerError, also where two engines do not agree."""
    if engine == "fixpoint":
        return fixpoint(facts)
    found = by_worker(facts)
    if engine == "both" and found != (own := fixpoint(facts)):
        raise WorkerError("consequences.differ", **_difference(own, found))
    return found


def by_worker(facts: Facts, worker: Sequence[str] = WORKER, seconds: float = SECONDS) -> Derived:
    """What follows from the facts, by durable-rules in a process of its own; raises WorkerError."""
    try:
        done = subprocess.run(
            [sys.executable, *worker],
            input=json.dumps(asdict(facts)),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WorkerError("consequences.worker_slow", seconds=seconds) from None
    except OSError as error:
        raise WorkerError("consequences.worker_crashed", code="-", why=error.strerror or "-") from None
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["-"])[-1][:200]
        raise WorkerError("consequences.worker_crashed", code=done.returncode, why=why)
    return _read(done.stdout)


def _read(text: str) -> Derived:
    try:
        answer = json.loads(text)
        if "missing" in answer:
            raise _missing(str(answer["missing"]))
        return _derived(answer["derived"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise WorkerError("consequences.worker_garbage", start=text[:60]) from None


def _missing(why: str) -> WorkerError:
    if sys.version_info >= TOO_NEW:
        version = ".".join(map(str, sys.version_info[:2]))
        return WorkerError("consequences.python_too_new", version=version)
    return WorkerError("consequences.no_durable", why=why)


def _derived(value: Any) -> Derived:
    if set(value) != {f.name for f in fields(Derived)}:
        raise ValueError(value)
    return Derived(**{name: tuple(tuple(map(int, fact)) for fact in facts) for name, facts in value.items()})


def _difference(own: Derived, other: Derived) -> dict[str, object]:
    """The first relation in which they differ, with what only one of them has."""
    for one in fields(Derived):
        mine, theirs = set(getattr(own, one.name)), set(getattr(other, one.name))
        if mine != theirs:
            return {"relation": one.name, "fixpoint": len(mine - theirs), "durable": len(theirs - mine)}
    return {"relation": "-", "fixpoint": 0, "durable": 0}
