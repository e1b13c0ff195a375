"""YAML as plain values that remember their lines: no tags, no aliases, no duplicate keys, no surprises."""

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import yaml

from shall.engine.wrong import Words

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


def _or_wrong(construct: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The library's reader of a number or flag; what it breaks on is told with its line."""

    def read(loader: Any, node: Any) -> Any:
        try:
            return construct(loader, node)
        except (ValueError, KeyError, AttributeError):
            line, found = node.start_mark.line + 1, str(node.value)[:80]
            why = Words("wrong.yaml_scalar", {"found": found, "type": node.tag.rpartition(":")[2]})
            raise YamlProblem("rules.yaml_syntax", line, why=why) from None

    return read


for _tag in ("int", "float", "bool", "timestamp"):
    _construct = getattr(yaml.SafeLoader, f"construct_yaml_{_tag}")
    _Plain.add_constructor(f"tag:yaml.org,2002:{_tag}", _or_wrong(_construct))


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
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = mark.line + 1 if mark else _unprintable(text)
        raise YamlProblem("rules.yaml_syntax", line, why=_words(said)) from None
    except RecursionError:
        raise YamlProblem("rules.yaml_deep", 1) from None
    return value, node


def _unprintable(text: str) -> int:
    """The line of the first character that YAML refuses."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


_SAID: Mapping[str, str] = {
    "tab character": "wrong.yaml_tab",
    "cannot start any token": "wrong.yaml_token",
    "mapping values are not allowed": "wrong.yaml_colon",
    "could not find expected ':'": "wrong.yaml_no_colon",
    "did not find expected key": "wrong.yaml_indent",
    "expected <block end>": "wrong.yaml_indent",
    "',' or ']'": "wrong.yaml_bracket",
    "',' or '}'": "wrong.yaml_bracket",
    "unexpected end of stream": "wrong.yaml_quote",
    "expected node content": "wrong.yaml_value",
    "expected the node content": "wrong.yaml_value",
    "'-' indicator": "wrong.yaml_dash",
    "sequence entries are not allowed": "wrong.yaml_entry",
    "escape character": "wrong.yaml_escape",
    "escape code": "wrong.yaml_escape",
    "hexdecimal": "wrong.yaml_escape",
    "control characters": "wrong.yaml_character",
    "special characters": "wrong.yaml_character",
    "octet": "wrong.yaml_character",
    "nicode character": "wrong.yaml_character",
    "surrogate": "wrong.yaml_character",
    "single document": "wrong.yaml_documents",
    "document": "wrong.yaml_directive",
    "directive": "wrong.yaml_directive",
    "version number": "wrong.yaml_directive",
    "alias": "wrong.yaml_anchor",
    "anchor": "wrong.yaml_anchor",
    "alphabetic or numeric": "wrong.yaml_anchor",
    "merging": "wrong.yaml_merge",
    ":merge'": "wrong.yaml_merge",
    "comment or line break": "wrong.yaml_block",
    " tag": "wrong.yaml_tag",
    "expected '!'": "wrong.yaml_tag",
    "expected '>'": "wrong.yaml_tag",
    "URI": "wrong.yaml_tag",
    "whitespace": "wrong.yaml_tag",
    "base64": "wrong.yaml_tag",
}
"""What the parsers say, by a piece of it, and our words; the first that fits counts."""


def _words(said: str) -> Words:
    key = next((key for piece, key in _SAID.items() if piece in said), None)
    return Words(key) if key else Words("wrong.yaml_other", {"said": said})


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
