"""What stands in one cell, whatever the file: read as the column's type, or refused with the reason.

Nothing is guessed: a value with two readings (`2/3/2025`, `12 kWh`, an unformatted serial number where
a date belongs) is a problem that says what was found and what is allowed.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Context, Decimal

from shall.evidence.kinds.base import DECIMAL_PLACES, MAX_DIGITS
from shall.evidence.schema import Column, Kind, schema
from shall.texts import say

Value = str | bool | int | Decimal | date
"""What a cell means once read; an empty cell means None and never comes this far."""

MAX_TEXT = 32_000
"""Characters of one text: an Excel cell holds 32,767."""
MAX_ID = 200
MAX_INTEGER = 10**18
FIRST_YEAR = 1900
EXCEL_DIGITS = 15
"""Digits of a number that a spreadsheet keeps; what follows is noise of binary fractions."""
KEPT_SHARE = 10**4
"""Rounding a spreadsheet's fraction to the places we keep may change it by one part in this many at most."""
EXACT = Context(prec=80)
"""More digits than any number we keep: nothing is rounded on the way to its canonical spelling."""
MAX_DIGITS_WRITTEN = 60
SHOWN = 60
"""Characters of a found value that a message repeats."""

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?|[+-]?\.\d+")
NUMBER_FIRST = re.compile(r"([+-]?\d[\d,]*\.?\d*)\s*([^\d\s.,+-].*)", re.DOTALL)
DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))"
)
MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")

YES = ("是", "yes", "y", "true", "1", "√", "✓", "✔", "☑")
NO = ("否", "no", "n", "false", "0", "×", "✗", "✘")
FLAGS = {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
YES_LABEL = ("是", "yes")
NO_LABEL = ("否", "no")

EXAMPLE = "示例/EXAMPLE"
"""An id that starts so marks the template's example row."""
HELP_MARK = "【说明/help】"
"""The id column's help starts so: that is how a reader knows the help row."""
LISTS = "_lists"
GUIDE = ("说明", "Guide")
"""Sheets of a workbook that hold no records: the hidden one of choices, and the guide in front."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula instead of a value."""

    text: str


@dataclass(frozen=True, slots=True)
class Percent:
    """A number that the spreadsheet shows as a percentage: 0.95 shown as 95%."""

    number: float


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that holds an error value, a time of day, a list or the like."""

    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found. `row` counts rows or lines from 1, records where `counts` says so."""

    file: str
    sheet: str | None = None
    row: int | None = None
    kind: str | None = None
    column: str | None = None
    letter: str | None = None
    counts: str = "row"

    def text(self, lang: str) -> str:
        """The place in words, the column by its label."""
        parts = [self.file]
        if self.sheet is not None:
            parts.append(say("import.at_sheet", lang, sheet=self.sheet))
        if self.row is not None:
            parts.append(say(f"import.at_{self.counts}", lang, row=self.row))
        if self.column is not None:
            key = "import.at_column" if self.letter is None else "import.at_letter"
            parts.append(say(key, lang, column=self._label(lang), letter=self.letter))
        return " ".join(parts)

    def _label(self, lang: str) -> str:
        kind = schema().get(self.kind or "")
        column = kind.column(self.column or "") if kind else None
        if column is None:
            return self.column or ""
        return column.zh if lang == "zh" else column.en


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a file from being imported. A pair among the fields is a text in zh and en."""

    place: Place
    key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """Where, what was found, what is allowed."""
        chosen = {k: v[lang != "zh"] if isinstance(v, tuple) else v for k, v in self.fields.items()}
        return say("import.problem", lang, place=self.place.text(lang), what=say(self.key, lang, **chosen))


class CellError(ValueError):
    """The cell cannot be read as its column's type."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields


Reader = Callable[[object], Value | None]
"""Reads one cell; None is an empty one. Raises CellError."""


def reader(column: Column) -> Reader:
    """The function that reads the cells of this column."""
    if column.type == "choice":
        return _choice_reader(column)
    if column.name == "id" or column.ref:
        return read_id
    if column.type == "decimal":
        return lambda raw: _read_decimal(raw, column)
    if column.type == "integer":
        return lambda raw: _read_integer(raw, column)
    return {"text": read_text, "flag": read_flag, "date": read_date}[column.type]


def shown(raw: object) -> str:
    """A found value as a message repeats it: short, on one line."""
    if isinstance(raw, Formula | Unreadable):
        raw = raw.text
    elif isinstance(raw, Percent):
        raw = f"{_plain(_from_float(raw.number * 100))}%"
    elif isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        raw = _number_text(raw)
    text = " ".join(ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", str(raw)).split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def fold(text: str) -> str:
    """A label with what writers vary taken out: width, case, spaces.

    >>> fold(" Ｃarbon   碳 ")
    'carbon 碳'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def shield(text: str) -> str:
    """The text as a CSV cell that no spreadsheet takes for a formula: a leading ' where it is needed.

    >>> shield("=1+1"), shield("a=1")
    ("'=1+1", 'a=1')
    """
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r", "'")) else text


def unshield(text: str) -> str:
    """What `shield` was given."""
    return (
        text[1:] if text[:1] == "'" and text[1:].startswith(("=", "+", "-", "@", "\t", "\r", "'")) else text
    )


def read_text(raw: object) -> str | None:
    """A text; numbers and dates as they are usually written."""
    if isinstance(raw, str):
        text = raw
    elif isinstance(raw, bool):
        text = str(raw).upper()
    elif isinstance(raw, int | float | Decimal):
        text = _number_text(raw)
    elif isinstance(raw, datetime):
        text = raw.date().isoformat() if _is_midnight(raw) else raw.isoformat(" ")
    elif isinstance(raw, date):
        text = raw.isoformat()
    else:
        raise _unreadable(raw)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.strip()
    found = ILLEGAL.search(text)
    if found:
        raise CellError("import.control_character", found=shown(text), code=f"U+{ord(found[0]):04X}")
    if len(text) > MAX_TEXT:
        raise CellError("import.text_too_long", length=len(text), limit=MAX_TEXT)
    return text or None


def read_id(raw: object) -> str | None:
    """An id: full-width characters become their plain forms, and it stands on one line."""
    if isinstance(raw, date):
        raise CellError("import.id_is_date", found=raw.isoformat()[:10])
    text = read_text(raw)
    if text is None:
        return None
    text = unicodedata.normalize("NFKC", text).strip()
    if len(text) > MAX_ID or not text.isprintable():
        raise CellError("import.bad_id", found=shown(text), limit=MAX_ID)
    return text or None


def read_flag(raw: object) -> bool | None:
    """Yes or no."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float | Decimal) and raw in (0, 1):
        return raw == 1
    if isinstance(raw, str):
        known = FLAGS.get(raw)
        if known is None:
            folded = fold(raw)
            if not folded:
                return None
            known = FLAGS.get(folded)
        if known is not None:
            return known
    raise _refused(raw, "import.bad_flag")


def read_date(raw: object) -> date | None:
    """A day of the calendar. A time of day is refused: the day may be another one elsewhere."""
    if isinstance(raw, datetime):
        day: date = raw.date()
        if not _is_midnight(raw):
            raise CellError("import.date_with_time", found=raw.isoformat(" "))
    elif isinstance(raw, date):
        day = raw
    elif isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        text = _number_text(raw)
        if not re.fullmatch(r"\d{8}", text):
            raise CellError("import.date_is_number", found=text)
        day = _day(text)
    elif isinstance(raw, str):
        text = (
            "".join(unicodedata.normalize("NFKC", raw).split())
            if ":" not in raw
            else MIDNIGHT.sub("", raw.strip())
        )
        if not text:
            return None
        day = _day(text)
    else:
        raise _refused(raw, "import.bad_date")
    if day.year < FIRST_YEAR:
        raise CellError("import.date_too_early", found=day.isoformat(), year=FIRST_YEAR)
    return day


def _day(text: str) -> date:
    match = DATE.fullmatch(text)
    if match is None:
        raise CellError("import.bad_date", found=shown(text))
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError("import.no_such_day", found=shown(text)) from None


def _choice_reader(column: Column) -> Reader:
    known = choice_words(column)

    def read(raw: object) -> str | None:
        text = raw if isinstance(raw, str) else read_text(raw)
        code = known.get(text or "")
        if code is not None:
            return code
        folded = fold(text or "")
        if not folded:
            return None
        code = known.get(folded)
        if code is None:
            pairs = column.choices.items()
            allowed = tuple("、".join(f"{label[i]} ({code})" for code, label in pairs) for i in (0, 1))
            raise CellError(
                "import.bad_choice", found=shown(text), allowed=(allowed[0], allowed[1].replace("、", ", "))
            )
        return code

    return read


def choice_words(column: Column) -> dict[str, str]:
    """Every spelling that names one choice only, to its code. A code beats a label that spells the same."""
    meant: dict[str, set[str]] = {}
    for code, (zh, en) in column.choices.items():
        for word in {fold(zh), fold(en)}:
            meant.setdefault(word, set()).add(code)
    words = {word: codes.pop() for word, codes in meant.items() if len(codes) == 1}
    words |= {fold(choice_label(labels)): code for code, labels in column.choices.items()}
    words |= {choice_label(labels): code for code, labels in column.choices.items()}
    return words | {fold(code): code for code in column.choices} | {code: code for code in column.choices}


def choice_label(labels: tuple[str, str]) -> str:
    """How the drop-down writes a choice: both labels, once where they are the same."""
    return labels[0] if labels[0] == labels[1] else " ".join(labels)


def _read_integer(raw: object, column: Column) -> int | None:
    number = _read_decimal(raw, column)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise CellError("import.not_whole", found=shown(raw))
    if abs(number) >= MAX_INTEGER:
        raise CellError("import.number_too_large", found=shown(raw), digits=len(str(MAX_INTEGER)) - 1)
    return int(number)


def _read_decimal(raw: object, column: Column) -> Decimal | None:
    if isinstance(raw, str):
        number = _decimal_of_text(raw, column)
        if number is None:
            return None
    elif isinstance(raw, bool):
        raise _refused(raw, "import.bad_number")
    elif isinstance(raw, float):
        number = _from_float(raw)
    elif isinstance(raw, int | Decimal):
        number = Decimal(raw)
    elif isinstance(raw, Percent):
        if column.unit != "%":
            raise CellError("import.percent", found=shown(raw), unit=_unit(column))
        number = _from_float(raw.number * 100)
    elif isinstance(raw, date):
        raise CellError("import.number_is_date", found=raw.isoformat()[:10])
    else:
        raise _refused(raw, "import.bad_number")
    if not number.is_finite():
        raise _refused(raw, "import.bad_number")
    if number and number.adjusted() >= MAX_DIGITS:
        raise CellError("import.number_too_large", found=shown(raw), digits=MAX_DIGITS)
    if _places(number) > DECIMAL_PLACES or len(number.as_tuple().digits) > MAX_DIGITS_WRITTEN:
        raise CellError("import.too_many_places", found=shown(raw), places=DECIMAL_PLACES)
    return number


def _decimal_of_text(raw: str, column: Column) -> Decimal | None:
    text = unicodedata.normalize("NFKC", raw).strip().replace("\N{MINUS SIGN}", "-")
    if not text:
        return None
    if NUMBER.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if text.endswith("%") and NUMBER.fullmatch(text[:-1].rstrip()):
        if column.unit == "%":
            return Decimal(text[:-1].rstrip().replace(",", ""))
        raise CellError("import.percent", found=shown(text), unit=_unit(column))
    split = NUMBER_FIRST.fullmatch(text)
    if split:
        number = _written_out(split[1], split[2])
        raise CellError("import.number_with_unit", found=shown(text), number=number, unit=_unit(column))
    raise CellError("import.bad_number", found=shown(text))


def _written_out(number: str, rest: str) -> str:
    """The number a cell means that goes on in words: 12万 is 120000. The unit after it is for a person to convert."""
    factor = {"万": 10**4, "亿": 10**8}.get(rest[:1], 1)
    return number if factor == 1 else format(Decimal(number.replace(",", "")) * factor, "f")


def _unit(column: Column) -> tuple[str, str]:
    return (column.unit, column.unit) if column.unit else ("无单位", "no unit")


def _from_float(number: float) -> Decimal:
    """The decimal a spreadsheet shows for a binary number, at most as many places as we keep."""
    exact = Decimal(format(number, f".{EXCEL_DIGITS}g"))
    if not exact.is_finite() or _places(exact) <= DECIMAL_PLACES:
        return exact
    kept = exact.quantize(Decimal(1).scaleb(-DECIMAL_PLACES), context=EXACT)
    return kept if abs(kept - exact) * KEPT_SHARE <= abs(exact) else exact


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -DECIMAL_PLACES:
        exponent = number.normalize(EXACT).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _number_text(number: int | float | Decimal) -> str:
    """A number as a person writes it: 1 for 1.0, no exponent where that is readable."""
    exact = Decimal(format(number, f".{EXCEL_DIGITS}g")) if isinstance(number, float) else Decimal(number)
    return _plain(exact) if exact.is_finite() and abs(exact.adjusted()) <= MAX_DIGITS else str(exact)


def _plain(number: Decimal) -> str:
    return format(number.normalize(EXACT), "f") if number else "0"


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


def _refused(raw: object, key: str) -> CellError:
    return _unreadable(raw) if isinstance(raw, Formula | Unreadable) else CellError(key, found=shown(raw))


def _unreadable(raw: object) -> CellError:
    if isinstance(raw, Formula):
        return CellError("import.formula", found=shown(raw))
    if isinstance(raw, Percent):
        return CellError("import.percent_in_text", found=shown(raw))
    return CellError("import.unreadable", found=shown(raw))


def column_names(kind: Kind) -> dict[str, str]:
    """Every spelling of a column's header that names one column only, to its name."""
    meant: dict[str, set[str]] = {}
    for column in kind.columns:
        for label in (column.zh, column.en, *(header(column, lang) for lang in ("zh", "en"))):
            meant.setdefault(fold(label), set()).add(column.name)
    names = {word: found.pop() for word, found in meant.items() if len(found) == 1}
    return names | {fold(column.name): column.name for column in kind.columns}


def header(column: Column, lang: str) -> str:
    """A column's header in the workbook: label, unit, * where it must be filled in."""
    label = column.zh if lang == "zh" else column.en
    unit = f" ({column.unit})" if column.unit else ""
    return f"{label}{unit}{' *' if column.required else ''}"
