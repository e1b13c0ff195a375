"""Command that searches standards, concepts, kinds of evidence and findings."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.texts import LANGUAGES, Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.search import Excerpt, Found, Hit, Index, Term

STORE = click.Path(path_type=Path, dir_okay=False)
SHOWN = 20
"""Hits on the screen where not all are asked for."""
ROOM = 64
"""Columns of a text on the screen; of a longer one the part with the first hit is shown."""


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option(
    "-s",
    "--standard",
    "standards",
    multiple=True,
    help="只在这些规则集中查，默认全部 / only in these rulesets or folders, default all",
)
@click.option("--store", type=STORE, help="也查这个证据库的审核发现 / also the findings of this store")
@click.option("--org", help="组织编号 / organisation")
@click.option("--on", "day", help="审核日，默认今天 / day of the audit, default today")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--all", "everything", is_flag=True, help="列出全部 / list every hit")
@click.pass_obj
def search(
    lang: Lang,
    /,
    words: tuple[str, ...],
    standards: tuple[str, ...],
    store: Path | None,
    org: str | None,
    day: str | None,
    form: str,
    everything: bool,
) -> None:
    """查条款、概念、证据类型和发现；几个词都要出现，引号内是短语，地址直达 /
    search provisions, concepts, kinds and findings; every word must occur, quotes make a phrase, an address is found.
    """
    from shall.engine.search import find, indexes_for

    for option, value in (("--org", org), ("--on", day)):
        if value and store is None:
            raise UsageError("search.store_only", option=option)
    indexes, keys = indexes_for(standards)
    if store:
        indexes = [_findings(store, org, day, standards), *indexes]
    found = find(words, indexes, keys, lang)
    if form == "json":
        click.echo(json.dumps(as_json(found, keys), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(lines(found, lang, None if everything else SHOWN)))


def _findings(path: Path, org: str | None, day: str | None, standards: Sequence[str]) -> "Index":
    """The findings of an organisation on that day under these standards, and those on record from audits."""
    from shall.engine.cache import executor_for
    from shall.engine.cli.common import ask
    from shall.engine.evaluation import evaluate
    from shall.engine.grading import DEFAULT
    from shall.engine.search import RECORDED, Index, of_findings
    from shall.engine.shelf import shipped
    from shall.evidence.store import Store

    options = {"org": org, "day": day, "since": None, "mode": "audit", "known": None}
    with Store.open(path) as store:
        question = ask(store, options)
        evaluation = evaluate(executor_for(standards or shipped()), store, question, DEFAULT)
        kind, names = "audit_finding", list(RECORDED)
        rows = store.rows(kind, question.organisation, names) if kind in store.shape else []
    recorded = [dict(zip(names, row, strict=True)) for row in rows]
    return Index.of(of_findings([f.as_json() for f in evaluation.findings], recorded))


# How it is shown.


def lines(found: "Found", lang: Lang, most: int | None) -> list[str]:
    """What was found, as the lines of a screen."""
    if not found.hits:
        return list(_nothing(found, lang))
    shown = found.hits[:most]
    out = []
    if found.asked != found.terms:
        given, asked = _quoted(found.terms, lang), _quoted(found.asked, lang)
        out.append(say("search.relaxed", lang, given=given, asked=asked))
    out.append(say("search.found", lang, words=_quoted(found.asked, lang), count=len(found.hits)))
    for hit in shown:
        out += _shown(hit, lang)
    if len(found.hits) > len(shown):
        out.append(say("search.more", lang, count=len(found.hits) - len(shown)))
    return out


def _nothing(found: "Found", lang: Lang) -> list[str]:
    out = [say("search.none", lang, words=_quoted(found.terms, lang))]
    if len(found.terms) > 1:
        counts = [
            say("search.word_count", lang, word=t.text, count=n)
            for t, n in zip(found.terms, found.alone, strict=True)
        ]
        out.append(say("search.alone", lang, counts=say("search.sep", lang).join(counts)))
    if found.elsewhere:
        out.append(say("search.elsewhere", lang, count=found.elsewhere))
    if found.nearest:
        out.append(say("search.nearest", lang, words=say("search.sep", lang).join(found.nearest)))
    return out


def _quoted(terms: Sequence["Term"], lang: Lang) -> str:
    return say("search.sep", lang).join(say("search.word", lang, word=t.text) for t in terms)


def _shown(hit: "Hit", lang: Lang) -> list[str]:
    """One line with what it is called, a further one for every text that says something else."""
    from shall.engine.reports.columns import clipped
    from shall.engine.search import clean

    entry = hit.entry
    label = entry.label[LANGUAGES.index(lang)]
    head = next((e for e in hit.excerpts if e.text == label), None)
    text = marked(head) if head else clipped(label, ROOM)
    out = [f"{_cell(_mark(hit, lang), 6)}{_cell(clean(entry.id), 26)} {text}"]
    if entry.provisions:
        counts = say("search.sep", lang).join(f"{key} {n}" for key, n in entry.provisions)
        out.append(f"{'':33}{say('search.held', lang, counts=counts)}")
    for excerpt in hit.excerpts:
        if excerpt is not head:
            field = say(f"search.field.{excerpt.field}", lang)
            out.append(f"{'':33}{say('search.excerpt', lang, field=field, text=marked(excerpt))}")
    return out


def _mark(hit: "Hit", lang: Lang) -> str:
    """The modality of a provision, the grade of a finding, else what it is."""
    entry = hit.entry
    if entry.what == "provision":
        return say(f"report.modality.{entry.mark}", lang)
    if entry.mark in ("major", "minor"):
        return say(f"cli.{entry.mark}", lang)
    if entry.mark == "opportunity":
        return say("cli.grade_opportunity", lang)
    return say(f"search.what.{entry.what}", lang)


def _cell(text: str, columns: int) -> str:
    from shall.engine.reports.columns import width

    return text + " " * max(1, columns - width(text))


def marked(excerpt: "Excerpt", room: int = ROOM) -> str:
    """The text with 【】 around what was looked for, cut to what is near the first hit where it is long."""
    from shall.engine.reports.columns import clipped, width

    text, marks = excerpt.text, excerpt.marks
    start = 0
    if width(text) > room and marks:
        start = max(0, marks[0][0] - room // 4)
        while (
            start
            and text[start - 1].isascii()
            and text[start - 1].isalnum()
            and start > marks[0][0] - room // 2
        ):
            start -= 1
    out, at = "…" if start else "", start
    for begin, end in marks:
        out += f"{text[at:begin]}【{text[begin:end]}】"
        at = end
    return clipped(out + text[at:], room + 4 * len(marks))


def as_json(found: "Found", standards: Sequence[str]) -> dict[str, Any]:
    """What was found as plain values, every hit of it."""
    return {
        "words": [t.text for t in found.terms],
        "looked_for": [t.text for t in found.asked],
        "standards": list(standards),
        "count": len(found.hits),
        "hits": [_plain(hit) for hit in found.hits],
        "alone": {t.text: n for t, n in zip(found.terms, found.alone, strict=False)},
        "nearest": list(found.nearest),
        "elsewhere": found.elsewhere,
    }


def _plain(hit: "Hit") -> dict[str, Any]:
    entry = hit.entry
    addressed = entry.what in ("provision", "clause", "finding")
    return {
        "what": entry.what,
        "id": entry.id,
        "address": (entry.id if not entry.id.startswith("audit_finding:") else entry.under).partition(":")[2]
        if addressed
        else None,
        "standards": list(entry.standards),
        "modality": entry.mark if entry.what == "provision" else None,
        "severity": entry.severity or None,
        "grade": entry.mark if entry.what == "finding" else None,
        "label": dict(zip(LANGUAGES, entry.label, strict=True)),
        "fields": list(hit.fields),
        "provisions": dict(entry.provisions),
        "excerpts": [
            {"field": e.field, "lang": e.lang, "text": e.text, "marks": [list(m) for m in e.marks]}
            for e in hit.excerpts
        ],
    }
