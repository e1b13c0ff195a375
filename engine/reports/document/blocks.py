"""What a document is made of: plain values, every text chosen, so that the writers only set it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from shall.engine.reports.charts import ems
from shall.texts import Lang, say

Tone = Literal["plain", "note", "warn", "good", "bad", "strong", "formula"]
RowTone = Literal["plain", "group", "total"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number: as it is printed, and what a workbook reckons with, None where the text says it better."""

    text: str
    number: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Blank:
    """A cell for which nothing is on record, with the words that say so."""

    text: str


Cell = str | Figure | Blank


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, its share of the width, and whether it holds numbers."""

    head: str
    width: float = 1
    right: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row; a group row has one cell that runs over the table."""

    cells: tuple[Cell, ...]
    tone: RowTone = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """A headed table with a caption above and a note below; one that is kept `together` stands on one page."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    note: str = ""
    together: bool = False


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels, each with what is to be said under it."""

    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One axis, step or bar of a chart: its label, its numbers in the order of the chart's series, in words."""

    label: str
    values: tuple[Decimal | None, ...]
    told: str
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart by its numbers: a radar (reached, reachable), a waterfall (lost, open), bars (amount) or a heat map.

    The first point of a waterfall is what it starts from, the last what it ends at. A heat map has a point for each
    row and a series for each place; its darkest cell holds `highest`.
    """

    kind: Literal["radar", "waterfall", "bars", "heat"]
    name: str
    series: tuple[str, ...]
    points: tuple[Point, ...]
    note: str = ""
    highest: int = 0


Block = Para | Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; `sheet` names the sheet of a workbook that it opens, if it opens one."""

    title: str
    level: int
    blocks: tuple[Block, ...] = ()
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document; `running` stands on every page, `receipt` among the properties of the file.

    `on` dates the file; `day` is what stands at the head of a page, empty where no day is known.
    """

    lang: Lang
    title: str
    subtitle: str
    on: str
    running: str
    head: Facts
    notices: tuple[Para, ...]
    sections: tuple[Section, ...]
    day: str = ""
    receipt: str = ""

    def charts(self) -> Iterator[Chart]:
        """The charts in their order."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Chart))


NARROW, WIDE, SEEN = 5.2, 20.0, 300
"""Ems a column has at least and at most, and the rows looked at to tell."""
ACROSS, PADDING, UNBROKEN = 63.0, 1.2, 6.5
"""Ems a page is across, ems a cell keeps free, and the longest run (a day, a number) that is kept on one line."""


BOLD = 1.08
"""How much wider bold letters are, as heads have them in Word."""
RUN = re.compile(r"[!-~]+")


def said(name: str, lang: str, /, **fields: object) -> str:
    """A text that documents share."""
    return say(f"document.{name}", lang, **fields)


def text_of(cell: Cell) -> str:
    """What stands in a cell."""
    return cell if isinstance(cell, str) else cell.text


def fitted(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[Column, ...]:
    """The columns with widths that suit what most of their cells hold; words of heads are kept whole, days and
    numbers if possible."""
    floors, wishes = [], []
    for n, column in enumerate(columns):
        texts = [text_of(r.cells[n]) for r in rows[:SEEN] if r.tone != "group"]
        lengths = sorted(max(map(ems, text.split("\n"))) for text in texts)
        usual = lengths[len(lengths) * 4 // 5] if lengths else 0.0
        runs = [ems(run) for text in texts for run in RUN.findall(text)]
        heads = [ems(word) for word in RUN.findall(column.head)]
        floors.append(PADDING + max([min(max([NARROW - PADDING, *runs]), UNBROKEN), *heads]))
        wishes.append(PADDING + min(max(usual, ems(column.head) * 0.6), WIDE))
    room, extra = ACROSS - sum(floors), [max(w - f, 0.0) for w, f in zip(wishes, floors, strict=True)]
    scale = min(1.0, max(room, 0.0) / (sum(extra) or 1.0))
    widths = [floor + more * scale for floor, more in zip(floors, extra, strict=True)]
    return tuple(replace(c, width=round(w, 2)) for c, w in zip(columns, widths, strict=True))


def floored(columns: Sequence[Column], across: float) -> tuple[Column, ...]:
    """The columns in ems of a page so wide, none narrower than the longest word of its head if that is possible."""
    whole = sum(c.width for c in columns)
    words = [max((ems(word) for word in RUN.findall(c.head)), default=0.0) for c in columns]
    floors = [PADDING + BOLD * word for word in words]
    wishes = [max(across * c.width / whole - f, 0.0) for c, f in zip(columns, floors, strict=True)]
    scale = max(across - sum(floors), 0.0) / (sum(wishes) or 1.0)
    widths = [f + w * scale for f, w in zip(floors, wishes, strict=True)]
    return tuple(replace(c, width=round(w, 2)) for c, w in zip(columns, widths, strict=True))


def plain(document: Document) -> dict[str, Any]:
    """The document as texts, numbers and lists: what a template reads."""
    number = iter(range(10**6))
    return {
        "lang": document.lang,
        "html_lang": "zh-CN" if document.lang == "zh" else "en",
        **{
            name: getattr(document, name) for name in ("title", "subtitle", "on", "day", "running", "receipt")
        },
        "head": _facts(document.head),
        "notices": [asdict(n) for n in document.notices],
        "sections": [
            {
                "title": section.title,
                "level": section.level,
                "blocks": [_block(b, f"chart{next(number)}") for b in section.blocks],
            }
            for section in document.sections
        ],
        "t": {name: said(name, document.lang) for name in ("contents", "to_top")},
    }


def _block(block: Block, key: str) -> dict[str, Any]:
    match block:
        case Para():
            return {"type": "para", **asdict(block)}
        case Facts():
            return {"type": "facts", "rows": _facts(block)}
        case Chart():
            return {"type": "chart", "key": key, **_chart(block)}
        case Table():
            return {
                "type": "table",
                "caption": block.caption,
                "note": block.note,
                "together": block.together,
                "columns": [
                    asdict(c) | {"share": n} for c, n in zip(block.columns, _shares(block), strict=True)
                ],
                "rows": [{"tone": r.tone, "cells": [_cell(c) for c in r.cells]} for r in block.rows],
            }


def _shares(table: Table) -> list[int]:
    """The widths of the columns in percent."""
    whole = sum(c.width for c in table.columns)
    return [int(100 * c.width / whole) for c in table.columns]


def _chart(chart: Chart) -> dict[str, Any]:
    points = [
        {
            "label": p.label,
            "told": p.told,
            "apart": p.apart,
            "values": [None if v is None else str(v) for v in p.values],
        }
        for p in chart.points
    ]
    heat = {"series": list(chart.series), "highest": chart.highest} if chart.kind == "heat" else {}
    return {"kind": chart.kind, "name": chart.name, "note": chart.note, "points": points, **heat}


def _facts(facts: Facts) -> list[list[Any]]:
    return [[label, _cell(cell)] for label, cell in facts.rows]


def _cell(cell: Cell) -> dict[str, str]:
    tone = "blank" if isinstance(cell, Blank) else "figure" if isinstance(cell, Figure) else "plain"
    return {"text": text_of(cell), "tone": tone}


def chart_blocks(shown: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The charts of a plain document, in their order."""
    return [b for section in shown["sections"] for b in section["blocks"] if b["type"] == "chart"]
