"""Which requirements the sample companies put to the test: a rule that no sample meets or fails has shown nothing."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from shall.engine.cache import executor_for
from shall.engine.evaluation import VALIDITY, Question, counts
from shall.engine.executors.python import PythonExecutor, Row, Rows, prepare
from shall.engine.outcomes import MET, UNMET
from shall.engine.plan import Plan, PlannedProvision
from shall.engine.samples import sample_day, sample_folder, samples
from shall.engine.yaml_lines import line_of, load
from shall.evidence.schema import schema

ACCEPTED = "unexercised.yaml"


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows of one sample company in memory, columns named by kind, as a store gives them."""

    question: Question
    columns: Mapping[str, Sequence[str]]
    rows: Mapping[str, Sequence[Row]]


def unexercised(key: str, executor: PythonExecutor | None = None) -> dict[str, list[int]]:
    """Addresses of a ruleset, each with the requirements (counted from 0) that no sample company meets or fails.

    `executor` is of a plan that holds the ruleset; without it that of the shipped ruleset is used.
    """
    executor = executor or executor_for([key])
    seen: set[int] = set()
    for one in _evidence():
        answers = executor.run(_rows(one, executor.plan), one.question.on, one.question.since)
        seen |= {i for i, outcome in enumerate(answers.requirements) if outcome in (MET, UNMET)}
    return {p.address: left for p in _own(executor, key) if (left := _left(p.requirements, seen))}


def accepted(key: str) -> dict[str, int]:
    """Addresses that no plausible company puts to the test, by the line where the file gives the reason."""
    place = files("shall.samples").joinpath(ACCEPTED)
    listed, node = load(place.read_text(encoding="utf-8")) if place.is_file() else (None, None)
    return {address: line_of(node, (key, address)) for address in (listed or {}).get(key) or ()}


def _own(executor: PythonExecutor, key: str) -> list[PlannedProvision]:
    return [p for p in executor.plan.provisions if p.ruleset == key]


def _left(requirements: Sequence[int], seen: set[int]) -> list[int]:
    return [n for n, index in enumerate(requirements) if index not in seen]


@cache
def _evidence() -> tuple[Kept, ...]:
    """Every sample company, read once in the life of the process."""
    return tuple(_kept(name) for name in samples())


def _kept(name: str) -> Kept:
    from shall.evidence.importers import import_batch, read_evidence
    from shall.evidence.store import Store

    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        batch = read_evidence(stack.enter_context(sample_folder(name)))
        organisation = batch.records["organisation"][0].id
        store = stack.enter_context(Store.create(Path(folder) / "sample.db"))
        import_batch(store, organisation, batch, actor="shall", at=datetime.now(UTC))
        columns = {kind: [c.name for c in schema()[kind].columns] for kind in batch.records}
        rows = {kind: store.rows(kind, organisation, names) for kind, names in columns.items()}
    return Kept(Question.of(organisation, sample_day(name)), columns, rows)


def _rows(kept: Kept, plan: Plan) -> Rows:
    """The columns a plan reads, of the records that are evidence on the sample's day."""
    on = kept.question.on.isoformat()
    found: dict[str, list[Row]] = {}
    for kind, columns in plan.columns.items():
        if kept.rows.get(kind):
            places = [kept.columns[kind].index(name) for name in (*columns, *VALIDITY)]
            picked = [tuple(row[i] for i in places) for row in kept.rows[kind]]
            found[kind] = [row for row in prepare(kind, picked, plan) if counts(row, on)]
    return found
