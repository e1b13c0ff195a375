"""OSCAL 1.2 documents of our rulesets, plans and results, as plain values: the same input, the same bytes.

What OSCAL has no place for stands in `props` and parts of our own namespace; `oscal_read` takes it back.
Dates are days of the standard or of the audit, never the clock. Every reference between documents is relative.
"""

import base64
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from shall.engine import __version__
from shall.engine.evaluation import canonical
from shall.engine.exchange.files import ExchangeError
from shall.engine.exchange.ids import (
    control_id,
    first_day,
    group_id,
    moment,
    of_reference,
    stable_uuid,
    year_in,
)
from shall.engine.exchange.plain import content_digest, provision_plain, standard_plain
from shall.engine.models import Provision, Ruleset
from shall.engine.plan import Plan
from shall.engine.verdicts import VERDICTS
from shall.texts import LANGUAGES, say

NS = "urn:shall:ns"
"""The namespace of our own props and parts."""
VERSION = "1.2.1"
FORMAT = "1"
"""Raised when the documents change for the same input, so that their UUIDs change too."""
WHEN_KEYS = ("profile", "exists", "where", "or_exists", "or_where")
"""What decides whether a provision applies, one property each."""
RELATIONSHIPS = ("equivalent-to", "equal-to", "subset-of", "superset-of", "intersects-with")
Selection = Literal["all", "shall", "applicable"]
Doc = dict[str, Any]

_OF_RELATION = {
    "equal": "equivalent-to",
    "stricter": "superset-of",
    "broader": "superset-of",
    "looser": "subset-of",
    "narrower": "subset-of",
    "overlapping": "intersects-with",
    "incorporates": "superset-of",
    "incorporated": "subset-of",
}
STATES: Mapping[str, tuple[str, str]] = {
    "conforming": ("satisfied", "pass"),
    "nonconforming": ("not-satisfied", "fail"),
    "not_demonstrated": ("not-satisfied", "other"),
    "needs_judgement": ("not-satisfied", "other"),
    "opportunity": ("not-satisfied", "other"),
}
"""State and reason of a finding's target; what is noted or does not apply is no finding."""


NONCONFORMITIES = ("major", "minor")
"""The grades that raise a risk."""


class Counterpart(NamedTuple):
    """How a provision (`ruleset:address`) relates to one of another standard; strength from 1 to 10."""

    left: str
    right: str
    relation: str
    strength: int
    origin: str
    why: Mapping[str, str] | None = None


# --- words of OSCAL ---------------------------------------------------------------------------------

MARK = "\ufeff"
"""The byte order mark: white space to the schema's patterns, not to Python."""


def plain_line(text: str) -> bool:
    """Whether a text may stand as it is where OSCAL asks for one line."""
    if not text or any(c.isspace() or c == MARK for c in (text[0], text[-1])):
        return False
    return not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in text)


def line(text: str) -> str:
    """The text on one line, for titles and names."""
    cleaned = "".join(" " if c == MARK or unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join(cleaned.split()) or "-"


def prop(name: str, value: str, remarks: str | None = None) -> Doc:
    """A property of ours; a value that is not one plain line is written as a JSON text and marked so."""
    if plain_line(value):
        made = {"name": name, "ns": NS, "value": value}
    else:
        made = {"name": name, "ns": NS, "value": _ascii(value), "class": "json"}
    return made | ({"remarks": remarks} if remarks else {})


def _ascii(value: str) -> str:
    import json

    return json.dumps(value)


def pair_part(name: str, pair: Mapping[str, str], part: str | None = None) -> Doc:
    """A part with the Chinese text, and the English one below it."""
    own = {} if name in ("statement", "assessment-objective") else {"ns": NS}
    english: Doc = {"name": "translation", "ns": NS, "class": "en", "prose": pair["en"]}
    if part:
        english = {"id": f"{part}_en", **english}
    return ({"id": part} if part else {}) | {"name": name, **own, "prose": pair["zh"], "parts": [english]}


def _lines(pair: Mapping[str, str]) -> str:
    return f"{pair['zh']}\n{pair['en']}"


def _both(pair: Mapping[str, str]) -> str:
    return line(f"{pair['zh']} / {pair['en']}")


def _say(key: str) -> Mapping[str, str]:
    return {lang: say(f"exchange.{key}", lang) for lang in LANGUAGES}


def _without_empty(value: Doc) -> Doc:
    """OSCAL has no empty lists: what is empty is not there."""
    return {k: v for k, v in value.items() if v not in ([], {}, None)}


def metadata(title: str, day: str, version: str, **more: Any) -> Doc:
    """The head every document has."""
    props = [prop("software", f"shall {__version__}"), *more.pop("props", [])]
    made = {"title": line(title), "last-modified": moment(day), "version": line(version)}
    return made | _without_empty({"oscal-version": VERSION, "props": props, **more})


def _uuid(*parts: str) -> str:
    return stable_uuid("oscal", FORMAT, *parts)


# --- catalog ----------------------------------------------------------------------------------------


def day_of(ruleset: Ruleset | Mapping[str, Any], day: str | None) -> str:
    """The day a standard's own documents bear: published, in force, the year of its edition, else that day."""
    head = standard_plain(ruleset.standard) if isinstance(ruleset, Ruleset) else ruleset
    found = (
        first_day(head.get("published"))
        or first_day(head.get("in_force"))
        or year_in(head.get("edition"))
        or day
    )
    if found is None:
        raise ExchangeError("exchange.no_day", key=head["key"])
    return found


def catalog(ruleset: Ruleset, day: str | None = None) -> Doc:
    """The catalog of a ruleset: a group for each chapter and clause, a control for each provision.

    It holds the ruleset whole, its summaries in our words, its checks and its fingerprints: never the standard's text.
    """
    head, key = standard_plain(ruleset.standard), ruleset.key
    addresses = {p.address for p in ruleset.provisions}
    stray = [f"{a} {f}" for a, f in ruleset.fingerprints.items() if a not in addresses]
    content = content_digest(map(provision_plain, ruleset.provisions))
    props = [
        prop("ruleset", key),
        prop("digest", ruleset.digest),
        prop("content", content),
        *_head_props(head),
    ]
    props += [prop("stray-fingerprint", s) for s in stray]
    number = f"{head['number']} {_both(head['title'])}"
    version = f"{head['edition']}+{ruleset.digest[:12]}"
    remarks = _lines(_say("paraphrase"))
    body = {
        "uuid": _uuid("catalog", key, ruleset.digest),
        "metadata": metadata(number, day_of(ruleset, day), version, props=props, remarks=remarks),
        "groups": _chapters(ruleset, head.get("clauses", {})),
    }
    return {"catalog": _without_empty(body)}


def _head_props(head: Mapping[str, Any]) -> list[Doc]:
    plain = ("number", "edition", "status", "nature", "published", "in_force", "annexes", "scoring")
    props = [prop(name.replace("_", "-"), head[name]) for name in plain if name in head]
    props += [prop("chapter", chapter) for chapter in head["chapters"]]
    for name in ("title", "reading"):
        props += [prop(f"{name}-{lang}", head[name][lang]) for lang in LANGUAGES if name in head]
    return props


def _chapters(ruleset: Ruleset, titles: Mapping[str, Mapping[str, str]]) -> list[Doc]:
    own: dict[str, list[tuple[int, Provision]]] = {clause: [] for clause in titles}
    for place, provision in enumerate(ruleset.provisions):
        own.setdefault(provision.clause, []).append((place, provision))
    chapters: dict[str, list[str]] = {}
    for clause in own:
        chapters.setdefault(clause.split(".")[0], []).append(clause)
    made = []
    for chapter, clauses in chapters.items():
        inner = [
            _group(ruleset, c, "g", titles.get(c), controls=[_control(ruleset, n, p) for n, p in own[c]])
            for c in clauses
            if own[c] or c != chapter
        ]
        made.append(_group(ruleset, chapter, "ch", titles.get(chapter), groups=inner))
    return made


def _group(
    ruleset: Ruleset, clause: str, level: str, title: Mapping[str, str] | None, **inside: list[Doc]
) -> Doc:
    shown = f"{clause} {_both(title)}" if title else clause
    props = [{"name": "label", "value": clause}]
    props += [prop(f"title-{lang}", title[lang]) for lang in LANGUAGES] if title else []
    kind = "chapter" if level == "ch" else "clause"
    made = {"id": group_id(ruleset.key, clause, level), "class": kind, "title": shown, "props": props}
    return made | {k: v for k, v in inside.items() if v}


def _control(ruleset: Ruleset, place: int, p: Provision) -> Doc:
    made = control_id(ruleset.key, p.address)
    plain = provision_plain(p)
    parts = [pair_part("statement", plain["gist"], f"{made}_smt")]
    for n, check in enumerate(plain.get("requires", ()), 1):
        parts.append(_objective(f"{made}_obj-{n}", check))
    for name, field in (("question", "judged"), ("condition", "condition"), ("trigger", "trigger")):
        parts += [pair_part(name, plain[field])] if field in plain else []
    when = plain.get("when", {})
    parts += [pair_part("applies-when", when["says"])] if "says" in when else []
    parts += [pair_part("reading", plain["reading"])] if "reading" in plain else []
    props = [
        {"name": "label", "value": p.address},
        {"name": "sort-id", "value": f"{place:05}"},
        *_control_props(ruleset, p, plain),
    ]
    return {"id": made, "class": p.kind, "title": _both(plain["gist"]), "props": props, "parts": parts}


def _control_props(ruleset: Ruleset, p: Provision, plain: Mapping[str, Any]) -> list[Doc]:
    props = [prop("modality", p.modality), prop("severity", p.weight), prop("kind", p.kind)]
    if p.severity:
        props[1]["class"] = "stated"
    props += [prop("interval", p.interval)] if p.interval else []
    lists = ("doc_info", "refs", "incorporates", "concepts", "look_at")
    props += [prop(name.replace("_", "-"), value) for name in lists for value in plain.get(name, ())]
    if p.when:
        props.append(prop("when", "stated"))
        when = plain.get("when", {})
        props += [prop(f"when-{name}", when[name]) for name in WHEN_KEYS if name in when]
    if p.address in ruleset.fingerprints:
        props.append(prop("fingerprint", ruleset.fingerprints[p.address] or "-"))
    return props


def _objective(part: str, check: Mapping[str, Any]) -> Doc:
    """What evidence is asked for; the check itself stands in a prop, as the ruleset has it."""
    asked = {k: v for k, v in check.items() if k != "expects"}
    props = [prop("requirement", canonical(asked))]
    if "expects" in check:
        return pair_part("assessment-objective", check["expects"], part) | {"props": props}
    return {"id": part, "name": "assessment-objective", "props": props}


# --- profile, mapping, components -------------------------------------------------------------------


def profile(
    ruleset: Ruleset, select: Selection, applicable: Collection[str] = (), day: str | None = None
) -> Doc:
    """A selection from a catalog: all of it, what binds, or the addresses that apply to an organisation."""
    chosen = {
        "all": None,
        "shall": [p.address for p in ruleset.provisions if p.weight == "shall"],
        "applicable": [p.address for p in ruleset.provisions if p.address in applicable],
    }[select]
    if chosen == []:
        raise ExchangeError("exchange.nothing_selected", key=ruleset.key, select=select)
    key, head = ruleset.key, standard_plain(ruleset.standard)
    which: Doc = {"include-all": {}}
    if chosen is not None:
        which = {"include-controls": [{"with-ids": [control_id(key, a) for a in chosen]}]}
    title = f"{head['number']} {_both(head['title'])}: {_both(_say(f'select_{select}'))}"
    props = [prop("ruleset", key), prop("selection", select)]
    return {
        "profile": {
            "uuid": _uuid("profile", key, ruleset.digest, select, canonical(chosen)),
            "metadata": metadata(title, day_of(ruleset, day), ruleset.digest[:12], props=props),
            "imports": [{"href": catalog_path(key, up=True), **which}],
            "merge": {"as-is": True},
        }
    }


def catalog_path(key: str, *, up: bool = False) -> str:
    """Where a standard's catalog lies in the folder of documents; `up` as seen from a sibling document."""
    return f"{'../../' if up else ''}catalogs/{key}/catalog.json"


def incorporations(plan: Plan) -> list[Counterpart]:
    """What the standards themselves say: a provision that asks for a clause of another standard to be met."""
    return [
        Counterpart(p.id, plan.provisions[i].id, "incorporates", 10, "text")
        for p in plan.provisions
        for i in p.incorporated
        if plan.provisions[i].ruleset != p.ruleset
    ]


def mapping_collection(
    plan: Plan,
    counterparts: Iterable[Counterpart],
    unmatched: Iterable[tuple[str, str]],
    day: str | None = None,
) -> Doc | None:
    """How the provisions of the standards relate, a mapping for each pair of standards; None where nothing does.

    `unmatched` are provisions without counterpart, each with the standard that has none.
    """
    known = {p.id for p in plan.provisions}
    pairs: dict[tuple[str, str], list[Doc]] = {}
    written: set[tuple[str, str]] = set()
    for one in counterparts:
        if one.relation not in _OF_RELATION or not {one.left, one.right} <= known:
            raise ExchangeError(
                "exchange.bad_counterpart", left=one.left, right=one.right, relation=one.relation
            )
        if (one.left, one.right) not in written:
            written.add((one.left, one.right))
            pairs.setdefault((_key(one.left), _key(one.right)), []).append(_map(one))
    gaps: dict[tuple[str, str], list[str]] = {}
    for left, standard in unmatched:
        gaps.setdefault((_key(left), standard), []).append(of_reference(left))
    mappings = [
        _mapping(plan, pair, maps, gaps.get(pair, []), gaps.get((pair[1], pair[0]), []))
        for pair, maps in pairs.items()
    ]
    if not mappings:
        return None
    days = [day_of(plan.standards[key], day) for pair in pairs for key in pair]
    digest = canonical([m["uuid"] for m in mappings])
    version = stable_uuid(canonical(mappings))[:8]
    body = {
        "uuid": _uuid("mapping-collection", digest, version),
        "metadata": metadata(_both(_say("mapping_title")), max(days), version),
        "provenance": {
            "method": "automation",
            "matching-rationale": "semantic",
            "status": "complete",
            "mapping-description": _lines(_say("mapping_how")),
        },
        "mappings": mappings,
    }
    return {"mapping-collection": body}


def _key(reference: str) -> str:
    return reference.partition(":")[0]


def _map(one: Counterpart) -> Doc:
    props = [prop("relation", one.relation), prop("strength", str(one.strength)), prop("origin", one.origin)]
    made = {
        "uuid": _uuid("map", one.left, one.right, one.relation),
        "relationship": _OF_RELATION[one.relation],
        "matching-rationale": "functional" if one.relation == "incorporates" else "semantic",
        "sources": [{"type": "control", "id-ref": of_reference(one.left)}],
        "targets": [{"type": "control", "id-ref": of_reference(one.right)}],
        "props": props,
    }
    return made | ({"remarks": _lines(one.why)} if one.why else {})


def _mapping(
    plan: Plan, pair: tuple[str, str], maps: list[Doc], only_source: list[str], only_target: list[str]
) -> Doc:
    source, target = pair
    made: Doc = {
        "uuid": _uuid("mapping", *pair, plan.standards[source]["digest"], plan.standards[target]["digest"]),
        "source-resource": {"type": "catalog", "href": catalog_path(source, up=True)},
        "target-resource": {"type": "catalog", "href": catalog_path(target, up=True)},
        "maps": maps,
    }
    for side, alone in (("source", only_source), ("target", only_target)):
        if alone:
            unmapped = [{"with-ids": alone}]
            made[f"{side}-gap-summary"] = {"uuid": _uuid("gap", side, *pair), "unmapped-controls": unmapped}
    return made


def component_definition(plan: Plan, day: str | None = None) -> Doc:
    """Which kind of evidence answers which provision: a component for each kind."""
    uses: dict[str, dict[str, list[tuple[str, Mapping[str, str]]]]] = {}
    for p in plan.provisions:
        for requirement in (plan.requirements[i] for i in p.requirements):
            for kind in requirement.kinds:
                uses.setdefault(kind, {}).setdefault(p.ruleset, []).append((p.id, requirement.expects))
    components = [_component(plan, kind, uses[kind]) for kind in sorted(uses)]
    days = [day_of(head, day) for head in plan.standards.values()]
    body = {
        "uuid": _uuid("component-definition", plan.digest),
        "metadata": metadata(_both(_say("components_title")), max(days), plan.digest[:12]),
        "components": components,
    }
    return {"component-definition": _without_empty(body)}


def _component(plan: Plan, kind: str, uses: Mapping[str, Sequence[tuple[str, Mapping[str, str]]]]) -> Doc:
    implementations = []
    for ruleset, asked in uses.items():
        controls: dict[str, list[str]] = {}
        for reference, expects in asked:
            controls.setdefault(reference, []).append(f"{expects['zh']}\n{expects['en']}")
        requirements = [
            {
                "uuid": _uuid("implemented", kind, reference),
                "control-id": of_reference(reference),
                "description": "\n".join(dict.fromkeys(texts)),
            }
            for reference, texts in controls.items()
        ]
        implementations.append({
            "uuid": _uuid("implementation", kind, ruleset),
            "source": catalog_path(ruleset, up=True),
            "description": _lines(_say("answers")),
            "implemented-requirements": requirements,
        })  # fmt: skip
    return {
        "uuid": _uuid("kind", kind),
        "type": "evidence",
        "title": _both(plan.kinds[kind]),
        "description": "\n".join(plan.kinds[kind][lang] for lang in LANGUAGES),
        "props": [prop("kind", kind)],
        "control-implementations": implementations,
    }


# --- assessment plan --------------------------------------------------------------------------------


def assessment_plan(
    plan: Plan, day: str, organisation: str | None = None, applicable: Collection[str] | None = None
) -> Doc:
    """What is looked at on the day: every provision that binds, with what its evidence should show.

    `applicable` limits it to these (`ruleset:address`).
    """
    shown = [
        p
        for p in plan.provisions
        if p.ruleset in plan.asked and p.severity != "info" and (applicable is None or p.id in applicable)
    ]
    if not shown:
        raise ExchangeError("exchange.nothing_selected", key=", ".join(plan.asked), select="applicable")
    which = [organisation or "-", day, plan.digest, canonical([p.id for p in shown])]
    nothing = _uuid("no-ssp")
    activities = [_activity(plan, p.id) for p in shown]
    everything = [{"type": "component", "include-all": {}}]
    task = {
        "uuid": _uuid("task", *which),
        "type": "action",
        "title": _both(_say("task")),
        "timing": {"on-date": {"date": moment(day)}},
        "associated-activities": [{"activity-uuid": a["uuid"], "subjects": everything} for a in activities],
    }
    title = f"{_both(_say('plan_title'))}: {', '.join(plan.standards[k]['number'] for k in plan.asked)}"
    party = _parties(organisation, organisation) if organisation else {}
    body = {
        "uuid": _uuid("assessment-plan", *which),
        "metadata": metadata(title, day, plan.digest[:12], **party),
        "import-ssp": {"href": f"#{nothing}"},
        "local-definitions": {"activities": activities},
        "reviewed-controls": _reviewed([p.id for p in shown]),
        "assessment-subjects": everything,
        "tasks": [task],
        "back-matter": {"resources": [_no_ssp(nothing)]},
    }
    return {"assessment-plan": body}


def _no_ssp(uuid: str) -> Doc:
    told = _say("no_ssp")
    return {"uuid": uuid, "title": _both(told), "description": _lines(told)}


def _activity(plan: Plan, reference: str) -> Doc:
    ruleset, address = reference.split(":", 1)
    p = plan.provision(ruleset, address)
    assert p is not None
    expected = [
        f"{plan.requirements[i].expects['zh']}\n{plan.requirements[i].expects['en']}" for i in p.requirements
    ]
    asked = [f"{p.judged['zh']}\n{p.judged['en']}"] if p.judged else []
    kinds = dict.fromkeys((*(k for i in p.requirements for k in plan.requirements[i].kinds), *p.look_at))
    props = [prop("method", "EXAMINE"), *(prop("kind", kind) for kind in kinds)]
    return {
        "uuid": _uuid("activity", reference),
        "title": line(f"{reference} {_both(p.gist)}"),
        "description": "\n".join(dict.fromkeys((*expected, *asked))) or _both(p.gist),
        "props": props,
        "related-controls": _reviewed([reference]),
    }


def _reviewed(references: Sequence[str]) -> Doc:
    if not references:
        return {"control-selections": [{"include-all": {}}]}
    return {
        "control-selections": [{"include-controls": [{"control-id": of_reference(r)} for r in references]}]
    }


# --- results ----------------------------------------------------------------------------------------


def _parties(organisation: str, name: str | None, people: Iterable[str] = ()) -> Doc:
    """The organisation and the persons that judged, as parties with roles."""
    party = _uuid("organisation", organisation)
    parties = [{"uuid": party, "type": "organization", "name": line(name or organisation),
                "props": [prop("organisation", organisation)]}]  # fmt: skip
    parties += [
        {
            "uuid": _uuid("person", organisation, who),
            "type": "person",
            "name": line(who),
            "props": [prop("person", who)],
        }
        for who in sorted(set(people))
    ]
    roles = [{"id": role, "title": _both(_say(f"role_{role}"))} for role in ("assessed", "assessor")]
    assessors = [str(p["uuid"]) for p in parties[1:]]
    responsible = [{"role-id": "assessed", "party-uuids": [party]}]
    responsible += [{"role-id": "assessor", "party-uuids": assessors}] if assessors else []
    return {"roles": roles, "parties": parties, "responsible-parties": responsible}


class _Made(NamedTuple):
    """What results and the plan of action share."""

    observations: dict[str, list[Doc]]
    findings: dict[str, Doc]
    risks: dict[str, Doc]
    tool: Doc
    head: Doc


def assessment_results(result: Mapping[str, Any], plan_path: str) -> Doc:
    """The results of one evaluation; `plan_path` is where its assessment plan lies, as seen from here.

    The result itself goes along in the back matter, so that nothing is lost on the way.
    """
    made = _made(result)
    seal, copy = result["receipt"]["result"], _uuid("result", result["receipt"]["result"])
    reviewed = [_id(p) for p in _all(result) if p["severity"] != "info" and p["verdict"] != "not_applicable"]
    about = _both(_say("results_title"))
    body = {
        "uuid": _uuid("one-result", seal),
        "title": line(f"{about}: {', '.join(s['number'] for s in result['standards'])}"),
        "description": _lines(_say("results_how")),
        "start": moment(result["from"]),
        "end": moment(result["on"]),
        "props": _result_props(result),
        "links": [{"href": f"#{copy}", "rel": "reference"}],
        "local-definitions": {"assessment-assets": {"assessment-platforms": [made.tool]}},
        "reviewed-controls": _reviewed(reviewed),
        "observations": [
            *(o for group in made.observations.values() for o in group),
            *_contradictions(result),
        ],
        "risks": list(made.risks.values()),
        "findings": list(made.findings.values()),
    }
    content = base64.b64encode(canonical(result).encode()).decode()
    resource = {
        "uuid": copy,
        "title": "result.json",
        "description": _lines(_say("embedded")),
        "props": [prop("result", seal)],
        "base64": {"filename": "result.json", "media-type": "application/json", "value": content},
    }
    document = {
        "uuid": _uuid("assessment-results", seal),
        "metadata": made.head,
        "import-ap": {"href": plan_path},
        "results": [_without_empty(body)],
        "back-matter": {"resources": [resource]},
    }
    return {"assessment-results": document}


def action_plan(result: Mapping[str, Any]) -> Doc | None:
    """The plan of action and milestones: an item for each finding; None where there is none."""
    if not result["findings"]:
        return None
    made, seal = _made(result), result["receipt"]["result"]
    owner, nothing = result["organisation"]["id"], _uuid("no-ssp")
    items, observations, findings, risks = [], [], [], []
    for found in result["findings"]:
        reference, criteria = found["id"], _criteria(found)
        own = [one for id in criteria for one in made.observations.get(id, [])]
        item = {
            "uuid": _uuid("item", owner, reference),
            "title": line(f"{reference} {_both(found['criterion'])}"),
            "description": f"{found['statement']['zh']}\n{found['statement']['en']}",
            "props": [prop("grade", found["grade"]), prop("rule", found["rule"]),
                      *(prop("cites", cited) for cited in found["cites"])],
            "related-findings": [],
            "related-observations": [{"observation-uuid": o["uuid"]} for o in own],
            "related-risks": [],
        }  # fmt: skip
        observations += own
        about = [made.findings[id] for id in criteria if id in made.findings]
        findings += about
        item["related-findings"] = [{"finding-uuid": one["uuid"]} for one in about]
        if reference in made.risks:
            risks.append(made.risks[reference])
            item["related-risks"] = [{"risk-uuid": made.risks[reference]["uuid"]}]
        items.append(_without_empty(item))
    body = {
        "uuid": _uuid("poam", seal),
        "metadata": made.head,
        "import-ssp": {"href": f"#{nothing}"},
        "system-id": {"identifier-type": "urn:shall:organisation", "id": line(owner)},
        "local-definitions": {"assessment-assets": {"assessment-platforms": [made.tool]}},
        "observations": observations,
        "risks": risks,
        "findings": findings,
        "poam-items": items,
        "back-matter": {"resources": [_no_ssp(nothing)]},
    }
    return {"plan-of-action-and-milestones": _without_empty(body)}


def _all(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*result["provisions"], *result["incorporated"]]


def _id(provision: Mapping[str, Any]) -> str:
    return f"{provision['ruleset']}:{provision['address']}"


def _criteria(found: Mapping[str, Any]) -> list[str]:
    """Every provision whose gap a finding tells, its own first."""
    return list(dict.fromkeys((found["id"], *(c["id"] for c in found.get("criteria", ())))))


def _made(result: Mapping[str, Any]) -> _Made:
    owner, name = result["organisation"]["id"], result["organisation"]["name"]
    people = {p["judgement"]["judged_by"] for p in _all(result) if p["judgement"]}
    tool: Doc = {"uuid": _uuid("tool"), "title": line(result["receipt"]["software"])}
    observations = {_id(p): _observations(p, result, tool["uuid"]) for p in _all(result)}
    risks = {
        f["id"]: _risk(f, owner, tool["uuid"], [o for id in _criteria(f) for o in observations.get(id, [])])
        for f in result["findings"]
        if f["grade"] in NONCONFORMITIES
    }
    told = {id: risks.get(f["id"]) for f in result["findings"] for id in _criteria(f)}
    findings = {
        _id(p): _finding(p, owner, observations[_id(p)], told.get(_id(p)))
        for p in _all(result)
        if p["verdict"] in STATES
    }
    title = f"{name or owner}: {', '.join(s['number'] for s in result['standards'])}"
    head = metadata(title, result["on"], result["receipt"]["result"][:12], **_parties(owner, name, people))
    return _Made(observations, findings, risks, tool, head)


def _observations(p: Mapping[str, Any], result: Mapping[str, Any], tool: str) -> list[Doc]:
    """One for each requirement, with the records it looked at; one for what a person judged."""
    owner, day = result["organisation"]["id"], moment(result["on"])
    by_tool = [{"actors": [{"type": "assessment-platform", "actor-uuid": tool}]}]
    made = []
    for n, requirement in enumerate(p["requirements"], 1):
        evidence = [_evidence(ref, _role(ref, requirement)) for ref in _looked_at(requirement)]
        made.append(_without_empty({
            "uuid": _uuid("observation", owner, _id(p), str(n)),
            "title": line(f"{_id(p)} {_both(requirement['expects'])}"),
            "description": f"{requirement['expects']['zh']}\n{requirement['expects']['en']}",
            "props": [prop("requirement", requirement["id"]), prop("check", requirement["check"]),
                      prop("outcome", requirement["outcome"]), *(prop("kind", k) for k in requirement["kinds"])],
            "methods": ["EXAMINE"],
            "types": ["control-objective"],
            "origins": by_tool,
            "relevant-evidence": evidence,
            "collected": day,
        }))  # fmt: skip
    if said := p["judgement"]:
        who = [{"actors": [{"type": "party", "actor-uuid": _uuid("person", owner, said["judged_by"])}]}]
        props = [prop("verdict", said["verdict"]), prop("made-as", said["made_as"])]
        props += [prop("evidence", said["evidence"])] if said["evidence"] else []
        made.append({
            "uuid": _uuid("judgement", owner, _id(p)),
            "title": line(f"{_id(p)} {_both(_say('judgement'))}"),
            "description": said["reason"],
            "props": props,
            "methods": ["EXAMINE"],
            "origins": who,
            "relevant-evidence": [_evidence(f"judgement:{said['record']}", "judgement")],
            "collected": moment(said["judged_on"]),
        })  # fmt: skip
    return made


def _contradictions(result: Mapping[str, Any]) -> Iterator[Doc]:
    """Records that cannot all be true, as observations of their own."""
    for one in result["observations"]:
        records = "\n".join(one["records"])
        yield {
            "uuid": _uuid("contradiction", result["organisation"]["id"], one["rule"], records),
            "title": _both(one["says"]),
            "description": f"{one['says']['zh']}\n{one['says']['en']}",
            "props": [prop("rule", one["rule"])],
            "methods": ["EXAMINE"],
            "origins": [{"actors": [{"type": "assessment-platform", "actor-uuid": _uuid("tool")}]}],
            "relevant-evidence": [_evidence(record, "contradicting") for record in one["records"]],
            "collected": moment(result["on"]),
        }


def _looked_at(requirement: Mapping[str, Any]) -> list[str]:
    return sorted({*requirement["population"], *requirement["offending"], *requirement["undecided"]})


def _role(reference: str, requirement: Mapping[str, Any]) -> str:
    if reference in requirement["offending"]:
        return "offending"
    return "undecided" if reference in requirement["undecided"] else "looked-at"


def _evidence(reference: str, role: str) -> Doc:
    return {"description": line(reference), "props": [prop("record", reference), prop("role", role)]}


def _finding(p: Mapping[str, Any], owner: str, observations: Sequence[Doc], risk: Doc | None) -> Doc:
    state, reason = STATES[p["verdict"]]
    said = ("verdict", "evidence_verdict", "reason", "modality", "severity")
    props = [prop(name.replace("_", "-"), p[name]) for name in said]
    target = {
        "type": "statement-id",
        "target-id": f"{of_reference(_id(p))}_smt",
        "status": {"state": state, "reason": reason},
    }
    return _without_empty({
        "uuid": _uuid("finding", owner, _id(p)),
        "title": line(f"{_id(p)} {_both(p['gist'])}"),
        "description": f"{p['gist']['zh']}\n{p['gist']['en']}",
        "props": props,
        "target": target,
        "related-observations": [{"observation-uuid": o["uuid"]} for o in observations],
        "related-risks": [{"risk-uuid": risk["uuid"]}] if risk else [],
    })  # fmt: skip


def _risk(found: Mapping[str, Any], owner: str, tool: str, observations: Sequence[Doc]) -> Doc:
    origin = {"actors": [{"type": "assessment-platform", "actor-uuid": tool}]}
    facet = {"name": "grade", "system": f"{NS}:grading", "value": found["grade"]}
    rule = found["rule_says"]
    props = [prop("rule", found["rule"], _lines(rule) if rule else None)]
    if again := found["regrade"]:
        props.append(prop("computed-grade", found["computed_grade"]))
        props.append(prop("regraded-by", again["by"], again["reason"]))
    return _without_empty({
        "uuid": _uuid("risk", owner, found["id"]),
        "title": line(f"{found['id']} {_both(found['criterion'])}"),
        "description": f"{found['requirement']['zh']}\n{found['requirement']['en']}",
        "statement": f"{found['statement']['zh']}\n{found['statement']['en']}",
        "props": [*props, *(prop("cites", cited) for cited in found["cites"])],
        "status": "open",
        "origins": [origin],
        "characterizations": [{"origin": origin, "facets": [facet]}],
        "related-observations": [{"observation-uuid": o["uuid"]} for o in observations],
    })  # fmt: skip


def _result_props(result: Mapping[str, Any]) -> list[Doc]:
    receipt = result["receipt"]
    props = [prop("mode", result["mode"]), prop("plan", receipt["plan"]), prop("kinds", receipt["kinds"])]
    props += [prop("ruleset", f"{key} {digest}") for key, digest in sorted(receipt["rulesets"].items())]
    evidence = receipt["evidence"]
    props += [
        prop("ledger-position", str(evidence["position"])),
        prop("ledger-head", evidence["head"] or "-"),
    ]
    for key in (standard["key"] for standard in result["standards"]):
        summary = result["summary"][key]
        counts = [f"{verdict} {summary['verdicts'][verdict]}" for verdict in VERDICTS]
        props.append(prop("verdicts", f"{key}: {', '.join(counts)}"))
        if ready := summary["readiness"]:
            props.append(prop("readiness", f"{key}: {ready['met']} / {ready['of']}"))
    for p in _all(result):
        if p["verdict"] == "not_applicable":
            why = p["exclusion"]["justification"] if p["exclusion"] else _condition(p)
            props.append(prop("not-applicable", _id(p), why))
    return props


def _condition(p: Mapping[str, Any]) -> str | None:
    return _lines(p["condition"]) if p["condition"] else None


# --- all of them ------------------------------------------------------------------------------------


class Wanted(NamedTuple):
    """What to write: rulesets by key (those incorporated too), the plan, and what else there is."""

    rulesets: Mapping[str, Ruleset]
    plan: Plan
    select: Selection = "all"
    day: str | None = None
    result: Mapping[str, Any] | None = None
    counterparts: Sequence[Counterpart] = ()
    unmatched: Sequence[tuple[str, str]] = ()


def documents(wanted: Wanted) -> dict[str, Doc]:
    """Every document by its path in a folder laid out as OSCAL tools expect it."""
    plan, result = wanted.plan, wanted.result
    day = result["on"] if result else wanted.day
    found: dict[str, Doc] = {catalog_path(k): catalog(r, day) for k, r in wanted.rulesets.items()}
    applicable = _applicable(result) if result else None
    if wanted.select == "applicable" and applicable is None:
        raise ExchangeError("exchange.no_result")
    for key in plan.asked:
        own = [r.partition(":")[2] for r in applicable or () if _key(r) == key]
        found[f"profiles/{key}/profile.json"] = profile(wanted.rulesets[key], wanted.select, own, day)
    name = "-".join(plan.asked)
    mapping = mapping_collection(plan, _related(wanted), wanted.unmatched, day)
    if mapping:
        found[f"mapping-collections/{name}/mapping-collection.json"] = mapping
    found[f"component-definitions/{name}/component-definition.json"] = component_definition(plan, day)
    if day:
        owner = result["organisation"]["id"] if result else None
        plan_path = f"assessment-plans/{name}/assessment-plan.json"
        found[plan_path] = assessment_plan(plan, day, owner, applicable)
        if result:
            found[f"assessment-results/{name}/assessment-results.json"] = assessment_results(
                result, f"../../{plan_path}"
            )
            poam = action_plan(result)
            if poam:
                path = f"plan-of-action-and-milestones/{name}/plan-of-action-and-milestones.json"
                found[path] = poam
    return found


def _related(wanted: Wanted) -> list[Counterpart]:
    """The relations at hand; what a standard's text says where its pair was not compared."""
    compared = {frozenset((_key(one.left), _key(one.right))) for one in wanted.counterparts}
    said = [
        o for o in incorporations(wanted.plan) if frozenset((_key(o.left), _key(o.right))) not in compared
    ]
    return [*said, *wanted.counterparts]


def _applicable(result: Mapping[str, Any]) -> set[str]:
    return {_id(p) for p in result["provisions"] if p["verdict"] != "not_applicable"}


def for_trestle(document: Any) -> Any:
    """The document with references between documents as compliance-trestle resolves them, from the workspace."""
    if isinstance(document, dict):
        return {k: _located(v) if k in ("href", "source") else for_trestle(v) for k, v in document.items()}
    return [for_trestle(one) for one in document] if isinstance(document, list) else document


def _located(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("../../"):
        return f"trestle://{value.removeprefix('../../')}"
    return for_trestle(value)
