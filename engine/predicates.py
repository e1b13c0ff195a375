"""From a predicate as a ruleset writes it to a checked tree.

The language is SQL's boolean expressions over the columns of one kind, parsed with sqlglot and limited to
the node types named here. Everything else, unknown columns and choices included, is an error.
"""

import difflib
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

import sqlglot
from sqlglot import errors as sqlglot_errors
from sqlglot import exp

from shall.engine.trees import SCALE, TRUE, Tree
from shall.engine.wrong import Words
from shall.evidence.schema import Column, Kind

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_SHIFTS = {
    "months_before": (-1, "m"),
    "months_after": (1, "m"),
    "days_before": (-1, "d"),
    "days_after": (1, "d"),
}
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_QUOTED_OR_PARAMETER = re.compile(r"'(?:[^']|'')*'|:(?:on|from)\b")
_MAX_LENGTH = 2000


class PredicateError(ValueError):
    """A predicate that cannot be used: a key of the catalogue and its fields."""

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields


def parse(text: str, kind: Kind) -> Tree:
    """The checked tree of a predicate over `kind`; raises PredicateError."""
    return _predicate(_parsed(text), kind)


@cache
def _parsed(text: str) -> exp.Expr:
    if len(text) > _MAX_LENGTH:
        raise PredicateError("rules.predicate_long", length=len(text), limit=_MAX_LENGTH)
    try:
        found = sqlglot.parse_one(_QUOTED_OR_PARAMETER.sub(_spell_parameter, text))
    except (sqlglot_errors.SqlglotError, RecursionError) as error:
        raise PredicateError("rules.predicate_syntax", text=text, why=_where(error)) from None
    return found


def _spell_parameter(match: re.Match[str]) -> str:
    """`:on` and `:from` are key words of SQL: the parser is given `:p_on` and `:p_from`."""
    found = match[0]
    return found if found.startswith("'") else f":p_{found[1:]}"


def _where(error: Exception) -> Words:
    """Where the parser stops, in words of the catalogue."""
    found = getattr(error, "errors", None)
    if not found:
        return Words("wrong.expression")
    return Words("wrong.expression_at", {"found": found[0].get("highlight") or "-"})


def _predicate(node: exp.Expr, kind: Kind) -> Tree:
    match node:
        case exp.Paren():
            return _predicate(node.this, kind)
        case exp.And():
            return ("and", *_flat(node, kind))
        case exp.Or():
            return ("or", *_flat(node, kind))
        case exp.Not():
            return ("not", _predicate(node.this, kind))
        case exp.Boolean():
            return TRUE if node.this else ("not", TRUE)
        case exp.Column():
            return _flag(node, kind)
        case exp.Is():
            return _is(node, kind)
        case exp.In():
            return _in(node, kind)
        case exp.Between():
            low = _compare("<=", node.args["low"], node.this, kind)
            return ("and", low, _compare("<=", node.this, node.args["high"], kind))
    if type(node) in _COMPARISONS:
        return _compare(_COMPARISONS[type(node)], node.this, node.expression, kind)
    raise _refused(node)


def _flat(node: exp.Connector, kind: Kind) -> tuple[Tree, ...]:
    parts = node.flatten(unnest=False)
    return tuple(_predicate(part, kind) for part in parts)


def _refused(node: exp.Expr) -> PredicateError:
    return PredicateError("rules.predicate_node", found=node.sql(), node=type(node).__name__)


def _flag(node: exp.Column, kind: Kind) -> Tree:
    column = _column(node, kind)
    if column.type != "flag":
        raise PredicateError("rules.predicate_not_flag", column=column.name, kind=kind.name, type=column.type)
    return ("flag", column.name)


def _is(node: exp.Is, kind: Kind) -> Tree:
    if isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Null):
        return ("null", ("col", _column(node.this, kind).name))
    raise _refused(node)


def _in(node: exp.In, kind: Kind) -> Tree:
    values = node.args.get("expressions") or []
    if not isinstance(node.this, exp.Column) or not values:
        raise _refused(node)
    column = _column(node.this, kind)
    if column.type in ("flag", "decimal"):
        raise _refused(node)
    wanted = "number" if column.type == "integer" else "date" if column.type == "date" else "text"
    operands = [_operand(v, kind, column) for v in values]
    if any(found != wanted or scale or tree[0] not in ("text", "int") for found, tree, scale in operands):
        raise _refused(node)
    literals = tuple(tree for _, tree, _ in operands)
    return ("in", ("col", column.name), literals)


def _column(node: exp.Column, kind: Kind) -> Column:
    column = kind.column(node.name)
    if node.table or column is None:
        near = difflib.get_close_matches(node.name, [c.name for c in kind.columns], n=3)
        raise PredicateError(
            "rules.predicate_column", column=node.sql(), kind=kind.name, near=", ".join(near) or "-"
        )
    return column


def _compare(op: str, left: exp.Expr, right: exp.Expr, kind: Kind) -> Tree:
    if isinstance(left, exp.Column) and (flag := _flag_comparison(op, left, right, kind)):
        return flag
    hint = _hint(left, kind) or _hint(right, kind)
    left_type, left_tree, left_scale = _operand(left, kind, hint)
    right_type, right_tree, right_scale = _operand(right, kind, hint)
    if left_type != right_type:
        raise PredicateError(
            "rules.predicate_types",
            left=left.sql(),
            left_type=left_type,
            right=right.sql(),
            right_type=right_type,
        )
    if left_type == "text" and op not in ("=", "<>"):
        raise PredicateError("rules.predicate_order", found=f"{left.sql()} {op} {right.sql()}")
    scale = max(left_scale, right_scale)
    return ("cmp", op, rescaled(left_tree, left_scale, scale), rescaled(right_tree, right_scale, scale))


def _flag_comparison(op: str, left: exp.Column, right: exp.Expr, kind: Kind) -> Tree | None:
    """`paid = true` and the like; None where the column is no flag."""
    column = _column(left, kind)
    if column.type != "flag":
        return None
    if not isinstance(right, exp.Boolean) or op not in ("=", "<>"):
        raise PredicateError(
            "rules.predicate_types", left=left.sql(), left_type="flag", right=right.sql(), right_type="?"
        )
    tree: Tree = ("flag", column.name)
    return tree if bool(right.this) == (op == "=") else ("not", tree)


def rescaled(tree: Tree, scale: int, target: int) -> Tree:
    """An integer tree of one scale brought to a larger one."""
    if scale == target:
        return tree
    factor = 10 ** (target - scale)
    return ("int", tree[1] * factor) if tree[0] == "int" else ("*", tree, ("int", factor))


def _hint(node: exp.Expr, kind: Kind) -> Column | None:
    """The column whose type decides what the literal on the other side means."""
    found = node.find(exp.Column)
    return _column(found, kind) if found is not None else None


def _operand(node: exp.Expr, kind: Kind, hint: Column | None) -> tuple[str, Tree, int]:
    """Type (text, date, number), tree and scale of one side of a comparison."""
    match node:
        case exp.Paren():
            return _operand(node.this, kind, hint)
        case exp.Column():
            return _column_operand(_column(node, kind))
        case exp.Literal():
            return _literal(node, hint)
        case exp.Neg():
            kind_of, tree, scale = _operand(node.this, kind, hint)
            if tree[0] == "int":
                return kind_of, ("int", -tree[1]), scale
        case exp.Placeholder():
            return _parameter(node)
        case exp.Anonymous():
            return _shifted(node)
    if type(node) in _ARITHMETIC:
        return _arithmetic(_ARITHMETIC[type(node)], node, kind)
    raise _refused(node)


def _column_operand(column: Column) -> tuple[str, Tree, int]:
    tree: Tree = ("col", column.name)
    match column.type:
        case "decimal":
            return "number", tree, SCALE
        case "integer":
            return "number", tree, 0
        case "date":
            return "date", tree, 0
        case "flag":
            raise PredicateError("rules.predicate_flag_value", column=column.name)
    return "text", tree, 0


def _literal(node: exp.Literal, hint: Column | None) -> tuple[str, Tree, int]:
    if not node.is_string:
        value = Decimal(str(node.this)).normalize()
        exponent = value.as_tuple().exponent
        assert isinstance(exponent, int)
        places = max(0, -exponent)
        return "number", ("int", int(value.scaleb(places))), places
    text = str(node.this)
    if hint is not None and hint.type == "date":
        if not _ISO.match(text):
            raise PredicateError("rules.predicate_date", text=text)
        return "date", ("text", text), 0
    if hint is not None and hint.type == "choice" and text not in hint.choices:
        raise PredicateError(
            "rules.predicate_choice", value=text, column=hint.name, allowed=", ".join(hint.choices)
        )
    return "text", ("text", text), 0


def _parameter(node: exp.Placeholder) -> tuple[str, Tree, int]:
    name = str(node.this).removeprefix("p_")
    if name not in ("on", "from"):
        raise PredicateError("rules.predicate_parameter", name=node.sql())
    return "date", ("param", name), 0


def _shifted(node: exp.Anonymous) -> tuple[str, Tree, int]:
    name = str(node.this).lower()
    arguments = node.expressions
    if name not in _SHIFTS or len(arguments) != 2:
        raise PredicateError("rules.predicate_function", name=node.sql(), allowed=", ".join(sorted(_SHIFTS)))
    base, amount = arguments
    if (
        not isinstance(base, exp.Placeholder)
        or not isinstance(amount, exp.Literal)
        or not amount.this.isdigit()
    ):
        raise PredicateError("rules.predicate_function", name=node.sql(), allowed=", ".join(sorted(_SHIFTS)))
    sign, unit = _SHIFTS[name]
    start = _parameter(base)[1][1]
    return "date", ("param", f"{start}{sign * int(amount.this):+d}{unit}"), 0


def _arithmetic(op: str, node: exp.Expr, kind: Kind) -> tuple[str, Tree, int]:
    left_type, left, left_scale = _operand(node.this, kind, None)
    right_type, right, right_scale = _operand(node.expression, kind, None)
    if left_type != "number" or right_type != "number":
        raise PredicateError(
            "rules.predicate_types",
            left=node.this.sql(),
            left_type=left_type,
            right=node.expression.sql(),
            right_type=right_type,
        )
    if op == "*":
        if "int" not in (left[0], right[0]):
            raise PredicateError("rules.predicate_product", found=node.sql())
        return "number", ("*", left, right), left_scale + right_scale
    scale = max(left_scale, right_scale)
    return "number", (op, rescaled(left, left_scale, scale), rescaled(right, right_scale, scale)), scale


def parse_arithmetic(text: str, value_of: Callable[[str], tuple[Tree, int]]) -> tuple[str, Tree, Tree]:
    """The comparison of a `compare` check: operator and two integer trees of one scale.

    `value_of` gives tree and scale of a name; it raises PredicateError for an unknown one.
    """
    node = _parsed(text)
    if type(node) not in _COMPARISONS:
        raise PredicateError("rules.compare_needs_comparison", text=text)
    left, left_scale = _number(node.this, value_of)
    right, right_scale = _number(node.expression, value_of)
    scale = max(left_scale, right_scale)
    return _COMPARISONS[type(node)], rescaled(left, left_scale, scale), rescaled(right, right_scale, scale)


def _number(node: exp.Expr, value_of: Callable[[str], tuple[Tree, int]]) -> tuple[Tree, int]:
    if isinstance(node, exp.Paren):
        return _number(node.this, value_of)
    if isinstance(node, exp.Column):
        return value_of(node.name)
    if isinstance(node, exp.Literal) and not node.is_string:
        _, tree, scale = _literal(node, None)
        return tree, scale
    if type(node) in _ARITHMETIC:
        op = _ARITHMETIC[type(node)]
        (left, left_scale), (right, right_scale) = (
            _number(node.this, value_of),
            _number(node.expression, value_of),
        )
        if op == "*":
            return ("*", left, right), left_scale + right_scale
        scale = max(left_scale, right_scale)
        return (op, rescaled(left, left_scale, scale), rescaled(right, right_scale, scale)), scale
    raise _refused(node)
