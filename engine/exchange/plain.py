"""Rulesets as plain values and back: what a document of another tool has to carry to lose nothing."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from shall.engine.draft import Draft
from shall.engine.evaluation import canonical
from shall.engine.exchange.files import yaml_scalar
from shall.engine.loader import FINGERPRINTS
from shall.engine.models import Provision, Standard
from shall.engine.shelf import HEAD


def provision_plain(provision: Provision) -> dict[str, Any]:
    """A provision as plain JSON values, defaults left out; `Provision.model_validate` takes it back."""
    return provision.model_dump(mode="json", exclude_defaults=True, serialize_as_any=True)


def standard_plain(standard: Standard) -> dict[str, Any]:
    """The head of a ruleset as plain JSON values, defaults left out."""
    return standard.model_dump(mode="json", exclude_defaults=True)


def content_digest(provisions: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of provisions as plain values: tells whether somebody has changed them on the way."""
    return hashlib.sha256(canonical(list(provisions)).encode()).hexdigest()


def ruleset_files(
    head: Mapping[str, Any],
    provisions: Iterable[Mapping[str, Any]],
    fingerprints: Mapping[str, str],
    comments: Mapping[str, str] | None = None,
) -> Draft:
    """The files of a ruleset folder; a chapter has a file of its own, in the order of the provisions.

    `annexes` and `scoring` name files that only the ruleset's own folder has, and are left out.
    """
    chapters: dict[str, list[str]] = {}
    seen: dict[str, int] = {}
    previous, count = None, 0
    for provision in provisions:
        chapter = str(provision["address"]).split("#")[0].split("/")[0].split(".")[0]
        if chapter != previous:
            seen[chapter] = seen.get(chapter, 0) + 1
            previous = chapter
        stem = f"ch{int(chapter):02}" if chapter.isdigit() else f"ch{chapter}"
        name = f"{stem}.yaml" if seen[chapter] == 1 else f"{stem}_{seen[chapter]}.yaml"
        comment = (comments or {}).get(provision["address"])
        chapters.setdefault(name, []).append(_entry(provision, comment))
        count += 1
    kept = {k: v for k, v in head.items() if k not in ("chapters", "annexes", "scoring")}
    files = {HEAD: _lines({**kept, "chapters": list(chapters)})}
    files |= {name: "\n".join(entries) for name, entries in chapters.items()}
    if fingerprints:
        files[FINGERPRINTS] = "".join(
            f"{yaml_scalar(a)}: {yaml_scalar(p)}\n" for a, p in fingerprints.items()
        )
    return Draft(files, count, len(head.get("clauses", {})))


def _lines(value: Mapping[str, Any]) -> str:
    return "".join(f"{key}: {yaml_scalar(item)}\n" for key, item in value.items())


def _entry(provision: Mapping[str, Any], comment: str | None) -> str:
    lines = [f"{key}: {yaml_scalar(value)}" for key, value in provision.items()]
    said = "".join(f"# {line}\n" for line in (comment or "").splitlines())
    return said + "- " + "\n  ".join(lines) + "\n"
