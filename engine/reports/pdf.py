"""The report as PDF/A, set by typst. Data reaches it as a JSON file, never as source; same report, same bytes."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from shall.engine.reports.context import Report
from shall.engine.reports.files import put_bytes
from shall.engine.reports.fonts import Fonts, find_fonts, picture, typeset, unshown, with_system
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
    shown = view(report, lang)
    shown["t"] = {key.partition(".")[2]: said[lang] for key, said in area("report").items()}
    return compiled(shown, "report.typ", "report.json", _drawn)


def compiled(
    shown: View, template: str, data: str, draw: Callable[[View, str], Mapping[str, Markup]]
) -> bytes:
    """A view set by a typst template that reads it from the JSON file `data`; `draw` makes its charts for a font.

    Raises ReportError where typst or a Chinese font is missing or the template fails.
    """
    try:
        import typst  # noqa: F401
    except ImportError:
        raise ReportError("report.no_typst") from None
    with tempfile.TemporaryDirectory(prefix="shall-") as room:
        place = Path(room)
        (place / "fonts").mkdir()
        fonts = find_fonts(place / "fonts")
        shown = shown if shown["lang"] == "zh" else _straight(shown)
        fonts, missing = _cover(fonts, shown)
        return _set(replaced(shown, missing), fonts, place, template, data, draw)


def rendered(shown: View, draw: Callable[[View, str], Mapping[str, Markup]]) -> list[bytes]:
    """The charts of a view as PNG, in their order; none where typst or a Chinese font is missing."""
    try:
        import typst  # noqa: F401
    except ImportError:
        return []
    with tempfile.TemporaryDirectory(prefix="shall-") as room:
        place = Path(room)
        (place / "fonts").mkdir()
        try:
            fonts = find_fonts(place / "fonts")
        except ReportError:
            return []
        fonts, missing = _cover(fonts, shown)
        drawn = draw(replaced(shown, missing), fonts.families[0])
        return [picture(str(svg), fonts, place) for svg in drawn.values()]


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


def _set(
    shown: View,
    fonts: Fonts,
    place: Path,
    template: str,
    data: str,
    draw: Callable[[View, str], Mapping[str, Markup]],
) -> bytes:
    charts = {}
    for name, svg in draw(shown, fonts.families[0]).items():
        charts[name] = f"{name}.svg"
        (place / charts[name]).write_text(str(svg), encoding="utf-8")
    shown["charts"], shown["fonts"] = charts, list(fonts.families)
    (place / data).write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
    source = place / template
    source.write_bytes(files("shall.engine").joinpath("templates", template).read_bytes())
    on = datetime.fromisoformat(shown["on"]).replace(tzinfo=UTC)
    try:
        return typeset(source, fonts, on=on, root=place)
    except RuntimeError as error:
        raise ReportError("report.pdf_failed", why=str(error).splitlines()[0]) from error


def _drawn(shown: View, font: str) -> dict[str, Markup]:
    with_charts(shown, font)
    return dict(_charts(shown))


def _charts(shown: View) -> Iterator[tuple[str, Any]]:
    for n, standard in enumerate(shown["standards"]):
        yield f"bars{n}", standard.pop("chart")
        for clause in standard["clauses"]:
            clause.pop("chart")
    for n, heat in enumerate(shown["heat"]):
        yield f"heat{n}", heat.pop("chart")
    yield "expiry", shown["expiry"].pop("chart")
