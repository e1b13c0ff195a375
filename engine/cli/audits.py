"""Commands about audits as a whole: `shall audits` lists and compares them, `shall carry-over` begins the next one."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from shall.engine.cli.audit import CALENDAR, GRADING, KNOWN, ORG, policy_of
from shall.engine.cli.common import STORE, organisation_of, output_options, parse_day, put_text
from shall.texts import Lang, say
from shall.texts.errors import UsageError

STANDARD = click.option(
    "-s",
    "--standard",
    "standards",
    multiple=True,
    default=("t_ccaa_39",),
    show_default=True,
    help="规则集或其文件夹，可多次 / ruleset or its folder, may be repeated",
)
ON = click.option("--on", "day", help="哪一天的状态，默认今天 / as it stands on which day, default today")
OUTPUT = output_options(("table", "json", "html", "xlsx", "docx", "pdf"))


@click.command("carry-over")
@click.argument("store", type=STORE)
@STANDARD
@ORG
@ON
@KNOWN
@click.option(
    "--after", help="承接哪次审核，默认最近完成的 / the audit it follows, default the last one that is over"
)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    default=("iso_17021_1",),
    show_default=True,
    help="认证周期规则或其文件，可多次 / profile of the cycle or its file, may be repeated",
)
@GRADING
@CALENDAR
@OUTPUT
@click.pass_obj
def carry_over(
    lang: Lang, /, store: Path, day: str | None, form: str, output: Path | None, **options: Any
) -> int:
    """带入下次审核的事项：未关闭的发现、未验证的措施、未看的部门和条款等；有逾期的退出码为 1 /
    what enters the next audit: open findings, unverified actions, what was not looked at; exit 1 if overdue.
    """
    from shall.engine.audit.calendar import calendar
    from shall.engine.audit.carry_over import carried
    from shall.evidence.store import Store

    on = parse_day(day) if day else date.today()
    policy, days = policy_of(options["grading"]), calendar(options["calendars"])
    with Store.open(store) as opened:
        found = carried(
            opened,
            organisation_of(opened, options["org"]),
            on,
            known=options["known"],
            standards=options["standards"],
            after=options["after"],
            policy=policy,
            days=days,
            profiles=options["profiles"],
        )
    if form == "json":
        from shall.engine.audit.carry_view import plain
        from shall.engine.reports.json_report import json_text

        put_text(json_text(plain(found)), output)
    elif form == "table":
        from shall.engine.audit.carry_view import View, screen

        put_text(screen(View(found, lang)), output)
    elif output:
        from shall.engine.audit.carry_view import document
        from shall.engine.reports.document.write import write

        write(document(found, lang, wide=form == "xlsx"), form, output)
    if output:
        click.echo(say("cli.written", lang, path=output), err=True)
    return int(any(one.overdue for one in found.entries))


@click.command()
@click.argument("store", type=STORE)
@click.argument("names", nargs=-1)
@STANDARD
@ORG
@ON
@KNOWN
@GRADING
@OUTPUT
@click.pass_obj
def audits(
    lang: Lang,
    /,
    store: Path,
    names: tuple[str, ...],
    day: str | None,
    form: str,
    output: Path | None,
    **options: Any,
) -> int:
    """列出在案的审核；写两次审核则对照，再次发生时退出码为 1 /
    list the audits on record; name two to see them side by side, exit 1 if a closed finding came back.
    """
    from shall.engine.audit.beside_view import Beside
    from shall.engine.audit.on_record import audit_named, on_record
    from shall.engine.audit.side_by_side import side_by_side
    from shall.engine.audit.side_view import Listing, Setting, View
    from shall.engine.cache import executor_for
    from shall.evidence.store import Store

    if len(names) not in (0, 2):
        raise UsageError("carry.two_names", count=len(names))
    on = parse_day(day) if day else date.today()
    policy, executor = policy_of(options["grading"]), executor_for(options["standards"])
    with Store.open(store) as opened:
        organisation = organisation_of(opened, options["org"])
        found = on_record(opened, organisation, on, options["known"], executor.plan)
        seen = (opened.position() if options["known"] is None else opened.position_at(options["known"]))[0]
        setting = Setting.of(opened, organisation, on, seen, executor.plan, lang)
        sides = None
        if names:
            old, new = (audit_named(found, name) for name in names)
            sides = side_by_side(old, new, opened, organisation, executor, policy, seen)
    view: View = Beside(setting, sides) if sides else Listing(setting, found)
    if form == "json":
        from shall.engine.reports.json_report import json_text

        put_text(json_text(view.plain()), output)
    elif form == "table":
        put_text(view.screen(), output)
    elif output:
        from shall.engine.reports.document.write import write

        write(view.document(), form, output)
    if output:
        click.echo(say("cli.written", lang, path=output), err=True)
    return int(bool(sides and any(pair.came_back for pair in sides.pairs)))
