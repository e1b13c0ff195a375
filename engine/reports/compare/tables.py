"""A comparison on a terminal, as CSV and as Markdown."""

import csv
import io
from collections.abc import Iterator, Sequence

from shall.engine.compare.comparison import Comparison, counts, total
from shall.engine.compare.relations import RELATIONS, Crosswalk, Relation, Unmatched
from shall.engine.reports.compare.words import COLUMNS, SYMBOLS, Words
from shall.engine.reports.csv_report import MARK, guarded
from shall.engine.reports.terminal import clipped, width
from shall.texts import LANGUAGES, say

SHOWN = 8
"""Differences of one sort that a terminal shows without `--all`."""
LABEL, CELL = 34, 12
_PIPE = str.maketrans({"|": "\\|", "\n": " ", "<": "&lt;", "*": "\\*", "_": "\\_", "`": "'", "[": "\\["})


def terminal(found: Comparison, lang: str, *, everything: bool = False) -> str:
    """The counts of every pair by relation and chapter, then what to look at first."""
    words = Words(found, lang)
    lines = [line for walk in found.walks for line in _walk(words, walk, everything)]
    return "\n".join([*lines, words.t("times", plan=found.plan.digest[:12])])


def _walk(words: Words, walk: Crosswalk, everything: bool) -> Iterator[str]:
    a, b = walk.left, walk.right
    yield words.t("heading", left=f"{a} {words.title(a)}", right=f"{b} {words.title(b)}")
    yield ""
    yield from _counts(words, walk)
    yield ""
    yield words.t("reads")
    for head, shown in differences(words, walk):
        yield ""
        yield f"{head}: {len(shown)}"
        yield from shown if everything else shown[:SHOWN]
        if not everything and len(shown) > SHOWN:
            yield f"  {words.t('more', count=len(shown) - SHOWN)}"
    yield ""


def _counts(words: Words, walk: Crosswalk) -> Iterator[str]:
    tallies = counts(words.found, walk)
    names = [n for n in RELATIONS if any(tally[n] for tally in tallies.values())]
    yield _pad("", LABEL) + "".join(_pad(words.relation(n), CELL, right=True) for n in names)
    for chapter, tally in tallies.items():
        right = chapter.startswith(">")
        key = walk.right if right else walk.left
        label = f"{key} {words.chapter(key, chapter.lstrip('>'))}"
        yield _pad(clipped(label, LABEL), LABEL) + "".join(
            _pad(str(tally[n] or "·"), CELL, right=True) for n in names
        )
    whole = total(tallies)
    yield _pad(f"{walk.left} {words.t('total')}", LABEL) + "".join(
        _pad(str(whole[n]), CELL, right=True) for n in names
    )


def _pad(text: str, columns: int, *, right: bool = False) -> str:
    room = " " * max(1, columns - width(text))
    return room + text if right else text + room


def differences(words: Words, walk: Crosswalk) -> list[tuple[str, list[str]]]:
    """What the right asks beyond the left, then the other way round, each the gravest first, as lines."""
    a, b = walk.left, walk.right
    sorts = (
        (words.t("only_right", a=a, b=b), [_alone(words, one) for one in graver(words, walk.only_right)]),
        (words.t("harder_right", a=a, b=b), _differing(words, walk, ("looser", "narrower"))),
        (words.t("harder_left", a=a, b=b), _differing(words, walk, ("stricter", "broader"))),
        (words.t("only_left", a=a, b=b), [_alone(words, one) for one in graver(words, walk.only_left)]),
    )
    return [(head, shown) for head, shown in sorts if shown]


def graver(words: Words, alone: Sequence[Unmatched]) -> list[Unmatched]:
    """What stands alone, shall before should before the rest, else in the order of the text."""
    return sorted(alone, key=lambda one: -words.found.standards.traits[one.provision].rank)


def _differing(words: Words, walk: Crosswalk, names: tuple[str, str]) -> list[str]:
    traits = words.found.standards.traits
    right = names[0] == "looser"

    def order(one: Relation) -> tuple[int, int, int]:
        rank = traits[one.right if right else one.left].rank
        return (-rank, names.index(one.relation), -one.strength)

    chosen = sorted((one for one in walk.relations if one.relation in names), key=order)
    return [_line(words, one) for one in chosen]


def _line(words: Words, one: Relation) -> str:
    head = f"  {SYMBOLS[one.relation]} {one.left} {words.relation(one.relation)} {one.right}"
    return f"{head}\n      {words.gist(one.left)} | {words.gist(one.right)}\n      {words.reasons(one)}"


def _alone(words: Words, one: Unmatched) -> str:
    return f"  {SYMBOLS['no_match']} {one.provision} ({words.modality(one.provision)}) {words.gist(one.provision)}"


# --- CSV -------------------------------------------------------------------------------------------------


def csv_text(found: Comparison, lang: str) -> str:
    """One row per relation and per provision that stands alone; texts that a spreadsheet would compute stay texts."""
    words = Words(found, lang)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([words.t(f"col.{name}") for name in COLUMNS])
    for walk in found.walks:
        for row in words.rows(walk):
            writer.writerow([guarded(row[name]) for name in COLUMNS])
    return MARK + written.getvalue()


# --- Markdown --------------------------------------------------------------------------------------------


def markdown(found: Comparison, lang: str) -> str:
    """Counts, coverage, and every relation with its reasons, pair by pair."""
    words = Words(found, lang)
    lines = [f"# {words.t('title')}", "", *(f"- `{key}` {words.title(key)}" for key in found.keys), ""]
    lines += [words.t("reads"), "", f"## {words.t('counts')}", "", *_pair_counts(found, (lang,))]
    lines += ["", f"## {words.t('coverage')}", "", *_coverage(found, (lang,))]
    for walk in found.walks:
        lines += ["", f"## {words.t('heading', left=walk.left, right=walk.right)}", ""]
        lines += [
            f"| {' | '.join(words.t(f'col.{name}') for name in _MARKDOWN)} |",
            "|---" * len(_MARKDOWN) + "|",
        ]
        lines += [
            f"| {' | '.join(row[name].translate(_PIPE) for name in _MARKDOWN)} |" for row in words.rows(walk)
        ]
    return "\n".join(lines) + "\n"


_MARKDOWN = (
    "left",
    "left_modality",
    "left_gist",
    "relation",
    "right",
    "right_modality",
    "right_gist",
    "reasons",
)


def _both(key: str, langs: Sequence[str], **fields: object) -> str:
    return " / ".join(dict.fromkeys(say(f"compare.{key}", lang, **fields) for lang in langs))


def _pair_counts(found: Comparison, langs: Sequence[str]) -> Iterator[str]:
    names = [name for name in RELATIONS if name != "no_match"]
    heads = [f"{SYMBOLS[name]} {_both(f'relation.{name}', langs)}" for name in names]
    a, b = "A", "B"
    alone = [_both("only_left", langs, a=a, b=b), _both("only_right", langs, a=a, b=b)]
    yield f"| A | B | {' | '.join([*heads, *alone])} |"
    yield "|---|---" + "|---:" * (len(names) + 2) + "|"
    for walk in found.walks:
        whole = total(counts(found, walk))
        numbers = [whole[name] for name in names] + [len(walk.only_left), len(walk.only_right)]
        yield f"| {walk.left} | {walk.right} | {' | '.join(map(str, numbers))} |"


def _coverage(found: Comparison, langs: Sequence[str]) -> Iterator[str]:
    yield _both("coverage.note", langs)
    yield ""
    yield f"| {_both('col.chapter', langs)} | {' | '.join(found.keys)} |"
    yield "|---" + "|---:" * len(found.keys) + "|"
    words = [Words(found, lang) for lang in langs]
    cells = {(c.standard, c.chapter, c.other): c for c in found.coverage}
    for key, chapter in dict.fromkeys((c.standard, c.chapter) for c in found.coverage):
        label = " / ".join(dict.fromkeys(w.chapter(key, chapter) for w in words))
        shown = [cells.get((key, chapter, other)) for other in found.keys]
        texts = [f"{c.percent}% ({c.met}/{c.of})" if c else "" for c in shown]
        yield f"| {key} {label} | {' | '.join(texts)} |"


def crosswalk_page(found: Comparison) -> str:
    """The page of the documentation: every provision of every standard with its counterparts in all the others."""
    from shall.engine.compare import relations

    lines = [
        "# 标准对照 / Crosswalk",
        "",
        "由程序生成：`shall reference crosswalk`。Generated by `shall reference crosswalk`; do not edit.",
        "",
        _both("reads", LANGUAGES),
        "",
        f"## {_both('legend', LANGUAGES)}",
        "",
        *(
            f"- {SYMBOLS[name]} {_both(f'relation.{name}', LANGUAGES)} `{name}`: {_both(f'means.{name}', LANGUAGES)}"
            for name in reversed(RELATIONS)
        ),
        "",
        "`*` reviewed / 评审; `~` derived over a third standard / 经第三个标准推导; "
        "`>` through an incorporated provision / 经由引入的条款.",
        "",
        "## 规则 / Rules",
        "",
        "```text",
        *(relations.__doc__ or "").strip().splitlines(),
        "```",
        "",
        f"## {_both('counts', LANGUAGES)}",
        "",
        *_pair_counts(found, LANGUAGES),
        "",
        f"## {_both('coverage', LANGUAGES)}",
        "",
        *_coverage(found, LANGUAGES),
        *_reviews(found),
    ]
    for key in found.keys:
        lines += ["", f"## {key}", "", *_standard(found, key)]
    return "\n".join(lines) + "\n"


def _reviews(found: Comparison) -> Iterator[str]:
    related = [one for walk in found.walks for one in walk.relations if one.review]
    alone = [one for walk in found.walks for one in (*walk.only_left, *walk.only_right) if one.review]
    if not related and not alone:
        return
    yield from ("", f"## {_both('origin.reviewed', LANGUAGES)}", "")
    for one in related:
        review = one.review
        assert review is not None
        was = f", {_both('col.computed', LANGUAGES)} `{one.computed}`" if one.computed else ""
        said = f"{review.rationale['zh']} / {review.rationale['en']} ({review.author}, {review.date})"
        yield f"- {one.left} `{one.relation}` {one.right}{was}: {said}"
    for single in alone:
        review = single.review
        assert review is not None
        said = f"{review.rationale['zh']} / {review.rationale['en']} ({review.author}, {review.date})"
        yield f"- {single.provision} `no_match` {single.standard}: {said}"


def _standard(found: Comparison, key: str) -> Iterator[str]:
    others = [other for other in found.keys if other != key]
    cells: dict[tuple[str, str], list[str]] = {}
    for walk in (w for pair in found.walks for w in (pair, pair.inverse())):
        if walk.left == key:
            for one in walk.relations:
                cells.setdefault((one.left, walk.right), []).append(_short(found, one))
    zh, en = (Words(found, lang) for lang in LANGUAGES)
    yield f"| | | {' | '.join(others)} | |"
    yield "|---" * (len(others) + 3) + "|"
    for traits in found.standards.of(key):
        p = found.provision(traits.id)
        shown = [
            ", ".join(dict.fromkeys(cells.get((traits.id, other), [SYMBOLS["no_match"]]))) for other in others
        ]
        said = [words.gist(traits.id).translate(_PIPE) for words in (zh, en)]
        yield f"| {p.address} {traits.force} | {said[0]} | {' | '.join(shown)} | {said[1]} |"


def _short(found: Comparison, one: Relation) -> str:
    mark = "*" if one.origin == "reviewed" else "~" if one.origin == "derived" else ">" if one.through else ""
    return f"{SYMBOLS[one.relation]} {found.provision(one.right).address}{mark}".replace("*", "\\*")
