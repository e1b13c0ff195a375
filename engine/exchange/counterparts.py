"""How standards relate, as `shall compare` finds it, in the form that exchange documents take."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shall.engine.exchange.files import Report, yaml_text
from shall.engine.exchange.oscal import Counterpart
from shall.texts import LANGUAGES, say

REVIEWABLE = ("equal", "stricter", "looser", "broader", "narrower", "overlapping")


def counterparts(
    names: Sequence[str], files: Sequence[Path] = ()
) -> tuple[list[Counterpart], list[tuple[str, str]]]:
    """The relations between these rulesets, and the provisions without one with the standard that has none.

    Chains over a third standard are left out: they say nothing that the two links do not say. `files` are
    reviewed mappings of the user's own. Raises RulesetError.
    """
    from shall.engine.compare.comparison import compare

    if len(set(names)) < 2:
        return [], []
    found: list[Counterpart] = []
    alone: list[tuple[str, str]] = []
    for walk in compare(names, files, chains=False).walks:
        found += [_counterpart(one) for one in walk.relations if one.relation != "no_match"]
        alone += [(one.provision, one.standard) for one in (*walk.only_left, *walk.only_right)]
    return found, alone


def _counterpart(one: Any) -> Counterpart:
    said = one.relation in ("incorporates", "incorporated") and not one.through and one.origin == "computed"
    why = dict(one.review.rationale) if one.review else None
    return Counterpart(one.left, one.right, one.relation, one.strength, "text" if said else one.origin, why)


def mapping_file(
    found: Iterable[Counterpart], author: str, day: str, source: str, report: Report
) -> dict[str, Any]:
    """A file of reviewed mappings for `shall compare` from relations that came from elsewhere.

    What only this software had computed is left out: coming back it would pass for reviewed. What a standard's
    own text says needs no review.
    """
    mappings = []
    for one in found:
        shown = f"{one.left} {one.relation} {one.right}"
        if one.origin in ("computed", "derived", "text") or one.relation not in REVIEWABLE:
            report.leave("computed", shown)
            continue
        why = one.why or {lang: say("exchange.rationale", lang, source=source) for lang in LANGUAGES}
        mappings.append(_line(one, why, author, day))
    return {"mappings": mappings}


def _line(one: Counterpart, why: Mapping[str, str], author: str, day: str) -> dict[str, Any]:
    return {
        "from": one.left,
        "to": one.right,
        "relation": one.relation,
        "strength": max(1, one.strength),
        "author": author,
        "date": day,
        "rationale": {lang: why[lang] for lang in LANGUAGES},
    }


def mapping_text(value: Mapping[str, Any]) -> str:
    """The file as YAML."""
    return yaml_text(value)
