"""What measures do, on a terminal: total and cost, what to do, quantities, indicators; or a table of steps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shall.engine.reports.terminal import clipped, width
from shall.texts import Lang, say

NAME = 34
MARKS = {True: "✓", False: "✗", None: "?"}


def page(result: Mapping[str, Any], lang: Lang) -> str:
    """The whole answer for a person to read."""
    lines = [*_head(result, lang), ""]
    if "unreachable" in result:
        lines += _unreachable(result, lang)
    if "outcome" in result:
        lines += _outcome(result, lang)
    if "ladder" in result:
        lines += _ladder(result, lang)
    if "alone" in result:
        lines += _alone(result, lang)
    return "\n".join([*lines, *_foot(result, lang)])


def _padded(text: str, columns: int) -> str:
    text = clipped(text, columns)
    return text + " " * (columns - width(text))


def _right(text: str, columns: int) -> str:
    return " " * max(columns - width(text), 0) + text


def _signed(figure: Mapping[str, str]) -> str:
    shown = str(figure["shown"])
    return shown if shown.startswith("-") else f"+{shown}"


def _head(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    scheme, measures = result["scheme"], result["measures"]
    organisation = result["organisation"]["name"] or result["organisation"]["id"] or "–"
    yield say("paths.head", lang)
    yield say(
        "scoring.context",
        lang,
        organisation=organisation,
        year=result["year"],
        base=result["base_year"] or "–",
    )
    fields = {"title": scheme["title"][lang], "key": scheme["key"], "edition": scheme["edition"]}
    yield say("scoring.scheme_line", lang, digest=scheme["digest"][:12], **fields)
    yield say(
        "paths.measures", lang, file=measures["file"], count=measures["count"], digest=measures["digest"][:12]
    )
    if measures["left_out"]:
        yield say("paths.left_out", lang, names=", ".join(measures["left_out"]))
    yield say("paths.as_if", lang, year=result["year"])


def _target(target: Mapping[str, Any], result: Mapping[str, Any], lang: Lang) -> str:
    if target["category"] is None:
        return say("paths.target_total", lang, value=target["at_least"])
    name = next(c["name"][lang] for c in result["before"]["categories"] if c["key"] == target["category"])
    return say("paths.target_category", lang, name=name, value=target["at_least"])


def _targets(targets: Sequence[Mapping[str, Any]], result: Mapping[str, Any], lang: Lang) -> str:
    return say("paths.and", lang).join(_target(t, result, lang) for t in targets)


def _unreachable(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    found = result["unreachable"]
    fields = {"target": _target(found["target"], result, lang), "most": found["most"]["shown"]}
    if found["beside"]:
        beside = _targets(found["beside"], result, lang)
        yield say("paths.unreachable_beside", lang, beside=beside, **fields)
    else:
        yield say("paths.unreachable", lang, **fields)


def _outcome(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    found, before = result["outcome"], result["before"]
    if result.get("targets"):
        yield say("paths.cheapest", lang, targets=_targets(result["targets"], result, lang))
    fields = {"before": before["total"]["shown"], "after": found["total"]["shown"]}
    yield say("paths.total", lang, moves=_signed(found["moves"]), cost=found["cost"], **fields)
    for was, now in zip(before["categories"], found["categories"], strict=True):
        if was["score"]["exact"] != now["score"]["exact"]:
            scores = f"{was['score']['shown']} → {now['score']['shown']}"
            yield f"  {_padded(now['name'][lang], NAME)}{scores}"
    yield ""
    yield say("paths.to_do" if found["options"] else "paths.nothing_to_do", lang)
    for option in found["options"]:
        yield _option(option, lang)
    if found["quantities"]:
        yield ""
        yield say("paths.quantities", lang)
        for cell in found["quantities"]:
            yield _quantity(cell, lang)
    if found["indicators"]:
        yield ""
        yield say("paths.indicators", lang)
        for one in found["indicators"]:
            yield from _indicator(one, lang)
    yield ""


def _name(option: Mapping[str, Any], lang: Lang) -> str:
    level = option["level"]
    return f"{option['name'][lang]} · {level[lang]}" if level else str(option["name"][lang])


def _option(option: Mapping[str, Any], lang: Lang) -> str:
    cost = say("paths.cost", lang, cost=option["cost"])
    year = say("paths.from_year", lang, year=option["from_year"]) if option["from_year"] else ""
    return (
        f"  {_padded(option['id'], 22)}{_padded(_name(option, lang), 44)}{_right(cost, 14)}  {year}".rstrip()
    )


def _quantity(cell: Mapping[str, Any], lang: Lang) -> str:
    before, after = (_value(_label(cell, cell[k], lang)) for k in ("before", "after"))
    unit = f" {cell['unit']}" if cell["unit"] else ""
    what = _padded(f"{cell['record']} {cell['name'][lang]}", 58)
    return f"  {what} {before} → {after}{unit}  ({', '.join(cell['by'])})"


def _label(cell: Mapping[str, Any], value: Any, lang: Lang) -> Any:
    """What a choice is called; any other value as it is."""
    from shall.evidence.schema import schema

    kind = schema().get(cell["record"].partition(":")[0])
    column = kind.column(cell["column"]) if kind else None
    labels = column.choices.get(str(value)) if column else None
    return labels[lang == "en"] if labels else value


def _value(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "–" if value is None else MARKS[value]
    return str(value)


def _indicator(one: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    was, now = one["before"], one["after"]
    arrow = f"{was['earned']['shown']} → {now['earned']['shown']} / {one['available']['shown']}"
    yield f"  {one['address']:<9}{_padded(one['name'][lang], NAME)}{arrow}  ({_signed(one['moves'])})"
    for when, side in (("before", was), ("after", now)):
        for product in side["products"]:
            yield f"      {say(f'paths.{when}', lang)} {_product(product, lang)}"
    for item, then in zip(now["items"], was["items"], strict=True):
        if item["present"] != then["present"]:
            yield f"      {MARKS[then['present']]} → {MARKS[item['present']]} {item['name'][lang]}"


def _product(product: Mapping[str, Any], lang: Lang) -> str:
    label = f"{product['label']}: " if product["label"] else ""
    if product["value"] is None:
        return f"{label}{product['text']}　{product['reason'][lang]}"
    unit = f" {product['unit']}" if product["unit"] else ""
    segment = f"　{product['segment'][lang]}" if product["segment"] else ""
    value = product["value"]
    figure = f"= {value['exact']}" if "/" not in value["exact"] else f"≈ {value['shown']}"
    return f"{label}{product['substituted']} {figure}{unit}{segment}"


def _ladder(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    yield say("paths.ladder", lang)
    heads = [say(f"paths.col_{name}", lang) for name in ("target", "total", "cost", "measures")]
    yield f"  {_right(heads[0], 8)}{_right(heads[1], 10)}{_right(heads[2], 14)}  {heads[3]}"
    for n, rung in enumerate(result["ladder"]):
        last = n == len(result["ladder"]) - 1
        target = say("paths.highest", lang) if last else rung["target"]["shown"]
        names = ", ".join(o["id"] for o in rung["options"]) or "–"
        yield f"  {_right(target, 8)}{_right(rung['total']['shown'], 10)}{_right(rung['cost'], 14)}  {names}"
    yield ""
    yield say("paths.legend", lang)
    seen: set[str] = set()
    for rung in result["ladder"]:
        for option in rung["options"]:
            if option["id"] not in seen:
                seen.add(option["id"])
                yield _option(option, lang)
    yield ""


def _alone(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    yield say("paths.alone", lang, total=result["before"]["total"]["shown"])
    for one in result["alone"]:
        cost = _right(say("paths.cost", lang, cost=one["cost_together"]), 14)
        head = f"  {_padded(one['id'], 22)}{_padded(_name(one, lang), 44)}{cost}"
        if one["impossible"]:
            fields = one["impossible"]
            yield f"{head}  {say('paths.impossible_alone', lang, **fields)}"
            continue
        extra = say("paths.with", lang, names=", ".join(one["with"])) if one["with"] else ""
        touched = ", ".join(one["indicators"]) or say("paths.no_indicator", lang)
        yield f"{head}  {_right(_signed(one['moves']), 7)}  {touched} {extra}".rstrip()
    yield ""


def _foot(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    for remark in result["remarks"]:
        yield f"· {remark[lang]}"
    if "engine" in result:
        yield say(f"paths.by_{result['engine'].replace('-', '_')}", lang)
    unmet = [g["address"] for g in result["gates"] if g["met"] is not True]
    yield say("paths.gates", lang, addresses=", ".join(unmet)) if unmet else say("paths.gates_met", lang)
    receipt = result["receipt"]
    yield say("paths.receipt", lang, result=receipt["result"][:12], measures=receipt["measures"][:12])
