"""A ruleset to begin with, from a copy of a text: addresses, modal verbs and fingerprints, the rest to be written."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shall.engine.loader import FINGERPRINTS
from shall.engine.shelf import HEAD
from shall.engine.source import Profile, SourceError, Statement, segment, titles
from shall.texts import say

KEY = re.compile(r"^[a-z][a-z0-9_]*$")


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a draft by name, and how many provisions and titled clauses they hold."""

    files: Mapping[str, str]
    provisions: int
    clauses: int


def draft(text: str, path: Path, key: str, first: int, last: int, *, with_text: bool) -> Draft:
    """Cut a text into a ruleset's files; `with_text` puts each statement as a comment above its provision.

    Raises SourceError for a key that cannot be one and for a text in which nothing is recognised.
    """
    if not KEY.match(key):
        raise SourceError("source.draft_key", key=key)
    profile = Profile(first=first, last=last)
    statements = segment(text, profile)
    if not statements:
        raise SourceError("source.draft_nothing", path=path, first=first, last=last)
    named = titles(text, profile)
    chapters: dict[str, list[Statement]] = {}
    for statement in statements:
        chapters.setdefault(statement.clause.split(".")[0], []).append(statement)
    names = {chapter: f"ch{int(chapter):02}.yaml" for chapter in chapters}
    files = {HEAD: _head(key, path, list(names.values()), named)}
    files |= {names[c]: _chapter(found, with_text=with_text) for c, found in chapters.items()}
    files[FINGERPRINTS] = "".join(f'"{s.address}": {s.fingerprint}\n' for s in statements)
    return Draft(files, len(statements), len(named))


def write(made: Draft, folder: Path) -> None:
    """Write a draft into a folder that is new or empty; raises SourceError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SourceError("source.draft_folder", folder=folder)
    (folder / "cases").mkdir(parents=True)
    for name, content in made.files.items():
        (folder / name).write_text(content, encoding="utf-8")


def _both(zh: str, en: str) -> str:
    return f"{{zh: {_quoted(zh)}, en: {_quoted(en)}}}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _head(key: str, path: Path, chapters: Sequence[str], named: Mapping[str, str]) -> str:
    todo = _both(say("source.to_write", "zh"), say("source.to_write", "en"))
    lines = [
        f"key: {key}",
        f"number: {_quoted(path.stem)}",
        f"title: {todo}",
        'edition: "1"',
        "status: draft",
        "nature: requirements",
        f"chapters: [{', '.join(chapters)}]",
        "clauses:",
        *(f'  "{number}": {_both(title, say("source.to_write", "en"))}' for number, title in named.items()),
    ]
    return "\n".join(lines if named else lines[:-1]) + "\n"


def _chapter(statements: Sequence[Statement], *, with_text: bool) -> str:
    return "\n".join("\n".join(_provision(s, with_text=with_text)) + "\n" for s in statements)


def _provision(statement: Statement, *, with_text: bool) -> Iterator[str]:
    if with_text:
        yield f"# {' '.join(statement.text.split())}"
    yield f'- address: "{statement.address}"'
    yield f"  modality: {statement.modal}"
    yield f"  gist: {_both(say('source.to_write', 'zh'), say('source.to_write', 'en'))}"
