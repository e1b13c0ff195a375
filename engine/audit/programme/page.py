"""A programme on the screen and as one HTML page with the coverage as pictures."""

from pathlib import Path
from typing import Any

from markupsafe import Markup

from shall.engine.audit.programme.view import View
from shall.engine.audit.programme.words import focus_name
from shall.engine.reports import charts
from shall.engine.reports.files import put_bytes
from shall.engine.reports.html import template, template_text


def screen(view: View) -> str:
    """The programme in lines: head, rounds, visits with their reasons, points of attention, risks."""
    lines = [view.t("title"), *view.head(), ""]
    rounds = view.rounds()
    for number, start, end, visits, spent in rounds.rows:
        lines.append(f"{view.t('round_n', n=number)}  {start} – {end}  {view.t('c_visits')} {visits}"
                     f"  {view.t('c_days')} {spent}")  # fmt: skip
        lines += [f"  {line}" for line in _visits(view, int(number))]
    lines += ["", view.t("t_focus")]
    for name, spans in view.programme.focus.items():
        shown = " / ".join("·".join(map(str, span)) for span in spans) or "-"
        lines.append(f"  {focus_name(name, view.lang)}: {shown}")
    risks = view.risks()
    if risks:
        lines += ["", view.t("t_risks"), *(f"  - {risk}" for risk in risks)]
    return "\n".join([*lines, "", view.t("more_visits"), ""])


def _visits(view: View, number: int) -> list[str]:
    found = []
    for row in view.visits().rows:
        if row[0] != number:
            continue
        _, unit, site, count, _, levels, _, method, why, hours, _, auditor = row
        found.append(
            f"{unit}（{site}） {view.t('c_count')} {count} [{levels}] {method}: {why}  {hours} h  {auditor}"
            if view.lang == "zh"
            else f"{unit} ({site})  {count} clauses [{levels}]  {method}: {why}  {hours} h  {auditor}"
        )
    return found


def html(view: View) -> str:
    """The page as a text; the same programme always gives the same page."""
    tables = [
        {"key": t.key, "title": t.title, "note": t.note, "columns": [c for c, _ in t.columns], "rows": t.rows}
        for t in view.tables()
    ]
    return template("programme.html.j2").render(
        css=Markup(template_text("report.css")),
        lang="zh-CN" if view.lang == "zh" else "en",
        title=view.t("title"),
        head=view.head(),
        objectives=(view.t("t_objectives"), view.t("objectives")),
        risks=(view.t("t_risks"), view.risks()),
        matrix=view.t("t_matrix"),
        matrix_note=view.t("heat_note"),
        pictures=pictures(view),
        tables=tables,
    )


def write_html(view: View, path: str | Path) -> None:
    """Write the page; raises ReportError where it cannot be written."""
    put_bytes(path, html(view).encode())


def pictures(view: View) -> list[dict[str, Any]]:
    """The coverage: clauses by round in each unit, then for each standard clauses by unit with how often."""
    p = view.programme
    units = [f"{unit.id} {unit.name}" for unit in p.situation.units]
    place = {unit.id: n for n, unit in enumerate(p.situation.units)}
    first = {(place[v.unit.id], v.round - 1): len(v.cells) for v in p.visits}
    rounds = [str(r.number) for r in p.rounds]
    name = view.t("heat_rounds")
    found = [{"title": name, "chart": _heat(view, units, rounds, first, name, "heat_rounds_says")}]
    for key in p.plan.asked:
        rows = [m for m in p.matters if m.ruleset == key]
        at = {m.id: n for n, m in enumerate(rows)}
        cells = {
            (at[c.matter.id], place[c.unit.id]): len(c.rounds) for c in p.cells if c.matter.ruleset == key
        }
        labels = [f"{'★ ' if m.focus else ''}{m.clause} {m.title[view.lang]}" for m in rows]
        name = view.t("heat_name", standard=view.numbers[key])
        found.append({"title": name, "chart": _heat(view, labels, units, cells, name, "heat_says")})
    return found


def _heat(
    view: View,
    rows: list[str],
    places: list[str],
    cells: dict[tuple[int, int], int],
    name: str,
    says: str,
) -> Markup:
    words = view.t(says, row="{row}", place="{place}", count="{count}")
    return charts.heat_map(rows, places, cells, name, words)
