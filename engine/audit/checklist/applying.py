"""Merged checklists to the ledger: judgements made as audit and audit findings, all of them or nothing.

A judgement speaks for a provision, a line perhaps for one unit only. Bad news counts at once; good news only when every
unit that was to be asked has answered. Until then it is kept as a draft, which is no evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shall.engine.audit.checklist.form import VERDICTS, Form, Line, Member
from shall.engine.audit.checklist.merging import Merged
from shall.engine.audit.history import FINDING, followed
from shall.engine.audit.people import People
from shall.engine.compare.content import digest
from shall.evidence.ledger import PUT, Change, CommitSummary
from shall.evidence.parse import choice_label
from shall.evidence.store import Store
from shall.texts import say
from shall.texts.errors import EvidenceError

JUDGEMENT = "judgement"
MEANS: Mapping[str, str] = {
    "conforming": "conforming",
    "improvable": "conforming",
    "minor": "nonconforming",
    "major": "nonconforming",
    "opportunity": "opportunity",
    "not_applicable": "not_applicable",
}
"""What a word of the drop-down says about the provision; the others leave it open."""
ORDER = ("nonconforming", "opportunity", "conforming", "not_applicable")
"""Of the answers of several units the first of these speaks for the provision."""
AT_ONCE = ("nonconforming", "opportunity")
GRADES: Mapping[str, str] = {
    "minor": "minor",
    "major": "major",
    "improvable": "opportunity",
    "opportunity": "opportunity",
}
"""The findings that are raised, by verdict."""
NEEDS: Mapping[str, tuple[str, ...]] = {
    "conforming": ("seen", "auditor", "date"),
    "improvable": ("statement", "seen", "auditor", "date"),
    "minor": ("statement", "seen", "auditor", "date"),
    "major": ("statement", "seen", "auditor", "date"),
    "opportunity": ("statement", "seen", "auditor", "date"),
    "not_applicable": ("statement", "auditor", "date"),
    "unresolved": ("statement", "auditor", "date"),
    "not_audited": (),
}
"""The cells a verdict cannot do without."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Which audit the checklist belongs to: an internal audit on record, or an external one by name."""

    internal_audit: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the report, by key and fields."""

    key: str
    fields: Mapping[str, object]

    def text(self, lang: str) -> str:
        """The line in that language."""
        told = dict(self.fields)
        if "column" in told:
            told["column"] = say(f"checklist.col_{told['column']}", lang)
        return say(self.key, lang, **told)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be written, what is worth saying about it, and what forbids it."""

    changes: tuple[Change, ...]
    new: tuple[tuple[str, str], ...]
    notes: tuple[Told, ...]
    problems: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A line with everything it needs, its auditor found on record."""

    line: Line
    verdict: str
    statement: str
    seen: str
    auditor: str
    person: str
    on: date


class NotApplied(EvidenceError):
    """The checklist cannot go to the ledger: everything that is wrong; nothing was written."""

    def __init__(self, problems: Sequence[Told]) -> None:
        super().__init__("checklist.not_applied", count=len(problems))
        self.problems = problems

    def text(self, lang: str) -> str:
        """Every problem on a line of its own, below a head line."""
        return "\n".join([say(self.key, lang, **self.fields), *(f"  {p.text(lang)}" for p in self.problems)])


def apply(
    store: Store, merged: Merged, audit: Audit, today: date, lang: str, *, actor: str, at: datetime
) -> tuple[Prepared, CommitSummary]:
    """Write judgements and findings in one commit; raises NotApplied where anything forbids it."""
    ready = prepare(store, merged, audit, today, lang)
    if ready.problems:
        raise NotApplied(ready.problems)
    summary = store.commit(merged.form.organisation, ready.changes, actor=actor, at=at, new=ready.new)
    return ready, summary


def prepare(store: Store, merged: Merged, audit: Audit, today: date, lang: str) -> Prepared:
    """What a merge would put on record; nothing is written."""
    form = merged.form
    problems = _not_ours(store, form)
    if not problems:
        problems += _audit_known(store, form, audit)
    if merged.blocked:
        count = len(merged.conflicts) + sum(t.blocks for t in merged.troubles)
        problems.append(Told("checklist.still_open", {"count": count}))
    if problems:
        return Prepared((), (), (), tuple(problems))
    answers = _answers(store, merged, today, problems)
    problems += _against(answers)
    notes: list[Told] = []
    judged = _judgements(form, merged, answers, lang, notes)
    problems += _judged_since(store, form, judged)
    raised, new = _findings(store, form, answers, audit, notes, problems)
    return Prepared((*judged, *raised), tuple(new), tuple(notes), tuple(problems))


def audit_of(store: Store, form: Form, named: Audit) -> Audit:
    """The audit named, else the one whose timetable the checklist was made from."""
    if named != Audit() or form.audit is None:
        return named
    rows = store.rows("audit_file", form.organisation, ("id", "internal_audit"))
    return Audit(next((r[1] for r in rows if r[0] == form.audit), None), form.audit)


def _not_ours(store: Store, form: Form) -> list[Told]:
    """Whether this is the store the checklist was made from."""
    known = form.organisation in store.organisations()
    if not known or store.position()[0] < form.known or store.position_at(form.known)[1] != form.head:
        fields = {"organisation": form.organisation, "known": form.known, "head": form.head[:12]}
        return [Told("checklist.other_store", fields)]
    return []


def _audit_known(store: Store, form: Form, audit: Audit) -> list[Told]:
    known = [row[0] for row in store.rows("internal_audit", form.organisation, ("id",))]
    if audit.internal_audit is not None and audit.internal_audit not in known:
        fields = {"audit": audit.internal_audit, "names": ", ".join(known) or "-"}
        return [Told("checklist.no_audit", fields)]
    return []


# --- answers ---------------------------------------------------------------------------------------------


def _answers(store: Store, merged: Merged, today: date, problems: list[Told]) -> dict[str, Answer]:
    """The lines with a verdict that says something; what they lack is a problem each."""
    form = merged.form
    people = People(store, form.organisation, None)
    known = {row[0] for row in store.rows("auditor", form.organisation, ("id",))}
    found = {}
    for line in form.lines:
        cells = merged.values.get(line.id, {})
        verdict = cells.get("verdict", "")
        if cells and not verdict:
            problems.append(_of(line, "checklist.no_verdict"))
        elif verdict and verdict not in line.allowed:
            problems.append(_of(line, "checklist.not_for_should", verdict=choice_label(VERDICTS[verdict])))
        elif verdict:
            lacking = [name for name in NEEDS[verdict] if not cells.get(name)]
            problems += [_of(line, "checklist.lacks", column=name) for name in lacking]
            if not lacking and verdict != "not_audited":
                answer = _answer(line, cells, known, people)
                problems += _entitled(answer, people, known, form, today)
                found[line.id] = answer
    return found


def _of(line: Line, key: str, **fields: object) -> Told:
    addresses = ", ".join(m.id for m in line.members)
    return Told(key, {"no": line.cells["no"], "address": addresses, **fields})


def _answer(line: Line, cells: Mapping[str, str], known: Iterable[str], people: People) -> Answer:
    said = cells["auditor"]
    auditor = said if said in known else said.partition(" ")[0]
    return Answer(
        line,
        cells["verdict"],
        cells.get("statement", ""),
        cells.get("seen", ""),
        auditor,
        people.name(auditor),
        date.fromisoformat(cells["date"]),
    )


def _entitled(answer: Answer, people: People, known: Iterable[str], form: Form, today: date) -> list[Told]:
    """Whether this auditor may say this on this day."""
    line, on = answer.line, answer.on
    told: list[Told] = []
    if on > today:
        told.append(_of(line, "checklist.future", on=on))
    if on < date.fromisoformat(form.since):
        told.append(_of(line, "checklist.too_early", on=on, since=form.since))
    if answer.auditor not in known:
        return [*told, _of(line, "checklist.unknown_auditor", auditor=answer.auditor, names=", ".join(known))]
    who = people.actor(answer.auditor, on, ())
    if not people.person(answer.person):
        told.append(_of(line, "checklist.no_person", auditor=answer.auditor))
    if not who.competent:
        told.append(_of(line, "checklist.not_competent", auditor=answer.auditor, on=on))
    if who.unit is not None and who.unit == line.unit:
        told.append(_of(line, "checklist.own_unit", auditor=answer.auditor, unit=line.unit))
    return told


def _against(answers: Mapping[str, Answer]) -> list[Told]:
    """Lines said to conform although a provision they rest on is said not to."""
    broken = {
        m.id: a.line.cells["no"]
        for a in answers.values()
        if MEANS.get(a.verdict) == "nonconforming"
        for m in a.line.members
    }
    return [
        _of(a.line, "checklist.against", other=name, number=broken[name])
        for a in answers.values()
        if MEANS.get(a.verdict) == "conforming"
        for name in a.line.through
        if name in broken
    ]


# --- judgements ------------------------------------------------------------------------------------------


def _judgements(
    form: Form, merged: Merged, answers: Mapping[str, Answer], lang: str, notes: list[Told]
) -> list[Change]:
    """One judgement for each provision that somebody answered."""
    lines: dict[str, list[Line]] = {}
    members: dict[str, Member] = {}
    for line in form.lines:
        for member in line.members:
            lines.setdefault(member.id, []).append(line)
            members[member.id] = member
    changes = []
    for name, asked in lines.items():
        given = [answers[line.id] for line in asked if line.id in answers]
        if given:
            changes.append(_judgement(form, members[name], asked, given, lang, notes))
    return changes


def _judgement(
    form: Form,
    member: Member,
    asked: Sequence[Line],
    given: Sequence[Answer],
    lang: str,
    notes: list[Told],
) -> Change:
    means = [MEANS[a.verdict] for a in given if a.verdict in MEANS]
    verdict = min(means, key=ORDER.index) if means else None
    absent = [u for line in asked for u in line.elsewhere]
    complete = len(means) == len(asked) and not absent
    counts = verdict is not None and (complete or verdict in AT_ONCE)
    if not counts:
        fields = {"address": member.id, "given": len(means), "asked": len(asked) + len(set(absent))}
        notes.append(Told("checklist.held_back", fields))
    speaks = [a for a in given if MEANS.get(a.verdict) == verdict] or list(given)
    last = max(speaks, key=lambda a: (a.on, a.line.id))
    body: dict[str, object] = {
        "ruleset": member.ruleset,
        "address": member.address,
        "verdict": verdict,
        "reason": "\n".join(_reason(a, lang) for a in given),
        "judged_by": last.person,
        "judged_on": max(a.on for a in given),
        "made_as": "audit",
        "evidence": "\n".join(dict.fromkeys(a.seen for a in given if a.seen)) or None,
        "status": None if counts else "draft",
        "unit": given[0].line.unit if len(given) == 1 else None,
    }
    return Change(
        PUT, JUDGEMENT, judgement_id(form, member), {k: v for k, v in body.items() if v is not None}
    )


def judgement_id(form: Form, member: Member) -> str:
    """The record of this checklist's judgement of a provision: written again it is the same record."""
    return f"CL-{form.digest[:8]}-{member.ruleset}-{member.address}"


def finding_id(form: Form, line: Line) -> str:
    """The record of the finding on a line: short, for people say it, and the same whenever it is computed."""
    return f"CF-{digest([form.digest, line.id], 8)}"


def _reason(answer: Answer, lang: str) -> str:
    text = answer.statement or say("checklist.as_seen", lang, seen=answer.seen)
    where = f"{answer.line.unit} " if answer.line.unit else ""
    word = VERDICTS[answer.verdict][lang != "zh"]
    return say(
        "checklist.reason", lang, where=where, verdict=word, text=text, auditor=answer.auditor, on=answer.on
    )


def _judged_since(store: Store, form: Form, changes: Sequence[Change]) -> list[Told]:
    """Judgements others put on record since the checklist was issued, which say something else."""
    columns = ("id", "ruleset", "address", "verdict", "judged_by", "made_as", "status")
    rows = store.rows(JUDGEMENT, form.organisation, columns)
    before = {row[0] for row in store.rows(JUDGEMENT, form.organisation, ("id",), known=form.known)}
    since = [r for r in rows if r[0] not in before and r[5] == "audit" and r[6] in (None, "approved")]
    told = []
    for change in changes:
        body = change.body
        if body.get("status") == "draft":
            continue
        for record, ruleset, address, verdict, by, _, _ in since:
            ours = record == change.record_id
            same = (ruleset, address) == (body["ruleset"], body["address"])
            if same and not ours and verdict != body["verdict"]:
                fields = {"address": f"{ruleset}:{address}", "record": record, "by": by or "-"}
                told.append(Told("checklist.judged_since", fields))
    return told


# --- findings --------------------------------------------------------------------------------------------


def _findings(
    store: Store,
    form: Form,
    answers: Mapping[str, Answer],
    audit: Audit,
    notes: list[Told],
    problems: list[Told],
) -> tuple[list[Change], list[tuple[str, str]]]:
    """One finding for each line that needs one, under its first provision, unless one is open there already."""
    standing = {
        (f.ruleset, f.address, f.unit): f.record
        for case in (s.case for s in followed(store, form.organisation))
        if case.open and (f := case.finding).address
    }
    changes, new = [], []
    for line in form.lines:
        answer = answers.get(line.id)
        record = finding_id(form, line)
        entries = store.history(form.organisation, FINDING, record)
        if answer is None or answer.verdict not in GRADES:
            if entries and entries[-1].action == PUT and record in standing.values():
                problems.append(_of(line, "checklist.raised_before", finding=record))
            continue
        body = _finding(form, answer, audit)
        if entries:
            kept = {k: v.isoformat() if isinstance(v, date) else v for k, v in body.items()}
            if any(entries[-1].body.get(k) != v for k, v in kept.items()):
                problems.append(_of(line, "checklist.raised_otherwise", finding=record))
            continue
        first = _criterion(line, answer)
        other = standing.get((first.ruleset, first.address, line.unit))
        if other is not None:
            notes.append(_of(line, "checklist.already_open", finding=other))
            continue
        changes.append(Change(PUT, FINDING, record, body))
        new.append((FINDING, record))
    return changes, new


def _criterion(line: Line, answer: Answer) -> Member:
    """The provision a finding stands under: for a nonconformity the first shall."""
    firm = [m for m in line.members if m.severity == "shall"]
    return firm[0] if firm and answer.verdict in ("minor", "major") else line.members[0]


def _finding(form: Form, answer: Answer, audit: Audit) -> dict[str, object]:
    line, first = answer.line, _criterion(answer.line, answer)
    others = [m.id for m in line.members if m is not first]
    body: dict[str, object | None] = {
        "origin": "internal" if audit.internal_audit else "certification",
        "internal_audit": audit.internal_audit,
        "audit": audit.name,
        "auditor": answer.auditor,
        "unit": line.unit,
        "found_on": answer.on,
        "clause": first.clause,
        "ruleset": first.ruleset,
        "address": first.address,
        "criterion": line.gist[form.lang],
        "grade": GRADES[answer.verdict],
        "graded_by": f"checklist:{form.digest[:8]}",
        "description": answer.statement,
        "evidence": answer.seen,
        "note": ", ".join(others) or None,
    }
    return {k: v for k, v in body.items() if v is not None}
