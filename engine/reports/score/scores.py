"""Part i) and the charts: categories, indicators, the arithmetic of each figure, what was lost where."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shall.engine.reports.document.blocks import Cell, Chart, Column, Figure, Point, Row, Table
from shall.engine.reports.records import rounded
from shall.engine.reports.score.words import Material, both, brief, exact, figure, told
from shall.engine.scoring.numbers import shown

Indicator = Mapping[str, Any]
SHORT = 44
"""Characters of a working that stands on one line."""
MARKS = {True: "✓", False: "✗", None: "?"}


def indicators(m: Material) -> Iterator[tuple[Mapping[str, Any], Indicator]]:
    """Every indicator with its category, in the order of the table."""
    for category in m.result["categories"]:
        for indicator in category["indicators"]:
            yield category, indicator


def categories(m: Material) -> Table:
    """The categories with weight, score, bounds and what they add to the total."""
    rows = []
    for c in m.result["categories"]:
        adds = exact(c["score"]) * exact(c["weight"]) / 100 if c["score"] else None
        name: Cell = m.pair(c["name"])
        cells = [name, *(figure(c[k]) for k in ("weight", "score", "low", "high"))]
        rows.append(Row((*cells, rounded(adds) if adds is not None else Figure("–"))))
    spread = m.result["range"]
    total = [
        m.t("total"),
        Figure("100", Decimal(100)),
        *(figure(f) for f in (m.result["total"], spread["low"], spread["high"])),
    ]
    rows.append(Row((*total, figure(m.result["total"])), "total"))
    heads = ("weight", "score", "low", "high", "adds")
    columns = (Column(m.t("category"), 2.4), *(Column(m.t(h), 1, right=True) for h in heads))
    return Table(columns, tuple(rows), note=m.t("categories_note"))


def radar(m: Material) -> Chart:
    """The scores of the categories, and how far what is unknown could lift them."""
    points = []
    for c in m.result["categories"]:
        applies = exact(c["available"]) > 0
        reached = c["score"] or c["low"]
        values = (Decimal(reached["shown"]), Decimal(c["high"]["shown"])) if applies else (None, None)
        says = (
            m.t("radar_point", score=told(c["score"]), weight=told(c["weight"]))
            if applies
            else m.t("not_counted")
        )
        points.append(Point(m.pair(c["name"]), values, says))
    names = (m.t("reached"), m.t("reachable"))
    return Chart("radar", m.t("radar"), names, tuple(points), m.t("radar_note"))


def waterfall(m: Material) -> Chart:
    """From 100 points down to the total, the greatest losses first."""
    steps: list[tuple[Fraction, Point]] = []
    for _, one in indicators(m):
        most, low, high = (exact(one[k]) for k in ("most", "low", "high"))
        lost, open_ = most * (1 - high), most * (high - low)
        if lost + open_:
            steps.append((lost + open_, _loss(m, one, lost, open_)))
    steps.sort(key=lambda step: -step[0])
    low = m.result["range"]["low"]
    full = Point(m.t("full_points"), (Decimal(100), None), "100")
    says = told(m.result["total"]) if m.result["total"] else m.t("at_least", low=low["shown"])
    rest = Point(m.t("total"), (Decimal(low["shown"]), None), says)
    names = (m.t("lost"), m.t("unknown_points"))
    return Chart(
        "waterfall", m.t("waterfall"), names, (full, *(p for _, p in steps), rest), m.t("waterfall_note")
    )


def _loss(m: Material, one: Indicator, lost: Fraction, open_: Fraction) -> Point:
    values = Decimal(shown(lost, 2)), Decimal(shown(open_, 2))
    says = f"−{shown(lost, 2)}" if lost or not open_ else ""
    if open_:
        says = f"{says} {m.t('open_points', points=shown(open_, 2))}".strip()
    return Point(f"{one['address']} {m.pair(one['name'])}", values, says)


def intensity(m: Material) -> Chart | None:
    """The intensity of the year against the one compared with, from the inputs of formula B.5."""
    for _, one in indicators(m):
        for product in one["products"]:
            known = {i["symbol"]: i for i in product["inputs"] if i["value"] is not None}
            if product["formula"] == "B.5" and {"E_t", "V_t", "E_0", "V_0"} <= set(known):
                return _intensity(m, product, known)
    return None


def _intensity(m: Material, product: Mapping[str, Any], known: Mapping[str, Any]) -> Chart | None:
    unit = f"{known['E_t']['unit'] or ''}/{known['V_t']['unit'] or ''}"
    points = []
    for key, label in (("0", m.t("year_compared")), ("t", m.t("year_of", year=m.year))):
        below = Fraction(known[f"V_{key}"]["value"])
        if below <= 0:
            return None
        value = Fraction(known[f"E_{key}"]["value"]) / below
        points.append(Point(label, (Decimal(shown(value, 4)),), f"{shown(value, 4)} {unit}"))
    note = ""
    if product["value"]:
        key = "intensity_rise" if exact(product["value"]) < 0 else "intensity_change"
        note = m.t(key, change=told(product["value"]).removeprefix("-"))
    return Chart("bars", m.t("intensity"), (unit,), tuple(points), note)


def scored(m: Material) -> Table:
    """One row per indicator: state, value, share of the points, points, part of the total."""
    rows: list[Row] = []
    for c in m.result["categories"]:
        heading = m.t(
            "category_row", name=m.pair(c["name"]), score=told(c["score"]), weight=told(c["weight"])
        )
        rows.append(Row((heading,), "group"))
        rows += [_scored(m, one) for one in c["indicators"]]
    rows.append(
        Row(
            (m.t("total"), "", "", "", Figure(""), figure(m.result["total"]), Figure("100", Decimal(100))),
            "total",
        )
    )
    heads = (("address", 0.8, False), ("indicator", 2, False), ("state", 0.9, False), ("value", 1.6, False),
             ("points", 1.1, True), ("adds", 1, True), ("most", 1, True))  # fmt: skip
    columns = tuple(Column(m.t(h), w, r) for h, w, r in heads)
    return Table(columns, tuple(rows), note=m.t("scored_note"))


def _scored(m: Material, one: Indicator) -> Row:
    points = f"{told(one['earned'])} / {told(one['available'])}"
    state = m.standing(one)
    return Row(
        (
            one["address"],
            m.pair(one["name"]),
            state,
            _value(m, one),
            Figure(points),
            figure(one["share"]),
            figure(one["most"]),
        )
    )


def _value(m: Material, one: Indicator) -> str:
    if one["judged"]:
        return m.t("judged_value", by=one["judged"]["by"], on=one["judged"]["on"])
    values = [f"{p['value']['shown']} {p['unit'] or ''}".strip() for p in one["products"] if p["value"]]
    if values:
        rest = m.t("and_more", count=len(values) - 3) if len(values) > 3 else ""
        return m.t("sep").join(values[:3]) + rest
    if one["items"]:
        return f"{sum(i['present'] is True for i in one['items'])}/{len(one['items'])}"
    return ""


def arithmetic(m: Material) -> Table:
    """Formula, substituted numbers, inputs with their records, curve and points of every indicator."""
    rows: list[Row] = []
    for _, one in indicators(m):
        rows.append(Row((f"{one['address']}　{m.pair(one['name'])}",), "group"))
        rows += list(_products(m, one))
        if one["items"]:
            rows.append(Row(_items(m, one)))
        rows.append(Row((m.t("points_of"), _points(m, one), "")))
        if remarks := _remarks(m, one):
            rows.append(Row((m.t("remarks"), remarks, "")))
    columns = (Column(m.t("step"), 1), Column(m.t("working"), 3.4), Column(m.t("inputs"), 3.2))
    return Table(columns, tuple(rows), note=m.t("arithmetic_note"))


def _products(m: Material, one: Indicator) -> Iterator[Row]:
    for p in one["products"]:
        name = p["label"] or (m.t("formula", name=p["formula"]) if p["formula"] else m.t("value"))
        lines = _worked(p)
        lines += [m.pair(said) for said in (p["reason"], p["segment"]) if said]
        if len(one["products"]) > 1 and p["fraction"]:
            weight = f"{p['weight'] or '–'} {p['weight_unit'] or ''}".strip()
            lines.append(m.t("product_share", share=brief(p["fraction"]), weight=weight))
        yield Row((name, "\n".join(lines), "\n".join(_input(m, i) for i in p["inputs"])))


def _worked(product: Mapping[str, Any]) -> list[str]:
    """The formula, with its numbers, and what it gives; on one line where it is short."""
    if not product["value"]:
        return [product["text"]]
    value = f"{both(product['value'])} {product['unit'] or ''}".rstrip()
    steps = [product["text"], product["substituted"], value]
    if product["substituted"] == product["value"]["exact"]:
        del steps[1]
    short = sum(map(len, steps)) <= SHORT
    return [" = ".join(steps)] if short else [steps[0], *(f"= {step}" for step in steps[1:])]


def _input(m: Material, one: Mapping[str, Any]) -> str:
    value = f"{one['value']} {one['unit'] or ''}".strip() if one["value"] is not None else m.t("missing")
    line = m.t("input_line", symbol=one["symbol"], name=m.pair(one["name"]), value=value)
    return line + m.t("in_brackets", text=sources(m, one["records"])) if one["records"] else line


def sources(m: Material, refs: Sequence[str], most: int = 4) -> str:
    """Records by their kind and ids, the first few of each kind."""
    groups: dict[str, list[str]] = {}
    for ref in refs:
        kind, colon, name = ref.partition(":")
        known = colon and kind in m.records.kinds
        groups.setdefault(m.records.kind(kind) if known else "", []).append(name if known else ref)
    parts = []
    for kind, ids in groups.items():
        rest = m.t("and_more", count=len(ids) - most) if len(ids) > most else ""
        parts.append(f"{kind} {m.t('sep').join(ids[:most])}{rest}".strip())
    return m.t("semicolon").join(parts)


def _items(m: Material, one: Indicator) -> tuple[Cell, ...]:
    lines = [
        f"{MARKS[i['present']]} {m.pair(i['name'])} {m.t('item_weight', weight=i['weight'])}"
        for i in one["items"]
    ]
    refs = sorted({ref for i in one["items"] for ref in i["records"]})
    return m.t("checklist"), "\n".join(lines), sources(m, refs, 8)


def _points(m: Material, one: Indicator) -> str:
    if one["state"] == "inapplicable" and not exact(one["available"]):
        return m.t("not_counted")
    if one["earned"] is None:
        return m.t("no_points", low=told(one["low"]), high=told(one["high"]))
    fraction = one["fraction"] or one["low"]
    line = m.t(
        "points_line", share=both(fraction), available=both(one["available"]), earned=both(one["earned"])
    )
    return (
        line + "\n" + m.t("adds_line", adds=both(one["share"]), most=told(one["most"]))
        if one["share"]
        else line
    )


def _remarks(m: Material, one: Indicator) -> str:
    lines = [m.pair(one["joined"])] if one["joined"] else []
    if one["judged"]:
        judged = one["judged"]
        lines.append(m.t("judged", by=judged["by"], on=judged["on"], because=judged["because"]))
        if judged["computed"]:
            lines.append(m.t("judged_computed", share=brief(judged["computed"])))
    lines += [m.pair(r) for r in one["remarks"]]
    if one["state"] == "unknown":
        lines.append(m.t("unknown_range", low=brief(one["low"]), high=brief(one["high"])))
    return "\n".join(lines)


def choices(m: Material) -> Table:
    """What the text leaves open, what the scheme chose and why."""
    rows = [
        Row((m.choice(c["choice"]), m.pair(c["value"]), m.pair(c["silence"]), m.pair(c["because"])))
        for c in m.result["choices"]
    ]
    for _, one in indicators(m):
        rows.append(
            Row(
                (
                    f"{one['address']} {m.pair(one['name'])}",
                    "",
                    m.pair(one["silence"]),
                    m.pair(one["because"]),
                )
            )
        )
    widths = (("choice", 1.4), ("chosen", 1.4), ("silence", 2.4), ("because", 2.8))
    return Table(tuple(Column(m.t(h), w) for h, w in widths), tuple(rows))


def readings(m: Material) -> Table:
    """Each open choice decided otherwise, and what that does to the total."""
    rows = []
    for r in m.result["readings"]:
        sign = "" if r["moves"]["shown"].startswith("-") else "+"
        moves = Figure(f"{sign}{r['moves']['shown']}", Decimal(r["moves"]["shown"]))
        rows.append(Row((m.pair(r["says"]), figure(r["total"]), moves, figure(r["low"]), figure(r["high"]))))
    heads = ("would_be", "moves", "low", "high")
    columns = (Column(m.t("other_reading"), 4), *(Column(m.t(h), 1, right=True) for h in heads))
    return Table(columns, tuple(rows), m.t("readings"), m.t("readings_note"))
