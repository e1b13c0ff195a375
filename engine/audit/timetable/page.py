"""A plan on the screen and as one HTML page whose picture is the timetable itself."""

from typing import Any

from markupsafe import Markup

from shall.engine.audit.timetable.words import View, clock
from shall.engine.reports.html import template, template_text
from shall.engine.reports.view import clean

POINTS = 1.5
"""Pixels a minute takes in the picture."""
COLOURS = {
    "audit": "#E4EDF2",
    "travel": "#FDF6E7",
    "opening": "#1D4E6B",
    "team": "#5B6670",
    "closing": "#1D4E6B",
}


def screen(view: View) -> str:
    """The plan in lines, or the conflicts."""
    made = view.made
    lines = [view.t("title"), *view.head(), ""]
    if not made.entries:
        lines += [view.t(f"none_{made.status}"), *view.conflicts()]
    for number, day in enumerate(made.facts.days):
        today = [e for e in made.entries if e.day == number]
        if today:
            lines.append(
                view.t("day", number=number + 1, day=day, weekday=view.t(f"weekday_{day.weekday()}"))
            )
        if today and view.away(number):
            lines.append(
                "  " + view.t("away", names=view.listed([view.member(a) for a in view.away(number)]))
            )
        for e in today:
            people = " ".join(view.who(e))
            clauses = f"  [{view.short(e)}]" if e.task is not None else ""
            place = "" if e.kind == "travel" else f" @ {view.place(e)}"
            lines.append(f"  {clock(e.start)}–{clock(e.end)}  {people}  {view.what(e)}{place}{clauses}")
    notes = view.notes()
    if notes:
        lines += ["", view.t("notes"), *(f"  - {note}" for note in notes)]
    return "\n".join(str(clean(line)) for line in [*lines, ""])


def html(view: View) -> str:
    """The page as a text; the same plan always gives the same page."""
    made = view.made
    return template("audit_plan.html.j2").render(
        css=Markup(template_text("report.css")),
        lang="zh-CN" if view.lang == "zh" else "en",
        title=view.t("title"),
        head=clean(view.head()),
        days=[
            {"title": view.t("day", number=n + 1, day=day, weekday=view.t(f"weekday_{day.weekday()}")),
             "grid": clean(_grid(view, n))}
            for n, day in enumerate(made.facts.days)
        ],
        notes=(view.t("notes"), clean(view.notes())),
        list_title=view.t("list"),
        columns=columns(view),
        rows=clean(rows(view)),
        digest=view.digest,
    )  # fmt: skip


def columns(view: View) -> list[str]:
    """The heads of the list."""
    names = ("day", "time", "what", "unit", "site", "clauses", "auditor", "accompanied")
    return [view.t(f"c_{name}") for name in names]


def rows(view: View) -> list[list[str]]:
    """The list: a line for each entry."""
    made, found = view.made, []
    for e in made.entries:
        found.append([
            str(made.facts.days[e.day]),
            f"{clock(e.start)}–{clock(e.end)}",
            view.t(f"kind_{e.kind}") if e.kind != "travel" else view.what(e),
            view.what(e) if e.kind == "audit" else "",
            view.place(e),
            view.short(e),
            view.listed([view.member(a) for a in e.who]),
            view.listed([view.member(a) for a in view.company(e)]) if view.company(e) else "",
        ])  # fmt: skip
    return found


def _grid(view: View, day: int) -> dict[str, Any]:
    """A day as boxes: a column for each of the team, time from top to bottom."""
    made, times = view.made, view.made.work.puzzle.times
    entries = [e for e in made.entries if e.day == day]
    boxes = []
    for n, member in enumerate(view.columns()):
        for e in entries:
            if member in view.who(e):
                boxes.append(
                    {
                        "column": n,
                        "top": _points(e.start - times.start),
                        "height": _points(e.end - e.start) - 2,
                        "colour": COLOURS[e.kind],
                        "ink": "#FFFFFF" if e.kind in ("opening", "team", "closing") else "#1F2A33",
                        "time": f"{clock(e.start)}–{clock(e.end)}",
                        "what": view.what(e),
                        "more": view.short(e),
                        "place": view.place(e) if e.kind != "travel" else "",
                    }
                )
    marks = [
        (clock(m), _points(m - times.start)) for m in range(-(-times.start // 60) * 60, times.until + 1, 60)
    ]
    lunch = {"top": _points(times.lunch_from - times.start),
             "height": _points(times.lunch_until - times.lunch_from)}  # fmt: skip
    return {
        "heads": [view.column(m) for m in view.columns()],
        "away": [n for n, m in enumerate(view.columns()) if m in view.away(day)],
        "away_name": view.t("absent"),
        "boxes": boxes,
        "marks": marks,
        "lunch": lunch,
        "lunch_name": view.t("lunch"),
        "height": _points(times.until - times.start),
    }


def _points(minutes: int) -> int:
    return int(minutes * POINTS)
