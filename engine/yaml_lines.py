"""YAML as plain values that remember their lines: no tags, no aliases, no duplicate keys, no surprises."""

import re
from collections.abc import Hashable
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_BYTES = 4_000_000


class YamlProblem(ValueError):
    """A file that is not plain YAML: key of the catalogue, line (from 1) and fields."""

    def __init__(self, key: str, line: int, /, **fields: object) -> None:
        super().__init__(key)
        self.key, self.line, self.fields = key, line, fields


class _Plain(_Loader):  # type: ignore[misc]
    """Safe loader that refuses duplicate keys and keeps dates and the like as texts."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise YamlProblem("rules.yaml_key", line, name=key)
            if key in seen:
                raise YamlProblem("rules.yaml_duplicate", line, name=key, first=seen[key])
            seen[key] = line
        return dict(super().construct_mapping(node, deep=True))


_DROPPED = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag not in _DROPPED]
    for first, rules in _Loader.yaml_implicit_resolvers.items()
}
_Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
"""`on`, `no` and `2026-01-31` are texts; only true and false are flags."""


def load(text: str) -> tuple[Any, Any]:
    """The value of a YAML text and its node tree (for line numbers); raises YamlProblem."""
    if len(text) > MAX_BYTES:
        raise YamlProblem("rules.yaml_large", 1, size=len(text), limit=MAX_BYTES)
    try:
        loader = _Plain(text)
        node = loader.get_single_node()
        if node is not None:
            _refuse_aliases(node)
        value = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise YamlProblem("rules.yaml_syntax", mark.line + 1 if mark else 1, why=why) from None
    except RecursionError:
        raise YamlProblem("rules.yaml_deep", 1) from None
    return value, node


def _refuse_aliases(root: Any) -> None:
    """A node that is reached twice stands behind an alias: the way a small file becomes a huge value."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            raise YamlProblem("rules.yaml_alias", node.start_mark.line + 1)
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in node.value for part in pair)


def line_of(node: Any, path: tuple[int | str, ...]) -> int:
    """The line (from 1) of the value at `path`, or of the nearest thing around it that exists."""
    line: int = node.start_mark.line + 1 if node is not None else 1
    for step in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == step), None)
            if found is None:
                return line
            line = found[0].start_mark.line + 1
            node = found[1]
            continue
        else:
            return line
        line = node.start_mark.line + 1
    return line
