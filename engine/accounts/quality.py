"""How good the data of an inventory are: origin, meter, completeness, and the uncertainty of the total.

Percentages are half-widths at 95 %. The measuring error of one item is the same in all its data and adds up within the
item; so does the error of a factor over everything that uses it. Different items and factors are independent: their
squares add up. Square roots are taken in decimals of fifty digits and rounded for print only.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from shall.engine.accounts.activity import Activity, Evidence, Record, amount, said
from shall.engine.accounts.inventory import UNIT, Inventory, Line, plain, share
from shall.engine.accounts.rates import COUNTED

ORIGIN_PERCENT: Mapping[str, Decimal] = {
    "metered": Decimal(2),
    "invoice": Decimal(2),
    "laboratory": Decimal(3),
    "stocktake": Decimal(5),
    "supplier": Decimal(5),
    "calculated": Decimal(5),
    "estimated": Decimal(15),
    "filled": Decimal(30),
    "unknown": Decimal(30),
    "uncalibrated": Decimal(10),
}
"""Assumed where neither a check, a calibration nor an accuracy class tells; this project's own choice, stated."""

CALIBRATED = ("in_calibration", "not_needed")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_COVERAGE = re.compile(r"k\s*=\s*1(?!\d|\.)")
_CLASS = re.compile(r"^(\d+(?:\.\d+)?)\s*(?:S|级|%)?$", re.IGNORECASE)
MONTHS = 12
TWO_PLACES = Decimal("0.01")


def quality(inventory: Inventory) -> dict[str, Any]:
    """The quality view of an inventory, as plain values."""
    evidence = inventory.evidence
    checks = {
        str(c["activity_datum"]): c
        for c in evidence.of("data_quality_check")
        if c.get("activity_datum") and c.get("uncertainty") is not None
    }
    calibrations = _calibrations(evidence)
    known = {line.id: _datum(line, evidence, checks, calibrations) for line in inventory.lines}
    counted = inventory.part(COUNTED)
    total = inventory.total()
    origins: dict[str, int] = {}
    for line in counted:
        origin = origin_of(line.activity)
        origins[origin] = origins.get(origin, 0) + line.emission
    guessed = origins.get("estimated", 0) + origins.get("filled", 0)
    return {
        "data": [{"id": line.id, **known[line.id]} for line in inventory.lines],
        "origins": [
            {"key": key, "emission": plain(value), "share": share(value, total)}
            for key, value in sorted(origins.items())
        ],
        "estimated": {"emission": plain(guessed), "share": share(guessed, total)},
        "coverage": coverage(inventory),
        "completeness": completeness(inventory),
        "not_filled": [one.both() for one in inventory.unfilled],
        "uncertainty": uncertainty(counted, known),
        "recorded": recorded(inventory.lines),
        "rule": said("uncertainty_rule").both(),
    }


def origin_of(activity: Activity) -> str:
    """Where the quantity comes from; `filled` where a rule made it."""
    return "filled" if activity.filled else activity.origin or "unknown"


def _calibrations(evidence: Evidence) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for one in evidence.of("calibration"):
        if one.get("action") != "maintenance" and one.get("performed_on"):
            found.setdefault(str(one["meter"]), []).append(one)
    for group in found.values():
        group.sort(key=lambda c: (c["performed_on"], c["id"]))
    return found


def calibration_state(meter: Record | None, held: Sequence[Record], on: str) -> tuple[str, Record | None]:
    """The state of a meter on a day, and the calibration that tells it.

    `no_meter`, `not_needed`, `none`, `failed`, `overdue`, `undated` (no due date on record) or `in_calibration`.
    """
    if meter is None:
        return "no_meter", None
    before = [c for c in held if c["performed_on"] <= on]
    if not before:
        return ("not_needed" if meter.get("needs_calibration") is False else "none"), None
    last = before[-1]
    if last.get("result") == "failed":
        return "failed", last
    if not last.get("due_on"):
        return "undated", last
    return ("in_calibration" if last["due_on"] >= on else "overdue"), last


def _datum(
    line: Line, evidence: Evidence, checks: Mapping[str, Record], calibrations: Mapping[str, list[Record]]
) -> dict[str, Any]:
    """Source, meter and uncertainty of one line."""
    activity = line.activity
    meter = evidence.one("meter", activity.meter)
    on = activity.last.isoformat()
    state, calibration = calibration_state(meter, calibrations.get(activity.meter or "", ()), on)
    percent, basis = _activity_percent(activity, meter, state, calibration, checks)
    factor = line.rate.percent
    return {
        "origin": origin_of(activity),
        "document": activity.document,
        "meter": activity.meter,
        "calibration": state,
        "calibration_record": calibration["id"] if calibration else None,
        "activity_percent": format(percent, "f"),
        "activity_basis": basis,
        "factor_percent": format(factor, "f"),
        "percent": format(_root([(percent * percent) + (factor * factor)]), "f"),
    }


def _activity_percent(
    activity: Activity,
    meter: Record | None,
    state: str,
    calibration: Record | None,
    checks: Mapping[str, Record],
) -> tuple[Decimal, str]:
    """Percent of the quantity, and what it was taken from: a check, a calibration, the class, the usual value."""
    check = checks.get(activity.id)
    if check is not None and not activity.filled:
        return amount(check["uncertainty"]) or Decimal(0), f"data_quality_check:{check['id']}"
    origin = origin_of(activity)
    if meter is None or origin != "metered":
        return ORIGIN_PERCENT.get(origin, ORIGIN_PERCENT["unknown"]), f"usual:{origin}"
    if state not in CALIBRATED:
        return ORIGIN_PERCENT["uncalibrated"], "usual:uncalibrated"
    if calibration and (found := _PERCENT.search(str(calibration.get("uncertainty") or ""))):
        wide = 2 if _COVERAGE.search(str(calibration["uncertainty"])) else 1
        return Decimal(found[1]) * wide, f"calibration:{calibration['id']}"
    if told := _CLASS.match(str(meter.get("accuracy_class") or "").strip()):
        return Decimal(told[1]), f"meter:{meter['id']}"
    return ORIGIN_PERCENT["metered"], "usual:metered"


def uncertainty(counted: Iterable[Line], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Half-width and range of the total."""
    measured: dict[tuple[str, ...], Decimal] = {}
    factors: dict[str, Decimal] = {}
    total = 0
    with localcontext() as context:
        context.prec = 50
        for line in counted:
            total += line.emission
            about = known[line.id]
            size = Decimal(abs(line.emission))
            own = size * Decimal(about["activity_percent"]) / 100
            measured[line.item] = measured.get(line.item, Decimal(0)) + own
            key = line.rate.used.key
            factors[key] = factors.get(key, Decimal(0)) + size * line.rate.percent / 100
        width = (
            _root([*(v * v for v in measured.values()), *(v * v for v in factors.values())], places=None)
            / UNIT
        )
        middle = Decimal(total) / UNIT
        percent = width / middle * 100 if middle else None
        return {
            "percent": format(percent.quantize(TWO_PLACES, ROUND_HALF_EVEN), "f")
            if percent is not None
            else None,
            "half_width": format(width.quantize(TWO_PLACES, ROUND_HALF_EVEN), "f"),
            "low": format((middle - width).quantize(TWO_PLACES, ROUND_HALF_EVEN), "f"),
            "high": format((middle + width).quantize(TWO_PLACES, ROUND_HALF_EVEN), "f"),
            "items": len(measured),
            "factors": len(factors),
        }


def _root(squares: Iterable[Decimal], places: Decimal | None = TWO_PLACES) -> Decimal:
    """The root of a sum of squares."""
    with localcontext() as context:
        context.prec = 50
        found = sum(squares, Decimal(0)).sqrt()
        return found.quantize(places, ROUND_HALF_EVEN) if places is not None else found


def completeness(inventory: Inventory) -> list[dict[str, Any]]:
    """For each item that runs all year the months without a datum, and those only partly covered."""
    names: dict[tuple[str, ...], Line] = {}
    for line in inventory.lines:
        names.setdefault(line.item, line)
    return [
        {
            "name": names[key].activity.name,
            "meter": names[key].activity.meter,
            "months_missing": [f"{inventory.year}-{m.month:02}" for m in found if m.days == m.of],
            "months_partial": [f"{inventory.year}-{m.month:02}" for m in found if m.days < m.of],
            "days_missing": sum(m.days for m in found),
            "filled": inventory.fill,
        }
        for key, found in sorted(inventory.gaps.items())
        if key in names
    ]


def coverage(inventory: Inventory) -> dict[str, int]:
    """How many items should run all year, how many of them have gaps, and how many of their months are on record."""
    items, gaps = inventory.continuous, inventory.gaps.values()
    return {
        "items": items,
        "items_with_gaps": len(gaps),
        "months": items * MONTHS - sum(map(len, gaps)),
        "months_of": items * MONTHS,
    }


def recorded(lines: Iterable[Line]) -> dict[str, Any]:
    """Our emission against the one the datum records, rounded as that one is; of whole data only."""
    same, differing = 0, []
    for line in lines:
        told = line.activity.emission
        cut = line.activity.inside < line.activity.days
        if told is None or line.activity.quantity is None or line.activity.filled or cut:
            continue
        exponent = min(0, int(told.as_tuple().exponent))
        with localcontext() as context:
            context.prec = 50
            ours = (Decimal(line.emission) / UNIT).quantize(Decimal(1).scaleb(exponent), ROUND_HALF_EVEN)
        if ours == told:
            same += 1
        else:
            differing.append({"id": line.id, "recorded": format(told, "f"), "computed": plain(line.emission)})
    return {"same": same, "differing": differing}
