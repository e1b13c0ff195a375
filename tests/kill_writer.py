"""A writer to be killed: commits without end and tells each head that `commit` has returned.

usage: kill_writer.py STORE MODE     MODE is `loop`, or `spill`: die inside a commit that has reached the file
"""

import os
import random
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from shall.evidence import store
from shall.evidence.ledger import Attachment, Change

KINDS = {"policy": {"id": "text", "title": "text"}, "meter": {"id": "text", "title": "text"}}
AT = datetime(2026, 3, 10, tzinfo=UTC)


def batch(number: int, size: int, chance: random.Random) -> Iterator[Change]:
    """New records and changes of old ones, all marked with the batch, so that none can be missing unseen."""
    for i, kind in enumerate(chance.choices(tuple(KINDS), k=size)):
        record = f"B{number}-{i}" if chance.random() < 0.5 else f"R{i}"
        yield Change("put", kind, record, {"title": f"{number} {size}"})


def loop(path: str) -> None:
    chance = random.Random()
    with store.Store.open(path, write=True) as opened:
        print("ready", flush=True)
        for number in count(opened.position()[0] + 1):
            size = chance.choice((1, 5, 300))
            document = Attachment(
                f"{number}.txt", "text/plain", b"x" * chance.choice((10, 20_000)) + b"%d" % number
            )
            changes = tuple(batch(number, size, chance))
            summary = opened.commit("org", changes, actor="writer", at=AT, attachments=[document])
            print(summary.position[0], flush=True)


def spill(path: str) -> None:
    with store.Store.open(path, write=True) as opened:
        opened._db.execute("PRAGMA cache_size = 10")
        with opened._transaction() as db:
            writer = store._Writer(db, opened.shape, "org", "writer", "2026-03-10T00:00:00Z")
            for change in batch(1, 5000, random.Random(1)):
                writer.write(change, {"id": change.record_id, "title": "half written"})
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    store.declared_kinds = lambda: (KINDS, "test")
    {"loop": loop, "spill": spill}[sys.argv[2]](sys.argv[1])
