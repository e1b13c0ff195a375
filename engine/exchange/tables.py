"""A description of the tables (Frictionless Data Package, datapackage.json): evidence by kind, and results as CSV."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shall.engine import __version__
from shall.evidence.schema import Column, Kind, schema
from shall.texts import LANGUAGES, say

TYPES: Mapping[str, str] = {
    "text": "string",
    "choice": "string",
    "flag": "boolean",
    "integer": "integer",
    "decimal": "number",
    "date": "date",
}
PROFILE = "https://datapackage.org/profiles/1.0/datapackage.json"


def package(kinds: Sequence[str] | None = None, lang: str = "zh", *, results: bool = True) -> dict[str, Any]:
    """The package: a resource for each kind (all by default), as a folder for `shall import` holds it, and the result.

    A column that names a record of another kind is a foreign key where that kind is in the package. The headings of the
    result are those of that language.
    """
    known = schema()
    chosen = list(known) if kinds is None else list(dict.fromkeys(kinds))
    resources = [_kind(known[name], set(chosen)) for name in chosen]
    if results:
        resources.append(_results(lang))
    return {
        "$schema": PROFILE,
        "name": "shall",
        "title": _two("tables_title"),
        "version": __version__,
        "resources": resources,
    }


def _two(key: str) -> str:
    return " / ".join(say(f"exchange.{key}", lang) for lang in LANGUAGES)


def _kind(kind: Kind, chosen: set[str]) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "fields": [_field(c) for c in kind.columns],
        "missingValues": [""],
        "primaryKey": ["id"],
    }
    keys = [
        {"fields": [c.name], "reference": {"resource": "" if c.ref == kind.name else c.ref, "fields": ["id"]}}
        for c in kind.columns
        if c.ref in chosen
    ]
    if keys:
        shape["foreignKeys"] = keys
    return {
        "name": kind.name,
        "title": f"{kind.zh} / {kind.en}",
        "description": f"{kind.help[0]}\n{kind.help[1]}",
        **_file(f"evidence/{kind.name}.csv"),
        "schema": shape,
    }


def _file(path: str) -> dict[str, Any]:
    return {
        "path": path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
    }


def _field(column: Column) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": column.name,
        "type": TYPES[column.type],
        "title": f"{column.zh} / {column.en}",
    }
    if column.type == "flag":
        made |= {"trueValues": ["true"], "falseValues": ["false"]}
    if column.type == "decimal":
        made |= {"bareNumber": True}
    told = [f"{column.help[0]}\n{column.help[1]}"] if column.help else []
    told += (
        ["\n".join(f"{code}: {zh} / {en}" for code, (zh, en) in column.choices.items())]
        if column.choices
        else []
    )
    if told:
        made["description"] = "\n".join(told)
    limits: dict[str, Any] = {"required": True} if column.required else {}
    limits |= {"unique": True} if column.name == "id" else {}
    limits |= {"enum": list(column.choices)} if column.choices else {}
    if limits:
        made["constraints"] = limits
    if column.unit:
        made["unit"] = column.unit
    return made


def _results(lang: str) -> dict[str, Any]:
    """The CSV of `shall check --format csv`: headings in one language, a byte order mark, CR LF."""
    from shall.engine.reports.rows import PROVISION_COLUMNS
    from shall.engine.verdicts import VERDICTS

    fields = []
    for name in PROVISION_COLUMNS:
        field: dict[str, Any] = {"name": say(f"report.{name}", lang), "type": "string", "title": name}
        if name == "verdict_code":
            field["constraints"] = {"required": True, "enum": list(VERDICTS)}
        if name == "judged_on":
            field |= {"type": "date"}
        fields.append(field)
    key = [say(f"report.{name}", lang) for name in ("ruleset", "address")]
    return {
        "name": "result",
        "title": _two("tables_result"),
        "description": _two("tables_result_how"),
        **_file("result.csv"),
        "dialect": {"lineTerminator": "\r\n"},
        "schema": {"fields": fields, "missingValues": [""], "primaryKey": key},
    }


NAME = re.compile(r"^[a-z0-9._-]+$")
"""What the name of a package or a resource may be."""
