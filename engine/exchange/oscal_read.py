"""OSCAL documents read back: our own without loss, a catalog from elsewhere as the draft of a ruleset."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from shall.engine.draft import Draft
from shall.engine.evaluation import canonical
from shall.engine.exchange.files import (
    ExchangeError,
    Report,
    Trouble,
    parse_json,
    refuse,
    trouble,
    yaml_scalar,
)
from shall.engine.exchange.ids import control_id, of_reference
from shall.engine.exchange.oscal import NS, STATES, WHEN_KEYS
from shall.engine.exchange.plain import ruleset_files
from shall.engine.modals import modal_of
from shall.engine.models import Provision, Ruleset, Standard
from shall.engine.source import fingerprint
from shall.texts import LANGUAGES, say

_CHINESE = re.compile(r"[\u3400-\u9fff]")
KEY = re.compile(r"^[a-z][a-z0-9_]*$")
_WORDS = (("shall", r"\b(?:shall|must|required to)\b"), ("should", r"\bshould\b"))
MAX_CONTROLS = 20_000


# --- our own catalogs -------------------------------------------------------------------------------


def ours(document: Mapping[str, Any]) -> str | None:
    """The key of the ruleset that a catalog of our own holds; None for a catalog from elsewhere."""
    return _one(_props(_dict(document["catalog"].get("metadata"))), "ruleset")


def read_catalog(document: Mapping[str, Any], path: object = "-") -> Ruleset:
    """The ruleset that a catalog of our own holds, equal to the one it was made from; raises ExchangeProblems."""
    body = document["catalog"]
    props = _props(_dict(body.get("metadata")))
    problems: list[Trouble] = []
    clauses: dict[str, dict[str, str]] = {}
    raw: list[tuple[str, dict[str, Any], str | None]] = []
    for group in _groups(body):
        shown = _props(group)
        label = _label(group)
        if "title-zh" in shown and "title-en" in shown:
            clauses[label] = {"zh": shown["title-zh"][0], "en": shown["title-en"][0]}
        for control in _dicts(group.get("controls")):
            raw.append(_control(control, problems))
    raw.sort(key=lambda found: found[0])
    provisions = [_provision(plain, problems) for _, plain, _ in raw]
    standard = _standard(props, clauses, problems)
    refuse(path, [*problems, *_twice([plain.get("address") for _, plain, _ in raw])])
    assert standard is not None
    prints = {plain["address"]: ("" if p == "-" else p) for _, plain, p in raw if p is not None}
    prints |= dict(s.split(" ", 1) for s in props.get("stray-fingerprint", ()))
    return Ruleset(
        standard=standard,
        provisions=tuple(p for p in provisions if p),
        fingerprints=prints,
        digest=_one(props, "digest") or "",
    )


def edited(document: Mapping[str, Any], ruleset: Ruleset) -> bool:
    """Whether the provisions in a catalog of ours are no longer those it was made from."""
    from shall.engine.exchange.plain import content_digest, provision_plain

    stated = _one(_props(_dict(document["catalog"].get("metadata"))), "content")
    return stated != content_digest(map(provision_plain, ruleset.provisions))


def catalog_files(ruleset: Ruleset, key: str | None = None) -> tuple[Draft, Report]:
    """The folder of a ruleset that came as a catalog, under its own or another key; what a catalog does not bring."""
    from shall.engine.exchange.plain import provision_plain, standard_plain

    report, head = Report(), renamed(standard_plain(ruleset.standard), key)
    report.take("provisions", len(ruleset.provisions))
    for name in ("annexes", "scoring"):
        if name in head:
            report.leave("file", str(head[name]))
    report.leave("cases", "cases/")
    made = ruleset_files(head, [provision_plain(p) for p in ruleset.provisions], ruleset.fingerprints)
    return made, report


def renamed(head: Mapping[str, Any], key: str | None) -> dict[str, Any]:
    """The head under another key, if one is given; raises ExchangeError."""
    if key is not None and not KEY.match(key):
        raise ExchangeError("exchange.bad_key", key=key)
    return {**head, "key": key} if key else dict(head)


def _twice(addresses: Sequence[Any]) -> Iterator[Trouble]:
    seen: set[Any] = set()
    for address in addresses:
        if address in seen:
            yield trouble(str(address), "twice", value=address)
        seen.add(address)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _groups(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for group in _dicts(body.get("groups")):
        yield group
        yield from _groups(group)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _props(holder: Mapping[str, Any]) -> dict[str, list[str]]:
    """Our own props by name, texts as they were before they had to fit on a line."""
    found: dict[str, list[str]] = {}
    for one in _dicts(holder.get("props")):
        name, value = one.get("name"), one.get("value")
        if one.get("ns") == NS and isinstance(name, str) and isinstance(value, str):
            found.setdefault(name, []).append(_text(one, value))
    return found


def _text(one: Mapping[str, Any], value: str) -> str:
    if one.get("class") != "json":
        return value
    try:
        read = json.loads(value)
    except ValueError:
        return value
    return read if isinstance(read, str) else value


def _one(props: Mapping[str, Sequence[str]], name: str) -> str | None:
    return props[name][0] if props.get(name) else None


def _label(holder: Mapping[str, Any]) -> str:
    return next((str(p.get("value")) for p in _dicts(holder.get("props")) if p.get("name") == "label"), "")


def _standard(
    props: Mapping[str, Sequence[str]], clauses: Mapping[str, Any], problems: list[Trouble]
) -> Standard | None:
    raw: dict[str, Any] = {"key": _one(props, "ruleset"), "chapters": list(props.get("chapter", ()))}
    names = ("number", "edition", "status", "nature", "published", "in-force", "annexes", "scoring")
    raw |= {name.replace("-", "_"): value for name in names if (value := _one(props, name)) is not None}
    for name in ("title", "reading"):
        pair = {lang: value for lang in LANGUAGES if (value := _one(props, f"{name}-{lang}")) is not None}
        raw |= {name: pair} if pair else {}
    raw |= {"clauses": clauses} if clauses else {}
    try:
        return Standard.model_validate(raw)
    except ValidationError as error:
        problems += _explained("/catalog/metadata", error)
        return None


def _provision(plain: Mapping[str, Any], problems: list[Trouble]) -> Provision | None:
    try:
        return Provision.model_validate(plain)
    except ValidationError as error:
        problems += _explained(str(plain.get("address")), error)
        return None


def _explained(at: str, error: ValidationError) -> Iterator[Trouble]:
    for one in error.errors(include_url=False):
        yield trouble(at, "bad_value", where=".".join(map(str, one["loc"])), why=one["msg"])


def _control(control: Mapping[str, Any], problems: list[Trouble]) -> tuple[str, dict[str, Any], str | None]:
    """Sort key, the provision as plain values, and its fingerprint."""
    props, name = _props(control), str(control.get("id"))
    address = _label(control)
    raw: dict[str, Any] = {"address": address}
    if "modality" in props:
        raw["modality"] = props["modality"][0]
    if _stated(control):
        raw["severity"] = _one(props, "severity")
    if "interval" in props:
        raw["interval"] = props["interval"][0]
    for field_name in ("doc_info", "refs", "incorporates", "concepts", "look_at"):
        values = props.get(field_name.replace("_", "-"))
        raw |= {field_name: values} if values else {}
    _take_parts(control, raw, props, problems)
    if not name.endswith(control_id("", address)[2:]):
        problems.append(trouble(name, "id_and_label", value=address))
    sort = next((str(p.get("value")) for p in _dicts(control.get("props")) if p.get("name") == "sort-id"), "")
    return sort, raw, _one(props, "fingerprint")


def _stated(control: Mapping[str, Any]) -> bool:
    found = [p for p in _dicts(control.get("props")) if p.get("name") == "severity" and p.get("ns") == NS]
    return any(p.get("class") == "stated" for p in found)


_PARTS = {
    "statement": "gist",
    "question": "judged",
    "condition": "condition",
    "trigger": "trigger",
    "reading": "reading",
}


def _take_parts(
    control: Mapping[str, Any],
    raw: dict[str, Any],
    props: Mapping[str, Sequence[str]],
    problems: list[Trouble],
) -> None:
    when: dict[str, Any] = {name: props[f"when-{name}"][0] for name in WHEN_KEYS if f"when-{name}" in props}
    requires: list[Any] = []
    for part in _dicts(control.get("parts")):
        name = str(part.get("name"))
        if name in _PARTS:
            raw[_PARTS[name]] = _pair(part)
        elif name == "applies-when":
            when["says"] = _pair(part)
        elif name == "assessment-objective":
            requires += _requirement(control, part, problems)
    if when or "when" in props:
        raw["when"] = when
    if requires:
        raw["requires"] = requires


def _requirement(
    control: Mapping[str, Any], part: Mapping[str, Any], problems: list[Trouble]
) -> Iterator[Any]:
    written = _one(_props(part), "requirement")
    if written is None:
        problems.append(trouble(str(control.get("id")), "no_check", value=part.get("id")))
        return
    check = parse_json(written, str(part.get("id")))
    if isinstance(check, dict):
        yield {**check, "expects": _pair(part)} if "prose" in part else check
    else:
        problems.append(trouble(str(control.get("id")), "no_check", value=part.get("id")))


def _pair(part: Mapping[str, Any]) -> dict[str, Any]:
    english = [
        p for p in _dicts(part.get("parts")) if p.get("name") == "translation" and p.get("class") == "en"
    ]
    return {"zh": part.get("prose"), "en": english[0].get("prose") if english else None}


# --- our own results --------------------------------------------------------------------------------


def read_results(document: Mapping[str, Any], path: object = "-") -> dict[str, Any]:
    """The result that assessment results of our own hold, byte for byte.

    Raises ExchangeError where there is none, where it is not what its receipt says, or where the findings around
    it have been changed since.
    """
    from shall.engine.reports.schema import Result

    body = document["assessment-results"]
    copies = [
        r
        for r in _dicts(_dict(body.get("back-matter")).get("resources"))
        if "result" in _props(r) and isinstance(r.get("base64"), dict)
    ]
    if len(copies) != 1:
        raise ExchangeError("exchange.no_copy", path=path)
    try:
        text = base64.b64decode(str(copies[0]["base64"].get("value")), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise ExchangeError("exchange.copy_broken", path=path) from None
    found = parse_json(text, path)
    try:
        Result.model_validate(found)
    except ValidationError as error:
        refuse(path, _explained("result.json", error))
    sealed = {k: v for k, v in found.items() if k != "receipt"}
    if hashlib.sha256(canonical(sealed).encode()).hexdigest() != found["receipt"]["result"]:
        raise ExchangeError("exchange.copy_broken", path=path)
    refuse(path, _changed(body, found))
    return dict(found)


def _changed(body: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[Trouble]:
    """Findings that no longer say what the result says."""
    expected = {
        f"{of_reference(p['ruleset'] + ':' + p['address'])}_smt": (STATES[p["verdict"]][0], p["verdict"])
        for p in (*result["provisions"], *result["incorporated"])
        if p["verdict"] in STATES
    }
    stated: dict[str, tuple[Any, Any]] = {}
    for one in _dicts(body.get("results")):
        for finding in _dicts(one.get("findings")):
            target = finding.get("target")
            if isinstance(target, dict) and isinstance(target.get("status"), dict):
                said = target["status"].get("state"), _one(_props(finding), "verdict")
                stated[str(target.get("target-id"))] = said
    for name in sorted(expected.keys() | stated.keys()):
        if expected.get(name) != stated.get(name):
            was, now = (" ".join(map(str, known.get(name, ("-",)))) for known in (expected, stated))
            yield trouble(name, "changed", was=was, now=now)


# --- catalogs from elsewhere ------------------------------------------------------------------------


@dataclass(slots=True)
class _Foreign:
    """A draft while it is made."""

    report: Report = field(default_factory=Report)
    provisions: list[dict[str, Any]] = field(default_factory=list)
    clauses: dict[str, dict[str, str]] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    prints: dict[str, str] = field(default_factory=dict)


def draft_of(document: Mapping[str, Any], key: str, path: object = "-") -> tuple[Draft, Report]:
    """The draft of a ruleset from a catalog that is not ours.

    Every statement becomes a provision whose summary is the control's title, marked as still to be written; its
    prose is not taken, only its fingerprint. A statement without a modal verb is taken as binding.
    Raises ExchangeError.
    """
    if not KEY.match(key):
        raise ExchangeError("exchange.bad_key", key=key)
    body, made = document["catalog"], _Foreign()
    refuse(path, _strange(body))
    _take_group(body, "", made)
    if not made.provisions:
        raise ExchangeError("exchange.nothing_taken", path=path)
    meta = _dict(body.get("metadata"))
    title, todo = titled(str(meta.get("title") or "-")), say("source.to_write", "en")
    head = {
        "key": key,
        "number": str(meta.get("title") or todo)[:200],
        "title": title,
        "edition": str(meta.get("version") or "1"),
        "status": "draft",
        "nature": "requirements",
        "clauses": made.clauses,
    }
    for name in ("params", "back-matter"):
        if body.get(name):
            made.report.leave(name.replace("-", "_"), name)
    made.report.take("provisions", len(made.provisions))
    made.report.take("clauses", len(made.clauses))
    return ruleset_files(head, made.provisions, made.prints, made.comments), made.report


def _strange(body: Mapping[str, Any]) -> Iterator[Trouble]:
    """Two controls of one id, or so many that no person could have meant it."""
    seen: set[str] = set()
    waiting = [body]
    count = 0
    while waiting:
        holder = waiting.pop()
        for control in _dicts(holder.get("controls")):
            count += 1
            name = str(control.get("id"))
            if name in seen:
                yield trouble(name, "twice", value=name)
            seen.add(name)
            waiting.append(control)
        waiting.extend(_dicts(holder.get("groups")))
    if count > MAX_CONTROLS:
        yield trouble("/", "too_many", count=count, limit=MAX_CONTROLS)


def titled(title: str) -> dict[str, str]:
    """The title in the language it is written in; the other one is to be written."""
    text = " ".join(title.split()) or "-"
    todo = {str(lang): say("source.to_write", lang) for lang in LANGUAGES}
    return todo | ({"zh": text} if _CHINESE.search(text) else {"en": text})


def _take_group(group: Mapping[str, Any], number: str, made: _Foreign) -> None:
    """Number what stands in a group: groups first, then controls, as chapters and clauses."""
    count = 0
    for inner in _dicts(group.get("groups")):
        count += 1
        name = f"{number}.{count}" if number else str(count)
        made.clauses[name] = titled(str(inner.get("title") or inner.get("id") or "-"))
        for other in ("parts", "params"):
            if inner.get(other):
                made.report.leave(other, str(inner.get("id")))
        _take_group(inner, name, made)
    for control in _dicts(group.get("controls")):
        count += 1
        _take_control(control, f"{number}.{count}" if number else str(count), made)


def _take_control(control: Mapping[str, Any], number: str, made: _Foreign) -> None:
    name = str(control.get("id"))
    title = titled(str(control.get("title") or name))
    made.clauses[number] = title
    status = [str(p.get("value")) for p in _dicts(control.get("props")) if p.get("name") == "status"]
    withdrawn = bool({"withdrawn", "Withdrawn"} & set(status))
    if withdrawn:
        made.report.leave("withdrawn", name)
    else:
        _take_statements(control, number, title, made)
    for count, inner in enumerate(_dicts(control.get("controls")), 1):
        _take_control(inner, f"{number}.{count}", made)


def _take_statements(
    control: Mapping[str, Any], number: str, title: Mapping[str, str], made: _Foreign
) -> None:
    name = str(control.get("id"))
    statements = []
    for part in _dicts(control.get("parts")):
        if part.get("name") == "statement":
            statements.append(part)
        else:
            made.report.leave("parts", f"{name} {part.get('name')}")
    for other in ("params", "links"):
        if control.get(other):
            made.report.leave(other, name)
    if not statements:
        made.report.leave("no_statement", name)
        _add(f"{number}#1", title, "", name, made)
    sentence = 0
    for statement in statements:
        items = _items(statement)
        prose = str(statement.get("prose") or "").strip()
        if (prose and not (items and prose.endswith((":", "：")))) or not items:
            sentence += 1
            _add(f"{number}#{sentence}", title, prose, str(statement.get("id") or name), made)
        prefix = number if len(statements) == 1 else f"{number}/L{statements.index(statement) + 1}"
        _take_items(items, prefix, title, made)


def _items(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [p for p in _dicts(part.get("parts")) if p.get("name") == "item"]


def _take_items(
    items: Sequence[Mapping[str, Any]], prefix: str, title: Mapping[str, str], made: _Foreign
) -> None:
    for count, item in enumerate(items, 1):
        inner, prose = _items(item), str(item.get("prose") or "").strip()
        address = f"{prefix}/{count}"
        if prose and not (inner and prose.endswith((":", "："))):
            _add(address, title, prose, str(item.get("id") or "-"), made)
        _take_items(inner, address, title, made)


def _add(address: str, title: Mapping[str, str], prose: str, origin: str, made: _Foreign) -> None:
    modality = modality_of(prose)
    if modality is None:
        made.report.leave("no_modal", origin)
    made.provisions.append({"address": address, "modality": modality or "shall", "gist": dict(title)})
    made.comments[address] = f"OSCAL {yaml_scalar(origin)}"
    if prose:
        made.prints[address] = fingerprint(prose)
        made.report.leave("prose", origin)


def modality_of(prose: str) -> str | None:
    """shall or should, or None where a statement has neither.

    A bare `may` or `can` often stands in a subordinate clause: nobody shall take a duty for a mere permission.
    """
    if _CHINESE.search(prose):
        found = modal_of(prose)
        return found if found in ("shall", "should") else None
    return next((name for name, words in _WORDS if re.search(words, prose, re.IGNORECASE)), None)
