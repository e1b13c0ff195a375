"""Merged checklists to the ledger: judgements made as audit, findings, what was looked at; all of it or nothing.

A judgement speaks for a provision, a line perhaps for one unit only. Bad news counts at once; good news only when every
unit that was to be asked has answered. Until then it is kept as a draft, which is no evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shall.engine.audit.checklist.answers import Answer, Told, answers_of, of_line
from shall.engine.audit.checklist.coverage import covered
from shall.engine.audit.checklist.entitled import Audit
from shall.engine.audit.checklist.form import VERDICTS, Form, Line, Member
from shall.engine.audit.checklist.merging import Merged
from shall.engine.audit.history import FINDING, followed
from shall.engine.compare.content import digest
from shall.evidence.ledger import PUT, Change, CommitSummary
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
WEIGHT = ("major", "minor", "opportunity", "unresolved", "improvable", "conforming", "not_applicable")
"""Answers in the order in which a reason tells them: what is unfavourable comes first."""
FAVOURABLE = ("conforming", "improvable")
BETTER = ("conforming", "not_applicable")
WORSE = ("nonconforming", "opportunity")
"""A judgement of the first kind is better than evidence of the second."""
BETTER_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be written, what is worth saying about it, and what forbids it."""

    changes: tuple[Change, ...]
    new: tuple[tuple[str, str], ...]
    notes: tuple[Told, ...]
    problems: tuple[Told, ...]


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
        problems += [*_audit_known(store, form, audit), *_another_audit(form, audit)]
    if merged.blocked:
        count = len(merged.conflicts) + sum(t.blocks for t in merged.troubles)
        problems.append(Told("checklist.still_open", {"count": count}))
    if problems:
        return Prepared((), (), (), tuple(problems))
    answers = answers_of(store, merged, audit, today, problems)
    problems += [*_against(answers), *_outside_days(store, form, audit, answers)]
    if lost := _left_out(store, form, answers):
        return Prepared((), (), (), (*problems, *lost))
    notes: list[Told] = []
    judged = _judgements(form, answers, lang, notes)
    notes += _better(form, judged)
    problems += _judged_since(store, form, judged)
    raised, new = _findings(store, form, answers, audit, notes, problems)
    seen = covered(store, form, answers, audit, lang)
    if answers and not seen:
        notes.append(Told("checklist.nowhere", {}))
    return Prepared((*judged, *raised, *seen), tuple(new), tuple(notes), tuple(problems))


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


def _another_audit(form: Form, audit: Audit) -> list[Told]:
    """Whether the checklist was issued for the timetable of another audit: its team, days and units bind."""
    named = audit.file or audit.name or audit.internal_audit
    if form.audit is None or form.audit in (audit.file, audit.name):
        return []
    return [Told("checklist.other_audit", {"issued": form.audit, "named": named})]


def _outside_days(store: Store, form: Form, audit: Audit, answers: Mapping[str, Answer]) -> list[Told]:
    """Answers dated on a day that is none of the audit's."""
    rows = store.rows("audit_file", form.organisation, ("id", "audited_from", "audited_until"))
    first, last = next(((f, u) for record, f, u in rows if record == audit.file), (None, None))
    off = [
        a
        for a in answers.values()
        if (first and a.on.isoformat() < first) or (last and a.on.isoformat() > last)
    ]
    if not off:
        return []
    fields = {
        "count": len(off),
        "first": first or "…",
        "last": last or "…",
        "number": off[0].line.cells["no"],
    }
    return [Told("checklist.outside_days", {**fields, "on": off[0].on})]


def _left_out(store: Store, form: Form, answers: Mapping[str, Answer]) -> list[Told]:
    """Answers put on record from this checklist before that are in no copy merged now: they would be lost."""
    mark = _mark(form)
    rows = store.rows(JUDGEMENT, form.organisation, ("source", "status"))
    texts = [
        source for source, status in rows if source and status != "withdrawn" and source.startswith(mark)
    ]
    before = {int(number) for text in texts for number in text.removeprefix(mark).split(",")}
    now = {int(a.line.cells["no"]) for a in answers.values()}
    if not (lost := sorted(before - now)):
        return []
    shown = ", ".join(map(str, lost[:BETTER_SHOWN])) + (" …" if len(lost) > BETTER_SHOWN else "")
    return [Told("checklist.left_out", {"count": len(lost), "numbers": shown})]


def _mark(form: Form) -> str:
    """How the source of this checklist's judgements begins; the numbers of the rows answered follow."""
    return f"checklist {form.digest[:8]}#"


def _against(answers: Mapping[str, Answer]) -> list[Told]:
    """Lines said to conform although a provision they rest on is said not to."""
    broken = {
        m.id: a.line.cells["no"]
        for a in answers.values()
        if MEANS.get(a.verdict) == "nonconforming"
        for m in a.line.members
    }
    return [
        of_line(a.line, "checklist.against", other=name, number=broken[name])
        for a in answers.values()
        if MEANS.get(a.verdict) == "conforming"
        for name in a.line.through
        if name in broken
    ]


# --- judgements ------------------------------------------------------------------------------------------


def _judgements(form: Form, answers: Mapping[str, Answer], lang: str, notes: list[Told]) -> list[Change]:
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
    worst = min(WEIGHT.index(a.verdict) for a in speaks)
    first = max((a for a in speaks if WEIGHT.index(a.verdict) == worst), key=lambda a: (a.on, a.line.id))
    body: dict[str, object] = {
        "ruleset": member.ruleset,
        "address": member.address,
        "verdict": verdict,
        "reason": _reasons(first, given, lang),
        "judged_by": first.by,
        "judged_on": first.on,
        "made_as": "audit",
        "evidence": "\n".join(dict.fromkeys(a.seen for a in (first, *given) if a.seen)) or None,
        "status": None if counts else "draft",
        "unit": given[0].line.unit if len(given) == 1 else None,
        "source": _mark(form) + ",".join(sorted((a.line.cells["no"] for a in given), key=int)),
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


def _reasons(first: Answer, given: Sequence[Answer], lang: str) -> str:
    """The answer that decides, then what else is unfavourable, then the favourable ones, those without a text short."""
    others = sorted((a for a in given if a is not first), key=lambda a: WEIGHT.index(a.verdict))
    long = [a for a in others if a.statement or a.verdict not in FAVOURABLE]
    short: dict[tuple[str, str, date], list[str]] = {}
    for a in others:
        if a not in long:
            short.setdefault((a.verdict, a.auditor, a.on), []).append(_where(a, lang))
    texts = [_reason(a, lang) for a in (first, *long)]
    comma = "、" if lang == "zh" else ", "
    for (verdict, auditor, on), where in short.items():
        told = {"verdict": VERDICTS[verdict][lang != "zh"], "auditor": auditor, "on": on}
        texts.append(say("checklist.reason_short", lang, where=comma.join(dict.fromkeys(where)), **told))
    return "\n".join(texts)


def _where(answer: Answer, lang: str) -> str:
    return answer.line.unit or say("checklist.whole", lang)


def _reason(answer: Answer, lang: str) -> str:
    text = answer.statement or say("checklist.as_seen", lang, seen=answer.seen)
    where = f"{answer.line.unit} " if answer.line.unit else ""
    word = VERDICTS[answer.verdict][lang != "zh"]
    return say(
        "checklist.reason", lang, where=where, verdict=word, text=text, auditor=answer.auditor, on=answer.on
    )


def _better(form: Form, judged: Sequence[Change]) -> list[Told]:
    """One remark on judgements that are better than what the records say: nobody should make them in passing."""
    paper = {m.id: v for line in form.lines for m, v in zip(line.members, line.paper, strict=False)}
    names = [f"{c.body['ruleset']}:{c.body['address']}" for c in judged if c.body.get("verdict") in BETTER]
    found = [name for name in names if paper.get(name) in WORSE]
    if not found:
        return []
    shown = ", ".join(found[:BETTER_SHOWN]) + (" …" if len(found) > BETTER_SHOWN else "")
    return [Told("checklist.better", {"count": len(found), "given": len(names), "names": shown})]


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
                problems.append(of_line(line, "checklist.raised_before", finding=record))
            continue
        body = _finding(form, answer, audit)
        if entries:
            kept = {k: v.isoformat() if isinstance(v, date) else v for k, v in body.items()}
            before = entries[-1].body
            if "further" not in before:  # findings of old name their further criteria in the note
                kept.pop("further", None)
            if any(before.get(k) != v for k, v in kept.items()):
                problems.append(of_line(line, "checklist.raised_otherwise", finding=record))
            continue
        first = _criterion(line, answer)
        other = standing.get((first.ruleset, first.address, line.unit))
        if other is not None:
            notes.append(of_line(line, "checklist.already_open", finding=other))
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
        "origin": audit.origin,
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
        "further": "; ".join(others) or None,
    }
    return {k: v for k, v in body.items() if v is not None}
