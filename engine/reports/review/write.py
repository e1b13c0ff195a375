"""The carbon review report in a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shall.engine import __version__
from shall.engine.annexes import Element, elements
from shall.engine.evaluation import Question
from shall.engine.loader import load_ruleset
from shall.engine.models import Ruleset
from shall.engine.reports.document.blocks import Document
from shall.engine.reports.document.write import write
from shall.engine.reports.records import Records
from shall.engine.reports.review.view import review_report, years_of
from shall.engine.reports.score.write import built
from shall.engine.shelf import folder_of
from shall.evidence.store import Store
from shall.texts import Lang
from shall.texts.errors import UsageError


def write_review(
    store: Store,
    question: Question,
    standard: str,
    year: int | None,
    form: str,
    output: Path,
    lang: Lang,
    basis: tuple[str, str | None] | None = None,
) -> None:
    """Write the report; `basis` is the methodology and region of the inventory that fills its tables, if one does.

    Raises UsageError without a year, ReportError, and EvidenceError where the inventory cannot be made.
    """
    write(document_of(store, question, standard, year, lang, basis), form, output)


def document_of(
    store: Store,
    question: Question,
    standard: str,
    year: int | None,
    lang: Lang,
    basis: tuple[str, str | None] | None = None,
) -> Document:
    """The report as a document."""
    folder = folder_of(standard)
    ruleset, _ = load_ruleset(folder)
    known, head = store.position() if question.known is None else store.position_at(question.known)
    records = Records(store, question.organisation, question.on.isoformat(), known, lang)
    chosen = _year(records, year)
    annex = elements(folder, ruleset)
    inventory, tables = None, None
    if basis:
        from shall.engine.accounts.inventory import result

        made = built(store, question.organisation, known, chosen, basis)
        inventory, tables = result(made), _tables(made, ruleset, annex)
    receipt = {
        "software": f"shall {__version__}",
        "organisation": question.organisation,
        "position": known,
        "head": head,
        "ruleset": ruleset.digest,
    }
    return review_report(annex, ruleset, records, chosen, lang, receipt, tables, inventory)


def _year(records: Records, year: int | None) -> int:
    """The year asked for, else the latest that a report on record covers; raises UsageError."""
    if year is not None:
        return year
    found = years_of(records)
    if not found:
        raise UsageError("review_report.which_year")
    return found[-1]


def _tables(
    inventory: Any, ruleset: Ruleset, annex: Sequence[Element]
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The tables of the annex that an inventory fills, by element."""
    from shall.engine.accounts.views import OF_LINES, OF_RESULTS, TABLES, view

    found = {}
    for number, ids in TABLES.get(ruleset.standard.key, {}).items():
        for element in annex:
            if element.id in ids and element.id in OF_LINES | OF_RESULTS and len(ids) == 1:
                found[element.id] = [
                    t.plain() for t in view(inventory, f"table:{ruleset.standard.key}/{number}")
                ]
    return found
