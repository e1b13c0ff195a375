"""Whole-ruleset checks: what a file by itself cannot show. Everything found is reported at once."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from shall.engine.annexes import annex_problems
from shall.engine.cases import Ran, read_cases, run_cases
from shall.engine.compiler import compile_rulesets
from shall.engine.executors.python import PythonExecutor
from shall.engine.exercised import ACCEPTED, accepted, unexercised
from shall.engine.loader import Problem, RulesetProblems, SourceMap, read_ruleset
from shall.engine.models import (
    Answered,
    AnyOf,
    Check,
    Compare,
    Count,
    Covers,
    Every,
    Fresh,
    Linked,
    Nothing,
    Provision,
    Recurring,
    Ruleset,
    Some,
)
from shall.engine.outcomes import PROFILE
from shall.engine.predicates import parse
from shall.engine.satisfiable import never_true
from shall.engine.scoring.check import scoring_problems
from shall.engine.shelf import folder_of, shipped
from shall.engine.trees import both, show
from shall.engine.yaml_lines import load
from shall.evidence.schema import schema, schema_digest
from shall.texts import say

CONCEPTS = "concepts.yaml"
_CLAUSE = re.compile(r"^\d+(\.\d+)*$")


@dataclass(frozen=True, slots=True)
class Linted:
    """What lint found in one ruleset, with the counts it looked at."""

    key: str
    problems: Sequence[Problem]
    provisions: int = 0
    requirements: int = 0
    cases: int = 0


def lint(folder: Traversable) -> Linted:
    """Check one ruleset folder: everything found, also in what stands beside what cannot be read."""
    ruleset, where, problems = read_ruleset(folder)
    if ruleset is None:
        return Linted(folder.name, problems)
    unreadable = bool(problems)
    problems += [
        *binding_problems(ruleset, where),
        *_concepts(ruleset, where, folder),
        *_order(ruleset, where),
        *_references(ruleset, where),
        *_hidden_items(ruleset, where),
        *_fingerprints(ruleset, where),
        *annex_problems(folder, ruleset, schema()),
        *scoring_problems(folder, ruleset),
    ]
    try:
        plan = compile_rulesets([(ruleset, where)], schema(), schema_digest())
    except RulesetProblems as error:
        return _linted(ruleset, [*problems, *error.problems])
    problems += _impossible(ruleset, where)
    cases, wrong = read_cases(folder)
    executor = PythonExecutor(plan)
    ran = list(run_cases(executor, ruleset.key, cases))
    if not unreadable:
        problems += [*wrong, *_wrong(ran), *_uncovered(ruleset, where, ran)]
    if folder.name in shipped() and str(folder) == str(folder_of(folder.name)):
        problems += _unexercised(ruleset, where, executor)
    own = sum(len(p.requirements) for p in plan.provisions if p.ruleset == ruleset.key)
    return _linted(ruleset, problems, own, len(cases))


def _linted(ruleset: Ruleset, problems: Iterable[Problem], requirements: int = 0, cases: int = 0) -> Linted:
    ordered = sorted(problems, key=lambda p: (p.file, p.line))
    return Linted(ruleset.key, ordered, len(ruleset.provisions), requirements, cases)


def concepts(folder: Traversable | None = None) -> Mapping[str, Mapping[str, str]]:
    """The vocabulary of concepts with names in both languages; a ruleset of a user's own may add to it."""
    found: dict[str, Mapping[str, str]] = {}
    for place in (files("shall.rulesets"), folder):
        if place is not None and place.joinpath(CONCEPTS).is_file():
            found |= load(place.joinpath(CONCEPTS).read_text(encoding="utf-8"))[0] or {}
    return found


def _at(where: SourceMap, address: str, key: str, *path: str | int, **fields: object) -> Problem:
    source, index = where[address]
    return Problem(source.name, source.line(index, *path), key, {"address": address, **fields})


def binding_problems(ruleset: Ruleset, where: SourceMap) -> Iterator[Problem]:
    """What makes a ruleset unfit to judge by, whether or not it has cases."""
    for p in ruleset.provisions:
        binding = p.weight != "info"
        if binding and not p.requires and not p.judged and not p.incorporates:
            yield _at(where, p.address, "rules.lint_no_requirement")
        if p.judged and not p.look_at:
            yield _at(where, p.address, "rules.lint_judged_looks_nowhere", "judged")
        if p.gist.zh == say("source.to_write", "zh") or p.gist.en == say("source.to_write", "en"):
            yield _at(where, p.address, "rules.lint_to_write", "gist")
        if p.severity and p.severity != _implied(p) and not p.reading:
            yield _at(where, p.address, "rules.lint_no_reading", "severity")
        for n, check in enumerate(p.requires):
            if not check.expects:
                yield _at(where, p.address, "rules.lint_no_expects", "requires", n, n=n + 1)


def _hidden_items(ruleset: Ruleset, where: SourceMap) -> Iterator[Problem]:
    """A `recurring` of each item without a `linked` beside it: an item that never had an event is no gap.

    One whose events are the items themselves asks for its date in a check of its own.
    """
    for p in ruleset.provisions:
        linked = {
            (c.linked, c.partner, _squeezed(c.match))
            for n in p.requires
            for c in _parts(n)
            if isinstance(c, Linked)
        }
        for n, check in enumerate(p.requires):
            for c in _parts(check):
                if not isinstance(c, Recurring) or c.of is None or c.of == c.recurring:
                    continue
                if (c.of, c.recurring, _squeezed(c.match or "")) not in linked:
                    fields = {"n": n + 1, "of": c.of, "recurring": c.recurring, "match": c.match}
                    yield _at(where, p.address, "rules.lint_hidden_item", "requires", n, **fields)


def _parts(check: Check) -> tuple[Check, ...]:
    """The check, or the alternatives of an `any_of`."""
    return check.any_of if isinstance(check, AnyOf) else (check,)


def _squeezed(match: str) -> str:
    return match.replace(" ", "")


def _impossible(ruleset: Ruleset, where: SourceMap) -> Iterator[Problem]:
    """Predicates that no record can satisfy, alone or together with the one that picks the records."""
    kinds = schema()
    for p in ruleset.provisions:
        for path, kind, texts in _predicates(p):
            trees = [parse(text, kinds[kind]) for text in texts]
            for n, tree in enumerate(trees, 1):
                if never_true(both(*trees[:n]), kinds[kind]):
                    fields = {"predicate": show(tree), "kind": kind}
                    yield _at(where, p.address, "rules.lint_never_true", *path, **fields)
                    break


def _predicates(p: Provision) -> Iterator[tuple[tuple[str | int, ...], str, list[str]]]:
    """Where a provision's predicates stand, the kind they are about, and those that hold together."""
    if p.when:
        for kind, text in (
            (PROFILE, p.when.profile),
            (p.when.exists, p.when.where),
            (p.when.or_exists, p.when.or_where),
        ):
            if kind and text:
                yield ("when",), kind, [text]
    for n, check in enumerate(p.requires):
        for inner in check.any_of if isinstance(check, AnyOf) else (check,):
            for kind, *texts in _asked(inner):
                if present := [text for text in texts if text]:
                    yield ("requires", n), kind, present


def _asked(check: Check) -> Iterator[tuple[str, *tuple[str | None, ...]]]:
    """The kinds a check reads, each with the predicates over it."""
    match check:
        case Some(some=kind) | Every(every=kind):
            yield kind, check.where, check.that
        case Recurring(recurring=kind):
            yield kind, check.where
            if check.of:
                yield check.of, check.of_where
        case Answered(answered=kind):
            yield kind, check.where
            yield check.response, check.response_where
        case Linked(linked=kind):
            yield kind, check.where
            yield check.partner, check.partner_where
        case Compare():
            for term in check.using.values():
                yield (term.count if isinstance(term, Count) else term.sum), term.where
        case Nothing(none=kind):
            yield kind, check.where
            yield from _asked(check.looked)
        case Covers(covers=kind) | Fresh(fresh=kind):
            yield kind, check.where


def _concepts(ruleset: Ruleset, where: SourceMap, folder: Traversable) -> Iterator[Problem]:
    known = concepts(folder)
    for p in ruleset.provisions:
        if p.weight != "info" and not p.concepts:
            yield _at(where, p.address, "rules.lint_no_concept")
        for concept in p.concepts:
            if concept not in known:
                yield _at(where, p.address, "rules.lint_concept", "concepts", concept=concept)


def _implied(p: Provision) -> str:
    return p.modality if p.modality in ("shall", "should") else "info"


def _order(ruleset: Ruleset, where: SourceMap) -> Iterator[Problem]:
    """Clauses stand in the order of their numbers; sentences, lists and notes in the order of the text."""
    previous = None
    for p in ruleset.provisions:
        if (previous and _numbers(p.clause) < _numbers(previous.clause)) or (
            previous and p.clause == previous.clause and _misplaced(previous.address, p.address)
        ):
            yield _at(where, p.address, "rules.lint_order", before=previous.address)
        previous = p


def _numbers(clause: str) -> tuple[tuple[bool, int, str], ...]:
    """Sorts clauses by their numbers, annexes after them by letter."""
    return tuple((False, int(part), "") if part.isdigit() else (True, 0, part) for part in clause.split("."))


def _misplaced(before: str, after: str) -> bool:
    """Two neighbours that share everything but the last label must stand in its order."""
    (head, last), (other, now) = _split(before), _split(after)
    alike = last.isdigit() == now.isdigit() and last.startswith("N") == now.startswith("N")
    return head == other and alike and _sort(now) <= _sort(last)


def _split(address: str) -> tuple[str, str]:
    cut = max(address.rfind("/"), address.rfind("#"))
    return address[: cut + 1], address[cut + 1 :]


def _sort(label: str) -> tuple[int, str]:
    digits = re.sub(r"\D", "", label)
    return int(digits or 0), label


def _references(ruleset: Ruleset, where: SourceMap) -> Iterator[Problem]:
    known = {p.address for p in ruleset.provisions} | {p.clause for p in ruleset.provisions}
    known |= set(ruleset.standard.clauses)
    for p in ruleset.provisions:
        for ref in p.refs:
            inner = _CLAUSE.match(ref) or "#" in ref or "/" in ref.split(" ")[0]
            if inner and " " not in ref and ref not in known and ":" not in ref and not ref.startswith("GB"):
                yield _at(where, p.address, "rules.lint_reference", "refs", ref=ref)


def _fingerprints(ruleset: Ruleset, where: SourceMap) -> Iterator[Problem]:
    for p in ruleset.provisions:
        if p.address not in ruleset.fingerprints:
            yield _at(where, p.address, "rules.lint_fingerprint")
    for address in ruleset.fingerprints:
        if address not in where:
            yield Problem(
                f"{ruleset.key}/fingerprints.yaml", 1, "rules.lint_stray_fingerprint", {"address": address}
            )


def _unexercised(ruleset: Ruleset, where: SourceMap, executor: PythonExecutor) -> Iterator[Problem]:
    """Every requirement of a shipped ruleset is met or failed by a sample company, or it is said why none can."""
    left, listed = unexercised(ruleset.key, executor), accepted(ruleset.key)
    for address in left.keys() - listed.keys():
        shown = ", ".join(str(n + 1) for n in left[address])
        yield _at(where, address, "rules.lint_unexercised", "requires", left[address][0], numbers=shown)
    for address in listed.keys() - left.keys():
        yield Problem(f"samples/{ACCEPTED}", listed[address], "rules.lint_exercised", {"address": address})


def _wrong(ran: Iterable[Ran]) -> Iterator[Problem]:
    for one in ran:
        for address, (expected, found) in one.wrong.items():
            fields = {"name": one.case.name, "address": address, "expected": expected, "found": found}
            yield Problem(one.file, one.line, "rules.case_wrong", fields)


def _uncovered(ruleset: Ruleset, where: SourceMap, ran: Sequence[Ran]) -> Iterator[Problem]:
    """Every shall and should provision has a case in which it is met and one in which it is not."""
    seen: dict[str, set[str]] = {}
    for one in ran:
        for address, verdict in one.case.expect.items():
            seen.setdefault(address, set()).add(verdict)
    for p in ruleset.provisions:
        if p.weight == "info" or (p.incorporates and not p.requires):
            continue
        verdicts = seen.get(p.address, set())
        shown = ", ".join(sorted(verdicts)) or "-"
        # What a whole clause of another standard takes to be met is shown by the sample companies, not by a case.
        if not p.incorporates and not verdicts & {"conforming", "needs_judgement"}:
            yield _at(where, p.address, "rules.lint_never_met", verdicts=shown)
        if p.requires and not verdicts & {"nonconforming", "opportunity"}:
            yield _at(where, p.address, "rules.lint_never_unmet", verdicts=shown)
