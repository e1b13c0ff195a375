"""Filled Word files read back: controls by their tags, and whether the question around them is the one they name.

Only the XML is read: nothing a file points to is opened, no field or macro runs. Text under change tracking counts as
if all changes were accepted. What stands outside the controls and was not there when issued is kept with its place.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shall.engine.audit.checklist.book import own_texts
from shall.engine.audit.checklist.filled import (
    Bad,
    Filled,
    NotOpened,
    Read,
    Stray,
    base_of,
    value_of,
    without_suggestion,
)
from shall.engine.audit.checklist.form import FILLED, FIXED, Form, Line
from shall.engine.audit.checklist.word import CONFLICTS, LABELS, TAG, placeholder
from shall.engine.audit.checklist.word_parts import BASE_SPACE, MAIN, running
from shall.evidence.parse import Place, Problem
from shall.evidence.sheets import BROKEN, unsafe
from shall.texts import LANGUAGES, say
from shall.texts.errors import EvidenceError

W = f"{{{MAIN}}}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
PASSED_OVER = {
    FALLBACK,
    *(W + name for name in ("del", "moveFrom", "sdtPr", "rPr", "pPr", "tblPr", "tcPr", "trPr", "delText")),
}
"""Elements in which no text stands that counts."""
SIGNS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
IDENTITY = ("unit", "address", "ask")
MAIN_PART = "word/document.xml"
OWN_PARTS = re.compile(
    r"word/(document|styles|settings|fontTable|webSettings|numbering|theme/.*|glossary/.*)\.xml"
)
EDGES = re.compile(r"word/(header|footer|footnotes|endnotes)\d*\.xml")
BINARY = re.compile(r"word/(media|embeddings|activeX|charts|diagrams|drawings)/[^/]+\.(?!rels)[^/.]+")
PAGES = re.compile(r"(NUM)?PAGES?\d*|\\\*|MERGEFORMAT|Arabic|/|\b\d{1,4}\b")
"""What the page numbers at the foot are made of."""
MOST = 80
"""Characters of a place or target that a report repeats."""


Hints = Set[tuple[str, str]]
"""What stands in empty controls, by column."""


@dataclass(slots=True)
class _Control:
    """A control of ours: the line and column its tag names, the text in it ("" where it only shows its hint)."""

    line: str
    column: str
    text: str


@dataclass(slots=True)
class _Found:
    """What stands in a piece of the text: our controls, the paragraphs around them, tables not gone into.

    `label` is the column that the cell before names: some programs save a control without its tag.
    """

    controls: list[_Control] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    tables: list[Any] = field(default_factory=list)
    issued: bool = False
    label: str = ""


def is_word(path: Path) -> bool:
    """Whether a file is a Word file by what it holds; one that no archive can be read from is judged by its name."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.casefold() == MAIN_PART for name in archive.namelist())
    except BROKEN:
        return path.suffix.casefold() in (".docx", ".docm")


def read_word(path: Path) -> Read:
    """The Word file at `path`; raises EvidenceError where it is not opened, holds no base or no control of ours."""
    refused = unsafe(path)
    if refused is None and path.suffix.casefold() in (".docm", ".dotm"):
        refused = Problem(Place(path.name), "import.macros")
    if refused is not None and refused.key == "import.macros":
        raise EvidenceError("checklist.word_macros", path=path)
    if refused is not None:
        raise NotOpened(refused)
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(path, archive)
    except BROKEN as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        raise EvidenceError("checklist.broken", path=path, reason=reason) from None


def _read(path: Path, archive: zipfile.ZipFile) -> Read:
    form, digest = _base(path, archive)
    ours = _own(form) if form else set()
    asked = _Asked(form, ours)
    with archive.open(MAIN_PART) as source:
        for child in _body(source):
            asked.take(child)
    if not asked.controls:
        raise EvidenceError("checklist.no_questions", path=path)
    rows = [without_suggestion(row, form.line(row.id) if form else None) for row in asked.rows]
    strays = [*asked.strays, *_parts(archive, ours), *comments(path)]
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Read(str(path), sha256, form, digest, tuple(rows), (), tuple(strays))


def _base(path: Path, archive: zipfile.ZipFile) -> tuple[Form | None, str]:
    """The checklist as issued, None where it was altered or stands twice, and the digest it claims."""
    from defusedxml.ElementTree import fromstring

    found = []
    for name in sorted(archive.namelist()):
        if name.casefold().startswith("customxml/") and name.casefold().endswith(".xml"):
            root = fromstring(archive.read(name), forbid_dtd=True)
            if root.tag == f"{{{BASE_SPACE}}}base":
                found.append((root.get("digest", ""), "".join(root.itertext())))
    if not found:
        raise EvidenceError("checklist.no_base", path=path)
    claimed, text = found[0]
    return (base_of(claimed, text) if len(set(found)) == 1 else None), claimed


def _body(source: Any) -> Iterator[Any]:
    """The children of the body one after another, so that a long file is never held whole."""
    from defusedxml.ElementTree import iterparse

    path: list[Any] = []
    for event, node in iterparse(source, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            path.append(node)
            continue
        path.pop()
        if len(path) == 2 and path[1].tag == W + "body":
            yield node
            path[1].remove(node)


class _Asked:
    """The questions as they come, in the order of the file."""

    def __init__(self, form: Form | None, ours: set[str]) -> None:
        self.form, self.ours = form, ours
        self.rows: list[Filled] = []
        self.strays: list[Stray] = []
        self.controls = self.entry = 0
        self.lang = form.lang if form else "zh"
        self.hints = {(c, placeholder(c, lang)) for c in FILLED for lang in LANGUAGES}
        self.labels = {say(f"checklist.col_{c}", lang): c for c in FILLED for lang in LANGUAGES}
        self.by_ask: dict[str, list[Line]] = {}
        for line in form.lines if form else ():
            self.by_ask.setdefault(_folded(line.cells["ask"]), []).append(line)

    def take(self, child: Any) -> None:
        """One child of the body."""
        found = _Found()
        _gather(child, found, [], self.hints, top=True)
        self._piece(found)
        for table in found.tables:
            for segment in self._segments(table):
                self._piece(segment)

    def _segments(self, table: Any) -> Iterator[_Found]:
        """A table cut into questions: after rows to fill in, one that is not to be filled in begins the next."""
        held, begun = _Found(), False
        for row in table:
            piece = self._row(row)
            if piece.issued:
                return
            ours = bool(piece.controls) or (piece.texts and _folded(piece.texts[0]) in self.labels)
            if begun and not ours:
                yield held
                held, begun = _Found(), False
            held.controls += piece.controls
            held.texts += piece.texts
            begun = begun or bool(piece.controls)
        yield held

    def _row(self, row: Any) -> _Found:
        piece, before = _Found(), ""
        for cell in row:
            piece.label, count = self.labels.get(before, ""), len(piece.texts)
            _gather(cell, piece, [], self.hints, top=False)
            before = _folded(" ".join(piece.texts[count:]))
        return piece

    def _piece(self, found: _Found) -> None:
        texts = [folded for text in found.texts if (folded := _folded(text))]
        there = set(texts)
        line = self._told(there)
        if not found.controls:
            self._untagged(line, texts)
            return
        self.entry += 1
        self.controls += len(found.controls)
        by_line: dict[str, list[_Control]] = {}
        for control in found.controls:
            key = control.line or (line.id if line else "")
            by_line.setdefault(key, []).append(control)
        named = self.form.line(next(iter(by_line))) if self.form and len(by_line) == 1 else None
        line = named if named is not None and _stands(named, there) else line
        left = self._left(texts, line)
        fixed = _fixed(line, there, left)
        gone = line is not None and any(fixed[c] != line.cells.get(c, "") for c in FIXED)
        for key, controls in by_line.items():
            own = line is not None and key == line.id
            here = (
                fixed if own or len(by_line) == 1 else {**dict.fromkeys(FIXED, ""), "ask": _joined(controls)}
            )
            self.rows += _rows(self.entry, key, controls, here, own)
        if not gone and (line is not None or len(by_line) > 1):
            self._stray(left)

    def _untagged(self, line: Line | None, texts: Sequence[str]) -> None:
        """Text without a control: a question all of whose controls are gone, or something that was added."""
        left = self._left(texts, line)
        if line is None:
            self._stray(left)
            return
        self.entry += 1
        if left:
            values = {**dict.fromkeys(FILLED, ""), "what": "\n".join(left)}
            self.rows.append(Filled(self.entry, "", values, line.cells))

    def _told(self, there: set[str]) -> Line | None:
        """The line whose question stands in these texts."""
        lines = (line for text in there for line in self.by_ask.get(text, ()))
        return next((line for line in lines if _stands(line, there)), None)

    def _left(self, texts: Sequence[str], line: Line | None) -> list[str]:
        known = {_folded(text) for text in line.cells.values()} if line else set()
        return [text for text in texts if text not in self.ours and text not in known]

    def _stray(self, texts: Iterable[str]) -> None:
        place = say("checklist.word_entry", self.lang, n=self.entry)
        self.strays += [Stray(place, text) for text in texts]


def _rows(
    entry: int, key: str, controls: Sequence[_Control], fixed: Mapping[str, str], own: bool
) -> Iterator[Filled]:
    """A question as it came back, and once more for each control that stands there again."""
    first: dict[str, str | Bad] = {}
    again: list[tuple[str, str | Bad]] = []
    for control in controls:
        value = value_of(control.column, control.text or None)
        if control.column in first:
            again.append((control.column, value))
        else:
            first[control.column] = value
    absent: str | Bad = Bad("", "checklist.control_gone") if own else ""
    values = {name: first.get(name, absent) for name in FILLED}
    row = Filled(entry, key, values, fixed)
    yield row
    for column, value in again:
        readable = {name: "" if isinstance(v, Bad) else v for name, v in values.items()}
        yield replace(row, values={**readable, column: value})


def _fixed(line: Line | None, there: set[str], left: Sequence[str]) -> dict[str, str]:
    """The texts of the question as they stand; where one is not as issued, whatever else stands there."""
    if line is None:
        return {**dict.fromkeys(FIXED, ""), "ask": "\n".join(left)}
    return {
        name: text if not text or _folded(text) in there else "\n".join(left)
        for name, text in ((name, line.cells.get(name, "")) for name in FIXED)
    }


def _stands(line: Line, there: set[str]) -> bool:
    return all(not text or text in there for text in (_folded(line.cells[name]) for name in IDENTITY))


def _joined(controls: Sequence[_Control]) -> str:
    return " ".join(control.text for control in controls if control.text)


def _gather(node: Any, found: _Found, run: list[str], hints: Hints, *, top: bool) -> None:
    """Everything below an element, in order. `run` is the paragraph it stands in; with `top`, tables are put by."""
    tag = node.tag
    if tag in PASSED_OVER:
        return
    if tag == W + "t" or tag.endswith("}instrText") or (tag.endswith("/math}t")):
        run.append(node.text or "")
    elif tag in SIGNS:
        run.append(SIGNS[tag])
    elif tag == W + "sym":
        run.append("□")
    elif tag == W + "tbl" and top:
        found.tables.append(node)
    elif tag == W + "sdt":
        _control(node, found, run, hints, top=top)
    else:
        own = [] if tag == W + "p" else run
        if tag == W + "fldSimple":
            own.append(node.get(W + "instr", ""))
        for child in node:
            _gather(child, found, own, hints, top=top)
        if own is not run:
            found.texts.append("".join(own))


def _control(node: Any, found: _Found, run: list[str], hints: Hints, *, top: bool) -> None:
    """A control: one of ours is read, any other is text like the rest."""
    properties = node.find(W + "sdtPr")
    marked = properties.find(W + "tag") if properties is not None else None
    tag = marked.get(W + "val", "") if marked is not None else ""
    content = node.find(W + "sdtContent")
    found.issued = found.issued or tag == CONFLICTS
    line, _, column = tag.removeprefix(TAG).rpartition(":")
    if not tag and found.label:
        line, column = "", found.label
    elif not (tag.startswith(TAG) and column in FILLED):
        for child in content if content is not None else ():
            _gather(child, found, run, hints, top=top)
        return
    inner, loose = _Found(), list[str]()
    for child in content if content is not None else ():
        _gather(child, inner, loose, hints, top=False)
    text = "\n".join([*(["".join(loose)] if loose else []), *inner.texts]).strip()
    only_hint = properties.find(W + "showingPlcHdr") is not None and node.find(f".//{W}rStyle") is not None
    found.controls.append(_Control(line, column, "" if only_hint or (column, text) in hints else text))
    found.controls += inner.controls


def _own(form: Form) -> set[str]:
    """Every text that stands in a file as issued outside questions and controls, blanks folded."""
    texts = [line.heading for line in form.lines]
    texts += [form.name or form.organisation, form.digest[:12]]
    for lang in LANGUAGES:
        texts += say("checklist.word_guide", lang).splitlines()
        texts += [say(f"checklist.col_{name}", lang) for name in LABELS]
        texts += [running(form, lang), say("checklist.sheet_conflicts", lang)]
    return own_texts(form) | {_folded(text) for text in texts}


def _parts(archive: zipfile.ZipFile, ours: set[str]) -> Iterator[Stray]:
    """What was put in beside the main text: headers, notes, pictures, objects, pointers to somewhere else."""
    from defusedxml.ElementTree import fromstring

    for info in sorted(archive.infolist(), key=lambda i: i.filename):
        name = info.filename
        if name == MAIN_PART or info.is_dir():
            continue
        if BINARY.fullmatch(name):
            yield Stray(name[:MOST], f"{info.file_size} B")
        if not name.casefold().endswith((".xml", ".rels")):
            continue
        root = fromstring(archive.read(name), forbid_dtd=True)
        if name.endswith(".rels"):
            for node in root:
                if node.get("TargetMode") == "External":
                    yield Stray(name[:MOST], node.get("Target", "")[:MOST])
        elif EDGES.fullmatch(name):
            found = _Found()
            _gather(root, found, [], set(), top=False)
            for text in map(_folded, found.texts):
                if text not in ours and not set(PAGES.sub(" ", text).split()) <= ours:
                    yield Stray(name[:MOST], text)


def comments(path: Path) -> Iterator[Stray]:
    """Comments of a workbook or a Word file, old style and threaded."""
    from defusedxml.ElementTree import fromstring

    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            low = name.casefold()
            if not low.endswith(".xml") or ("comments" not in low and "threadedcomment" not in low):
                continue
            for node in fromstring(archive.read(name), forbid_dtd=True).iter():
                if node.tag.rpartition("}")[2] in ("comment", "threadedComment"):
                    text = "".join(node.itertext()).strip()
                    if text:
                        yield Stray(f"{name.rpartition('/')[2]} {node.get('ref', '')}".strip(), text)


def _folded(text: str) -> str:
    return " ".join(text.split())
