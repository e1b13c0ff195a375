"""Commands that tell what is missing and what changed: delta, integrated, applicability, diff."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import STORE, ask, guard_target, organisation_name, output_options
from shall.texts import Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.reports.compare.paper import Paper

FORMATS = ("table", "json", "csv", "md", "xlsx")
SHOWN = 20
"""Rows of a table that a terminal shows without `--all`."""
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def _output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            output_options(FORMATS),
            click.option("--all", "everything", is_flag=True, help="全部列出 / list everything"),
        )
    ):
        command = option(command)
    return command


def _evidence_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--org", help="组织编号 / organisation"),
            click.option("--on", "day", help="哪一天，默认今天 / the day, default today"),
            click.option("--since", help="期间首日，默认一年 / first day of the period, default a year"),
            click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then"),
            click.option("--mode", type=click.Choice(["audit", "self"]), default="audit", show_default=True,
                         help="审核或自我评价 / audit or self-assessment"),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def _once(names: tuple[str, ...]) -> None:
    """Refuse a standard that is named twice; raises UsageError."""
    if len(set(names)) < len(names):
        raise UsageError("delta.twice", name=next(name for name in names if names.count(name) > 1))


def _put(
    form: str,
    output: Path | None,
    lang: Lang,
    paper: "Callable[[str], Paper]",
    plain: Callable[[], dict[str, Any]],
    table: Callable[[], str],
) -> None:
    """Print a report or write it to its file."""
    from shall.engine.reports.compare import paper as papers
    from shall.engine.reports.files import put_bytes

    if form == "xlsx":
        content = papers.xlsx(paper(lang))
    elif form == "json":
        content = (json.dumps(plain(), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
    elif form == "csv":
        content = papers.csv_text(paper(lang)).encode("utf-8", "replace")
    elif form == "md":
        content = papers.markdown(paper(lang)).encode("utf-8", "replace")
    else:
        content = table().encode("utf-8", "replace")
    if output is None:
        click.echo(content.decode(), nl=False)
        return
    put_bytes(output, content)
    click.echo(say("cli.written", lang, path=output), err=True)


@click.command()
@click.argument("store", type=STORE, required=False)
@click.option("--from", "start", required=True, help="已有体系的标准 / the standard already held")
@click.option("--to", "target", required=True, help="还要满足的标准 / the standard still to be met")
@_evidence_options
@click.option("--effort", type=_FILE, help="自己的工时表 / an effort table of your own")
@click.option(
    "--mapping",
    "mappings",
    multiple=True,
    type=_FILE,
    help="自己的评审对照文件，可多次 / reviewed mappings of your own, may be repeated",
)
@click.option(
    "--questionnaire",
    type=click.Path(path_type=Path, dir_okay=False),
    help="把还缺的证据写成可导入的工作簿 / write what is missing as a workbook that import takes",
)
@_output_options
@click.pass_obj
def delta(
    lang: Lang,
    /,
    store: Path | None,
    start: str,
    target: str,
    effort: Path | None,
    mappings: tuple[Path, ...],
    questionnaire: Path | None,
    form: str,
    output: Path | None,
    everything: bool,
    **options: Any,
) -> None:
    """从一个标准到另一个还缺什么；没有证据库时给出单纯的差别 /
    what the holder of one standard still needs for another; without a store the plain difference.
    """
    from shall.engine.compare.delta import delta as made
    from shall.engine.compare.effort import read_effort
    from shall.engine.reports.compare import needs
    from shall.evidence.store import Store

    _once((start, target))
    if questionnaire:
        guard_target(questionnaire, replace=True)
    table = read_effort(effort)
    if store is None:
        found = made(start, target, table, mappings=mappings)
        said = _questionnaire(questionnaire, found, None, lang)
    else:
        with Store.open(store) as opened:
            question = ask(opened, options) if opened.organisations() else None
            name = organisation_name(opened, question) if question else None
            found = made(start, target, table, opened, question, mappings=mappings, name=name)
            said = _questionnaire(questionnaire, found, opened, lang)
    _put(
        form,
        output,
        lang,
        lambda language: needs.paper(found, language),
        lambda: needs.as_plain(found),
        lambda: needs.terminal(found, lang, everything=everything),
    )
    if said:
        click.echo(said, err=True)


def _questionnaire(path: Path | None, found: Any, store: Any, lang: Lang) -> str:
    """Write the workbook where one is wanted; what to tell of it."""
    if path is None:
        return ""
    from shall.engine.compare.residual import write_questionnaire

    sheets, records = write_questionnaire(path, found, store, lang)
    return say("delta.questionnaire", lang, path=path, sheets=sheets, records=records)


_STANDARDS = click.option("-s", "--standard", "standards", multiple=True, required=True,
                          help="规则集或其文件夹，可多次 / ruleset or its folder, may be repeated")  # fmt: skip


@click.command()
@click.argument("store", type=STORE, required=False)
@_STANDARDS
@_evidence_options
@_output_options
@click.pass_obj
def integrated(
    lang: Lang,
    /,
    store: Path | None,
    standards: tuple[str, ...],
    form: str,
    output: Path | None,
    everything: bool,
    **options: Any,
) -> None:
    """几个标准合成一张检查表，相同的只问一次 / one checklist for several standards, equal questions asked once."""
    from shall.engine.cache import executor_for
    from shall.engine.compare.checklist import checklist
    from shall.engine.evaluation import evaluate
    from shall.engine.grading import DEFAULT
    from shall.engine.reports.compare import audits
    from shall.engine.reports.compare.paper import terminal
    from shall.evidence.store import Store

    _once(standards)
    executor = executor_for(standards)
    evaluation = None
    if store is not None:
        with Store.open(store) as opened:
            evaluation = evaluate(executor, opened, ask(opened, options), DEFAULT)
    found = checklist(executor.plan, evaluation)
    _put(
        form,
        output,
        lang,
        lambda language: audits.checklist_paper(found, language),
        lambda: audits.checklist_plain(found),
        lambda: terminal(audits.checklist_paper(found, lang), lang, most=None if everything else SHOWN),
    )


@click.command()
@click.argument("store", type=STORE)
@_STANDARDS
@_evidence_options
@_output_options
@click.pass_obj
def applicability(
    lang: Lang,
    /,
    store: Path,
    standards: tuple[str, ...],
    form: str,
    output: Path | None,
    everything: bool,
    **options: Any,
) -> None:
    """适用性声明：每条是否适用、为什么、谁批准的删减 /
    statement of applicability: what applies, why, and who approved what was left out.
    """
    from shall.engine.cache import executor_for
    from shall.engine.compare.checklist import applicability as stated
    from shall.engine.evaluation import evaluate
    from shall.engine.grading import DEFAULT
    from shall.engine.reports.compare import audits
    from shall.engine.reports.compare.paper import terminal
    from shall.evidence.store import Store

    _once(standards)
    executor = executor_for(standards)
    with Store.open(store) as opened:
        question = ask(opened, options)
        evaluation = evaluate(executor, opened, question, DEFAULT)
        found = stated(evaluation, opened, organisation_name(opened, question))
    _put(
        form,
        output,
        lang,
        lambda language: audits.applicability_paper(found, language),
        lambda: audits.applicability_plain(found),
        lambda: terminal(audits.applicability_paper(found, lang, exceptions=not everything), lang, most=None),
    )


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--result", "kept", type=_FILE, help="按旧版本得出的结果 JSON / a JSON result of the old edition"
)
@click.option(
    "--store",
    type=STORE,
    help="两份结果所用的证据库，用来分清原因 / the store of both results, to tell causes apart",
)
@click.option(
    "-s",
    "--standard",
    "folders",
    multiple=True,
    help="新结果所用的自有规则集文件夹 / the folder of a ruleset of your own that the new result used",
)
@_output_options
@click.pass_obj
def diff(
    lang: Lang,
    /,
    old: str,
    new: str,
    kept: Path | None,
    store: Path | None,
    folders: tuple[str, ...],
    form: str,
    output: Path | None,
    everything: bool,
) -> None:
    """比较规则集的两个版本，或两份 JSON 结果 / compare two editions of a ruleset, or two JSON results."""
    are_results = [Path(name).suffix.casefold() == ".json" for name in (old, new)]
    if are_results[0] != are_results[1]:
        raise UsageError("delta.mixed", old=old, new=new)
    if are_results[0] and kept:
        raise UsageError("delta.result_with_results")
    if not are_results[0] and (store or folders):
        raise UsageError("delta.store_without_results")
    paper, plain = _results(old, new, store, folders) if are_results[0] else _editions(old, new, kept)
    from shall.engine.reports.compare.paper import terminal

    _put(
        form,
        output,
        lang,
        paper,
        plain,
        lambda: terminal(paper(lang), lang, most=None if everything else SHOWN),
    )


_Made = tuple[Callable[[str], "Paper"], Callable[[], dict[str, Any]]]


def _results(old: str, new: str, store: Path | None, folders: tuple[str, ...]) -> _Made:
    from shall.engine.compare.results import attributed, read_result, shifts
    from shall.engine.reports.compare import changes
    from shall.evidence.store import Store

    found = shifts(read_result(Path(old)), read_result(Path(new)))
    if store is not None:
        with Store.open(store) as opened:
            found = attributed(found, opened, folders)
    return lambda language: changes.shifts_paper(found, language), lambda: changes.shifts_plain(found)


def _editions(old: str, new: str, kept: Path | None) -> _Made:
    from shall.engine.cache import executor_for
    from shall.engine.compare.editions import difference, migrated
    from shall.engine.compare.results import read_result
    from shall.engine.reports.compare import changes

    plans = [executor_for((name,)).plan for name in (old, new)]
    found = difference(*plans)
    result = read_result(kept) if kept else None
    if result and found.old["key"] not in {standard["key"] for standard in result["standards"]}:
        raise UsageError("delta.result_of_other", path=kept, key=found.old["key"])
    moved = migrated(found, result, plans[1]) if result else None
    return lambda language: changes.editions_paper(found, language, moved), lambda: changes.editions_plain(
        found, moved
    )
