"""The sample companies that come with the project, all fictional."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from shall.texts.errors import UsageError

EXPECTED = "expected.yaml"
EVIDENCE = "evidence"
UNDER = "expected"


def samples() -> list[str]:
    """Names of the sample companies."""
    folder = files("shall.samples")
    return sorted(e.name for e in folder.iterdir() if e.is_dir() and e.joinpath(EXPECTED).is_file())


@contextmanager
def sample_folder(name: str) -> Iterator[Path]:
    """The evidence of a sample as a folder of files; raises UsageError."""
    if name not in samples():
        raise UsageError("cli.unknown_sample", name=name, names=", ".join(samples()))
    with as_file(files("shall.samples").joinpath(name, EVIDENCE)) as folder:
        yield folder


def expected(name: str) -> dict[str, Any]:
    """What a sample says of itself: its day, how many records it has, its gaps and what they move by standard."""
    return _read(name, EXPECTED)


def expected_under(name: str, standard: str) -> dict[str, Any]:
    """What a sample must lead to under a standard.

    `verdicts` by address, grades of `findings` by id, and in `self` the verdicts that differ in self-assessment.
    """
    return _read(name, UNDER, f"{standard}.yaml")


def _read(*path: str) -> dict[str, Any]:
    from shall.engine.yaml_lines import load

    value: dict[str, Any] = load(files("shall.samples").joinpath(*path).read_text(encoding="utf-8"))[0]
    return value


def sample_day(name: str) -> date:
    """The day of the audit the sample was made for."""
    return date.fromisoformat(expected(name)["on"])
