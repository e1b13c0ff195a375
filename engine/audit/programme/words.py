"""The reasons of a programme in words."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from shall.engine.audit.programme.make import Cell, Programme, Visit, Why
from shall.engine.audit.programme.policy import FACTORS
from shall.evidence.kinds.evaluation import FOCUS
from shall.evidence.schema import schema
from shall.texts import say

SHOWN_KINDS = 4
"""So many kinds of records are named as the reason why a clause concerns a unit."""


def told(why: Why, lang: str) -> str:
    """A reason in words; a field that begins with @ names another text."""
    key, fields = why
    return say(key, lang, **{name: _value(value, lang) for name, value in fields.items()})


def _value(value: object, lang: str) -> object:
    if isinstance(value, str) and value.startswith("@programme.focus_"):
        return focus_name(value.removeprefix("@programme.focus_"), lang)
    if isinstance(value, str) and value.startswith("@"):
        return say(value[1:], lang)
    if isinstance(value, list):
        return ("、" if lang == "zh" else ", ").join(str(_value(one, lang)) for one in value)
    return value


@cache
def focus_name(name: str, lang: str) -> str:
    """A point of attention in words."""
    return FOCUS[name][lang != "zh"]


@cache
def label(kind: str, column: str, value: str | None, lang: str) -> str:
    """A choice of a column in words."""
    found = schema()[kind].column(column)
    pair = found.choices.get(value or "") if found else None
    return pair[lang != "zh"] if pair else value or "-"


def reasons(programme: Programme, cell: Cell, lang: str) -> list[str]:
    """Why the clause concerns the unit, why so often, why then."""
    return [who(programme, cell, lang), often(programme, cell, lang), when(programme, cell, lang)]


def who(programme: Programme, cell: Cell, lang: str) -> str:
    """Why the clause concerns the unit."""
    parts = [_basis(programme, key, fields, lang) for key, fields in cell.basis if key != PROCESS]
    running = [str(fields["process"]) for key, fields in cell.basis if key == PROCESS]
    if running:
        parts.append(say(PROCESS, lang, process=_value(running, lang)))
    return ("，" if lang == "zh" else ", ").join(parts)


PROCESS = "programme.basis_process"


def _basis(programme: Programme, key: str, fields: Mapping[str, Any], lang: str) -> str:
    if key == "programme.basis_records":
        kinds = sorted(fields["kinds"].items(), key=lambda k: (-k[1], k[0]))
        labels = programme.plan.kinds
        shown = [f"{labels[k][lang] if k in labels else k} {count}" for k, count in kinds[:SHOWN_KINDS]]
        if len(kinds) > SHOWN_KINDS:
            shown.append("…")
        return say(key, lang, kinds=_value(shown, lang))
    if key == "programme.basis_function":
        return say(key, lang, function=label("unit", "function_area", fields["function"], lang))
    return say(key, lang, **fields)


@cache
def _factor_names(lang: str) -> tuple[str, ...]:
    return tuple(say(f"programme.factor_{name}", lang) for name in FACTORS)


def often(programme: Programme, cell: Cell, lang: str) -> str:
    """Why so often: the points, the level and what raised it."""
    named = zip(_factor_names(lang), cell.points, strict=True)
    points = ("、" if lang == "zh" else ", ").join(f"{name} {points}" for name, points in named)
    text = say(
        "programme.often",
        lang,
        score=cell.score,
        points=points,
        level=say(f"programme.level_{cell.level}", lang),
        every=cell.every,
    )
    if cell.raised is not None:
        why = getattr(programme.policy.file.at_least[int(cell.raised)].why, lang)
        text += say("programme.raised", lang, why=why)
    past = [
        f.record for f in cell.found if not f.state.startswith("open_")
    ]  # the open ones are told with the day
    if past:
        text += say("programme.before", lang, records=_value(past, lang))
    return text


def when(programme: Programme, cell: Cell, lang: str) -> str:
    """Why in these rounds."""
    own = [n for n in cell.rounds if n not in cell.for_focus]
    key = "late" if cell.late and cell.timing == "due" else cell.timing
    fields: dict[str, object] = {"round": own[0] if own else "-", "every": cell.every, "last": cell.last}
    fields["records"] = _value([f.record for f in cell.found if f.state.startswith("open_")], lang)
    parts = [say(f"programme.when_{key}", lang, **fields)]
    for number, name in sorted(cell.for_focus.items()):
        parts.append(say("programme.when_focus", lang, round=number, focus=focus_name(name, lang)))
    return ("；" if lang == "zh" else "; ").join(parts)


def auditor_why(programme: Programme, visit: Visit, lang: str) -> str:
    """Who audits, from which unit."""
    if visit.auditor is None:
        return say("programme.no_auditor", lang)
    units = {unit.id: unit.name for unit in programme.situation.units}
    unit = visit.auditor.unit
    shown = units.get(unit, unit) if unit else say("programme.outside", lang)
    return say("programme.auditor_why", lang, name=visit.auditor.name, unit=shown)


def levels_of(cells: Sequence[Cell], lang: str) -> str:
    """How many cells have each level."""
    counts = [(name, sum(cell.level == name for cell in cells)) for name in ("high", "medium", "low")]
    return " ".join(f"{say(f'programme.level_{name}', lang)} {count}" for name, count in counts if count)
