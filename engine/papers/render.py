"""A layout read with a context: the document for HTML, PDF and workbook, with what every paper carries."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shall.engine import __version__
from shall.engine.papers.layout import (
    Ask,
    Context,
    Field,
    Fields,
    Layout,
    Part,
    Rows,
    Signatures,
    Text,
)
from shall.engine.reports.document.blocks import (
    Blank,
    Block,
    Cell,
    Column,
    Document,
    Facts,
    Para,
    Row,
    Section,
    Table,
    fitted,
)
from shall.engine.reports.view import clean
from shall.evidence.store import Store
from shall.texts import Lang, say

RECEIPT = Part(
    "papers.receipt",
    (
        Fields(
            (
                Field("papers.as_of", "paper.on"),
                Field("papers.position", "paper.position"),
                Field("papers.head", "paper.head"),
                Field("papers.software", "paper.software"),
            )
        ),
    ),
)
"""What every paper ends with: from which evidence it was made, so that it can be made again."""


HEAD = ("subtitle", "notices", "as_of")
"""What a context says about the head of its paper; the rest are fields."""


def completed(layout: Layout, context: Mapping[str, Any], store: Store, ask: Ask, lang: Lang) -> Context:
    """The context with `paper` (title, organisation, notices, receipt), characters that hide text made visible.

    A context may bring `subtitle`, a text, `notices`, a list of `{"text": …}` to stand at the head, and `as_of`,
    the day whose state it tells where that is not the day asked for.
    Items of a repeated part get a `heading`: their own, else their id.
    """
    position, head = store.position() if ask.known is None else store.position_at(ask.known)
    rows = store.rows("organisation", ask.organisation, ["name"], known=ask.known)
    name = next((row[0] for row in rows if row[0]), None) or ask.organisation
    title = say(layout.title, lang)
    made: Context = {k: v for k, v in clean(dict(context)).items() if k not in HEAD}
    made["paper"] = clean(
        {
            "title": title,
            "subtitle": context.get("subtitle") or name,
            "organisation": name,
            "on": context.get("as_of") or ask.on.isoformat(),
            "position": str(position),
            "head": head,
            "software": f"shall {__version__}",
            "running": say("papers.running", lang, organisation=name, position=position, head=head[:12]),
            "notices": list(context.get("notices") or ()),
        }
    )
    for part in layout.parts:
        for item in listed(made, part.each) if part.each else ():
            item.setdefault("heading", str(item.get("id", "")))
    return made


def listed(context: Mapping[str, Any], path: str) -> Sequence[Context]:
    """The list that a path names."""
    found = at(context, path)
    assert isinstance(found, list | tuple), path
    return found


def at(context: Mapping[str, Any], path: str) -> Any:
    """What a path names; KeyError where a context lacks what its layout shows: a mistake of ours."""
    found: Any = context
    for name in path.split("."):
        found = found[name]
    return found


def document(layout: Layout, context: Context, lang: Lang) -> Document:
    """The document that a completed context fills."""
    paper, reader = context["paper"], _Reader(lang)
    return Document(
        lang=lang,
        title=paper["title"],
        subtitle=paper["subtitle"],
        on=paper["on"],
        day=paper["on"],
        running=paper["running"],
        head=Facts(()),
        notices=tuple(Para(notice["text"], "warn") for notice in paper["notices"]),
        sections=tuple(s for part in (*layout.parts, RECEIPT) for s in reader.sections(part, context)),
        receipt=paper["head"],
    )


class _Reader:
    """Turns the parts of a layout into sections."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.absent = (say("papers.none", lang), "")

    def sections(self, part: Part, context: Context) -> Iterator[Section]:
        title = say(part.title, self.lang)
        if not part.each:
            if not part.when or at(context, part.when):
                yield Section(title, 1, tuple(self._blocks(part, context)))
            return
        for item in listed(context, part.each):
            heading = f"{title} {item['heading']}".strip()
            yield Section(heading, 2, tuple(self._blocks(part, {**context, "item": item})))

    def _blocks(self, part: Part, context: Context) -> Iterator[Block]:
        for block in part.blocks:
            match block:
                case Fields() if not block.when or at(context, block.when):
                    rows = ((say(f.label, self.lang), self._cell(at(context, f.path))) for f in block.fields)
                    yield Facts(tuple(rows))
                case Text():
                    if text := str(at(context, block.path)):
                        yield Para(text)
                case Rows():
                    yield self._table(block, context)
                case Signatures():
                    yield signatures(block, self.lang)

    def _table(self, block: Rows, context: Context) -> Block:
        items = listed(context, block.path)
        if not items:
            return Para(say(block.empty, self.lang), "note")
        columns = [Column(say(c.label, self.lang), c.width) for c in block.columns]
        rows = [Row(tuple(self._cell(at(item, c.path)) for c in block.columns)) for item in items]
        return Table(fitted(columns, rows), tuple(rows))

    def _cell(self, value: Any) -> Cell:
        text = str(value)
        return Blank(text or self.absent[0]) if text in self.absent else text


SIGNED = ("papers.sign_role", "papers.sign_name", "papers.sign_here", "papers.sign_day")
ROOM = "\n\u00a0\n\u00a0"
"""Room to sign in."""


def signatures(block: Signatures, lang: Lang) -> Table:
    """A table to be signed by hand."""
    columns = tuple(
        Column(say(key, lang), width) for key, width in zip(SIGNED, (1.4, 1.6, 2, 1.2), strict=True)
    )
    rows = tuple(Row((say(key, lang) + ROOM, "", "", "")) for key in block.lines)
    return Table(columns, rows, together=True)
