"""Whatever file it is: told apart, checked, taken in."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shall.engine.draft import Draft
from shall.engine.exchange import ciso, oscal_check, oscal_read
from shall.engine.exchange.counterparts import mapping_file, mapping_text
from shall.engine.exchange.files import ExchangeError, Report, Trouble, read_value, refuse, trouble
from shall.engine.reports.json_report import json_text

__all__ = ["Draft", "problems", "take"]

_FATAL = ("exchange.not_oscal", "exchange.too_deep", "exchange.twice", "exchange.no_metadata")


def problems(paths: Sequence[Path]) -> dict[str, list[Trouble]]:
    """What is wrong with each of these files; OSCAL documents are also held against each other, and mapping sets
    against the frameworks that are there. A file that cannot be read at all raises ExchangeError.
    """
    values = {str(path): read_value(path) for path in paths}
    libraries = [v for v in values.values() if ciso.is_library(v)]
    nodes = {
        name: urns
        for v in libraries
        if isinstance(v["objects"], dict)
        for name, urns in ciso.nodes_of(v).items()
    }
    known = oscal_check.ids_of([v for v in values.values() if oscal_check.model_of(v) == "catalog"])
    found: dict[str, list[Trouble]] = {}
    uuids: dict[str, str] = {}
    for path, value in values.items():
        if oscal_check.model_of(value):
            found[path] = oscal_check.check(value, known or None)
            name = str(value[str(oscal_check.model_of(value))].get("uuid"))
            if name in uuids:
                found[path].append(trouble("/", "same_document", value=name, other=uuids[name]))
            uuids[name] = path
        elif ciso.is_library(value):
            found[path] = ciso.check_library(value, nodes)
        else:
            raise ExchangeError("exchange.unknown_format", path=path)
    return found


def take(path: Path, key: str | None, author: str | None, day: str | None) -> tuple[Draft | bytes, Report]:
    """The files of a ruleset, or the content of a result or mapping file, and what could not be taken.

    Raises ExchangeError.
    """
    value = read_value(path)
    model = oscal_check.model_of(value)
    if model:
        return _take_oscal(value, model, key, path)
    if ciso.is_library(value):
        return _take_library(value, key, author, day, path)
    raise ExchangeError("exchange.unknown_format", path=path)


def _take_oscal(value: Any, model: str, key: str | None, path: Path) -> tuple[Draft | bytes, Report]:
    found = oscal_check.check(value)
    if model == "assessment-results":
        refuse(path, [p for p in found if p.key in _FATAL])
        result = oscal_read.read_results(value, path)
        report = Report()
        report.take("findings", len(result["findings"]))
        return json_text(result).encode(), report
    if model != "catalog":
        raise ExchangeError("exchange.cannot_take", path=path, model=model)
    if oscal_read.ours(value):
        refuse(path, found)
        ruleset = oscal_read.read_catalog(value, path)
        files, report = oscal_read.catalog_files(ruleset, key)
        if oscal_read.edited(value, ruleset):
            report.leave("edited", ruleset.key)
        return files, report
    refuse(path, [p for p in found if p.key in _FATAL])
    made, report = oscal_read.draft_of(value, _needed(key), path)
    for one in found:
        report.leave("warning", f"{one.at} {one.key.partition('.')[2]}")
    return made, report


def _needed(key: str | None) -> str:
    if key is None:
        raise ExchangeError("exchange.need_key")
    return key


def _take_library(
    value: Mapping[str, Any], key: str | None, author: str | None, day: str | None, path: Path
) -> tuple[Draft | bytes, Report]:
    objects = value["objects"]
    mappings = isinstance(objects, dict) and (
        "requirement_mapping_sets" in objects or "requirement_mapping_set" in objects
    )
    if not mappings or "framework" in objects or "frameworks" in objects:
        return ciso.read_framework(value, key if ciso.is_ours(value) else _needed(key), path)
    if not author or not day:
        raise ExchangeError("exchange.need_author")
    found, report = ciso.read_mappings(value, path)
    made = mapping_file(found, author, day, str(value.get("name")), report)
    if not made["mappings"]:
        raise ExchangeError("exchange.only_computed", path=path, count=len(found))
    report.taken["relations"] = len(made["mappings"])
    return mapping_text(made).encode(), report
