"""A Word template filled with a context; the template is a stranger's and may only name fields, repeat and choose."""

import io
import re
import zipfile
import zlib
from datetime import datetime
from functools import cache
from typing import Any

from shall.engine.papers.fields import Shape
from shall.engine.papers.guard import check_archive, why
from shall.engine.papers.layout import Context
from shall.engine.papers.sandbox import environment
from shall.engine.papers.wording import whole
from shall.engine.reports.document.docx import _repacked
from shall.texts import Lang
from shall.texts.errors import ReportError

TEXT = frozenset({"t", "delText", "instrText", "delInstrText"})
"""Elements of WordprocessingML that hold text."""

IN_CODE = re.compile(r"<w:instrText[^>]*>[^<]*[{][{%]|w:instr=\"[^\"]*[{][{%]")
"""A tag in the code of a field: evidence must not become something that Word carries out."""


def fill(content: bytes, name: str, shape: Shape, context: Context, lang: Lang) -> bytes:
    """The filled file, the same bytes for the same template and context.

    `name` is what messages call the template, `shape` the fields there are. Raises ReportError: not a Word file,
    macros, a bomb, a field that does not exist, anything that is not allowed in a template, the library missing.
    """
    check_archive(content, name)
    try:
        made = _filler()(io.BytesIO(content))
    except ImportError:
        raise ReportError("papers.no_docxtpl") from None
    made.named(name, shape)
    try:
        made.render(whole(context), made.environment(), autoescape=True)
        _properties(made, context, lang)
        buffer = io.BytesIO()
        made.save(buffer)
    except _broken() as error:
        raise ReportError("papers.template_broken", template=name, why=why(error)) from None
    return _repacked(buffer.getvalue())


def _properties(made: Any, context: Context, lang: Lang) -> None:
    properties, paper = made.docx.core_properties, context["paper"]
    properties.title, properties.subject = paper["title"][:255], paper["subtitle"][:255]
    properties.comments = paper["head"]
    properties.created = properties.modified = datetime.fromisoformat(paper["on"])
    properties.language = "zh-CN" if lang == "zh" else "en-GB"


def _broken() -> tuple[type[Exception], ...]:
    """What the libraries raise on a file that is damaged, or on a template that goes wrong."""
    from docx.opc.exceptions import OpcError
    from jinja2 import TemplateError
    from lxml.etree import LxmlError

    plain = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, OSError)
    return (*plain, AssertionError, zipfile.BadZipFile, zlib.error, OpcError, TemplateError, LxmlError)


@cache
def _filler() -> Any:
    """The library's class with our bounds; made when first asked for, the library being an extra."""
    from docxtpl import DocxTemplate

    class Filler(DocxTemplate):  # type: ignore[misc, unused-ignore]
        """A template under our bounds."""

        def named(self, name: str, shape: Shape) -> None:
            self.name, self.shape = name, shape

        def environment(self) -> Any:
            return environment(self.name, self.shape)

        def render_xml_part(self, src_xml: str, part: Any, context: Any, jinja_env: Any = None) -> str:
            if IN_CODE.search(src_xml):
                raise ReportError("papers.refused_field_code", template=self.name, what="")
            made = super().render_xml_part(src_xml, part, context, jinja_env)
            _check_made(made, self.name)
            return str(made)

        def render_properties(self, context: Any, jinja_env: Any = None) -> None:
            """Nothing: the properties are ours, as plain texts."""

    return Filler


def _check_made(made: str, name: str) -> None:
    """Raises ReportError where filling left something that Word would not read."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        tree = etree.fromstring(made.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ReportError("papers.template_misplaced", template=name, why=why(error)) from None
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    for node in tree.iter(f"{word}*"):
        loose = [node.tail, *(() if node.tag.removeprefix(word) in TEXT else (node.text,))]
        for text in loose:
            if text and text.strip():
                raise ReportError("papers.template_misplaced", template=name, why=text.strip()[:80])
