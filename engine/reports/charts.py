"""Charts as SVG text: plain shapes, every number written out, nothing told by colour alone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

COLOURS: Mapping[str, str] = {
    "nonconforming": "#b3391f",
    "not_demonstrated": "#d9971a",
    "needs_judgement": "#6b4fa0",
    "opportunity": "#3b7fb8",
    "conforming": "#1c7a5a",
    "not_applicable": "#9aa3ab",
    "noted": "#c9ced3",
}
"""One colour per verdict, told apart under the common forms of colour blindness; symbols say the same."""

SYMBOLS: Mapping[str, str] = {
    "nonconforming": "×",
    "not_demonstrated": "?",
    "needs_judgement": "◆",
    "opportunity": "△",
    "conforming": "✓",
    "not_applicable": "–",
    "noted": "·",
}

INK, MUTED, RULE = "#1f2a33", "#5b6670", "#d5dade"
OVERDUE, DUE, LAPSE = "#b3391f", "#3b7fb8", "#d9971a"
DARK_TEXT_ON = {"not_demonstrated", "noted", "not_applicable"}
HEAT = ("#fdf3ea", "#f9d9bd", "#f0ae82", "#dd7a4f", "#b3391f")
SIZE = 12
GAINED, LOST, OPEN, WASH = "#1d4e6b", "#b3391f", "#d9971a", "#e4edf2"
"""What a score has, what it lost, what cannot be told, and the inside of a radar."""
RINGS = (25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a stacked bar chart: how many provisions have each verdict."""

    label: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Month:
    """One column of the timeline; the first one holds everything overdue."""

    label: str
    due: int
    lapses: int
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a radar, 0 to 100: what is reached, what could be (both None where nothing applies), in words."""

    label: str
    told: str
    value: float | None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """One step of a waterfall: what is lost for certain, what cannot be told, and both as written."""

    label: str
    lost: float
    open: float
    told: str


@dataclass(frozen=True, slots=True)
class Amount:
    """One bar: its length, the number as written beside it, and whether it stands apart from the others."""

    label: str
    value: float
    told: str
    apart: bool = False


def ems(text: str) -> float:
    """Width of a text in ems, near enough to lay out labels."""
    return sum(1.0 if ord(c) > 0x2E7F else 0.62 if c.isupper() else 0.54 for c in text)


def clip(text: str, limit: float) -> str:
    """The text cut to so many ems, with an ellipsis where it was cut."""
    if ems(text) <= limit:
        return text
    kept, width = "", 1.0
    for c in text:
        width += ems(c)
        if width > limit:
            break
        kept += c
    return kept + "…"


def stacked_bars(bars: Sequence[Bar], labels: Mapping[str, str], name: str, font: str = "") -> Markup:
    """Horizontal stacked bars, one per chapter, all on one scale of counts."""
    left, width, step = 250, 760, 26
    longest = max((sum(b.counts.values()) for b in bars), default=0) or 1
    scale = (width - left - 50) / longest
    parts: list[Markup] = []
    for n, bar in enumerate(bars):
        y = n * step + 4
        parts.append(_text(left - 10, y + 13, clip(bar.label, (left - 14) / SIZE), "end", full=bar.label))
        parts.append(_segments(bar.counts, labels, left, y, scale, 18))
        total = sum(bar.counts.values())
        parts.append(_text(left + total * scale + 8, y + 13, str(total), colour=MUTED))
    return _svg(width, max(len(bars), 1) * step + 6, parts, name, font)


def mini_bar(counts: Mapping[str, int], labels: Mapping[str, str], name: str) -> Markup:
    """A small bar of shares without numbers, for the heading of a clause; its title names the numbers."""
    total = sum(counts.values()) or 1
    return _svg(120, 10, [_segments(counts, labels, 0, 0, 120 / total, 10, numbers=False)], name, "")


def heat_map(
    rows: Sequence[str],
    places: Sequence[str],
    cells: Mapping[tuple[int, int], int],
    name: str,
    says: str,
    font: str = "",
    highest: int = 0,
) -> Markup:
    """Rows by places with the number of records in each cell; `says` is the tooltip with row, place, count.

    `highest` is the number that is darkest where this picture is one of several.
    """
    left, cell, step = 250, 44, 24
    longest = max((min(ems(place), 10.5) for place in places), default=0.0)
    top = 24 + int(longest * SIZE * 0.71)  # a label stands turned by 45 degrees over its column
    highest = max(highest, *cells.values(), 0)
    parts: list[Markup] = []
    for n, place in enumerate(places):
        x = left + n * cell + cell / 2
        turned = Markup(' transform="rotate(-45 {} {})"').format(_number(x), top - 8)
        parts.append(_text(x, top - 8, clip(place, 10.5), full=place, extra=turned))
    for r, row in enumerate(rows):
        y = top + r * step
        parts.append(_text(left - 10, y + 16, clip(row, (left - 14) / SIZE), "end", full=row))
        for c, place in enumerate(places):
            told = says.format(row=row, place=place, count=cells.get((r, c), 0))
            parts.append(_cell(left + c * cell, y, cell, step, cells.get((r, c), 0), highest, told))
    return _svg(max(left + len(places) * cell + 90, 480), top + len(rows) * step + 6, parts, name, font)


def timeline(months: Sequence[Month], words: Mapping[str, str], name: str, font: str = "") -> Markup:
    """Columns by month: what falls due below, what lapses above; the first column is what is overdue."""
    width, height, base = 760, 190, 150
    step = width / max(len(months), 1)
    scale = 110 / (max((m.due + m.lapses for m in months), default=0) or 1)
    parts = [Markup('<line x1="0" y1="{0}" x2="{1}" y2="{0}" stroke="{2}"/>').format(base, width, RULE)]
    for n, month in enumerate(months):
        x, y = n * step + step * 0.18, float(base)
        for count, key in ((month.due, "due"), (month.lapses, "lapse")):
            high = count * scale
            colour = OVERDUE if month.overdue else DUE if key == "due" else LAPSE
            y -= high
            if count:
                said = f"{month.label} · {words[key]} {count}"
                parts.append(_rect(x, y, step * 0.64, high, colour, said, hatched=key == "lapse"))
        total = month.due + month.lapses
        if total:
            parts.append(_text(x + step * 0.32, y - 5, str(total), "middle"))
        parts.append(_text(x + step * 0.32, base + 16, month.label, "middle", size=10, colour=MUTED))
    return _svg(width, height - 14, parts, name, font)


def radar(axes: Sequence[Axis], name: str, font: str = "") -> Markup:
    """A web of axes from 0 to 100; the dashed line is what could be reached, numbers stand at the ends."""
    width, height, radius = 720, 390, 130
    x, y = width / 2, height / 2
    turns = [math.tau * n / max(len(axes), 1) - math.pi / 2 for n in range(len(axes))]

    def at(turn: float, value: float) -> tuple[float, float]:
        return x + math.cos(turn) * radius * value / 100, y + math.sin(turn) * radius * value / 100

    parts = [_polygon([at(t, ring) for t in turns], RULE, "none") for ring in RINGS]
    parts += [_line(x, y, *at(turn, 100), RULE) for turn in turns]
    low = [at(t, a.value or 0) for t, a in zip(turns, axes, strict=True)]
    high = [at(t, a.high if a.high is not None else a.value or 0) for t, a in zip(turns, axes, strict=True)]
    if high != low:
        parts.append(_polygon(high, OPEN, "none", dashed=True))
    parts.append(_polygon(low, GAINED, WASH))
    parts += [_text(x + 4, y - radius * ring / 100 + 11, str(ring), size=9, colour=MUTED) for ring in RINGS]
    for turn, axis, (px, py) in zip(turns, axes, low, strict=True):
        if axis.value is not None:
            parts.append(_dot(px, py, f"{axis.label} {axis.told}"))
        parts.append(_axis_label(axis, turn, at(turn, 100)))
    return _svg(width, height, parts, name, font)


def _axis_label(axis: Axis, turn: float, end: tuple[float, float]) -> Markup:
    side = math.cos(turn)
    anchor = "start" if side > 0.3 else "end" if side < -0.3 else "middle"
    x = end[0] + (10 if side > 0.3 else -10 if side < -0.3 else 0)
    y = end[1] + (-24 if math.sin(turn) < -0.3 else 20 if math.sin(turn) > 0.3 else -4)
    label = clip(axis.label, 18)
    return _text(x, y, label, anchor, full=axis.label) + _text(x, y + 15, axis.told, anchor, colour=MUTED)


def waterfall(losses: Sequence[Loss], full: Amount, rest: Amount, name: str, font: str = "") -> Markup:
    """From the full figure down to the rest, one row per loss; a dashed part is lost only if nothing turns up."""
    left, width, step, scale = 250, 760, 25, (760 - 250 - 134) / max(full.value, 1)
    parts = [_line(left, 0, left, (len(losses) + 2) * step, RULE)]
    parts += _whole(full, left, 4, scale, GAINED)
    now = full.value
    for n, loss in enumerate(losses, 1):
        y, end = n * step + 4, left + now * scale
        parts.append(_text(left - 10, y + 13, clip(loss.label, (left - 14) / SIZE), "end", full=loss.label))
        parts.append(_line(end, y - 7, end, y, MUTED))
        says = f"{loss.label} {loss.told}"
        parts.append(_rect(end - loss.lost * scale, y, loss.lost * scale, 18, LOST, says))
        now -= loss.lost + loss.open
        if loss.open:
            parts.append(_rect(left + now * scale, y, loss.open * scale, 18, OPEN, says, hatched=True))
        parts.append(_text(end + 8, y + 13, loss.told, colour=MUTED))
    parts.append(
        _line(
            left + now * scale,
            (len(losses) + 1) * step - 3,
            left + now * scale,
            (len(losses) + 1) * step + 4,
            MUTED,
        )
    )
    parts += _whole(rest, left, (len(losses) + 1) * step + 4, scale, GAINED)
    return _svg(width, (len(losses) + 2) * step + 6, parts, name, font)


def _whole(one: Amount, left: float, y: float, scale: float, colour: str) -> list[Markup]:
    return [
        _text(left - 10, y + 13, clip(one.label, (left - 14) / SIZE), "end", full=one.label),
        _rect(left, y, one.value * scale, 18, colour, f"{one.label} {one.told}"),
        _text(left + one.value * scale + 8, y + 13, one.told),
    ]


def amounts(bars: Sequence[Amount], name: str, font: str = "") -> Markup:
    """Horizontal bars on one scale, each with its number; what stands apart is dashed, what is negative runs left."""
    left, width, step, room = 250, 760, 26, 176
    low, high = min([0.0, *(b.value for b in bars)]), max([0.0, *(b.value for b in bars)])
    scale = (width - left - room) / ((high - low) or 1)
    zero = left - low * scale
    parts = [_line(zero, 0, zero, max(len(bars), 1) * step, RULE)]
    for n, bar in enumerate(bars):
        y, long = n * step + 4, abs(bar.value) * scale
        start = zero - (long if bar.value < 0 else 0)
        parts.append(_text(left - 10, y + 13, clip(bar.label, (left - 14) / SIZE), "end", full=bar.label))
        colour = OPEN if bar.apart else DUE
        parts.append(_rect(start, y, long, 18, colour, f"{bar.label} {bar.told}", hatched=bar.apart))
        parts.append(_text(max(start + long, zero) + 8, y + 13, bar.told))
    return _svg(width, max(len(bars), 1) * step + 6, parts, name, font)


def _line(x: float, y: float, to_x: float, to_y: float, colour: str) -> Markup:
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"/>').format(
        _number(x), _number(y), _number(to_x), _number(to_y), colour
    )


def _polygon(
    points: Sequence[tuple[float, float]], stroke: str, fill: str, *, dashed: bool = False
) -> Markup:
    dashes = Markup(' stroke-dasharray="5 3"') if dashed else Markup("")
    corners = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
    width = "1" if stroke == RULE else "2"
    return Markup(
        '<polygon points="{}" fill="{}" fill-opacity="0.75" stroke="{}" stroke-width="{}"{}/>'
    ).format(corners, fill, stroke, width, dashes)


def _dot(x: float, y: float, told: str) -> Markup:
    return Markup('<circle cx="{}" cy="{}" r="4" fill="{}"><title>{}</title></circle>').format(
        _number(x), _number(y), GAINED, told
    )


def _segments(
    counts: Mapping[str, int],
    labels: Mapping[str, str],
    x: float,
    y: float,
    scale: float,
    height: int,
    numbers: bool = True,
) -> Markup:
    parts = []
    for verdict, count in counts.items():
        width = count * scale
        if not count:
            continue
        parts.append(_rect(x, y, width, height, COLOURS[verdict], f"{labels[verdict]} {count}"))
        if numbers and width > ems(str(count)) * 11 + 4:
            colour = INK if verdict in DARK_TEXT_ON else "#ffffff"
            parts.append(_text(x + width / 2, y + height - 5, str(count), "middle", size=11, colour=colour))
        x += width
    return Markup("").join(parts)


def _cell(x: float, y: float, width: float, height: float, count: int, highest: int, told: str) -> Markup:
    if not count:
        return _rect(x + 1, y + 1, width - 2, height - 2, "#f4f6f7", told)
    level = min((count * len(HEAT) - 1) // highest, len(HEAT) - 1)
    colour = "#ffffff" if level >= 3 else INK
    number = _text(x + width / 2, y + height - 8, str(count), "middle", colour=colour)
    return _rect(x + 1, y + 1, width - 2, height - 2, HEAT[level], told) + number


def _rect(
    x: float, y: float, width: float, height: float, fill: str, told: str, *, hatched: bool = False
) -> Markup:
    stroke = (
        Markup(' stroke="{}" stroke-dasharray="3 2" fill-opacity="0.55"').format(fill)
        if hatched
        else Markup("")
    )
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"{}><title>{}</title></rect>').format(
        _number(x), _number(y), _number(width), _number(height), fill, stroke, told
    )


def _text(
    x: float,
    y: float,
    text: str,
    anchor: str = "start",
    *,
    size: int = SIZE,
    colour: str = INK,
    full: str = "",
    extra: Markup | str = "",
) -> Markup:
    title = Markup("<title>{}</title>").format(full) if full and full != text else Markup("")
    return Markup('<text x="{}" y="{}" text-anchor="{}" font-size="{}" fill="{}"{}>{}{}</text>').format(
        _number(x), _number(y), anchor, size, colour, extra, text, title
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _svg(width: float, height: float, parts: Sequence[Markup], name: str, font: str) -> Markup:
    family = Markup(' font-family="{}"').format(font) if font else Markup("")
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}"'
        ' role="img" aria-label="{2}"{3}>'
    ).format(_number(width), _number(height), name, family)
    return head + Markup("").join(parts) + Markup("</svg>")
