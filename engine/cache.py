"""Compiled plans on disk, so that a command need not read YAML again. Losing the cache loses nothing."""

import gc
import hashlib
import importlib.util
import marshal
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from shall.engine import __version__
from shall.engine.executors.python import PythonExecutor
from shall.engine.plan import FORMAT, Plan
from shall.engine.shelf import folder_of, shipped
from shall.texts.errors import RulesetError


def executor_for(names: Sequence[str]) -> PythonExecutor:
    """The plan of these rulesets (keys or folders) ready to run: from the cache if nothing it came from has changed.

    Raises RulesetError.
    """
    names = tuple(dict.fromkeys(names))
    folders = [folder_of(name) for name in names]
    stem = _stem(folders)
    place = cache_folder()
    if place and (found := _read(place, stem)):
        return found
    plan = compiled(names)
    executor = PythonExecutor(plan)
    if place:
        _write(place, stem, executor)
    return executor


def kept(name: str, make: Callable[[], tuple[Plan, Any]]) -> tuple[PythonExecutor, Any]:
    """A plan that is no ruleset's, with plain values beside it: from the cache if nothing it came from has changed.

    `name` changes with the text it is made from; kinds, code and versions are seen to here.
    """
    place = cache_folder()
    stem = hashlib.sha256(f"{name} {_stem(())}".encode()).hexdigest()[:32]
    if place:
        try:
            plan, code, beside = marshal.loads((place / _file(stem)).read_bytes())
            return PythonExecutor(Plan.unpacked(plan), code), beside
        except (OSError, ValueError, EOFError, TypeError, KeyError):
            pass
    made, beside = make()
    executor = PythonExecutor(made)
    if place:
        _put(place, stem, (executor.plan.packed(), executor.code, beside))
    return executor, beside


def kept_value(
    name: str, folders: Sequence[Traversable], make: Callable[[], tuple[Any, ...]]
) -> tuple[Any, ...]:
    """Plain values made from rulesets and kinds: from the cache if nothing it came from has changed.

    `folders` are what it is made from beside the shipped rulesets, the kinds and the code.
    """
    place = cache_folder()
    stem = hashlib.sha256(f"{name} {_stem(folders)}".encode()).hexdigest()[:32]
    if place:
        try:
            return tuple(marshal.loads((place / _file(stem)).read_bytes()))
        except (OSError, ValueError, EOFError, TypeError):
            pass
    value = make()
    if place:
        _put(place, stem, value)
    return value


def kept_yaml(text: str) -> Any:
    """The value of a YAML text, from the cache where it was read before: reading YAML is a tenth of a short command."""
    place = cache_folder()
    stem = hashlib.sha256(f"yaml {text}".encode()).hexdigest()[:32]
    if place:
        try:
            return marshal.loads((place / _file(stem)).read_bytes())
        except (OSError, ValueError, EOFError, TypeError):
            pass
    from shall.engine.yaml_lines import load

    value = load(text)[0]
    if place:
        _put(place, stem, value)
    return value


def compiled(names: Sequence[str]) -> Plan:
    """The plan of these rulesets, compiled from their YAML; raises RulesetError.

    A ruleset of a user's own is held to what lint asks of every provision that binds.
    """
    from shall.engine.compiler import compile_rulesets
    from shall.engine.loader import RulesetProblems, load_ruleset
    from shall.evidence.schema import schema, schema_digest

    loaded = {name: load_ruleset(folder_of(name)) for name in names}
    for name, (ruleset, where) in loaded.items():
        if name not in shipped():
            from shall.engine.lint import binding_problems

            if problems := list(binding_problems(ruleset, where)):
                raise RulesetProblems(problems)
    keys = [ruleset.key for ruleset, _ in loaded.values()]
    if len(set(keys)) < len(keys):
        raise RulesetError("rules.same_key", keys=", ".join(keys))
    return compile_rulesets(list(loaded.values()), schema(), schema_digest())


def cache_folder() -> Path | None:
    """The user's own folder for plans, made if need be; None where there is none to be had or others could write it."""
    root = os.environ.get("SHALL_CACHE") or os.environ.get("XDG_CACHE_HOME")
    place = Path(root) / "shall" if root else Path.home() / ".cache" / "shall"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = place.stat()
    except (OSError, RuntimeError):
        return None
    mine = not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)
    return place if mine and os.access(place, os.W_OK) else None


def _stem(folders: Sequence[Traversable]) -> str:
    """A name that changes with everything a plan is made from: files, kinds, code, versions."""
    digest = hashlib.sha256(f"{FORMAT} {sys.version_info[:2]} {__version__}".encode())
    incorporated = [folder_of(key) for key in shipped()]
    for folder in (*folders, *incorporated, files("shall.evidence").joinpath("kinds"), files("shall.engine")):
        for name, entry in sorted(_files(folder), key=lambda pair: pair[0]):
            digest.update(f"{name}\0{_state(entry)}\0".encode())
    return digest.hexdigest()[:32]


def _files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.name.endswith((".yaml", ".py")) and entry.is_file():
            yield f"{folder}/{entry.name}", entry


def _state(entry: Traversable) -> str:
    if isinstance(entry, Path):
        status = entry.stat()
        return f"{status.st_mtime_ns} {status.st_size} {status.st_ino}"
    return hashlib.sha256(entry.read_bytes()).hexdigest()


def _read(place: Path, stem: str) -> PythonExecutor | None:
    try:
        content = (place / _file(stem)).read_bytes()
        gc.disable()  # nothing made here is garbage, and looking for some takes longer than reading
        plan, code = marshal.loads(content)
        return PythonExecutor(Plan.unpacked(plan), code)
    except (OSError, ValueError, EOFError, TypeError, KeyError):
        return None
    finally:
        gc.enable()


def _write(place: Path, stem: str, executor: PythonExecutor) -> None:
    _put(place, stem, (executor.plan.packed(), executor.code))


def _put(place: Path, stem: str, value: tuple[Any, ...]) -> None:
    """Put the file in place whole; a full disk only means that the next command compiles again."""
    partial = place / f"{_file(stem)}.{os.getpid()}"
    try:
        partial.write_bytes(marshal.dumps(value))
        partial.replace(place / _file(stem))
    except OSError:
        partial.unlink(missing_ok=True)


def _file(stem: str) -> str:
    """The file of a plan: its code runs only in the Python that made it."""
    return f"{stem}.{importlib.util.MAGIC_NUMBER.hex()}.plan"
