"""A comparison as PDF/A, set by typst. Data reaches it as a JSON file, never as source."""

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from shall.engine.compare.comparison import Comparison, counts, total
from shall.engine.compare.relations import RELATIONS
from shall.engine.reports.compare.html import heat
from shall.engine.reports.compare.words import Words
from shall.engine.reports.fonts import find_fonts, typeset, unshown, with_system
from shall.engine.reports.pdf import STRAIGHT, replaced
from shall.texts import area
from shall.texts.errors import ReportError

MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""The day in the properties: the same comparison gives the same bytes."""
TEMPLATE = "compare.typ"


def pdf(found: Comparison, lang: str) -> bytes:
    """The PDF as bytes; raises ReportError where typst or a Chinese font is missing."""
    try:
        import typst  # noqa: F401
    except ImportError:
        raise ReportError("report.no_typst") from None
    with tempfile.TemporaryDirectory(prefix="shall-") as room:
        place = Path(room)
        (place / "fonts").mkdir()
        fonts = find_fonts(place / "fonts")
        shown = _shown(found, lang)
        shown = shown if lang == "zh" else _straight(shown)
        characters = sorted({c for text in _texts(shown) for c in text if not c.isascii()})
        missing = unshown(fonts, characters)
        if missing and not fonts.system:
            fonts = with_system(fonts)
            missing = unshown(fonts, sorted(missing))
        shown = replaced(shown, missing) | {"fonts": list(fonts.families)}
        (place / "heat.svg").write_text(str(heat(Words(found, lang), fonts.families[0])), encoding="utf-8")
        (place / "compare.json").write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
        source = place / TEMPLATE
        source.write_bytes(files("shall.engine").joinpath("templates", TEMPLATE).read_bytes())
        try:
            return typeset(source, fonts, on=MADE, root=place)
        except RuntimeError as error:
            raise ReportError("report.pdf_failed", why=str(error).splitlines()[0]) from error


def _shown(found: Comparison, lang: str) -> dict[str, Any]:
    """Everything the template prints, as texts and numbers."""
    words = Words(found, lang)
    return {
        "lang": lang,
        "t": {key.partition(".")[2]: said[lang] for key, said in area("compare").items()},
        "standards": [{"key": key, "title": words.title(key)} for key in found.keys],
        "plan": found.plan.digest,
        "names": list(RELATIONS),
        "pairs": [
            {
                "left": walk.left,
                "right": walk.right,
                "heading": words.t("heading", left=walk.left, right=walk.right),
                "counts": [total(tallies)[name] for name in RELATIONS],
                "only_right": len(walk.only_right),
                "rows": [
                    {name: row[name] for name in _PRINTED} | {"code": row["relation_code"]}
                    for row in words.rows(walk)
                ],
            }
            for walk in found.walks
            for tallies in (counts(found, walk),)
        ],
    }


_PRINTED = (
    "left",
    "left_modality",
    "left_gist",
    "relation",
    "right",
    "right_modality",
    "right_gist",
    "reasons",
)


def _straight(value: Any) -> Any:
    """The same value with straight quotes: a Chinese font draws the curly ones a whole character wide."""
    if isinstance(value, str):
        return value.translate(STRAIGHT)
    if isinstance(value, dict):
        return {key: _straight(inner) for key, inner in value.items()}
    return [_straight(inner) for inner in value] if isinstance(value, list) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
