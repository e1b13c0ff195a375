"""The score report as a document."""

from collections.abc import Mapping
from typing import Any

from shall.engine.models import Ruleset
from shall.engine.reports.document.blocks import (
    Block,
    Cell,
    Column,
    Document,
    Facts,
    Figure,
    Para,
    Row,
    Section,
    Table,
)
from shall.engine.reports.records import Records, rounded
from shall.engine.reports.score import scores, sections
from shall.engine.reports.score.words import Material, both, brief, exact, told
from shall.engine.reports.view import clean
from shall.texts import Lang, say

CLAIMS = {"possible": "good", "blocked": "bad", "not_told": "warn"}
INFORMATION = {
    "scoring.scopes_told",
    "scoring.scopes_unsaid",
    "scoring.certificate_only_bought",
    "scoring.certificate_kept",
    "scoring.given_because",
}
"""Remarks that say what a figure rests on and are no reason why points are missing."""
SHORT = 12
"""Characters of a digest that stand on every page; the whole of it is in the receipt."""


def score_report(
    result: Mapping[str, Any],
    records: Records,
    ruleset: Ruleset,
    lang: Lang,
    inventory: Mapping[str, Any] | None = None,
) -> Document:
    """The report of one score, in one language; the same inputs always give the same document."""
    m = Material(clean(result), records, clean(inventory), ruleset, lang)
    parts = [
        _summary(m),
        sections.names(m),
        sections.dates(m),
        sections.scope(m),
        sections.profile(m),
        sections.process(m),
        *sections.emissions(m),
        sections.reductions(m),
        sections.offsets(m),
        *_scores(m),
        _outcome(m),
        Section(
            m.t("choices"), 1, (Para(m.t("choices_note"), "note"), scores.choices(m)), m.t("sheet_choices")
        ),
        Section(m.t("readings"), 1, (scores.readings(m),), m.t("sheet_readings")),
        _receipt(m),
    ]
    standard = m.result["standard"]
    return Document(
        lang=lang,
        title=m.name,
        subtitle=m.t("subtitle", number=standard["number"], title=m.pair(standard["title"])),
        on=m.result["on"] or f"{m.year}-12-31",
        day=m.result["on"] or "",
        running=_running(m),
        head=Facts(tuple(_head(m))),
        notices=tuple(_notices(m)),
        sections=tuple(parts),
        receipt=m.result["receipt"]["result"],
    )


def _running(m: Material) -> str:
    scheme, receipt = m.result["scheme"], m.result["receipt"]
    fields = {"key": scheme["key"], "edition": scheme["edition"], "digest": scheme["digest"][:SHORT]}
    return m.t("running", title=m.pair(scheme["title"]), **fields, result=receipt["result"][:SHORT])


def _head(m: Material) -> list[tuple[str, Cell]]:
    scheme = m.result["scheme"]
    line = m.t("scheme_short", title=m.pair(scheme["title"]), key=scheme["key"], edition=scheme["edition"])
    return [
        (m.t("evaluated"), m.name),
        (m.t("year"), str(m.year)),
        (m.t("base_year"), m.or_blank(str(m.result["base_year"] or ""))),
        (m.t("made_as_of"), m.or_blank(str(m.result["on"] or ""))),
        (m.t("scheme"), line),
    ]


def _notices(m: Material) -> list[Para]:
    found = [Para(m.t("machine_notice"), "plain")]
    if m.ruleset.standard.status == "draft":
        found.append(Para(m.t("draft_notice", number=m.result["standard"]["number"]), "warn"))
    if not m.records.present:
        found.append(Para(m.t("values_notice"), "warn"))
    return found


def _claim(m: Material) -> Para:
    return Para(
        say(f"scoring.claim_{m.result['claim']}", m.lang),
        "good" if m.result["claim"] == "possible" else "bad" if m.result["claim"] == "blocked" else "warn",
    )


def _summary(m: Material) -> Section:
    spread = {key: told(value) for key, value in m.result["range"].items()}
    blocks: list[Block] = [
        Para(say("scoring.total", m.lang, total=told(m.result["total"])), "strong"),
        Para(say("scoring.range", m.lang, **spread)),
        _claim(m),
        scores.categories(m),
        scores.radar(m),
        scores.waterfall(m),
    ]
    return Section(m.t("summary"), 1, tuple(blocks))


def _scores(m: Material) -> list[Section]:
    total = m.result["total"]
    lines = [Para(m.t("total_exact", total=both(total)) if total else m.t("no_total"), "plain")]
    lines += [Para(m.pair(r), "note") for r in m.result["remarks"]]
    for category in m.result["categories"]:
        lines += [
            Para(f"{m.pair(category['name'])}{m.t('colon')}{m.pair(r)}", "note") for r in category["remarks"]
        ]
    return [
        Section(m.t("i"), 1, (*lines, scores.scored(m)), m.t("sheet_scores")),
        Section(m.t("arithmetic"), 2, (scores.arithmetic(m),), m.t("sheet_arithmetic")),
    ]


def _outcome(m: Material) -> Section:
    """j) The result, the problems found, and what they cost."""
    rows = [
        Row((g["address"], m.t(f"gate_{_met(g['met'])}"), m.pair(g["because"]), m.gate(g["address"])))
        for g in m.result["gates"]
    ]
    heads = (("address", 0.8), ("gate_state", 1), ("because", 2), ("requirement", 3))
    gates: Block = Table(
        tuple(Column(m.t(h), w) for h, w in heads), tuple(rows), m.t("gates"), m.t("gates_note")
    )
    if not rows:
        gates = Facts(((m.t("gates"), m.blank()),))
    spread = {key: told(value) for key, value in m.result["range"].items()}
    lines = (
        Para(say("scoring.total", m.lang, total=told(m.result["total"]))),
        Para(say("scoring.range", m.lang, **spread)),
        _claim(m),
    )
    return Section(m.t("j"), 1, (*lines, gates, _problems(m)), m.t("sheet_result"))


def _met(met: bool | None) -> str:
    return "open" if met is None else "met" if met else "unmet"


def _problems(m: Material) -> Block:
    """Indicators with points lost or unknown; the remedy is for the evaluated party to write."""
    rows = []
    for _, one in scores.indicators(m):
        most, low = exact(one["most"]), exact(one["low"])
        missed = most * (1 - low)
        if not missed:
            continue
        why = [m.pair(p["reason"]) for p in one["products"] if p["reason"]] + [
            m.pair(r) for r in one["remarks"] if r["key"] not in INFORMATION
        ]
        why += [m.t("item_absent", name=m.pair(i["name"])) for i in one["items"] if i["present"] is not True]
        why = why or [m.t("below_full", share=brief(one["fraction"] or one["low"]))]
        name = f"{one['address']} {m.pair(one['name'])}"
        rows.append(
            (
                missed,
                Row(
                    (
                        name,
                        m.standing(one),
                        "\n".join(dict.fromkeys(why)),
                        rounded(missed),
                        m.records.blank("to_fill"),
                    )
                ),
            )
        )
    rows.sort(key=lambda pair: -pair[0])
    if not rows:
        return Para(m.t("no_problems"), "good")
    heads = (
        ("problem", 1.8, False),
        ("state", 0.8, False),
        ("why", 3, False),
        ("missed", 0.9, True),
        ("remedy", 1.6, False),
    )
    columns = tuple(Column(m.t(h), w, r) for h, w, r in heads)
    return Table(columns, tuple(row for _, row in rows), m.t("problems"), m.t("problems_note"))


def _receipt(m: Material) -> Section:
    receipt = m.result["receipt"]
    rows: list[tuple[str, Cell]] = [(m.t("software"), receipt["software"])]
    rows += [
        (m.t(f"digest_{key}"), receipt[key])
        for key in ("table", "scheme", "values", "result")
        if key in receipt
    ]
    if "evidence" in receipt:
        rows.append((m.t("position"), m.t("position_line", **receipt["evidence"])))
    if m.inventory:
        rows.append((m.t("digest_inventory"), m.inventory["receipt"]["result"]))
        rows += [
            (m.t("digest_set", name=name), digest) for name, digest in m.inventory["receipt"]["sets"].items()
        ]
    if m.result["total"]:
        rows.append((m.t("exact_total"), Figure(m.result["total"]["exact"])))
    return Section(
        m.t("receipt"), 1, (Para(m.t("receipt_note"), "note"), Facts(tuple(rows))), m.t("sheet_receipt")
    )
