"""The report as one HTML page: no network, no script, every chart inline."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from shall.engine.reports import charts
from shall.engine.reports.context import Report
from shall.engine.reports.files import put_bytes
from shall.engine.reports.view import View, bars_of, months_of, view
from shall.texts import say

ROWS_SHOWN = 40
"""Rows of the expiry table that stand open; the rest is folded away."""


def write_html(report: Report, path: str | Path, lang: str) -> None:
    """Write the page; raises ReportError where it cannot be written."""
    put_bytes(path, html(report, lang).encode())


def html(report: Report, lang: str) -> str:
    """The page as a text; the same report always gives the same page."""
    shown = with_charts(view(report, lang))
    rest = len(shown["expiry"]["rows"]) - ROWS_SHOWN
    shown["expiry"]["more"] = say("report.more", lang, count=rest) if rest > 0 else ""
    css = Markup(template_text("report.css"))
    return template("report.html.j2").render(
        v=shown, css=css, dark=charts.DARK_TEXT_ON, t=lambda key: say(f"report.{key}", lang)
    )


def with_charts(shown: View, font: str = "") -> View:
    """The view with its charts drawn; `font` names the family of their letters where no style sheet does."""
    lang = shown["lang"]
    labels = {verdict["code"]: verdict["label"] for verdict in shown["verdicts"]}
    for standard in shown["standards"]:
        name = f"{standard['number']} {say('report.chapters_chart', lang)}"
        standard["chart"] = charts.stacked_bars(bars_of(standard), labels, name, font)
        for clause in standard["clauses"]:
            told = say("report.clause_bar", lang, clause=clause["clause"], counts=clause["told"])
            clause["chart"] = charts.mini_bar(clause["counts"], labels, told)
    for heat in shown["heat"]:
        heat["chart"] = _heat_map(heat, lang, font)
    words = {"due": say("report.expiry.due", lang), "lapse": say("report.expiry.lapse", lang)}
    name = say("report.expiry.chart", lang)
    shown["expiry"]["chart"] = charts.timeline(months_of(shown["expiry"]), words, name, font)
    return shown


def _heat_map(heat: dict[str, Any], lang: str, font: str) -> Markup:
    cells = {(row, place): count for row, place, count in heat["cells"]}
    name, says = say("report.heat", lang), _text("heat.says", lang)
    return charts.heat_map(heat["rows"], heat["places"], cells, name, says, font)


def _text(key: str, lang: str) -> str:
    """A text with its places still open."""
    return say(f"report.{key}", lang, row="{row}", place="{place}", count="{count}")


@cache
def template(name: str) -> Template:
    """A template of this package; everything is escaped, and a name that the template misspells is an error."""
    loader = DictLoader({name: template_text(name)})
    shelf = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    return shelf.get_template(name)


def template_text(name: str) -> str:
    """A file of the templates as it stands."""
    return files("shall.engine").joinpath("templates", name).read_text(encoding="utf-8")
