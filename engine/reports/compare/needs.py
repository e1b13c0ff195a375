"""A delta in words: for the terminal, as tables, and as a plain value."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from shall.engine.compare.delta import OPEN, STATES, Delta, Item, Piece
from shall.engine.compare.effort import Hours
from shall.engine.reports.columns import clipped, width
from shall.engine.reports.compare.paper import Paper, Row, Section, told
from shall.engine.reports.compare.words import Words
from shall.texts import LANGUAGES, say

SHOWN = 10
"""Pieces and provisions of a state that a terminal shows without `--all`."""
COLOURS: Mapping[str, str] = {
    "new": "#f4d9d2", "stricter": "#e6dcf2", "more": "#f9e6c4", "judge": "#d8e9f3", "carried": "#d9eee4",
    "not_applicable": "#eef1f3",
}  # fmt: skip
SIGNS: Mapping[str, str] = {
    "new": "+", "stricter": "▲", "more": "◐", "judge": "?", "carried": "=", "not_applicable": "–",
}  # fmt: skip
_WIDTHS = (
    ("state", 12), ("address", 22), ("clause", 20), ("modality", 8), ("gist", 40), ("verdict", 11), ("relation", 10),
    ("counterpart", 20), ("why", 50), ("records", 26), ("missing", 46), ("pieces", 15), ("owed", 11), ("question", 32),
    ("state_code", 12),
)  # fmt: skip
_PIECES = (
    ("rank", 6), ("piece", 15), ("expects", 46), ("work", 18), ("kinds", 24), ("outcome", 11), ("offending", 28),
    ("there", 9), ("alone", 24), ("serves", 24), ("owed_to", 22), ("low", 9), ("high", 9),
)  # fmt: skip


class DeltaWords:
    """The words of one delta in one language."""

    def __init__(self, found: Delta, lang: str) -> None:
        self.found, self.lang = found, lang
        self.words = Words(found.comparison, lang)
        self.pieces = {piece.id: piece for piece in found.pieces}
        self.rank = {piece.id: n for n, piece in enumerate(found.pieces, 1)}
        self.works = {work.id: work for work in found.effort.work}

    def t(self, key: str, **fields: object) -> str:
        """A text of the catalogue."""
        return say(f"delta.{key}", self.lang, **fields)

    def pair(self, text: Mapping[str, str]) -> str:
        """A text of both languages in this one."""
        return text[self.lang]

    def title(self) -> str:
        """From which standard to which."""
        return self.t(
            "title", start=self.words.title(self.found.start), target=self.words.title(self.found.target)
        )

    def lines(self) -> list[str]:
        """Whose evidence, how many provisions in each state, how many hours: what is said first."""
        found = self.found
        counts = found.counts()
        if found.question is None:
            head = [self.t("plain", start=found.start)]
        else:
            q = found.question
            name = found.name or q.organisation
            head = [self.t("asked", name=name, on=q.on, since=q.since, position=q.known or 0)]
            held = {k: v for k, v in (found.held or {}).items() if v}
            told = self.sep().join(f"{say(f'report.verdict.{k}', self.lang)} {v}" for k, v in held.items())
            head.append(self.t("held", start=found.start, verdicts=told))
        told = self.sep().join(f"{self.t(f'state.{s}')} {counts[s]}" for s in STATES if counts[s])
        head.append(self.t("counts", target=found.target, count=len(found.items), states=told))
        owed = sum(found.owes(item) == "all" for item in found.items if item.state in OPEN)
        open_ = sum(counts[s] for s in OPEN)
        key = "owed_plain" if found.question is None else "owed_line"
        if owed or found.question:
            head.append(self.t(key, open=open_, owed=owed, start=found.start))
        own = self.hours(found.hours(owed=False))
        hours, pieces = self.hours(found.hours()), len(found.pieces)
        head.append(self.t("hours_line", pieces=pieces, hours=hours, own=own, start=found.start))
        if counts["judge"]:
            judging = self.hours(found.judging())
            head.append(self.t("judging_line", judged=counts["judge"], judging=judging))
        head.append(self.t("hours_note", title=self.pair(found.effort.title.model_dump())))
        return head

    def sep(self) -> str:
        """What stands between the items of a list."""
        return self.words.t("list_sep")

    def hours(self, hours: Hours) -> str:
        """A range as it is printed."""
        low, high = plain(hours.low), plain(hours.high)
        return low if low == high else self.t("range", low=low, high=high)

    def records(self, refs: tuple[str, ...]) -> str:
        """Some records by kind and id, and how many more."""
        return told(refs, self.found.plan.kinds, self.lang)

    def why(self, item: Item) -> str:
        """Why a provision is in its state."""
        found, parts = self.found, []
        if item.reason:
            parts.append(say(f"report.reason.{item.reason}", self.lang))
        elif item.state == "carried" and item.provision.ruleset != found.start:
            parts.append(self.t("carried_plain", start=found.start))
        if item.through and item.state in OPEN:
            parts.append(self.t("through", ids=" ".join(item.through)))
        if item.nearest and found.start != found.target:
            parts.append(self.words.reasons(item.nearest))
        elif not item.nearest:
            parts.append(self.t("no_counterpart", start=found.start))
            if item.near:
                parts.append(f"{self.words.t('near')} {' '.join(item.near)}")
        return self.words.t("sep").join(parts)

    def item(self, item: Item) -> Row:
        """A provision as a row."""
        p = item.provision
        owes = self.found.owes(item)
        missing = [self.pieces[name] for name in item.missing]
        return {
            "state": f"{SIGNS[item.state]} {self.t(f'state.{item.state}')}",
            "state_code": item.state,
            "address": f"{p.ruleset}:{p.address}",
            "clause": self.words.clause(p.id),
            "modality": self.words.modality(p.id),
            "gist": self.pair(p.gist),
            "verdict": say(f"report.verdict.{item.verdict}", self.lang) if item.verdict else "",
            "relation": self.words.relation(item.nearest.relation if item.nearest else "no_match"),
            "counterpart": " ".join(r.left for r in (item.nearest, *item.others) if r),
            "why": self.why(item),
            "records": self.records(item.records),
            "missing": "\n".join(self.pair(piece.expects[0]) for piece in missing),
            "pieces": " ".join(f"#{self.rank[piece.id]}" for piece in missing),
            "owed": self.t(f"owed.{owes}") if owes else "",
            "question": "\n".join(map(self.pair, item.questions)),
        }

    def piece(self, piece: Piece) -> Row:
        """A missing piece of evidence as a row."""
        kinds = self.found.plan.kinds
        expects = "\n".join(map(self.pair, piece.expects))
        if piece.interval:
            subject = self.found.plan.subjects.get(piece.interval)
            expects += "\n" + self.t("interval", subject=self.pair(subject) if subject else piece.interval)
        return {
            "rank": self.rank[piece.id],
            "piece": piece.id,
            "expects": expects,
            "work": getattr(self.works[piece.work], self.lang),
            "kinds": self.sep().join(self.pair(kinds[kind]) for kind in piece.kinds),
            "outcome": say(f"report.outcome.{piece.outcome}", self.lang),
            "offending": self.records(piece.offending),
            "there": len(piece.there),
            "alone": " ".join(piece.alone),
            "serves": " ".join(piece.serves),
            "owed_to": " ".join(piece.owed),
            "low": plain(piece.hours.low),
            "high": plain(piece.hours.high),
        }

    def ordered(self) -> Iterator[Item]:
        """The provisions by state; within it those that the held standard asks for too come last."""
        last = {"none": 0, "some": 1, "": 1, "all": 2}
        for state in STATES:
            group = [item for item in self.found.items if item.state == state]
            yield from sorted(group, key=lambda item: last[self.found.owes(item)])


def plain(number: Decimal) -> str:
    """A decimal without trailing zeros."""
    return format(number.normalize(), "f")


def paper(found: Delta, lang: str) -> Paper:
    """The delta as tables: every provision, every missing piece, the effort table."""
    words = DeltaWords(found, lang)
    items = Section(
        words.t("sheet.items"),
        [(name, words.t(f"col.{name}"), wide) for name, wide in _WIDTHS],
        [words.item(item) for item in words.ordered()],
        COLOURS,
        "state_code",
    )
    pieces = Section(
        words.t("sheet.pieces"),
        [(name, words.t(f"col.{name}"), wide) for name, wide in _PIECES],
        [words.piece(piece) for piece in found.pieces],
    )
    heads = [
        (name, words.t(f"col.{name}"), wide)
        for name, wide in (("work", 26), ("start", 14), ("each", 14), ("because", 70))
    ]
    rows: list[Row] = [
        {
            "work": getattr(work, lang),
            "start": words.hours(Hours(*work.start)),
            "each": words.hours(Hours(*work.each)),
            "because": getattr(work.because, lang),
        }
        for work in found.effort.work
    ]
    judge = found.effort.judge
    rows.append(
        {
            "work": words.t("state.judge"),
            "start": "",
            "each": words.hours(Hours(*judge.hours)),
            "because": getattr(judge.because, lang),
        }
    )
    return Paper(
        words.title(),
        words.lines(),
        [items, pieces, Section(words.t("sheet.effort"), heads, rows)],
        words.t("sheet.first"),
    )


def terminal(found: Delta, lang: str, *, everything: bool = False) -> str:
    """The counts, what to supply first, and the open provisions by state."""
    words = DeltaWords(found, lang)
    out = [words.title(), *words.lines()]
    if found.pieces:
        shown = found.pieces if everything else found.pieces[:SHOWN]
        out += ["", words.t("first", count=len(found.pieces))]
        out += [line for piece in shown for line in _piece(words, piece)]
        out += _more(words, len(found.pieces) - len(shown))
    ordered = list(words.ordered())
    for state in STATES:
        group = [item for item in ordered if item.state == state]
        if not group or (state not in OPEN and not everything):
            continue
        part = group if everything else group[:SHOWN]
        out += [
            "",
            f"{SIGNS[state]} {words.t(f'means.{state}', start=found.start, target=found.target)}: {len(group)}",
        ]
        out += [line for item in part for line in _item(words, item)]
        out += _more(words, len(group) - len(part))
    return "\n".join(out) + "\n"


def _more(words: DeltaWords, count: int) -> list[str]:
    return [f"  {words.words.t('more', count=count)}"] if count > 0 else []


def _piece(words: DeltaWords, piece: Piece) -> Iterator[str]:
    hours = words.t("hours" if piece.hours.high else "paid", hours=words.hours(piece.hours))
    serves = words.t(
        "serves", alone=len(piece.alone), count=len(piece.serves), ids=" ".join(piece.serves[:4])
    )
    owed = f" · {words.t('owed_to', ids=' '.join(piece.owed[:3]))}" if piece.owed else ""
    yield f"  #{words.rank[piece.id]} {clipped(words.pair(piece.expects[0]), 100)}"
    yield f"      {hours} · {serves}{owed}"


def _item(words: DeltaWords, item: Item) -> Iterator[str]:
    row = words.item(item)
    owes = words.found.owes(item)
    owed = f" [{words.t(f'owes.{owes}', start=words.found.start)}]" if owes else ""
    yield f"  {row['address']} ({row['modality']}) {row['gist']}{owed}"
    why = str(row["why"])
    yield f"      {clipped(why, 160) if width(why) > 160 else why}"
    if row["missing"] or row["question"]:
        told = words.words.t("sep").join(
            str(row[name]).replace("\n", "; ") for name in ("missing", "question") if row[name]
        )
        yield f"      → {clipped(told, 160) if width(told) > 160 else told} {row['pieces']}"


def as_plain(found: Delta) -> dict[str, Any]:
    """The delta as dicts, lists and texts, with every sentence in both languages; hours as texts of decimals."""
    both = {lang: DeltaWords(found, lang) for lang in LANGUAGES}
    q = found.question
    return {
        "from": found.start,
        "to": found.target,
        "standards": {
            key: {name: found.plan.standards[key][name] for name in ("number", "title", "edition", "digest")}
            for key in dict.fromkeys((found.start, found.target))
        },
        "plan": found.plan.digest,
        "effort": found.effort.digest,
        "question": None
        if q is None or found.position is None
        else {
            "organisation": q.organisation,
            "name": found.name,
            "on": q.on.isoformat(),
            "from": q.since.isoformat(),
            "mode": q.mode,
            "position": found.position[0],
            "head": found.position[1],
        },
        "held": found.held,
        "counts": found.counts(),
        "hours": {
            "all": _hours(found.hours()),
            "not_owed": _hours(found.hours(owed=False)),
            "judging": _hours(found.judging()),
        },
        "summary": {lang: said.lines() for lang, said in both.items()},
        "provisions": [
            {
                "provision": item.id,
                "clause": item.provision.clause,
                "modality": item.provision.modality,
                "severity": item.provision.severity,
                "gist": dict(item.provision.gist),
                "state": item.state,
                "verdict": item.verdict,
                "reason": item.reason,
                "why": {lang: said.why(item) for lang, said in both.items()},
                "relations": [
                    {"provision": r.left, "relation": r.relation, "strength": r.strength, "origin": r.origin}
                    for r in (item.nearest, *item.others)
                    if r
                ],
                "near": list(item.near),
                "through": list(item.through),
                "records": list(item.records),
                "missing": list(item.missing),
                "owed": found.owes(item) or None,
                "questions": [dict(question) for question in item.questions],
            }
            for item in found.items
        ],
        "missing": [
            {
                "id": piece.id,
                "check": piece.check,
                "expects": [dict(text) for text in piece.expects],
                "kinds": list(piece.kinds),
                "kind": piece.kind,
                "columns": {kind: list(names) for kind, names in piece.columns.items()},
                "work": piece.work,
                "outcome": piece.outcome,
                "offending": list(piece.offending),
                "there": list(piece.there),
                "interval": piece.interval,
                "serves": list(piece.serves),
                "alone": list(piece.alone),
                "owed": list(piece.owed),
                "hours": _hours(piece.hours),
            }
            for piece in found.pieces
        ],
        "note": {lang: say("delta.paraphrase", lang) for lang in LANGUAGES},
    }


def _hours(hours: Hours) -> list[str]:
    return [plain(hours.low), plain(hours.high)]
