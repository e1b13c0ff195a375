"""Exchange with other tools: `shall exchange oscal | ciso | read | check | tables`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import FORCE, guard_target, parse_day
from shall.texts import Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.exchange.files import Report

_STANDARDS = click.option("-s", "--standard", "standards", multiple=True,
                          help="规则集或其文件夹，可多次 / ruleset or its folder, may be repeated")  # fmt: skip
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_MAPPINGS = click.option("--mapping", "mappings", type=_FILE, multiple=True,
                         help="自己评审过的映射文件 / reviewed mapping file of your own")  # fmt: skip
USUAL = ("t_ccaa_39",)


@click.group()
def exchange() -> None:
    """与其他工具交换：OSCAL、CISO Assistant、表格说明 / exchange with other tools."""


@exchange.command()
@click.argument("folder", type=_FOLDER)
@_STANDARDS
@click.option("--result", "kept", type=_FILE, help="shall check --format json 的结果 / a JSON result")
@click.option("--select", type=click.Choice(["all", "shall", "applicable"]), default="all", show_default=True,
              help="profile 选哪些条款 / which provisions the profiles select")  # fmt: skip
@click.option("--on", "day", help="评价计划的日期 / day of the assessment plan")
@_MAPPINGS
@click.option(
    "--trestle",
    is_flag=True,
    help="文件间引用按 compliance-trestle 的写法 / references as trestle resolves them",
)
@FORCE
@click.pass_obj
def oscal(
    lang: Lang, /, folder: Path, standards: tuple[str, ...], kept: Path | None, select: Any, day: str | None,
    mappings: tuple[Path, ...], trestle: bool, force: bool,
) -> None:  # fmt: skip
    """写出 OSCAL 文件 / write OSCAL documents: catalogs, profiles, mappings, plan, results, actions."""
    from shall.engine.cache import executor_for
    from shall.engine.exchange.counterparts import counterparts
    from shall.engine.exchange.files import ExchangeError, json_bytes, read_result, refuse, write_all
    from shall.engine.exchange.oscal import Wanted, documents, for_trestle
    from shall.engine.exchange.oscal_check import check_all

    result = read_result(kept) if kept else None
    names = standards or (tuple(s["key"] for s in result["standards"]) if result else USUAL)
    plan = executor_for(names).plan
    if result and result["receipt"]["plan"] != plan.digest:
        raise ExchangeError("exchange.other_plan", path=kept, keys=", ".join(result["receipt"]["rulesets"]))
    related, alone = counterparts(names, mappings)
    wanted = Wanted(_rulesets(names, plan), plan, select, parse_day(day).isoformat() if day else None,
                    result, related, alone)  # fmt: skip
    made = documents(wanted)
    if trestle:
        made = {path: for_trestle(document) for path, document in made.items()}
    refuse(folder, check_all(made))
    write_all(folder, {path: json_bytes(document) for path, document in made.items()}, replace=force)
    for path in made:
        click.echo(say("cli.written", lang, path=folder / path))


def _rulesets(names: tuple[str, ...], plan: Any) -> dict[str, Any]:
    """The rulesets of a plan by key: those asked for, and the shipped ones they incorporate."""
    from shall.engine.loader import load_ruleset
    from shall.engine.shelf import folder_of

    found = {r.key: r for r in (load_ruleset(folder_of(name))[0] for name in names)}
    return {key: found.get(key) or load_ruleset(folder_of(key))[0] for key in (*found, *plan.standards)}


@exchange.command()
@click.argument("folder", type=_FOLDER)
@_STANDARDS
@click.option("--library-version", type=click.IntRange(1), default=1, show_default=True,
              help="库的版本，每次改动加一 / version of the libraries, one more with every change")  # fmt: skip
@_MAPPINGS
@FORCE
@click.pass_obj
def ciso(
    lang: Lang, /, folder: Path, standards: tuple[str, ...], library_version: int,
    mappings: tuple[Path, ...], force: bool,
) -> None:  # fmt: skip
    """写出 CISO Assistant 库和映射 / write CISO Assistant libraries: frameworks and mapping sets."""
    from shall.engine.cache import executor_for
    from shall.engine.exchange.ciso import check_library, framework_library, mapping_libraries, nodes_of
    from shall.engine.exchange.counterparts import counterparts
    from shall.engine.exchange.files import refuse, write_all, yaml_text
    from shall.engine.exchange.oscal import incorporations
    from shall.engine.exchange.weights import weights_of

    names = standards or USUAL
    plan = executor_for(names).plan
    rulesets = _rulesets(names, plan)
    files: dict[str, bytes] = {}
    known: dict[str, list[str]] = {}
    reports = []
    for key, ruleset in rulesets.items():
        library, report = framework_library(ruleset, library_version, weights_of(ruleset, names))
        refuse(f"{key}.yaml", check_library(library))
        known |= nodes_of(library)
        files[f"{key}.yaml"] = yaml_text(library).encode()
        reports.append((f"{key}.yaml", report))
    related = [*incorporations(plan), *counterparts(names, mappings)[0]]
    titles = {key: r.standard.number for key, r in rulesets.items()}
    libraries, told = mapping_libraries(titles, related, library_version)
    for name, library in libraries.items():
        refuse(f"mapping-{name}.yaml", check_library(library, known))
        files[f"mapping-{name}.yaml"] = yaml_text(library).encode()
    write_all(folder, files, replace=force)
    for path in files:
        click.echo(say("cli.written", lang, path=folder / path))
    for name, report in (*reports, ("mapping", told)):
        for line in report.lines(lang):
            click.echo(f"{name}: {line}")


@exchange.command()
@click.argument("file", type=_FILE)
@click.option(
    "--into", type=click.Path(path_type=Path), help="规则集文件夹，或结果、映射文件 / where it goes"
)
@click.option("--key", help="新规则集的代号 / key of a new ruleset")
@click.option("--author", help="映射的评审人 / who answers for imported mappings")
@click.option("--on", "day", help="映射评审的日期 / day of the review of imported mappings")
@FORCE
@click.pass_obj
def read(
    lang: Lang,
    /,
    file: Path,
    into: Path | None,
    key: str | None,
    author: str | None,
    day: str | None,
    force: bool,
) -> None:
    """读入 OSCAL 或 CISO Assistant 文件 / take in an OSCAL document or a CISO Assistant library."""
    from shall.engine.draft import write
    from shall.engine.exchange.taking import Draft, take
    from shall.engine.reports.files import put_bytes

    if into is None:
        raise UsageError("exchange.need_target")
    made, report = take(file, key, author, parse_day(day).isoformat() if day else None)
    if isinstance(made, Draft):
        write(made, into)
    else:
        guard_target(into, replace=force)
        put_bytes(into, made)
    click.echo(say("cli.written", lang, path=into))
    _tell(report, lang)


def _tell(report: "Report", lang: Lang) -> None:
    for line in report.lines(lang):
        click.echo(line)


@exchange.command()
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.pass_obj
def check(lang: Lang, /, files: tuple[Path, ...]) -> int:
    """检查 OSCAL 或 CISO Assistant 文件 / check files: what their own tools let pass is refused here."""
    from shall.engine.exchange.taking import problems

    bad = 0
    for name, found in problems(files).items():
        for problem in found:
            click.echo(f"{name}{problem.text(lang)}")
        if not found:
            click.echo(say("exchange.clean", lang, path=name))
        bad += len(found)
    return 3 if bad else 0


@exchange.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="写到文件 / write to a file")
@FORCE
@click.pass_obj
def tables(lang: Lang, /, output: Path | None, force: bool) -> None:
    """说明证据表和结果表（datapackage.json）/ describe the tables as a Frictionless data package."""
    from shall.engine.exchange.files import json_bytes
    from shall.engine.exchange.tables import package
    from shall.engine.reports.files import put_bytes

    content = json_bytes(package(lang=lang))
    if output is None:
        click.echo(content.decode(), nl=False)
        return
    guard_target(output, replace=force)
    put_bytes(output, content)
    click.echo(say("cli.written", lang, path=output), err=True)
