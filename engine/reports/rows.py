"""The rows of the tables that CSV and the workbook share: plain texts, headed in the reader's language."""

from collections.abc import Iterator, Mapping
from typing import Any

from shall.engine.incorporated import standing
from shall.engine.reports.context import Report, clause_of
from shall.engine.reports.view import Viewer

Row = dict[str, str]

PROVISION_COLUMNS = (
    "ruleset", "address", "clause", "clause_title", "modality", "severity", "gist", "verdict",
    "reason", "grade", "requirement", "outcome", "statement", "offending", "undecided", "question", "judgement",
    "judged_by", "judged_on", "exclusion", "reading", "verdict_code",
    "finding_id",
)  # fmt: skip
FINDING_COLUMNS = (
    "finding_id", "grade", "clause", "clause_title", "address", "gist", "requirement", "statement", "evidence", "unit",
    "cites",
)  # fmt: skip
FILL_COLUMNS = ("fill.correction", "fill.cause", "fill.action", "fill.owner", "fill.due")
EXPIRING_COLUMNS = ("date", "expiry.state", "what", "kind", "record", "unit", "site")


def provision_rows(report: Report, lang: str) -> Iterator[Row]:
    """One row per provision, keyed by `PROVISION_COLUMNS`."""
    viewer = Viewer(report, lang)
    findings = {
        (one["ruleset"], one["address"]): (f, one)
        for f in report.result["findings"]
        for one in f["criteria"] or (f,)
    }
    for p in viewer.in_order():
        yield _provision(viewer, p, *findings.get((p["ruleset"], p["address"]), (None, None)))


def _provision(
    viewer: Viewer, p: Mapping[str, Any], finding: Mapping[str, Any] | None, own: Mapping[str, Any] | None
) -> Row:
    """The row of a provision with the finding it stands in, in which its `own` statement is one of several."""
    requirements, said = p["requirements"], p["judgement"] or {}
    return {
        "ruleset": p["ruleset"],
        "address": p["address"],
        "clause": p["clause"],
        "clause_title": viewer.clause_title(p["ruleset"], p["clause"]),
        "modality": viewer.t(f"modality.{p['modality']}"),
        "severity": viewer.t(f"severity.{p['severity']}"),
        "gist": viewer.pair(p["gist"]),
        "verdict": viewer.t(f"verdict.{p['verdict']}"),
        "verdict_code": p["verdict"],
        "reason": viewer.reason(p),
        "grade": viewer.t(f"grade.{finding['grade']}") if finding else "",
        "requirement": _lines(viewer.pair(r["expects"]) for r in requirements),
        "outcome": _lines(viewer.t(f"outcome.{r['outcome']}") for r in requirements),
        "statement": viewer.pair(own["statement"]) if own else "",
        "finding_id": finding["id"] if finding else "",
        "offending": " ".join(dict.fromkeys(ref for r in requirements for ref in r["offending"])),
        "undecided": " ".join(dict.fromkeys(ref for r in requirements for ref in r["undecided"])),
        "question": viewer.pair(p["question"]),
        "judgement": said.get("reason", ""),
        "judged_by": said.get("judged_by", ""),
        "judged_on": said.get("judged_on", ""),
        "exclusion": p["exclusion"]["justification"] if p["exclusion"] else "",
        "reading": viewer.pair(p["reading"]),
    }


def finding_rows(report: Report, lang: str) -> Iterator[Row]:
    """One row per finding, the gravest first, keyed by `FINDING_COLUMNS`."""
    viewer = Viewer(report, lang)
    grave = ("major", "minor", "opportunity")
    for f in sorted(report.result["findings"], key=lambda f: grave.index(f["grade"])):
        key = f["standards"][0]
        clause = clause_of(standing(f, key))
        units = dict.fromkeys(viewer.place(("unit", e["unit"])) for e in f["evidence"] if e["unit"])
        yield {
            "finding_id": f["id"],
            "grade": viewer.t(f"grade.{f['grade']}"),
            "clause": clause,
            "clause_title": viewer.clause_title(key, clause),
            "address": viewer.criterion(f, key),
            "gist": viewer.criteria(f) or viewer.pair(f["criterion"]),
            "requirement": viewer.pair(f["requirement"]),
            "statement": viewer.pair(f["statement"]),
            "evidence": " ".join(f"{e['kind']}:{e['id']}" for e in f["evidence"]),
            "unit": viewer.t("list_sep").join(units),
            "cites": " ".join(f["cites"]),
        }


def _lines(texts: Any) -> str:
    return "\n".join(texts)
