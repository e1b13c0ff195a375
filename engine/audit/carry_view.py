"""What is carried over as a plain value, on the screen, and as a document."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from shall.engine import __version__
from shall.engine.audit.carried import PLACES, Carried, Entry, Says, What, Word
from shall.engine.evaluation import canonical
from shall.engine.reports.document.blocks import (
    Blank,
    Block,
    Cell,
    Column,
    Document,
    Facts,
    Para,
    Row,
    Section,
    Table,
    fitted,
)
from shall.engine.reports.view import clean
from shall.texts import LANGUAGES, Lang, say

FORMAT = 1
SHOWN = 12
"""So many clauses of one entry are named on the screen and in a table; the JSON names all."""
SHORT = 12


def told(says: Says, lang: Lang) -> str:
    """A sentence in that language."""
    return say(says.key, lang, **{name: _value(value, lang) for name, value in says.fields.items()})


def _value(value: object, lang: Lang) -> object:
    if isinstance(value, Word):
        return say(value.key, lang)
    if isinstance(value, Mapping):
        return value[lang]
    if isinstance(value, tuple):
        return joined([str(one) for one in value], lang)
    return value


def joined(parts: Sequence[str], lang: Lang, most: int = SHOWN) -> str:
    """A list in words, cut where it grows long."""
    shown = [*parts[:most], f"… ({len(parts)})"] if len(parts) > most else parts
    return ("、" if lang == "zh" else ", ").join(shown)


def unprefixed(address: str, standards: Collection[str]) -> str:
    """An address without its standard's key where that is the only standard asked about."""
    key, colon, place = address.partition(":")
    return place if colon and set(standards) == {key} else address


def reason(entry: Entry, lang: Lang) -> str:
    """Why an entry is carried, with what it repeats."""
    text = told(entry.why, lang)
    if entry.repeats:
        text += say("carry.repeats", lang, records=joined(entry.repeats, lang))
    return text


def plain(carried: Carried) -> dict[str, Any]:
    """Everything as a value in both languages; the same store position and options give the same bytes."""
    sequence, head = carried.position
    body: dict[str, Any] = {
        "format": FORMAT,
        "organisation": {"id": carried.organisation, "name": carried.name},
        "on": carried.on.isoformat(),
        "after": _after(carried),
        "entries": [_entry(one) for one in carried.entries],
        "sampled": [
            {"site": one.site, "name": one.name, "audits": list(one.audits), "last": _iso(one.last)}
            for one in carried.drawn
        ],
        "settled": list(carried.settled),
        "unread": list(carried.unread),
        "planned_units": list(carried.after.planned_units) if carried.after else [],
        "other_certificates": dict(carried.others),
    }
    body["receipt"] = {
        "software": f"shall {__version__}",
        "ledger": {"position": sequence, "head": head},
        **carried.receipt,
        "result": hashlib.sha256(canonical(body).encode()).hexdigest(),
    }
    return body


def _after(carried: Carried) -> dict[str, Any] | None:
    one = carried.after
    if one is None:
        return None
    return {"id": one.id, "title": one.title, "from": _iso(one.first), "until": _iso(one.last)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _entry(one: Entry) -> dict[str, Any]:
    return {
        "what": one.what,
        "record": one.record,
        "is": {lang: told(one.is_, lang) for lang in LANGUAGES},
        "why": {lang: reason(one, lang) for lang in LANGUAGES},
        "audit": one.audit,
        "unit": one.unit,
        "ruleset": one.ruleset,
        "clauses": list(one.clauses),
        "who": one.who,
        "due": {"on": one.due.isoformat(), "assumed": one.assumed, "overdue": one.overdue}
        if one.due
        else None,
        "state": one.state,
        "grade": one.grade,
        "repeats": list(one.repeats),
        "where": list(one.places),
    }


class View:
    """What is carried, in one language."""

    def __init__(self, carried: Carried, lang: Lang) -> None:
        self.carried, self.lang = carried, lang
        self.digest = str(plain(carried)["receipt"]["result"])

    def t(self, key: str, /, **fields: object) -> str:
        """A text of the carry-over."""
        return say(f"carry.{key}", self.lang, **fields)

    def head(self) -> list[tuple[str, str]]:
        """What it follows, by which standards, from which evidence, and how much it is."""
        c, after = self.carried, self.carried.after
        last = self.t("after_none")
        if after:
            days = " – ".join(dict.fromkeys(d.isoformat() for d in (after.first, after.last) if d))
            last = " ".join(dict.fromkeys(part for part in (after.id, after.title, days) if part))
        findings = ("open_finding", "unverified_action", "dispute", "opportunity")
        tally = {
            "count": len(c.entries),
            "late": sum(one.overdue for one in c.entries),
            "open": sum(one.what in findings for one in c.entries),
        }
        return [
            (self.t("after"), last),
            (self.t("head_standards"), joined(list(c.standards.values()), self.lang)),
            (self.t("head_evidence"), self.t("head_position", position=c.position[0])),
            (self.t("head_tally"), self.t("tally", **tally)),
        ]

    def notes(self) -> list[str]:
        """What was settled, and what nothing can be said about."""
        found = []
        if self.carried.settled:
            found.append(self.t("settled", records=joined(self.carried.settled, self.lang, 40)))
        if self.carried.unread:
            found.append(self.t("unread", records=joined(self.carried.unread, self.lang, 40)))
        last = self.carried.after
        if last and last.planned_units:
            units = joined([self.who(unit) for unit in last.planned_units], self.lang, 40)
            found.append(self.t("planned_units", audit=last.id, units=units))
        if last and last.doubtful:
            found.append(self.t("team_doubtful", names=joined(last.doubtful, self.lang)))
        if others := self.carried.others:
            named = joined(list(others), self.lang)
            found.append(self.t("others", count=sum(others.values()), certificates=named))
        return found

    def record(self, one: Entry) -> str:
        """What an entry is about: its id, for a follow-up duty kind and id of what it came of."""
        if one.of is None:
            return one.record
        from shall.engine.consequences.words import named

        return named(one.of, self.lang)

    def who(self, id: str | None) -> str:
        """A person or unit by id and name."""
        if id is None:
            return ""
        name = self.carried.people.get(id) or self.carried.units.get(id)
        return f"{id} {name}" if name and name != id else id

    def due(self, one: Entry) -> str:
        """Until when, and whether that day has passed."""
        if one.due is None:
            return self.t("no_limit") if one.what == "certification" else ""
        if one.overdue:
            return self.t("overdue", on=one.due)
        return self.t("assumed", on=one.due) if one.assumed else one.due.isoformat()

    def where(self, one: Entry) -> str:
        """Where it must appear."""
        return joined([self.t(f"place_{place}") for place in one.places], self.lang)

    def sorts(self) -> list[tuple[What, tuple[Entry, ...]]]:
        """The sorts there are, each with its entries."""
        return [(what, found) for what in PLACES if (found := self.carried.of(what))]

    def clauses(self, one: Entry) -> str:
        """The clauses, with their standard where several are asked about or it is another."""
        named = f"{one.ruleset}:" if one.ruleset and len(one.clauses) == 1 else ""
        told = [unprefixed(f"{named}{clause}", self.carried.standards) for clause in one.clauses]
        return joined(told, self.lang)


def screen(view: View) -> str:
    """What is carried in lines."""
    lines = [f"{view.t('title')}  {view.t('subtitle', name=_name(view), on=view.carried.on)}"]
    lines += [f"{label}{'：' if view.lang == 'zh' else ': '}{text}" for label, text in view.head()]
    for what, entries in view.sorts():
        lines += ["", f"{view.t(f'what_{what}')} ({len(entries)})"]
        for one in entries:
            parts = (view.record(one), view.clauses(one), told(one.is_, view.lang))
            lines.append("  " + "  ".join(part.replace("\n", " ") for part in parts if part))
            more = (reason(one, view.lang), view.who(one.who), view.due(one), f"→ {view.where(one)}")
            lines.append("      " + "  ".join(part.replace("\n", " ") for part in more if part))
    if not view.carried.entries:
        lines += ["", view.t("nothing")]
    return "\n".join([*lines, *(["", *view.notes()] if view.notes() else []), ""])


def _name(view: View) -> str:
    return view.carried.name or view.carried.organisation


def document(carried: Carried, lang: Lang, *, wide: bool = False) -> Document:
    """What is carried as a document; the same for the same carry-over. `wide` has a column for each thing."""
    view = View(carried, lang)
    running = view.t("running", digest=view.digest[:SHORT])
    notices = [Para(str(clean(text)), "note") for text in view.notes()]
    if not carried.entries:
        notices.insert(0, Para(view.t("nothing"), "good"))
    return Document(
        lang=lang,
        title=view.t("title"),
        subtitle=view.t("subtitle", name=clean(_name(view)), on=carried.on),
        on=carried.on.isoformat(),
        day=carried.on.isoformat(),
        running=running,
        head=Facts(tuple((label, clean(text)) for label, text in view.head())),
        notices=tuple(notices),
        sections=tuple(sections(view, wide)),
        receipt=view.digest,
    )


def sections(view: View, wide: bool) -> list[Section]:
    """A section for each sort, then the sites that earlier audits visited."""
    table = _wide if wide else _table
    found = [
        Section(view.t(f"what_{what}"), 1, (table(view, entries),), view.t(f"what_{what}"))
        for what, entries in view.sorts()
    ]
    if view.carried.drawn:
        found.append(Section(view.t("t_drawn"), 1, (_sites(view),), view.t("t_drawn")))
    return found


def _table(view: View, entries: Sequence[Entry]) -> Block:
    """A table that stands on a page: what belongs together shares a cell."""
    rows = []
    for one in entries:
        unit = view.carried.units.get(one.unit or "", one.unit or "")
        texts = (
            _stacked(view.record(one), one.audit), _stacked(view.clauses(one).replace("、", "、 "), unit),
            told(one.is_, view.lang), reason(one, view.lang), _stacked(view.due(one), view.who(one.who)),
            _stacked(*(view.t(f"place_{place}") for place in one.places)),
        )  # fmt: skip
        rows.append(Row(tuple(_cell(text) for text in texts)))
    heads = (
        (("record", "audit"), 2),
        (("clause", "unit"), 2.6),
        (("is",), 3.7),
        (("why",), 3),
        (("due", "who"), 1.8),
    )
    columns = [Column(" / ".join(view.t(f"c_{name}") for name in names), width) for names, width in heads]
    return Table((*columns, Column(view.t("c_where"), 1.8)), tuple(rows))


def _stacked(*parts: str | None) -> str:
    return "\n".join(dict.fromkeys(part for part in parts if part))


def _wide(view: View, entries: Sequence[Entry]) -> Block:
    """A table that a workbook can sort and filter."""
    names = ("record", "clause", "unit", "is", "why", "audit", "who", "due", "where")
    rows = []
    for one in entries:
        unit = view.carried.units.get(one.unit or "", one.unit or "")
        texts = (
            view.record(one), view.clauses(one), unit, told(one.is_, view.lang), reason(one, view.lang),
            one.audit or "", view.who(one.who), view.due(one), view.where(one),
        )  # fmt: skip
        rows.append(Row(tuple(_cell(text) for text in texts)))
    used = [n for n in range(len(names)) if any(row.cells[n] != Blank("-") for row in rows)]
    kept = [Row(tuple(row.cells[n] for n in used)) for row in rows]
    return Table(fitted([Column(view.t(f"c_{names[n]}")) for n in used], kept), tuple(kept))


def _sites(view: View) -> Block:
    rows = [
        Row((
            _cell(f"{one.site} {one.name}"),
            _cell(joined(one.audits, view.lang)),
            _cell(one.last.isoformat() if one.last else view.t("never")),
        ))
        for one in view.carried.drawn
    ]  # fmt: skip
    columns = [Column(view.t("c_site"), 2), Column(view.t("c_audits"), 2), Column(view.t("c_last"), 1)]
    return Table(tuple(columns), tuple(rows), note=view.t("drawn_note"))


def _cell(text: str) -> Cell:
    return str(clean(text)) if text else Blank("-")
