"""The fields of a paper: what there is to name in a template, with what it is called and an example."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shall.engine.papers.layout import Fields, Layout, Part, Rows, Text
from shall.texts import Lang, say

Shape = Any
"""A text is "", a group of fields a dict, a list a list of the shape of its items (empty where that is not known)."""

SHOWN = 3
"""So many fields a message names."""


@dataclass(frozen=True, slots=True)
class Named:
    """A field: where it stands, the list it is repeated in (empty: none), what it is called, an example."""

    path: str
    within: str
    label: str
    example: str


def shape_of(layout: Layout, *contexts: Mapping[str, Any]) -> Shape:
    """Every field that the layout or one of these contexts has."""
    made: dict[str, Shape] = {}
    for context in contexts:
        _merge(made, _shape(context))
    _put(made, "paper.notices[].text")
    for part in layout.parts:
        for block in part.blocks:
            for path in _paths(block, part.each):
                _put(made, path)
        if part.each:
            _put(made, f"{part.each}[].heading")
        for path in (part.when, *(b.when for b in part.blocks if isinstance(b, Fields))):
            if path:
                _put(made, path)
    return made


def _paths(block: Any, each: str) -> Iterator[str]:
    def full(path: str) -> str:
        return f"{each}[].{path.removeprefix('item.')}" if path.startswith("item.") else path

    match block:
        case Fields():
            yield from (full(f.path) for f in block.fields)
        case Text():
            yield full(block.path)
        case Rows():
            yield f"{full(block.path)}[]"
            yield from (f"{full(block.path)}[].{c.path}" for c in block.columns)


def _shape(value: Any) -> Shape:
    if isinstance(value, Mapping):
        return {str(name): _shape(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        merged: dict[str, Shape] = {}
        for item in value:
            _merge(merged, _shape(item))
        return [merged] if merged else []
    return ""


def _merge(into: dict[str, Shape], other: Shape) -> None:
    if not isinstance(other, dict):
        return
    for name, shape in other.items():
        mine = into.get(name)
        if isinstance(mine, dict) and isinstance(shape, dict):
            _merge(mine, shape)
        elif isinstance(mine, list) and isinstance(shape, list) and mine and shape:
            _merge(mine[0], shape[0])
        elif not mine:
            into[name] = shape


def _put(shape: dict[str, Shape], path: str) -> None:
    """Add a path such as `team[].name`."""
    first, _, rest = path.partition(".")
    name = first.removesuffix("[]")
    if first != name:
        if not shape.get(name):
            shape[name] = [{}]
        inner = shape[name][0]
    else:
        inner = shape.setdefault(name, {} if rest else "")
    if rest:
        _put(inner, rest)


def under(shape: Shape, before: str = "") -> Iterator[str]:
    """The paths of a shape, lists marked by `[]`."""
    if isinstance(shape, dict):
        for name, inner in shape.items():
            yield from under(inner, f"{before}.{name}" if before else name)
    elif isinstance(shape, list):
        yield from under(shape[0] if shape else "", f"{before}[]")
    else:
        yield before


def near(path: str, known: Sequence[str]) -> str:
    """The fields most like the one that was named, the nearest first."""
    asked = [name for name in known if not name.startswith("loop.") or path.startswith("loop.")]
    return ", ".join(difflib.get_close_matches(path, asked, n=SHOWN, cutoff=0.0))


def named(layout: Layout, context: Mapping[str, Any], also: Mapping[str, str], lang: Lang) -> list[Named]:
    """Every field of a completed context, in its order, with its label where the layout or `also` has one."""
    labels = {**also, **labels_of(layout.parts, lang)}
    found: dict[str, Named] = {}
    for path, example in _leaves(context):
        within, _, _ = path.rpartition("[].")
        known = found.get(path)
        if known is None or (not known.example and example):
            found[path] = Named(path, within, labels.get(path, ""), example)
    return list(found.values())


def _leaves(value: Any, before: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{before}.{name}" if before else str(name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item, f"{before}[]")
    else:
        yield before, str(value)


def labels_of(parts: Sequence[Part], lang: Lang) -> dict[str, str]:
    """What each field that these parts show is called, by its path."""
    found: dict[str, str] = {}
    for part in parts:
        for block in part.blocks:
            paths = [p for p in _paths(block, part.each) if not p.endswith("[]")]
            match block:
                case Fields():
                    labels = [f.label for f in block.fields]
                case Rows():
                    labels = [c.label for c in block.columns]
                case _:
                    labels = [part.title] * len(paths)
            for path, label in zip(paths, labels, strict=True):
                found.setdefault(path, say(label, lang))
    return found
