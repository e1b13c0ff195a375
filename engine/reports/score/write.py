"""The score report in a file: opens what it needs of the store at the position the score was computed at."""

from collections.abc import Mapping
from contextlib import nullcontext
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from shall.engine.loader import load_ruleset
from shall.engine.reports.document.write import write
from shall.engine.reports.records import Records
from shall.engine.reports.score.view import score_report
from shall.evidence.store import Store
from shall.texts import Lang


def write_score(
    result: Mapping[str, Any],
    folder: Traversable,
    store: Path | None,
    form: str,
    output: Path,
    lang: Lang,
    basis: tuple[str, str | None] | None = None,
) -> None:
    """Write the report of a score; `basis` is the methodology and region of the inventory shown in it, if one is.

    Raises ReportError, and EvidenceError where the inventory cannot be made.
    """
    ruleset, _ = load_ruleset(folder)
    with Store.open(store) if store else nullcontext() as opened:
        evidence = result["receipt"].get("evidence") or {}
        known, organisation = evidence.get("position"), evidence.get("organisation") or ""
        records = Records(opened, organisation, result["on"] or "", known, lang)
        inventory = (
            inventory_of(opened, organisation, known, result["year"], basis) if opened and basis else None
        )
        write(score_report(result, records, ruleset, lang, inventory), form, output)


def inventory_of(
    store: Store, organisation: str, known: int | None, year: int, basis: tuple[str, str | None]
) -> dict[str, Any]:
    """The inventory of a year by a methodology and region, as a plain value; raises EvidenceError."""
    from shall.engine.accounts.inventory import result

    return result(built(store, organisation, known, year, basis))


def built(
    store: Store, organisation: str, known: int | None, year: int, basis: tuple[str, str | None]
) -> Any:
    """The inventory itself, of which views can be taken; raises EvidenceError."""
    from shall.engine.accounts.activity import read
    from shall.engine.accounts.factors import choose
    from shall.engine.accounts.inventory import build

    return build(read(store, organisation, known), choose(basis[0], year, basis[1]))
