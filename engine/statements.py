"""What a finding states: one sentence for each requirement that is not met, with figures and the records behind it."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shall.engine.executors.python import Answers, Row, Rows
from shall.engine.outcomes import MET, NOTHING, UNKNOWN
from shall.engine.plan import Part, Plan
from shall.engine.trees import SCALE
from shall.texts import Lang, say

SHOWN = 6
"""Records a statement names before it says how many more there are; the evidence lists all."""


@dataclass(frozen=True, slots=True)
class Evidenced:
    """A plan with what the evidence said to it, and the rows behind: those that count, and those left out on the day.

    `invalid` rows end in status, valid_from and valid_until; without rows a statement names none that do not count.
    """

    plan: Plan
    answers: Answers
    on: str = ""
    rows: Rows = field(default_factory=dict)
    invalid: Mapping[str, Sequence[Row]] = field(default_factory=dict)


def explain_requirement(found: Evidenced, index: int, lang: Lang) -> str:
    """Why this requirement (an index into the plan) is not met, in one sentence; empty if it is met."""
    plan, answers = found.plan, found.answers
    part = answers.part(plan.requirements[index])
    outcome = answers.outcome(part)
    if answers.requirements[index] == MET:
        return ""
    if outcome == NOTHING:
        return _nothing(found, part, lang)
    if outcome == UNKNOWN:
        return _about("findings.unknown", found, part.undecided, lang)
    return _unmet(found, part, lang)


def undefined_interval(answers: Answers, part: Part) -> bool:
    """Whether the check fails because the organisation has not defined the interval it is held to."""
    return part.interval is not None and not answers.number(part.interval[1])


def listed(names: Sequence[str], lang: Lang) -> str:
    """Names one after the other."""
    return ("、" if lang == "zh" else ", ").join(names)


def left_out(row: Row, on: str) -> str:
    """Why a row (its last three columns are status and validity) is no evidence on that day."""
    status, valid_from, _ = row[-3:]
    if status not in (None, "approved"):
        return str(status)
    return "not_yet" if valid_from and valid_from > on else "lapsed"


# --- nothing found ---------------------------------------------------------------------------------------


def _nothing(found: Evidenced, part: Part, lang: Lang) -> str:
    """That no record counts; where there are others of the kind, how many and why they do not."""
    plan, answers = found.plan, found.answers
    looked = part.population[:1]
    if "of" in part.wording and answers.records(looked):
        looked = part.supporting[1:2]
    if not looked:
        return say("findings.nothing", lang, kind="—")
    kind = plan.aggregates[looked[0]][1]
    name = plan.kinds[kind][lang]
    if not (there := dict(_there(found, kind, looked))):
        return say("findings.nothing", lang, kind=name)
    why = [
        say(f"findings.not_counted_{reason}", lang, count=len(rows), records=_names(rows, lang))
        for reason, rows in there.items()
    ]
    count = sum(map(len, there.values()))
    told = ("，" if lang == "zh" else "; ").join(why)
    return say("findings.nothing_counts", lang, kind=name, count=count, why=told)


def _there(found: Evidenced, kind: str, looked: Sequence[int]) -> Iterator[tuple[str, list[Row]]]:
    """Records of a kind that do not count, by reason."""
    asked = {row[0] for row in found.answers.records(looked)}
    sorted_: dict[str, list[Row]] = {"draft": [], "withdrawn": [], "not_yet": [], "lapsed": []}
    for row in found.invalid.get(kind, ()):
        sorted_.setdefault(left_out(row, found.on), []).append(row)
    sorted_["other"] = [row for row in found.rows.get(kind, ()) if row[0] not in asked]
    sorted_["short"] = [row for row in found.rows.get(kind, ()) if row[0] in asked]
    for reason, rows in sorted_.items():
        if rows:
            yield reason, sorted(rows, key=lambda row: str(row[0]))


# --- unmet -----------------------------------------------------------------------------------------------


def _unmet(found: Evidenced, part: Part, lang: Lang) -> str:
    plan, answers = found.plan, found.answers
    if part.interval and undefined_interval(answers, part):
        return say("findings.interval", lang, subject=plan.subjects[part.interval[0]][lang])
    if part.values:
        column = 1 if lang == "zh" else 2
        missing = [
            value[column]
            for value, i in zip(part.values, part.supporting, strict=True)
            if not answers.number(i)
        ]
        kind = _kinds(plan, part.population, lang)
        return say("findings.missing", lang, kind=kind, values=listed(missing, lang))
    if part.check in ("recurring", "fresh") and "of" not in part.wording:
        return _late(found, part, lang)
    if answers.records(part.offending):
        key = {
            "linked": "findings.unlinked",
            "answered": "findings.unanswered",
            "recurring": "findings.lapsed",
        }.get(part.check)
        partner = _kinds(plan, part.supporting[1:], lang)
        return _about(key or "findings.offending", found, part.offending, lang, partner=partner)
    if part.check == "compare":
        return _compared(found, part, lang)
    one = part.check == "some" and part.wording.get("at_least", 1) == 1
    key = "findings.none_at_all" if one else "findings.none_satisfies"
    return _about(key, found, part.population, lang)


def _about(key: str, found: Evidenced, indexes: Sequence[int], lang: Lang, **values: str) -> str:
    """The text with the records behind these aggregates: their kinds, how many, and which."""
    behind = [i for i in indexes if found.answers.records((i,))]
    rows = found.answers.records(behind)
    kind = _kinds(found.plan, behind, lang)
    return say(key, lang, kind=kind, count=len(rows), records=_names(rows, lang), **values)


def _late(found: Evidenced, part: Part, lang: Lang) -> str:
    """That the latest is too long ago; or how many times too much time passed, with the dates that show where."""
    plan, answers = found.plan, found.answers
    at = plan.columns[part.kinds[0]].index(part.wording["date"])
    dates = sorted({str(row[at]) for row in answers.records(part.supporting[:1])})
    kind = _kinds(plan, part.population, lang)
    if part.check == "fresh":
        return say("findings.stale", lang, kind=kind, latest=dates[-1])
    shown = listed(dates[-SHOWN:], lang)
    count = sum(answers.number(i) or 0 for i in part.offending)
    return say("findings.late", lang, kind=kind, dates=shown, count=count)


# --- figures compared ------------------------------------------------------------------------------------


def _compared(found: Evidenced, part: Part, lang: Lang) -> str:
    """The comparison that does not hold, the value of either side, and the figures they are made of."""
    figures = {
        name: _figure(found, wording, index, lang)
        for (name, wording), index in zip(part.wording["using"].items(), part.population, strict=True)
    }
    expression = " ".join(str(part.wording["compare"]).split())
    left, _, right = re.split(r"(<=|>=|<>|!=|==|<|>|=)", expression, maxsplit=1)
    values = {name: value for name, (value, _) in figures.items()}
    return say(
        "findings.compare",
        lang,
        figures=re.sub(r"[A-Za-z_]\w*", lambda name: figures[name[0]][1], expression),
        left=_plain(_value(left, values)),
        right=_plain(_value(right, values)),
    )


def _figure(found: Evidenced, wording: Mapping[str, Any], counted: int, lang: Lang) -> tuple[Decimal, str]:
    """One figure of a comparison: its value, and what it counts or sums with its unit."""
    plan, answers = found.plan, found.answers
    _, kind, where, _ = plan.aggregates[counted]
    name = plan.kinds[kind][lang]
    if "sum" not in wording:
        count = answers.number(counted) or 0
        return Decimal(count), say("findings.figure_count", lang, kind=name, count=count)
    from shall.evidence.schema import schema

    column = schema()[kind].column(wording["column"])
    total = Decimal(answers.number(plan.aggregates.index(("sum", kind, wording["column"], where))) or 0)
    if wording["column"] in plan.decimals.get(kind, ()):
        total = total.scaleb(-SCALE)
    title = getattr(column, lang) if column else wording["column"]
    unit = f" {column.measure(lang)}" if column and column.unit else ""
    return total, say("findings.figure_sum", lang, kind=name, column=title, value=_plain(total), unit=unit)


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _value(text: str, values: Mapping[str, Decimal]) -> Decimal:
    """The value of one side of a comparison: names, numbers, and + - * over them."""

    def of(node: ast.expr) -> Decimal:
        match node:
            case ast.Name(id=name):
                return values[name]
            case ast.Constant():
                return Decimal(ast.unparse(node))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -of(inner)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return of(left) + of(right)
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return of(left) - of(right)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return of(left) * of(right)
        raise ValueError(text)

    return of(ast.parse(text.strip(), mode="eval").body)


# --- names -----------------------------------------------------------------------------------------------


def _kinds(plan: Plan, indexes: Sequence[int], lang: Lang) -> str:
    """The names of the kinds whose records these aggregates count."""
    return listed(list(dict.fromkeys(plan.kinds[plan.aggregates[i][1]][lang] for i in indexes)), lang)


def _names(rows: Sequence[Row], lang: Lang) -> str:
    names = listed([str(row[0]) for row in rows[:SHOWN]], lang)
    return say("findings.more", lang, names=names, count=len(rows)) if len(rows) > SHOWN else names or "—"
