"""Command of the carbon accounts: the greenhouse gas inventory of one organisation and year."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import STORE, organisation_of, output_options, put_text
from shall.texts import Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.accounts.activity import Evidence
    from shall.engine.accounts.views import Cell, Table

SHOWN = 10
WIDE, WIDEST = 60, 160
"""Columns of a cell on the screen, and of one that holds arithmetic."""


@click.command()
@click.argument("store", type=STORE)
@click.option("--org", help="组织编号 / organisation")
@click.option("--year", type=int, help="核算年度 / inventory year")
@click.option("--method", help="方法学 / methodology")
@click.option(
    "--region", help="电网地区，方法学需要时 / region of the grid, where the methodology asks for one"
)
@click.option(
    "--view",
    "name",
    default="scopes",
    show_default=True,
    help="scopes, gbt32150, iso14064, source, source_class, site, unit, month, gas, lines, quality, table:...",
)
@click.option(
    "--fill",
    type=click.Choice(["none", "mean", "previous_year"]),
    default="none",
    show_default=True,
    help="缺失月份的补缺规则 / rule that fills missing months",
)
@click.option(
    "--factors", type=click.Path(path_type=Path, file_okay=False), help="自己的因子文件夹 / own factors"
)
@click.option(
    "--gas-at-standard", is_flag=True, help="m3 计的气体读作标准状态 / gas in m3 is at standard conditions"
)
@click.option(
    "--densities",
    is_flag=False,
    flag_value="liquid_density",
    help="按升记录的液体燃料用此密度集折算，不写名称时用缺省密度 / set of densities for liquid fuels in litres,"
    " the default one where none is named",
)
@click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then")
@output_options(("table", "json", "csv"))
@click.pass_obj
def inventory(
    lang: Lang,
    /,
    store: Path,
    org: str | None,
    year: int | None,
    method: str | None,
    region: str | None,
    name: str,
    fill: str,
    factors: Path | None,
    gas_at_standard: bool,
    densities: str | None,
    known: int | None,
    form: str,
    output: Path | None,
) -> None:
    """由活动数据编制温室气体清单，按各标准的结构列出 /
    greenhouse gas inventory from activity data, in the shape of each standard.
    """
    from shall.engine.accounts.activity import read
    from shall.engine.accounts.factor_library import library
    from shall.engine.accounts.factors import choose
    from shall.engine.accounts.inventory import build, result
    from shall.engine.accounts.views import view
    from shall.evidence.store import Store

    with Store.open(store) as opened:
        evidence = read(opened, organisation_of(opened, org), known)
    shelf = library(factors)
    if method is None:
        raise MethodWanted(shelf.methodologies, lang)
    basis = choose(method, _year(year, evidence), region, known=shelf, densities=densities)
    made = build(evidence, basis, fill=fill, gas_at_standard=gas_at_standard)
    tables = view(made, name)
    if form == "json":
        from shall.engine.reports.json_report import json_text

        text = json_text({**result(made), "views": [t.plain() for t in tables]})
    elif form == "csv":
        text = _csv(tables, lang)
    else:
        value = result(made)
        text = "".join(
            f"{line}\n" for line in [*_head(value, lang), *_shown(tables, lang), *_summary(value, lang)]
        )
    put_text(text, output)
    if output:
        click.echo(say("cli.written", lang, path=output), err=True)


NUMBER = re.compile(r"-?\d+(\.\d+)?")


class MethodWanted(UsageError):
    """No methodology was named: says which there are, one per line."""

    def __init__(self, methodologies: Sequence[Any], lang: str) -> None:
        super().__init__("inventory.which_method")
        self.methodologies = methodologies

    def text(self, lang: str) -> str:
        """The head line and every methodology with its years."""
        lines = [say(self.key, lang)]
        for one in self.methodologies:
            fields = {"key": one.key, "title": getattr(one.title, lang), "years": one.years}
            lines.append(say("inventory.method_line", lang, **fields))
        return "\n".join(lines)


def _year(year: int | None, evidence: "Evidence") -> int:
    from shall.engine.accounts.activity import years_recorded

    if year is None:
        recorded = ", ".join(map(str, years_recorded(evidence))) or "-"
        raise UsageError("inventory.which_year", years=recorded)
    return year


def _csv(tables: "Sequence[Table]", lang: str) -> str:
    """The tables one below the other, each with a head row; a group is named in each of its rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for n, table in enumerate(tables):
        if n:
            writer.writerow([])
        writer.writerow([_in(c, lang) for c in table.columns])
        group = ""
        for row in table.rows:
            cells = [_in(cell, lang) for cell in row]
            group = cells[0] or group
            writer.writerow([_harmless(cell) for cell in (group, *cells[1:])])
    return out.getvalue()


def _harmless(text: str) -> str:
    """A text that a spreadsheet would compute is kept a text; numbers stay numbers."""
    from shall.engine.reports.csv_report import guarded

    return text if NUMBER.fullmatch(text) else guarded(text)


def _in(cell: "Cell", lang: str) -> str:
    return cell if isinstance(cell, str) else cell[lang]


def _head(value: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    organisation, basis = value["organisation"], value["basis"]
    yield say("inventory.head", lang, name=organisation["name"] or organisation["id"], year=value["year"])
    yield from _coverage(value, lang)
    fields = {"title": basis["title"][lang], "key": basis["methodology"], "edition": basis["edition"]}
    yield say("inventory.head_method", lang, **fields)
    for use, chosen in basis["because"].items():
        told = {
            "use": say(f"inventory.use_{use}", lang),
            "title": chosen["title"][lang],
            "set": chosen["set"],
        }
        yield say("inventory.head_set", lang, **told)


def _coverage(value: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    """Where the data do not cover the year: that, before any figure."""
    quality = value["quality"]
    found = quality["coverage"]
    if not found["items_with_gaps"]:
        return
    fields = {"items": found["items"], "open": found["items_with_gaps"], "months": found["months"]}
    fields["of"] = found["months_of"]
    key = "head_coverage"
    if value["fill"] != "none":
        key = "head_coverage_filled"
        fields |= {"fill": value["fill"], "estimated": quality["estimated"]["share"] or "-"}
    yield say(f"inventory.{key}", lang, **fields)


def _shown(tables: "Sequence[Table]", lang: Lang) -> Iterator[str]:
    """Tables in columns; numbers of tonnes to two places, the rest as it is."""
    for table in tables:
        yield ""
        yield table.title[lang]
        emission = [c[lang] == say("inventory.column_emission", lang) for c in table.columns]
        rows = [[_in(c, lang) for c in table.columns]]
        rows += [
            [_tonnes(_in(c, lang)) if e else _in(c, lang) for c, e in zip(row, emission, strict=True)]
            for row in table.rows
        ]
        wide = [c[lang] == say("inventory.column_arithmetic", lang) for c in table.columns]
        yield from _columns(rows, [WIDEST if w else WIDE for w in wide])
        yield from (f"* {note[lang]}" for note in table.notes)


def _columns(rows: Sequence[Sequence[str]], limits: Sequence[int]) -> Iterator[str]:
    from shall.engine.reports.terminal import clipped, width

    widths = [min(limit, max(width(row[n]) for row in rows)) for n, limit in enumerate(limits)]
    for row in rows:
        cells = []
        for n, cell in enumerate(row):
            last = n == len(row) - 1
            text = cell if last or len(rows) < 3 else clipped(cell, widths[n])
            room = " " * max(0, widths[n] - width(text))
            cells.append(room + text if _number(text) else text + room)
        yield "  ".join(cells).rstrip()


def _number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _tonnes(text: str) -> str:
    """Two places on the screen; all digits stand in JSON and CSV."""
    if not _number(text):
        return text
    from decimal import ROUND_HALF_EVEN, localcontext

    with localcontext() as context:
        context.prec = 60
        return format(Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_EVEN), "f")


def _summary(value: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    totals, quality = value["totals"], value["quality"]
    yield ""
    yield say(
        "inventory.line_total", lang, total=_tonnes(totals["emissions"]), **_range(quality["uncertainty"])
    )
    if value["market"]:
        power = sum((Decimal(c["counted"]) for c in value["market"]["certificates"]), Decimal(0))
        fields = {"total": _tonnes(totals["emissions_market"]), "power": format(power, "f")}
        yield say("inventory.line_market", lang, **fields)
        for one in value["market"]["certificates"]:
            told = {key: one[key] for key in ("record", "number", "counted")}
            yield say("inventory.line_certificate", lang, **told, why=_why(one["readings"], lang))
    apart = {key: _tonnes(totals[key]) for key in ("removals", "offsets", "biogenic", "exported")}
    yield say("inventory.line_apart", lang, **apart)
    yield from _measures(value, lang)
    yield from _quality(value, lang)
    yield from _readings(value, lang)
    receipt = value["receipt"]
    fields = {"position": receipt["evidence"]["position"], "digest": receipt["result"][:16]}
    yield say("inventory.line_receipt", lang, **fields)


def _range(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: found[key] or "-" for key in ("percent", "low", "high")}


def _measures(value: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    for one in value["intensities"]:
        fields = {"name": one["name"][lang], "unit": one["unit"], "why": _why(one["readings"], lang)}
        if one["value"] is None:
            yield say("inventory.line_no_intensity", lang, name=fields["name"], why=fields["why"])
        else:
            yield say("inventory.line_intensity", lang, **fields, value=one["value"], days=one["days"])
    for one in value["comparisons"]:
        fields = {"name": one["name"][lang], "unit": one["unit"], "why": _why(one["readings"], lang)}
        if one["theirs"] is None:
            yield say("inventory.line_not_compared", lang, name=fields["name"], why=fields["why"])
            continue
        both = {key: _tonnes(one[key]) if one["unit"] == "tCO2e" else one[key] for key in ("ours", "theirs")}
        change = one["change"] if one["change"] is not None else "-"
        yield say("inventory.line_compared", lang, **fields, **both, change=change)


def _quality(value: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    quality = value["quality"]
    gaps = quality["completeness"]
    share = quality["estimated"]["share"] or "-"
    yield say("inventory.line_quality", lang, estimated=share, gaps=len(gaps), fill=value["fill"])
    for gap in gaps[:SHOWN]:
        key = "months_missing" if gap["months_missing"] else "months_partial"
        line = "line_gap" if gap["months_missing"] else "line_gap_part"
        yield say(f"inventory.{line}", lang, name=gap["name"], months=", ".join(gap[key]))
    for one in quality["not_filled"][:SHOWN]:
        yield f"  {one[lang]}"
    recorded = quality["recorded"]
    yield say("inventory.line_recorded", lang, same=recorded["same"], differing=len(recorded["differing"]))
    for one in recorded["differing"][:SHOWN]:
        yield say("inventory.line_differs", lang, **one)
    for reason, ids in value["left_out"].items():
        yield say("inventory.line_left", lang, count=len(ids), reason=say(f"inventory.reason_{reason}", lang))


def _readings(value: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    """Each reading once, with the number of data it was used for."""
    counts: dict[str, int] = {}
    for one in value["lines"]:
        for reading in one["readings"]:
            counts[reading[lang]] = counts.get(reading[lang], 0) + 1
    for text, count in counts.items():
        yield say("inventory.line_reading", lang, count=count, text=text)


def _why(readings: Sequence[Mapping[str, str]], lang: Lang) -> str:
    return ("；" if lang == "zh" else "; ").join(r[lang] for r in readings)
