"""What every part of the score report shares: the result, the records, and how figures are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from shall.engine.models import Ruleset
from shall.engine.reports.document.blocks import Blank, Cell, Figure
from shall.engine.reports.records import Record, Records
from shall.engine.scoring.numbers import readable
from shall.texts import Lang, say

Fig = Mapping[str, str]


@dataclass
class Material:
    """A score, the records behind it, and the inventory of the year where one was made; the reader's language."""

    result: Mapping[str, Any]
    records: Records
    inventory: Mapping[str, Any] | None
    ruleset: Ruleset
    lang: Lang

    def t(self, key: str, /, **fields: object) -> str:
        """A text of the report."""
        return say(f"score_report.{key}", self.lang, **fields)

    def pair(self, value: Mapping[str, str] | None) -> str:
        """The text of this language, empty if there is none."""
        return value[self.lang] if value else ""

    def state(self, state: str) -> str:
        """The state of an indicator in words."""
        return say(f"scoring.state_{state}", self.lang)

    def standing(self, one: Mapping[str, Any]) -> str:
        """The state of an indicator; of one whose products all have a share and no common one, that."""
        products = one["products"]
        if one["state"] == "unknown" and len(products) > 1 and all(p["fraction"] for p in products):
            return say("scoring.several_apart", self.lang, count=len(products))
        return self.state(one["state"])

    def choice(self, name: str) -> str:
        """What an open choice is called."""
        return say(f"scoring.choice_{name}", self.lang)

    def gate(self, address: str) -> str:
        """What a basic requirement asks for, in our words."""
        found = next((p for p in self.ruleset.provisions if p.address == address), None)
        return str(getattr(found.gist, self.lang)) if found else ""

    @property
    def year(self) -> int:
        """The evaluation year."""
        return int(self.result["year"])

    @cached_property
    def evaluation(self) -> Record | None:
        """The evaluation on record for the year, the latest if there are several."""
        found = [r for r in self.records.of("factory_evaluation") if r.get("evaluation_year") == self.year]
        return max(found, key=lambda r: (str(r.get("report_on") or ""), str(r["id"])), default=None)

    @cached_property
    def organisation(self) -> Record | None:
        """The profile of the organisation."""
        return next(iter(self.records.of("organisation")), None)

    @property
    def name(self) -> str:
        """What the organisation is called."""
        about = self.result["organisation"]
        return str(about["name"] or (self.organisation or {}).get("name") or about["id"] or self.t("unnamed"))

    def cell(self, kind: str, record: Record | None, column: str) -> Cell:
        """A value of a record, marked where there is none."""
        return self.records.cell(kind, record, column)

    def blank(self) -> Blank:
        """The mark that nothing is on record."""
        return self.records.blank()

    def or_blank(self, text: str) -> Cell:
        """The text, or the mark."""
        return text or self.blank()


def figure(value: Fig | None) -> Cell:
    """A figure of the result as a cell: printed rounded, reckoned with as printed."""
    return Figure(value["shown"], Decimal(value["shown"])) if value else Figure("–")


def told(value: Fig | None) -> str:
    """A figure of the result as printed."""
    return value["shown"] if value else "–"


def both(value: Fig | None) -> str:
    """A figure exactly, and rounded where the two differ."""
    if value is None:
        return "–"
    rounded = value["shown"]
    if exact(value) == Fraction(rounded) or ("." in value["exact"] and len(value["exact"]) <= 14):
        return value["exact"]
    return f"{value['exact']} ≈ {rounded}"


def brief(value: Fig) -> str:
    """A figure within a sentence: exact where its digits are few, else rounded and marked so."""
    return readable(exact(value))


def exact(value: Fig) -> Fraction:
    """A figure as a fraction."""
    return Fraction(value["exact"])
