"""Factor sets and methodologies read from their files: those shipped, and a user's own folder beside them.

All problems of all files are reported at once, each with file and line.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shall.engine.accounts.factor_sets import (
    MODELS,
    USES,
    FactorSet,
    GridValue,
    Methodology,
    PlainSet,
    Years,
    folded,
)
from shall.engine.accounts.units import unit
from shall.engine.evaluation import canonical
from shall.engine.loader import Problem, Source, load_list
from shall.engine.wrong import explained, path_in, unreadable
from shall.engine.yaml_lines import YamlProblem, load
from shall.texts import say
from shall.texts.errors import EvidenceError

METHODOLOGIES = "methodologies.yaml"


class FactorProblems(EvidenceError):
    """Factor sets that cannot be used, with everything found wrong in them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line))
        super().__init__("accounts.factor_problems", count=len(self.problems))

    def text(self, lang: str) -> str:
        """Every problem on a line of its own, below a head line."""
        return "\n".join([say(self.key, lang, **self.fields), *(f"  {p.text(lang)}" for p in self.problems)])


@dataclass(frozen=True)
class Library:
    """All sets and methodologies at hand: those shipped and a user's own."""

    sets: tuple[FactorSet, ...]
    methodologies: tuple[Methodology, ...]

    @cached_property
    def editions(self) -> Mapping[str, Mapping[str, FactorSet]]:
        """The editions of each key, oldest first."""
        found: dict[str, dict[str, FactorSet]] = {}
        for one in sorted(self.sets, key=lambda s: (s.key, s.edition)):
            found.setdefault(one.key, {})[one.edition] = one
        return found


def library(own: Path | None = None) -> Library:
    """The shipped sets, with those of a user's own folder beside them; raises FactorProblems with file and line."""
    if own is None:
        return _shipped()
    if not own.is_dir():
        raise EvidenceError("accounts.no_folder", folder=str(own))
    shipped = _shipped()
    problems: list[Problem] = []
    found = _read(own, problems)
    mine = Library(
        (*shipped.sets, *(s for s, _ in found.sets)), (*shipped.methodologies, *(m for m, _ in found.rules))
    )
    problems += _clashes(found, shipped)
    problems += _unusable(found.rules, mine)
    if problems:
        raise FactorProblems(problems)
    return mine


def sets(own: Path | None = None) -> tuple[FactorSet, ...]:
    """Every edition of every set, by key."""
    return tuple(one for editions in library(own).editions.values() for one in editions.values())


_Place = tuple[Source, tuple[int | str, ...]]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a folder holds, each with where it stands."""

    sets: list[tuple[FactorSet, Source]]
    rules: list[tuple[Methodology, _Place]]


@cache
def _shipped() -> Library:
    problems: list[Problem] = []
    found = _read(files("shall.factors"), problems)
    made = Library(tuple(s for s, _ in found.sets), tuple(m for m, _ in found.rules))
    problems += [*_clashes(found, Library((), ())), *_unusable(found.rules, made)]
    if problems:
        raise FactorProblems(problems)
    return made


def _read(folder: Traversable, problems: list[Problem]) -> _Found:
    """Every set of a folder (one file each) and its methodologies; what is wrong is told, not raised."""
    unit("t")  # without the library of units the error is one, not one per value
    found = _Found([], [])
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if not entry.name.endswith((".yaml", ".yml")) or entry.name == METHODOLOGIES:
            continue
        if source := _source(folder, entry, problems):
            one = _set(source, problems)
            found.sets.extend([(one, source)] if one else [])
    if folder.joinpath(METHODOLOGIES).is_file():
        items, listed, wrong = load_list(folder, METHODOLOGIES, Methodology)
        problems += wrong
        found.rules.extend((m, (listed, (index,))) for m, index in items if listed)
    return found


def _source(folder: Traversable, entry: Traversable, problems: list[Problem]) -> Source | None:
    shown = f"{folder.name}/{entry.name}"
    try:
        return Source(shown, *load(entry.read_text(encoding="utf-8")))
    except YamlProblem as error:
        problems.append(Problem(shown, error.line, error.key, error.fields))
    except (UnicodeDecodeError, OSError) as error:
        fields = {"name": entry.name, "why": unreadable(error)}
        problems.append(Problem(shown, 1, "rules.file_unreadable", fields))
    return None


def _set(source: Source, problems: list[Problem]) -> FactorSet | None:
    """A set from its file, by the model of its kind."""
    raw = source.value
    if not isinstance(raw, dict):
        problems.append(Problem(source.name, 1, "accounts.not_a_set", {}))
        return None
    model = MODELS.get(str(raw.get("kind")), PlainSet)
    one = _validated(model, source, problems)
    if one is None:
        return None
    if wrong := list(_inconsistent(one, source)):
        problems += wrong
        return None
    return one.model_copy(update={"digest": hashlib.sha256(canonical(raw).encode()).hexdigest()})


def _inconsistent(one: FactorSet, source: Source) -> Iterator[Problem]:
    """Values whose source is not described, and two values for one thing at one time."""
    seen: dict[tuple[object, ...], list[Years]] = {}
    for n, value in enumerate(one.values):
        line = source.line("values", n)
        if value.source not in one.sources:
            fields = {"found": value.source, "allowed": ", ".join(one.sources)}
            yield Problem(source.name, line, "accounts.source_not_described", fields)
        names = {folded(value.what)} if isinstance(value, GridValue) else value.names
        span, twice = value.years or Years(), False
        for name in names:
            spans = seen.setdefault((name, getattr(value, "region", None), getattr(value, "year", None)), [])
            twice = twice or any(span.meet(other) for other in spans)
            spans.append(span)
        if twice:
            yield Problem(source.name, line, "accounts.given_twice", {"what": value.what})


_Model = TypeVar("_Model", bound=BaseModel)


def _validated(model: type[_Model], source: Source, problems: list[Problem]) -> _Model | None:
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            path = path_in(source.value, found)
            key, fields = explained(found, path)
            problems.append(Problem(source.name, source.line(*path), key, fields))
        return None


def _clashes(found: _Found, shipped: Library) -> Iterator[Problem]:
    """A key and edition names one content, for ever: a changed set needs a new edition."""
    seen = {s.reference for s in shipped.sets}
    for one, source in found.sets:
        if one.reference in seen:
            yield Problem(
                source.name, source.line("edition"), "accounts.edition_taken", {"set": one.reference}
            )
        seen.add(one.reference)
    ruled = {(m.key, m.edition) for m in shipped.methodologies}
    for rule, (source, path) in found.rules:
        if (rule.key, rule.edition) in ruled:
            fields = {"set": f"{rule.key}@{rule.edition}"}
            yield Problem(source.name, source.line(*path), "accounts.edition_taken", fields)
        ruled.add((rule.key, rule.edition))


def _unusable(rules: Iterable[tuple[Methodology, _Place]], shelf: Library) -> Iterator[Problem]:
    """Methodologies that name sets which are not there, of the wrong kind, or not for organisations."""
    for rule, (source, path) in rules:
        for use, choice in rule.uses.items():
            line = source.line(*path, "uses", use)
            editions = shelf.editions.get(choice.set)
            if editions is None:
                fields = {"found": choice.set, "allowed": ", ".join(shelf.editions)}
                yield Problem(source.name, line, "accounts.unknown_set", fields)
                continue
            wrong = next(
                (s for s in editions.values() if s.kind != USES[use] or s.use != "organisation"), None
            )
            if wrong is not None:
                fields = {"set": wrong.reference, "use": use, "kind": wrong.kind, "purpose": wrong.use}
                yield Problem(source.name, line, "accounts.unfit_set", fields)
