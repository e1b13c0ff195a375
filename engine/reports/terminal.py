"""The story in one screen, and the explanation of one verdict."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shall.engine.grading import GRADES, given_when_raised
from shall.engine.incorporated import standing
from shall.engine.reports.columns import clipped, width
from shall.engine.verdicts import VERDICTS
from shall.texts import Lang, say

__all__ = ["clipped", "grade_name", "summary", "width"]

SHOWN = 8
LABEL_WIDTH = 34
CELL_WIDTH = 11


def _cell(text: str, columns: int, *, right: bool = False) -> str:
    room = " " * max(0, columns - width(text))
    return room + text if right else text + room


def summary(result: Mapping[str, Any], lang: Lang, *, everything: bool = False) -> str:
    """The verdicts per chapter of each standard and what to look at first."""
    parts = [
        line for standard in result["standards"] for line in _standard(result, standard, lang, everything)
    ]
    parts += _observed(result["observations"], lang)
    receipt = result["receipt"]
    rules = " ".join(digest[:12] for digest in receipt["rulesets"].values())
    parts.append(
        say("cli.receipt", lang, result=receipt["result"][:12], plan=receipt["plan"][:12], rules=rules)
    )
    return "\n".join(parts)


def _standard(
    result: Mapping[str, Any], standard: Mapping[str, Any], lang: Lang, everything: bool
) -> Iterator[str]:
    key = standard["key"]
    yield say(
        "cli.head",
        lang,
        number=standard["number"],
        title=standard["title"][lang],
        edition=standard["edition"],
        status=say(f"cli.status_{standard['status']}", lang),
    )
    organisation = result["organisation"]["name"] or result["organisation"]["id"]
    yield say(
        "cli.context",
        lang,
        organisation=organisation,
        on=result["on"],
        since=result["from"],
        mode=say(f"cli.mode_{result['mode']}", lang),
        position=result["receipt"]["evidence"]["position"],
    )
    yield ""
    yield from _table(result["summary"][key], lang)
    yield ""
    findings = [f for f in result["findings"] if key in f["standards"]]
    yield _tally(result["summary"][key]["verdicts"], findings, lang)
    if confirm := result["summary"][key]["to_confirm"]:
        yield say("cli.to_confirm", lang, count=confirm)
    if ready := result["summary"][key]["readiness"]:
        yield say("cli.readiness", lang, percent=100 * ready["met"] // max(ready["of"], 1), **ready)
    yield from _first(findings, key, lang, everything)
    yield ""


def _table(found: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    heads = [_cell(say(f"cli.{v}", lang), CELL_WIDTH, right=True) for v in VERDICTS]
    yield _cell(say("cli.chapter", lang), LABEL_WIDTH) + "".join(heads)
    for chapter in found["chapters"]:
        title = chapter["title"][lang] if chapter["title"] else ""
        yield _row(f"{chapter['chapter']:>2} {title}", chapter["verdicts"])
    yield _row(say("cli.total", lang), found["verdicts"])


def _row(label: str, counts: Mapping[str, int]) -> str:
    cells = [_cell(str(counts[v] or "·"), CELL_WIDTH, right=True) for v in VERDICTS]
    return _cell(clipped(label, LABEL_WIDTH - 1), LABEL_WIDTH) + "".join(cells)


def _tally(counts: Mapping[str, int], findings: Sequence[Mapping[str, Any]], lang: Lang) -> str:
    grades: dict[str, int] = {grade: sum(f["grade"] == grade for f in findings) for grade in GRADES}
    raised = grades["major"] + grades["minor"]
    return say("cli.tally", lang, **{**counts, **grades, "findings": raised})


def _first(findings: Sequence[Mapping[str, Any]], key: str, lang: Lang, everything: bool) -> Iterator[str]:
    if not findings:
        return
    ordered = sorted(findings, key=lambda f: GRADES.index(f["grade"]))
    shown = ordered if everything else ordered[:SHOWN]
    yield say("cli.first", lang)
    for finding in shown:
        grade = _cell(grade_name(finding["grade"], lang), 8)
        yield f"  {grade}{_cell(standing(finding, key), 14)}{finding['criterion'][lang]}"
        if finding["ruleset"] != key:
            yield f"  {'':22}{say('cli.incorporated', lang, criterion=finding['id'])}"
        if further := [standing(one, key) for one in finding["criteria"][1:]]:
            named = ("、" if lang == "zh" else ", ").join(dict.fromkeys(further))
            yield f"  {'':22}{clipped(say('cli.further', lang, addresses=named), 88)}"
        if finding["regrade"]:
            computed = grade_name(finding["computed_grade"], lang)
            yield f"  {'':22}{_given(finding, computed, lang)}"
        yield f"  {'':22}{clipped(finding['statement'][lang], 88)}"
    if len(ordered) > len(shown):
        yield "  " + say("cli.and_more", lang, count=len(ordered) - len(shown))


def _given(finding: Mapping[str, Any], computed: str, lang: Lang) -> str:
    """Who gave the grade that counts, beside the computed one."""
    told = {**finding["regrade"], "computed": computed, "rule_says": finding["rule_says"][lang]}
    return say("grading.on_record" if given_when_raised(finding) else "audit.regraded", lang, **told)


def _observed(observations: Sequence[Mapping[str, Any]], lang: Lang) -> Iterator[str]:
    """The contradictions in the evidence, if there are any."""
    if observations:
        yield say("audit.observations", lang, count=len(observations))
        for one in observations:
            yield f"  {one['says'][lang]}: {', '.join(one['records'])}"
        yield ""


def grade_name(grade: str, lang: Lang) -> str:
    """The grade of a finding in words."""
    return say("cli.grade_opportunity" if grade == "opportunity" else f"cli.{grade}", lang)
