"""Command that shows the annexes of a standard, and how far a store fills them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from shall.engine.cli.common import STORE, ask
from shall.texts import Lang, say


@click.command()
@click.argument("standard")
@click.argument("store", type=STORE, required=False)
@click.option("--org", help="组织编号 / organisation")
@click.option("--on", "day", help="审核日，默认今天 / day of the audit, default today")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def annexes(
    lang: Lang, /, standard: str, store: Path | None, org: str | None, day: str | None, form: str
) -> None:
    """列出附录的表和报告章节，以及填写它们的证据 / list the tables and sections of the annexes and what fills them."""
    from shall.engine.annexes import Filled, elements
    from shall.engine.loader import load_ruleset
    from shall.engine.shelf import folder_of

    folder = folder_of(standard)
    chosen = elements(folder, load_ruleset(folder)[0])
    found = counted(chosen, store, org, day) if store else [Filled(e, (), ()) for e in chosen]
    if form == "json":
        dumped = [
            {**f.element.model_dump(), "records": list(f.fields), "row_records": list(f.rows)} for f in found
        ]
        click.echo(json.dumps(dumped, ensure_ascii=False, indent=1))
        return
    for line in (line for one in found for line in _lines(one, lang)):
        click.echo(line)


def counted(chosen: list[Any], store: Path, org: str | None, day: str | None) -> list[Any]:
    """The elements with the numbers of valid records that fill them."""
    from shall.engine.annexes import counter, filled
    from shall.engine.evaluation import read_rows
    from shall.evidence.schema import schema
    from shall.evidence.store import Store

    executor = counter(chosen, schema())
    with Store.open(store) as opened:
        options = {"day": day, "since": None, "org": org, "mode": "self", "known": None}
        question = replace(ask(opened, options), known=opened.position()[0])
        rows, _ = read_rows(executor.plan, opened, question)
    answers = executor.run(rows, question.on, question.since)
    counts = [answers.number(i) or 0 for i in range(len(executor.plan.aggregates))]
    return filled(chosen, schema(), counts)


def _lines(one: Any, lang: Lang) -> Iterator[str]:
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
    for n, row in enumerate(element.rows):
        count = one.rows[n] if one.rows else None
        told = "" if count is None else say("cli.annex_count", lang, count=count)
        yield say("cli.annex_row", lang, name=getattr(row, lang)) + told
