"""Follow-up duties on a screen, as a document for people, and as a calendar file."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from shall.engine.consequences import words
from shall.engine.consequences.result import STATES, Consequence, Found
from shall.engine.reports.columns import clipped, width
from shall.engine.reports.document.blocks import (
    Block,
    Cell,
    Column,
    Document,
    Facts,
    Para,
    Row,
    Section,
    Table,
    fitted,
)
from shall.texts import Lang
from shall.texts.errors import UsageError

SIZES = (("state", 12), ("due", 13), ("duty", 48), ("who", 14))


def screen(found: Found, shown: Sequence[Consequence], receipt: str, lang: Lang) -> str:
    """The table for a terminal, with the tally of all of them below."""
    heads = [words.said(f"col_{name}", lang) for name, _ in SIZES]
    lines = [_line(heads, words.said("col_because", lang))]
    for one in shown:
        cells = [
            words.said(f"state_{one.state}", lang),
            words.due(one, lang),
            words.duty(one.declared, lang),
            words.who(one, lang),
        ]
        lines.append(_line(cells, words.because(one, lang)))
        if (told := words.outcome(one, lang)) != "–":
            lines.append(" " * SIZES[0][1] + told)
    lines += ["", words.said("tally", lang, count=len(found.all), **found.count())]
    if any(one.due_assumed for one in shown):
        from shall.texts import say

        lines.append(say("audit.assumed", lang, calendars=", ".join(found.days.keys)))
    digest, position = found.rules.digest[:12], found.position[0]
    lines.append(words.said("receipt", lang, result=receipt[:12], file=digest, position=position))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str], last: str) -> str:
    sized = [(clipped(cell, n - 1), n) for cell, (_, n) in zip(cells, SIZES, strict=True)]
    return ("".join(cell + " " * (n - width(cell)) for cell, n in sized) + last).rstrip()


def document(
    found: Found, shown: Sequence[Consequence], receipt: str, name: str | None, lang: Lang
) -> Document:
    """All of it with the rules it came of, to be written in any format."""
    organisation = name or found.organisation
    file = found.rules.file
    head: tuple[tuple[str, Cell], ...] = (
        (words.said("organisation", lang), organisation),
        (words.said("on", lang), found.on.isoformat()),
        (words.said("file", lang), f"{getattr(file.title, lang)} ({file.key} {file.edition})"),
        (words.said("position", lang), str(found.position[0])),
        (words.said("calendars", lang), ", ".join(found.days.keys)),
    )
    running = words.said(
        "running", lang, organisation=organisation, position=found.position[0], result=receipt[:12]
    )
    tally = words.said("tally", lang, count=len(found.all), **found.count())
    return Document(
        lang=lang,
        title=words.said("title", lang),
        subtitle=words.said("subtitle", lang),
        on=found.on.isoformat(),
        day=found.on.isoformat(),
        running=running,
        head=Facts(head),
        notices=(Para(tally, "warn" if found.of("overdue") else "note"),),
        sections=(*_sections(shown, lang), _rules(found, lang)),
        receipt=receipt,
    )


def _sections(shown: Sequence[Consequence], lang: Lang) -> Iterator[Section]:
    for state in STATES:
        title = words.said(f"state_{state}", lang)
        title = title[0].upper() + title[1:]
        outcome = ("outcome",) if state in ("unknown", "discharged") else ()
        names = ("due", "duty", "because", "who", *outcome, "clauses")
        rows = tuple(_row(one, names, lang) for one in shown if one.state == state)
        columns = [Column(words.said(f"col_{name}", lang)) for name in names]
        none = Para(words.said("none", lang), "note")
        block: Block = Table(fitted(columns, rows), rows) if rows else none
        yield Section(f"{title} ({len(rows)})", 1, (block,), sheet=title)


def _row(one: Consequence, names: Sequence[str], lang: Lang) -> Row:
    cells = {
        "due": words.due(one, lang),
        "duty": words.duty(one.declared, lang),
        "because": words.because(one, lang),
        "who": words.who(one, lang),
        "outcome": words.outcome(one, lang),
        "clauses": "\n".join(one.declared.clauses),
    }
    return Row(tuple(cells[name] for name in names))


def _rules(found: Found, lang: Lang) -> Section:
    """Every declared duty: what discharges it and who asks for it."""
    names = ("name", "duty", "discharged", "clauses")
    columns = [Column(words.said(f"col_{name}", lang)) for name in names]
    rows = tuple(
        Row(
            (
                one.name,
                words.duty(one, lang),
                "\n".join(words.way_of_discharge(by, lang) for by in one.discharged_by),
                "\n".join(one.clauses),
            )
        )
        for one in found.rules.declared
    )
    title = words.said("rules_section", lang)
    source = Para(str(getattr(found.rules.file.source, lang)), "note")
    return Section(title, 1, (source, Table(fitted(columns, rows), rows)), sheet=title)


def calendar_file(found: Found, lang: Lang) -> bytes:
    """What is open or overdue and has a day, as an iCalendar file of all-day entries; always the same bytes.

    Raises UsageError where the library that writes it is not installed.
    """
    try:
        from icalendar import Calendar, Event
    except ImportError:
        raise UsageError("audit.no_icalendar") from None
    sheet = Calendar()
    sheet.add("prodid", "-//shall//consequences//ZH")
    sheet.add("version", "2.0")
    for one in found.of("overdue", "open"):
        if one.due_on is None:
            continue
        entry = Event()
        entry.add("uid", f"{one.name}.{one.arose_on}@{found.organisation}.shall")
        entry.add("dtstamp", datetime.combine(found.on, time(), UTC))
        entry.add("dtstart", one.due_on)
        entry.add("dtend", one.due_on + timedelta(1))
        told = {
            "duty": words.duty(one.declared, lang),
            "record": one.record[1],
            "who": words.who(one, lang),
        }
        entry.add("summary", words.said("ics_summary", lang, **told))
        entry.add("description", words.because(one, lang))
        sheet.add_component(entry)
    content: bytes = sheet.to_ical()
    return content
