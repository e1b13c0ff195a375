"""The fields of a paper as a page: for `shall document-fields`, and for docs/documents.md."""

from collections.abc import Iterator, Sequence

from shall.engine.papers.catalogue import paper
from shall.engine.papers.example import ASK, example_store
from shall.engine.papers.fields import Named, labels_of, named
from shall.engine.papers.layout import Context
from shall.texts import Lang, say

LONG = 60
"""Characters an example has at most."""
VOLATILE = (
    "paper.software",
    "paper.head",
    "paper.position",
    "paper.running",
    "evaluation.",
    "gaps[]",
    "result_digest",
)
"""Beginnings of fields whose example would change with version, rulesets or example, and tells nothing."""
LABELS = {
    "paper.title": "p_title",
    "paper.subtitle": "p_subtitle",
    "paper.organisation": "p_organisation",
    "paper.on": "as_of",
    "paper.position": "position",
    "paper.head": "head",
    "paper.software": "software",
    "paper.running": "p_running",
    "paper.notices[].text": "p_notice",
    "audit.lead": "sign_lead",
    "standing.code": "p_code",
    "for_certificate": "p_for_certificate",
    "evaluation.rows[].standard": "standard",
    "evaluation.rows[].chapter": "chapter",
    "days[].heading": "day",
    "days[].day": "day",
    "days[].lines[].day": "day",
    **{
        f"timetable[].{name}": name
        for name in ("day", "time", "place", "unit", "what", "clauses", "auditor", "how")
    },
}
"""Fields that no layout shows, or that all do, and their labels."""
SHARED = ("audit-plan", "audit-report")
"""Papers whose labels name fields that another paper has without showing them."""


def example(name: str, lang: Lang) -> Context:
    """The context of a paper that the invented audit fills."""
    with example_store() as store:
        return paper(name).context(store, ASK, lang)


def listing(name: str, lang: Lang) -> str:
    """Every field as Markdown: single ones, then list by list."""
    layout = paper(name).layout
    also = {path: label for one in SHARED for path, label in labels_of(paper(one).layout.parts, lang).items()}
    also |= {path: say(f"papers.{key}", lang) for path, key in LABELS.items()}
    found = named(layout, example(name, lang), also, lang)
    title = say(layout.title, lang)
    parts = [say("papers.fields_of", lang, title=title, name=name), "\n".join(_table(found, "", lang))]
    for within in dict.fromkeys(f.within for f in found if f.within):
        parts += [say("papers.fields_list", lang, path=within), "\n".join(_table(found, within, lang))]
    return "\n\n".join(parts) + "\n"


def _table(found: Sequence[Named], within: str, lang: Lang) -> Iterator[str]:
    heads = [say(f"papers.fields_{name}", lang) for name in ("path", "label", "example")]
    yield "| " + " | ".join(heads) + " |"
    yield "|---|---|---|"
    for one in found:
        if one.within == within:
            path = one.path.removeprefix(f"{within}[].") if within else one.path
            shown = "" if one.path.startswith(VOLATILE) else _short(one.example)
            yield f"| `{path}` | {one.label} | {shown} |"


def _short(text: str) -> str:
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= LONG else text[: LONG - 1] + "…"
