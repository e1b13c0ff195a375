"""What neither the OSCAL schema nor its usual tools look at: that every reference leads somewhere."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from shall.engine.exchange.files import Trouble, trouble
from shall.engine.exchange.ids import TOKEN, UUID
from shall.engine.exchange.oscal import RELATIONSHIPS

MODELS = (
    "catalog", "profile", "mapping-collection", "component-definition", "system-security-plan",
    "assessment-plan", "assessment-results", "plan-of-action-and-milestones",
)  # fmt: skip
SUPPORTED = ("1.2.0", "1.2.1")
DEEP = 60
_MOMENTS = ("last-modified", "published", "start", "end", "collected", "expires", "deadline", "date")
_CONTROL_REFERENCES = ("control-id", "target-id", "id-ref", "statement-id")
_CONTROL_LISTS = ("with-ids", "statement-ids")
_ROLE_REFERENCES = ("role-id",)

Path = tuple[str | int, ...]
Walk = Iterator[tuple[Path, str, Any]]


def model_of(document: Any) -> str | None:
    """Which OSCAL model a value is, or None."""
    if isinstance(document, dict):
        return next((m for m in MODELS if isinstance(document.get(m), dict)), None)
    return None


def check(
    document: Any, known: Collection[str] | None = None, files: Collection[str] | None = None
) -> list[Trouble]:
    """What is wrong with one document.

    `known` are the ids of controls and statements that the catalogs it is about hold, `files` the paths it may
    refer to; None where that cannot be said.
    """
    model = model_of(document)
    if model is None or [k for k in document if k != "$schema"] != [model]:
        return [trouble("/", "not_oscal")]
    nested = _too_deep(document)
    if nested:
        return [trouble("/", "too_deep", limit=DEEP)]
    found = [*_head(document[model], model), *_values(document)]
    uuids, ids, roles = set[str](), set[str](), set[str]()
    for path, key, value in _walk(document):
        if key == "uuid" and isinstance(value, str):
            found += [trouble(_at(path), "bad_uuid", value=value)] if not UUID.match(value) else []
            found += [trouble(_at(path), "twice", value=value)] if value.lower() in uuids else []
            uuids.add(value.lower())
        elif key == "id" and isinstance(value, str) and _named(path):
            inside = roles if "roles" in path else ids
            found += [trouble(_at(path), "bad_id", value=value)] if not TOKEN.match(value) else []
            found += [trouble(_at(path), "twice", value=value)] if value in inside else []
            inside.add(value)
    targets = None if known is None and model != "catalog" else ids | set(known or ())
    for path, key, value in _walk(document):
        found += _reference(path, key, value, uuids, ids, roles, targets, files)
    return found


def check_all(documents: Mapping[str, Any]) -> list[Trouble]:
    """What is wrong with documents by path that are to stand together."""
    known: set[str] = set()
    found: list[Trouble] = []
    seen: dict[str, str] = {}
    for path, document in documents.items():
        model = model_of(document)
        if model is None:
            continue
        name = str(document[model].get("uuid"))
        if name in seen:
            found.append(trouble(path, "same_document", value=name, other=seen[name]))
        seen[name] = path
        if model == "catalog":
            own = ids_of([document])
            found += [trouble(path, "twice_in_catalogs", value=v) for v in sorted(own & known)]
            known |= own
    for path, document in documents.items():
        inside = check(document, known, [_relative(path, other) for other in documents])
        found += [Trouble(f"{path}{p.at}", p.key, p.fields) for p in inside]
    return found


def ids_of(catalogs: Iterable[Any]) -> set[str]:
    """The ids of groups, controls and parts in catalogs."""
    return {v for one in catalogs for p, k, v in _walk(one) if k == "id" and isinstance(v, str) and _named(p)}


def _relative(path: str, other: str) -> str:
    """How one document of the folder refers to another: all lie two folders deep."""
    up = "../" * (len(PurePosixPath(path).parts) - 1)
    return f"{up}{other}"


def _head(body: Mapping[str, Any], model: str) -> Iterator[Trouble]:
    meta = body.get("metadata")
    if not isinstance(meta, dict):
        yield trouble(f"/{model}", "no_metadata")
        return
    version = meta.get("oscal-version")
    if version not in SUPPORTED:
        yield trouble(
            f"/{model}/metadata/oscal-version", "oscal_version", value=version, allowed=", ".join(SUPPORTED)
        )
    if not isinstance(body.get("uuid"), str):
        yield trouble(f"/{model}", "bad_uuid", value=body.get("uuid"))


def _values(document: Any) -> Iterator[Trouble]:
    for path, key, value in _walk(document):
        if value is None:
            yield trouble(_at(path), "null")
        elif value in ([], {}) and key != "include-all":
            yield trouble(_at(path), "empty")
        elif key in _MOMENTS and isinstance(value, str) and not _aware(value):
            yield trouble(_at(path), "not_aware", value=value)
        elif key == "relationship" and value not in RELATIONSHIPS and "maps" in path:
            yield trouble(_at(path), "relationship", value=value, allowed=", ".join(RELATIONSHIPS))


def _aware(value: str) -> bool:
    try:
        return "T" in value and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _reference(
    path: Path,
    key: str,
    value: Any,
    uuids: Collection[str],
    ids: Collection[str],
    roles: Collection[str],
    targets: Collection[str] | None,
    files: Collection[str] | None,
) -> Iterator[Trouble]:
    if not isinstance(value, str):
        return
    listed = next((step for step in reversed(path) if isinstance(step, str)), "")
    if key.endswith("-uuid") or listed.endswith("-uuids"):
        if value.lower() not in uuids:
            yield trouble(_at(path), "dangling", value=value)
    elif key in _ROLE_REFERENCES or listed == "role-ids":
        if value not in roles:
            yield trouble(_at(path), "dangling", value=value)
    elif key in _CONTROL_REFERENCES or listed in _CONTROL_LISTS:
        if targets is not None and value not in targets:
            yield trouble(_at(path), "dangling", value=value)
    elif key in ("href", "source"):
        yield from _href(path, key, value, uuids, ids, files)


def _href(
    path: Path,
    key: str,
    value: str,
    uuids: Collection[str],
    ids: Collection[str],
    files: Collection[str] | None,
) -> Iterator[Trouble]:
    if value.startswith("#"):
        name = value[1:]
        if name.lower() not in uuids and name not in ids:
            yield trouble(_at(path), "dangling", value=value)
        return
    named = re.sub(r"^trestle://", "../../", value).partition("#")[0]
    if files is not None and not re.match(r"^[a-z][a-z0-9+.-]*:", named) and named not in files:
        yield trouble(_at(path), "no_such_file", value=value)


def _named(path: Path) -> bool:
    """Whether an `id` at that path is one that others may refer to."""
    holders = [step for step in path[:-1] if isinstance(step, str)]
    return bool(holders) and holders[-1] in ("controls", "groups", "parts", "params", "roles")


def _too_deep(value: Any) -> bool:
    level, layer = 0, [value]
    while layer and level <= DEEP:
        level += 1
        layer = [
            inner
            for one in layer
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(layer)


def _walk(document: Any) -> Walk:
    """Every value with its path, the key it stands under (the list's for an item)."""
    waiting: list[tuple[Path, str, Any]] = [((), "", document)]
    while waiting:
        path, key, value = waiting.pop()
        if isinstance(value, dict):
            inner = [((*path, k), str(k), v) for k, v in value.items()]
        elif isinstance(value, list):
            inner = [((*path, n), key, v) for n, v in enumerate(value)]
        else:
            inner = []
        yield path, key, value
        waiting.extend(reversed(inner))


def _at(path: Path) -> str:
    """A JSON pointer."""
    return "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in path)
