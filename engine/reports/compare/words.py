"""A comparison in words: reasons as sentences, rows as texts, everything in the reader's language."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from shall.engine.compare.comparison import Comparison, as_plain
from shall.engine.compare.matrix import Row, chapter_of
from shall.engine.compare.relations import Crosswalk, Reason, Relation, Unmatched, ruleset_of
from shall.texts import LANGUAGES, say

SYMBOLS: Mapping[str, str] = {
    "equal": "=", "stricter": "▲", "looser": "▽", "broader": "⊃", "narrower": "⊂", "overlapping": "∩",
    "incorporates": "→", "incorporated": "←", "no_match": "∅",
}  # fmt: skip
"""One sign per relation, so that nothing is told by colour alone."""
COLUMNS = (
    "left_standard", "left", "left_clause", "left_modality", "left_gist", "relation", "right_standard", "right",
    "right_clause", "right_modality", "right_gist", "reasons", "strength", "origin", "through", "computed", "author",
    "date", "rationale_head", "relation_code",
)  # fmt: skip
_MONTH = 30


class Words:
    """The words of one comparison in one language."""

    def __init__(self, found: Comparison, lang: str) -> None:
        self.found, self.lang = found, lang

    def t(self, key: str, **fields: object) -> str:
        """A text of the catalogue."""
        return say(f"compare.{key}", self.lang, **fields)

    @cached_property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """The names of the concepts in both languages."""
        from shall.engine.lint import concepts

        return concepts()

    def concept(self, name: str) -> str:
        """The label of a concept, or its name where the vocabulary has none."""
        return self.labels[name][self.lang] if name in self.labels else name

    def number(self, key: str) -> str:
        """The number of a standard."""
        return str(self.found.plan.standards[key]["number"])

    def title(self, key: str) -> str:
        """Number and title of a standard."""
        return f"{self.number(key)} {self.found.plan.standards[key]['title'][self.lang]}"

    def chapter(self, key: str, chapter: str) -> str:
        """A chapter with its title, where the standard gives one."""
        title = self.found.titles(key).get(chapter)
        return f"{chapter} {title[self.lang]}" if title else chapter

    def clause(self, id: str) -> str:
        """The title of the clause that a provision stands in."""
        p = self.found.provision(id)
        title = self.found.titles(p.ruleset).get(p.clause)
        return f"{p.clause} {title[self.lang]}" if title else p.clause

    def gist(self, id: str) -> str:
        """What a provision asks, in our words."""
        return self.found.provision(id).gist[self.lang]

    def modality(self, id: str) -> str:
        """The modality of a provision, with what a reading made of it."""
        return self.force(self.found.standards.traits[id].force)

    def force(self, force: str) -> str:
        """A modality, and the severity behind its stroke."""
        modality, _, severity = force.partition("/")
        word = say(f"report.modality.{modality}", self.lang)
        if not severity:
            return word
        return self.t("modality.read", word=word, as_=say(f"report.severity.{severity}", self.lang))

    def relation(self, name: str) -> str:
        """The word for a relation."""
        return self.t(f"relation.{name}")

    # --- reasons ---------------------------------------------------------------------------------

    def reason(self, reason: Reason, left: str, right: str, through: str = "") -> str:
        """One reason as a sentence; `left` and `right` are the keys of the standards."""
        kind = reason.code.partition(".")[0]
        shown = [self._side(kind, reason.code, side) for side in (reason.left, reason.right)]
        return self.t(reason.code, a=left, b=right, left=shown[0], right=shown[1], through=through)

    def reasons(self, one: Relation) -> str:
        """All reasons of a relation, the reviewer's at the end."""
        left, right = ruleset_of(one.left), ruleset_of(one.right)
        said = [self.reason(reason, left, right, one.through) for reason in one.reasons]
        if one.review:
            said.append(self.rationale(one))
        return self.t("sep").join(said)

    def rationale(self, one: Relation | Unmatched) -> str:
        """What the reviewer said, with name and date."""
        if not one.review:
            return ""
        text = one.review.rationale[self.lang]
        return self.t("rationale", text=text, author=one.review.author, date=one.review.date)

    def alone(self, one: Unmatched) -> str:
        """Why a provision stands alone, and what stands near."""
        said = [self.reason(reason, ruleset_of(one.provision), one.standard) for reason in one.reasons]
        said += [f"{self.t('near')} {self.t('list_sep').join(one.near)}"] if one.near else []
        said += [self.rationale(one)] if one.review else []
        return self.t("sep").join(said)

    def _side(self, kind: str, code: str, side: Any) -> str:
        """What one standard says, in words."""
        match kind:
            case _ if side is None:
                return ""
            case "concept" if isinstance(side, tuple):
                return self.t("list_sep").join(self.concept(name) for name in side)
            case "modality":
                return self.force(side)
            case "documented":
                kept = [name for name in side if name != "document"] or list(side) or ["none"]
                return self.t("list_sep").join(self.t(f"documented.{name}") for name in kept)
            case "interval" if code == "interval":
                return self._interval(side)
            case "trigger" | "scope":
                return str(side[self.lang])
            case "mapping":
                return self.relation(side)
        return str(side)

    def _interval(self, word: str) -> str:
        name, _, days = word.partition(" ")
        if name != "number":
            return self.t(f"interval.{name}")
        n = int(days)
        return self.t("interval.days", n=n) if n % _MONTH else self.t("interval.months", n=n // _MONTH)

    # --- rows ------------------------------------------------------------------------------------

    def rows(self, walk: Crosswalk) -> Iterator[dict[str, str]]:
        """One row per relation in the order of the left text, then what stands alone on either side."""
        for one in walk.relations:
            yield self._row(one)
        for alone in walk.only_left:
            yield self._alone_row(alone, walk.left, walk.right, "left")
        for alone in walk.only_right:
            yield self._alone_row(alone, walk.left, walk.right, "right")

    def _row(self, one: Relation) -> dict[str, str]:
        row = dict.fromkeys(COLUMNS, "")
        row |= self._said("left", one.left) | self._said("right", one.right) | self._review(one)
        return row | {
            "relation": self.relation(one.relation),
            "relation_code": one.relation,
            "reasons": self.reasons(one),
            "strength": str(one.strength),
            "through": one.through,
            "computed": self.relation(one.computed) if one.computed else "",
        }

    def _alone_row(self, one: Unmatched, left: str, right: str, side: str) -> dict[str, str]:
        row = dict.fromkeys(COLUMNS, "")
        row |= {"left_standard": left, "right_standard": right}
        row |= self._said(side, one.provision) | self._review(one)
        return row | {
            "relation": self.relation("no_match"),
            "relation_code": "no_match",
            "reasons": self.alone(one),
        }

    def _said(self, side: str, id: str) -> dict[str, str]:
        return {
            f"{side}_standard": ruleset_of(id),
            side: self.found.provision(id).address,
            f"{side}_clause": self.clause(id),
            f"{side}_modality": self.modality(id),
            f"{side}_gist": self.gist(id),
        }

    def _review(self, one: Relation | Unmatched) -> dict[str, str]:
        found = {"origin": self.t(f"origin.{one.origin}")}
        if one.review:
            found |= {
                "author": one.review.author,
                "date": one.review.date,
                "rationale_head": one.review.rationale[self.lang],
            }
        return found

    def cell(self, row: Row, key: str) -> str:
        """The provisions of a standard that carry a concept, with the modality where it changes within the cell."""
        if key not in row.cells:
            return ""
        groups: dict[str, list[str]] = {}
        for one in row.cells[key].provisions:
            groups.setdefault(self.force(one.force), []).append(self.found.provision(one.id).address)
        return self.t("sep").join(f"{word} {', '.join(where)}" for word, where in groups.items())

    def chapter_id(self, id: str) -> str:
        """The chapter of a provision, with its standard, as filters know it."""
        p = self.found.provision(id)
        return f"{p.ruleset} {chapter_of(p)}"


def with_words(found: Comparison) -> dict[str, Any]:
    """The comparison as plain values, each reason with its sentence in both languages."""
    plain = as_plain(found)
    words = [Words(found, lang) for lang in LANGUAGES]
    for pair, walk in zip(plain["pairs"], found.walks, strict=True):
        for shown, one in zip(pair["relations"], walk.relations, strict=True):
            for said, reason in zip(shown["reasons"], one.reasons, strict=True):
                said["text"] = {w.lang: w.reason(reason, walk.left, walk.right, one.through) for w in words}
        for side, left, right in (
            ("only_left", walk.left, walk.right),
            ("only_right", walk.right, walk.left),
        ):
            alone = walk.only_left if side == "only_left" else walk.only_right
            for shown, single in zip(pair[side], alone, strict=True):
                for said, reason in zip(shown["reasons"], single.reasons, strict=True):
                    said["text"] = {w.lang: w.reason(reason, left, right) for w in words}
    return plain
