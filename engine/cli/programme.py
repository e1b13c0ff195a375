"""Command that makes an internal audit programme: `shall programme STORE --from DAY --years 3`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shall.engine.cli.audit import ACTOR
from shall.engine.cli.common import STORE, organisation_of, output_options, parse_day, put_text
from shall.texts import Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.audit.carried import Carried
    from shall.engine.audit.programme.make import Programme
    from shall.evidence.store import Store


@click.command()
@click.argument("store", type=STORE)
@click.option(
    "-s",
    "--standard",
    "standards",
    multiple=True,
    default=("t_ccaa_39",),
    show_default=True,
    help="规则集或其文件夹，可多次 / ruleset or its folder, may be repeated",
)
@click.option("--org", help="组织编号 / organisation")
@click.option("--from", "start", help="方案首日，默认今天 / first day of the programme, default today")
@click.option("--years", type=int, default=3, show_default=True, help="周期年数 / years of the cycle")
@click.option("--seed", type=int, default=0, show_default=True, help="分出先后的种子 / seed that breaks ties")
@click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then")
@click.option(
    "--policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="规则文件 / file of the rules",
)
@click.option(
    "--method", help="按此方法学的清单取排放占比 / emissions from the inventory by this methodology"
)
@click.option(
    "--region", help="电网地区，方法学需要时 / region of the grid, where the methodology asks for one"
)
@click.option("--year", type=int, help="清单年度，默认上一年 / inventory year, default the year before")
@output_options(("table", "json", "xlsx", "html", "docx", "pdf"))
@click.option(
    "--record",
    "to_record",
    is_flag=True,
    help="把方案和各轮审核作为草稿写入账本 / write the programme and its audits to the ledger, as drafts",
)
@click.option(
    "--record-as", help="写入时的编号，默认 AP-首日 / its id on record, default AP- and the first day"
)
@ACTOR
@click.pass_obj
def programme(
    lang: Lang,
    /,
    store: Path,
    standards: tuple[str, ...],
    org: str | None,
    start: str | None,
    years: int,
    seed: int,
    known: int | None,
    policy: Path | None,
    method: str | None,
    region: str | None,
    year: int | None,
    form: str,
    output: Path | None,
    to_record: bool,
    record_as: str | None,
    actor: str | None,
) -> int:
    """内部审核方案：部门×条款在周期内完整覆盖，每项选择给出理由；覆盖不完整或无人可派时退出码为 1 /
    internal audit programme with its reasons; exit 1 if something is not covered or nobody may audit it.
    """
    from shall.engine.audit.programme.make import kinds_of, make
    from shall.engine.audit.programme.policy import read_policy
    from shall.engine.audit.programme.result import coverage
    from shall.engine.audit.programme.situation import read
    from shall.engine.cache import executor_for
    from shall.engine.trees import shift_months
    from shall.evidence.store import Store

    if not 1 <= years <= 6:
        raise UsageError("programme.bad_years")
    to_record = to_record or record_as is not None
    if to_record and known is not None:
        raise UsageError("programme.record_known")
    on = parse_day(start) if start else date.today()
    if not 1900 <= on.year <= 2200:
        raise UsageError("cli.bad_date", value=on)
    rules = read_policy(policy)
    plan = executor_for(standards).plan
    scales = rules.file.scales
    months = (scales.changes_within_months, scales.data_within_months)
    with Store.open(store, write=to_record) as opened:
        organisation = organisation_of(opened, org)
        computed = None
        if method:
            computed = _inventory(opened, organisation, method, region, year or on.year - 1, known)
        until = shift_months(on, 12 * years)
        found = read(opened, organisation, on, until, plan, kinds_of(plan), months, known, computed)
        made = make(plan, rules, found, years, seed)
        left = None
        if form in ("docx", "pdf"):
            from shall.engine.audit.carry_over import carried

            left = carried(opened, organisation, on, known=found.position[0], standards=standards)
        _write(made, left, form, output, lang)
        if to_record:
            _record(opened, made, lang, record_as, actor)
    return int(not coverage(made)["complete"] or any(visit.auditor is None for visit in made.visits))


def _write(made: "Programme", left: "Carried | None", form: str, output: Path | None, lang: Lang) -> None:
    """Print the programme, or write it to its file."""
    from shall.engine.audit.programme.result import result
    from shall.engine.audit.programme.view import View

    value = result(made)
    view = View(made, value["receipt"]["result"], lang)
    if form == "json":
        from shall.engine.reports.json_report import json_text

        put_text(json_text(value), output)
    elif form == "table" or output is None:
        from shall.engine.audit.programme.page import screen

        put_text(screen(view), output)
    elif form == "xlsx":
        from shall.engine.audit.programme.workbook import write_xlsx

        write_xlsx(view, output)
    elif form == "html":
        from shall.engine.audit.programme.page import write_html

        write_html(view, output)
    else:
        from shall.engine.audit.programme.paper import document
        from shall.engine.reports.document.write import write

        write(document(view, left), form, output)
    if output:
        click.echo(say("cli.written", lang, path=output), err=True)


def _record(store: "Store", made: "Programme", lang: Lang, id: str | None, actor: str | None) -> None:
    """Write the drafts and say what was written."""
    from datetime import UTC, datetime

    from shall.engine.audit.programme.recording import record
    from shall.engine.audit.programme.result import result
    from shall.engine.cli.evidence import _login

    digest = result(made)["receipt"]["result"]
    who = actor or _login(store.actor_default)
    done = record(store, made, digest, lang, id=id, actor=who, at=datetime.now(UTC))
    key = "recorded" if done.written else "recorded_already"
    fields = {"record": done.programme, "count": len(done.audits), "position": done.position}
    click.echo(say(f"programme.{key}", lang, **fields), err=True)


def _inventory(
    store: "Store", organisation: str, method: str, region: str | None, year: int, known: int | None
) -> Mapping[tuple[str, str], Decimal]:
    """The counted emissions of an inventory by unit and site."""
    from shall.engine.accounts.activity import read
    from shall.engine.accounts.factor_library import library
    from shall.engine.accounts.factors import choose
    from shall.engine.accounts.inventory import PLACES, build
    from shall.engine.accounts.rates import COUNTED

    evidence = read(store, organisation, known)
    made = build(evidence, choose(method, year, region, known=library()))
    found: dict[tuple[str, str], Decimal] = {}
    for line in made.part(COUNTED):
        place = (line.activity.unit or "", line.activity.site or "")
        found[place] = found.get(place, Decimal(0)) + Decimal(line.emission).scaleb(-PLACES)
    return found
