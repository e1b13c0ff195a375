"""Follow-up duties in words: what a screen, a document and a calendar say alike."""

from shall.engine.consequences.conditions import condition, link
from shall.engine.consequences.result import Consequence, Step
from shall.engine.consequences.rules_file import Declared, Discharge
from shall.engine.consequences.situation import Record
from shall.evidence.schema import schema
from shall.texts import Lang, say


def said(name: str, lang: Lang, /, **fields: object) -> str:
    """A text of this catalogue."""
    return say(f"consequences.{name}", lang, **fields)


def kind_name(kind: str, lang: Lang) -> str:
    """The name of a kind."""
    return str(getattr(schema()[kind], lang))


def record(of: Record, on: object, lang: Lang) -> str:
    """A record with its day."""
    kind, name = of
    day = on or said("no_day", lang)
    return said("of_record", lang, kind=kind_name(kind, lang), record=name, on=day)


def named(of: Record, lang: Lang) -> str:
    """A record by its kind and id."""
    return f"{kind_name(of[0], lang)} {of[1]}"


def duty(declared: Declared, lang: Lang) -> str:
    """What is to be done."""
    return str(getattr(declared.says, lang))


def due(one: Consequence, lang: Lang) -> str:
    """The day it is due; `?` where that rests on a year without a calendar."""
    return f"{one.due_on}{'?' if one.due_assumed else ''}" if one.due_on else "–"


def because(one: Consequence, lang: Lang) -> str:
    """What it came of directly, and the first event where that is another."""
    told = record(one.record, one.arose_on, lang)
    first = one.way[0]
    if first.record != one.record:
        told += " ← " + record(first.record, first.on, lang)
    return told + (said("and_roots", lang, count=len(one.roots)) if len(one.roots) > 1 else "")


def who(one: Consequence, lang: Lang) -> str:
    """The person named, else the unit."""
    return one.who or (said("unit", lang, unit=one.unit) if one.unit else "–")


def outcome(one: Consequence, lang: Lang) -> str:
    """By what it was discharged, or why that cannot be told."""
    parts = []
    if not one.sure:
        parts.append(said("unsure", lang))
    if one.discharged_by:
        late = said("was_late", lang, due=one.due_on) if one.late else ""
        parts.append(record(one.discharged_by, one.discharged_on, lang) + late)
    elif one.possible:
        names = ", ".join(named(of, lang) for of in one.possible)
        parts.append(said("might", lang, records=names))
    return ("；" if lang == "zh" else "; ").join(parts) or "–"


def step(one: Step, names: dict[str, Declared], lang: Lang) -> str:
    """One step of the way from the first event."""
    return said(
        f"step_{one.how}", lang, record=record(one.record, one.on, lang), to=duty(names[one.to], lang)
    )


def way_of_discharge(by: Discharge, lang: Lang) -> str:
    """What a record must be like to discharge."""
    if by.finding is not None:
        return said("way_finding", lang, state=say(f"audit.state_{by.finding}", lang))
    dates = " / ".join(_column(by.of, name, lang) for name in by.date or ())
    parts = [condition(by.of, by.where, lang)] if by.where else []
    parts += [link(by.of, by.link, lang)] if by.link else []
    return said(
        "way_kind",
        lang,
        kind=kind_name(by.of, lang),
        dates=dates,
        where=("；" if lang == "zh" else "; ").join(parts),
    ).strip()


def _column(kind: str, name: str, lang: Lang) -> str:
    column = schema()[kind].column(name)
    return str(getattr(column, lang)) if column is not None else name


def why(one: Consequence, names: dict[str, Declared], lang: Lang) -> list[str]:
    """The whole story of one: the way it came, who asks for it, what would discharge it."""
    declared = one.declared
    lines = [
        said("why_head", lang, duty=duty(declared, lang), state=said(f"state_{one.state}", lang)),
    ]
    lines += [f"  {'  ' * n}{step(s, names, lang)}" for n, s in enumerate(one.way)]
    lines.append(said("why_due", lang, due=due(one, lang)))
    lines.append(said("why_who", lang, who=who(one, lang)))
    if declared.clauses:
        lines.append(said("why_clauses", lang, clauses=", ".join(declared.clauses)))
    ways = " / ".join(way_of_discharge(by, lang) for by in declared.discharged_by)
    lines.append(said("why_by", lang, ways=ways))
    if outcome(one, lang) != "–":
        lines.append(said("why_done", lang, done=outcome(one, lang)))
    if declared.reading:
        lines.append(said("why_reading", lang, text=getattr(declared.reading, lang)))
    return lines
