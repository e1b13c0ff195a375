"""The score on a terminal: claim, total, categories, indicators with value to points, range, open choices."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from shall.engine.reports.terminal import clipped, width
from shall.engine.scoring.numbers import readable
from shall.texts import Lang, say

NAME, VALUE = 26, 30
MOVING = 6
MARKS = {True: "✓", False: "✗", None: "?"}


def page(result: Mapping[str, Any], lang: Lang) -> str:
    """The whole score for a person to read."""
    return "\n".join([*_head(result, lang), *_categories(result, lang), *_foot(result, lang)])


def _padded(text: str, columns: int) -> str:
    text = clipped(text, columns)
    return text + " " * (columns - width(text))


def _number(figure: Mapping[str, str] | None) -> str:
    return "–" if figure is None else figure["shown"]


def _head(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    standard, scheme = result["standard"], result["scheme"]
    yield say("scoring.head", lang, number=standard["number"], title=standard["title"][lang])
    organisation = result["organisation"]["name"] or result["organisation"]["id"] or "–"
    base = result["base_year"] or "–"
    yield say("scoring.context", lang, organisation=organisation, year=result["year"], base=base)
    fields = {"title": scheme["title"][lang], "key": scheme["key"], "edition": scheme["edition"]}
    yield say("scoring.scheme_line", lang, digest=scheme["digest"][:12], **fields)
    yield ""
    yield say("scoring.total", lang, total=_number(result["total"]))
    spread = {k: _number(v) for k, v in result["range"].items()}
    yield say("scoring.range", lang, **spread)
    yield say(f"scoring.claim_{result['claim']}", lang)
    for gate in result["gates"]:
        yield f"  {MARKS[gate['met']]} {gate['address']}  {gate['because'][lang]}"
    for remark in result["remarks"]:
        yield f"  · {remark[lang]}"


def _categories(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    for category in result["categories"]:
        yield ""
        fields = {k: _number(category[k]) for k in ("score", "weight", "low", "high")}
        yield say("scoring.category", lang, name=category["name"][lang], **fields)
        for remark in category["remarks"]:
            yield f"  · {remark[lang]}"
        for indicator in category["indicators"]:
            yield from _indicator(indicator, lang)


def _indicator(one: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    products = one["products"]
    value = say(f"scoring.state_{one['state']}", lang)
    if len(products) == 1 and products[0]["value"]:
        value = _figure(products[0])
    elif products and one["state"] == "computed":
        value = say("scoring.several", lang, count=len(products))
    elif len(products) > 1 and all(p["fraction"] for p in products):
        value = say("scoring.several_apart", lang, count=len(products))
    elif one["items"] and one["state"] != "inapplicable":
        value = ticked(one["items"], lang) or value
    if one["state"] == "judged":
        value = say("scoring.judged_value", lang, by=one["judged"]["by"], on=one["judged"]["on"])
    arrow = f"{_number(one['earned'])} / {_number(one['available'])}"
    yield f"  {one['address']:<9}{_padded(one['name'][lang], NAME)}{_padded(value, VALUE)}→ {arrow}"
    if one["judged"]:
        yield f"      · {one['judged']['because']}"
    for product in products:
        yield from _product(product, lang)
        if len(products) > 1 and product["fraction"]:
            yield say("scoring.product_share", lang, **_weighing(product))
    if one["joined"]:
        yield f"      {one['joined'][lang]}"
    for item in one["items"] if one["state"] != "judged" else ():
        yield f"      {MARKS[item['present']]} {item['name'][lang]}"
    for remark in one["remarks"]:
        yield f"      · {remark[lang]}"


def ticked(items: Sequence[Mapping[str, Any]], lang: Lang) -> str:
    """How many lines of a checklist are there, and how many nobody can tell; empty where none can be told."""
    there, open_ = (sum(i["present"] is state for i in items) for state in (True, None))
    if open_ == len(items):
        return ""
    value = f"{there}/{len(items)}"
    return say("scoring.items_open", lang, value=value, open=open_) if open_ else value


def _figure(product: Mapping[str, Any]) -> str:
    """A value with its unit: a percentage rounded, anything else exactly where its digits end."""
    unit, value = product["unit"], product["value"]
    whole = unit != "%" and "/" not in value["exact"]
    return f"{value['exact'] if whole else value['shown']} {unit or ''}".strip()


def _weighing(product: Mapping[str, Any]) -> dict[str, str]:
    weight = f"{product['weight'] or '–'} {product['weight_unit'] or ''}".strip()
    return {"share": readable(Fraction(product["fraction"]["exact"])), "weight": weight}


def _product(product: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    label = f"{product['label']}: " if product["label"] else ""
    if product["value"] is None:
        yield f"      {label}{product['text']}　{product['reason'][lang]}"
        return
    value = product["value"]
    figure = f"= {value['exact']}" if "/" not in value["exact"] else f"= {value['exact']} ≈ {value['shown']}"
    yield f"      {label}{product['text']} = {product['substituted']} {figure} {product['unit'] or ''}".rstrip()
    if product["reason"]:
        yield f"      · {product['reason'][lang]}"
    if product["segment"]:
        yield f"      · {product['segment'][lang]}"


def _foot(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    moving = [r for r in result["readings"] if r["moves"]["exact"] != "0"]
    yield ""
    yield say("scoring.open_choices", lang, count=len(result["readings"]), moving=len(moving))
    for reading in moving[:MOVING]:
        sign = "" if reading["moves"]["shown"].startswith("-") else "+"
        moves = f"{sign}{reading['moves']['shown']}"
        yield f"  {moves:>7}  {say('scoring.would_be', lang, total=_number(reading['total']))}  {reading['says'][lang]}"
    receipt = result["receipt"]
    yield ""
    yield say("scoring.receipt", lang, result=receipt["result"][:12], table=receipt["table"][:12])
