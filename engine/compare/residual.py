"""The residual questionnaire: the workbook of what a delta leaves open, and nothing else; `shall import` takes it.

One sheet per kind of record that is missing or falls short, with the columns the open checks read. Records that fall
short stand there with what is known of them, to be completed; a sheet that lacks a column leaves it as it is in the
store, so that filling in the workbook loses nothing. Its first sheet says what each provision expects of which sheet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from shall.engine.compare.delta import Delta, Piece
from shall.engine.outcomes import INTERVAL_KIND
from shall.evidence.schema import Column, Kind, schema
from shall.evidence.store import Store
from shall.evidence.workbook import Need, write_filled

JUDGEMENT = "judgement"
INTERVAL_COLUMNS = ("subject", "months", "days", "basis")
MOST = 500
"""So many records that are there, but none of which offends by itself, are listed for one check."""


def write_questionnaire(path: Path, found: Delta, store: Store | None, lang: str) -> tuple[int, int]:
    """Write the workbook; how many sheets and how many records to complete it has. Raises EvidenceError."""
    kinds = sheets(found)
    records = _records(found, kinds, store)
    write_filled(path, kinds, needs(found), records, lang=lang)
    return len(kinds), sum(map(len, records.values()))


def sheets(found: Delta) -> list[Kind]:
    """The kinds that something is missing of, each with the columns that are asked."""
    asked: dict[str, dict[str, None]] = {}
    for piece in found.pieces:
        for kind, names in _columns(piece).items():
            asked.setdefault(kind, {}).update(dict.fromkeys(names))
    if any(item.state == "judge" or item.questions for item in found.items):
        asked[JUDGEMENT] = {c.name: None for c in schema()[JUDGEMENT].columns if not c.common}
    return [_narrowed(kind, set(asked[name])) for name, kind in schema().items() if name in asked]


def _columns(piece: Piece) -> Mapping[str, Sequence[str]]:
    """The columns of a piece by kind; an interval that nobody has set is a record of its own."""
    if not piece.interval:
        return piece.columns
    return {**piece.columns, INTERVAL_KIND: INTERVAL_COLUMNS}


def _narrowed(kind: Kind, asked: set[str]) -> Kind:
    """The kind with its id, what it needs, what is asked, and the first text by which a person knows a record."""
    known = next((c.name for c in kind.columns if not c.common and c.type == "text" and not c.ref), "")

    def kept(column: Column) -> bool:
        return column.name in asked or column.name in ("id", known) or column.required

    return replace(kind, columns=tuple(c for c in kind.columns if kept(c)))


def needs(found: Delta) -> list[Need]:
    """What each open provision expects, with the sheets where it is answered; the piece that unlocks most first."""
    pairs = {p.id: p for item in found.items for p in [item.provision]}
    told = []
    for piece in found.pieces:
        kinds = tuple(dict.fromkeys((piece.kind, *piece.kinds)))
        for id in piece.serves:
            expects = piece.expects[0]
            p = pairs[id]
            told.append(Need(p.ruleset, p.address, (expects["zh"], expects["en"]), kinds))
    for item in found.items:
        for question in item.questions:
            gist = (question["zh"], question["en"])
            told.append(Need(item.provision.ruleset, item.provision.address, gist, (JUDGEMENT,)))
    return told


def _records(
    found: Delta, kinds: Sequence[Kind], store: Store | None
) -> dict[str, list[Mapping[str, object]]]:
    """The records to complete, by kind, as they stand in the store now."""
    if store is None or found.question is None:
        return {}
    wanted: dict[str, set[str]] = {}
    for piece in found.pieces:
        listed = piece.offending or (piece.there if len(piece.there) <= MOST else ())
        for record in listed:
            kind, _, id = record.partition(":")
            wanted.setdefault(kind, set()).add(id)
    bodies: dict[str, list[Mapping[str, object]]] = {}
    for asked in kinds:
        ids = wanted.get(asked.name, set())
        rows = store.records(asked.name, found.question.organisation) if ids else []
        bodies[asked.name] = [body for body in rows if str(body["id"]) in ids]
    return bodies
