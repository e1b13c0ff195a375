"""Commands for the first minute: demo and doctor."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from shall.texts import LANGUAGES, Lang, say
from shall.texts.errors import ReportError, StoreError, UsageError

STANDARD = "t_ccaa_39"
FORMS = ("html", "xlsx", "csv", "pdf")
EXTRAS = {"typst": "pdf", "duckdb": "portfolio"}


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="报告写到此文件夹 / folder the reports are written to",
)
@click.option("--sample", default="machinery_maker", show_default=True, help="示例公司 / sample company")
@click.pass_obj
def demo(lang: Lang, /, out: Path, sample: str) -> None:
    """用虚构的示例公司走一遍全程 / everything on a fictional sample company, reports written."""
    from shall.engine.cache import executor_for
    from shall.engine.cli.common import organisation_name
    from shall.engine.evaluation import Question, evaluate, result
    from shall.engine.grading import DEFAULT
    from shall.engine.reports.terminal import summary
    from shall.engine.samples import sample_day
    from shall.evidence.store import Store

    workbook, store = _prepare(out, sample, lang)
    day = sample_day(sample)
    with Store.open(store) as opened:
        _progress("judging", lang, standard=STANDARD)
        question = Question.of(opened.organisations()[0], day)
        evaluation = evaluate(executor_for([STANDARD]), opened, question, DEFAULT)
        name = organisation_name(opened, question)
        click.echo(say("cli.demo_story", lang, name=name, workbook=workbook, store=store))
        click.echo("")
        found = result(evaluation, name)
        click.echo(summary(found, lang))
        click.echo("")
        click.echo(say("cli.written", lang, path=_result(out, found)))
        _progress("reports", lang, forms=", ".join(FORMS))
        for language in (lang, *(other for other in LANGUAGES if other != lang)):
            for target in _reports(out, evaluation, opened, name, language, lang):
                click.echo(say("cli.written", lang, path=target))


def _progress(step: str, lang: Lang, **fields: object) -> None:
    """Say what is being done before it is done; on stderr, so that the results can be piped."""
    click.echo(say(f"cli.demo_{step}", lang, **fields), err=True)


def _reports(
    out: Path, evaluation: Any, store: Any, name: str | None, language: Lang, lang: Lang
) -> Iterator[Path]:
    """Write every report in one language; a PDF that cannot be made is told in the user's own, `lang`."""
    from shall.engine.cli.evaluate import write_report

    for form in FORMS:
        target = out / f"report.{language}.{form}"
        try:
            write_report(form, target, evaluation, store, name, language)
        except ReportError as error:
            if form != "pdf":
                raise
            click.echo(say("cli.demo_no_pdf", lang, why=error.text(lang)), err=True)
        else:
            yield target


def _result(out: Path, found: Any) -> Path:
    from shall.engine.reports.json_report import write_json

    write_json(found, out / "result.json")
    return out / "result.json"


def _prepare(out: Path, sample: str, lang: Lang) -> tuple[Path, Path]:
    """The sample's workbook and a new store with what the workbook holds."""
    from shall.engine.cli.evidence import needs, with_attachments
    from shall.engine.samples import sample_folder
    from shall.evidence.importers import ImportProblems, import_batch, read_evidence
    from shall.evidence.schema import schema
    from shall.evidence.store import Store
    from shall.evidence.workbook import write_filled

    workbook, store = out / f"{sample}.xlsx", out / "evidence.db"
    _made_by_demo(store)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError("cli.folder_needed", path=out, why=error.strerror) from None
    store.unlink(missing_ok=True)
    with sample_folder(sample) as folder:
        batch = read_evidence(folder)
        if batch.problems:
            raise ImportProblems(batch.problems)
        organisation = batch.records["organisation"][0].id
        asked, kinds = needs((STANDARD,))
        chosen = [kind for name, kind in schema().items() if name in kinds or name in batch.records]
        bodies = {kind: [r.body for r in records] for kind, records in batch.records.items()}
        with Store.create(store, actor_default="demo") as opened:
            at = datetime.now(UTC)
            _progress("sample", lang, path=workbook)
            shown, _ = with_attachments(workbook, bodies, batch.attachments.get)
            write_filled(workbook, chosen, asked, shown, lang=lang)
            _progress("store", lang, path=store)
            import_batch(opened, organisation, read_evidence(workbook), actor="demo", at=at)
    return workbook, store


def _made_by_demo(store: Path) -> None:
    """Refuse to replace a file that is not an earlier demo's store as the demo left it; raises UsageError."""
    from shall.evidence.store import Store

    if not (store.exists() or store.is_symlink()):
        return
    try:
        with Store.open(store) as opened:
            made = opened.actor_default == "demo" and opened.commits() <= 1
    except StoreError:
        made = False
    if not made:
        raise UsageError("cli.not_a_demo", path=store)


@click.command()
@click.pass_obj
def doctor(lang: Lang, /) -> None:
    """检查这台机器上 shall 需要的东西 / look at what shall needs on this machine."""
    import sqlite3
    from importlib.util import find_spec

    from shall.engine.cache import cache_folder
    from shall.engine.shelf import shipped

    def good(what: str) -> None:
        click.echo(say("cli.doctor_ok", lang, what=what))

    good(say("cli.doctor_python", lang, version=sys.version.split()[0]))
    good(say("cli.doctor_sqlite", lang, version=sqlite3.sqlite_version))
    good(say("cli.doctor_rulesets", lang, names=", ".join(shipped())))
    place = cache_folder()
    good(say("cli.doctor_cache", lang, path=place) if place else say("cli.doctor_no_cache", lang))
    for package, extra in EXTRAS.items():
        what = say("cli.doctor_extra", lang, name=package, use=extra)
        if find_spec(package):
            good(what)
        else:
            click.echo(
                say("cli.doctor_missing", lang, what=what, how=say("cli.doctor_install", lang, extra=extra))
            )
    if find_spec("typst"):
        _font(lang)


def _font(lang: Lang) -> None:
    from shall.engine.reports.fonts import chinese_font

    try:
        click.echo(say("cli.doctor_ok", lang, what=str(chinese_font())))
    except ReportError as error:
        click.echo(error.text(lang))
