"""A document as one HTML page: no network, no script, every chart inline."""

from markupsafe import Markup

from shall.engine.reports.document.blocks import Document, plain
from shall.engine.reports.document.drawing import drawn
from shall.engine.reports.html import template, template_text


def html(document: Document) -> str:
    """The page as a text; the same document always gives the same page."""
    shown = plain(document)
    css = Markup(template_text("report.css") + template_text("document.css"))
    running = Markup(css_string(document.running))
    return template("document.html.j2").render(d=shown, charts=drawn(shown), css=css, running=running)


def css_string(text: str) -> str:
    """A text as a string of a style sheet; all but letters and digits are written as their numbers."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):06x}" for c in text) + '"'
