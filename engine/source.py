"""The text of a standard, cut into addressed statements.

The project ships no text of a standard. This module reads a user's own lawful copy and cuts it the way
the addressing rules say, so that rulesets can be held against it by fingerprint.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_HEADING = re.compile(r"^(\d+(?:\.\d+)*)(?:、\s*|\s+)(\S.*)$")
_CONTENTS = re.compile(r"\t[IVXivx\d]+$|…+\s*\d+$")
_LETTER = re.compile(r"^([a-z])\s*[)）]\s*")
_NUMBER = re.compile(r"^(\d{1,2})\s*[)）]\s*")
_BULLET = re.compile(r"^(?:——|[-—–·•])\s*")
_DASHED_LABEL = re.compile(r"^[-—–·•]+\s*(?=(?:[a-z]|\d{1,2})\s*[)）])")
_NOTE = re.compile(r"^注\s*(\d*)\s*[：:]\s*")
_ANNEX = re.compile(r"^附\s*录\s*A\b")
_END = "。；;：:"

_NOT_MODAL = re.compile(r"供应|相应|响应|适应|应用|应询|效应|对应|应急|反应|应收|应税|适宜|便宜")
_DUTY_TOWARDS = re.compile(r"(?:组织|企业|公司|单位|管理者|部门|团队|时[，,])应对")
_MODALS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("shall", re.compile(r"应当?|必须|不得")),
    ("should", re.compile(r"宜")),
    (
        "may",
        re.compile(r"可以|可(?!能|行|用|持续|靠|再|获|比|重|量化|见|被|为|合理|预见|接受|抵消|证实|导致)"),
    ),
    ("can", re.compile(r"可能|能够|可导致")),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One addressed statement of a text: `kind` is sentence, item or note; `line` counts from 1."""

    address: str
    kind: str
    text: str
    line: int

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the statement without spaces, punctuation and differences of width."""
        return hashlib.sha256(normalise(self.text).encode()).hexdigest()


def normalise(text: str) -> str:
    """The letters and digits of a text, in one width: what two honest copies share."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def modal_of(text: str) -> str:
    """The strongest modal verb of a statement (`statement` if it has none), not fooled by compounds."""
    hidden = _DUTY_TOWARDS.sub("组织应，", text)
    hidden = _NOT_MODAL.sub("", hidden).replace("应对", "")
    return next((name for name, pattern in _MODALS if pattern.search(hidden)), "statement")


@dataclass
class _Part:
    """A paragraph under way: a run of sentences, an item or a note."""

    kind: str
    label: str
    text: str
    line: int
    list_no: int = 0
    parent: "_Part | None" = None
    children: "list[_Part]" = field(default_factory=list)

    @property
    def opens_list(self) -> bool:
        return self.text.rstrip().endswith(("：", ":"))


@dataclass
class _Clause:
    number: str
    parts: list[_Part] = field(default_factory=list)


def segment(text: str, first: int = 4, last: int = 10) -> list[Statement]:
    """The statements of chapters `first` to `last`, in the order of the text."""
    return [s for clause in _clauses(text, first, last) for s in _statements(clause)]


def _clauses(text: str, first: int, last: int) -> list[_Clause]:
    clauses: list[_Clause] = []
    for number, line in _body(text, first):
        heading = _HEADING.match(line)
        if heading and _continues(clauses, heading[1], first, last):
            clauses.append(_Clause(heading[1]))
            if heading[2].rstrip().endswith(("。", "：", ":")):
                _add(clauses[-1], heading[2], number)
        elif clauses:
            _add(clauses[-1], line, number)
    return clauses


def _body(text: str, first: int) -> Iterator[tuple[int, str]]:
    started = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or _CONTENTS.search(raw.rstrip()):
            continue
        started = started or bool(re.match(rf"^{first}(、\s*|\s+)\S", line))
        if started and _ANNEX.match(line):
            return
        if started:
            yield number, _DASHED_LABEL.sub("", line)


def _continues(clauses: list[_Clause], number: str, first: int, last: int) -> bool:
    here = tuple(int(n) for n in number.split("."))
    if not first <= here[0] <= last:
        return False
    before = tuple(int(n) for n in clauses[-1].number.split(".")) if clauses else (first - 1,)
    return here > before and (len(here) == 1 or here[0] == before[0])


def _add(clause: _Clause, line: str, number: int) -> None:
    last = clause.parts[-1] if clause.parts else None
    if (note := _NOTE.match(line)) is not None:
        clause.parts.append(_Part("note", note[1], line[note.end() :], number))
    elif (letter := _LETTER.match(line)) is not None:
        clause.parts.append(_Part("letter", letter[1], line[letter.end() :], number))
    elif (figure := _NUMBER.match(line)) is not None:
        clause.parts.append(_Part("figure", figure[1], line[figure.end() :], number))
    elif (bullet := _BULLET.match(line)) is not None and bullet.end() < len(line):
        clause.parts.append(_Part("bullet", "", line[bullet.end() :], number))
    elif last is not None and last.text.rstrip()[-1:] not in _END:
        last.text += line
    else:
        clause.parts.append(_Part("prose", "", line, number))


def _statements(clause: _Clause) -> list[Statement]:
    parts = _rescue_duties_from_notes(clause.parts)
    lists = _arrange(parts)
    prefix_lists = _labels_collide(lists)
    out: list[Statement] = []
    sentences = 0
    notes: dict[int, int] = {}
    for part in parts:
        if part.kind == "prose":
            for sentence in _sentences(part.text):
                sentences += 1
                out.append(Statement(f"{clause.number}#{sentences}", "sentence", sentence, part.line))
        elif part.kind == "note":
            owner = part.parent
            notes[id(owner)] = notes.get(id(owner), 0) + 1
            at = _address(clause.number, owner, prefix_lists) if owner else clause.number
            part.label = f"{at}/N{notes[id(owner)]}"
            out.append(Statement(part.label, "note", part.text, part.line))
        else:
            out.extend(_item(clause.number, part, prefix_lists))
    return out


def _item(clause: str, part: _Part, prefix_lists: bool) -> Iterator[Statement]:
    address = _address(clause, part, prefix_lists)
    in_note = _top(part).kind == "note"
    own, *further = _sentences(part.text)
    yield Statement(address, "note" if in_note else "item", own, part.line)
    for n, sentence in enumerate(further, 1):
        yield Statement(f"{address}#{n}", "sentence", sentence, part.line)


def _top(part: _Part) -> _Part:
    return _top(part.parent) if part.parent else part


def _address(clause: str, part: _Part, prefix_lists: bool) -> str:
    if part.kind == "note":
        return part.label
    if part.parent:
        return f"{_address(clause, part.parent, prefix_lists)}/{part.label}"
    return f"{clause}/L{part.list_no}/{part.label}" if prefix_lists else f"{clause}/{part.label}"


def _sentences(text: str) -> list[str]:
    found = [s.strip() for s in re.split(r"(?<=。)", text) if s.strip()]
    return found or [text]


def _rescue_duties_from_notes(parts: list[_Part]) -> list[_Part]:
    """A sentence that asks for documented information and is glued to a note is a sentence of the clause."""
    out: list[_Part] = []
    for part in parts:
        sentences = _sentences(part.text) if part.kind == "note" else []
        duties = [s for s in sentences[1:] if "文件化信息" in s and modal_of(s) == "shall"]
        if duties:
            part.text = "".join(s for s in sentences if s not in duties)
        out.append(part)
        out.extend(_Part("prose", "", duty, part.line) for duty in duties)
    return out


def _arrange(parts: list[_Part]) -> list[list[_Part]]:
    """Give each item its parent, its list and, for bullets, its number; the top-level lists come back."""
    lists: list[list[_Part]] = []
    current: list[_Part] | None = None
    for index, part in enumerate(parts):
        if part.kind == "prose":
            current = None
        elif part.kind == "note":
            part.parent = _owner_of_note(parts, index)
        else:
            part.parent = _parent(parts, index)
            if part.parent:
                part.parent.children.append(part)
                siblings = part.parent.children
            else:
                if current is None or (part.label and part.label <= current[-1].label):
                    current = []
                    lists.append(current)
                current.append(part)
                siblings = current
            part.label = part.label or str(len(siblings))
            part.list_no = len(lists)
    return lists


def _parent(parts: list[_Part], index: int) -> _Part | None:
    part = parts[index]
    if part.kind == "letter":
        return None
    for before in reversed(parts[:index]):
        if before.kind == "prose":
            return None
        if before.kind == part.kind:
            return before.parent
        if before.kind in ("letter", "note", "figure") and before.opens_list:
            return before
        if before.kind == "note":
            continue
        return None
    return None


def _owner_of_note(parts: list[_Part], index: int) -> _Part | None:
    """A note in the middle of a list belongs to the item before it; elsewhere to the clause."""
    before = next((p for p in reversed(parts[:index]) if p.kind != "note"), None)
    after = next((p for p in parts[index + 1 :] if p.kind != "note"), None)
    inside = (
        before is not None
        and after is not None
        and before.kind == after.kind
        and before.kind in ("letter", "figure")
    )
    return (
        before if inside and after is not None and before is not None and after.label > before.label else None
    )


def _labels_collide(lists: list[list[_Part]]) -> bool:
    labels = [part.label for items in lists for part in items]
    return len(labels) != len(set(labels))
