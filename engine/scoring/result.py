"""A score as a plain value: every figure with what it was computed from, exact and as printed."""

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from shall.engine import __version__
from shall.engine.evaluation import canonical
from shall.engine.models import Both
from shall.engine.scoring.numbers import Said, exact, shown, unrounded
from shall.engine.scoring.quantities import Scorer
from shall.engine.scoring.ranges import Range, value_said
from shall.engine.scoring.scheme import Choices
from shall.engine.scoring.score import CategoryScore, Evidence, IndicatorScore, Product, Ticked, Total, claim
from shall.texts import LANGUAGES

FORMAT = 1


def figures(value: Fraction | None, places: int) -> dict[str, str] | None:
    """A figure twice: exact, and rounded for reading."""
    return None if value is None else {"exact": exact(value), "shown": shown(value, places)}


def said_both(sentence: Said) -> dict[str, Any]:
    """A sentence in both languages, with its key; `exact` has the numbers that it says rounded."""
    told: dict[str, Any] = {"key": sentence.key, **{lang: sentence.text(lang) for lang in LANGUAGES}}
    digits = unrounded(sentence)
    return {**told, "exact": digits} if digits else told


def _both(text: Both) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _all(sentences: Sequence[Said]) -> list[dict[str, Any]]:
    return [said_both(s) for s in sentences]


def result(
    scorer: Scorer,
    evidence: Evidence,
    total: Total,
    spread: Range,
    receipt: Mapping[str, Any],
    name: str | None = None,
) -> dict[str, Any]:
    """The score in one value; the same bytes for the same inputs."""
    scheme, places = scorer.scheme, scorer.scheme.choices.rounding.value
    values = evidence.values
    body: dict[str, Any] = {
        "format": FORMAT,
        "standard": {
            "key": scorer.loaded.standard.key,
            "number": scorer.loaded.standard.number,
            "title": _both(scorer.loaded.standard.title),
        },
        "organisation": {"id": values.organisation, "name": name},
        "year": values.year,
        "base_year": values.base_year,
        "on": values.on.isoformat() if values.on else None,
        "scheme": {
            "key": scheme.key,
            "edition": scheme.edition,
            "title": _both(scheme.title),
            "digest": scorer.scheme_file.digest,
        },
        "claim": claim(evidence.gates),
        "gates": [
            {"address": g.address, "met": g.met, "because": said_both(g.because)} for g in evidence.gates
        ],
        "total": figures(total.score, places),
        "range": {k: figures(getattr(spread, k), places) for k in ("low", "high", "least", "most")},
        "categories": [_category(c, places) for c in total.categories],
        "remarks": _all(total.remarks),
        "readings": [
            {
                "choice": r.choice,
                "address": r.address,
                "says": said_both(r.says),
                **{k: figures(getattr(r, k), places) for k in ("total", "low", "high", "moves")},
            }
            for r in spread.readings
        ],
        "choices": _choices(scheme.choices),
    }
    body["receipt"] = {
        "software": f"shall {__version__}",
        "table": scorer.loaded.digest,
        "scheme": scorer.scheme_file.digest,
        **receipt,
    }
    body["receipt"]["result"] = hashlib.sha256(canonical(body).encode()).hexdigest()
    return body


def _choices(choices: Choices) -> list[dict[str, Any]]:
    found = []
    for name in Choices.model_fields:
        one = getattr(choices, name)
        found.append(
            {
                "choice": name,
                "value": said_both(value_said(name, one.value)),
                "because": _both(one.because),
                "silence": _both(one.silence),
            }
        )
    return found


def _category(category: CategoryScore, places: int) -> dict[str, Any]:
    return {
        "key": category.key,
        "name": _both(category.name),
        "weight": figures(category.weight, places),
        "available": figures(category.available, places),
        **{k: figures(getattr(category, k), places) for k in ("score", "low", "high")},
        "indicators": [_indicator(i, places) for i in category.indicators],
        "remarks": _all(category.remarks),
    }


def _indicator(one: IndicatorScore, places: int) -> dict[str, Any]:
    rule = one.rule
    return {
        "address": one.address,
        "name": _both(one.name),
        "measure": rule.measure,
        "way": rule.way,
        "state": one.state,
        "points": figures(one.points, places),
        "available": figures(one.available, places),
        **{k: figures(getattr(one, k), places) for k in ("fraction", "low", "high", "earned", "share")},
        "most": figures(one.most, places),
        "products": [_product(p, places) for p in one.products],
        "joined": said_both(one.joined) if one.joined else None,
        "items": [_item(i) for i in one.items],
        "judged": _judged(one, places),
        "remarks": _all(one.remarks),
        "because": _both(rule.because),
        "silence": _both(rule.silence),
    }


def _judged(one: IndicatorScore, places: int) -> dict[str, Any] | None:
    if one.judged is None:
        return None
    judged = one.judged
    return {
        "fraction": figures(Fraction(judged.fraction), places),
        "by": judged.by,
        "on": judged.on.isoformat(),
        "because": judged.because,
        "computed": figures(one.found, places),
    }


def _item(item: Ticked) -> dict[str, Any]:
    return {
        "key": item.key,
        "name": _both(item.name),
        "weight": exact(item.weight),
        "present": item.present,
        "records": list(item.refs),
    }


def _product(product: Product, places: int) -> dict[str, Any]:
    found = product.part.computed
    return {
        "label": product.part.label,
        "formula": found.formula or None,
        "text": found.symbols,
        "substituted": found.substituted,
        "inputs": [
            {
                "symbol": i.symbol,
                "name": said_both(Said(f"scoring.input_{i.name}")),
                "value": None if i.value is None else exact(i.value),
                "unit": i.unit or None,
                "records": list(i.refs),
            }
            for i in found.inputs
        ],
        "value": figures(found.value, places),
        "unit": found.unit or None,
        "reason": said_both(found.reason) if found.reason else None,
        "fraction": figures(product.fraction, places),
        "segment": said_both(product.segment) if product.segment and found.value is not None else None,
        "weight": None if product.part.weight is None else exact(product.part.weight),
        "weight_unit": product.part.weight_unit or None,
    }
