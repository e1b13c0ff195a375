"""What a template may say: name fields that exist, repeat over lists, choose. Everything else is refused unrun."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shall.engine.papers.fields import Shape, near, under
from shall.texts.errors import ReportError

MAX_WRITTEN = 200_000_000
"""Characters a filled part may have."""
MAX_DEPTH = 3
"""How deep repetitions may be nested."""

NODES = frozenset(
    {"Template", "Output", "TemplateData", "Name", "Const", "Getattr", "For", "If", "CondExpr"}
    | {"And", "Or", "Not", "Compare", "Operand", "Filter", "Test", "Add", "Sub"}
)
"""What a template may be made of: nothing that calls, includes, assigns or multiplies."""
FILTERS = frozenset({"d", "default", "first", "last", "length", "count", "lower", "upper", "title", "trim"})
TESTS = frozenset({"defined", "undefined", "none", "odd", "even"})
WORDS = {
    "Call": "call",
    "Assign": "assign",
    "AssignBlock": "assign",
    "Include": "include",
    "Import": "include",
    "FromImport": "include",
    "Extends": "include",
    "Block": "include",
    "Macro": "macro",
    "CallBlock": "macro",
    "Filter": "filter",
    "FilterBlock": "filter",
    "Test": "test",
    "Getitem": "item",
    "Slice": "item",
    "For": "for",
    **dict.fromkeys(("Mul", "Div", "FloorDiv", "Mod", "Pow", "Neg", "Pos", "Concat"), "reckoning"),
    **dict.fromkeys(("List", "Tuple", "Dict", "Pair", "Keyword"), "list"),
}
"""What each refused thing is called in messages; all else is said to be another thing."""
LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length")
"""What a repetition knows of itself."""


def environment(name: str, shape: Shape) -> Any:
    """An environment for one template, which messages call by `name`; `shape` are the fields there are."""
    from jinja2 import StrictUndefined, Template, TemplateSyntaxError
    from jinja2.sandbox import SandboxedEnvironment

    class Bounded(Template):
        """A template whose result has a bound."""

        def render(self, *args: Any, **kwargs: Any) -> str:
            pieces, written = [], 0
            for piece in self.generate(*args, **kwargs):
                pieces.append(piece)
                written += len(piece)
                if written > MAX_WRITTEN:
                    raise ReportError("papers.template_bomb", template=name)
            return "".join(pieces)

    class Environment(SandboxedEnvironment):
        """An environment that looks at a template before it is run."""

        template_class = Bounded

        def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                tree = self.parse(source)
            except TemplateSyntaxError as error:
                line = source.splitlines()[error.lineno - 1 : error.lineno]
                where = _words(line) or (error.message or "")[:120]
                raise ReportError("papers.template_syntax", template=name, where=where) from None
            _Checker(name, shape).check(tree)
            return super().from_string(source, *args, **kwargs)

    made = Environment(autoescape=True, undefined=StrictUndefined)
    made.globals.clear()
    return made


def _words(lines: Iterable[str]) -> str:
    """What stands in a line of XML, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", "", line).strip() for line in lines)[:120]


class _Checker:
    """Looks at a parsed template: only what is allowed, only fields that exist, also where a list is empty."""

    def __init__(self, name: str, shape: Shape) -> None:
        self.name, self.shape = name, shape

    def check(self, tree: Any) -> None:
        """Raises ReportError for the first thing that is not allowed, or does not exist."""
        self._node(tree, dict(self.shape), 0)

    def _node(self, node: Any, scope: Mapping[str, Shape], depth: int) -> None:
        kind = type(node).__name__
        if kind not in NODES:
            raise self._refused(kind)
        if kind in ("Filter", "Test") and node.name not in (FILTERS if kind == "Filter" else TESTS):
            raise self._refused(kind, node.name)
        match kind:
            case "Name" | "Getattr":
                self._resolved(node, scope)
            case "For":
                self._for(node, scope, depth)
            case _:
                for child in node.iter_child_nodes():
                    self._node(child, scope, depth)

    def _for(self, node: Any, scope: Mapping[str, Shape], depth: int) -> None:
        if depth >= MAX_DEPTH or node.recursive or type(node.target).__name__ != "Name":
            raise self._refused("For")
        found = self._resolved(node.iter, scope)
        if not isinstance(found, list):
            raise ReportError("papers.template_not_a_list", template=self.name, field=_path(node.iter))
        loop: Shape = dict.fromkeys(LOOP, "")
        inner = {**scope, node.target.name: found[0] if found else {}, "loop": loop}
        for child in (*node.body, *([node.test] if node.test else [])):
            self._node(child, inner, depth + 1)
        for child in node.else_:
            self._node(child, scope, depth + 1)

    def _resolved(self, node: Any, scope: Mapping[str, Shape]) -> Shape:
        path = _path(node)
        if path is None:
            raise self._refused(type(node).__name__)
        found: Shape = dict(scope)
        for name in path.split("."):
            if not isinstance(found, dict) or name not in found:
                known = near(path, list(under(dict(scope))))
                raise ReportError(
                    "papers.template_unknown_field", template=self.name, field=path, known=known
                )
            found = found[name]
        return found

    def _refused(self, kind: str, name: str = "") -> ReportError:
        """The error for a thing of that kind, in words a reader of the template knows."""
        key = f"papers.refused_{WORDS.get(kind, 'other')}"
        return ReportError(key, template=self.name, what=name)


def _path(node: Any) -> str | None:
    """The field that a node names, by dots; None where it is anything else."""
    parts: list[str] = []
    while type(node).__name__ == "Getattr":
        parts.append(node.attr)
        node = node.node
    if type(node).__name__ != "Name":
        return None
    return ".".join(reversed([*parts, node.name]))
