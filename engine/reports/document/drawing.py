"""The charts of a document, drawn from its plain form."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from shall.engine.reports import charts
from shall.engine.reports.document.blocks import chart_blocks

HEAT_SAYS = "{row} · {place}: {count}"


def drawn(shown: Mapping[str, Any], font: str = "") -> dict[str, Markup]:
    """Every chart as SVG, by its key; `font` names the family where no style sheet does."""
    return {block["key"]: draw(block, font) for block in chart_blocks(shown)}


def draw(block: Mapping[str, Any], font: str = "") -> Markup:
    """One chart as SVG."""
    points, name = block["points"], block["name"]
    match block["kind"]:
        case "radar":
            axes = [charts.Axis(p["label"], p["told"], _at(p, 0), _at(p, 1)) for p in points]
            return charts.radar(axes, name, font)
        case "waterfall":
            losses = [
                charts.Loss(p["label"], _at(p, 0) or 0, _at(p, 1) or 0, p["told"]) for p in points[1:-1]
            ]
            return charts.waterfall(losses, _amount(points[0]), _amount(points[-1]), name, font)
        case "heat":
            rows, places = [p["label"] for p in points], block["series"]
            cells = {
                (r, c): int(v)
                for r, p in enumerate(points)
                for c, v in enumerate(p["values"])
                if v is not None
            }
            return charts.heat_map(rows, places, cells, name, HEAT_SAYS, font, block["highest"])
    return charts.amounts([_amount(p) for p in points], name, font)


def _amount(point: Mapping[str, Any]) -> charts.Amount:
    return charts.Amount(point["label"], _at(point, 0) or 0, point["told"], point["apart"])


def _at(point: Mapping[str, Any], n: int) -> float | None:
    """The length to draw; what a reader takes from a chart are the numbers written beside it."""
    values = point["values"]
    return float(values[n]) if n < len(values) and values[n] is not None else None
