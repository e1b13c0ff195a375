"""Commands that read a copy of a standard: verify-source holds a ruleset against it, draft begins one from it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shall.texts import say

if TYPE_CHECKING:
    from shall.engine.verify import Difference, Verified

EXCERPT = 48


@click.command("verify-source")
@click.argument("standard")
@click.argument("text", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--all", "every", is_flag=True, help="列出全部条款 / list clauses without differences too")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def verify_source(lang: str, /, standard: str, text: Path, every: bool, form: str) -> int:
    """用本地原文（纯文本或 PDF）核对规则集 / hold a ruleset against your copy of the text (plain or PDF)."""
    from shall.engine.loader import load_ruleset
    from shall.engine.shelf import folder_of
    from shall.engine.source import read_text
    from shall.engine.verify import verify

    ruleset, _ = load_ruleset(folder_of(standard))
    found = verify(ruleset, read_text(text))
    if form == "json":
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
        return 0 if found.clean else 1
    head = ruleset.standard
    click.echo(say("source.head", lang, number=head.number, title=getattr(head.title, lang), path=text))
    for line in _lines(found, lang, every):
        click.echo(line)
    return 0 if found.clean else 1


@click.command()
@click.argument("text", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--key", required=True, help="规则集代号 / key of the ruleset, e.g. park_2026")
@click.option("--first", type=click.IntRange(1), default=4, show_default=True, help="第一章 / first chapter")
@click.option("--last", type=click.IntRange(1), default=10, show_default=True, help="最后一章 / last chapter")
@click.option(
    "--with-text",
    is_flag=True,
    help="把原文写成注释，自用，勿外传 / the text as comments, for yourself only",
)
@click.pass_obj
def draft(lang: str, /, text: Path, folder: Path, key: str, first: int, last: int, with_text: bool) -> None:
    """由标准原文起草规则集 / begin a ruleset from a text: its addresses, modal verbs and fingerprints."""
    from shall.engine.draft import draft as drafted
    from shall.engine.draft import write
    from shall.engine.source import read_text

    made = drafted(read_text(text), text, key, first, last, with_text=with_text)
    write(made, folder)
    told = {"folder": folder, "provisions": made.provisions, "clauses": made.clauses}
    click.echo(say("source.draft_done", lang, **told))


def _lines(found: "Verified", lang: str, every: bool) -> list[str]:
    from shall.engine.verify import KINDS

    differing = {d.clause for d in found.differences}
    rows = [c for c in found.covered if every or c in differing]
    lines = []
    if rows:
        names = ("clause", "covered", *KINDS)
        lines.append("\t".join(say(f"source.{name}", lang) for name in names))
        for clause in rows:
            counts = (found.covered[clause], *(found.count(kind, clause) for kind in KINDS))
            lines.append("\t".join([clause, *map(str, counts)]))
    lines += [_line(d, lang) for d in found.differences]
    covered = sum(found.covered.values())
    if found.clean:
        return [*lines, say("source.clean", lang, covered=covered)]
    totals = {kind: found.count(kind) for kind in KINDS}
    return [*lines, say("source.total", lang, covered=covered, **totals)]


def _line(d: "Difference", lang: str) -> str:
    modality = ""
    if d.expected != d.found and d.expected and d.found:
        told = {"expected": say(f"source.{d.expected}", lang), "found": say(f"source.{d.found}", lang)}
        modality = say("source.modality", lang, **told)
    excerpt = d.excerpt if len(d.excerpt) <= EXCERPT else d.excerpt[:EXCERPT] + "…"
    fields = {"address": d.address, "at": d.at, "line": d.line, "modality": modality, "excerpt": excerpt}
    return say(f"source.line_{d.kind}", lang, gist=d.gist.get(lang, ""), **fields)
