"""A document as PDF/A, set by typst."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from shall.engine.reports.document.blocks import Document, plain, said
from shall.engine.reports.document.drawing import drawn
from shall.engine.reports.pdf import compiled


def pdf(document: Document) -> bytes:
    """The PDF as bytes; raises ReportError where typst or a Chinese font is missing."""
    shown = plain(document)
    shown["page"] = said("page", document.lang, page="{page}", pages="{pages}")
    return compiled(shown, "document.typ", "document.json", _drawn)


def _drawn(shown: Mapping[str, Any], font: str) -> dict[str, Markup]:
    return drawn(shown, font)
