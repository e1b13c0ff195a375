"""Command that scores a zero-carbon factory, from a store or from a file of values."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import STORE, ask, organisation_name, output_options, put_text
from shall.texts import Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.scoring.paths import Progress
    from shall.engine.scoring.quantities import Scorer
    from shall.engine.scoring.score import Evidence

RULESET = "zero_carbon"
REPORTS = ("html", "pdf", "xlsx", "docx")
FORMS = ("table", "json", *REPORTS)


@click.command()
@click.argument("store", type=STORE, required=False)
@click.option(
    "--values",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="数量文件（YAML/JSON）；与证据库同用时只放人的判断 / file of values; beside a store, of decisions only",
)
@click.option(
    "-s", "--standard", default=RULESET, show_default=True, help="规则集或其文件夹 / ruleset or its folder"
)
@click.option("--scheme", default="default", show_default=True, help="评分方案或其文件 / scheme or its file")
@click.option(
    "--year",
    type=int,
    help="评价年，默认最近一次评价的 / evaluation year, default that of the newest evaluation",
)
@click.option("--org", help="组织编号 / organisation")
@click.option("--on", "day", help="评价日，默认今天 / day of the evaluation, default today")
@click.option("--from", "since", help="审核期间首日，默认一年 / first day of the period, default a year")
@click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then")
@click.option(
    "--mode",
    type=click.Choice(["audit", "self"]),
    default="audit",
    show_default=True,
    help="审核或自我评价 / audit or self-assessment",
)
@output_options(FORMS)
@click.option(
    "--method",
    help="报告中的清单按此方法学核算 / methodology of the inventory in the report",
)
@click.option(
    "--region", help="电网地区，方法学需要时 / region of the grid, where the methodology asks for one"
)
@click.option(
    "--values-schema",
    is_flag=True,
    help="印出数量文件的 JSON Schema / print the JSON Schema of a values file",
)
@click.pass_obj
def score(
    lang: Lang,
    /,
    store: Path | None,
    values: Path | None,
    standard: str,
    scheme: str,
    form: str,
    output: Path | None,
    method: str | None,
    region: str | None,
    values_schema: bool,
    **options: Any,
) -> int:
    """零碳工厂评分：得分、依据、区间 / score of a zero-carbon factory: points, arithmetic, range."""
    if values_schema:
        from shall.engine.scoring.values import values_schema as schema

        click.echo(json.dumps(schema(), ensure_ascii=False, indent=1))
        return 0
    if store is None and values is None:
        raise UsageError("scoring.store_or_values")
    if method and (form not in REPORTS or store is None):
        raise UsageError("score_report.method_alone")
    from shall.engine.scoring.quantities import Scorer
    from shall.engine.shelf import folder_of

    scorer = Scorer.of(folder_of(standard), scheme)
    if store is None:
        assert values is not None
        evidence, receipt, name = _of_values(scorer, values, options)
    else:
        evidence, receipt, name = _of_store(scorer, store, values, standard, options)
    found = _scored(scorer, evidence, receipt, name)
    if form in REPORTS and output:
        from shall.engine.reports.score.write import write_score

        basis = (method, region) if method else None
        write_score(found, folder_of(standard), store, form, output, lang, basis)
        click.echo(say("cli.written", lang, path=output), err=True)
        return int(found["claim"] == "blocked")
    if form == "json":
        text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    else:
        from shall.engine.scoring.page import page

        text = page(found, lang) + "\n"
    put_text(text, output)
    if output:
        click.echo(say("cli.written", lang, path=output), err=True)
    return int(found["claim"] == "blocked")


def _scored(
    scorer: "Scorer", evidence: "Evidence", receipt: dict[str, Any], name: str | None
) -> dict[str, Any]:
    from shall.engine.scoring.ranges import ranges
    from shall.engine.scoring.result import result
    from shall.engine.scoring.score import score as compute

    total = compute(evidence, scorer.table, scorer.scheme)
    spread = ranges(evidence, scorer.table, scorer.scheme, total)
    return result(scorer, evidence, total, spread, receipt, name)


def _of_values(
    scorer: "Scorer", path: Path, options: dict[str, Any]
) -> tuple["Evidence", dict[str, Any], None]:
    import hashlib

    from shall.engine.scoring.quantities import from_values
    from shall.engine.scoring.values import read_values

    for name, option in (
        ("org", "--org"),
        ("year", "--year"),
        ("day", "--on"),
        ("since", "--from"),
        ("known", "--known"),
    ):
        if options[name] is not None:
            raise UsageError("scoring.store_option", option=option)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return from_values(scorer, read_values(path)), {"values": digest}, None


def _of_store(
    scorer: "Scorer", path: Path, decisions: Path | None, standard: str, options: dict[str, Any]
) -> tuple["Evidence", dict[str, Any], str | None]:
    import hashlib

    from shall.engine.cache import executor_for
    from shall.engine.scoring.quantities import from_store
    from shall.engine.scoring.values import Decisions, read_decisions
    from shall.evidence.store import Store

    decided = read_decisions(decisions) if decisions else Decisions()
    with Store.open(path) as store:
        question = ask(store, options)
        held = from_store(scorer, store, question, executor_for([standard]), options["year"], decided)
        name = organisation_name(store, question)
    sequence, head = held.position
    receipt: dict[str, Any] = {
        "evidence": {"organisation": question.organisation, "position": sequence, "head": head},
        "from": question.since.isoformat(),
        "mode": question.mode,
    }
    if decisions:
        receipt["values"] = hashlib.sha256(decisions.read_bytes()).hexdigest()
    return held.evidence, receipt, name


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    """Names, repeated or with commas between them, each once."""
    return tuple(dict.fromkeys(name.strip() for some in given for name in some.split(",") if name.strip()))


def _progress(lang: Lang) -> "Progress | None":
    """A line that says how far the ladder is, on a terminal only."""
    if not sys.stderr.isatty():
        return None
    return lambda done, whole: click.echo(
        "\r" + say("paths.progress", lang, done=done + 1, whole=whole), err=True, nl=done + 1 == whole
    )


@click.command("what-if")
@click.argument("store", type=STORE, required=False)
@click.option(
    "--values",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="数量文件（YAML/JSON）；与证据库同用时只放人的判断 / file of values; beside a store, of decisions only",
)
@click.option(
    "--measures",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="措施文件（YAML/JSON） / file of measures",
)
@click.option("--take", multiple=True, help="采取的措施，逗号分开 / measures taken, with commas between")
@click.option("--without", multiple=True, help="不考虑的措施 / measures left out")
@click.option("--by", type=int, help="只考虑该年前能有的措施 / only measures that can be had by that year")
@click.option(
    "--target",
    "targets",
    multiple=True,
    help="目标：75 或 energy=60，可多次；给出最省的措施 / 75 or energy=60, may be repeated; the cheapest way there",
)
@click.option(
    "--ladder", help="每隔几分给出最省的措施，直到最高 / the cheapest way to each step up to the highest"
)
@click.option(
    "-s", "--standard", default=RULESET, show_default=True, help="规则集或其文件夹 / ruleset or its folder"
)
@click.option("--scheme", default="default", show_default=True, help="评分方案或其文件 / scheme or its file")
@click.option("--year", type=int, help="评价年，默认最近一次评价的 / evaluation year, default the newest")
@click.option("--org", help="组织编号 / organisation")
@click.option("--on", "day", help="评价日，默认今天 / day of the evaluation, default today")
@click.option("--from", "since", help="审核期间首日，默认一年 / first day of the period, default a year")
@click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then")
@click.option(
    "--mode",
    type=click.Choice(["audit", "self"]),
    default="audit",
    show_default=True,
    help="审核或自我评价 / audit or self-assessment",
)
@output_options(("table", "json"))
@click.pass_obj
def what_if(
    lang: Lang,
    /,
    store: Path | None,
    values: Path | None,
    file: Path,
    take: tuple[str, ...],
    without: tuple[str, ...],
    by: int | None,
    targets: tuple[str, ...],
    ladder: str | None,
    standard: str,
    scheme: str,
    form: str,
    output: Path | None,
    **options: Any,
) -> int:
    """措施对得分的影响和最省的办法 / what measures do to the score, and the cheapest way up."""
    if store is None and values is None:
        raise UsageError("scoring.store_or_values")
    from shall.engine.scoring.measure_file import read_measures
    from shall.engine.scoring.paths import parse_step, parse_target
    from shall.engine.scoring.quantities import Scorer
    from shall.engine.scoring.what_if import Asked
    from shall.engine.scoring.what_if import what_if as answer
    from shall.engine.shelf import folder_of

    scorer = Scorer.of(folder_of(standard), scheme)
    categories = [c.key for c in scorer.table.categories]
    wanted = tuple(parse_target(text, categories) for text in targets)
    asked = Asked(_names(take), _names(without), by, wanted, None if ladder is None else parse_step(ladder))
    book = read_measures(file)
    if store is None:
        assert values is not None
        evidence, receipt, name = _of_values(scorer, values, options)
    else:
        evidence, receipt, name = _of_store(scorer, store, values, standard, options)
    found = answer(scorer, evidence, book, asked, receipt, name, _progress(lang))
    if form == "json":
        text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    else:
        from shall.engine.scoring.what_if_page import page

        text = page(found, lang) + "\n"
    put_text(text, output)
    if output:
        click.echo(say("cli.written", lang, path=output), err=True)
    return int("unreachable" in found)
