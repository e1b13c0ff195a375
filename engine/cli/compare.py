"""Command that compares standards."""

import json
from pathlib import Path

import click

from shall.engine.cli.common import output_options
from shall.texts import Lang, say

FORMATS = ("table", "json", "csv", "md", "html", "xlsx", "pdf")


@click.command()
@click.argument("standards", nargs=-1, required=True)
@output_options(FORMATS)
@click.option(
    "--mapping",
    "mappings",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="自己的评审对照文件，可多次 / reviewed mappings of your own, may be repeated",
)
@click.option(
    "--computed", is_flag=True, help="不用自带的评审对照 / without the reviewed mappings that come along"
)
@click.option("--no-chains", is_flag=True, help="不经第三个标准推导 / derive nothing over a third standard")
@click.option("--all", "everything", is_flag=True, help="列出全部差别 / list every difference")
@click.pass_obj
def compare(
    lang: Lang,
    /,
    standards: tuple[str, ...],
    form: str,
    output: Path | None,
    mappings: tuple[Path, ...],
    computed: bool,
    no_chains: bool,
    everything: bool,
) -> None:
    """对照两个或多个标准：相同、更严、更松、更宽、更窄、重合、引入、无对应 /
    compare standards, clause by clause: equal, stricter, looser, broader, narrower, overlapping, incorporated, none.
    """
    from shall.engine.compare.comparison import compare as compared
    from shall.engine.reports.files import put_bytes

    found = compared(standards, mappings, shipped=not computed, chains=not no_chains)
    if form == "xlsx":
        from shall.engine.reports.compare.workbook import xlsx

        content = xlsx(found, lang)
    elif form == "pdf":
        from shall.engine.reports.compare.pdf import pdf

        content = pdf(found, lang)
    elif form == "html":
        from shall.engine.reports.compare.html import html

        content = html(found, lang).encode("utf-8", "replace")
    elif form == "json":
        from shall.engine.reports.compare.words import with_words

        content = (json.dumps(with_words(found), ensure_ascii=False, indent=1) + "\n").encode(
            "utf-8", "replace"
        )
    else:
        from shall.engine.reports.compare import tables

        text = (
            tables.terminal(found, lang, everything=everything) + "\n"
            if form == "table"
            else tables.csv_text(found, lang)
            if form == "csv"
            else tables.markdown(found, lang)
        )
        content = text.encode("utf-8", "replace")
    if output is None:
        click.echo(content.decode(), nl=False)
        return
    put_bytes(output, content)
    click.echo(say("compare.written", lang, path=output), err=True)
