"""The text of a standard, cut into addressed statements.

The project ships no text of a standard. This module reads a user's own lawful copy and cuts it the way
the addressing rules say, so that rulesets can be held against it by fingerprint.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shall.engine.modals import binding, halves, item_parts, modal_of
from shall.texts.errors import ShallError

_HEADING = re.compile(
    r"^(?:(\d+(?:\.\d+)+)(?:$|\s*(?![\d.~～%]))|(\d+)(?:、\s*|\s+)(?=\S))((?:(?![的中所和及或、，。）)])\S.*)?)$"
)
_CONTENTS = re.compile(r"^[^\t]*\t[IVXivx\d]+$|(?:…|\.{3,}|·{3,})[.…·\s]*[IVXivx\d]+$")
_LETTER = re.compile(r"^([a-zａ-ｚ])\s*[)）]\s*")
_NUMBER = re.compile(r"^([\d０-９]{1,2})\s*[)）]\s*")
_BULLET = re.compile(r"^(?:——|--|[-—–·•●▪◆\0\ufffd\ue000-\uf8ff]|\d{1,2}\.(?=[\s\u4e00-\u9fff]))\s*(?=\S)")
_DASHED_LABEL = re.compile(r"^[-—–·•]+\s*(?=(?:[a-zａ-ｚ]|\d{1,2})\s*[)）])")
_NOTE = re.compile(r"^注\s*(\d*)\s*[：:]\s*")
_ANNEX = re.compile(r"^附\s*录\s*([A-Z])\s*(?:[：:]\s*)?(?:[（(].*)?$")
_TABLE = re.compile(r"^表\s*\d+\s+\S")
_FURNITURE = re.compile(
    r"^(?:\d{1,3}|[IVX]+|图\s*\d+\s+\S.*|参考文献"
    r"|(?:T/[A-Z]{2,8}|DB\d*/T|GB(?:/T)?)\s*[\dX×.]+\s*[—‒–-]\s*[\dX]{4})$"
)
_BOOKMARK = re.compile(r"^\[bookmark:[^\]]*\]\s*")
_EVENTS = re.compile(r"(?:以下|下列).{0,9}(?:情况|情形)")
_FORMULA = re.compile(r"^([A-Z]\.\d+)\s+(\S.*)$")
_END = "。；;：:"
_GOES_ON = "的地得和及或、，。；"
_LISTED = ("letter", "figure", "bullet")
_MAX_GAP = 3
_LONG = 36
_WIDE = 0x2E7F
_WRAPPED = 0.08
_ACTOR = re.compile(r"[^，。；：]{0,8}(?:组织|企业|公司|管理者)(?:应|宜|可)")


class SourceError(ShallError):
    """A text that cannot be read or held against a ruleset."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the segmenter must know of a text: its chapters, and annexes whose rows are provisions."""

    first: int = 4
    last: int = 10
    indicators: str | None = None
    formulas: str | None = None


_DEFAULT = Profile()

PROFILES: Mapping[str, Profile] = {
    "t_ccaa_39": Profile(),
    "machinery": Profile(),
    "hunan": Profile(),
    "jiangsu": Profile(last=11),
    "zero_carbon": Profile(last=8, indicators="A", formulas="B"),
}
"""By key of the ruleset; a ruleset of the user's own is read with the chapters its addresses name."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One addressed statement of a text.

    `kind` is sentence, item, note, indicator or formula; `line` counts from 1; `own` is the modal verb of
    its words and `modal` that or the inherited one; `whole` is the sentence or item it was cut from.
    """

    address: str
    kind: str
    text: str
    line: int
    own: str
    modal: str
    whole: str

    @property
    def clause(self) -> str:
        """The clause (or annex table) the statement stands in."""
        return clause_of(self.address)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the statement without spaces, punctuation and differences of width."""
        return fingerprint(self.text, operators=self.kind == "formula")


def clause_of(address: str) -> str:
    """The clause of an address: what stands before the first # or /."""
    return re.split(r"[#/]", address)[0]


def fingerprint(text: str, operators: bool = False) -> str:
    """SHA-256 of the normalised text."""
    return hashlib.sha256(normalise(text, operators).encode()).hexdigest()


def normalise(text: str, operators: bool = False) -> str:
    """The letters and digits of a text, in one width: what two honest copies share.

    `operators` keeps the signs of arithmetic as well, for formulas.
    """
    kept = unicodedata.normalize("NFKC", text)
    return "".join(
        c for c in kept if c.isalnum() or (operators and (unicodedata.category(c) == "Sm" or c in "-*/%_^"))
    )


def cut(whole: str, kind: str) -> list[str]:
    """A sentence in its halves, or an item in its parts, each a statement; anything else stays whole."""
    return item_parts(whole) if kind == "item" else halves(whole) if kind == "sentence" else [whole]


def read_text(path: Path) -> str:
    """The text of a plain text file (UTF-8 or GB 18030) or a PDF; raises SourceError."""
    if path.suffix.lower() == ".pdf":
        return _pdf_text(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(
            "source.unreadable", path=path, why=error.strerror or type(error).__name__
        ) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SourceError("source.not_text", path=path)


def _pdf_text(path: Path) -> str:
    try:
        import pypdf
        from pypdf.errors import PyPdfError
    except ImportError:
        raise SourceError("source.no_pypdf") from None
    try:
        pages = [page.extract_text().splitlines() for page in pypdf.PdfReader(path).pages]
    except (PyPdfError, OSError, ValueError) as error:
        raise SourceError("source.unreadable", path=path, why=str(error) or type(error).__name__) from None
    if not any(line.strip() for page in pages for line in page):
        raise SourceError("source.pdf_no_text", path=path)
    return "\n".join(line for page in _without_headers(pages) for line in page)


def _without_headers(pages: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """The pages without lines that recur at the head or foot of half of them (page numbers aside)."""
    edges = Counter(mark for page in pages for mark in {_mark(line) for line in [*page[:2], *page[-2:]]})
    often = {mark for mark, times in edges.items() if times >= max(3, len(pages) / 2)}
    for page in pages:
        last = len(page) - 2
        yield [line for n, line in enumerate(page) if not ((n < 2 or n >= last) and _mark(line) in often)]


def _mark(line: str) -> str:
    return re.sub(r"[\s\d]+", "", line)


def sentences(text: str) -> list[str]:
    """The text cut after each 。."""
    found = [s.strip() for s in re.split(r"(?<=。)", text) if s.strip()]
    return found or [text]


def segment(text: str, profile: Profile = _DEFAULT) -> list[Statement]:
    """The statements of the chapters and annexes that the profile names, in the order of the text."""
    lines = _lines(text)
    found = [s for clause in _clauses(lines, profile) for s in _Walk(clause).statements()]
    if profile.indicators:
        found += _indicators(_annex(lines, profile.indicators), f"{profile.indicators}.1")
    if profile.formulas:
        found += _formulas(_annex(lines, profile.formulas), profile.formulas)
    return found


_Lines = Sequence[tuple[int, str]]


def titles(text: str, profile: Profile = _DEFAULT) -> dict[str, str]:
    """The titles of the clauses, by number; a numbered paragraph without a title has none."""
    clauses = _clauses(_lines(text), profile)
    return {c.number: _bare_title(c.title) for c in clauses if c.title and not _is_text(c.title)}


def _bare_title(title: str) -> str:
    return re.sub(r"[\s.…·]+$", "", title)


def _lines(text: str) -> _Lines:
    """The lines with their numbers, without table of contents, page headers and empty lines."""
    out = []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = _BOOKMARK.sub("", raw.strip("\f\v \u3000\r"))
        if line.strip() and not _CONTENTS.search(line) and not _FURNITURE.match(line.strip()):
            out.append((number, line))
    return out


# --- paragraphs -------------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Part:
    """A paragraph under way: the clause itself, a run of sentences, an item or a note."""

    kind: str
    label: str
    text: str
    line: int
    parent: "_Part | None" = None
    lists: "list[list[_Part]]" = field(default_factory=list)
    fresh: bool = True
    introduces: bool = False
    sentences: int = 0
    notes: int = 0
    lead: str = "statement"
    before_lead: str = "statement"
    last_line: int = 0

    def __post_init__(self) -> None:
        self.last_line = self.line

    def go_on(self, line: str, number: int) -> None:
        """Take in one more line."""
        self.text += line
        self.last_line = number

    @property
    def ended(self) -> bool:
        return self.text.rstrip()[-1:] in _END


@dataclass
class _Clause:
    number: str
    title: str = ""
    parts: list[_Part] = field(default_factory=list)


def _clauses(lines: _Lines, profile: Profile) -> list[_Clause]:
    clauses: list[_Clause] = []
    in_table = False
    body = _body(lines, profile.first)
    full = _full(body)
    for number, line in body:
        heading = _HEADING.match(line)
        if heading and _continues(clauses, heading[1] or heading[2], profile):
            in_table = False
            clauses.append(_Clause(heading[1] or heading[2], heading[3]))
            if _is_text(heading[3]) or number in full:
                _add(clauses[-1], heading[3], number, full)
        elif in_table or _TABLE.match(line):
            in_table = True
        elif clauses:
            _add(clauses[-1], _DASHED_LABEL.sub("", line), number, full)
    return clauses


def _full(body: _Lines) -> set[int]:
    """The numbers of lines that reach the right margin, if the text has one: what follows may go on from them."""
    widths = {number: sum(2 if ord(c) > _WIDE else 1 for c in line) for number, line in body}
    margin = sorted(widths.values())[int(len(widths) * 0.97)] if widths else 0
    full = {number for number, width in widths.items() if width >= margin * 0.9}
    return full if len(full) >= len(widths) * _WRAPPED else set()


def _is_text(heading: str) -> bool:
    """Whether what follows a number is a paragraph without a title (which may go on in the next line)."""
    told = re.search(r"[。：:；，]", heading) or modal_of(heading) != "statement"
    return bool(told) or len(heading) > _LONG


def _body(lines: _Lines, first: int) -> _Lines:
    """From the heading of the first chapter (the last of that title: a table of contents has it too) to Annex A."""
    heads = [(n, line) for n, (_, line) in enumerate(lines) if re.match(rf"^{first}(?:、\s*|\s+)\D", line)]
    if not heads:
        return []
    title = _bare(heads[0][1])
    start = [n for n, line in heads if _bare(line) == title][-1]
    ends = (n for n, (_, line) in enumerate(lines) if n > start and _ANNEX.match(line))
    return lines[start : next(ends, len(lines))]


def _bare(heading: str) -> str:
    return re.sub(r"[\s.\d]+$", "", normalise(heading))


def _continues(clauses: list[_Clause], number: str, profile: Profile) -> bool:
    """Whether that number can come next: a small gap is allowed only where the text before it has ended."""
    here = tuple(int(n) for n in number.split("."))
    if not profile.first <= here[0] <= profile.last:
        return False
    if not clauses:
        return here == (profile.first,)
    last = clauses[-1]
    before = tuple(int(n) for n in last.number.split("."))
    depth = len(here) - 1
    if depth > len(before) or here[:depth] != before[:depth]:
        return False
    gap = here[depth] - (before[depth] if depth < len(before) else 0)
    ended = not last.parts or last.parts[-1].ended
    return gap == 1 or (1 < gap <= _MAX_GAP and ended)


def _add(clause: _Clause, line: str, number: int, full: set[int]) -> None:
    last = clause.parts[-1] if clause.parts else None
    if last is not None and _inside_brackets(last.text, line):
        last.go_on(line, number)
        return
    for kind, pattern in (("note", _NOTE), ("letter", _LETTER), ("figure", _NUMBER), ("bullet", _BULLET)):
        if (match := pattern.match(line)) is not None:
            label = unicodedata.normalize("NFKC", match[1]) if kind in ("letter", "figure") else ""
            clause.parts.append(_Part(kind, label, line[match.end() :], number))
            return
    wrapped = last is not None and last.last_line in full and not _ACTOR.match(line) and line[-1] not in "：:"
    if last is not None and (not last.ended or (last.kind != "prose" and wrapped)):
        last.go_on(line, number)
    elif last is None and line[0] in _GOES_ON:
        clause.parts.append(_Part("prose", "", clause.title + line, number))
    else:
        clause.parts.append(_Part("prose", "", line, number))


def _inside_brackets(text: str, line: str) -> bool:
    """Whether a bracket that the text left open is closed by this line."""
    if text.count("（") + text.count("(") <= text.count("）") + text.count(")"):
        return False
    return (first := re.search(r"[（(）)]", line)) is not None and first[0] in "）)"


# --- who belongs to whom ----------------------------------------------------------------------------------


def _arrange(root: _Part, parts: list[_Part]) -> None:
    """Give each part its parent, each item its list and, for bullets, its number."""
    for index, part in enumerate(parts):
        after = parts[index + 1].kind if index + 1 < len(parts) else ""
        tail = part.text.rstrip()[-1:]
        part.introduces = (
            (tail in "：:" and tail != "")
            or (part.kind == "prose" and tail in "；;" and after in _LISTED)
            or (part.kind == "letter" and tail not in _END and after == "bullet")
        )
        if part.kind in _LISTED:
            part.parent = _list_parent(parts, index) or root
            _enlist(part.parent, part)
        else:
            part.parent = _owner(parts, index) or root
            if part.kind == "prose":
                part.parent.fresh = True


def _enlist(parent: _Part, part: _Part) -> None:
    current = parent.lists[-1] if parent.lists and not parent.fresh else None
    if current is None or _restarts(current[-1], part):
        current = []
        parent.lists.append(current)
    current.append(part)
    parent.fresh = False
    part.label = part.label or str(len(current))


def _restarts(last: _Part, part: _Part) -> bool:
    if part.kind == "bullet" or last.kind != part.kind:
        return last.kind != part.kind
    return _rank(part) <= _rank(last)


def _rank(part: _Part) -> int:
    return int(part.label) if part.label.isdigit() else ord(part.label[:1] or "`") - 96


def _list_parent(parts: list[_Part], index: int) -> _Part | None:
    part = parts[index]
    if part.kind == "letter":
        return None
    for before in reversed(parts[:index]):
        if before.kind == part.kind:
            return before.parent
        if before.kind == "prose":
            return before.parent
        if before.introduces:
            return before
        if before.kind != "note":
            return None
    return None


def _owner(parts: list[_Part], index: int) -> _Part | None:
    """Prose or a note in the middle of a labelled list belongs to the item before it; elsewhere to the clause."""
    after = next((p for p in parts[index + 1 :] if p.kind in ("letter", "figure")), None)
    owner = next((p for p in reversed(parts[:index]) if p.kind in ("letter", "figure")), None)
    while after is not None and owner is not None and owner.kind in _LISTED:
        if owner.kind == after.kind and 0 < _rank(after) - _rank(owner) <= _MAX_GAP:
            return owner
        owner = owner.parent
    return None


def _collide(parent: _Part) -> bool:
    labels = [part.label for items in parent.lists for part in items]
    return len(labels) != len(set(labels))


def _address(part: _Part) -> str:
    if part.parent is None or part.kind == "note":
        return part.label
    above = _address(part.parent)
    if _collide(part.parent):
        number = next(n for n, items in enumerate(part.parent.lists, 1) if part in items)
        return f"{above}/L{number}/{part.label}"
    return f"{above}/{part.label}"


# --- statements -------------------------------------------------------------------------------------------


class _Walk:
    """One clause from its paragraphs to its statements, carrying modal verbs from leads to lists."""

    def __init__(self, clause: _Clause) -> None:
        self.parts = _rescue_duties_from_notes(clause.parts)
        self.root = _Part("clause", clause.number, "", 0)
        _arrange(self.root, self.parts)

    def statements(self) -> Iterator[Statement]:
        for part in self.parts:
            parent = part.parent or self.root
            if part.kind == "prose":
                yield from self._prose(parent, part)
            elif part.kind == "note":
                yield self._note(parent, part)
            else:
                yield from self._item(parent, part)

    def _prose(self, parent: _Part, part: _Part) -> Iterator[Statement]:
        for sentence in sentences(part.text):
            yield from self._sentence(parent, sentence, part.line)
        if not part.introduces:
            parent.lead = "statement"

    def _sentence(self, parent: _Part, sentence: str, line: int) -> Iterator[Statement]:
        parent.sentences += 1
        at = f"{_address(parent)}#{parent.sentences}"
        for suffix, text in zip(("", "b"), cut(sentence, "sentence"), strict=False):
            own = modal_of(text)
            of_event = own == "statement" and parent.before_lead != "statement"
            parent.lead = parent.before_lead if of_event else own
            yield Statement(at + suffix, "sentence", text, line, own, own, sentence)
        parent.before_lead = parent.lead if _EVENTS.search(sentence) else "statement"

    def _note(self, parent: _Part, part: _Part) -> Statement:
        parent.notes += 1
        part.label = f"{_address(parent)}/N{parent.notes}"
        own = modal_of(part.text)
        part.lead = own
        return Statement(part.label, "note", part.text, part.line, own, own, part.text)

    def _item(self, parent: _Part, part: _Part) -> Iterator[Statement]:
        at = _address(part)
        kind = "note" if _in_note(part) else "item"
        first, *further = sentences(part.text)
        inherited = parent.lead
        for n, text in enumerate(cut(first, kind)):
            own = binding(text) or "statement"
            modal = inherited if own == "statement" else own
            part.lead = _last_modal(text) or modal
            address, shown = (at, kind) if n == 0 else (f"{at}#{n}", "sentence")
            part.sentences = n
            yield Statement(address, shown, text, part.line, own, modal, first)
        for sentence in further:
            yield from self._sentence(part, sentence, part.line)


def _last_modal(text: str) -> str | None:
    """The modal verb nearest to the colon that opens a list."""
    return next((m for piece in reversed(re.split("[，；]", text)) if (m := binding(piece))), None)


def _in_note(part: _Part) -> bool:
    return part.kind == "note" or (part.parent is not None and _in_note(part.parent))


def _rescue_duties_from_notes(parts: list[_Part]) -> list[_Part]:
    """A sentence that asks for documented information and is glued to a note is a sentence of the clause."""
    out: list[_Part] = []
    for part in parts:
        told = sentences(part.text) if part.kind == "note" else []
        duties = [s for s in told[1:] if "文件化信息" in s and modal_of(s) != "statement"]
        if duties:
            part.text = "".join(s for s in told if s not in duties)
        out.append(part)
        out.extend(_Part("prose", "", duty, part.line) for duty in duties)
    return out


# --- annexes whose rows are provisions --------------------------------------------------------------------


def _annex(lines: _Lines, letter: str) -> _Lines:
    heads = [(n, m[1]) for n, (_, line) in enumerate(lines) if (m := _ANNEX.match(line.strip()))]
    start = next((n for n, found in reversed(heads) if found == letter), None)
    if start is None:
        return []
    ends = (n for n, found in heads if n > start and found != letter)
    return lines[start + 1 : next(ends, len(lines))]


def _indicators(lines: _Lines, table: str) -> Iterator[Statement]:
    """The numbered rows of the annex's table: type, requirement, score and what else the row says."""
    rows: list[tuple[int, list[str]]] = []
    for number, line in lines:
        cells = [c.strip() for c in re.split(r"\t| {2,}", line)]
        if "序号" in cells:
            continue
        at = next((n for n, c in enumerate(cells) if c == str(len(rows) + 1)), None)
        if at is not None and at + 2 < len(cells):
            rows.append((number, [c for c in cells[at + 1 :] if c]))
        elif rows and (rest := " ".join(c for c in cells if c)):
            rows[-1][1][1] += " " + rest
    for n, (number, cells) in enumerate(rows, 1):
        text = "　".join(cells)
        own = modal_of(cells[1])
        yield Statement(f"{table}/{n}", "indicator", text, number, own, own, text)


def _formulas(lines: _Lines, annex: str) -> Iterator[Statement]:
    """Each numbered section of the annex as one statement, signs of arithmetic included."""
    sections: list[tuple[str, int, list[str]]] = []
    for number, line in lines:
        match = _FORMULA.match(line.strip())
        if match and match[1] == f"{annex}.{len(sections) + 1}":
            sections.append((match[1], number, [match[2]]))
        elif sections and not re.match(r"^\[\d+\]", line.strip()):
            sections[-1][2].append(line.strip())
    for address, number, texts in sections:
        text = " ".join(texts)
        own = modal_of(text)
        yield Statement(address, "formula", text, number, own, own, text)
