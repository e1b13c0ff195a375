"""Commands that hold evidence against standards: check, explain, recompute."""

import json
from pathlib import Path
from typing import Any

import click

from shall.engine.cli.common import (
    STORE,
    ask,
    organisation_name,
    output_options,
    put_text,
    question_options,
)
from shall.texts import Lang, say
from shall.texts.errors import EvidenceError, ShallError, UsageError

FORMATS = ("table", "json", "csv", "html", "xlsx", "pdf")
FAILING = {
    "major": ("major",),
    "minor": ("major", "minor"),
    "opportunity": ("major", "minor", "opportunity"),
    "never": (),
}


@click.command()
@click.argument("store", type=STORE)
@question_options
@output_options(FORMATS)
@click.option("--all", "everything", is_flag=True, help="列出全部发现 / list every finding")
@click.option(
    "--fail-on",
    type=click.Choice(list(FAILING)),
    default="minor",
    show_default=True,
    help="有此级及以上发现时退出码为 1 / exit 1 on findings of this grade or above",
)
@click.option(
    "--grading",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="分级策略文件 / grading policy file",
)
@click.pass_obj
def check(
    lang: Lang,
    /,
    store: Path,
    form: str,
    output: Path | None,
    everything: bool,
    fail_on: str,
    grading: Path | None,
    **options: Any,
) -> int:
    """评价证据，给出结论和不符合 / evaluate the evidence: verdicts and nonconformities."""
    from shall.engine.cache import executor_for
    from shall.engine.cli.audit import policy_of
    from shall.engine.evaluation import evaluate, result
    from shall.evidence.store import Store

    policy = policy_of(grading)
    executor = executor_for(options["standards"])
    with Store.open(store) as opened:
        question = ask(opened, options)
        evaluation = evaluate(executor, opened, question, policy)
        name = organisation_name(opened, question)
        found = result(evaluation, name)
        if form == "table":
            from shall.engine.reports.terminal import summary

            text = summary(found, lang, everything=everything)
            put_text(text + "\n", output)
        elif form == "json":
            from shall.engine.reports.json_report import json_text

            put_text(json_text(found), output)
        else:
            write_report(form, output, evaluation, opened, name, lang)
    if output:
        click.echo(say("cli.written", lang, path=output), err=True)
    return int(any(f["grade"] in FAILING[fail_on] for f in found["findings"]))


def write_report(
    form: str, output: Path | None, evaluation: Any, store: Any, name: str | None, lang: Lang
) -> None:
    """Write one report file; CSV goes to the screen where no file is named."""
    import sys

    from shall.engine.reports import context

    report = context.build_report(evaluation, store, name)
    if form == "csv":
        from shall.engine.reports.csv_report import write_csv

        write_csv(report, output or sys.stdout, lang)
    elif form == "html":
        from shall.engine.reports.html import write_html

        write_html(report, _file(output), lang)
    elif form == "xlsx":
        from shall.engine.reports.workbook import write_xlsx

        write_xlsx(report, _file(output), lang)
    else:
        from shall.engine.reports.pdf import write_pdf

        write_pdf(report, _file(output), lang)


def _file(output: Path | None) -> Path:
    if output is None:
        raise UsageError("cli.output_needed", form="-")
    return output


@click.command()
@click.argument("store", type=STORE)
@click.argument("address")
@question_options
@click.pass_obj
def explain(lang: Lang, /, store: Path, address: str, **options: Any) -> None:
    """说明一个结论的理由 / say why a verdict is what it is."""
    from shall.engine.cache import executor_for
    from shall.engine.evaluation import evaluate
    from shall.engine.explain import explain as lines
    from shall.engine.grading import DEFAULT
    from shall.evidence.store import Store

    ruleset, _, rest = address.rpartition(":")
    standards = (ruleset,) if ruleset else options["standards"]
    executor = executor_for(standards)
    asked = [p for p in executor.plan.provisions if p.ruleset in executor.plan.asked]
    provision = next((p for p in asked if p.address == rest), None)
    if provision is None:
        import difflib

        near = difflib.get_close_matches(rest, [p.address for p in asked], n=4)
        within = [p.address for p in asked if p.clause == rest]
        shown = ", ".join(within or near) or "-"
        raise UsageError("cli.unknown_address", ruleset=", ".join(standards), address=rest, near=shown)
    with Store.open(store) as opened:
        evaluation = evaluate(executor, opened, ask(opened, options), DEFAULT)
        for line in lines(evaluation, provision, lang):
            click.echo(line)


@click.command()
@click.argument("store", type=STORE)
@click.argument("kept", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "-s",
    "--standard",
    "folders",
    multiple=True,
    help="结果所用的自有规则集文件夹 / the folder of a ruleset of your own",
)
@click.option(
    "--grading",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="分级策略文件 / grading policy file",
)
@click.pass_obj
def recompute(lang: Lang, /, store: Path, kept: Path, folders: tuple[str, ...], grading: Path | None) -> int:
    """检查账本，重算一份保存的 JSON 结果并比较 / check the ledger, compute a kept JSON result again and compare."""
    from shall.engine.cache import executor_for
    from shall.engine.cli.audit import policy_of
    from shall.engine.cli.common import parse_day
    from shall.engine.evaluation import Question, canonical, evaluate, result
    from shall.evidence.store import Store

    policy = policy_of(grading)
    try:
        old = json.loads(kept.read_text(encoding="utf-8"))
        evidence = old["receipt"]["evidence"]
        question = Question(
            evidence["organisation"],
            parse_day(old["on"]),
            parse_day(old["from"]),
            old["mode"],
            evidence["position"],
        )
        standards = folders or [s["key"] for s in old["standards"]]
        name = old["organisation"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        raise ShallError("cli.result_unreadable", path=kept) from None
    with Store.open(store) as opened:
        found = opened.verify()
        if not found.ok:
            raise EvidenceError("cli.ledger_broken", found=" ".join(found.problems(lang)))
        new = result(evaluate(executor_for(standards), opened, question, policy), name)
    if canonical(old) == canonical(new):
        click.echo(say("cli.result_same", lang))
        return 0
    differing = [part for part in new if canonical(old.get(part)) != canonical(new[part])]
    parts = [p for p in old["receipt"] if canonical(old["receipt"][p]) != canonical(new["receipt"].get(p))]
    click.echo(
        say("cli.result_differs", lang, what=", ".join([*differing, *(f"receipt.{p}" for p in parts)]))
    )
    return 1
