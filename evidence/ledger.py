"""The ledger's entries and the chain they form: plain values, no database.

An entry's hash is SHA-256 over netstrings (`<bytes>:<UTF-8>,`) of the word `shall ledger 1` and the nine
fields before it: seq, at, actor, organisation, kind, record, action, body, previous. A netstring carries
its own length, so no two different entries share an encoding, whatever characters their texts hold.

The chain shows any entry that was altered, inserted or left out between others. It cannot show by itself
that its last entries were cut off, or that everything from some entry on was written anew: for that, keep
a known head (`Store.position`) outside the store and hand it to `Store.verify`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property

from shall.texts import say
from shall.texts.errors import StoreError

PUT, WITHDRAW = "put", "withdraw"
FORMAT = b"shall ledger 1"
NO_HASH = "0" * 64
"""What stands before the first entry."""

Position = tuple[int, str]
"""A sequence number and the hash of the entry there."""

START: Position = (0, NO_HASH)
"""The head of an empty ledger."""

LARGEST_INTEGER = 2**63 - 1
DIGITS_BEFORE, DIGITS_AFTER = 24, 10

Shape = Mapping[str, Mapping[str, str]]
"""The column types of every kind by kind and column: text, flag, integer, decimal or date."""

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Change:
    """One record to put or to withdraw; a withdrawal has no body."""

    action: str
    kind: str
    record_id: str
    body: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Attachment:
    """A document as it was handed in, known by the SHA-256 of its content."""

    name: str
    media_type: str
    content: bytes

    @cached_property
    def sha256(self) -> str:
        """Sixty-four lower-case hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of the ledger. `at` is UTC, to the second, as ISO 8601 with `Z`."""

    seq: int
    at: str
    actor: str
    organisation: str
    kind: str
    record_id: str
    action: str
    body: Mapping[str, Value]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What a commit did to the records of one kind."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class CommitSummary:
    """What a commit wrote, by kind in the order of the changes, and the head it left."""

    kinds: Mapping[str, Counts]
    position: Position

    @property
    def total(self) -> Counts:
        """The counts of all kinds together."""
        every = self.kinds.values()
        return Counts(
            sum(c.new for c in every),
            sum(c.changed for c in every),
            sum(c.unchanged for c in every),
            sum(c.withdrawn for c in every),
        )


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold.

    `what`: `hash` (the entry is not what was written), `previous` (it does not follow on the one before),
    `gap` (no entry of that number), `unreadable`, `shorter` (the ledger ends before the known head),
    `rewritten` (another entry stands where the known head was).
    """

    seq: int
    what: str

    def text(self, lang: str) -> str:
        """What is broken, and what it means."""
        return say(f"store.break_{self.what}", lang, seq=self.seq, before=self.seq - 1)


@dataclass(frozen=True, slots=True)
class Verification:
    """What `Store.verify` found; every list is empty where all is well.

    `missing` names documents that records cite by digest and the store does not hold. The ledger does not
    record attachments, so a document removed and one never handed in look alike: it is told, not held
    against the store. Projections are compared only where the chain holds.
    """

    head: Position
    broken: Break | None = None
    projections: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the store holds what was written to it, as far as it can be told."""
        return not (self.broken or self.projections or self.attachments or self.triggers or self.damage)

    def problems(self, lang: str) -> list[str]:
        """One sentence for each thing found, `missing` included."""
        lists = {
            "damage": self.damage,
            "triggers": self.triggers,
            "projections": self.projections,
            "attachments": self.attachments,
            "missing": self.missing,
        }
        found = [self.broken.text(lang)] if self.broken else []
        return found + [
            say(f"store.verify_{name}", lang, names=", ".join(names))
            for name, names in lists.items()
            if names
        ]


def canonical(body: Mapping[str, object]) -> str:
    """The one JSON text of a body: keys sorted, no spaces, characters as they are.

    >>> canonical({"title": "碳方针", "id": "P-1"})
    '{"id":"P-1","title":"碳方针"}'
    """
    return json.dumps(body, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def entry_hash(fields: Iterable[bytes]) -> str:
    """The hash of an entry from its nine fields before the hash, in order, as UTF-8."""
    digest = hashlib.sha256()
    for part in (FORMAT, *fields):
        digest.update(b"%d:%b," % (len(part), part))
    return digest.hexdigest()


def stamp(at: datetime) -> str:
    """The moment as the ledger writes it; ValueError for a time without an offset."""
    if at.utcoffset() is None:
        raise ValueError("a time without an offset could be any of twenty-four hours")
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def follow(head: Position, row: Sequence[object]) -> Revision | Break:
    """The entry in `row` if it follows on `head`.

    `row` is the sequence number and the nine texts as UTF-8; anything else in it is unreadable.
    """
    seq, *rest = row
    due = head[0] + 1
    if not isinstance(seq, int) or not all(isinstance(part, bytes) for part in rest):
        return Break(due, "unreadable")
    if seq != due:
        return Break(due, "gap")
    parts = [part for part in rest if isinstance(part, bytes)]
    if parts[-2] != head[1].encode():
        return Break(seq, "previous")
    if parts[-1] != entry_hash([b"%d" % seq, *parts[:-1]]).encode():
        return Break(seq, "hash")
    return _revision(seq, parts) or Break(seq, "unreadable")


def _revision(seq: int, parts: Sequence[bytes]) -> Revision | None:
    try:
        at, actor, organisation, kind, record, action, text, previous, own = (p.decode() for p in parts)
        body = json.loads(text)
        sound: bool = (
            isinstance(body, dict) and all(map(_is_plain, body.values())) and canonical(body) == text
        )
    except (ValueError, RecursionError):
        return None
    due = {PUT: record, WITHDRAW: None}
    if not sound or action not in due or body.get("id") != due[action]:
        return None
    return Revision(seq, at, actor, organisation, kind, record, action, body, previous, own)


def _is_plain(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and _in_range(value))


def _in_range(value: int) -> bool:
    return -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER


def check_name(role: str, name: str) -> None:
    """Refuse a name that is blank, has blanks around it or holds control characters or odd blanks.

    `role` is `organisation`, `actor` or `record`; two names that look alike must not be two records.
    """
    if not name or name != name.strip() or not name.isprintable():
        raise StoreError(f"store.bad_{role}", found=ascii(name))


def checked_body(change: Change, columns: Mapping[str, str]) -> dict[str, Value]:
    """The body to write, its id included, or a StoreError that names record, column and what was found.

    Only shape is checked here: that each value fits its column exactly, nothing dropped, nothing rounded.
    """
    if change.action == WITHDRAW:
        if change.body:
            raise StoreError("store.withdrawal_with_body", kind=change.kind, record=change.record_id)
        return {}
    body = {"id": change.record_id, **{k: v for k, v in change.body.items() if v is not None}}
    if body["id"] != change.record_id:
        raise StoreError("store.two_ids", kind=change.kind, record=change.record_id, found=ascii(body["id"]))
    return {name: _checked(change, columns, name, value) for name, value in body.items()}


def _checked(change: Change, columns: Mapping[str, str], name: str, value: object) -> Value:
    where = {"kind": change.kind, "record": change.record_id, "column": name}
    if name not in columns:
        raise StoreError("store.unknown_column", **where, allowed=", ".join(columns))
    plain = _READERS[columns[name]](value)
    if plain is None:
        raise StoreError(f"store.not_{columns[name]}", **where, found=_shown(value))
    return plain


def _shown(value: object) -> str:
    return f"{ascii(value)[:80]} ({type(value).__name__})"


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _integer(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if _in_range(value) else None


def _date(value: object) -> str | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return value if isinstance(value, str) and date.fromisoformat(value).isoformat() == value else None
    except ValueError:
        return None


def _decimal(value: object) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,60}(\.[0-9]{1,60})?", value):
        value = Decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    return canonical_decimal(value) if isinstance(value, Decimal) else None


def canonical_decimal(value: Decimal) -> str | None:
    """The shortest plain text of the number, never rounded; None where it is not finite or too long.

    >>> [canonical_decimal(Decimal(text)) for text in ("12.50", "-0.0", "1E+3", "NaN")]
    ['12.5', '0', '1000', None]
    """
    if not value.is_finite():
        return None
    if not value:
        return "0"
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).lstrip("0")
    short = text.rstrip("0")
    exponent += len(text) - len(short)
    if len(short) + exponent > DIGITS_BEFORE or -exponent > DIGITS_AFTER:
        return None
    return format(Decimal((sign, tuple(map(int, short)), exponent)), "f")


_READERS = {"text": _text, "flag": _flag, "integer": _integer, "decimal": _decimal, "date": _date}
