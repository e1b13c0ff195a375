"""CISO Assistant libraries: frameworks and mapping sets in its format, written, checked and read.

The format is that tool's; what it has no field for stands in a node's annotation, a `name: JSON` line for each value
under a line that says so, and comes back from there. Its loader takes much that is wrong without a word (two nodes of
one URN, parents that do not exist, weights cut to whole numbers): `check_library` refuses that before it gets there.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeGuard

from pydantic import BaseModel, ValidationError

from shall.engine.draft import Draft
from shall.engine.evaluation import canonical
from shall.engine.exchange.files import ExchangeError, Report, Trouble, refuse, trouble
from shall.engine.exchange.ids import first_day, urn
from shall.engine.exchange.oscal import Counterpart
from shall.engine.exchange.plain import (
    content_digest,
    provision_plain,
    ruleset_files,
    standard_plain,
)
from shall.engine.models import Provision, Ruleset, Standard
from shall.texts import LANGUAGES, say

Library = dict[str, Any]
MARK = "shall/1"
"""The line of an annotation below which values of ours stand."""
URN = re.compile(
    r"^urn:[a-zA-Z0-9_-]+:[a-zA-Z0-9_-]+:[a-zA-Z0-9_-]+(?::[a-zA-Z0-9_-]+)?:[0-9A-Za-z\[\]()\-._:]+$",
    re.ASCII,
)
RELATIONSHIPS = ("equal", "subset", "superset", "intersect", "not_related")
RATIONALES = ("syntactic", "semantic", "functional")
NAME, URN_LENGTH, REF_ID = 200, 255, 100
HEAVIEST = 1_000_000

_INVERSE = {"equal": "equal", "subset": "superset", "superset": "subset", "intersect": "intersect"}
_DECLARED = {
    "equal": "equal",
    "stricter": "superset",
    "broader": "superset",
    "incorporates": "superset",
    "looser": "subset",
    "narrower": "subset",
    "incorporated": "subset",
    "overlapping": "intersect",
}
_TEXT, _INT, _BOOL, _LIST, _DICT, _ANY = str, int, bool, list, dict, object

LIBRARY: Mapping[str, type] = {
    "urn": _TEXT, "ref_id": _TEXT, "name": _TEXT, "version": _INT, "objects": _DICT, "locale": _TEXT,
    "description": _TEXT, "copyright": _TEXT, "provider": _TEXT, "packager": _TEXT, "publication_date": _TEXT,
    "dependencies": _LIST, "labels": _LIST, "translations": _DICT,
}  # fmt: skip
OBJECTS: Mapping[str, type] = {
    "framework": _DICT, "frameworks": _LIST, "requirement_mapping_set": _DICT, "requirement_mapping_sets": _LIST,
    "reference_controls": _LIST, "threats": _LIST, "risk_matrices": _LIST, "risk_matrix": _ANY,
    "metric_definitions": _LIST, "preset": _DICT, "workflows": _LIST,
}  # fmt: skip
FRAMEWORK: Mapping[str, type] = {
    "urn": _TEXT, "ref_id": _TEXT, "name": _TEXT, "description": _TEXT, "min_score": _INT, "max_score": _INT,
    "scores_definition": _ANY, "implementation_groups_definition": _LIST, "outcomes_definition": _LIST,
    "field_visibility": _DICT, "requirement_nodes": _LIST, "translations": _DICT,
}  # fmt: skip
NODE: Mapping[str, type] = {
    "urn": _TEXT, "parent_urn": _TEXT, "ref_id": _TEXT, "name": _TEXT, "description": _TEXT, "annotation": _TEXT,
    "typical_evidence": _TEXT, "assessable": _BOOL, "depth": _INT, "weight": _INT, "importance": _ANY,
    "implementation_groups": _LIST, "questions": _DICT, "reference_controls": _LIST, "threats": _LIST,
    "min_score": _INT, "max_score": _INT, "scores_definition_ref": _TEXT, "translations": _DICT,
}  # fmt: skip
SET: Mapping[str, type] = {
    "urn": _TEXT, "ref_id": _TEXT, "name": _TEXT, "description": _TEXT, "source_framework_urn": _TEXT,
    "target_framework_urn": _TEXT, "requirement_mappings": _LIST, "translations": _DICT,
}  # fmt: skip
MAPPING: Mapping[str, type] = {
    "source_requirement_urn": _TEXT, "target_requirement_urn": _TEXT, "relationship": _TEXT, "rationale": _TEXT,
    "strength_of_relationship": _INT, "annotation": _TEXT,
}  # fmt: skip


# --- written ----------------------------------------------------------------------------------------


def framework_library(
    ruleset: Ruleset, version: int = 1, weights: Mapping[str, Fraction] | None = None
) -> tuple[Library, Report]:
    """The library of one framework, and what of the ruleset stands in annotations for want of a field.

    `version` must grow with every change: that tool updates by it. `weights` by address are what a scored
    indicator counts; they become whole numbers in the same proportions, or are refused.
    """
    key, head, report = ruleset.key, ruleset.standard, Report()
    written = first_day(head.published) or first_day(head.in_force)
    kept = {k: v for k, v in standard_plain(head).items() if k != "clauses"}
    prose = "\n".join(say("exchange.paraphrase", lang) for lang in LANGUAGES)
    kept["content"] = content_digest(map(provision_plain, ruleset.provisions))
    strays = ruleset.fingerprints.keys() - {p.address for p in ruleset.provisions}
    kept |= {"fingerprints": {a: ruleset.fingerprints[a] for a in sorted(strays)}} if strays else {}
    library: Library = {
        "urn": urn("library", key),
        "locale": "zh",
        "ref_id": key,
        "name": _cut(f"{head.number} {head.title.zh}", NAME),
        "description": f"{prose}\n{_annotation(kept)}",
        "copyright": say("exchange.copyright", "en"),
        "version": version,
        **({"publication_date": written} if written else {}),
        "provider": "shall",
        "packager": "shall",
        "translations": {"en": {"name": _cut(f"{head.number} {head.title.en}", NAME)}},
        "objects": {"framework": _framework(ruleset, report, whole_numbers(weights or {}))},
    }
    return library, report


def _framework(ruleset: Ruleset, report: Report, weights: Mapping[str, int]) -> dict[str, Any]:
    head = ruleset.standard
    return {
        "urn": urn("framework", ruleset.key),
        "ref_id": ruleset.key,
        "name": _cut(f"{head.number} {head.title.zh}", NAME),
        "description": head.title.zh,
        "min_score": 0,
        "max_score": 100,
        "implementation_groups_definition": [
            {
                "ref_id": group,
                "name": say(
                    f"exchange.select_{group}" if group == "shall" else "exchange.group_should", "zh"
                ),
                "default_selected": True,
                "translations": {
                    "en": {
                        "name": say(
                            f"exchange.select_{group}" if group == "shall" else "exchange.group_should", "en"
                        )
                    }
                },
            }
            for group in ("shall", "should")
        ],
        "translations": {
            "en": {"name": _cut(f"{head.number} {head.title.en}", NAME), "description": head.title.en}
        },
        "requirement_nodes": list(_nodes(ruleset, report, weights)),
    }


def _nodes(ruleset: Ruleset, report: Report, weights: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Clauses as they stand in the head, each followed by its provisions, which hang below it."""
    key, titles = ruleset.key, ruleset.standard.clauses
    own: dict[str, list[tuple[int, Provision]]] = {clause: [] for clause in titles}
    for place, provision in enumerate(ruleset.provisions):
        own.setdefault(provision.clause, []).append((place, provision))
    place, in_order = 0, True
    for clause, provisions in own.items():
        yield _clause(key, clause, own, titles.get(clause))
        for at, provision in provisions:
            in_order &= at == place
            place += 1
            yield _node(ruleset, at, provision, report, weights)
    if not in_order:
        report.leave("order", key)


def _clause(key: str, clause: str, known: Mapping[str, Any], title: Any) -> dict[str, Any]:
    above = clause.rpartition(".")[0]
    while above and above not in known:
        above = above.rpartition(".")[0]
    node: dict[str, Any] = {"urn": urn("req_node", key, f"clause-{clause}"), "assessable": False}
    node |= {"depth": clause.count(".") + 1, "ref_id": clause}
    if above:
        node["parent_urn"] = urn("req_node", key, f"clause-{above}")
    if title:
        node["name"] = _cut(title.zh, NAME)
        node["translations"] = {"en": {"name": _cut(title.en, NAME)}}
        if max(len(title.zh), len(title.en)) > NAME:
            node["annotation"] = _annotation({"title": {"zh": title.zh, "en": title.en}})
    return node


def _node(
    ruleset: Ruleset, place: int, p: Provision, report: Report, weights: Mapping[str, int]
) -> dict[str, Any]:
    plain = provision_plain(p)
    kept = {"place": place} | {k: v for k, v in plain.items() if k not in ("address", "gist")}
    if p.address in ruleset.fingerprints:
        kept["fingerprint"] = ruleset.fingerprints[p.address]
    for name in kept.keys() - {"place"}:
        report.take(f"annotation_{'other' if name not in ('requires', 'reading') else name}")
    expected = [r["expects"] for r in plain.get("requires", ()) if "expects" in r]
    node: dict[str, Any] = {
        "urn": urn("req_node", ruleset.key, p.address),
        "assessable": p.weight != "info",
        "depth": p.clause.count(".") + 2,
        "parent_urn": urn("req_node", ruleset.key, f"clause-{p.clause}"),
        "ref_id": p.address,
        "description": p.gist.zh,
        "annotation": _annotation(kept),
        "translations": {"en": {"description": p.gist.en}},
    }
    if expected:
        node["typical_evidence"] = "\n".join(dict.fromkeys(f"{e['zh']} / {e['en']}" for e in expected))
    if p.weight != "info":
        node["implementation_groups"] = [p.weight]
    if p.address in weights:
        node["weight"] = weights[p.address]
    return node


def _annotation(values: Mapping[str, Any]) -> str:
    return "\n".join([MARK, *(f"{name}: {canonical(value)}" for name, value in values.items())])


def whole_numbers(weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Weights in the same proportions as the smallest whole numbers: that tool cuts off what follows the point.

    >>> whole_numbers({"a": Fraction(1, 20), "b": Fraction(1, 8)})
    {'a': 2, 'b': 5}
    """
    if not weights:
        return {}
    if any(w <= 0 for w in weights.values()):
        raise ExchangeError("exchange.bad_weight", value=min(weights.values()))
    common = math.lcm(*(w.denominator for w in weights.values()))
    raw = {a: int(w * common) for a, w in weights.items()}
    divisor = math.gcd(*raw.values())
    found = {a: n // divisor for a, n in raw.items()}
    if max(found.values()) > HEAVIEST:
        raise ExchangeError("exchange.bad_weight", value=max(found.values()))
    return found


def mapping_libraries(
    titles: Mapping[str, str], counterparts: Iterable[Counterpart], version: int = 1
) -> tuple[dict[str, Library], Report]:
    """A mapping library for each pair of standards, both directions in it; and what could not be said as it is.

    That tool copies a result over `equal` and `superset`. So only what a standard's own text says, what was reviewed,
    and what asks exactly the same goes out as such; any other relation that was merely computed becomes `intersect`,
    the computed one standing in the annotation.
    """
    report = Report()
    pairs: dict[tuple[str, str], dict[tuple[str, str], dict[str, Any]]] = {}
    for one in counterparts:
        source, target = one.left.partition(":")[0], one.right.partition(":")[0]
        if one.relation not in _DECLARED or source == target or {source, target} - titles.keys():
            raise ExchangeError(
                "exchange.bad_counterpart", left=one.left, right=one.right, relation=one.relation
            )
        if (target, source) in pairs:
            source, target = target, source
        found = pairs.setdefault((source, target), {})
        made = _mapping(one, report)
        if one.left.startswith(f"{source}:"):
            found.setdefault((one.left, one.right), made)
        else:
            found.setdefault((one.right, one.left), _reverted(made))
    return {
        f"{source}-{target}": _mapping_library(source, target, titles, list(found.values()), version)
        for (source, target), found in pairs.items()
    }, report


def _mapping(one: Counterpart, report: Report) -> dict[str, Any]:
    declared = _DECLARED[one.relation]
    certain = one.origin in ("text", "reviewed") or (one.origin == "computed" and one.relation == "equal")
    if not certain and declared != "intersect":
        declared = "intersect"
        report.leave("weakened", f"{one.left} {one.relation} {one.right}")
    kept = {"relation": one.relation, "origin": one.origin} | ({"why": dict(one.why)} if one.why else {})
    return {
        "source_requirement_urn": _requirement_urn(one.left),
        "target_requirement_urn": _requirement_urn(one.right),
        "relationship": declared,
        "rationale": "functional" if one.origin == "text" else "semantic",
        "strength_of_relationship": max(0, min(10, one.strength)),
        "annotation": _annotation(kept),
    }


def _requirement_urn(reference: str) -> str:
    return urn("req_node", *reference.split(":", 1))


def _reverted(made: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **made,
        "source_requirement_urn": made["target_requirement_urn"],
        "target_requirement_urn": made["source_requirement_urn"],
        "relationship": _INVERSE[made["relationship"]],
        "annotation": _annotation({"reverted": True, **_kept(made["annotation"])}),
    }


def _mapping_library(
    source: str, target: str, titles: Mapping[str, str], mappings: list[dict[str, Any]], version: int
) -> Library:
    name = f"{source}-to-{target}"
    sets = [_set(source, target, titles, name, mappings)]
    sets.append(_set(target, source, titles, f"{name}-revert", [_reverted(m) for m in mappings]))
    return {
        "urn": urn("library", f"mapping-{name}"),
        "locale": "zh",
        "ref_id": f"mapping-{name}",
        "name": _cut(f"{titles[source]} → {titles[target]}", NAME),
        "description": "\n".join(say("exchange.mapping_how", lang) for lang in LANGUAGES),
        "copyright": say("exchange.copyright", "en"),
        "version": version,
        "provider": "shall",
        "packager": "shall",
        "dependencies": [urn("library", source), urn("library", target)],
        "objects": {"requirement_mapping_sets": sets},
    }


def _set(
    source: str, target: str, titles: Mapping[str, str], name: str, mappings: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "urn": urn("req_mapping_set", name),
        "ref_id": name,
        "name": _cut(f"{titles[source]} → {titles[target]}", NAME),
        "source_framework_urn": urn("framework", source),
        "target_framework_urn": urn("framework", target),
        "requirement_mappings": mappings,
    }


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


# --- checked ----------------------------------------------------------------------------------------


def is_library(value: Any) -> bool:
    """Whether a value looks like a library at all."""
    return isinstance(value, dict) and "objects" in value and "urn" in value


def check_library(value: Any, known: Mapping[str, Iterable[str]] | None = None) -> list[Trouble]:
    """Everything wrong with a library, also what that tool's loader would swallow.

    `known` are the node URNs of frameworks by framework URN; a mapping set whose frameworks are neither there nor in
    the library can be checked in shape only.
    """
    if not isinstance(value, dict):
        return [trouble("/", "not_library")]
    found = [*_keys("/", value, LIBRARY, ("urn", "ref_id", "name", "version", "objects"))]
    found += _urn("/urn", value.get("urn"))
    objects = value.get("objects")
    if not isinstance(objects, dict):
        return found
    found += _keys("/objects", objects, OBJECTS, ())
    if not objects:
        found.append(trouble("/objects", "empty"))
    frameworks = _both_forms(objects, "framework", found)
    sets = _both_forms(objects, "requirement_mapping_set", found)
    seen: dict[str, str] = {}
    nodes = {urn.lower(): {n.lower() for n in names} for urn, names in (known or {}).items()}
    declared = None if value.get("dependencies") else _declared_in(objects)
    for at, framework in frameworks:
        inside = _check_framework(at, framework, declared, seen, found)
        nodes[str(framework.get("urn")).lower()] = inside
    pairs: set[tuple[str, str]] = set()
    for at, one in sets:
        _check_set(at, one, nodes, seen, pairs, found)
    return found


def _declared_in(objects: Mapping[str, Any]) -> dict[str, set[str]]:
    """The controls and threats of a library that can have none from another one."""
    return {
        name: {str(o.get("urn")).lower() for o in _listed(objects.get(name)) if isinstance(o, dict)}
        for name in ("reference_controls", "threats")
    }


def _both_forms(
    objects: Mapping[str, Any], name: str, found: list[Trouble]
) -> list[tuple[str, dict[str, Any]]]:
    single, several = objects.get(name), objects.get(f"{name}s")
    if single is not None and several is not None:
        found.append(trouble("/objects", "both_forms", name=name))
    made = [(f"/objects/{name}", single)] if isinstance(single, dict) else []
    for n, one in enumerate(several if isinstance(several, list) else ()):
        at = f"/objects/{name}s/{n}"
        if isinstance(one, dict):
            made.append((at, one))
        else:
            found.append(trouble(at, "wrong_type", name=name, expected="dict"))
    return made


def _keys(
    at: str, value: Mapping[str, Any], known: Mapping[str, type], needed: Sequence[str]
) -> Iterator[Trouble]:
    for name in needed:
        if value.get(name) is None:
            yield trouble(at, "missing_key", name=name)
    for name, one in value.items():
        if name not in known:
            yield trouble(f"{at.rstrip('/')}/{name}", "unknown_key", name=name)
        elif one is not None and not _is(one, known[name]):
            yield trouble(f"{at.rstrip('/')}/{name}", "wrong_type", name=name, expected=known[name].__name__)
    for name, limit in (("name", NAME), ("urn", URN_LENGTH), ("ref_id", REF_ID)):
        one = value.get(name)
        if isinstance(one, str) and len(one) > limit:
            yield trouble(f"{at.rstrip('/')}/{name}", "too_long", length=len(one), limit=limit)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is(value: Any, kind: type) -> bool:
    return _whole(value) if kind is int else isinstance(value, kind)


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _urn(at: str, value: Any) -> Iterator[Trouble]:
    if isinstance(value, str) and not URN.match(value):
        yield trouble(at, "bad_urn", value=value)


def _own(at: str, value: Any, seen: dict[str, str]) -> Iterator[Trouble]:
    """A URN that names something: well formed and not given twice, capital letters apart."""
    yield from _urn(at, value)
    if isinstance(value, str):
        if value.lower() in seen:
            yield trouble(at, "twice", value=value)
        seen[value.lower()] = at


def _check_framework(
    at: str,
    framework: Mapping[str, Any],
    declared: Mapping[str, set[str]] | None,
    seen: dict[str, str],
    found: list[Trouble],
) -> set[str]:
    found += _keys(at, framework, FRAMEWORK, ("urn", "ref_id", "requirement_nodes"))
    found += _own(f"{at}/urn", framework.get("urn"), seen)
    low, high = framework.get("min_score", 0), framework.get("max_score", 100)
    if not (_whole(low) and _whole(high) and 0 <= low < high):
        found.append(trouble(at, "bad_scale", low=low, high=high))
    nodes = [n for n in _listed(framework.get("requirement_nodes")) if isinstance(n, dict)]
    if not nodes:
        found.append(trouble(f"{at}/requirement_nodes", "empty"))
    elif len(nodes) < len(framework["requirement_nodes"]):
        found.append(
            trouble(f"{at}/requirement_nodes", "wrong_type", name="requirement_nodes", expected="dict")
        )
    groups = {
        str(g.get("ref_id"))
        for g in _listed(framework.get("implementation_groups_definition"))
        if isinstance(g, dict)
    }
    inside: set[str] = set()
    parents: dict[str, str] = {}
    for n, node in enumerate(nodes):
        place = f"{at}/requirement_nodes/{n}"
        found += _keys(place, node, NODE, ("urn", "assessable"))
        found += _own(f"{place}/urn", node.get("urn"), seen)
        found += _check_node(place, node, groups, declared)
        name = str(node.get("urn")).lower()
        inside.add(name)
        if isinstance(node.get("parent_urn"), str):
            parents[name] = node["parent_urn"].lower()
    for name, parent in parents.items():
        if parent not in inside:
            found.append(trouble(name, "dangling", value=parent))
    found += [trouble(name, "circle", value=parents[name]) for name in _circling(parents)]
    return inside


def _circling(parents: Mapping[str, str]) -> list[str]:
    """One name of every circle that parents run in."""
    settled: set[str] = set()
    found = []
    for start in parents:
        way: dict[str, None] = {}
        name: str | None = start
        while name is not None and name not in settled and name not in way:
            way[name] = None
            name = parents.get(name)
        if name in way:
            found.append(str(name))
        settled |= way.keys()
    return found


def _check_node(
    at: str, node: Mapping[str, Any], groups: set[str], declared: Mapping[str, set[str]] | None
) -> Iterator[Trouble]:
    weight = node.get("weight")
    if _whole(weight) and weight < 1:
        yield trouble(f"{at}/weight", "weight", value=weight)
    for group in _listed(node.get("implementation_groups")):
        if str(group) not in groups:
            yield trouble(f"{at}/implementation_groups", "dangling", value=group)
    for name, known in (declared or {}).items():
        for one in _listed(node.get(name)):
            if isinstance(one, str) and one.startswith("urn:") and one.lower() not in known:
                yield trouble(f"{at}/{name}", "dangling", value=one)
    low, high = node.get("min_score"), node.get("max_score")
    if low is not None and high is not None and not (_whole(low) and _whole(high) and 0 <= low < high):
        yield trouble(at, "bad_scale", low=low, high=high)


def _check_set(
    at: str,
    one: Mapping[str, Any],
    nodes: Mapping[str, set[str]],
    seen: dict[str, str],
    pairs: set[tuple[str, str]],
    found: list[Trouble],
) -> None:
    needed = ("urn", "name", "source_framework_urn", "target_framework_urn", "requirement_mappings")
    found += _keys(at, one, SET, needed)
    found += _own(f"{at}/urn", one.get("urn"), seen)
    source, target = (str(one.get(f"{side}_framework_urn")).lower() for side in ("source", "target"))
    found += [
        t
        for side in ("source", "target")
        for t in _urn(f"{at}/{side}_framework_urn", one.get(f"{side}_framework_urn"))
    ]
    if source == target:
        found.append(trouble(at, "same_framework", value=source))
    if (source, target) in pairs:
        found.append(trouble(at, "same_pair", value=f"{source} → {target}"))
    pairs.add((source, target))
    mappings = one.get("requirement_mappings")
    if not mappings:
        found.append(trouble(f"{at}/requirement_mappings", "empty"))
    done: set[tuple[str, str]] = set()
    for n, mapping in enumerate(mappings if isinstance(mappings, list) else ()):
        place = f"{at}/requirement_mappings/{n}"
        if not isinstance(mapping, dict):
            found.append(trouble(place, "wrong_type", name="requirement_mappings", expected="dict"))
            continue
        found += _keys(
            place, mapping, MAPPING, ("source_requirement_urn", "target_requirement_urn", "relationship")
        )
        found += _check_mapping(place, mapping, nodes.get(source), nodes.get(target))
        pair = (
            str(mapping.get("source_requirement_urn")).lower(),
            str(mapping.get("target_requirement_urn")).lower(),
        )
        if pair in done:
            found.append(trouble(place, "twice", value=" → ".join(pair)))
        done.add(pair)


def _check_mapping(
    at: str, mapping: Mapping[str, Any], sources: set[str] | None, targets: set[str] | None
) -> Iterator[Trouble]:
    for side, nodes in (("source", sources), ("target", targets)):
        name = mapping.get(f"{side}_requirement_urn")
        yield from _urn(f"{at}/{side}_requirement_urn", name)
        if nodes is not None and isinstance(name, str) and name.lower() not in nodes:
            yield trouble(f"{at}/{side}_requirement_urn", "dangling", value=name)
    for key, allowed in (("relationship", RELATIONSHIPS), ("rationale", RATIONALES)):
        value = mapping.get(key)
        if value is not None and value not in allowed:
            yield trouble(f"{at}/{key}", "relationship", value=value, allowed=", ".join(allowed))
    strength = mapping.get("strength_of_relationship")
    if _whole(strength) and not 0 <= strength <= 10:
        yield trouble(f"{at}/strength_of_relationship", "strength", value=strength)


def nodes_of(library: Mapping[str, Any]) -> dict[str, list[str]]:
    """The node URNs of every framework in a library."""
    ignored: list[Trouble] = []
    return {
        str(f.get("urn")): [
            str(n.get("urn")) for n in _listed(f.get("requirement_nodes")) if isinstance(n, dict)
        ]
        for _, f in _both_forms(_dict(library.get("objects")), "framework", ignored)
    }


# --- read -------------------------------------------------------------------------------------------


def _kept(annotation: Any) -> dict[str, Any]:
    """The values of ours that an annotation carries; none if it is somebody else's."""
    lines = str(annotation or "").split("\n")
    if MARK not in lines:
        return {}
    found: dict[str, Any] = {}
    for one in lines[lines.index(MARK) + 1 :]:
        name, colon, value = one.partition(": ")
        try:
            if colon:
                found[name] = json.loads(value)
        except (ValueError, RecursionError):
            continue
    return found


def is_ours(library: Mapping[str, Any]) -> bool:
    """Whether a library carries the head of a ruleset of ours."""
    return bool(_kept(library.get("description")))


def read_framework(library: Mapping[str, Any], key: str | None, path: object = "-") -> tuple[Draft, Report]:
    """A ruleset folder from a framework: ours comes back whole, another one as a draft to be written.

    Descriptions from elsewhere are somebody's text and are not taken, only their fingerprints. Raises ExchangeError.
    """
    from shall.engine.exchange.ciso_draft import draft_of
    from shall.engine.exchange.oscal_read import renamed

    refuse(path, check_library(library))
    ignored: list[Trouble] = []
    frameworks = _both_forms(library["objects"], "framework", ignored)
    if len(frameworks) != 1:
        raise ExchangeError("exchange.one_framework", path=path, count=len(frameworks))
    report = Report()
    for name in library["objects"]:
        if name not in ("framework", "frameworks"):
            report.leave("objects", name)
    framework = frameworks[0][1]
    head = _kept(library.get("description"))
    if head:
        return _ruleset(framework, renamed(head, key), report, path), report
    return draft_of(library, framework, key or "", path, report), report


def _ruleset(framework: Mapping[str, Any], head: dict[str, Any], report: Report, path: object) -> Draft:
    """The ruleset that a framework of ours carries; raises ExchangeProblems where it has been spoiled."""
    clauses: dict[str, Any] = {}
    placed: list[tuple[int, dict[str, Any]]] = []
    prints: dict[str, str] = {}
    for node in framework["requirement_nodes"]:
        kept, english = _kept(node.get("annotation")), _dict(_dict(node.get("translations")).get("en"))
        if _whole(kept.get("place")):
            plain = {"address": node.get("ref_id"), "gist": _pair(node, english, "description")}
            print_of = kept.pop("fingerprint", None)
            place = kept.pop("place")
            if print_of is not None:
                prints[str(node.get("ref_id"))] = str(print_of)
            placed.append((place, plain | kept))
        elif node.get("name"):
            clauses[str(node.get("ref_id"))] = kept.get("title") or _pair(node, english, "name")
    for name in ("annexes", "scoring"):
        if name in head:
            report.leave("file", str(head[name]))
    report.leave("cases", "cases/")
    strays, content = head.pop("fingerprints", {}), head.pop("content", None)
    prints |= strays if isinstance(strays, dict) else {}
    placed.sort(key=lambda one: one[0])
    head |= {"clauses": clauses} if clauses else {}
    spoiled = [t for node in framework["requirement_nodes"] for t in _spoiled(node)]
    refuse(path, [*spoiled, *_unfit(head, [plain for _, plain in placed])])
    if content != content_digest(_normal(plain) for _, plain in placed):
        report.leave("edited", str(head.get("key")))
    report.take("provisions", len(placed))
    return ruleset_files(head, [plain for _, plain in placed], prints)


def _normal(plain: Mapping[str, Any]) -> dict[str, Any]:
    return provision_plain(Provision.model_validate(plain))


def _spoiled(node: Mapping[str, Any]) -> Iterator[Trouble]:
    """Lines of an annotation that are ours and can no longer be read."""
    lines = str(node.get("annotation") or "").split("\n")
    for one in lines[lines.index(MARK) + 1 :] if MARK in lines else ():
        name, colon, value = one.partition(": ")
        try:
            json.loads(value)
        except (ValueError, RecursionError):
            yield trouble(str(node.get("ref_id")), "spoiled", value=one)
            continue
        if not colon or not re.match(r"^[a-z_]+$", name):
            yield trouble(str(node.get("ref_id")), "spoiled", value=one)


def _unfit(head: Mapping[str, Any], provisions: Sequence[Mapping[str, Any]]) -> Iterator[Trouble]:
    """What an annotation changed elsewhere no longer says properly."""
    checked: list[tuple[str, type[BaseModel], Mapping[str, Any]]] = [("/description", Standard, head)]
    checked += [(str(p["address"]), Provision, p) for p in provisions]
    for at, model, value in checked:
        try:
            model.model_validate(value)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                yield trouble(at, "bad_value", where=".".join(map(str, one["loc"])), why=one["msg"])


def _pair(node: Mapping[str, Any], english: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"zh": node.get(name), "en": english.get(name)}


def read_mappings(library: Mapping[str, Any], path: object = "-") -> tuple[list[Counterpart], Report]:
    """The relations of a mapping library between frameworks of ours; a direction that only reverts another one is
    read once. What is not related, or not ours, is left and told. Raises ExchangeError.
    """
    refuse(path, check_library(library))
    report, ignored = Report(), list[Trouble]()
    found: dict[frozenset[str], Counterpart] = {}
    for _, one in _both_forms(library["objects"], "requirement_mapping_set", ignored):
        for mapping in one["requirement_mappings"]:
            left, right = (_reference(mapping[f"{side}_requirement_urn"]) for side in ("source", "target"))
            shown = f"{mapping['source_requirement_urn']} → {mapping['target_requirement_urn']}"
            kept = _kept(mapping.get("annotation"))
            if left is None or right is None:
                report.leave("not_ours", shown)
            elif mapping["relationship"] == "not_related":
                report.leave("not_related", shown)
            elif frozenset((left, right)) not in found:
                found[frozenset((left, right))] = _counterpart(left, right, mapping, kept)
    if not found:
        raise ExchangeError("exchange.nothing_taken", path=path)
    report.take("relations", len(found))
    return list(found.values()), report


_READ = {"equal": "equal", "superset": "broader", "subset": "narrower", "intersect": "overlapping"}


def _counterpart(left: str, right: str, mapping: Mapping[str, Any], kept: Mapping[str, Any]) -> Counterpart:
    relation = str(kept.get("relation") or _READ[mapping["relationship"]])
    strength = mapping.get("strength_of_relationship", 5)
    why = kept.get("why") if isinstance(kept.get("why"), dict) else None
    if kept.get("reverted"):
        left, right = right, left
    return Counterpart(left, right, relation, strength, str(kept.get("origin") or "imported"), why)


def _reference(node: str) -> str | None:
    """`ruleset:address` of a node of ours, its address in the case the ruleset writes it."""
    match = re.match(r"^urn:shall:risk:req_node:([a-z][a-z0-9_]*):([0-9A-Za-z._-]+)$", node)
    if not match or match[2].startswith("clause-"):
        return None
    from shall.engine.exchange.ids import provision_of

    found = provision_of(f"c-{match[1]}.{match[2]}")
    if found is None:
        return None
    # Labels of lists, notes and annexes are capital letters in an address.
    address = re.sub(r"/([ln])(\d)", lambda m: f"/{m[1].upper()}{m[2]}", found[1])
    address = re.sub(r"^[a-z](?=\.|$|#|/)", lambda m: m[0].upper(), address)
    return f"{found[0]}:{address}"
