"""Command that writes a carbon review report after the annex of a standard."""

from pathlib import Path
from typing import Any

import click

from shall.engine.cli.common import STORE, ask, output_options
from shall.texts import Lang, say


@click.command("review-report")
@click.argument("store", type=STORE)
@click.option(
    "-s",
    "--standard",
    type=click.Choice(["machinery", "hunan"]),
    required=True,
    help="按哪个标准的附录 / after the annex of which standard",
)
@click.option(
    "--year", type=int, help="评审年，默认最近一份报告的 / year reviewed, default that of the newest"
)
@click.option("--org", help="组织编号 / organisation")
@click.option("--on", "day", help="证据截止日，默认今天 / evidence as of, default today")
@click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then")
@click.option(
    "--method",
    help="排放各表按此方法学核算，默认照记录 / methodology of the emission tables, default as recorded",
)
@click.option(
    "--region", help="电网地区，方法学需要时 / region of the grid, where the methodology asks for one"
)
@output_options(("docx", "html", "pdf", "xlsx"), "docx", required=True)
@click.pass_obj
def review_report(
    lang: Lang,
    /,
    store: Path,
    standard: str,
    year: int | None,
    method: str | None,
    region: str | None,
    form: str,
    output: Path,
    **options: Any,
) -> None:
    """碳评审报告：按附录的章节和表由证据填写 / carbon review report: sections and tables filled from the evidence."""
    from shall.engine.reports.review.write import write_review
    from shall.evidence.store import Store

    with Store.open(store) as opened:
        question = ask(opened, {"since": None, "mode": "self", **options})
        basis = (method, region) if method else None
        write_review(opened, question, standard, year, form, output, lang, basis)
    click.echo(say("cli.written", lang, path=output), err=True)
