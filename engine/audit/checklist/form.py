"""A checklist as a plain value: what the hidden sheet of its workbook holds, and what merging starts from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from shall.texts.errors import EvidenceError

FORMAT = 2

FIXED = ("no", "unit", "address", "ask", "whom", "evidence", "records", "sample", "earlier")
"""Columns the engine writes; nobody is to change them."""
FILLED = ("verdict", "statement", "seen", "auditor", "date")
"""Columns an auditor fills in."""

VERDICTS: Mapping[str, tuple[str, str]] = {
    "conforming": ("符合", "conforming"),
    "improvable": ("符合，有改进机会", "conforming, could be better"),
    "minor": ("轻微不符合", "minor nonconformity"),
    "major": ("严重不符合", "major nonconformity"),
    "opportunity": ("改进机会", "opportunity for improvement"),
    "not_applicable": ("不适用", "not applicable"),
    "unresolved": ("未能证实", "not demonstrated"),
    "not_audited": ("本次未审", "not audited this time"),
}
FOR_SHALL = ("conforming", "improvable", "minor", "major", "not_applicable", "unresolved", "not_audited")
FOR_SHOULD = ("conforming", "opportunity", "not_applicable", "unresolved", "not_audited")
"""What the drop-down offers: no nonconformity is ever raised on a recommendation."""


@dataclass(frozen=True, slots=True)
class Member:
    """A provision a line asks about."""

    ruleset: str
    address: str
    clause: str
    severity: str

    @property
    def id(self) -> str:
        """`ruleset:address`."""
        return f"{self.ruleset}:{self.address}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a provision, or several that ask the same, in one unit or in all.

    `elsewhere` are units in which the same is to be asked and which this workbook leaves out. `through` are
    provisions that it incorporates. `paper` is the verdict of the evidence on each of its members, in their order.
    """

    id: str
    heading: str
    unit: str | None
    members: tuple[Member, ...]
    gist: Mapping[str, str]
    elsewhere: tuple[str, ...]
    through: tuple[str, ...]
    cells: Mapping[str, str]
    auditor: str = ""
    paper: tuple[str, ...] = ()

    @property
    def firm(self) -> bool:
        """Whether any of its provisions is a shall."""
        return any(m.severity == "shall" for m in self.members)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The verdicts its drop-down offers."""
        return FOR_SHALL if self.firm else FOR_SHOULD


@dataclass(frozen=True)
class Form:
    """A checklist as it was issued. `known` and `head` are the ledger's position; `standards` hold the digests.

    `part` says in words which visits it is for, empty for everything; `audit` is the audit file they belong to.
    `loose` are earlier findings that no line takes up.
    """

    organisation: str
    name: str | None
    on: str
    since: str
    known: int
    head: str
    standards: tuple[Mapping[str, str], ...]
    plan: str
    by: str
    unit: str | None
    size: str
    seed: int
    lang: str
    auditors: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    part: str = ""
    audit: str | None = None
    loose: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One line of JSON with sorted keys; `digest` is taken of it."""
        return self._json

    @cached_property
    def _json(self) -> str:
        body = {"format": FORMAT, **{f.name: getattr(self, f.name) for f in fields(self)}}
        return json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=_fields)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything issued: two workbooks with the same one are copies of the same checklist."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def line(self, key: str) -> Line | None:
        """The line of that id."""
        return self._by_id.get(key)

    @cached_property
    def _by_id(self) -> dict[str, Line]:
        return {line.id: line for line in self.lines}


def _fields(value: Any) -> dict[str, Any]:
    """A line or a member for JSON; `asdict` would copy everything, which takes longer than writing it.

    `paper` is left out where it is empty, so that a checklist issued before there was one keeps its digest.
    """
    return {f.name: held for f in fields(value) if (held := getattr(value, f.name)) or f.name != "paper"}


def form_from_json(text: str) -> Form:
    """The checklist that `to_json` wrote; raises EvidenceError where the text is not one."""
    try:
        raw: dict[str, Any] = json.loads(text)
        if raw.pop("format") != FORMAT:
            raise EvidenceError("checklist.other_format", allowed=FORMAT)
        lines = tuple(
            Line(
                **{
                    **line,
                    "members": tuple(Member(**m) for m in line["members"]),
                    "elsewhere": tuple(line["elsewhere"]),
                    "through": tuple(line["through"]),
                    "paper": tuple(line.get("paper", ())),
                }
            )
            for line in raw.pop("lines")
        )
        raw |= {"standards": tuple(raw["standards"]), "auditors": tuple(map(tuple, raw["auditors"]))}
        raw["loose"] = tuple(raw["loose"])
        return Form(**raw, lines=lines)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise EvidenceError("checklist.base_unreadable") from None
