"""Commands for the documents of an audit: `shall document`, their templates, and their fields."""

from pathlib import Path
from typing import Any

import click

from shall.engine.cli.common import FORCE, STORE, ask, guard_target, output_options, put_text
from shall.engine.papers.catalogue import FORMS, PAPERS
from shall.texts import Lang, say
from shall.texts.errors import UsageError

NAME = click.argument("name", type=click.Choice(list(PAPERS)))
OUTPUT = click.Path(path_type=Path, dir_okay=False)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@NAME
@click.argument("store", type=STORE)
@click.option("--audit", help="哪次审核：审核档案的编号 / which audit: id of its audit file")
@click.option("--finding", help="哪项发现 / which finding")
@click.option("--review", help="哪次管理评审 / which management review")
@click.option(
    "-s",
    "--standard",
    "standards",
    multiple=True,
    help="按哪些标准评价，默认审核档案所列 / standards evaluated, default those of the audit file",
)
@click.option("--org", help="组织编号 / organisation")
@click.option("--on", "day", help="证据截止日，默认今天 / evidence as of, default today")
@click.option("--from", "since", help="审核期间首日，默认一年 / first day of the period, default a year")
@click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then")
@click.option("--grading", type=FILE, help="分级策略文件 / grading policy file")
@click.option(
    "--calendar",
    "calendars",
    type=FILE,
    multiple=True,
    help="工作日日历文件，可多次，替代同年自带的 / working days of a year, may be repeated, replaces the shipped one",
)
@output_options(FORMS, "docx", required=True, edited=True)
@click.option("--template", type=FILE, help="自己的 Word 模板 / a Word template of your own")
@click.pass_obj
def document(
    lang: Lang,
    /,
    name: str,
    store: Path,
    form: str,
    template: Path | None,
    output: Path,
    **options: Any,
) -> int:
    """审核文件：计划、报告、推荐材料等；推荐材料有条件不满足时退出码为 1 / documents of an audit."""
    if template and form != "docx":
        raise UsageError("papers.template_only_docx", form=form)
    options.pop("force")
    from shall.engine.audit.calendar import calendar
    from shall.engine.cli.audit import policy_of
    from shall.engine.papers.catalogue import made, paper
    from shall.engine.papers.layout import Ask
    from shall.engine.reports.files import put_bytes
    from shall.evidence.store import Store

    chosen = paper(name)
    with Store.open(store) as opened:
        question = ask(opened, {"mode": "audit", **options})
        named: dict[str, Any] = {key: options[key] for key in ("audit", "finding", "standards", "review")}
        named |= {"policy": policy_of(options["grading"]), "days": calendar(options["calendars"])}
        since = question.since if options["since"] else None
        named["settled"] = options["day"] is not None
        asked = Ask(question.organisation, question.on, since, question.known, **named)
        context = chosen.context(opened, asked, lang)
    put_bytes(output, made(chosen.layout, context, lang, form, template))
    click.echo(say("cli.written", lang, path=output), err=True)
    return int(context.get("standing", {}).get("code") == "not_met")


@click.command("document-template")
@NAME
@click.option("-o", "--output", type=OUTPUT, required=True, help="写到文件 / write to a file")
@FORCE
@click.pass_obj
def document_template(lang: Lang, /, name: str, output: Path, force: bool) -> None:
    """写出默认的 Word 模板，供修改 / write the default Word template, to be edited."""
    guard_target(output, replace=force)
    from shall.engine.papers.catalogue import paper
    from shall.engine.papers.template import template
    from shall.engine.reports.files import put_bytes

    put_bytes(output, template(paper(name).layout, lang))
    click.echo(say("cli.written", lang, path=output), err=True)


@click.command("document-fields")
@NAME
@click.option("-o", "--output", type=OUTPUT, help="写到文件 / write to a file")
@click.pass_obj
def document_fields(lang: Lang, /, name: str, output: Path | None) -> None:
    """列出一种文件的全部字段，带例子 / every field of a document, with an example."""
    if output:
        guard_target(output, replace=True)
    from shall.engine.papers.listing import listing

    put_text(listing(name, lang), output)
