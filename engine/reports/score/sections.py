"""Parts a) to h) of the report, from the records of the evaluation; what is not on record is marked, never made up."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shall.engine.reports.document.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Facts,
    Figure,
    Para,
    Point,
    Row,
    Section,
    Table,
    fitted,
)
from shall.engine.reports.records import Record, neat, of_year, total
from shall.engine.reports.score.scores import indicators, intensity
from shall.engine.reports.score.words import Material, both
from shall.engine.scoring.numbers import exact as digits

EMISSIONS = (
    "emission_amount",
    "emission_intensity",
    "energy_use",
    "product_footprint",
    "neutrality",
    "offset",
)
"""Matters of an objective that are about reduction."""
SCOPE = ("wording", "organisational_boundary", "physical_boundary", "reporting_boundary")
PROCESS = (
    "workflow", "team_formed_on", "plan_made_on", "plan_fits", "data_checked_on", "sources_recorded",
    "conformity_checked_on", "indicators_evaluated_on", "reviewed_independently_on", "reviewer", "working_papers",
)  # fmt: skip
PROFILE = ("industry", "purpose", "employees", "energy_use", "emissions")
YEARLY = (
    "data_year", "value_added", "gross_emissions", "net_emissions", "residual_emissions", "comprehensive_energy",
)  # fmt: skip


def table_of(
    m: Material,
    kind: str,
    records: Sequence[Record],
    columns: Sequence[str],
    caption: str = "",
    note: str = "",
) -> Block:
    """The records with these columns, the id last; a marked line where there are none."""
    if not records:
        return Facts(((caption or m.records.kind(kind), m.blank()),))
    known = {c.name: c for c in m.records.kinds[kind].columns}
    heads = [
        Column(m.records.head(kind, c), 1, right=known[c].type in ("decimal", "integer")) for c in columns
    ]
    rows = [Row((*(m.cell(kind, r, c) for c in columns), str(r["id"]))) for r in records]
    return Table(fitted((*heads, Column(m.t("record"))), rows), tuple(rows), caption, note)


def facts_of(m: Material, kind: str, record: Record | None, columns: Iterable[str]) -> list[tuple[str, Cell]]:
    """Columns of one record, each under what it is called."""
    return [(m.records.head(kind, c), m.cell(kind, record, c)) for c in columns]


def names(m: Material) -> Section:
    """a) Names and addresses of the evaluated and the evaluating party."""
    party = m.evaluation
    rows: list[tuple[str, Cell]] = [(m.t("evaluated"), m.name)]
    rows += facts_of(m, "organisation", m.organisation, ("credit_code", "address"))
    rows += facts_of(m, "factory_evaluation", party, ("evaluator", "party"))
    rows.append((m.t("evaluator_address"), m.blank()))
    sites = table_of(
        m, "site", m.records.of("site"), ("name", "address", "purpose", "in_boundary"), m.t("sites")
    )
    return Section(m.t("a"), 1, (Facts(tuple(rows)), sites), m.t("sheet_about"))


def dates(m: Material) -> Section:
    """b) Dates of the report."""
    rows = facts_of(m, "factory_evaluation", m.evaluation, ("report_on", "released_on"))
    rows.append((m.t("made_as_of"), m.or_blank(str(m.result["on"] or ""))))
    return Section(m.t("b"), 1, (Facts(tuple(rows)),))


def scope(m: Material) -> Section:
    """c) Purpose, criteria and scope."""
    standard, scheme = m.result["standard"], m.result["scheme"]
    rows: list[tuple[str, Cell]] = [(m.t("purpose"), m.blank())]
    rows += facts_of(m, "factory_evaluation", m.evaluation, ("for_announcement",))
    rows.append((m.t("criteria"), f"{standard['number']} {m.pair(standard['title'])}"))
    rows.append((m.t("scheme"), m.t("scheme_line", title=m.pair(scheme["title"]), **_of(scheme))))
    rows.append((m.t("year"), str(m.year)))
    rows.append((m.t("base_year"), m.or_blank(str(m.result["base_year"] or ""))))
    rows += facts_of(m, "factory_evaluation", m.evaluation, ("period_from", "period_until"))
    return Section(m.t("c"), 1, (Facts(tuple(rows)), Facts(tuple(_boundary(m)))))


def _of(scheme: Any) -> dict[str, str]:
    return {key: scheme[key] for key in ("key", "edition", "digest")}


def _boundary(m: Material) -> list[tuple[str, Cell]]:
    found = [r for r in m.records.of("scope_statement") if r.get("topic") in (None, "carbon")]
    return facts_of(m, "scope_statement", max(found, key=_since, default=None), SCOPE)


def _since(record: Record) -> tuple[str, str]:
    return str(record.get("valid_from") or record.get("approved_on") or ""), str(record["id"])


def profile(m: Material) -> Section:
    """d) The evaluated party: size, business, products, the figures of its years."""
    products = table_of(
        m, "product", m.records.of("product"), ("name", "model", "main_product"), m.t("products")
    )
    outputs = [r for r in m.records.of("product_output") if of_year(r, m.year)]
    made = table_of(
        m, "product_output", outputs,
        ("product", "quantity", "measure_unit", "output_value", "period_from", "period_until"), m.t("outputs"),
    )  # fmt: skip
    return Section(
        m.t("d"), 1, (Facts(tuple(facts_of(m, "organisation", m.organisation, PROFILE))), products, made)
    )


def process(m: Material) -> Section:
    """e) How the evaluation went, and who did it."""
    found = m.evaluation
    members = [
        r for r in m.records.of("evaluation_team_member") if found and r.get("factory_evaluation") == found["id"]
    ]  # fmt: skip
    team = table_of(
        m,
        "evaluation_team_member",
        members,
        ("name", "team_role", "skills", "competent", "impartial"),
        m.t("team"),
    )
    return Section(m.t("e"), 1, (Facts(tuple(facts_of(m, "factory_evaluation", found, PROCESS))), team))


# --- emissions, reductions, offsets ------------------------------------------------------------------


def emissions(m: Material) -> list[Section]:
    """f) Boundary, sources, result: from the inventory made for this report, else as recorded."""
    parts: list[Block] = [Facts(tuple(_boundary(m)))]
    parts += _computed(m) if m.inventory else _recorded(m)
    years = sorted(m.records.of("factory_year"), key=lambda r: (str(r.get("data_year")), str(r["id"])))
    parts.append(table_of(m, "factory_year", years, YEARLY, m.t("years")))
    if chart := intensity(m):
        parts.append(chart)
    return [Section(m.t("f"), 1, tuple(parts), m.t("sheet_emissions"))]


def _computed(m: Material) -> list[Block]:
    found = m.inventory
    assert found is not None
    totals, basis, unsure = found["totals"], found["basis"], found["quality"]["uncertainty"]
    rows: list[tuple[str, Cell]] = [
        (
            m.t("method"),
            m.t(
                "method_line",
                title=m.pair(basis["title"]),
                key=basis["methodology"],
                edition=basis["edition"],
            ),
        ),
        (m.t("inventory_total"), f"{totals['emissions']} tCO2e"),
    ]
    if totals["emissions_market"] is not None:
        rows.append((m.t("inventory_market"), f"{totals['emissions_market']} tCO2e"))
    if unsure["percent"] is not None:
        rows.append(
            (m.t("inventory_range"), m.t("range_line", **{k: unsure[k] for k in ("low", "high", "percent")}))
        )
    rows += [
        (m.t(f"apart_{k}"), f"{totals[k]} tCO2e") for k in ("exported", "biogenic", "removals", "offsets")
    ]
    blocks: list[Block] = [Facts(tuple(rows))]
    for level in ("scope", "source_class", "gas"):
        if level in found["breakdown"]:
            blocks.append(_breakdown(m, level, found))
    if parts := found["breakdown"].get("source_class"):
        blocks.append(_sources(m, [(m.pair(p["label"]), Decimal(p["emission"]), p["share"]) for p in parts]))
    readings = list(dict.fromkeys(m.pair(r) for r in found["readings"]))
    return [*blocks, *(Para(text, "note") for text in readings)]


def _breakdown(m: Material, level: str, found: Any) -> Table:
    parts = found["breakdown"][level]
    rows = [
        Row((m.pair(p["label"]), _tonnes(Decimal(p["emission"])), Figure(p["share"] or "–"))) for p in parts
    ]
    whole = Decimal(found["totals"]["emissions"])
    rows.append(Row((m.t("sum"), _tonnes(whole), Figure("100.00" if whole else "–")), "total"))
    columns = (
        Column(m.t(f"by_{level}"), 3),
        Column("tCO2e", 1.4, right=True),
        Column(m.t("percent"), 0.8, right=True),
    )
    return Table(columns, tuple(rows))


def _tonnes(value: Decimal) -> Figure:
    text = neat(value)
    return Figure(text, Decimal(text))


def _recorded(m: Material) -> list[Block]:
    """The inventories and sources on record, said to be so."""
    span = (f"{m.year}-01-01", f"{m.year}-12-31")
    kept = [
        r for r in m.records.of("carbon_inventory") if (r.get("period_from"), r.get("period_until")) == span
    ]
    ids = {r["id"] for r in kept}
    sources = [r for r in m.records.of("emission_source") if r.get("carbon_inventory") in ids]
    totals = table_of(
        m, "carbon_inventory", kept,
        ("title", "guideline", "scope1", "scope2", "scope3", "emissions", "removals", "verified_by"),
        m.t("inventories"),
    )  # fmt: skip
    listed = table_of(
        m, "emission_source", sources, ("title", "scope", "source_class", "emissions"), m.t("sources")
    )
    note = [Para(m.t("recorded_note"), "note")] if kept else []
    blocks: list[Block] = [*note, totals, listed]
    amounts = [r for r in sources if r.get("emissions") is not None]
    if amounts:
        whole = total(amounts, "emissions")
        bars = [
            (str(r.get("title") or r["id"]), Decimal(str(r["emissions"])), _share(r, whole)) for r in amounts
        ]
        blocks.append(_sources(m, bars))
    return blocks


def _share(record: Record, whole: Decimal) -> str | None:
    if not whole:
        return None
    value = Fraction(str(record["emissions"])) * 100 / Fraction(whole)
    return format(Decimal(round(value * 100)).scaleb(-2), ".2f")


MOST = 25
"""Bars a chart of sources has; the rest share one."""


def _sources(m: Material, bars: Sequence[tuple[str, Decimal, str | None]]) -> Chart:
    ordered = sorted(bars, key=lambda bar: -bar[1])
    points = [Point(label, (value,), _told(value, share)) for label, value, share in ordered[:MOST]]
    if len(ordered) > MOST:
        rest = sum((value for _, value, _ in ordered[MOST:]), Decimal(0))
        points.append(
            Point(m.t("other_sources", count=len(ordered) - MOST), (rest,), _told(rest, None), apart=True)
        )
    return Chart("bars", m.t("sources_chart"), ("tCO2e",), tuple(points))


def _told(value: Decimal, share: str | None) -> str:
    text = f"{value.quantize(Decimal('0.1')) if value.copy_abs() >= 10 else value.normalize():f} tCO2e"
    return f"{text} · {share} %" if share else text


def reductions(m: Material) -> Section:
    """g) Targets of the year, measures, and what came of them."""
    targets = [
        r for r in m.records.of("objective")
        if r.get("matter") in EMISSIONS and str(r.get("due_on") or "")[:4] in (str(m.year), str(m.year + 1))
    ]  # fmt: skip
    aims = table_of(
        m, "objective", targets, ("title", "matter", "target_value", "measure_unit", "due_on"), m.t("targets"),
        m.t("targets_note", year=m.year, next=m.year + 1),
    )  # fmt: skip
    projects = [r for r in m.records.of("reduction_project") if of_year(r, m.year)]
    done = table_of(
        m, "reduction_project", projects,
        ("name", "state", "expected_reduction", "actual_reduction", "verified_by"), m.t("projects"),
    )  # fmt: skip
    actions = table_of(
        m, "action_plan", m.records.of("action_plan"),
        ("what", "responsible_unit", "due_on", "expected_effect", "actual_effect"), m.t("actions"),
    )  # fmt: skip
    return Section(m.t("g"), 1, (aims, done, actions, _results(m)))


def _results(m: Material) -> Block:
    rows = []
    for _, one in indicators(m):
        for p in one["products"]:
            if p["formula"] in ("B.5", "B.6", "B.7") and p["value"]:
                name = f"{one['address']} {m.pair(one['name'])}"
                rows.append(
                    Row(
                        (
                            name,
                            p["label"],
                            f"{both(p['value'])} {p['unit'] or ''}".strip(),
                            m.pair(p["reason"]),
                        )
                    )
                )
    if not rows:
        return Facts(((m.t("results"), m.blank()),))
    heads = (("indicator", 2), ("product", 1.4), ("value", 1.6), ("remarks", 2))
    return Table(tuple(Column(m.t(h), w) for h, w in heads), tuple(rows), m.t("results"))


def offsets(m: Material) -> Section:
    """h) Ways, amounts and proofs of offsetting."""
    found = [r for r in m.records.of("offset") if r.get("purpose") in (None, "factory", "organisation")]
    found = [r for r in found if of_year(r, m.year)]
    listed = table_of(
        m, "offset", found,
        ("offset_type", "quantity", "vintage", "credit_project", "registry", "serial_number", "cancelled_on",
         "cancellation_number"), m.t("offsets"),
    )  # fmt: skip
    blocks: list[Block] = [listed]
    for _, one in indicators(m):
        for p in one["products"]:
            if p["formula"] == "B.8" and p["value"]:
                line = m.t("ratio_line", text=p["text"], substituted=p["substituted"], value=both(p["value"]))
                blocks += [Para(line, "formula"), *(Para(m.pair(r), "note") for r in one["remarks"])]
    if found:
        whole = digits(Fraction(total(found, "quantity")))
        blocks.insert(1, Para(m.t("offsets_sum", total=whole)))
    return Section(m.t("h"), 1, tuple(blocks))
