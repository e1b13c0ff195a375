"""Conditions of the consequences file in words: columns and choices by their labels instead of their names.

Only the shape is reworded, token by token, in the order of the file; what is no column of the kind stays as it is.
"""

import re

from shall.evidence.schema import Column, schema
from shall.texts import Lang, say

TOKEN = re.compile(r"'(?:[^']|'')*'|:?\w+|<=|>=|<>|!=|[<>=(),]|\S")
PHRASES = {
    ("is", "not", "null"): "on_record",
    ("is", "null"): "not_on_record",
    ("=", "false"): "is_false",
    ("=", "true"): "is_true",
    ("not", "in"): "not_in",
    ("in",): "in",
    ("and",): "and",
    ("or",): "or",
    ("not",): "not",
    ("=",): "equals",
    (":on",): "the_day",
}
"""Words of a predicate and the text that stands for them, longer ones first."""


def condition(kind: str, text: str, lang: Lang) -> str:
    """A predicate over a kind's columns in words."""
    tokens = TOKEN.findall(text)
    said: list[str] = []
    column: Column | None = None
    while tokens:
        phrase = next((p for p in PHRASES if tuple(t.casefold() for t in tokens[: len(p)]) == p), None)
        if phrase:
            said.append(say(f"consequences.word_{PHRASES[phrase]}", lang))
            del tokens[: len(phrase)]
            continue
        token = tokens.pop(0)
        if token.startswith("'"):
            said.append(_choice(column, token[1:-1].replace("''", "'"), lang))
        else:
            column = schema()[kind].column(token) or column
            found = schema()[kind].column(token)
            said.append(str(getattr(found, lang)) if found else token)
    if lang == "zh":
        return "".join({",": "、"}.get(part, part) for part in said)
    return re.sub(r"(?<=\() | (?=[,)])", "", " ".join(said))


def link(kind: str, columns: tuple[str, str], lang: Lang) -> str:
    """How the record that discharges is tied to the one that it came of."""
    if columns == ("id", "id"):
        return say("consequences.word_itself", lang)
    own = schema()[kind].column(columns[0])
    other = next((c for k in (schema()[kind], *schema().values()) if (c := k.column(columns[1]))), None)
    names = [str(getattr(c, lang)) if c else name for c, name in zip((own, other), columns, strict=True)]
    return say("consequences.word_link", lang, own=names[0], other=names[1])


def _choice(column: Column | None, code: str, lang: Lang) -> str:
    pair = column.choices.get(code) if column else None
    shown = pair[lang != "zh"] if pair else code
    return f"“{shown}”"
