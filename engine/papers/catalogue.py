"""Every paper by its name, and how one is made in any of its formats."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from shall.engine.papers.layout import Ask, Context, Layout
from shall.texts import Lang
from shall.texts.errors import ReportError

if TYPE_CHECKING:
    from shall.evidence.store import Store

PAPERS: Mapping[str, tuple[str, str, str]] = {
    "audit-plan": ("audit_plan", "LAYOUT", "context"),
    "audit-report": ("audit_report", "LAYOUT", "context"),
    "certificate-recommendation": ("certificate_recommendation", "LAYOUT", "context"),
    "nonconformity-report": ("nonconformity_report", "LAYOUT", "context"),
    "corrective-action-form": ("corrective_action_form", "LAYOUT", "context"),
    "management-review-input": ("management_review", "INPUT", "input_context"),
    "management-review-output": ("management_review", "OUTPUT", "output_context"),
}
"""Each paper: the module of this package, and in it the names of its layout and of the function of its context."""

FORMS = ("docx", "pdf", "html", "xlsx")


class Gather(Protocol):
    """What gathers the fields of a paper; raises UsageError where what is asked for is not there."""

    def __call__(self, store: "Store", ask: Ask, lang: Lang) -> Context:
        """The plain named fields."""
        ...


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of paper."""

    layout: Layout
    gather: Gather

    def context(self, store: "Store", ask: Ask, lang: Lang) -> Context:
        """All fields, with those that every paper has."""
        from shall.engine.papers.render import completed

        return completed(self.layout, self.gather(store, ask, lang), store, ask, lang)


def paper(name: str) -> Paper:
    """The paper of that name; KeyError where there is none."""
    module, layout, gather = PAPERS[name]
    found = import_module(f"shall.engine.papers.{module}")
    return Paper(getattr(found, layout), getattr(found, gather))


def made(layout: Layout, context: Context, lang: Lang, form: str, template: Path | None = None) -> bytes:
    """The file; a Word file from that template, or from the default one. Raises ReportError."""
    if form == "docx":
        return _word(layout, context, lang, template)
    from shall.engine.papers.render import document
    from shall.engine.reports.document.write import made as written

    return written(document(layout, context, lang), form)


def _word(layout: Layout, context: Context, lang: Lang, template: Path | None) -> bytes:
    """The Word file. Fields of a list that is empty here are known from the example."""
    from shall.engine.papers.fields import shape_of
    from shall.engine.papers.filling import fill
    from shall.engine.papers.listing import example
    from shall.engine.papers.template import template as default

    if template is None:
        return fill(default(layout, lang), layout.name, shape_of(layout, context), context, lang)
    shape = shape_of(layout, context, example(layout.name, lang))
    return fill(_read(template), template.name, shape, context, lang)


def _read(path: Path) -> bytes:
    from shall.engine.papers.guard import MAX_FILE, MEGABYTE

    try:
        if path.stat().st_size > MAX_FILE:
            raise ReportError("papers.template_too_large", template=path.name, limit=MAX_FILE // MEGABYTE)
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise ReportError("papers.template_unreadable", template=path, why=why) from None
