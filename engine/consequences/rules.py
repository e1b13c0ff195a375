"""The rules that follow-up duties come from: read, checked against the kinds and compiled."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from shall.engine.checks import Context
from shall.engine.compiler import counting_plan
from shall.engine.consequences.rules_file import Declared, RulesFile, event_kinds, problems
from shall.engine.executors.python import PythonExecutor
from shall.engine.grading_file import FileProblems, read_source
from shall.engine.loader import Problem, Source, validated
from shall.engine.plan import Plan
from shall.engine.predicates import PredicateError
from shall.engine.trees import TRUE, Tree
from shall.evidence.schema import schema

DEFAULT = ("consequences", "default.yaml")
"""Where the shipped file stands beside the rulesets."""

Asked = tuple[int, int | None]
"""Where a plan counts the records a predicate holds for, and those it does not hold for; None: it always holds."""


@dataclass(frozen=True)
class Rules:
    """A file of consequences made ready; `asked` tells where the plan answers a predicate.

    The keys of `asked`: (consequence, "from" or "by", place), and (consequence, "from", place, kind) for a predicate
    over a record that discharged the parent.
    """

    file: RulesFile
    text: str
    plan: Plan
    asked: Mapping[tuple[Any, ...], Asked]

    @property
    def declared(self) -> tuple[Declared, ...]:
        """The consequences in the order of the file."""
        return self.file.consequences

    @cached_property
    def number(self) -> dict[str, int]:
        """The place of each consequence."""
        return {one.name: n for n, one in enumerate(self.declared)}

    @cached_property
    def events(self) -> dict[str, set[str]]:
        """The kinds of record each consequence can arise from."""
        return event_kinds({one.name: one for one in self.declared})

    @cached_property
    def executor(self) -> PythonExecutor:
        """The plan ready to run."""
        return PythonExecutor(self.plan)

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def standards(self) -> tuple[str, ...]:
        """Rulesets whose clauses are named."""
        return tuple(sorted({c.partition(":")[0] for one in self.declared for c in one.clauses}))


def read_rules(path: Path | None = None) -> Rules:
    """The rules of a file, or the shipped ones; raises FileProblems with everything that is wrong."""
    if path is None:
        with as_file(files("shall.rulesets").joinpath(*DEFAULT)) as shipped:
            return read_rules(shipped)
    text, source = read_source(path)
    found: list[Problem] = []
    shape = validated(RulesFile, source, (), found)
    if shape is None:
        raise FileProblems(found)
    found += problems(shape, source, schema())
    compiler = _Compiler(shape, source)
    if found or compiler.problems:
        raise FileProblems([*found, *(p for p in compiler.problems if p.line not in {f.line for f in found})])
    return Rules(shape, text, *compiler.made())


def unknown_clauses(rules: Rules, plan: Plan) -> list[str]:
    """Clauses that the rulesets of the plan do not have."""
    there = {p.id for p in plan.provisions}
    return sorted({c for one in rules.declared for c in one.clauses} - there)


class _Compiler:
    """Every predicate of the file, and its contrary: what is neither true nor false cannot be told."""

    def __init__(self, shape: RulesFile, source: Source) -> None:
        self.source = source
        self.context = Context(schema())
        self.problems: list[Problem] = []
        self.trees: dict[tuple[Any, ...], tuple[str, Tree]] = {}
        declared = {one.name: one for one in shape.consequences}
        for n, one in enumerate(shape.consequences):
            for m, cause in enumerate(one.causes):
                if cause.kind is not None:
                    self._take((n, "from", m), cause.kind, cause.where)
                elif cause.where is not None and cause.consequence in declared:
                    for kind in sorted({d.of for d in declared[cause.consequence].discharged_by}):
                        self._take((n, "from", m, kind), kind, cause.where)
            for m, by in enumerate(one.discharged_by):
                if by.kind is not None:
                    self._take((n, "by", m), by.kind, by.where)

    def _take(self, key: tuple[Any, ...], kind: str, where: str | None) -> None:
        try:
            self.trees[key] = (kind, self.context.predicate(self.context.kind(kind), where))
        except PredicateError as error:
            n, part, m = key[:3]
            path = ("consequences", n, "discharged_by" if part == "by" else part, m, "where")
            fields = {"address": "-", **error.fields}
            self.problems.append(Problem(self.source.name, self.source.line(*path), error.key, fields))

    def made(self) -> tuple[Plan, dict[tuple[Any, ...], Asked]]:
        """The plan, and where it answers each predicate."""
        wanted: list[tuple[str, Tree]] = []
        places: dict[tuple[Any, ...], tuple[int, int | None]] = {}
        for key, (kind, tree) in self.trees.items():
            contrary = None if tree == TRUE else len(wanted) + 1
            places[key] = (len(wanted), contrary)
            wanted.append((kind, tree))
            if contrary is not None:
                wanted.append((kind, ("not", tree)))
        counting = counting_plan(wanted, [], schema())
        return counting.plan, {key: _asked(place, counting.counts) for key, place in places.items()}


def _asked(place: tuple[int, int | None], counts: Sequence[int]) -> Asked:
    yes, no = place
    return counts[yes], None if no is None else counts[no]
