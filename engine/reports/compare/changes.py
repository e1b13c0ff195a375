"""What changed between two editions or two results, in words: as tables and as plain values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shall.engine.compare.editions import Change, Difference, Migration
from shall.engine.compare.results import Shifts
from shall.engine.plan import PlannedProvision
from shall.engine.reports.compare.paper import Paper, Row, Section
from shall.texts import say

_CHANGES = (
    ("what", 12), ("address", 14), ("was", 14), ("modality", 8), ("gist", 44), ("field", 16), ("old", 40), ("new", 40),
    ("what_code", 10),
)  # fmt: skip
_AGAIN = (
    ("address", 14),
    ("was", 14),
    ("modality", 8),
    ("gist", 44),
    ("before", 12),
    ("verdict", 12),
    ("again", 50),
)
_SHIFTS = (
    ("address", 24), ("gist", 46), ("old", 14), ("new", 14), ("cause", 22), ("certain", 10),
)  # fmt: skip
_FINDINGS = (("what", 12), ("finding", 26), ("grade", 12), ("gist", 60))
COLOURS: Mapping[str, str] = {
    "added": "#d9eee4", "removed": "#f4d9d2", "moved": "#d8e9f3", "changed": "#f9e6c4", "words": "#eef1f3",
    "head": "#ffffff",
}  # fmt: skip


def _t(key: str, lang: str, **fields: object) -> str:
    return say(f"delta.{key}", lang, **fields)


def _heads(columns: Sequence[tuple[str, int]], lang: str) -> list[tuple[str, str, int]]:
    return [(name, _t(f"col.{name}", lang), wide) for name, wide in columns]


# --- editions --------------------------------------------------------------------------------------------


def editions_paper(found: Difference, lang: str, kept: Migration | None = None) -> Paper:
    """Every change on a row of its own; with an old result also what of it stands and what to look at again."""
    old, new = (f"{s['number']} {s['title'][lang]} ({s['edition']})" for s in (found.old, found.new))
    lines = [_t("editions.reads", lang, old=old, new=new)]
    counts = found.counts()
    sep = say("compare.list_sep", lang)
    lines.append(sep.join(f"{_t(f'what.{name}', lang)} {count}" for name, count in counts.items()))
    if found.empty:
        lines.append(_t("editions.empty", lang))
    sections = [
        Section(
            _t("sheet.changes", lang),
            _heads(_CHANGES, lang),
            list(_changes(found, lang)),
            COLOURS,
            "what_code",
        )
    ]
    if kept:
        lines += _kept_lines(kept, lang)
        lines_again = [_again(line, lang) for line in kept.again]
        sections.append(Section(_t("sheet.again", lang), _heads(_AGAIN, lang), lines_again))
        stands = [_again(line, lang) for line in kept.lines if not line.again and line.before]
        sections.append(Section(_t("sheet.stands", lang), _heads(_AGAIN, lang), stands))
        gone: list[Row] = [_gone(p, verdict, lang) for p, verdict in kept.gone]
        sections.append(Section(_t("sheet.gone", lang), _heads(_AGAIN, lang), gone))
    return Paper(_t("editions.title", lang), lines, sections, _t("sheet.first", lang))


def _changes(found: Difference, lang: str) -> Iterator[Row]:
    for change in found.head:
        yield _row("head", "", "", None, lang, change)
    for p in found.added:
        yield _row("added", p.address, "", p, lang)
    for p in found.removed:
        yield _row("removed", "", p.address, p, lang)
    for pair in found.differing:
        was = pair.old.address if pair.moved else ""
        if pair.moved:
            yield _row("moved", pair.new.address, was, pair.new, lang)
        for change in pair.changes:
            what = "changed" if pair.substance else "words"
            yield _row(what, pair.new.address, was, pair.new, lang, change)


def _row(
    what: str, address: str, was: str, p: PlannedProvision | None, lang: str, change: Change | None = None
) -> Row:
    return {
        "what": _t(f"what.{what}", lang),
        "what_code": what,
        "address": address,
        "was": was,
        "modality": say(f"report.modality.{p.modality}", lang) if p else "",
        "gist": p.gist[lang] if p else "",
        "field": _t(f"field.{change.field}", lang) if change else "",
        "old": _said(change.old, lang) if change else "",
        "new": _said(change.new, lang) if change else "",
    }


def _said(value: Any, lang: str) -> str:
    """A value of a change: a pair of texts in the language asked for, a set of them on lines."""
    match value:
        case None | ():
            return "–"
        case {"zh": zh, "en": en}:
            return str(zh if lang == "zh" else en)
        case (str(zh), str(en)) if not zh.isascii():
            return zh if lang == "zh" else en
        case tuple() | list():
            return "\n".join(_said(part, lang) for part in value)
    return str(value)


def _kept_lines(kept: Migration, lang: str) -> list[str]:
    stands = sum(not line.again and line.before is not None for line in kept.lines)
    lines = [_t("migrated", lang, stands=stands, again=len(kept.again), gone=len(kept.gone))]
    return lines if kept.same_rules else [*lines, _t("migrated.other", lang)]


def _again(line: Any, lang: str) -> Row:
    told = [_t(f"again.{name}", lang) for name in line.again]
    if "changed" in line.again:
        told.append(say("compare.list_sep", lang).join(_t(f"field.{c.field}", lang) for c in line.changes))
    p = line.provision
    return {
        "address": p.address,
        "was": line.was if line.was and line.was != p.address else "",
        "modality": say(f"report.modality.{p.modality}", lang),
        "gist": p.gist[lang],
        "before": _verdict(line.before, lang),
        "verdict": _verdict(line.verdict, lang),
        "again": say("compare.sep", lang).join(told),
    }


def _gone(p: PlannedProvision, verdict: str | None, lang: str) -> Row:
    return {
        "address": "",
        "was": p.address,
        "modality": say(f"report.modality.{p.modality}", lang),
        "gist": p.gist[lang],
        "before": _verdict(verdict, lang),
        "verdict": "",
        "again": _t("what.removed", lang),
    }


def _verdict(verdict: str | None, lang: str) -> str:
    """The name of a verdict; one that a later version invented stays as it is."""
    if not verdict:
        return "–"
    try:
        return say(f"report.verdict.{verdict}", lang)
    except KeyError:
        return verdict


def editions_plain(found: Difference, kept: Migration | None = None) -> dict[str, Any]:
    """The difference as dicts, lists and texts."""
    plain: dict[str, Any] = {
        "old": _edition(found.old),
        "new": _edition(found.new),
        "counts": found.counts(),
        "head": [_change(change) for change in found.head],
        "added": [_provision(p) for p in found.added],
        "removed": [_provision(p) for p in found.removed],
        "changed": [
            {
                **_provision(pair.new),
                "was": pair.old.address,
                "moved": pair.moved,
                "substance": pair.substance,
                "changes": [_change(change) for change in pair.changes],
            }
            for pair in found.differing
        ],
    }
    if kept:
        plain["migrated"] = {
            "same_rules": kept.same_rules,
            "provisions": [
                {
                    "address": line.provision.address,
                    "was": line.was,
                    "before": line.before,
                    "verdict": line.verdict,
                    "again": list(line.again),
                }
                for line in kept.lines
            ],
            "gone": [{"was": p.address, "before": verdict} for p, verdict in kept.gone],
        }
    return plain


def _edition(head: Mapping[str, Any]) -> dict[str, Any]:
    return {name: head.get(name) for name in ("key", "number", "title", "edition", "status", "digest")}


def _provision(p: PlannedProvision) -> dict[str, Any]:
    return {"address": p.address, "modality": p.modality, "severity": p.severity, "gist": dict(p.gist)}


def _change(change: Change) -> dict[str, Any]:
    return {"field": change.field, "old": change.old, "new": change.new}


# --- results ---------------------------------------------------------------------------------------------


def shifts_paper(found: Shifts, lang: str) -> Paper:
    """Every verdict that differs with its cause, and the findings that came and went."""
    sep = say("compare.list_sep", lang)
    causes = sep.join(_t(f"cause.{cause}", lang) for cause in found.changed) or "–"
    old, new = found.old, found.new
    lines = [
        _t("results.reads", lang, old=old["on"], new=new["on"], organisation=_whose(new)),
        _t("results.changed", lang, causes=causes),
        _t(
            "results.counts",
            lang,
            shifts=len(found.shifts),
            opened=len(found.opened),
            closed=len(found.closed),
        ),
    ]
    if any(not one.certain for one in found.shifts):
        lines.append(_t("results.uncertain", lang))
    rows: list[Row] = [
        {
            "address": f"{one.ruleset}:{one.address}",
            "gist": str(one.gist.get(lang, "")),
            "old": _verdict(one.old, lang),
            "new": _verdict(one.new, lang),
            "cause": sep.join(_t(f"cause.{cause}", lang) for cause in one.causes),
            "certain": _t("yes" if one.certain else "no", lang),
        }
        for one in found.shifts
    ]
    findings = [_finding("opened", f, lang) for f in found.opened] + [
        _finding("closed", f, lang) for f in found.closed
    ]
    sections = [
        Section(_t("sheet.shifts", lang), _heads(_SHIFTS, lang), rows),
        Section(_t("sheet.findings", lang), _heads(_FINDINGS, lang), findings),
    ]
    return Paper(_t("results.title", lang), lines, sections, _t("sheet.first", lang))


def _whose(value: Mapping[str, Any]) -> str:
    return str(value["organisation"].get("name") or value["receipt"]["evidence"]["organisation"])


def _finding(what: str, finding: Mapping[str, Any], lang: str) -> Row:
    statement = finding.get("statement")
    return {
        "what": _t(f"what.{what}", lang),
        "finding": str(finding["id"]),
        "grade": str(finding["grade"]),
        "gist": str(statement.get(lang, "")) if isinstance(statement, Mapping) else "",
    }


def shifts_plain(found: Shifts) -> dict[str, Any]:
    """The shifts as dicts, lists and texts."""
    return {
        "organisation": found.new["receipt"]["evidence"]["organisation"],
        "old": {"on": found.old["on"], "receipt": found.old["receipt"]},
        "new": {"on": found.new["on"], "receipt": found.new["receipt"]},
        "changed": list(found.changed),
        "shifts": [
            {
                "ruleset": one.ruleset,
                "address": one.address,
                "old": one.old,
                "new": one.new,
                "causes": list(one.causes),
                "certain": one.certain,
            }
            for one in found.shifts
        ],
        "opened": [f["id"] for f in found.opened],
        "closed": [f["id"] for f in found.closed],
    }
