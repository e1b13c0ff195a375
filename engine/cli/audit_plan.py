"""Command that makes the plan of an audit: `shall audit-plan STORE --audit AD-2026 --team AU-1,AU-2 --from DAY`."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import (
    FORCE,
    STORE,
    guard_target,
    organisation_of,
    output_options,
    parse_day,
    put_text,
)
from shall.texts import Lang, say
from shall.texts.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from shall.engine.audit.timetable.request import Request
    from shall.engine.audit.timetable.words import View

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("audit-plan")
@click.argument("store", type=STORE, required=False)
@click.option("--audit", help="审核档案的编号 / id of the audit file")
@click.option(
    "-s",
    "--standard",
    "standards",
    multiple=True,
    default=("t_ccaa_39",),
    show_default=True,
    help="规则集或其文件夹，可多次 / ruleset or its folder, may be repeated",
)
@click.option(
    "--team",
    default="",
    help="审核员，以逗号隔开；默认取审核组成员记录 / auditors, by comma; default: as recorded",
)
@click.option("--org", help="组织编号 / organisation")
@click.option(
    "--from",
    "start",
    help="首日，默认取审核档案，否则今天 / first day, default: of the audit file, else today",
)
@click.option(
    "--days",
    type=click.IntRange(1, 30),
    help="工作日天数，默认取审核档案，再则 3 天 / working days, default: audit file's, else 3",
)
@click.option("--request", type=FILE, help="要求文件 / file with everything asked for")
@click.option(
    "--request-template", is_flag=True, help="输出带注释的要求文件 / write a request file with comments"
)
@click.option(
    "--programme", type=FILE, help="审核方案 JSON：只安排其中一轮 / programme as JSON: one of its rounds"
)
@click.option(
    "--round", "round_", type=click.IntRange(1), default=1, show_default=True, help="方案的轮次 / round of it"
)
@click.option(
    "--audit-time",
    "times",
    type=FILE,
    help="`audit-time --format json` 的结果 / result of `audit-time --format json`",
)
@click.option("--seed", type=click.IntRange(0, 2**30), default=0, show_default=True, help="种子 / seed")
@click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then")
@output_options(("table", "json", "xlsx", "ics", "html"))
@FORCE
@click.option("--record", is_flag=True, help="写入账本 / write the plan to the ledger")
@click.option("--replace", is_flag=True, help="替换已记录的计划 / replace the plan that is recorded")
@click.option("--actor", help="谁录入账本，默认登录名 / who writes to the ledger, default the login name")
@click.pass_obj
def audit_plan(lang: Lang, /, store: Path | None, form: str, output: Path | None, **options: Any) -> int:
    """审核计划：何时、何地、哪个部门、哪些条款、由谁审核；无法安排时说明哪些条件冲突，退出码为 1 /
    timetable of an audit; where there can be none, the conditions that conflict are named: exit 1.
    """
    from shall.engine.audit.programme.policy import read_policy
    from shall.engine.audit.timetable.make import Asked, make_plan
    from shall.engine.audit.timetable.request import read_request, template_text
    from shall.engine.audit.timetable.result import view_of
    from shall.engine.cache import executor_for
    from shall.evidence.store import Store

    if options["request_template"]:
        if output:
            guard_target(output, replace=options["force"])
        put_text(template_text(), output)
        return 0
    if store is None or not options["audit"]:
        raise UsageError("audit_plan.what")
    start = parse_day(options["start"]) if options["start"] else None
    if start and not 1900 <= start.year <= 2200:
        raise UsageError("cli.bad_date", value=start)
    if options["record"] and options["known"] is not None:
        raise UsageError("audit_plan.record_known")
    request = read_request(options["request"])
    if options["times"]:
        request = _with_time(request, _json_of(options["times"]))
    asked = Asked(
        audit=options["audit"],
        team=[name.strip() for name in options["team"].split(",") if name.strip()],
        start=start,
        days=options["days"],
        today=date.today(),
        seed=options["seed"],
        programme=_json_of(options["programme"]) if options["programme"] else None,
        round=options["round_"],
    )
    plan = executor_for(options["standards"]).plan
    with Store.open(store, write=options["record"]) as opened:
        organisation = organisation_of(opened, options["org"])
        made = make_plan(opened, organisation, plan, read_policy(), request, asked, options["known"])
        view, value = view_of(made, lang)
        if options["record"] and made.entries:
            from shall.engine.audit.timetable.record import record
            from shall.engine.cli.evidence import _login

            actor = options["actor"] or _login(opened.actor_default)
            written = record(opened, view, actor=actor, at=datetime.now(UTC), replace=options["replace"])
            told = view.t("written", new=written[0], old=written[1]) if any(written) else view.t("unchanged")
            click.echo(told, err=True)
    _show(view, value, form if made.entries or form == "json" else "table", output if made.entries else None)
    return int(not made.entries)


def _show(view: "View", value: dict[str, Any], form: str, output: Path | None) -> None:
    from shall.engine.audit.timetable.page import html, screen
    from shall.engine.reports.files import put_bytes

    if form == "xlsx" and output:
        from shall.engine.audit.timetable.workbook import workbook

        put_bytes(output, workbook(view))
    elif form == "ics" and output:
        from shall.engine.audit.timetable.ics import calendar_file

        put_bytes(output, calendar_file(view))
    elif form == "html" and output:
        put_bytes(output, html(view).encode())
    elif form == "json":
        from shall.engine.reports.json_report import json_text

        put_text(json_text(value), output)
    else:
        put_text(screen(view), output)
    if output:
        click.echo(say("cli.written", view.lang, path=output), err=True)


def _json_of(path: Path) -> Any:
    """The value of a JSON file; raises EvidenceError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise EvidenceError("audit_time.not_json", path=path) from None


def _with_time(request: "Request", value: Any) -> "Request":
    """The request with the audit time of a file: of the integrated audit, or of its only part."""
    from dataclasses import replace
    from hashlib import sha256

    try:
        (one,) = [value["integrated"]] if value.get("integrated") else value["parts"]
        days = Decimal(str(one["days"]))
        if not 0 < days <= 1000:
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation):
        raise EvidenceError("audit_plan.time_broken") from None
    file = request.file.model_copy(update={"audit_days": days})
    return replace(request, file=file, digest=sha256(f"{request.digest} {days}".encode()).hexdigest())
