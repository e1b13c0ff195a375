"""YAML files to a Ruleset. All problems of all files are reported at once, each with file and line."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shall.engine.models import Provision, Ruleset, Standard
from shall.engine.shelf import HEAD
from shall.engine.wrong import explained, path_in, say_all, unreadable
from shall.engine.yaml_lines import YamlProblem, line_of, load
from shall.texts import say
from shall.texts.errors import RulesetError

FINGERPRINTS = "fingerprints.yaml"

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a ruleset: file, line (from 1), what is wrong."""

    file: str
    line: int
    key: str
    fields: Mapping[str, object]

    def text(self, lang: str) -> str:
        """`file:line: message` in that language."""
        return f"{self.file}:{self.line}: {say_all(self.key, lang, self.fields)}"


class RulesetProblems(RulesetError):
    """A ruleset that cannot be used, with everything found wrong in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line))
        super().__init__("rules.problems", count=len(self.problems))

    def text(self, lang: str) -> str:
        """Every problem on a line of its own, below a head line."""
        return "\n".join([say(self.key, lang, **self.fields), *(f"  {p.text(lang)}" for p in self.problems)])


@dataclass(frozen=True, slots=True)
class Source:
    """A loaded file: its name as a person knows it, its value and its node tree."""

    name: str
    value: Any
    node: Any

    def line(self, *path: int | str) -> int:
        """The line of the value at that path."""
        return line_of(self.node, path)


def load_ruleset(folder: Traversable) -> tuple[Ruleset, "SourceMap"]:
    """The ruleset of a folder and where each provision stands; raises RulesetProblems."""
    ruleset, where, problems = read_ruleset(folder)
    if problems or ruleset is None:
        raise RulesetProblems(problems)
    return ruleset, where


def read_ruleset(folder: Traversable) -> tuple[Ruleset | None, "SourceMap", list[Problem]]:
    """What of a ruleset can be read (None without a usable head), where it stands, and everything wrong with it."""
    problems: list[Problem] = []
    digest = hashlib.sha256()
    head = _source(folder, HEAD, digest, problems)
    standard = validated(Standard, head, (), problems) if head else None
    provisions: list[Provision] = []
    where: SourceMap = {}
    for name in standard.chapters if standard else ():
        source = _chapter(folder, name, digest, problems)
        if source is None:
            continue
        for index, provision in _provisions(source, problems):
            if provision.address in where:
                first = where[provision.address]
                fields = {
                    "address": provision.address,
                    "file": first[0].name,
                    "line": first[0].line(first[1]),
                }
                problems.append(_problem(source, (index,), "rules.duplicate_address", fields))
            else:
                where[provision.address] = (source, index)
                provisions.append(provision)
    prints = (
        _source(folder, FINGERPRINTS, digest, problems) if folder.joinpath(FINGERPRINTS).is_file() else None
    )
    if standard is None:
        return None, where, problems
    fingerprints = {str(k): str(v) for k, v in (prints.value if prints else {}).items()}
    ruleset = Ruleset(
        standard=standard, provisions=tuple(provisions), fingerprints=fingerprints, digest=digest.hexdigest()
    )
    return ruleset, where, problems


def load_list(
    folder: Traversable, name: str, model: type[_Model]
) -> tuple[list[tuple[_Model, int]], Source | None, list[Problem]]:
    """The items of a file that is a list, each with its index; what cannot be read is told."""
    problems: list[Problem] = []
    source = _chapter(folder, name, hashlib.sha256(), problems)
    found: list[tuple[_Model, int]] = []
    if source is not None and not isinstance(source.value, list):
        problems.append(_problem(source, (), "rules.not_a_list", {}))
    elif source is not None:
        for index, raw in enumerate(source.value):
            item = validated(model, Source(source.name, raw, source.node), (index,), problems)
            if item is not None:
                found.append((item, index))
    return found, source, problems


SourceMap = dict[str, tuple[Source, int]]
"""Where each provision stands: its file and its index there."""


def _chapter(folder: Traversable, name: str, digest: Any, problems: list[Problem]) -> Source | None:
    if "/" in name or "\\" in name or name.startswith("."):
        problems.append(Problem(HEAD, 1, "rules.file_outside", {"name": name}))
        return None
    return _source(folder, name, digest, problems)


def _source(folder: Traversable, name: str, digest: Any, problems: list[Problem]) -> Source | None:
    shown = f"{folder.name}/{name}"
    entry = folder.joinpath(name)
    if (
        isinstance(entry, Path)
        and isinstance(folder, Path)
        and not entry.resolve().is_relative_to(folder.resolve())
    ):
        problems.append(Problem(shown, 1, "rules.file_outside", {"name": name}))
        return None
    try:
        text = entry.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.append(Problem(shown, 1, "rules.file_missing", {"name": name}))
        return None
    except (UnicodeDecodeError, OSError) as error:
        problems.append(Problem(shown, 1, "rules.file_unreadable", {"name": name, "why": unreadable(error)}))
        return None
    digest.update(json.dumps([name, text]).encode())
    try:
        return Source(shown, *load(text))
    except YamlProblem as error:
        problems.append(Problem(shown, error.line, error.key, error.fields))
        return None


def _provisions(source: Source, problems: list[Problem]) -> Iterator[tuple[int, Provision]]:
    if not isinstance(source.value, list):
        problems.append(_problem(source, (), "rules.not_a_list", {}))
        return
    for index, raw in enumerate(source.value):
        provision = validated(Provision, Source(source.name, raw, source.node), (index,), problems)
        if provision:
            yield index, provision


def validated(
    model: type[_Model], source: Source, at: tuple[int | str, ...], problems: list[Problem]
) -> _Model | None:
    """The value as that model, or None with what is wrong added to the problems, each with its line."""
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            path = path_in(source.value, found)
            key, fields = explained(found, path)
            problems.append(_problem(source, (*at, *path), key, fields))
        return None


def _problem(source: Source, path: tuple[int | str, ...], key: str, fields: dict[str, object]) -> Problem:
    return Problem(source.name, source.line(*path), key, fields)
