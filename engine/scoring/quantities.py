"""Where the score's values come from: an evidence store, or a values file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Any

from shall.engine.evaluation import VALIDITY, Question, counts, evaluate, read_rows, references
from shall.engine.executors.python import PythonExecutor
from shall.engine.grading import DEFAULT
from shall.engine.models import Both, Check, Provision, Ruleset, Standard
from shall.engine.outcomes import MET, UNKNOWN, UNMET
from shall.engine.scoring.numbers import Said, said
from shall.engine.scoring.scheme import Checklist, Item, LoadedScheme, Rule, Scheme, load_scheme
from shall.engine.scoring.score import Evidence, GateState
from shall.engine.scoring.table import Loaded, Table, load_table
from shall.engine.scoring.values import KINDS, Decisions, Line, Values, unknown_addresses
from shall.evidence.store import Store
from shall.texts.errors import EvidenceError


@dataclass(frozen=True)
class Scorer:
    """A table and a scheme ready to be held against any organisation."""

    loaded: Loaded
    scheme_file: LoadedScheme

    @classmethod
    def of(cls, folder: Traversable, scheme: str = "default") -> "Scorer":
        """The table of a ruleset folder with a scheme by key or file; raises RulesetError."""
        loaded = load_table(folder)
        return cls(loaded, load_scheme(scheme, folder, loaded.table))

    @property
    def table(self) -> Table:
        """The scored indicators."""
        return self.loaded.table

    @property
    def scheme(self) -> Scheme:
        """The choices."""
        return self.scheme_file.scheme

    @cached_property
    def questions(self) -> PythonExecutor:
        """The checklists and conditions of the scheme as a plan; raises RulesetProblems."""
        return PythonExecutor(_plan(self))


def _items(rule: Rule) -> list[Item]:
    """The items of a rule and of its alternatives, each key once."""
    curves = (rule.curve, *(a.curve for a in rule.alternatives))
    found: dict[str, Item] = {}
    for curve in curves:
        for item in curve.checklist if isinstance(curve, Checklist) else ():
            found.setdefault(item.key, item)
    return list(found.values())


def _asked_items(rule: Rule) -> list[Item]:
    return [item for item in _items(rule) if item.requires is not None]


def _requires(item: Item) -> Check:
    assert item.requires is not None
    return item.requires.model_copy(update={"expects": Both(zh=item.zh, en=item.en)})


def _plan(scorer: Scorer) -> Any:
    from shall.engine.compiler import compile_rulesets
    from shall.evidence.schema import schema, schema_digest

    scheme, source = scorer.scheme, scorer.scheme_file.source
    provisions = tuple(
        Provision(
            address=rule.address,
            modality="statement",
            gist=Both(zh=rule.address, en=rule.address),
            requires=tuple(_requires(item) for item in _asked_items(rule)),
            when=rule.when,
        )
        for rule in scheme.rules
    )
    head = Standard(
        key=scheme.key,
        number=scheme.key,
        title=scheme.title,
        edition=scheme.edition,
        status="draft",
        nature="evaluation",
        chapters=(),
    )
    ruleset = Ruleset(standard=head, provisions=provisions, fingerprints={}, digest=scorer.scheme_file.digest)
    where = {p.address: (source, n) for n, p in enumerate(provisions)}
    return compile_rulesets([(ruleset, where)], schema(), schema_digest())


@dataclass(frozen=True, slots=True)
class Held:
    """The evidence of an organisation for a score, and the ledger position it was read at."""

    evidence: Evidence
    position: tuple[int, str]


def from_store(
    scorer: Scorer,
    store: Store,
    question: Question,
    gates: PythonExecutor,
    year: int | None,
    decided: Decisions,
) -> Held:
    """What the store holds for a score on the day; raises EvidenceError.

    `gates` is the plan of the ruleset whose basic requirements decide about the claim.
    """
    found = evaluate(gates, store, question, DEFAULT)
    question = found.question
    plan = scorer.questions.plan
    rows, _ = read_rows(plan, store, question)
    answers = scorer.questions.run(rows, question.on, question.since)
    items: dict[str, dict[str, tuple[bool | None, tuple[str, ...]]]] = {}
    applies: dict[str, tuple[bool | None, Said]] = {}
    for rule, planned in zip(scorer.scheme.rules, plan.provisions, strict=True):
        for item, index in zip(_asked_items(rule), planned.requirements, strict=True):
            outcome = answers.requirements[index]
            refs = references(answers.part(plan.requirements[index]).population, plan, answers)
            present = True if outcome == MET else False if outcome == UNMET else None
            items.setdefault(rule.address, {})[item.key] = present, tuple(refs)
        if planned.when is not None:
            outcome = answers.conditions[planned.when]
            if rule.when and rule.when.exists and not rows.get(rule.when.exists):
                outcome = (
                    UNKNOWN  # nothing was recorded either way: to leave a kind empty must not raise the score
                )
            if outcome != MET:
                says = said("scoring.says", **_says(plan.conditions[planned.when].says))
                key = "scoring.absent" if outcome == UNMET else "scoring.condition_unknown"
                applies[rule.address] = (False if outcome == UNMET else None), said(key, says=says)
    values = _values(store, question, year).model_copy(
        update={"fractions": decided.fractions, "given": decided.given, "applies": decided.applies}
    )
    _known(decided, scorer)
    verdicts = {d.provision.address: d.verdict for d in found.decided}
    states = tuple(_gate(address, verdicts.get(address)) for address in scorer.table.gates)
    return Held(Evidence(values, items, {**applies, **_by_person(decided)}, states), found.position)


def _says(says: Mapping[str, str]) -> dict[str, str]:
    return {f"says_{lang}": text for lang, text in dict(says).items()}


def _gate(address: str, verdict: str | None) -> GateState:
    met = {"conforming": True, "nonconforming": False}.get(verdict or "")
    return GateState(address, met, said("scoring.gate_verdict", verdict=said(f"cli.{verdict or 'noted'}")))


def from_values(scorer: Scorer, values: Values) -> Evidence:
    """What a values file holds for a score; raises EvidenceError where it names what is not scored."""
    _known(values, scorer)
    items: dict[str, dict[str, tuple[bool | None, tuple[str, ...]]]] = {}
    for rule in scorer.scheme.rules:
        listed = values.checklists.get(rule.address)
        if listed is not None:
            keys = [item.key for item in _items(rule)]
            strange = sorted(set(listed) - set(keys))
            if strange:
                allowed = ", ".join(keys) or "-"
                names = ", ".join(strange)
                raise EvidenceError(
                    "scoring.unknown_item", address=rule.address, names=names, allowed=allowed
                )
            items[rule.address] = {k: (v, (f"checklists.{rule.address}.{k}",)) for k, v in listed.items()}
    gates = tuple(
        GateState(a, g.met, said("scoring.gate_stated", because=g.because))
        if (g := values.gates.get(a))
        else GateState(a, None, said("scoring.gate_not_stated"))
        for a in scorer.table.gates
    )
    strange_gates = sorted(set(values.gates) - set(scorer.table.gates))
    if strange_gates:
        allowed = ", ".join(scorer.table.gates) or "-"
        raise EvidenceError("scoring.unknown_gate", names=", ".join(strange_gates), allowed=allowed)
    return Evidence(values, items, _by_person(values), gates)


def _known(decided: Values | Decisions, scorer: Scorer) -> None:
    known = {rule.address: rule for rule in scorer.scheme.rules}
    strange = sorted(set(unknown_addresses(decided, known)))
    if strange:
        raise EvidenceError("scoring.unknown_address", names=", ".join(strange), allowed=", ".join(known))


def _by_person(decided: Values | Decisions) -> dict[str, tuple[bool | None, Said]]:
    return {
        address: (one.applies, said("scoring.applies_stated", because=one.because))
        for address, one in decided.applies.items()
        if not one.applies
    } | {
        a: (True, said("scoring.applies_stated", because=o.because))
        for a, o in decided.applies.items()
        if o.applies
    }


def _values(store: Store, question: Question, year: int | None) -> Values:
    year, base_year = _years(store, question, year)
    lines = {kind: tuple(_lines(store, question, kind, model)) for kind, model in KINDS.items()}
    return Values(
        organisation=question.organisation, year=year, base_year=base_year, on=question.on
    ).model_copy(update=lines)


def _rows(store: Store, question: Question, kind: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The records of a kind that are evidence on the day, as columns by name."""
    rows = store.rows(kind, question.organisation, [*columns, *VALIDITY], known=question.known)
    on = question.on.isoformat()
    return [dict(zip(columns, row, strict=False)) for row in rows if counts(row, on)]


def _lines(store: Store, question: Question, kind: str, model: type[Line]) -> list[Line]:
    found = _rows(store, question, kind, list(model.model_fields))
    return [model.model_validate({**row, "id": f"{kind}:{row['id']}"}) for row in found]


def _years(store: Store, question: Question, year: int | None) -> tuple[int, int | None]:
    """The evaluation year and the base year chosen: of the year asked for, else of the newest evaluation."""
    rows = _rows(store, question, "factory_evaluation", ["id", "evaluation_year", "base_year"])
    ended = question.on.year if (question.on.month, question.on.day) == (12, 31) else question.on.year - 1
    years = [row["evaluation_year"] for row in rows if (row["evaluation_year"] or ended + 1) <= ended]
    if year is None and not years:
        raise EvidenceError("scoring.no_year", organisation=question.organisation)
    chosen = max(years) if year is None else year
    if chosen > ended:
        raise EvidenceError("scoring.year_ahead", year=chosen, on=question.on)
    held = {row["data_year"] for row in _rows(store, question, "factory_year", ["id", "data_year"])} - {None}
    if held and chosen not in held:
        shown = ", ".join(map(str, sorted(held)))
        raise EvidenceError("scoring.year_absent", year=chosen, found=shown)
    bases = {r["base_year"] for r in rows if r["evaluation_year"] == chosen and r["base_year"] is not None}
    if len(bases) > 1:
        shown = ", ".join(map(str, sorted(bases)))
        raise EvidenceError("scoring.two_base_years", year=chosen, found=shown)
    base = next(iter(bases), None)
    if base is not None and base >= chosen:
        raise EvidenceError("scoring.base_not_before", year=chosen, base=base)
    return chosen, base
