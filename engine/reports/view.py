"""The report as a reader sees it: every text chosen and put in order, so that templates compute nothing.

One value serves the page and the PDF. It holds texts, numbers and lists only.
"""

import shlex
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shall.engine.grading import DEFAULT, given_when_raised
from shall.engine.incorporated import standing
from shall.engine.reports.charts import SYMBOLS, Bar, Month
from shall.engine.reports.context import NOWHERE, Heat, Place, Report, clause_of
from shall.engine.trees import shift_months
from shall.engine.verdicts import VERDICTS
from shall.texts import say

SHOWN = 20
"""Records of one kind that a list names before it folds the rest away."""
PLACES = 24
"""Places a heat map has room for; the remaining ones share a column."""
GRADES = ("major", "minor")
View = dict[str, Any]
Pair = Mapping[str, str]


def view(report: Report, lang: str) -> View:
    """Everything the report shows, in one language."""
    return Viewer(report, lang).view()


def clean(value: Any) -> Any:
    """The same value with characters that would hide or reorder text made visible; texts at any depth."""
    if isinstance(value, str):
        return value if value.isprintable() else "".join(map(_visible, value))
    if isinstance(value, Mapping):
        return {key: clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner) for inner in value]
    return value


def _visible(character: str) -> str:
    if character.isprintable() or character in "\n\u200d\u3000\u00a0":
        return character
    category = unicodedata.category(character)
    return " " if character in "\t\r" or category[0] == "Z" else f"[U+{ord(character):04X}]"


class Viewer:
    """Turns one report into a view; holds the language so that the functions need not pass it on."""

    def __init__(self, report: Report, lang: str) -> None:
        self.report, self.lang = report, lang
        self.result = report.result
        self.standards = {s["key"]: s for s in self.result["standards"]}
        self.numbers = {
            s["key"]: s["number"] for s in (*self.result["standards"], *self.result["incorporated_standards"])
        }
        self.provisions = {
            f"{p['ruleset']}:{p['address']}": p
            for p in (*self.result["provisions"], *self.result["incorporated"])
        }
        self.anchors = {name: f"p{n}" for n, name in enumerate(self.provisions, 1)}

    def t(self, key: str, **fields: object) -> str:
        """A text of the report."""
        return say(f"report.{key}", self.lang, **fields)

    def pair(self, value: Pair | None) -> str:
        """The text of this language, empty if there is none."""
        return value[self.lang] if value else ""

    def in_order(self) -> list[Mapping[str, Any]]:
        """All provisions of the standards reported on, each followed by what it brings in from others."""
        found: dict[str, Mapping[str, Any]] = {}

        def add(p: Mapping[str, Any]) -> None:
            found.setdefault(f"{p['ruleset']}:{p['address']}", p)
            for inner in p["incorporates"]:
                if inner in self.provisions and inner.partition(":")[0] not in self.standards:
                    add(self.provisions[inner])

        for p in self.result["provisions"]:
            add(p)
        return list(found.values())

    def view(self) -> View:
        """The whole report; hidden characters made visible."""
        result = self.result
        organisation = result["organisation"]
        numbers = self.t("list_sep").join(s["number"] for s in result["standards"])
        body: View = {
            "lang": self.lang,
            "html_lang": "zh-CN" if self.lang == "zh" else "en",
            "on": result["on"],
            "title": self.t("title"),
            "organisation": organisation["name"] or organisation["id"],
            "page_title": self.t(
                "page_title",
                org=organisation["name"] or organisation["id"],
                standards=numbers,
                on=result["on"],
            ),
            "head": self._head(),
            "notices": self._notices(),
            "verdicts": [self._verdict(v) for v in VERDICTS],
            "standards": [self._standard(s) for s in result["standards"]],
            "first": self._first(),
            "heat": [self._heat(h) for h in self.report.heat if h.cells],
            "expiry": self._expiry(),
            "readings": self._readings(),
            "people": self._people(),
            "left_out": self._left_out(),
            "receipt": self._receipt(),
        }
        cleaned: View = clean(body)
        return cleaned

    # --- title -----------------------------------------------------------------------------------

    def _head(self) -> list[tuple[str, str]]:
        result = self.result
        organisation = result["organisation"]
        named = organisation["name"] or self.t("unnamed")
        rows = [
            (self.t("organisation"), f"{named} ({organisation['id']})"),
            (self.t("day"), result["on"]),
            (self.t("period"), self.t("period_value", since=result["from"], on=result["on"])),
            (self.t("mode"), self.t(f"mode.{result['mode']}")),
        ]
        rows += [(self.t("standard"), self._standing(s)) for s in result["standards"]]
        incorporated = [(self.t("incorporated"), self._standing(s)) for s in result["incorporated_standards"]]
        return [*rows, *incorporated]

    def _standing(self, standard: Mapping[str, Any]) -> str:
        parts = [
            f"{standard['number']} {self.pair(standard['title'])}",
            self.t("edition", edition=standard["edition"]),
            self.t(f"status.{standard['status']}"),
        ]
        for key, name in (("published", "published_on"), ("in_force", "in_force")):
            if standard[key]:
                parts.append(self.t(name, date=standard[key]))
        return " · ".join(parts)

    def _notices(self) -> list[View]:
        drafts = [s for s in self.result["standards"] if s["status"] == "draft"]
        notices = [{"tone": "warn", "text": self.t("draft_notice", number=s["number"])} for s in drafts]
        guidelines = [s for s in self.result["standards"] if s["nature"] == "guideline"]
        notices += [
            {"tone": "warn", "text": self.t("guideline_notice", number=s["number"])} for s in guidelines
        ]
        if self.result["mode"] == "self":
            notices.append({"tone": "warn", "text": self.t("self_notice")})
        notices += [{"tone": "warn", "text": self._contradiction(o)} for o in self.result["observations"]]
        return [*notices, {"tone": "plain", "text": self.t("machine_notice")}]

    def _contradiction(self, one: Mapping[str, Any]) -> str:
        """Records that cannot all be true: said at the head, because everything below rests on them."""
        named = (ref.partition(":") for ref in one["records"])
        records = [f"{self.pair(self.report.kinds.get(kind))} {record}" for kind, _, record in named]
        return self.t("contradiction", says=self.pair(one["says"]), records=self.t("list_sep").join(records))

    def _verdict(self, code: str) -> View:
        return {
            "code": code,
            "label": self.t(f"verdict.{code}"),
            "symbol": SYMBOLS[code],
            "tells": self.t(f"tell.{code}"),
        }

    # --- a standard, its chapters and clauses ----------------------------------------------------

    def _standard(self, standard: Mapping[str, Any]) -> View:
        key = standard["key"]
        summary = self.result["summary"][key]
        findings = [f["grade"] for f in self.result["findings"] if key in f["standards"]]
        grades = {g: findings.count(g) for g in (*GRADES, "opportunity")}
        return {
            "key": key,
            "number": standard["number"],
            "title": self.pair(standard["title"]),
            "counts": [self._verdict(v) | {"count": n} for v, n in summary["verdicts"].items()],
            "total": sum(summary["verdicts"].values()),
            "findings_line": self._findings_line(summary["verdicts"], grades),
            "confirm_line": self._confirm_line(summary["to_confirm"]),
            "readiness": self.readiness(summary["readiness"]),
            "chapters": [
                {
                    "label": f"{c['chapter']} {self.pair(c['title'])}".strip(),
                    "readiness": self.readiness(c["readiness"], short=True),
                    "counts": [c["verdicts"][v] for v in VERDICTS],
                    "total": sum(c["verdicts"].values()),
                }
                for c in summary["chapters"]
            ],
            "bars": [
                {
                    "label": f"{c['chapter']} {self.pair(c['title'])}".strip(),
                    "counts": {v: c["verdicts"][v] for v in VERDICTS if v != "noted"},
                }
                for c in summary["chapters"]
            ],
            "clauses": self._clauses(key),
        }

    def _findings_line(self, verdicts: Mapping[str, int], grades: Mapping[str, int]) -> str:
        """How many provisions do not conform, and how many findings tell that."""
        return self.t(
            "findings_line",
            total=sum(verdicts.values()),
            nonconforming=verdicts["nonconforming"],
            findings=grades["major"] + grades["minor"],
            **grades,
        )

    def _confirm_line(self, count: int) -> str:
        """How many of those conforming a person is still to confirm; empty where there is none."""
        return self.t("confirm_line", count=count) if count else ""

    def readiness(self, found: Mapping[str, int] | None, *, short: bool = False) -> str:
        """How far a guideline is followed, as a share rounded down and the numbers it is made of; empty for others."""
        if found is None:
            return ""
        if not found["of"]:
            return self.t("readiness_none")
        percent = 100 * found["met"] // found["of"]
        return self.t("readiness_short" if short else "readiness", percent=percent, **found)

    def _clauses(self, key: str) -> list[View]:
        groups: dict[str, list[Mapping[str, Any]]] = {}
        clause = None
        for provision in self.in_order():
            asked = provision["ruleset"] in self.standards
            clause = (provision["ruleset"], provision["clause"]) if asked else clause
            if clause and clause[0] == key:
                groups.setdefault(clause[1], []).append(provision)
        return [self._clause(key, clause, shown) for clause, shown in groups.items()]

    def _clause(self, key: str, clause: str, shown: Sequence[Mapping[str, Any]]) -> View:
        """A clause with its provisions and those they bring in; only its own are counted."""
        found = {v: sum(p["verdict"] == v and p["ruleset"] == key for p in shown) for v in VERDICTS}
        return {
            "clause": clause,
            "title": self.clause_title(key, clause),
            "counts": found,
            "told": self.t("list_sep").join(f"{self.t(f'verdict.{v}')} {n}" for v, n in found.items() if n),
            "provisions": [self._provision(p) for p in shown],
        }

    def clause_title(self, key: str, clause: str) -> str:
        """The title of a clause, or of the nearest clause above it that has one; empty if none has."""
        titles = self.report.clauses.get(key, {})
        while clause and clause not in titles:
            clause = clause.rpartition(".")[0]
        return self.pair(titles.get(clause))

    def _provision(self, p: Mapping[str, Any]) -> View:
        return {
            "anchor": self.anchors[f"{p['ruleset']}:{p['address']}"],
            "address": self.address(p),
            "modality": self.modality(p),
            "gist": self.pair(p["gist"]),
            "verdict": self._verdict(p["verdict"]),
            "reason": self.reason(p),
            "question": self.pair(p["question"]),
            "look_at": self._look_at(p) if p["verdict"] == "needs_judgement" else [],
            "reading": self.pair(p["reading"]),
            "requirements": [self._requirement(r) for r in p["requirements"]],
            "said": self._said(p),
        }

    def modality(self, p: Mapping[str, Any]) -> str:
        """The modal verb, with what it is treated as where a reading made that differ."""
        said = self.t(f"modality.{p['modality']}")
        usual = p["modality"] if p["modality"] in ("shall", "should") else "info"
        if usual == p["severity"]:
            return said
        return self.t("modality_read", modality=said, severity=self.t(f"severity.{p['severity']}"))

    def reason(self, p: Mapping[str, Any]) -> str:
        """Why the verdict is what it is, in one line."""
        text = self.t(f"reason.{p['reason']}")
        if p["reason"] in ("condition_absent", "condition_unknown") and p["condition"]:
            text = self.t("reason.looked_for", reason=text, condition=self.pair(p["condition"]))
        if p["judgement"]:
            text += self.t("reason_evidence", verdict=self.t(f"verdict.{p['evidence_verdict']}"))
        if p["to_confirm"]:
            text += self.t("reason_confirm")
        if p["incorporates"]:
            text += self.t("reason_incorporated", tallies=self._incorporated(p))
        return text

    def _incorporated(self, p: Mapping[str, Any]) -> str:
        """The standards a provision brings in, with the verdicts on what it brings in from each."""
        verdicts: dict[str, list[str]] = {}
        for name in p["incorporates"]:
            if name in self.provisions:
                verdicts.setdefault(name.partition(":")[0], []).append(self.provisions[name]["verdict"])
        tallies = []
        for key, found in verdicts.items():
            counts = [f"{self.t(f'verdict.{v}')} {found.count(v)}" for v in VERDICTS if v in found]
            tallies.append(f"{self.numbers[key]} {self.t('list_sep').join(counts)}")
        return self.t("list_sep").join(tallies)

    def address(self, p: Mapping[str, Any]) -> str:
        """The address of a provision; an arrow marks an incorporated one, with its standard where there are several."""
        if p["ruleset"] in self.standards:
            return str(p["address"])
        several = len(self.numbers) - len(self.standards) > 1
        return f"→ {self.numbers[p['ruleset']]} {p['address']}" if several else f"→ {p['address']}"

    def criterion(self, finding: Mapping[str, Any], key: str) -> str:
        """The address a finding stands under in a standard, and what that one incorporates where the gap is there."""
        address = standing(finding, key)
        if finding["ruleset"] == key:
            return address
        return f"{address} → {self.numbers[finding['ruleset']]} {finding['address']}"

    def _requirement(self, r: Mapping[str, Any]) -> View:
        lists = [
            {"label": self.t(name), "groups": self.groups(r[name])}
            for name in ("offending", "undecided", "population")
            if r[name]
        ]
        return {
            "expects": self.pair(r["expects"]),
            "outcome": r["outcome"],
            "outcome_label": self.t(f"outcome.{r['outcome']}"),
            "check": r["check"],
            "kinds": [self.kind(k) for k in r["kinds"]],
            "lists": lists,
        }

    def _said(self, p: Mapping[str, Any]) -> list[View]:
        """What persons have put on record about a provision."""
        said = []
        for name in ("judgement", "claim"):
            if one := p[name]:
                who = f"{one['judged_by']}, {one['judged_on']}"
                decided = self.t(f"verdict.{one['verdict']}")
                said.append(self._person(name, one["record"], who, decided, one["reason"], one["evidence"]))
        if one := p["exclusion"]:
            who = f"{one['approved_by']}, {one['approved_on']}"
            decided = self.t("verdict.not_applicable")
            said.append(
                self._person("exclusion", one["record"], who, decided, one["justification"], one["address"])
            )
        return said

    def _person(self, name: str, record: str, who: str, decided: str, why: str, evidence: str | None) -> View:
        return {
            "kind": self.t(f"people.{name}"),
            "record": record,
            "who": who,
            "decided": decided,
            "why": why,
            "evidence": evidence or "",
        }

    # --- records ---------------------------------------------------------------------------------

    def kind(self, name: str) -> str:
        """The label of a kind of evidence."""
        return self.pair(self.report.kinds.get(name)) or name

    def groups(self, references: Iterable[str]) -> list[View]:
        """`kind:id` references by kind, the first ones apart from the rest."""
        found: dict[str, list[str]] = {}
        for reference in references:
            kind, _, record = reference.partition(":")
            found.setdefault(kind, []).append(record)
        return [self._group(kind, ids) for kind, ids in found.items()]

    def _group(self, kind: str, ids: Sequence[str]) -> View:
        return {
            "code": kind,
            "kind": self.kind(kind),
            "ids": ids[:SHOWN],
            "rest": ids[SHOWN:],
            "more": self.t("more", count=len(ids) - SHOWN) if len(ids) > SHOWN else "",
            "more_elsewhere": self.t("more_elsewhere", count=len(ids) - SHOWN) if len(ids) > SHOWN else "",
        }

    def _look_at(self, p: Mapping[str, Any]) -> list[View]:
        return [self._group(kind, self.report.look_at.get(kind, ())) for kind in p["look_at"]]

    def place(self, place: Place) -> str:
        """The name of a unit or site, its id where it has no name."""
        if place == NOWHERE:
            return self.t("heat.nowhere")
        name = self.report.names.get(place, place[1])
        return self.t("site_name", name=name) if place[0] == "site" else name

    # --- what to do first ------------------------------------------------------------------------

    def _first(self) -> list[View]:
        findings = self.result["findings"]
        provisions = [p for p in self.in_order() if p["reason"] != "incorporated"]
        lists = {grade: [f for f in findings if f["grade"] == grade] for grade in (*GRADES, "opportunity")}
        lists |= {
            v: [p for p in provisions if p["verdict"] == v] for v in ("not_demonstrated", "needs_judgement")
        }
        shown = {
            "major": self._finding,
            "minor": self._finding,
            "not_demonstrated": self._open,
            "needs_judgement": self._open,
            "opportunity": self._finding,
        }
        return [self._step(code, lists[code], make) for code, make in shown.items()]

    def _step(self, code: str, found: Sequence[Mapping[str, Any]], make: Any) -> View:
        groups: dict[tuple[str, str], list[View]] = {}
        for one in found:
            groups.setdefault(self._place_of(one), []).append(make(one))
        return {
            "code": code,
            "verdict": "nonconforming" if code in GRADES else code,
            "symbol": SYMBOLS["nonconforming" if code in GRADES else code],
            "label": self.t(f"first.{code}"),
            "count": self.t("first.count", count=len(found)),
            "size": len(found),
            "note": self._shared_rule(found) if code in GRADES else "",
            "groups": [
                {
                    "clause": clause,
                    "title": self.clause_title(key, clause),
                    "standard": self._which(key),
                    "items": items,
                }
                for (key, clause), items in groups.items()
            ],
        }

    def _place_of(self, one: Mapping[str, Any]) -> tuple[str, str]:
        """Standard and clause under which a finding or a provision is listed."""
        if "cites" in one:
            return one["standards"][0], clause_of(standing(one, one["standards"][0]))
        return one["ruleset"], one["clause"]

    def _shared_rule(self, found: Sequence[Mapping[str, Any]]) -> str:
        """The rule that graded all of these, said once at their head; empty if several did."""
        rules = {self.pair(f["rule_says"]) for f in found}
        return rules.pop() if len(rules) == 1 else ""

    def _which(self, key: str) -> str:
        return str(self.numbers[key]) if len(self.standards) > 1 or key not in self.standards else ""

    def _finding(self, f: Mapping[str, Any]) -> View:
        return {
            "id": f["id"],
            "anchor": self.anchors.get(f["id"], ""),
            "address": self.criterion(f, f["standards"][0]),
            "gist": self.pair(f["criterion"]),
            "lines": self._lines(
                asked=self.pair(f["requirement"]),
                found=self.pair(f["statement"]),
                criteria=self.criteria(f),
                also=self._also(f),
                regraded=self._regraded(f),
                on_record=self._on_record(f),
            ),
            "rule": "" if f["regrade"] else self.pair(f["rule_says"]),
            "groups": self.groups(f"{e['kind']}:{e['id']}" for e in f["evidence"]),
        }

    def _regraded(self, f: Mapping[str, Any]) -> str:
        """What the policy gave, and who gave another grade why; empty where nobody did."""
        if not f["regrade"]:
            return ""
        computed = self.t(f"grade.{f['computed_grade']}")
        if given_when_raised(f):
            told = {**f["regrade"], "computed": computed, "rule_says": self.pair(f["rule_says"])}
            return say("grading.on_record", self.lang, **told)
        return self.t("regraded_why", computed=computed, rule=self.pair(f["rule_says"]), **f["regrade"])

    def _on_record(self, f: Mapping[str, Any]) -> str:
        """The findings on record under the same criterion."""
        return self.t("list_sep").join(
            self.t("on_record_closed" if e["closed_on"] else "on_record_open", **e) for e in f["earlier"]
        )

    def criteria(self, f: Mapping[str, Any]) -> str:
        """The provisions that are broken by the same records and told here as one; empty where it is one."""
        shown = f["standards"][0]
        sep = "；" if self.lang == "zh" else "; "
        return sep.join(f"{self.criterion(c, shown)} {self.pair(c['criterion'])}" for c in f["criteria"])

    def _also(self, f: Mapping[str, Any]) -> str:
        """The other provisions that a finding breaks, where it stands under several."""
        shown = f["standards"][0]
        told = {f["id"], f"{shown}:{standing(f, shown)}"}
        for one in f["criteria"]:
            told |= {one["id"], f"{shown}:{standing(one, shown)}"}
        others = [n for n in f["cites"] if n not in told]
        named = [n.partition(":") for n in others]
        return self.t("list_sep").join(f"{self.numbers.get(key, key)} {address}" for key, _, address in named)

    def _open(self, p: Mapping[str, Any]) -> View:
        """A provision that waits for records, or for a person."""
        missing = [r for r in p["requirements"] if r["outcome"] != "met"]
        needed = self.t("list_sep").join(dict.fromkeys(self.pair(r["expects"]) for r in missing))
        judging = p["verdict"] == "needs_judgement"
        undecided = sorted({ref for r in missing for ref in r["undecided"]})
        return {
            "id": f"{p['ruleset']}:{p['address']}",
            "anchor": self.anchors[f"{p['ruleset']}:{p['address']}"],
            "address": self.address(p),
            "gist": self.pair(p["gist"]),
            "lines": self._lines(
                question=self.pair(p["question"]) if judging else "",
                missing="" if judging else needed,
                found="" if judging else self.reason(p),
            ),
            "rule": "",
            "groups": self._look_at(p) if judging else self.groups(undecided),
        }

    def _lines(self, **texts: str) -> list[tuple[str, str]]:
        return [(self.t(name), text) for name, text in texts.items() if text]

    # --- heat map and expiry ---------------------------------------------------------------------

    def _heat(self, found: Heat) -> View:
        kept, rest = found.places[:PLACES], found.places[PLACES:]
        labels = [self.place(p) for p in kept]
        if rest:
            labels.append(self.t("heat.others", count=len(rest)))
        cells = []
        for r, clause in enumerate(found.clauses):
            row = [found.cells.get((clause, p), 0) for p in kept]
            row += [sum(found.cells.get((clause, p), 0) for p in rest)] if rest else []
            cells += [[r, c, n] for c, n in enumerate(row) if n]
        return {
            "standard": self.standards[found.ruleset]["number"],
            "rows": [f"{c} {self.clause_title(found.ruleset, c)}".strip() for c in found.clauses],
            "places": labels,
            "cells": cells,
        }

    def _expiry(self) -> View:
        rows = [
            {
                "date": e.date,
                "state": self.t("expiry.overdue") if e.overdue else self.t(f"expiry.{_sort(e.column)}"),
                "overdue": e.overdue,
                "kind": self.kind(e.kind),
                "code": e.kind,
                "id": e.id,
                "what": self.pair(self.report.columns.get((e.kind, e.column))) or e.column,
                "unit": self.report.names.get(("unit", e.unit), e.unit) if e.unit else "",
                "site": self.report.names.get(("site", e.site), e.site) if e.site else "",
            }
            for e in self.report.expiring
        ]
        return {"months": self._months(), "rows": rows}

    def _months(self) -> list[View]:
        from datetime import date

        start = date.fromisoformat(self.result["on"]).replace(day=1)
        labels = [shift_months(start, n).isoformat()[:7] for n in range(13)]
        late = [e for e in self.report.expiring if e.overdue]
        coming = [e for e in self.report.expiring if not e.overdue]
        columns = [(self.t("expiry.overdue"), late)]
        columns += [(label, [e for e in coming if e.date[:7] == label]) for label in labels]
        return [
            {
                "label": label,
                "due": sum(_sort(e.column) == "due" for e in found),
                "lapses": sum(_sort(e.column) == "lapse" for e in found),
                "overdue": n == 0,
            }
            for n, (label, found) in enumerate(columns)
        ]

    # --- readings, people, receipt ---------------------------------------------------------------

    def _readings(self) -> list[View]:
        return [
            {
                "anchor": self.anchors[f"{p['ruleset']}:{p['address']}"],
                "address": p["address"],
                "standard": self._which(p["ruleset"]),
                "text": self.pair(p["reading"]),
            }
            for p in self.in_order()
            if p["reading"]
        ]

    def _people(self) -> list[View]:
        return [
            said
            | {
                "address": p["address"],
                "standard": self._which(p["ruleset"]),
                "alone": self.t(f"verdict.{p['evidence_verdict']}") if p["judgement"] else "",
            }
            for p in self.in_order()
            for said in self._said(p)
        ]

    def _left_out(self) -> list[View]:
        reasons: dict[str, list[str]] = {}
        for one in self.report.left_out:
            reasons.setdefault(one.why, []).append(f"{one.kind}:{one.id}")
        return [
            {"why": self.t(f"left_out.{why}"), "groups": self.groups(refs)} for why, refs in reasons.items()
        ]

    def _receipt(self) -> View:
        receipt, result = self.result["receipt"], self.result
        rows = [(self.t("receipt.software"), receipt["software"])]
        rows += [
            (self.t("receipt.ruleset", ruleset=own), digest) for own, digest in receipt["rulesets"].items()
        ]
        graded = receipt["grading"]
        rows += [
            (self.t("receipt.grading", policy=graded["key"], edition=graded["edition"]), graded["digest"]),
            (self.t("receipt.plan"), receipt["plan"]),
            (self.t("receipt.kinds"), receipt["kinds"]),
            (self.t("receipt.position"), str(receipt["evidence"]["position"])),
            (self.t("receipt.head"), receipt["evidence"]["head"]),
            (self.t("receipt.result"), receipt["result"]),
        ]
        words = ["shall", "check", "STORE", *(w for s in self.standards for w in ("-s", s))]
        words += ["--org", result["organisation"]["id"], "--on", result["on"], "--from", result["from"]]
        words += [
            "--mode",
            result["mode"],
            "--known",
            str(receipt["evidence"]["position"]),
            "--format",
            "json",
        ]
        if graded["digest"] != DEFAULT.digest:
            words += ["--grading", f"{graded['key']}.yaml"]
        return {"rows": rows, "command": shlex.join(words)}


def _sort(column: str) -> str:
    return "lapse" if column == "valid_until" else "due"


def bars_of(standard: View) -> list[Bar]:
    """The chapters of a standard in a view as bars of a chart."""
    return [Bar(b["label"], b["counts"]) for b in standard["bars"]]


def months_of(expiry: View) -> list[Month]:
    """The months of a view's expiry as columns of a chart."""
    return [Month(m["label"], m["due"], m["lapses"], m["overdue"]) for m in expiry["months"]]
