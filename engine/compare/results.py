"""Two kept results of one organisation: which verdicts changed, and why.

What can have changed a verdict stands in the receipts: the rules (ruleset, an incorporated one, the kinds, the
software), the day or the period, the mode, the evidence. Where only one of them differs it is the cause. Where several
do, the results alone cannot tell them apart: `attributed` can, with the store, by computing the steps between, first
the new rules on the old day and evidence, then the new day, then the new evidence.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from shall.engine.evaluation import RESULT_FORMAT, Question, evaluate, result
from shall.engine.grading import DEFAULT
from shall.evidence.store import Store
from shall.texts.errors import ShallError, UsageError

Cause = Literal["rules", "day", "mode", "evidence", "not_asked"]
CAUSES: tuple[Cause, ...] = ("rules", "day", "mode", "evidence", "not_asked")
LARGEST = 200 * 2**20
"""Bytes of a result that is read."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A verdict that differs (None: the provision is not in that result) with what caused it, or may have."""

    ruleset: str
    address: str
    gist: Mapping[str, str]
    old: str | None
    new: str | None
    causes: tuple[Cause, ...]
    certain: bool

    def inverse(self) -> "Shift":
        """The same from the other side."""
        return replace(self, old=self.new, new=self.old)


@dataclass(frozen=True, slots=True)
class Shifts:
    """What lies between two results; `changed` are the parts of the receipts that differ."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    changed: tuple[Cause, ...]
    shifts: tuple[Shift, ...]
    opened: tuple[Mapping[str, Any], ...]
    closed: tuple[Mapping[str, Any], ...]

    @property
    def empty(self) -> bool:
        """Whether no verdict and no finding differs."""
        return not (self.shifts or self.opened or self.closed)


def read_result(path: Path) -> dict[str, Any]:
    """A result that `shall check --format json` wrote; raises ShallError where it is none or cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            raise ShallError("delta.result_large", path=path, limit=f"{LARGEST // 2**20} MB")
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ShallError("delta.result_unreadable", path=path, why=error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise ShallError("delta.result_unreadable", path=path, why="UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"{error.msg} ({error.lineno}:{error.colno})"
        raise ShallError("delta.result_unreadable", path=path, why=where) from None
    except (RecursionError, ValueError) as error:
        raise ShallError("delta.result_unreadable", path=path, why=type(error).__name__) from None
    if missing := _missing(value):
        raise ShallError("delta.not_a_result", path=path, missing=missing)
    if value["format"] != RESULT_FORMAT:
        raise ShallError("delta.result_format", path=path, found=value["format"], wanted=RESULT_FORMAT)
    return dict(value)


_PARTS: Mapping[str, type] = {
    "format": int, "organisation": dict, "on": str, "from": str, "mode": str, "standards": list,
    "provisions": list, "findings": list, "receipt": dict,
}  # fmt: skip
_LINE: Mapping[str, type] = {
    "ruleset": str, "address": str, "verdict": str, "gist": dict, "severity": str, "requirements": list,
    "incorporates": list,
}  # fmt: skip


def _missing(value: Any) -> str:
    """The first part that a result has and this value has not; empty where it has all."""
    told = _lacks(value, _PARTS, "")
    told = told or next(
        (m for n, p in enumerate(value["provisions"]) if (m := _lacks(p, _LINE, f"provisions.{n}."))), ""
    )
    told = told or next(
        (
            m
            for n, s in enumerate(value["standards"])
            if (m := _lacks(s, {"key": str, "digest": str}, f"standards.{n}."))
        ),
        "",
    )
    told = told or next(
        (
            m
            for n, f in enumerate(value["findings"])
            if (m := _lacks(f, {"id": str, "grade": str}, f"findings.{n}."))
        ),
        "",
    )
    told = told or _lacks(
        value["receipt"], {"rulesets": dict, "kinds": str, "evidence": dict, "software": str}, "receipt."
    )
    wanted = {"organisation": str, "position": int, "head": str}
    return told or _lacks(value["receipt"]["evidence"], wanted, "receipt.evidence.")


def _lacks(value: Any, wanted: Mapping[str, type], at: str) -> str:
    if not isinstance(value, dict):
        return at.rstrip(".") or "{}"
    return next((at + name for name, kind in wanted.items() if not isinstance(value.get(name), kind)), "")


def shifts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Shifts:
    """Every verdict that differs between two results; raises UsageError for results of two organisations."""
    whose = [value["receipt"]["evidence"]["organisation"] for value in (old, new)]
    if whose[0] != whose[1]:
        raise UsageError("delta.two_organisations", old=whose[0], new=whose[1])
    before, after = _lines(old), _lines(new)
    found = []
    for name in dict.fromkeys((*before, *after)):
        a, b = before.get(name), after.get(name)
        if (a and a["verdict"]) != (b and b["verdict"]):
            causes = _causes(name[0], a, b, old, new)
            line = b or a or {}
            verdicts = (a["verdict"] if a else None, b["verdict"] if b else None)
            found.append(Shift(*name, line["gist"], *verdicts, causes, len(causes) == 1))
    told = [{id for f in value["findings"] for id in _criteria(f)} for value in (old, new)]
    opened = tuple(f for f in new["findings"] if told[0].isdisjoint(_criteria(f)))
    closed = tuple(f for f in old["findings"] if told[1].isdisjoint(_criteria(f)))
    return Shifts(old, new, _changed(old, new), tuple(found), opened, closed)


def _criteria(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Every criterion a finding is told for; results kept from before have one each."""
    return (finding["id"], *(c["id"] for c in finding.get("criteria", ())))


def _lines(value: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(p["ruleset"], p["address"]): p for p in value["provisions"]}


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Cause, ...]:
    """The parts of two receipts that differ, and that could change a verdict."""
    differs: dict[Cause, bool] = {
        "rules": any(
            _receipt(old, name) != _receipt(new, name) for name in ("rulesets", "kinds", "software")
        ),
        "day": (old["on"], old["from"]) != (new["on"], new["from"]),
        "mode": old["mode"] != new["mode"],
        "evidence": _receipt(old, "evidence") != _receipt(new, "evidence"),
    }
    return tuple(cause for cause, does in differs.items() if does)


def _receipt(value: Mapping[str, Any], name: str) -> Any:
    return value["receipt"][name]


def _causes(
    ruleset: str, a: Any, b: Any, old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[Cause, ...]:
    """What may have changed one verdict; rules only where those of this provision did."""
    asked = [ruleset in {s["key"] for s in value["standards"]} for value in (old, new)]
    if not all(asked):
        return ("not_asked",)
    if a is None or b is None:
        return ("rules",)
    keys = {ruleset, *(id.partition(":")[0] for line in (a, b) for id in line["incorporates"])}
    own = any(_receipt(old, "rulesets").get(k) != _receipt(new, "rulesets").get(k) for k in keys)
    engine = any(_receipt(old, name) != _receipt(new, name) for name in ("kinds", "software"))
    found = _changed(old, new)
    return tuple(cause for cause in found if cause != "rules" or own or engine)


# --- told apart with the store ---------------------------------------------------------------------------


def attributed(found: Shifts, store: Store, names: Sequence[str] = ()) -> Shifts:
    """The same with every cause found by computing the steps between the two results.

    `names` are the rulesets of the new result where they are a user's own. Raises UsageError where store or rules are
    not those of the results.
    """
    from shall.engine.cache import executor_for

    old, new = found.old, found.new
    for value in (old, new):
        evidence = value["receipt"]["evidence"]
        if store.position_at(evidence["position"]) != (evidence["position"], evidence["head"]):
            raise UsageError("delta.other_store", position=evidence["position"])
    executor = executor_for(tuple(names) or tuple(s["key"] for s in new["standards"]))
    rules = {key: head["digest"] for key, head in executor.plan.standards.items()}
    if rules != _receipt(new, "rulesets"):
        raise UsageError("delta.other_rules")

    def verdicts(dates: Mapping[str, Any], mode: str, known: int) -> dict[tuple[str, str], str]:
        days = date.fromisoformat(dates["on"]), date.fromisoformat(dates["from"])
        question = Question(_receipt(new, "evidence")["organisation"], *days, mode, known)  # type: ignore[arg-type]
        made = result(evaluate(executor, store, question, DEFAULT))
        return {name: line["verdict"] for name, line in _lines(made).items()}

    positions = [_receipt(value, "evidence")["position"] for value in (old, new)]
    steps: list[tuple[Cause, dict[tuple[str, str], str]]] = [
        ("rules", verdicts(old, old["mode"], positions[0])),
        ("day", verdicts(new, old["mode"], positions[0])),
        ("mode", verdicts(new, new["mode"], positions[0])),
        ("evidence", verdicts(new, new["mode"], positions[1])),
    ]
    return replace(found, shifts=tuple(_stepped(one, steps) for one in found.shifts))


def _stepped(one: Shift, steps: Sequence[tuple[Cause, Mapping[tuple[str, str], str]]]) -> Shift:
    """The steps at which a verdict changed; one that ends elsewhere than the new result stays uncertain."""
    if one.causes == ("not_asked",):
        return one
    causes: list[Cause] = []
    verdict = one.old
    for cause, verdicts in steps:
        now = verdicts.get((one.ruleset, one.address))
        if now != verdict:
            causes.append(cause)
        verdict = now
    certain = verdict == one.new
    return replace(one, causes=tuple(causes) if certain else one.causes, certain=certain)
