"""Names that the software gave, as a reader knows them: records, standards, persons, rules that graded."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from shall.engine.grading import Policy
from shall.texts import Lang, say

if TYPE_CHECKING:
    from shall.engine.papers.audits import Audit

REFERENCE = re.compile(r"(?<![\w/:.])([a-z][a-z0-9_]*):([A-Za-z0-9][\w.#/\-]*)")
"""`kind:id` of a record, or `ruleset:address` of a provision."""
FORM = re.compile(r"(?<![\w-])CL-([0-9a-f]{8})-([a-z][a-z0-9_]*)-(\d[\w.#/]*)")
"""The id of a judgement that a filled checklist gave."""
CLAUSE = re.compile(r"(?<![\w.])\d{1,2}(?:\.\d{1,3})+(?![\w.]*%)")
MAY_BREAK = "、\u200b"
"""A comma after which a line may end, said outright: else some programs end it anywhere, inside a number too."""


def told(audit: "Audit", text: object) -> str:
    """A text in which `kind:id` and `ruleset:address` are words; what is neither stays as it is."""
    made = FORM.sub(lambda m: _form(audit, *m.groups()), str(text))
    return REFERENCE.sub(lambda m: _named(audit, m.group(0), *m.groups()), made)


def _form(audit: "Audit", form: str, ruleset: str, address: str) -> str:
    return audit.t("by_checklist_at", form=form, place=f"{audit.number(ruleset)} {address}".strip())


def _named(audit: "Audit", whole: str, key: str, name: str) -> str:
    if key in audit.records.kinds:
        label = audit.records.label(key, name)
        return audit.t(
            "record_named", kind=audit.records.kind(key), id=name, name="" if label == name else label
        ).strip()
    number = audit.number(key)
    return whole if number == key else f"{number} {name}"


def graded_by(audit: "Audit", text: str) -> str:
    """What graded a finding: a rule of a policy in its words, or an auditor on a checklist."""
    key, _, name = text.partition(":")
    if key == "checklist":
        return audit.t("by_checklist", form=name)
    rule = _rule(audit.ask.policy, key, name, audit.lang)
    return rule or text or audit.none


def _rule(policy: Policy, key: str, name: str, lang: Lang) -> str:
    if key != policy.key:
        return ""
    found = next((r for r in policy.rules if r.name == name), None)
    return say("papers.by_policy", lang, title=policy.title[lang], says=found.says[lang]) if found else ""


def ordered(clauses: Iterable[str]) -> list[str]:
    """Clauses as a standard has them: 5.3 before 10.1, a letter after numbers, each once."""
    return sorted(dict.fromkeys(clauses), key=_place)


def _place(clause: str) -> tuple[tuple[bool, int, str], ...]:
    parts = re.findall(r"\d+|[^\W\d]+", clause)
    return tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts)


def whole(value: Any) -> Any:
    """Texts of a context in which no clause number of a list is torn apart at the end of a line."""
    if isinstance(value, dict):
        return {name: whole(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [whole(inner) for inner in value]
    if isinstance(value, str) and "." in value:
        return "\n".join(_line(line) for line in value.split("\n"))
    return value


def _line(line: str) -> str:
    if len(CLAUSE.findall(line)) < 2:
        return line
    return line.replace("、", MAY_BREAK)
