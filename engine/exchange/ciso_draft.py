"""A framework from elsewhere as the draft of a ruleset."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shall.engine.draft import Draft
from shall.engine.exchange.files import ExchangeError, Report, yaml_scalar
from shall.engine.exchange.oscal_read import KEY, modality_of, titled
from shall.engine.exchange.plain import ruleset_files
from shall.engine.models import Provision
from shall.engine.source import fingerprint
from shall.texts import say

_LEFT = (
    "questions", "reference_controls", "threats", "weight", "importance", "min_score", "max_score",
    "scores_definition_ref", "implementation_groups", "annotation", "typical_evidence",
)  # fmt: skip


def draft_of(
    library: Mapping[str, Any], framework: Mapping[str, Any], key: str, path: object, report: Report
) -> Draft:
    """Every assessable node becomes a provision, every other one the title of a clause.

    A node keeps its own number where all of them are addresses; else they are numbered by the tree.
    """
    if not KEY.match(key):
        raise ExchangeError("exchange.bad_key", key=key)
    nodes: list[Mapping[str, Any]] = framework["requirement_nodes"]
    addresses = _addresses(nodes)
    clauses: dict[str, dict[str, str]] = {}
    provisions, comments, prints = [], {}, {}
    for node in nodes:
        address, origin = addresses[str(node["urn"])], str(node.get("ref_id") or node["urn"])
        title = titled(str(node.get("name") or node.get("ref_id") or "-"))
        for name in _LEFT:
            if node.get(name):
                report.leave("fields", f"{origin} {name}")
        if not node["assessable"]:
            clauses[address] = title
            continue
        prose = str(node.get("description") or "").strip()
        modality = modality_of(prose)
        if modality is None:
            report.leave("no_modal", origin)
        provisions.append({"address": address, "modality": modality or "shall", "gist": title})
        comments[address] = f"CISO Assistant {yaml_scalar(origin)}"
        if prose:
            prints[address] = fingerprint(prose)
            report.leave("prose", origin)
    if not provisions:
        raise ExchangeError("exchange.nothing_taken", path=path)
    for name in ("scores_definition", "outcomes_definition", "implementation_groups_definition"):
        if framework.get(name):
            report.leave("fields", name)
    report.take("provisions", len(provisions))
    report.take("clauses", len(clauses))
    head = {
        "key": key,
        "number": str(library.get("name") or say("source.to_write", "en")),
        "title": titled(str(framework.get("name") or library.get("name") or "-")),
        "edition": str(library.get("version")),
        "status": "draft",
        "nature": "requirements",
        **({"clauses": clauses} if clauses else {}),
    }
    return ruleset_files(head, provisions, prints, comments)


def _addresses(nodes: list[Mapping[str, Any]]) -> dict[str, str]:
    """An address for each node: its own reference where every one is an address and none comes twice."""
    own = {str(n["urn"]): str(n.get("ref_id") or "") for n in nodes}
    if all(map(_is_address, own.values())) and len(set(own.values())) == len(own):
        return own
    return dict(_numbered(nodes))


def _is_address(text: str) -> bool:
    from pydantic import ValidationError

    try:
        Provision.model_validate({"address": text, "modality": "can", "gist": {"zh": "-", "en": "-"}})
    except ValidationError:
        return False
    return bool(re.match(r"^\d", text))


def _numbered(nodes: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Numbers by the tree; the parts of the tree that have no parent are chapters."""
    counts: dict[str, int] = {}
    numbers: dict[str, str] = {}
    waiting = list(nodes)
    known = {str(n["urn"]).lower() for n in nodes}
    while waiting:
        later = []
        for node in waiting:
            name, parent = str(node["urn"]), str(node.get("parent_urn") or "").lower()
            if parent and parent in known and parent not in numbers:
                later.append(node)
                continue
            counts[parent] = counts.get(parent, 0) + 1
            above = numbers.get(parent)
            numbers[name.lower()] = f"{above}.{counts[parent]}" if above else str(counts[parent])
            yield name, numbers[name.lower()]
        if len(later) == len(waiting):
            return
        waiting = later
