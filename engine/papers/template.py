"""A layout read without a context: the Word template that a body edits, its places marked as docxtpl wants them."""

from collections.abc import Iterator

from shall.engine.papers.layout import Fields, Layout, Part, Rows, Signatures, Text
from shall.engine.papers.render import RECEIPT, signatures
from shall.engine.reports.document.blocks import (
    Block,
    Column,
    Document,
    Facts,
    Para,
    Row,
    Section,
    Table,
    floored,
)
from shall.texts import Lang, say

DAY = "2000-01-01"
"""The day the file of a template carries: it depends on nothing."""


PAGE = 58.0
"""Ems of the letters of a table across a page."""


def template(layout: Layout, lang: Lang) -> bytes:
    """The default template as a Word file, the same bytes each time; raises ReportError without the library."""
    from shall.engine.reports.document.docx import docx

    return docx(tagged(layout, lang))


def tagged(layout: Layout, lang: Lang) -> Document:
    """The template as a document whose texts are the places to fill."""
    sections: list[Section] = []
    notices = [_tag("for notice in paper.notices"), Para("{{ notice.text }}", "warn"), _tag("endfor")]
    for part in (*layout.parts, RECEIPT):
        made = _section(part, lang)
        opening, closing = _around(part)
        if opening:
            _append(sections, notices, _tag(opening))
            made = Section(made.title, made.level, (*made.blocks, _tag(closing)))
        sections.append(made)
    return Document(
        lang=lang,
        title=say(layout.title, lang),
        subtitle="{{ paper.subtitle }}",
        on=DAY,
        day="{{ paper.on }}",
        running="{{ paper.running }}",
        head=Facts(()),
        notices=tuple(notices),
        sections=tuple(sections),
    )


def _around(part: Part) -> tuple[str, str]:
    """The tags before and after a part that is repeated or may be left out; empty where it always stands once."""
    if part.each:
        return f"for item in {part.each}", "endfor"
    return (f"if {part.when}", "endif") if part.when else ("", "")


def _append(sections: list[Section], notices: list[Para], tag: Para) -> None:
    """Put a tag below what came last, which is where a repeated part begins."""
    if not sections:
        notices.append(tag)
        return
    last = sections[-1]
    sections[-1] = Section(last.title, last.level, (*last.blocks, tag), last.sheet)


def _section(part: Part, lang: Lang) -> Section:
    title = say(part.title, lang)
    blocks = tuple(block for one in part.blocks for block in _blocks(one, lang))
    return Section(f"{title} {{{{ item.heading }}}}" if part.each else title, 2 if part.each else 1, blocks)


def _blocks(block: Fields | Text | Rows | Signatures, lang: Lang) -> Iterator[Block]:
    match block:
        case Fields():
            lines = Facts(tuple((say(f.label, lang), f"{{{{ {f.path} }}}}") for f in block.fields))
            yield from (_tag(f"if {block.when}"), lines, _tag("endif")) if block.when else (lines,)
        case Text():
            yield _tag(f"if {block.path}")
            yield Para(f"{{{{ {block.path} }}}}")
            yield _tag("endif")
        case Rows():
            yield from _rows(block, lang)
        case Signatures():
            yield signatures(block, lang)


def _rows(block: Rows, lang: Lang) -> Iterator[Block]:
    columns = floored([Column(say(c.label, lang), c.width) for c in block.columns], PAGE)
    rows = (
        Row((f"{{%tr for row in {block.path} %}}",), "group"),
        Row(tuple(f"{{{{ row.{c.path} }}}}" for c in block.columns)),
        Row(("{%tr endfor %}",), "group"),
    )
    yield _tag(f"if {block.path}")
    yield Table(columns, rows)
    yield _tag("endif")
    yield _tag(f"if not {block.path}")
    yield Para(say(block.empty, lang), "note")
    yield _tag("endif")


def _tag(what: str) -> Para:
    """A paragraph that is gone once the place is filled."""
    return Para(f"{{%p {what} %}}")
