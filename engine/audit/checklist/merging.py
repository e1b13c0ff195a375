"""Filled checklists merged three ways against the workbook they were copied from. Pure: no files, no store.

A cell that one or more copies changed to the same value is merged. A cell changed to different values is a conflict;
where they differ on the verdict or on who gave it, so is the whole line: nobody's reasons go with another's verdict.
What cannot be merged at all (unreadable, on a line that is not ours, beside the cells to fill in) is a trouble. Each
changed cell is in exactly one of the three.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shall.engine.audit.checklist.filled import Bad, Filled, Read
from shall.engine.audit.checklist.form import FILLED, FIXED, VERDICTS, Form, Line
from shall.evidence.parse import choice_label
from shall.texts import say
from shall.texts.errors import EvidenceError

IDENTITY = ("unit", "address", "ask")
"""What must stand in a row beside its hidden id, or the row is not the line it claims to be."""

Values = Mapping[str, Mapping[str, str]]
"""What is filled in, by line and column; empty cells are left out."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one copy says in a cell, and by whom: the auditor its row names, else the one it names most often."""

    file: str
    row: int
    auditor: str
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that was changed, and what the copies that changed it say."""

    line: str
    column: str
    before: str
    versions: tuple[Version, ...]

    @property
    def agreed(self) -> bool:
        """Whether all versions say the same."""
        return len({v.value for v in self.versions}) == 1

    def text(self, form: Form, lang: str) -> str:
        """Where, what it was, and what each copy says, with who says it."""
        line = form.line(self.line)
        head = say(
            "checklist.change",
            lang,
            no=line.cells["no"] if line else "-",
            address=", ".join(m.id for m in line.members) if line else self.line,
            column=say(f"checklist.col_{self.column}", lang),
            before=_word(self.column, self.before, lang),
        )
        told = [
            say(
                "checklist.version",
                lang,
                file=v.file,
                row=v.row,
                auditor=v.auditor or "-",
                value=_word(self.column, v.value, lang),
            )
            for v in self.versions
        ]
        return "\n  ".join([head, *told])


def _word(column: str, value: str, lang: str) -> str:
    if not value:
        return say("checklist.empty", lang)
    return choice_label(VERDICTS[value]) if column == "verdict" and value in VERDICTS else value


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that was not merged. `content` is what stood there, by column; `blocks` the writing to the ledger."""

    file: str
    row: int | None
    line: str | None
    column: str | None
    key: str
    fields: Mapping[str, object] = field(default_factory=dict)
    content: Mapping[str, str] = field(default_factory=dict)
    blocks: bool = True

    def text(self, lang: str) -> str:
        """The place, what is wrong, and everything that stood there."""
        told = {k: v.why(lang) if isinstance(v, Bad) else v for k, v in self.fields.items()}
        if "column" in told:
            told["column"] = say(f"checklist.col_{told['column']}", lang)
        where = say("checklist.place", lang, file=self.file, row=self.row) if self.row else self.file
        text = say("checklist.trouble", lang, where=where, what=say(self.key, lang, **told))
        known = {*FILLED, *FIXED, "what"}
        held = [
            say(
                "checklist.content",
                lang,
                column=say(f"checklist.col_{c}", lang) if c in known else c,
                value=_word(c, v, lang),
            )
            for c, v in self.content.items()
        ]
        return "\n  ".join([text, *held])


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome: what is filled in now, every changed cell that was merged, conflicts, troubles."""

    form: Form
    values: Values
    changes: tuple[Change, ...]
    conflicts: tuple[Change, ...]
    troubles: tuple[Trouble, ...]

    @property
    def blocked(self) -> bool:
        """Whether somebody must decide something before this goes to the ledger."""
        return bool(self.conflicts) or any(t.blocks for t in self.troubles)


def merge(base: Read, copies: Sequence[Read]) -> Merged:
    """Merge the copies against the workbook that was sent out; raises EvidenceError where the base was altered."""
    form = base.form
    if form is None:
        raise EvidenceError("checklist.base_altered", path=base.file)
    before, troubles = _before(base, form)
    rows: list[tuple[Read, Filled]] = []
    for copy in _each_once(copies, troubles):
        rows += ((copy, row) for row in _ours(copy, form, before, troubles))
    changed = _changed(rows, before, troubles)
    torn = {c.line for c in changed if not c.agreed and c.column in ("verdict", "auditor")}
    agreed = [c for c in changed if c.agreed and c.line not in torn]
    values = {line: dict(cells) for line, cells in before.items()}
    for change in agreed:
        values[change.line][change.column] = change.versions[0].value
    kept = {line: held for line, cells in values.items() if (held := {c: v for c, v in cells.items() if v})}
    troubles += _blended(agreed, form)
    conflicts = tuple(c for c in changed if not c.agreed or c.line in torn)
    return Merged(form, kept, tuple(agreed), conflicts, tuple(troubles))


def _blended(agreed: Iterable[Change], form: Form) -> Iterator[Trouble]:
    """Lines put together from several files, none of which has it all: somebody should read them once more."""
    files: dict[str, list[set[str]]] = {}
    for change in agreed:
        files.setdefault(change.line, []).append({v.file for v in change.versions})
    for key, each in files.items():
        line = form.line(key)
        if line is not None and not set.intersection(*each):
            names = ", ".join(sorted(set.union(*each)))
            fields = {"no": line.cells["no"]}
            yield Trouble(names, None, key, None, "checklist.blended", fields, blocks=False)


def _before(base: Read, form: Form) -> tuple[dict[str, dict[str, str]], list[Trouble]]:
    """What the base itself has filled in: nothing as a rule, or what an earlier merge wrote."""
    before: dict[str, dict[str, str]] = {line.id: {} for line in form.lines}
    troubles: list[Trouble] = []
    seen: set[str] = set()
    lines = {line.id: line for line in form.lines}
    for row in base.rows:
        line = lines.get(row.id)
        bad = any(isinstance(v, Bad) for v in row.values.values())
        wrong = line is None or _identity(row.fixed) != _identity(line.cells)
        if wrong or row.id in seen or bad:
            if _content(row):
                key = "checklist.base_row"
                troubles.append(Trouble(base.file, row.row, None, None, key, content=_content(row)))
            continue
        seen.add(row.id)
        before[row.id] = {c: v for c, v in row.values.items() if isinstance(v, str) and v}
    return before, troubles


def _each_once(copies: Sequence[Read], troubles: list[Trouble]) -> Iterator[Read]:
    """The copies without a file given twice; of the same auditor two, that is said."""
    seen: dict[str, str] = {}
    authors: dict[str, str] = {}
    for copy in copies:
        if copy.sha256 in seen:
            fields = {"other": seen[copy.sha256]}
            troubles.append(_note(copy, "checklist.same_file", fields))
            continue
        seen[copy.sha256] = copy.file
        named = {a for row in copy.rows if isinstance(a := row.values["auditor"], str) and a}
        if len(named) == 1:
            (author,) = named
            if author in authors:
                fields = {"other": authors[author], "who": author}
                troubles.append(_note(copy, "checklist.two_versions", fields))
            authors.setdefault(author, copy.file)
        yield copy


def _note(copy: Read, key: str, fields: Mapping[str, object]) -> Trouble:
    return Trouble(copy.file, None, None, None, key, fields, blocks=False)


def _ours(
    copy: Read, form: Form, before: Mapping[str, Mapping[str, str]], troubles: list[Trouble]
) -> Iterator[Filled]:
    """The rows of a copy that are lines of the base, after everything else about it was put down."""
    if copy.digest != form.digest or copy.form is None:
        key = "checklist.foreign" if copy.digest != form.digest else "checklist.copy_altered"
        content = {f"{r.row}": " | ".join(_content(r).values()) for r in copy.rows if _content(r)}
        troubles.append(Trouble(copy.file, None, None, None, key, content=content))
        return
    for stray in copy.strays:
        told = {stray.place: stray.text}
        troubles.append(Trouble(copy.file, None, None, None, "checklist.beside", content=told, blocks=False))
    for name in copy.missing:
        troubles.append(Trouble(copy.file, None, None, name, "checklist.column_gone", {"column": name}))
    lines = {line.id: line for line in form.lines}
    by_text = {_identity(line.cells): line for line in form.lines}
    there: dict[str, int] = {}
    for row in copy.rows:
        line = lines.get(row.id)
        if line is None:
            troubles.append(_no_line(copy, row))
            continue
        if _identity(row.fixed) == _identity(line.cells):
            troubles += _odd(copy, row, line, there.get(row.id))
            yield row
        else:
            troubles.append(_swapped(copy, row, line, by_text.get(_identity(row.fixed))))
        there.setdefault(row.id, row.row)
    gone = [line for line in form.lines if line.id not in there]
    if gone:
        lost = any(before[line.id] for line in gone)
        fields = {"count": len(gone), "numbers": ", ".join(line.cells["no"] for line in gone)}
        troubles.append(_note(copy, "checklist.rows_gone_filled" if lost else "checklist.rows_gone", fields))


def _no_line(copy: Read, row: Filled) -> Trouble:
    content = _content(row)
    held = content or {c: v for c, v in row.fixed.items() if v}
    return Trouble(copy.file, row.row, None, None, "checklist.no_line", content=held, blocks=bool(content))


def _swapped(copy: Read, row: Filled, line: Line, other: Line | None) -> Trouble:
    content = _content(row)
    fields = {"no": line.cells["no"], "other": other.cells["no"] if other else "-"}
    held = content or {c: row.fixed[c] for c in IDENTITY if row.fixed[c]}
    return Trouble(copy.file, row.row, row.id, None, "checklist.swapped", fields, held, bool(content))


def _odd(copy: Read, row: Filled, line: Line, first: int | None) -> Iterator[Trouble]:
    """What is odd about a row that is merged all the same."""
    if first is not None:
        twice = {"no": line.cells["no"], "first": first}
        yield Trouble(copy.file, row.row, row.id, None, "checklist.row_twice", twice, blocks=False)
    overwritten = {
        c: v
        for c, v in row.fixed.items()
        if c not in IDENTITY and _folded(v) != _folded(line.cells.get(c, ""))
    }
    if overwritten:
        key, fields = "checklist.overwritten", {"no": line.cells["no"]}
        yield Trouble(copy.file, row.row, row.id, None, key, fields, overwritten, blocks=False)


def _changed(
    rows: Iterable[tuple[Read, Filled]],
    before: Mapping[str, Mapping[str, str]],
    troubles: list[Trouble],
) -> list[Change]:
    found: dict[tuple[str, str], list[Version]] = {}
    usual: dict[str, str] = {}
    for copy, row in rows:
        if copy.file not in usual:
            usual[copy.file] = _usual(copy)
        named = row.values["auditor"]
        who = named if isinstance(named, str) and named else usual[copy.file]
        for column, value in row.values.items():
            if column in copy.missing:
                continue
            if isinstance(value, Bad):
                fields = {"column": column, "why": value}
                content = {column: value.found}
                key = "checklist.unreadable"
                troubles.append(Trouble(copy.file, row.row, row.id, column, key, fields, content))
            elif value != before[row.id].get(column, ""):
                found.setdefault((row.id, column), []).append(Version(copy.file, row.row, who, value))
    order = {line: n for n, line in enumerate(before)}
    ranked = sorted(found.items(), key=lambda item: (order[item[0][0]], FILLED.index(item[0][1])))
    return [
        Change(line, column, before[line].get(column, ""), tuple(versions))
        for (line, column), versions in ranked
    ]


def _usual(copy: Read) -> str:
    named = [a for row in copy.rows if isinstance(a := row.values["auditor"], str) and a]
    return max(sorted(set(named)), key=named.count) if named else ""


def _content(row: Filled) -> dict[str, str]:
    return {c: v.found if isinstance(v, Bad) else v for c, v in row.values.items() if v}


def _identity(cells: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_folded(cells.get(name, "")) for name in IDENTITY)


def _folded(text: str) -> str:
    return " ".join(text.split())
