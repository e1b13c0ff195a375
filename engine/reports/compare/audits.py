"""The integrated checklist and the statement of applicability in words: as tables and as plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

from shall.engine.compare.checklist import Applicability, Asked, Checklist, Statement
from shall.engine.plan import Plan, PlannedProvision
from shall.engine.reports.compare.paper import Paper, Row, Section, told
from shall.texts import say

_LINES = (
    ("n", 6), ("texts", 50), ("asks", 10), ("firm", 8), ("standards", 16), ("outcome", 11), ("offending", 28),
    ("records", 28), ("kinds", 26),
)  # fmt: skip
_STATEMENTS = (
    ("applies", 12), ("address", 22), ("clause", 22), ("modality", 8), ("gist", 42), ("why", 46), ("record", 14),
    ("approved_by", 14), ("approved_on", 12), ("verdict", 12), ("applies_code", 14),
)  # fmt: skip
_DISREGARDED = (("record", 14), ("address", 24), ("why", 60))
COLOURS: Mapping[str, str] = {
    "applies": "#d9eee4", "not_applicable": "#eef1f3", "unknown": "#f9e6c4", "information": "#ffffff",
}  # fmt: skip


def _t(key: str, lang: str, **fields: object) -> str:
    return say(f"delta.{key}", lang, **fields)


def _heads(columns: Sequence[tuple[str, int]], lang: str) -> list[tuple[str, str, int]]:
    return [(name, _t(f"col.{name}", lang), wide) for name, wide in columns]


def _clause(plan: Plan, p: PlannedProvision, lang: str) -> str:
    title = plan.standards[p.ruleset].get("clauses", {}).get(p.clause)
    return f"{p.clause} {title[lang]}" if title else p.clause


def _titles(plan: Plan, lang: str) -> list[str]:
    return [f"{key}  {s['number']} {s['title'][lang]}" for key in plan.asked for s in [plan.standards[key]]]


# --- checklist -------------------------------------------------------------------------------------------


def checklist_paper(found: Checklist, lang: str) -> Paper:
    """One line per question, with the addresses it serves in a column for each standard."""
    keys = found.plan.asked
    heads = _heads(_LINES[:4], lang) + [(key, key, 22) for key in keys] + _heads(_LINES[4:], lang)
    rows = [_asked(found, n, line, lang) for n, line in enumerate(found.lines, 1)]
    lines = [
        *_titles(found.plan, lang),
        _t(
            "checklist.counts", lang, lines=len(found.lines), separately=found.separately, shared=found.shared
        ),
        _t("checklist.reads", lang),
    ]
    return Paper(
        _t("checklist.title", lang),
        lines,
        [Section(_t("sheet.checklist", lang), heads, rows)],
        _t("sheet.first", lang),
    )


def _asked(found: Checklist, n: int, line: Asked, lang: str) -> Row:
    addresses: dict[str, list[str]] = {key: [] for key in found.plan.asked}
    for one in line.serves:
        via = f" ← {one.through}" if one.through else ""
        word = say(f"report.severity.{one.provision.severity}", lang)
        addresses[one.provision.ruleset].append(f"{one.provision.address} {word}{via}")
    kinds = found.plan.kinds
    return {
        **{key: "\n".join(shown) for key, shown in addresses.items()},
        "n": n,
        "texts": "\n".join(text[lang] for text in line.texts),
        "asks": _t(f"asks.{line.asks}", lang),
        "firm": say(f"report.severity.{'shall' if line.firm else 'should'}", lang),
        "standards": " ".join(line.standards),
        "outcome": say(f"report.outcome.{line.outcome}", lang) if line.outcome else "",
        "offending": told(line.offending, kinds, lang),
        "records": told(line.records, kinds, lang),
        "kinds": say("compare.list_sep", lang).join(kinds[k][lang] for k in line.kinds if k in kinds),
    }


def checklist_plain(found: Checklist) -> dict[str, Any]:
    """The checklist as dicts, lists and texts."""
    return {
        "standards": list(found.plan.asked),
        "plan": found.plan.digest,
        "questions": len(found.lines),
        "separately": found.separately,
        "shared": found.shared,
        "lines": [
            {
                "id": line.id,
                "asks": line.asks,
                "texts": [dict(text) for text in line.texts],
                "kinds": list(line.kinds),
                "severity": "shall" if line.firm else "should",
                "serves": [
                    {
                        "provision": one.provision.id,
                        "severity": one.provision.severity,
                        "through": one.through or None,
                    }
                    for one in line.serves
                ],
                "outcome": line.outcome,
                "offending": list(line.offending),
                "records": list(line.records),
            }
            for line in found.lines
        ],
    }


# --- applicability ---------------------------------------------------------------------------------------


def applicability_paper(found: Applicability, lang: str, *, exceptions: bool = False) -> Paper:
    """Every provision with whether it applies and why, and the exclusions that do not count.

    With `exceptions` only those that do not apply, or of which that cannot be told.
    """
    q = found.question
    lines = [
        _t("asked", lang, name=found.name or q.organisation, on=q.on, since=q.since, position=q.known or 0)
    ]
    for key in found.plan.asked:
        own = [one for one in found.statements if one.provision.ruleset == key]
        head = found.plan.standards[key]
        counts = {state: sum(one.applies == state for one in own) for state in COLOURS}
        told = say("compare.list_sep", lang).join(
            f"{_t(f'applies.{s}', lang)} {n}" for s, n in counts.items() if n
        )
        lines.append(f"{key}  {head['number']} {head['title'][lang]}: {told}")
    if found.disregarded:
        lines.append(_t("disregarded", lang, count=len(found.disregarded)))
    told_of = (
        one for one in found.statements if not exceptions or one.applies in ("not_applicable", "unknown")
    )
    rows = [_statement(found, one, lang) for one in told_of]
    sections = [
        Section(
            _t("sheet.exceptions" if exceptions else "sheet.applicability", lang),
            _heads(_STATEMENTS, lang),
            rows,
            COLOURS,
            "applies_code",
        )
    ]
    if found.disregarded:
        told_rows: list[Row] = [
            {
                "record": f"exclusion:{one.record}",
                "address": f"{one.ruleset or '?'}:{one.address or '?'}",
                "why": _t(f"disregarded.{one.why}", lang, lacks=_columns(one.lacks, lang)),
            }
            for one in found.disregarded
        ]
        sections.append(Section(_t("sheet.disregarded", lang), _heads(_DISREGARDED, lang), told_rows))
    return Paper(_t("applicability.title", lang), lines, sections, _t("sheet.first", lang))


def _columns(names: Sequence[str], lang: str) -> str:
    """Columns of an exclusion by what they are called."""
    from shall.evidence.schema import schema

    known = {c.name: str(getattr(c, lang)) for c in schema()["exclusion"].columns}
    return say("compare.list_sep", lang).join(known.get(name, name) for name in names)


def _statement(found: Applicability, one: Statement, lang: str) -> Row:
    p = one.provision
    return {
        "applies": _t(f"applies.{one.applies}", lang),
        "applies_code": one.applies,
        "address": p.id,
        "clause": _clause(found.plan, p, lang),
        "modality": say(f"report.modality.{p.modality}", lang),
        "gist": p.gist[lang],
        "why": _why(one, lang),
        "record": f"exclusion:{one.record}" if one.record else "",
        "approved_by": one.approved_by,
        "approved_on": one.approved_on,
        "verdict": say(f"report.verdict.{one.verdict}", lang),
    }


def _why(one: Statement, lang: str) -> str:
    if one.reason == "excluded":
        return _t("why.excluded", lang, justification=one.justification)
    if one.reason == "always" and one.says:
        return _t("why.stated", lang, says=one.says[lang])
    return _t(f"why.{one.reason}", lang, says=one.says[lang] if one.says else "")


def applicability_plain(found: Applicability) -> dict[str, Any]:
    """The statement as dicts, lists and texts."""
    q = found.question
    return {
        "standards": list(found.plan.asked),
        "plan": found.plan.digest,
        "organisation": {"id": q.organisation, "name": found.name},
        "on": q.on.isoformat(),
        "position": q.known,
        "provisions": [
            {
                "provision": one.provision.id,
                "modality": one.provision.modality,
                "severity": one.provision.severity,
                "gist": dict(one.provision.gist),
                "applies": one.applies,
                "reason": one.reason,
                "why": {lang: _why(one, lang) for lang in ("zh", "en")},
                "condition": dict(one.says) if one.says else None,
                "verdict": one.verdict,
                "exclusion": {
                    "record": one.record,
                    "justification": one.justification,
                    "approved_by": one.approved_by,
                    "approved_on": one.approved_on,
                }
                if one.record
                else None,
            }
            for one in found.statements
        ],
        "disregarded": [
            {
                "record": one.record,
                "ruleset": one.ruleset,
                "address": one.address,
                "why": one.why,
                "lacks": list(one.lacks),
            }
            for one in found.disregarded
        ],
    }
