"""The lines of a checklist: what to ask, whom, which records there are, which of them to look at.

Provisions that ask the same (equal compiled checks, the same question to a person) are one line with all addresses.
By unit, a line is asked in every unit whose records answer it, and once without a unit for records that name none.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shall.engine.audit.checklist.earlier import Earlier, left_open
from shall.engine.audit.checklist.form import Form, Line, Member
from shall.engine.audit.checklist.sampling import draw
from shall.engine.audit.checklist.visits import Visits
from shall.engine.compare.content import digest, expanded
from shall.engine.evaluation import Evaluation, references
from shall.engine.plan import Plan, PlannedProvision
from shall.engine.reports.view import clean
from shall.engine.verdicts import Decided
from shall.evidence.store import Store
from shall.texts import Lang, say
from shall.texts.errors import UsageError

SHOWN = 12
"""Records of a kind that a cell names before it says how many more there are."""
PEOPLE_SHOWN, UNITS_SHOWN = 2, 3

ROLES: Mapping[str, tuple[str, ...]] = {
    "leadership": ("top_management", "management_representative"),
    "context": ("management_representative", "carbon_manager"),
    "planning": ("carbon_manager",),
    "support": ("carbon_manager",),
    "operation": ("production", "facility_manager"),
    "evaluation": ("internal_auditor", "carbon_manager"),
    "improvement": ("carbon_manager",),
    "carbon": ("data", "carbon_specialist"),
}
"""Whom to ask about a concept, by its first word, where no record names a person."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the checklist is laid out: by clause or by unit, one unit only, size rule and seed of the samples.

    With `visits` it asks, unit by unit, what is to be audited there in these visits, and `by` says nothing.
    """

    by: str = "clause"
    unit: str | None = None
    size: str = "root"
    seed: int | None = None
    visits: Visits | None = None


@dataclass(frozen=True, slots=True)
class _Making:
    """What the lines of one checklist are made from."""

    found: Evaluation
    records: "_Records"
    decided: Mapping[str, Decided]
    earlier: Earlier
    wanted: Wanted
    seed: int
    lang: Lang


def form_of(found: Evaluation, store: Store, wanted: Wanted, lang: Lang, name: str | None = None) -> Form:
    """The checklist of an evaluation; raises UsageError where the unit is not on record or nothing is asked there."""
    question, plan = found.question, found.plan
    known, head = found.position
    seed = wanted.seed if wanted.seed is not None else int(head[:8], 16)
    records = _Records(store, question.organisation, known)
    if wanted.unit is not None and wanted.unit not in records.units:
        names = ", ".join(sorted(records.units)) or "-"
        raise UsageError("checklist.no_unit", unit=wanted.unit, names=names)
    earlier = left_open(store, question.organisation, question.on, known, lang)
    decided = {d.provision.id: d for d in found.decided}
    making = _Making(found, records, decided, earlier, wanted, seed, lang)
    drafts = [d for group in groups(plan) for d in _drafts(found, group, records, wanted)]
    if wanted.visits is not None:
        drafts = list(_visited(found, records, wanted.visits, wanted.unit))
    if wanted.by == "unit" or wanted.visits:
        drafts.sort(key=lambda d: d.unit or "")
    ours = [d for d in drafts if wanted.unit in (None, d.unit)]
    lines = [_line(n, draft, making) for n, draft in enumerate(ours, 1)]
    if not lines:
        raise UsageError("checklist.nothing_asked", unit=wanted.unit or "-")
    part = wanted.unit is not None or wanted.visits is not None
    standards = tuple(
        {"key": key, "number": str(s["number"]), "edition": str(s["edition"]), "digest": str(s["digest"])}
        for key, s in plan.standards.items()
    )
    return Form(
        organisation=question.organisation,
        name=clean(name),
        on=question.on.isoformat(),
        since=question.since.isoformat(),
        known=known,
        head=head,
        standards=standards,
        plan=plan.digest,
        by="unit" if wanted.visits else wanted.by,
        unit=wanted.unit,
        size=wanted.size,
        seed=seed,
        lang=lang,
        auditors=tuple(records.auditors(wanted.visits.team if wanted.visits else ())),
        lines=tuple(lines),
        part=wanted.visits.part if wanted.visits else "",
        audit=wanted.visits.audit if wanted.visits else None,
        loose=tuple(clean(earlier.loose({d.unit for d in ours} if part else None))),
    )


def groups(plan: Plan, among: Collection[int] | None = None) -> list[list[PlannedProvision]]:
    """The binding provisions asked for and those they incorporate (or those `among` them); such as ask the same
    stand together."""
    asked = [n for n, p in enumerate(plan.provisions) if p.ruleset in plan.asked]
    wanted: dict[int, None] = {}
    while asked:
        n = asked.pop(0)
        if n not in wanted:
            wanted[n] = None
            asked += plan.provisions[n].incorporated
    found: dict[object, list[PlannedProvision]] = {}
    for n in wanted:
        if (p := plan.provisions[n]).severity in ("shall", "should") and (among is None or n in among):
            found.setdefault(_same(plan, p), []).append(p)
    return list(found.values())


def _same(plan: Plan, p: PlannedProvision) -> object:
    """What equal provisions share; one that nothing computes and that asks nobody stands alone."""
    if not p.requirements and not p.judged:
        return p.id
    checks = sorted(repr(expanded(plan, plan.requirements[n].decision)) for n in p.requirements)
    when = repr(expanded(plan, plan.conditions[p.when].decision)) if p.when is not None else None
    judged = p.judged["zh"] if p.judged else None
    return (p.severity, tuple(checks), judged, when, p.incorporated)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line before its texts: `there` are the records that answer it, `amiss` those of them that do not do.

    `kinds` are what is to be shown: the kinds of all records that answer it, wherever they are.
    """

    group: Sequence[PlannedProvision]
    unit: str | None
    there: tuple[str, ...]
    amiss: tuple[str, ...]
    elsewhere: tuple[str, ...]
    asked: tuple[str | None, ...] = (None,)
    auditor: str | None = None
    kinds: tuple[str, ...] = ()


def _visited(found: Evaluation, records: "_Records", visits: Visits, only: str | None) -> Iterator[_Draft]:
    """The lines of some visits: asked in a unit whether or not records of it answer, with records of no unit as well.

    Who is asked is settled by the visits: no answer of any other unit is waited for. An auditor is suggested where the
    visits name one and no more for all provisions of the line.
    """
    plan = found.plan
    number = {p.id: n for n, p in enumerate(plan.provisions)}
    units = visits.units(plan, records.units)
    visiting: dict[str, set[str | None]] = {}
    for unit, there in units.items():
        for n in there:
            visiting.setdefault(plan.provisions[n].id, set()).add(unit)
    for unit, there in sorted(units.items(), key=lambda item: item[0] or ""):
        for group in groups(plan, there):
            records_there, amiss = _answering(found, group, records)
            at = {r: records.unit(r) for r in records_there}
            ours = tuple(r for r in records_there if unit is None or at[r] in (None, unit))
            here = {u for p in group for u in visiting[p.id]}
            left_out = here - {only} if only is not None else set()
            named = set.union(*(there[number[p.id]] for p in group))
            yield _Draft(
                group,
                unit,
                ours,
                tuple(r for r in amiss if r in set(ours)),
                tuple(sorted(u or "-" for u in left_out)),
                tuple(sorted(here, key=lambda u: u or "")),
                named.pop() if len(named) == 1 else None,
                _kinds_of(records_there),
            )


def _drafts(
    found: Evaluation, group: Sequence[PlannedProvision], records: "_Records", wanted: Wanted
) -> Iterator[_Draft]:
    there, amiss = _answering(found, group, records)
    if wanted.by == "clause" and wanted.unit is None:
        yield _Draft(group, None, there, amiss, (), kinds=_kinds_of(there))
        return
    by_unit: dict[str | None, list[str]] = {}
    for reference in there:
        by_unit.setdefault(records.unit(reference), []).append(reference)
    units = sorted(u or "" for u in by_unit) or [""]
    for unit in (u or None for u in units):
        ours = tuple(by_unit.get(unit, ()))
        left_out = [u or "-" for u in units if wanted.unit not in (None, u)]
        wrong, here = tuple(r for r in amiss if r in set(ours)), tuple(u or None for u in units)
        yield _Draft(group, unit, ours, wrong, tuple(left_out), here, kinds=_kinds_of(there))


def _kinds_of(there: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reference.partition(":")[0] for reference in there))


def _answering(
    found: Evaluation, group: Sequence[PlannedProvision], records: "_Records"
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    plan, answers = found.plan, found.answers
    there: set[str] = set()
    amiss: set[str] = set()
    for n in {n for p in group for n in p.requirements}:
        part = answers.part(plan.requirements[n])
        there |= set(references((*part.population, *part.supporting), plan, answers))
        amiss |= set(references((*part.offending, *part.undecided), plan, answers))
    for kind in {k for p in group for k in p.look_at}:
        there |= {f"{kind}:{record}" for record in records.ids(kind, found)}
    return tuple(sorted(there | amiss)), tuple(sorted(amiss))


def _line(number: int, draft: _Draft, making: _Making) -> Line:
    found, records, wanted, lang = making.found, making.records, making.wanted, making.lang
    plan, first = found.plan, draft.group[0]
    members = tuple(Member(p.ruleset, p.address, p.clause, p.severity) for p in draft.group)
    key = digest([[m.id for m in members], draft.unit], 10)
    question = "|".join([*(m.id for m in members), draft.unit or ""])
    samples = draw(draft.there, wanted.size, making.seed, question, draft.amiss)
    cells = {
        "no": str(number),
        "unit": records.units_text(draft.unit, draft.there),
        "address": "\n".join(m.id for m in members),
        "ask": _ask(draft, making),
        "whom": records.whom(draft.there, first.concepts, lang),
        "evidence": _says(making.decided, draft, lang),
        "records": _listed(draft, plan, lang),
        "sample": "\n".join(
            say(
                "checklist.sample_line",
                lang,
                kind=_kind(plan, s.kind, lang),
                drawn=len(s.drawn),
                population=s.population,
                ids=", ".join(s.drawn),
            )
            for s in samples
        ),
        "earlier": making.earlier.for_row(draft.group, draft.unit, draft.asked),
    }
    clauses = plan.standards[first.ruleset].get("clauses") or {}
    title = clauses.get(first.clause)
    heading = (
        f"{plan.standards[first.ruleset]['number']} {first.clause} {title[lang] if title else ''}".strip()
    )
    if wanted.by == "unit" or wanted.visits:
        unit = records.unit_name(draft.unit) if draft.unit else say("checklist.whole", lang)
        heading = f"{unit} · {heading}"
    through = tuple(dict.fromkeys(plan.provisions[n].id for p in draft.group for n in p.incorporated))
    gist, auditor = dict(first.gist), records.auditor(draft.auditor)
    cells, heading, auditor = clean(cells), clean(heading), clean(auditor)
    paper = tuple(making.decided[p.id].evidence_verdict for p in draft.group)
    return Line(key, heading, draft.unit, members, gist, draft.elsewhere, through, cells, auditor, paper)


def _ask(draft: _Draft, making: _Making) -> str:
    """An open lead, what to be shown, what evidence should show, and the question only a person can answer."""
    group, plan, lang = draft.group, making.found.plan, making.lang
    first = group[0]
    modality = say(f"report.severity.{first.severity}", lang)
    texts = [say("checklist.ask_gist", lang, severity=modality, gist=first.gist[lang])]
    kinds = [_kind(plan, kind, lang) for kind in draft.kinds]
    if kinds:
        texts.append(say("checklist.ask_show", lang, kinds=("、" if lang == "zh" else ", ").join(kinds)))
    if all(making.decided[p.id].verdict == "not_applicable" for p in group):
        texts.append(say("checklist.ask_not_applicable", lang))
    expects = dict.fromkeys(plan.requirements[n].expects[lang] for p in group for n in p.requirements)
    texts += [say("checklist.ask_expects", lang, text=text) for text in expects]
    judged = dict.fromkeys(p.judged[lang] for p in group if p.judged)
    texts += [say("checklist.ask_judged", lang, text=text) for text in judged]
    clauses = dict.fromkeys(c for p in group for c in p.incorporates)
    if clauses:
        texts.append(say("checklist.ask_incorporates", lang, clauses=", ".join(clauses)))
    conditions = dict.fromkeys(plan.conditions[p.when].says[lang] for p in group if p.when is not None)
    texts += [say("checklist.ask_when", lang, text=text) for text in conditions]
    return "\n".join(texts)


def _says(decided: Mapping[str, Decided], draft: _Draft, lang: Lang) -> str:
    """What the records of the whole organisation say; in a row of one unit that is written before it."""
    ours = [(p, decided[p.id]) for p in draft.group]
    verdicts = dict.fromkeys(d.verdict for _, d in ours)
    words = [say(f"report.verdict.{v}", lang) for v in verdicts]
    judged = [d.judgement.record for _, d in ours if d.judgement]
    if draft.unit is not None:
        words = [say("checklist.of_all", lang, verdict=word) for word in words]
    return "\n".join([*words, *(say("checklist.judged_in", lang, record=record) for record in judged)])


def _kind(plan: Plan, kind: str, lang: Lang) -> str:
    pair = plan.kinds.get(kind)
    if pair is None:
        from shall.evidence.schema import schema

        return schema()[kind].zh if lang == "zh" else schema()[kind].en
    return pair[lang]


def _listed(draft: _Draft, plan: Plan, lang: Lang) -> str:
    """What is there, kind by kind; what does not do or cannot be told first."""
    texts = []
    for key, references_ in (("checklist.amiss", draft.amiss), ("checklist.there", draft.there)):
        kinds: dict[str, list[str]] = {}
        for reference in references_:
            kind, _, record = reference.partition(":")
            kinds.setdefault(kind, []).append(record)
        for kind, ids in kinds.items():
            more = f" … (+{len(ids) - SHOWN})" if len(ids) > SHOWN else ""
            shown = ", ".join(ids[:SHOWN]) + more
            texts.append(say(key, lang, kind=_kind(plan, kind, lang), ids=shown))
    return "\n".join(texts) or say("checklist.no_records", lang)


class _Records:
    """What the store says about units and people, read once per kind."""

    def __init__(self, store: Store, organisation: str, known: int) -> None:
        self._store, self._organisation, self._known = store, organisation, known
        self.units: dict[str, str] = {r[0]: r[1] or r[0] for r in self._rows("unit", "id", "name")}
        self._people = {r[0]: r for r in self._rows("person", "id", "name", "job_title", "unit")}
        self._kinds: dict[str, dict[str, tuple[str | None, tuple[str, ...]]]] = {}
        self._roles: dict[str, list[str]] = {}
        self._auditors = self.auditors()
        for role, holder in self._rows("role_assignment", "role", "holder"):
            if role and holder:
                self._roles.setdefault(role, []).append(holder)

    def _rows(self, kind: str, *columns: str) -> list[tuple[str, ...]]:
        return self._store.rows(kind, self._organisation, columns, known=self._known)

    def auditors(self, team: Collection[str] = ()) -> list[tuple[str, str]]:
        """Auditors on record with their names, of a team only where there is one."""
        return [
            (record, clean(name or (self._people[person][1] if person in self._people else "") or ""))
            for record, person, name in self._rows("auditor", "id", "person", "name")
            if not team or record in team
        ]

    def auditor(self, record: str | None) -> str:
        """An auditor as the drop-down has it; the bare id of one who is not on record."""
        if record is None:
            return ""
        return next((f"{r} {name}".strip() for r, name in self._auditors if r == record), record)

    def ids(self, kind: str, found: Evaluation) -> Iterable[str]:
        """Records of a kind that are evidence on the day."""
        if kind in found.plan.columns:
            return (str(row[0]) for row in found.rows.get(kind, ()))
        return self._of(kind)

    def _of(self, kind: str) -> Mapping[str, tuple[str | None, tuple[str, ...]]]:
        if kind not in self._kinds:
            from shall.evidence.schema import schema

            columns = schema()[kind].columns if kind in schema() else ()
            named = [c.name for c in columns if c.ref == "person" and c.name != "approved_by"]
            rows = self._rows(kind, "id", "unit", *named)
            self._kinds[kind] = {r[0]: (r[1], tuple(p for p in r[2:] if p)) for r in rows}
        return self._kinds[kind]

    def unit(self, reference: str) -> str | None:
        """The unit a record names."""
        kind, _, record = reference.partition(":")
        if kind == "unit":
            return record
        return self._of(kind).get(record, (None, ()))[0]

    def unit_name(self, unit: str) -> str:
        """Id and name of a unit."""
        return f"{unit} {self.units.get(unit, '')}".strip()

    def units_text(self, unit: str | None, there: Sequence[str]) -> str:
        """The unit of a line, or the units its records come from."""
        if unit is not None:
            return self.unit_name(unit)
        units = Counter(u for r in there if (u := self.unit(r)))
        shown = [self.unit_name(u) for u, _ in _most(units)[:UNITS_SHOWN]]
        return "\n".join(shown) + (f"\n… (+{len(units) - UNITS_SHOWN})" if len(units) > UNITS_SHOWN else "")

    def whom(self, there: Sequence[str], concepts: Sequence[str], lang: Lang) -> str:
        """The people the records name most often; where they name none, holders of the role for the subject."""
        named = Counter(
            person
            for reference in there
            for person in self._of(reference.partition(":")[0]).get(reference.partition(":")[2], (None, ()))[
                1
            ]
            if person in self._people
        )
        people = [person for person, _ in _most(named)[:PEOPLE_SHOWN]]
        subject = concepts[0].partition(".")[0] if concepts else ""
        roles = ROLES.get(subject, ("carbon_manager",))
        if not people:
            people = [h for role in roles for h in self._roles.get(role, ()) if h in self._people]
        if not people:
            return ("、" if lang == "zh" else ", ").join(_role(role, lang) for role in roles)
        return "\n".join(self._person(p, lang) for p in dict.fromkeys(people[:PEOPLE_SHOWN]))

    def _person(self, person: str, lang: Lang) -> str:
        _, name, job, unit = self._people[person]
        told = [t for t in (job, self.units.get(unit) if unit else None) if t]
        rest = ("，" if lang == "zh" else ", ").join(told)
        return say("checklist.person", lang, name=name or person, what=rest) if rest else name or person


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _role(role: str, lang: Lang) -> str:
    from shall.evidence.schema import schema

    column = schema()["role_assignment"].column("role")
    return column.choices[role][lang != "zh"] if column else role
