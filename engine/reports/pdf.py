"""The report as PDF/A, set by typst. Data reaches it as a JSON file, never as source; same report, same bytes."""

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from shall.engine.reports.context import Report
from shall.engine.reports.files import put_bytes
from shall.engine.reports.fonts import Fonts, find_fonts, typeset, unshown, with_system
from shall.engine.reports.html import with_charts
from shall.engine.reports.view import View, view
from shall.texts import area
from shall.texts.errors import ReportError

ASCII = 0x7F
STRAIGHT = str.maketrans("“”‘’", "\"\"''")


def write_pdf(report: Report, path: str | Path, lang: str) -> None:
    """Write the PDF; raises ReportError where typst or a Chinese font is missing, or the file cannot be written."""
    put_bytes(path, pdf(report, lang))


def pdf(report: Report, lang: str) -> bytes:
    """The PDF as bytes, the same for the same report and fonts."""
    try:
        import typst  # noqa: F401
    except ImportError:
        raise ReportError("report.no_typst") from None
    with tempfile.TemporaryDirectory(prefix="shall-") as room:
        place = Path(room)
        (place / "fonts").mkdir()
        fonts = find_fonts(place / "fonts")
        shown = view(report, lang)
        shown["t"] = {key.partition(".")[2]: said[lang] for key, said in area("report").items()}
        shown = shown if lang == "zh" else _straight(shown)
        fonts, missing = _cover(fonts, shown)
        return _set(replaced(shown, missing), fonts, place)


def _cover(fonts: Fonts, shown: View) -> tuple[Fonts, set[str]]:
    """Fonts that show as much as this machine can, and the characters that still lack a glyph."""
    characters = sorted({c for text in _texts(shown) for c in text if ord(c) > ASCII})
    missing = unshown(fonts, characters)
    if missing and not fonts.system:
        fonts = with_system(fonts)
        missing = unshown(fonts, sorted(missing))
    return fonts, missing


def _straight(value: Any) -> Any:
    """The same value with straight quotes: a Chinese font draws the curly ones a whole character wide."""
    if isinstance(value, str):
        return value.translate(STRAIGHT)
    if isinstance(value, dict):
        return {key: _straight(inner) for key, inner in value.items()}
    return [_straight(inner) for inner in value] if isinstance(value, list) else value


def replaced(value: Any, missing: set[str]) -> Any:
    """The same value, a character without a glyph written as its number, `[U+1F600]`."""
    if isinstance(value, str):
        if missing.isdisjoint(value):
            return value
        return "".join(f"[U+{ord(c):04X}]" if c in missing else c for c in value)
    if isinstance(value, dict):
        return {key: replaced(inner, missing) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, missing) for inner in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _set(shown: View, fonts: Fonts, place: Path) -> bytes:
    with_charts(shown, fonts.families[0])
    charts = {}
    for name, svg in _charts(shown):
        charts[name] = f"{name}.svg"
        (place / charts[name]).write_text(str(svg), encoding="utf-8")
    shown["charts"], shown["fonts"] = charts, list(fonts.families)
    (place / "report.json").write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
    source = place / "report.typ"
    source.write_bytes(files("shall.engine").joinpath("templates", "report.typ").read_bytes())
    on = datetime.fromisoformat(shown["on"]).replace(tzinfo=UTC)
    try:
        return typeset(source, fonts, on=on, root=place)
    except RuntimeError as error:
        raise ReportError("report.pdf_failed", why=str(error).splitlines()[0]) from error


def _charts(shown: View) -> Iterator[tuple[str, Any]]:
    for n, standard in enumerate(shown["standards"]):
        yield f"bars{n}", standard.pop("chart")
        for clause in standard["clauses"]:
            clause.pop("chart")
    for n, heat in enumerate(shown["heat"]):
        yield f"heat{n}", heat.pop("chart")
    yield "expiry", shown["expiry"].pop("chart")
