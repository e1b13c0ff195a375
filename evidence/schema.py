"""What the rest of the project knows of the kinds: plain values derived from the pydantic models."""

import hashlib
import importlib
import json
import pkgutil
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from pydantic.fields import FieldInfo

from shall.evidence import kinds
from shall.evidence.kinds.base import Pair, Record, about

TYPES: Mapping[type, str] = {str: "text", bool: "flag", int: "integer", Decimal: "decimal", date: "date"}
"""Column type of each Python type; a text with choices is a `choice`."""

ORDER = (
    "context",
    "leadership",
    "review",
    "targets",
    "carbon",
    "support",
    "operation",
    "evaluation",
    "auditing",
    "improvement",
    "factory",
)
"""The modules of kinds in the order of a management system; sheets and reference pages follow it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind: its name, type and what a person is told about it."""

    name: str
    type: str
    zh: str
    en: str
    help: Pair | None = None
    choices: Mapping[str, Pair] = field(default_factory=dict)
    ref: str | None = None
    unit: str | None = None
    example: str | int | bool | None = None
    required: bool = False
    common: bool = False
    expires: bool = False
    settled_by: str | None = None
    latest_per: str | None = None

    def measure(self, lang: str) -> str:
        """The unit as a reader of that language writes it, empty without one."""
        return IN_CHINESE.get(self.unit or "", self.unit or "") if lang == "zh" else self.unit or ""


IN_CHINESE = {"CNY 10 000": "万元"}
"""Units that a Chinese text writes otherwise."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of evidence: its table and its sheet are named after it."""

    name: str
    chapter: str
    zh: str
    en: str
    help: Pair
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((c for c in self.columns if c.name == name), None)


@cache
def models() -> Mapping[str, type[Record]]:
    """Every kind's pydantic model by name, in the order of a management system and of each module's lines."""
    found: dict[str, type[Record]] = {}
    for module in sorted((m.name for m in pkgutil.iter_modules(kinds.__path__)), key=_place):
        loaded = importlib.import_module(f"{kinds.__name__}.{module}")
        for model in vars(loaded).values():
            if (
                isinstance(model, type)
                and issubclass(model, Record)
                and model.__module__ == loaded.__name__
                and model.kind
            ):
                if model.kind in found:
                    raise TypeError(f"two models of kind {model.kind}")
                found[model.kind] = model
    return found


def _place(module: str) -> tuple[int, str]:
    """Sorts modules; one that `ORDER` does not know comes after those it knows."""
    return (ORDER.index(module) if module in ORDER else len(ORDER), module)


@cache
def schema() -> Mapping[str, Kind]:
    """Every kind by name."""
    return {name: _kind(model) for name, model in models().items()}


@cache
def schema_digest() -> str:
    """SHA-256 of all kinds, names, types and choices included; labels and help left out."""
    shape = {
        kind.name: [[c.name, c.type, sorted(c.choices), c.ref, c.required] for c in kind.columns]
        for kind in schema().values()
    }
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()


def kind_as_json(kind: Kind) -> dict[str, object]:
    """The kind as plain JSON values."""
    return asdict(kind)


def _kind(model: type[Record]) -> Kind:
    columns = tuple(_column(name, f, name in Record.model_fields) for name, f in model.model_fields.items())
    own = tuple(c for c in columns if c.name == "id") + tuple(c for c in columns if not c.common)
    return Kind(
        model.kind,
        model.chapter,
        *model.labels,
        model.help,
        own + tuple(c for c in columns if c.common and c.name != "id"),
    )


def _column(name: str, field_info: FieldInfo, common: bool) -> Column:
    said = about(field_info)
    base = field_info.annotation
    if isinstance(base, types.UnionType):
        base = next(part for part in typing.get_args(base) if part is not type(None))
    assert isinstance(base, type), name
    return Column(
        name=name,
        type="choice" if said["choices"] else TYPES[base],
        zh=said["zh"],
        en=said["en"],
        help=said["help"],
        choices=said["choices"] or {},
        ref=said["ref"],
        unit=said["unit"],
        example=said["example"],
        required=field_info.is_required(),
        common=common,
        expires=said["expires"],
        settled_by=said["settled_by"],
        latest_per=said["latest_per"],
    )


def evidence_schema() -> dict[str, object]:
    """JSON Schema of a JSON evidence file: an object with a list of records for each kind."""
    definitions: dict[str, object] = {}
    properties: dict[str, object] = {}
    for name, model in models().items():
        shape = model.model_json_schema()
        shape.pop("$defs", None)
        definitions[name] = shape
        properties[name] = {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": definitions,
    }
