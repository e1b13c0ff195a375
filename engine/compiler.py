"""Ruleset to Plan. Pure: no database, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from shall.engine import checks, models, outcomes
from shall.engine.checks import Context, Lowered, lower, something_to_look_at
from shall.engine.incorporation import Edges, edges, incorporated_rulesets, reached_from
from shall.engine.loader import Problem, RulesetProblems, SourceMap
from shall.engine.models import Provision, Ruleset, When
from shall.engine.outcomes import INTERVAL_KIND, PROFILE
from shall.engine.plan import (
    Part,
    Plan,
    PlannedCondition,
    PlannedProvision,
    PlannedRequirement,
    interval_of,
    kinds_read,
)
from shall.engine.predicates import PredicateError
from shall.engine.trees import Tree, columns, params
from shall.evidence.schema import Kind

ALWAYS = ("id", "site", "unit")
"""Columns every kind brings: what a finding says of a record."""


def compile_rulesets(
    rulesets: Sequence[tuple[Ruleset, SourceMap]], kinds: Mapping[str, Kind], schema_digest: str
) -> Plan:
    """The plan of one or several rulesets; raises RulesetProblems naming every provision that cannot be compiled.

    What they incorporate from other rulesets comes in too, of these only the provisions that are reached.
    """
    others = incorporated_rulesets(rulesets)
    graph = edges([*rulesets, *others])
    asked = [ruleset for ruleset, _ in rulesets]
    reached = reached_from(asked, graph)
    compiler = _Compiler(Context(kinds))
    for ruleset, source_map in [*rulesets, *others]:
        for provision in ruleset.provisions:
            if ruleset in asked or (ruleset.key, provision.address) in reached:
                compiler.add(ruleset, provision, source_map)
    if compiler.problems:
        raise RulesetProblems(compiler.problems)
    return compiler.plan(asked, [ruleset for ruleset, _ in others], graph, schema_digest)


class _Compiler:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.problems: list[Problem] = []
        self.provisions: list[PlannedProvision] = []
        self.requirements: list[PlannedRequirement] = []
        self.conditions: dict[PlannedConditionKey, int] = {}
        self.planned_conditions: list[PlannedCondition] = []
        self.aggregates: dict[Tree, int] = {}
        self.parts: dict[str, Part] = {}
        """Equal checks of different provisions are one value, which the cache then holds once."""

    def add(self, ruleset: Ruleset, provision: Provision, source_map: SourceMap) -> None:
        """Compile one provision; problems are kept, with file and line."""
        source, index = source_map[provision.address]

        def attempt(action: Any, *path: int | str) -> Any:
            try:
                return action()
            except PredicateError as error:
                fields = {"address": provision.address, **error.fields}
                self.problems.append(Problem(source.name, source.line(index, *path), error.key, fields))
                return None

        when = attempt(lambda: self.condition(provision.when), "when") if provision.when else None
        requirements = [
            attempt(lambda n=n, check=check: self._requirement(ruleset, provision, n, check), "requires", n)
            for n, check in enumerate(provision.requires)
        ]
        if provision.judged and not provision.requires:
            requirements.append(attempt(lambda: self._look(ruleset, provision), "look_at"))
        for name in provision.look_at:
            attempt(lambda name=name: self.context.kind(name), "look_at")
        self.provisions.append(
            _planned(ruleset, provision, tuple(r for r in requirements if r is not None), when)
        )

    def _requirement(self, ruleset: Ruleset, provision: Provision, n: int, check: models.Check) -> int:
        lowered = lower(check, self.context)
        expects = check.expects or provision.gist
        return self._keep(
            f"{ruleset.key}:{provision.address}!{n + 1}", _name_of(check), expects, lowered, _wording(check)
        )

    def _look(self, ruleset: Ruleset, provision: Provision) -> int:
        lowered = something_to_look_at(provision.look_at, self.context)
        assert provision.judged is not None
        wording = {"judged": True, "look_at": list(provision.look_at)}
        return self._keep(
            f"{ruleset.key}:{provision.address}!1", "judged", provision.judged, lowered, wording
        )

    def _keep(
        self, name: str, check: str, expects: models.Both, lowered: Lowered, wording: Mapping[str, Any]
    ) -> int:
        decision = self._interned(lowered.decision)
        alternatives = zip(lowered.parts, wording.get("any_of", ()), strict=True)
        parts = tuple(
            self._part(next(iter(w)), part, w, self._interned(part.decision)) for part, w in alternatives
        )
        parts = parts or (self._part(check, lowered, wording, decision),)
        self.requirements.append(PlannedRequirement(name, check, _pair(expects), decision, wording, parts))
        return len(self.requirements) - 1

    def _part(self, check: str, lowered: Lowered, wording: Mapping[str, Any], decision: Tree) -> Part:
        lists = (lowered.population, lowered.supporting, lowered.offending, lowered.undecided)
        population, supporting, offending, undecided = map(self._indexes, lists)
        aggregates = tuple(self.aggregates)
        seen = (*population, *supporting, *offending, *undecided)
        part = Part(
            check=check,
            decision=decision,
            kinds=tuple(dict.fromkeys(kind for i in seen for kind in kinds_read(aggregates[i]))),
            population=population,
            supporting=supporting,
            offending=offending,
            undecided=undecided,
            wording=wording,
            interval=(lowered.interval[0], self._interned(lowered.interval[1])[1])
            if lowered.interval
            else None,
            values=lowered.values,
        )
        return self.parts.setdefault(repr(part), part)

    def _indexes(self, references: Iterable[Tree]) -> tuple[int, ...]:
        return tuple(self._interned(reference)[1] for reference in references)

    def _interned(self, tree: Tree) -> Tree:
        """The tree with every aggregate replaced by its index."""
        if tree and tree[0] == "agg":
            return ("agg", self.aggregates.setdefault(tree[1], len(self.aggregates)))
        return tuple(self._interned(part) if isinstance(part, tuple) else part for part in tree)

    def index_of(self, aggregate: Tree) -> int:
        """The place of an aggregate in the plan."""
        return int(self._interned(aggregate)[1])

    def condition(self, when: When) -> int:
        """The place of a condition in the plan; raises PredicateError."""
        kind, decision, wording = lowered_condition(when, self.context)
        says = when.says or models.Both(zh=wording, en=wording)
        key = (decision, says.zh, says.en)
        if key not in self.conditions:
            self.conditions[key] = len(self.planned_conditions)
            self.planned_conditions.append(
                PlannedCondition(self._interned(decision), _pair(says), wording, kind)
            )
        return self.conditions[key]

    def plan(
        self, asked: Sequence[Ruleset], others: Sequence[Ruleset], graph: Edges, schema_digest: str
    ) -> Plan:
        """The finished plan."""
        aggregates = tuple(self.aggregates)
        places = {(p.ruleset, p.address): n for n, p in enumerate(self.provisions)}
        needed = _columns_read(aggregates)
        kinds = self.context.kinds
        return Plan(
            standards={
                r.key: {**r.standard.model_dump(mode="json"), "digest": r.digest} for r in (*asked, *others)
            },
            asked=tuple(r.key for r in asked),
            provisions=tuple(
                p._replace(incorporated=tuple(places[name] for name in graph.get((p.ruleset, p.address), ())))
                for p in self.provisions
            ),
            requirements=tuple(self.requirements),
            conditions=tuple(self.planned_conditions),
            aggregates=aggregates,
            columns=needed,
            decimals={k: _decimals(kinds[k], names) for k, names in needed.items()},
            params=tuple(sorted({"on", "from"}.union(*(params_of(a) for a in aggregates)))),
            kinds={name: {"zh": kind.zh, "en": kind.en} for name, kind in kinds.items()},
            subjects=_subjects(kinds),
            schema_digest=schema_digest,
        ).sealed()


PlannedConditionKey = tuple[Tree, str, str]


@dataclass(frozen=True, slots=True)
class Counting:
    """A plan without provisions, with the aggregate that answers each count and the place of each condition in it."""

    plan: Plan
    counts: tuple[int, ...]
    conditions: tuple[int, ...]


def counting_plan(
    asked: Sequence[tuple[str, Tree]], conditions: Sequence[When], kinds: Mapping[str, Kind]
) -> Counting:
    """How many records of each kind satisfy each predicate, and whether each condition holds, in this order."""
    compiler = _Compiler(Context(kinds))
    counts = tuple(compiler.index_of(checks.agg("count", kind, where, "t")) for kind, where in asked)
    places = tuple(compiler.condition(when) for when in conditions)
    return Counting(compiler.plan([], [], {}, ""), counts, places)


def lowered_condition(when: When, context: Context) -> tuple[str, Tree, str]:
    """The kind a condition turns on, its decision and its wording; raises PredicateError."""
    if when.profile is None and when.exists is None:
        raise PredicateError("rules.when_form")
    branches: list[tuple[Tree, int]] = []
    wording = []
    if when.exists:
        kind = context.kind(when.exists)
        branches += _telling(kind.name, context.predicate(kind, when.where))
        wording.append(f"{when.exists}: {when.where or '*'}")
        if when.profile:
            branches.append((_any_record(kind.name), outcomes.UNMET))
    if when.or_exists:
        kind = context.kind(when.or_exists)
        branches += _telling(kind.name, context.predicate(kind, when.or_where))
        branches.sort(key=lambda branch: branch[1] != outcomes.MET)
        wording.append(f"{when.or_exists}: {when.or_where or '*'}")
    if when.profile:
        kind = context.kind(PROFILE)
        branches += _telling(kind.name, context.predicate(kind, when.profile))
        branches.append(
            (("cmp", "=", checks.agg("count", PROFILE, ("true",), "t"), ("int", 0)), outcomes.UNKNOWN)
        )
        wording.append(when.profile)
    return when.exists or PROFILE, ("case", tuple(branches), outcomes.UNMET), "; ".join(wording)


def _telling(kind: str, where: Tree) -> list[tuple[Tree, int]]:
    """Applies where a record certainly fits, cannot be told where one might."""
    sure, maybe = checks.agg("count", kind, where, "t"), checks.agg("count", kind, where, "u")
    return [
        (("cmp", ">=", sure, ("int", 1)), outcomes.MET),
        (("cmp", ">=", maybe, ("int", 1)), outcomes.UNKNOWN),
    ]


def _any_record(kind: str) -> Tree:
    return ("cmp", ">=", checks.agg("count", kind, ("true",), "t"), ("int", 1))


def _planned(
    ruleset: Ruleset, provision: Provision, requirements: tuple[int, ...], when: int | None
) -> PlannedProvision:
    return PlannedProvision(
        ruleset=ruleset.key,
        address=provision.address,
        clause=provision.clause,
        kind=provision.kind,
        modality=provision.modality,
        severity=provision.weight,
        gist=_pair(provision.gist),
        requirements=requirements,
        doc_info=tuple(provision.doc_info),
        interval=provision.interval,
        trigger=_maybe(provision.trigger),
        incorporates=provision.incorporates,
        refs=provision.refs,
        condition=_maybe(provision.condition),
        when=when,
        judged=_maybe(provision.judged),
        look_at=provision.look_at,
        concepts=provision.concepts,
        reading=_maybe(provision.reading),
    )


@cache
def _pair(text: models.Both) -> Mapping[str, str]:
    """The text as a plain value; equal texts are one value."""
    return {"zh": text.zh, "en": text.en}


def _maybe(text: models.Both | None) -> Mapping[str, str] | None:
    return _pair(text) if text else None


def _name_of(check: models.Check) -> str:
    return next(name for name, shape in models.CHECKS.items() if type(check) is shape)


def _wording(check: models.Check) -> dict[str, Any]:
    """The requirement as its YAML says it, without the sentence: what `explain` prints."""
    if isinstance(check, models.AnyOf):
        return {"any_of": [_wording(part) for part in check.any_of]}
    dumped = check.model_dump(mode="json", exclude_none=True)
    return {key: value for key, value in dumped.items() if key != "expects"}


def _columns_read(aggregates: Sequence[Tree]) -> dict[str, tuple[str, ...]]:
    read: dict[str, dict[str, None]] = {}
    for aggregate in aggregates:
        for kind, names in _reads(aggregate):
            read.setdefault(kind, dict.fromkeys(ALWAYS)).update(dict.fromkeys(names))
    if any(a[0] in ("gaps", "lapsed") for a in aggregates):
        read.setdefault(PROFILE, dict.fromkeys(ALWAYS))["system_since"] = None
    if any(interval[0] == "defined" for a in aggregates if (interval := interval_of(a))):
        read.setdefault(INTERVAL_KIND, dict.fromkeys(ALWAYS)).update(subject=None, months=None, days=None)
    return {kind: tuple(names) for kind, names in sorted(read.items())}


def _decimals(kind: Kind, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(c.name for name in names if (c := kind.column(name)) and c.type == "decimal")


def _subjects(kinds: Mapping[str, Kind]) -> dict[str, dict[str, str]]:
    """The subjects an organisation can define an interval for, with their names."""
    column = kinds[INTERVAL_KIND].column("subject") if INTERVAL_KIND in kinds else None
    return {code: {"zh": zh, "en": en} for code, (zh, en) in column.choices.items()} if column else {}


def params_of(aggregate: Tree) -> set[str]:
    """The parameters an aggregate reads."""
    trees = [part for part in aggregate if isinstance(part, tuple) and part and isinstance(part[0], str)]
    return {name for tree in trees for name in params(tree)}


def _reads(aggregate: Tree) -> list[tuple[str, list[str]]]:
    match aggregate:
        case ("count", kind, predicate, _):
            return [(kind, list(columns(predicate)))]
        case ("sum" | "stale" | "gaps", kind, column, predicate, *_):
            return [(kind, [column, *columns(predicate)])]
        case ("unlinked", kind, predicate, column, partner, wanted, other, _):
            return [(kind, [column, *columns(predicate)]), (partner, [other, *columns(wanted)])]
        case ("unanswered", kind, predicate, column, partner, wanted, other, match, _, _):
            left, right = match or ("id", "id")
            return [(kind, [column, left, *columns(predicate)]), (partner, [other, right, *columns(wanted)])]
        case ("lapsed", kind, predicate, column, since, events, wanted, date, other, _, _):
            begins = [since] if since else []
            return [
                (kind, [column, *begins, *columns(predicate)]),
                (events, [date, other, *columns(wanted)]),
            ]
    raise ValueError(aggregate)
