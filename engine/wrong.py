"""What is wrong with a value of a file, in either language: the words of our own rules, and pydantic's findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shall.texts import say

MAX_SHOWN = 80
"""So much of a value is repeated in a message."""


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of a message: a key of the catalogue and its fields. English where no language is asked for."""

    key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """The words in that language."""
        return say_all(self.key, lang, self.fields)

    def __str__(self) -> str:
        return self.text("en")


def say_all(key: str, lang: str, fields: Mapping[str, object]) -> str:
    """The text of a key in that language, fields that are Words in the same language."""
    said = {k: v.text(lang) if isinstance(v, Words) else v for k, v in fields.items()}
    return say(key, lang, **said)


class Wrong(ValueError):
    """A value that breaks a rule of ours: what a validator raises in place of a sentence in one language."""

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(key)
        self.words = Words(key, fields)

    def __str__(self) -> str:
        return str(self.words)


TYPES: Mapping[str, str] = {
    "missing": "wrong.missing",
    "extra_forbidden": "wrong.unknown",
    "literal_error": "wrong.allowed",
    "enum": "wrong.allowed",
    "string_type": "wrong.text",
    "int_type": "wrong.integer",
    "int_parsing": "wrong.integer",
    "int_parsing_size": "wrong.integer",
    "int_from_float": "wrong.integer",
    "float_type": "wrong.number",
    "float_parsing": "wrong.number",
    "finite_number": "wrong.number",
    "decimal_type": "wrong.number",
    "decimal_parsing": "wrong.number",
    "bool_type": "wrong.flag",
    "bool_parsing": "wrong.flag",
    "date_type": "wrong.date",
    "date_parsing": "wrong.date",
    "date_from_datetime_parsing": "wrong.date",
    "date_from_datetime_inexact": "wrong.date",
    "list_type": "wrong.list",
    "tuple_type": "wrong.list",
    "set_type": "wrong.list",
    "frozen_set_type": "wrong.list",
    "iterable_type": "wrong.list",
    "dict_type": "wrong.keys",
    "mapping_type": "wrong.keys",
    "model_type": "wrong.keys",
    "model_attributes_type": "wrong.keys",
    "greater_than": "wrong.greater_than",
    "greater_than_equal": "wrong.at_least",
    "less_than": "wrong.less_than",
    "less_than_equal": "wrong.at_most",
    "multiple_of": "wrong.multiple",
    "string_too_short": "wrong.short_text",
    "string_too_long": "wrong.long_text",
    "too_short": "wrong.few",
    "too_long": "wrong.many",
    "decimal_max_digits": "wrong.digits",
    "decimal_max_places": "wrong.places",
    "decimal_whole_digits": "wrong.whole_digits",
}
"""pydantic's kind of error and the words for it; the fields are those of its context."""

PATTERNS: Mapping[str, str] = {
    r"^[a-z][a-z0-9_]*$": "wrong.pattern_key",
    r"^[a-z][a-z0-9_]*:\S+$": "wrong.pattern_clause",
    r"^\d{4}-\d{2}-\d{2}$": "wrong.date",
}
"""Regular expressions of the models and what they mean; any other is shown as it is."""


def reason(found: Any) -> Words | str:
    """Why a value cannot be used, of one of pydantic's errors; a plain ValueError has its own words only."""
    kind, context = found["type"], found.get("ctx") or {}
    if kind in ("value_error", "assertion_error"):
        error = context.get("error")
        return error.words if isinstance(error, Wrong) else str(error)
    if kind == "string_pattern_mismatch":
        pattern = context["pattern"]
        return Words(PATTERNS.get(pattern, "wrong.pattern"), {"pattern": pattern})
    if kind in ("string_too_short", "too_short") and context["min_length"] == 1:
        return Words("wrong.empty")
    if kind in TYPES:
        return Words(TYPES[kind], context)
    return Words("wrong.other", {"kind": kind})


def explained(found: Any, path: Sequence[int | str]) -> tuple[str, dict[str, object]]:
    """The message for one of pydantic's errors at that path of the file: key and fields."""
    at = ".".join(str(step) for step in path) or "-"
    last = path[-1] if path else "-"
    value = _shown(found.get("input"))
    match found["type"]:
        case "extra_forbidden":
            return "rules.unknown_key", {"name": last}
        case "missing":
            return "rules.missing_key", {"name": last}
        case "literal_error" | "enum":
            allowed = found["ctx"]["expected"].replace(" or ", ", ")
            return "rules.not_allowed", {"at": at, "value": value, "allowed": allowed}
    return "rules.bad_value", {"at": at, "value": value, "why": reason(found)}


def _shown(value: Any) -> str:
    """The beginning of a value; of a part of a file only its keys."""
    return (f"{{{', '.join(map(str, value))}}}" if isinstance(value, Mapping) else str(value))[:MAX_SHOWN]


def path_in(value: Any, found: Any) -> tuple[int | str, ...]:
    """Where in the file's own value an error lies: pydantic's path without the names it gives to alternatives."""
    path: list[int | str] = []
    steps = found["loc"]
    for n, step in enumerate(steps):
        there = _has(value, step)
        if there:
            value = value[step]
        if there or (found["type"] == "missing" and n == len(steps) - 1):
            path.append(step)
    return tuple(path)


def _has(value: Any, step: int | str) -> bool:
    if isinstance(value, Mapping):
        return step in value
    return isinstance(value, list | tuple) and isinstance(step, int) and step < len(value)


def unreadable(error: OSError | UnicodeDecodeError) -> Words:
    """Why a file cannot be read."""
    match error:
        case UnicodeDecodeError():
            return Words("wrong.not_utf8")
        case PermissionError():
            return Words("wrong.no_permission")
        case IsADirectoryError():
            return Words("wrong.is_folder")
    return Words("wrong.unreadable", {"kind": type(error).__name__})
