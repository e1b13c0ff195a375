"""How wide a text is on a terminal, and texts cut to a width."""

import unicodedata


def width(text: str) -> int:
    """Columns a text takes on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def clipped(text: str, columns: int) -> str:
    """The text cut to that many columns, with … where something is missing."""
    if width(text) <= columns:
        return text
    out = ""
    for char in text:
        if width(out + char) > columns - 1:
            return out + "…"
        out += char
    return out
