"""Data of one item that were collected period by period, added up to the figure of the year."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from shall.engine.reports.records import Record

SAME = (
    "name", "source_class", "substance", "measure_unit", "data_origin", "emission_source", "carbon_sink",
    "transport_mode", "transport_distance", "product", "product_name", "site", "unit",
)  # fmt: skip
"""What two data of one item have in common."""
ADDED = ("quantity", "emission", "removal", "output_value", "value_added", "transport_trips")
SERIES = ("activity_datum", "product_output")
"""Kinds whose data are amounts of a period, so that those of a year are their sum."""


def merged(records: Sequence[Record], year: int, several: str, gap: str) -> list[Record]:
    """The records, those of one item as one; `several` says how many they are, `gap` that days are missing.

    What overlaps, lacks a period or runs beyond the year is left as it is: its sum would be wrong.
    """
    groups: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        groups.setdefault(tuple(str(record.get(c)) for c in SAME), []).append(record)
    return [made for group in groups.values() for made in _merged(group, year, several, gap)]


def _merged(group: list[Record], year: int, several: str, gap: str) -> Iterator[Record]:
    spans = sorted(span for r in group if (span := _span(r)))
    inside = len(spans) == len(group) and all(s.year == e.year == year for s, e in spans)
    apart = all(end < start for (_, end), (start, _) in pairwise(spans))
    if len(group) == 1 or not inside or not apart:
        yield from group
        return
    first, last = spans[0][0], spans[-1][1]
    days = sum((end - start).days + 1 for start, end in spans)
    name = several.format(first=group[0]["id"], count=len(group))
    sums: dict[str, Any] = {c: _sum(group, c) for c in ADDED}
    whole = (last - first).days + 1 == days
    yield {
        **group[0],
        **sums,
        "period_from": first.isoformat(),
        "period_until": last.isoformat(),
        "id": name if whole else name + gap,
    }


def _span(record: Record) -> tuple[date, date] | None:
    start, end = record.get("period_from"), record.get("period_until")
    if not start or not end or start > end:
        return None
    return date.fromisoformat(str(start)), date.fromisoformat(str(end))


def _sum(group: Sequence[Record], column: str) -> str | None:
    """The sum, exactly; None unless every record has a number."""
    values = [r.get(column) for r in group]
    if any(v is None for v in values):
        return None
    return format(sum((Decimal(str(v)) for v in values), Decimal(0)), "f")
