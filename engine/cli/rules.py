"""Commands about rulesets and kinds: clauses, lint, kinds."""

import csv
import json
import sys
from pathlib import Path

import click

from shall.texts import say

CLAUSE_COLUMNS = (
    "address", "kind", "modality", "severity", "doc_info", "interval", "trigger",
    "incorporates", "judged", "concepts", "gist_zh", "gist_en",
)  # fmt: skip


WIDTH = 34
"""Room for the longest name of a kind or a column."""


@click.command()
@click.argument("standard")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
@click.pass_obj
def clauses(lang: str, /, standard: str, form: str) -> None:
    """列出一个标准的全部条款 / list every provision of a standard."""
    from shall.engine.cache import executor_for
    from shall.engine.reports.terminal import width

    rows = [clause_row(p) for p in executor_for([standard]).plan.provisions]
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif form == "csv":
        writer = csv.DictWriter(sys.stdout, CLAUSE_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        for row in rows:
            modality = say(f"report.modality.{row['modality']}", lang)
            room = " " * (10 - width(modality))
            click.echo(f"{row['address']:<14}{modality}{room}{row[f'gist_{lang}']}")


def clause_row(provision: object) -> dict[str, str]:
    """One provision as the columns of the clause list."""
    from shall.engine.plan import PlannedProvision

    assert isinstance(provision, PlannedProvision)
    p = provision
    return {
        "address": p.address,
        "kind": p.kind,
        "modality": p.modality,
        "severity": p.severity,
        "doc_info": "+".join(p.doc_info),
        "interval": p.interval or "",
        "trigger": p.trigger["zh"] if p.trigger else "",
        "incorporates": " ".join(p.incorporates),
        "judged": "yes" if p.judged else "",
        "concepts": " ".join(p.concepts),
        "gist_zh": p.gist["zh"],
        "gist_en": p.gist["en"],
    }


@click.command()
@click.argument("rulesets", nargs=-1)
@click.pass_obj
def lint(lang: str, /, rulesets: tuple[str, ...]) -> int:
    """检查规则集 / check rulesets, the shipped ones by default."""
    from shall.engine.lint import lint as run
    from shall.engine.shelf import folder_of, shipped

    bad = 0
    for name in rulesets or tuple(shipped()):
        found = run(folder_of(name))
        for problem in found.problems:
            click.echo(problem.text(lang))
        bad += len(found.problems)
        if not found.problems:
            click.echo(
                say(
                    "rules.lint_clean",
                    lang,
                    key=found.key,
                    provisions=found.provisions,
                    requirements=found.requirements,
                    cases=found.cases,
                )
            )
    return 3 if bad else 0


@click.command()
@click.argument("kind", required=False)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def kinds(lang: str, /, kind: str | None, form: str) -> None:
    """列出证据类型及其列 / list kinds of evidence, or the columns of one."""
    from shall.evidence.schema import kind_as_json, schema
    from shall.texts.errors import UsageError

    known = schema()
    if kind and kind not in known:
        raise UsageError("cli.unknown_kind", kind=kind)
    if form == "json":
        chosen = [known[kind]] if kind else list(known.values())
        click.echo(json.dumps([kind_as_json(k) for k in chosen], ensure_ascii=False, indent=1))
    elif kind:
        for c in known[kind].columns:
            told = " | ".join(f"{code} {labels[lang == 'en']}" for code, labels in c.choices.items())
            click.echo(f"{c.name:<{WIDTH}}{c.type:<9}{getattr(c, lang)}  {told}")
    else:
        for k in known.values():
            click.echo(f"{k.name:<{WIDTH}}{k.chapter:<13}{getattr(k, lang)}")


@click.command()
@click.option("-s", "--standard", "standards", multiple=True, default=("t_ccaa_39",), show_default=True)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
def plan(standards: tuple[str, ...], form: str) -> None:
    """打印编译后的计划 / print the compiled plan."""
    from shall.engine.cache import executor_for
    from shall.engine.trees import show

    found = executor_for(standards).plan
    if form == "json":
        click.echo(found.to_json())
        return
    click.echo(f"plan {found.digest}")
    for n, aggregate in enumerate(found.aggregates):
        parts = [show(p) if isinstance(p, tuple) and p and p[0] in SHOWN_TREES else str(p) for p in aggregate]
        click.echo(f"a{n:<5}{' | '.join(parts)}")
    for requirement in found.requirements:
        click.echo(f"{requirement.id}: {requirement.check} {json.dumps(requirement.decision)}")


SHOWN_TREES = ("true", "and", "or", "not", "flag", "cmp", "in", "null")


@click.command()
@click.argument("what", type=click.Choice(["result", "evidence", "ruleset", "inventory"]))
def schema(what: str) -> None:
    """打印 JSON Schema：结果、证据、规则集或清单 / print a JSON Schema: result, evidence, ruleset, inventory."""
    if what == "result":
        from shall.engine.reports.schema import result_schema

        value = result_schema()
    elif what == "evidence":
        from shall.evidence.schema import evidence_schema

        value = evidence_schema()
    elif what == "inventory":
        from shall.engine.accounts.schema import inventory_schema

        value = inventory_schema()
    else:
        from pydantic import TypeAdapter

        from shall.engine.models import Provision

        value = TypeAdapter(list[Provision]).json_schema()
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


@click.command()
@click.argument("what")
@click.option("-o", "--output", type=click.Path(path_type=Path))
def reference(what: str, output: Path | None) -> None:
    """生成参考页：kinds、checks、concepts、factors、crosswalk 或规则集 / make a reference page, also of a ruleset."""
    from shall.engine.cache import compiled
    from shall.engine.cli.common import put_text
    from shall.engine.lint import concepts
    from shall.engine.reference import checks_page, concepts_page, factors_page, kinds_page, ruleset_page
    from shall.engine.shelf import shipped

    if what == "kinds":
        text = kinds_page()
    elif what == "checks":
        text = checks_page()
    elif what == "concepts":
        text = concepts_page(compiled(shipped()), concepts())
    elif what == "factors":
        text = factors_page()
    elif what == "crosswalk":
        from shall.engine.compare.comparison import compare
        from shall.engine.reports.compare.tables import crosswalk_page

        text = crosswalk_page(compare(shipped()))
    else:
        plan = compiled([what])
        text = ruleset_page(plan, next(iter(plan.standards)))
    put_text(text, output)
