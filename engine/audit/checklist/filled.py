"""What comes back from an auditor, whatever the format: rows with what is filled in, and all the rest.

Nothing is dropped: what cannot be read, stands where nothing belongs or was written over is kept with its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shall.engine.audit.checklist.form import VERDICTS, Form, Line, form_from_json
from shall.evidence.parse import CellError, Problem, choice_label, fold, read_date, read_text, shown
from shall.texts import say
from shall.texts.errors import EvidenceError

WORDS = {
    word: code
    for code, labels in VERDICTS.items()
    for word in {fold(code), *map(fold, labels), fold(choice_label(labels))}
}


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that cannot be read: what it holds and why it cannot."""

    found: str
    key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def why(self, lang: str) -> str:
        """Why, in that language."""
        told = {k: v[lang != "zh"] if isinstance(v, tuple) else v for k, v in self.fields.items()}
        return say(self.key, lang, **told)


@dataclass(frozen=True, slots=True)
class Filled:
    """A row as it came back. `values` are by column of those to fill in, "" where empty; `fixed` as they stand."""

    row: int
    id: str
    values: Mapping[str, str | Bad]
    fixed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stray:
    """Something outside the cells to fill in: a note in the margin, on a sheet of one's own, a comment."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    """A copy read: `digest` of its base, its rows in order, columns to fill in that are gone, and strays."""

    file: str
    sha256: str
    form: Form | None
    digest: str
    rows: tuple[Filled, ...]
    missing: tuple[str, ...]
    strays: tuple[Stray, ...]


class NotOpened(EvidenceError):
    """A file that is not even opened: no workbook, a password, macros, an archive that unpacks beyond measure."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.key)
        self.problem = problem

    def text(self, lang: str) -> str:
        """The message of the problem."""
        return self.problem.text(lang)


def plain(value: object) -> str:
    """A cell as text, whatever it holds."""
    try:
        return read_text(value) or "" if value is not None else ""
    except CellError:
        return shown(value)


def value_of(name: str, value: object) -> str | Bad:
    """A cell to fill in: a code for the verdict, an ISO day, an auditor's id, a text; Bad where it is none."""
    if value is None:
        return ""
    try:
        if name == "date":
            day = read_date(value)
            return day.isoformat() if day else ""
        text = read_text(value) or ""
    except CellError as error:
        return Bad(shown(value), error.key, error.fields)
    if name == "verdict" and text:
        code = WORDS.get(fold(text))
        if code is None:
            allowed = tuple("、".join(label[n] for label in VERDICTS.values()) for n in (0, 1))
            return Bad(text, "checklist.bad_verdict", {"found": shown(text), "allowed": allowed})
        return code
    if name == "auditor" and text:
        return " ".join(text.split())
    return text


def without_suggestion(row: Filled, line: Line | None) -> Filled:
    """The row; an auditor who was only suggested, and next to whom nothing is filled in, fills in nothing."""
    values = row.values
    if line is None or not line.auditor or values.get("auditor") != " ".join(line.auditor.split()):
        return row
    if any(value for name, value in values.items() if name != "auditor"):
        return row
    return replace(row, values={**values, "auditor": ""})


def base_of(claimed: str, text: str) -> Form | None:
    """The checklist as issued, None where it was altered; raises EvidenceError where another release wrote it."""
    try:
        form = form_from_json(text)
    except EvidenceError as error:
        if error.key == "checklist.other_format":
            raise
        return None
    return form if form.digest == claimed else None
