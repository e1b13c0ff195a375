"""Command that tells what changes, findings and events call for: `shall consequences STORE`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import STORE, guard_target, organisation_of, output_options, parse_day, put_text
from shall.texts import Lang, say
from shall.texts.errors import RulesetError, UsageError

if TYPE_CHECKING:
    from shall.engine.consequences.result import Consequence, Found
    from shall.engine.consequences.rules import Rules

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
OUT = click.Path(path_type=Path, dir_okay=False)
NAMED = 8
"""So many names are given as examples where the one meant is not there."""


@click.command()
@click.argument("store", type=STORE)
@click.option("--org", help="组织编号 / organisation")
@click.option("--on", "day", help="哪一天，默认今天 / the day, default today")
@click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then")
@click.option("--file", "own", type=FILE, help="自己的规则文件 / a file of rules of your own")
@click.option(
    "--calendar",
    "calendars",
    type=FILE,
    multiple=True,
    help="工作日日历文件，可多次 / working days of a year, may be repeated",
)
@click.option(
    "--engine",
    type=click.Choice(["fixpoint", "durable", "both"]),
    default="fixpoint",
    show_default=True,
    help="推导引擎，结果相同；both 相互核对 / what derives; both holds them against each other",
)
@click.option("--open", "only_open", is_flag=True, help="只列未完成的 / only what is not discharged")
@click.option("--overdue", is_flag=True, help="只列逾期的 / only what is overdue")
@click.option("--why", metavar="NAME/RECORD", help="一项的全部来由 / the whole story of one")
@output_options(("table", "json", "html", "xlsx", "docx", "pdf"))
@click.option("--ics", type=OUT, help="把期限写成日历文件 / write the due days as a calendar file")
@click.pass_obj
def consequences(lang: Lang, /, store: Path, day: str | None, form: str, **options: Any) -> int:
    """变更、审核发现和事件引起的后续事项；有逾期的退出码为 1 /
    what changes, findings and events call for; exit 1 if something is overdue.
    """
    from shall.engine.audit.calendar import calendar
    from shall.engine.cache import executor_for
    from shall.engine.consequences.result import find, result
    from shall.engine.consequences.rules import read_rules
    from shall.evidence.store import Store

    output, ics = options["output"], options["ics"]
    if ics:
        guard_target(ics, replace=True)
    on = parse_day(day) if day else date.today()
    rules, days = read_rules(options["own"]), calendar(options["calendars"])
    standards = executor_for(rules.standards).plan.standards if rules.standards else {}
    _clauses_known(rules, options["own"])
    with Store.open(store) as opened:
        organisation = organisation_of(opened, options["org"])
        known, engine = options["known"], options["engine"]
        found = find(opened, organisation, on, known, rules=rules, days=days, engine=engine)
        rows = opened.rows("organisation", organisation, ["name"], known=found.position[0])
    name = next((row[0] for row in rows if row[0]), None)
    shown = _shown(found, options)
    value = result(found, {key: standards[key]["digest"] for key in rules.standards})
    if options["why"]:
        put_text(_why(found, options["why"], lang), output if form == "table" else None)
    elif form == "json":
        from shall.engine.reports.json_report import json_text

        kept = {id(one) for one in shown}
        listed = [v for one, v in zip(found.all, value["consequences"], strict=True) if id(one) in kept]
        put_text(json_text({**value, "consequences": listed}), output)
    else:
        _put(found, shown, value["receipt"]["result"], name, form, output, lang)
    if ics:
        from shall.engine.consequences.page import calendar_file
        from shall.engine.reports.files import put_bytes

        put_bytes(ics, calendar_file(found, lang))
    for target in filter(None, (output, ics)):
        click.echo(say("cli.written", lang, path=target), err=True)
    return int(bool(found.of("overdue")))


def _put(
    found: "Found",
    shown: "list[Consequence]",
    receipt: str,
    name: str | None,
    form: str,
    output: Path | None,
    lang: Lang,
) -> None:
    from shall.engine.consequences.page import document, screen

    if form == "table":
        put_text(screen(found, shown, receipt, lang), output)
    elif output is not None:
        from shall.engine.reports.document.write import write

        write(document(found, shown, receipt, name, lang), form, output)


def _clauses_known(rules: "Rules", own: Path | None) -> None:
    """Refuse a file of a user's own that names provisions which are not there; raises RulesetError."""
    from shall.engine.cache import executor_for
    from shall.engine.consequences.rules import unknown_clauses

    if own is None or not rules.standards:
        return
    unknown = unknown_clauses(rules, executor_for(rules.standards).plan)
    if unknown:
        raise RulesetError("consequences.unknown_clauses", file=own.name, clauses=", ".join(unknown))


def _shown(found: "Found", options: dict[str, Any]) -> "list[Consequence]":
    if options["overdue"]:
        return found.of("overdue")
    if options["only_open"]:
        return found.of("overdue", "open", "unknown")
    return list(found.all)


def _why(found: "Found", wanted: str, lang: Lang) -> str:
    """The story of every duty meant: `name`, `name/record` or `name/kind:record`; raises UsageError."""
    from shall.engine.consequences.words import why

    name, _, record = wanted.partition("/")
    meant = [
        one
        for one in found.all
        if one.declared.name == name and (not record or record in (one.record[1], ":".join(one.record)))
    ]
    if not meant:
        near = [one.name for one in found.all if one.declared.name == name] or [o.name for o in found.all]
        raise UsageError("consequences.no_such", name=wanted, names=", ".join(near[:NAMED]) or "-")
    names = {one.name: one for one in found.rules.declared}
    return "\n\n".join("\n".join(why(one, names, lang)) for one in meant) + "\n"
