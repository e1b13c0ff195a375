"""Command that shows the annexes of a standard, and how far a store fills them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import STORE, ask
from shall.engine.outcomes import MET, OUTCOMES, UNMET
from shall.texts import Lang, say

_UNMEANT = ("cli.annex_applies_unknown", "cli.annex_applies_not")

if TYPE_CHECKING:
    from shall.engine.annexes import AnnexRow, Element, Filled, RowState


@click.command()
@click.argument("standard")
@click.argument("store", type=STORE, required=False)
@click.option("--org", help="组织编号 / organisation")
@click.option("--on", "day", help="审核日，默认今天 / day of the audit, default today")
@click.option("--all", "everything", is_flag=True, help="不适用的行也列出 / rows that do not apply too")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def annexes(
    lang: Lang,
    /,
    standard: str,
    store: Path | None,
    org: str | None,
    day: str | None,
    everything: bool,
    form: str,
) -> None:
    """列出附录的表、章节和目录，填写它们的证据，以及对该组织适用的行 /
    list the tables, sections and catalogues of the annexes, what fills them and which rows an organisation needs.
    """
    from shall.engine.annexes import Filled, elements
    from shall.engine.loader import load_ruleset
    from shall.engine.shelf import folder_of

    folder = folder_of(standard)
    chosen = elements(folder, load_ruleset(folder)[0])
    found = held(chosen, store, org, day) if store else [Filled(e, (), ()) for e in chosen]
    if form == "json":
        click.echo(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=1))
        return
    if not found:
        click.echo(say("cli.annex_none", lang, standard=standard))
    for line in (line for one in found for line in _lines(one, lang, everything)):
        click.echo(line)


def held(chosen: "list[Element]", store: Path, org: str | None, day: str | None) -> "list[Filled]":
    """The elements with the numbers of valid records that fill them and the state of their rows."""
    from shall.engine.annexes import Annexes
    from shall.engine.evaluation import read_rows
    from shall.evidence.schema import schema
    from shall.evidence.store import Store

    ready = Annexes(chosen, schema())
    with Store.open(store) as opened:
        options = {"day": day, "since": None, "org": org, "mode": "self", "known": None}
        question = replace(ask(opened, options), known=opened.position()[0])
        rows, _ = read_rows(ready.plan, opened, question)
    return ready.held(rows, question.on, question.since)


def _plain(one: "Filled") -> dict[str, Any]:
    states = [
        {
            "records": r.records,
            "applies": None if r.applies is None else OUTCOMES[r.applies],
            "holds": r.holds,
        }
        for r in one.rows
    ]
    return {**one.element.model_dump(), "records": list(one.fields), "row_states": states}


def _lines(one: "Filled", lang: Lang, everything: bool) -> Iterator[str]:
    from shall.evidence.schema import schema

    element = one.element
    informs = ", ".join(element.informs)
    yield say("cli.annex_element", lang, id=element.id, title=getattr(element.title, lang), informs=informs)
    for n, field in enumerate(element.fields):
        kind = schema()[field.filled_by.kind]
        titles = [getattr(kind.column(name), lang) for name in field.filled_by.columns]
        columns = ("、" if lang == "zh" else ", ").join(titles)
        told = say("cli.annex_count", lang, count=one.fields[n]) if one.fields else ""
        named = {"name": getattr(field.name, lang), "kind": getattr(kind, lang), "columns": columns}
        yield say("cli.annex_field", lang, **named) + told
    yield from _rows(one, lang, everything)
    if element.reading:
        yield say("cli.annex_reading", lang, reading=getattr(element.reading, lang))


def _rows(one: "Filled", lang: Lang, everything: bool) -> Iterator[str]:
    """The rows under the names of their groups; what is not meant for the organisation is only counted."""
    group, hidden = "", 0
    for n, row in enumerate(one.element.rows):
        state = one.rows[n] if one.rows else None
        if state and state.applies == UNMET and not everything:
            hidden += 1
            continue
        if row.group and getattr(row.group, lang) != group:
            group = getattr(row.group, lang)
            yield say("cli.annex_group", lang, name=group)
        label = f"{row.id} {getattr(row, lang)}" if row.id else getattr(row, lang)
        yield (
            say("cli.annex_row", lang, name=label) + _cells(one.element, row, lang) + _told(row, state, lang)
        )
    if hidden:
        yield say("cli.annex_hidden" if hidden > 1 else "cli.annex_hidden_one", lang, count=hidden)


def _cells(element: "Element", row: "AnnexRow", lang: Lang) -> str:
    told = [
        say("cli.annex_cell", lang, name=getattr(column, lang), value=_in(row.cells[column.name], lang))
        for column in element.columns
        if column.name in row.cells
    ]
    return say("cli.annex_cells", lang, cells=("；" if lang == "zh" else "; ").join(told)) if told else ""


def _in(value: Any, lang: Lang) -> str:
    return value if isinstance(value, str) else str(getattr(value, lang))


def _told(row: "AnnexRow", state: "RowState | None", lang: Lang) -> str:
    """What is known of the row: since when it holds, whether it is meant for the organisation, its records."""
    told = say("cli.annex_in_force", lang, day=row.in_force) if row.in_force else ""
    if state is None:
        return told
    if state.holds != "yes":
        told += say(f"cli.annex_{state.holds}", lang, until=row.until)
    if state.applies is not None:
        told += say("cli.annex_applies" if state.applies == MET else _UNMEANT[state.applies == UNMET], lang)
        if state.applies not in (MET, UNMET) and row.when and row.when.says:
            told += say("cli.annex_condition", lang, says=getattr(row.when.says, lang))
    return told + ("" if state.records is None else say("cli.annex_count", lang, count=state.records))
