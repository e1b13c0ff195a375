"""Comparing standards: relations, reasons, inverses, mapping files, chains, the pairs read by people, reports."""

import csv
import io
import itertools
import json
import re
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from shall.engine.cli import shall
from shall.engine.compare.comparison import Comparison, compare, comparison, counts, plan_of, total
from shall.engine.compare.mapping import MappingProblems, Reviewed, chained, read_mappings, shipped_mappings
from shall.engine.compare.relations import (
    INVERSE,
    RELATIONS,
    Crosswalk,
    Relation,
    Standards,
    takes_part,
    vocabulary,
)
from shall.engine.lint import concepts
from shall.engine.plan import Part, Plan, PlannedCondition, PlannedProvision, PlannedRequirement
from shall.engine.reports.compare.html import html
from shall.engine.reports.compare.tables import crosswalk_page, csv_text, markdown, terminal
from shall.engine.reports.compare.words import COLUMNS, Words, with_words
from shall.engine.reports.compare.workbook import xlsx
from shall.engine.shelf import shipped
from shall.texts import LANGUAGES
from shall.texts.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
FIVE = ("t_ccaa_39", "hunan", "jiangsu", "machinery", "zero_carbon")
NAMES = ("x", "x.y", "x.y.a", "x.y.b", "x.y.c", "x.z")
BOTH = {"zh": "文", "en": "text"}


def check(n: int, at_least: int = 1, interval: Any = None) -> PlannedRequirement:
    """A requirement that counts records of kind `k<n>`; equal numbers, equal checks."""
    decision = ("cmp", ">=", ("agg", n), ("int", at_least))
    if interval:
        decision = ("and", decision, ("stale", interval))
    part = Part("some", decision, (f"k{n}",), (n,), (), (), (), {"at_least": at_least})
    return PlannedRequirement(f"r{n}", "some", BOTH, decision, {}, (part,))


def provision(address: str, *, ruleset: str = "a", **fields: Any) -> PlannedProvision:
    plain = {
        "clause": address.partition("#")[0],
        "kind": "sentence",
        "modality": "shall",
        "severity": "shall",
        "gist": {"zh": f"要点{ruleset}{address}", "en": f"gist {ruleset} {address}"},
        "requirements": (),
        "concepts": ("x.y.a",),
    }
    return PlannedProvision(ruleset=ruleset, address=address, **(plain | fields))


def plan(
    *provisions: PlannedProvision,
    requirements: tuple[PlannedRequirement, ...] = (),
    conditions: tuple[PlannedCondition, ...] = (),
) -> Plan:
    keys = tuple(dict.fromkeys(p.ruleset for p in provisions))
    head = {"title": BOTH, "edition": "1", "status": "draft", "clauses": {"1": BOTH}}
    return Plan(
        standards={key: {"key": key, "number": key.upper(), **head} for key in keys},
        asked=keys,
        provisions=provisions,
        requirements=requirements,
        conditions=conditions,
        aggregates=tuple(("count", f"k{n}", ("true",), "t") for n in range(9)),
        columns={},
        decimals={},
        params=(),
        kinds={},
        subjects={},
        schema_digest="",
        digest="0" * 64,
    )


def between(left: dict[str, Any], right: dict[str, Any], **parts: Any) -> Relation:
    """The relation of two provisions that differ in these fields only."""
    made = plan(provision("1#1", **left), provision("1#1", ruleset="b", **right), **parts)
    walk = Standards(made, NAMES).crosswalk("a", "b")
    back = Standards(made, NAMES).crosswalk("b", "a")
    assert len(walk.relations) == 1
    assert back.inverse() == walk
    return walk.relations[0]


CHECKS = (
    check(0),
    check(1),
    check(0, at_least=3),
    check(0, interval=("months", 12)),
    check(0, interval=("months", 6)),
)
WHEN = tuple(
    PlannedCondition(("cmp", ">=", ("agg", n), ("int", 1)), {"zh": f"若{n}", "en": f"if {n}"}, "", "k")
    for n in (1, 2)
)
SHOULD = {"modality": "should", "severity": "should"}
INFO = {"modality": "statement", "severity": "info"}
FIELD = {"concepts": ("x.y",), "requirements": (0,)}
EVENT, OTHER = {"zh": "事件", "en": "event"}, {"zh": "别的", "en": "other"}


@pytest.mark.parametrize(
    ("left", "right", "relation", "kind"),
    [
        ({}, {}, "equal", "concept"),
        ({}, SHOULD, "stricter", "modality"),
        (INFO, {}, "looser", "modality"),
        ({"modality": "may", "severity": "info"}, INFO, "stricter", "modality"),
        ({"modality": "statement", "severity": "shall"}, SHOULD, "stricter", "modality"),
        ({"doc_info": ("retain",)}, {}, "stricter", "documented"),
        ({"doc_info": ("document",)}, {"doc_info": ("maintain",)}, "looser", "documented"),
        ({"doc_info": ("retain",)}, {"doc_info": ("maintain",)}, "overlapping", "documented"),
        ({"interval": "defined"}, {"interval": "planned"}, "stricter", "interval"),
        ({}, {"interval": "periodic"}, "looser", "interval"),
        ({"requirements": (3,)}, {"requirements": (4,)}, "looser", "interval"),
        ({"requirements": (3,), "interval": "periodic"}, {"requirements": (3,), "interval": "defined"}, "equal", ""),
        ({"trigger": EVENT}, {}, "stricter", "trigger"),
        ({"trigger": EVENT}, {"trigger": OTHER}, "overlapping", "trigger"),
        ({"condition": EVENT}, {}, "looser", "scope"),
        ({"when": 0}, {"when": 1}, "overlapping", "scope"),
        ({"when": 0}, {"when": 0}, "equal", ""),
        ({"requirements": (2,)}, {"requirements": (0,)}, "stricter", "number"),
        ({"requirements": (0,)}, {"requirements": (0,)}, "equal", "requirement"),
        ({"requirements": (0, 1)}, {"requirements": (0,)}, "broader", "requirement"),
        ({"requirements": (0,)}, {"requirements": (1,)}, "overlapping", "requirement"),
        ({"requirements": (0, 1)}, {"requirements": (0,), "doc_info": ("retain",)}, "overlapping", "documented"),
        ({"requirements": (0,)}, {"judged": BOTH}, "overlapping", "requirement"),
        ({"requirements": (0,)}, INFO, "stricter", "requirement"),
        ({"judged": BOTH}, {"judged": BOTH}, "equal", "requirement"),
        ({"concepts": ("x.y.a", "x.y.b")}, {}, "broader", "concept"),
        ({"concepts": ("x.y.a", "x.y.b")}, {"concepts": ("x.y.a", "x.y.c")}, "overlapping", "concept"),
        ({}, {"concepts": ("x.y.a", "x.y.b"), **SHOULD}, "overlapping", "modality"),
        ({"concepts": ("x.y",)}, {"concepts": ("x.y.a",)}, "broader", "concept"),
        ({"concepts": ("x.y",)}, {"concepts": ("x.y",)}, "overlapping", "concept"),
        (FIELD, FIELD, "overlapping", "concept"),
    ],
)  # fmt: skip
def test_every_relation_with_its_reason(
    left: dict[str, Any], right: dict[str, Any], relation: str, kind: str
) -> None:
    found = between(left, right, requirements=CHECKS, conditions=WHEN)
    assert found.relation == relation
    assert not kind or kind in {reason.kind for reason in found.reasons}


def test_a_concept_in_several_places_makes_no_two_equal_unless_checks_or_words_do() -> None:
    parts = [provision(f"1#{n}") for n in (1, 2)]
    many = [provision(f"1#{n}", ruleset="b") for n in (1, 2)]
    one = Standards(plan(*parts, many[0]), NAMES).crosswalk("a", "b")
    assert {r.relation for r in one.relations} == {"narrower"}
    both = Standards(plan(*parts, *many), NAMES).crosswalk("a", "b")
    assert {r.relation for r in both.relations} == {"overlapping"}
    said = many[0]._replace(gist=parts[0].gist)
    found = {
        (r.left, r.right): r.relation
        for r in Standards(plan(*parts, said), NAMES).crosswalk("a", "b").relations
    }
    assert found == {("a:1#1", "b:1#1"): "equal", ("a:1#2", "b:1#1"): "narrower"}


def test_what_stands_alone_says_why_and_names_its_neighbours() -> None:
    made = plan(
        provision("1#1"),
        provision("1#2", concepts=()),
        provision("1#3", concepts=(), **INFO),
        provision("2#1", ruleset="b", concepts=("x.y.b",)),
    )
    walk = Standards(made, NAMES).crosswalk("a", "b")
    assert [(one.provision, one.reasons[0].code, one.near) for one in walk.only_left] == [
        ("a:1#1", "concept.none", ("b:2#1",)),
        ("a:1#2", "concept.unclassified", ()),
    ]
    assert [one.provision for one in walk.only_right] == ["b:2#1"]


def incorporating(**fields: Any) -> Plan:
    return plan(
        provision("1#1", concepts=("x.z",), incorporates=("b:1",), incorporated=(1, 2), **fields),
        provision("1#1", ruleset="b", **SHOULD),
        provision("1#2", ruleset="b", concepts=("x.y.b",)),
        provision("1#1", ruleset="c", **SHOULD),
    )


def test_incorporating_provisions_relate_to_the_whole_clause_and_through_it_to_others() -> None:
    standards = Standards(incorporating(), NAMES)
    walk = standards.crosswalk("a", "b")
    assert [(r.right, r.relation) for r in walk.relations] == [
        ("b:1#1", "incorporates"),
        ("b:1#2", "incorporates"),
    ]
    assert [r.relation for r in standards.crosswalk("b", "a").relations] == ["incorporated"] * 2
    (through,) = standards.crosswalk("a", "c").relations
    assert (through.right, through.relation, through.through) == ("c:1#1", "equal", "b:1#1")


def test_what_is_incorporated_binds_no_harder_than_the_sentence_that_incorporates_it() -> None:
    made = incorporating(**SHOULD)
    made = plan(
        *made.provisions[:1],
        made.provisions[1]._replace(modality="shall", severity="shall"),
        *made.provisions[2:],
    )
    (through,) = Standards(made, NAMES).crosswalk("a", "c").relations
    assert through.relation == "equal"


PROVISIONS = st.fixed_dictionaries(
    {
        "concepts": st.lists(st.sampled_from(NAMES[1:]), max_size=3, unique=True).map(tuple),
        "modality": st.sampled_from(["shall", "should", "may", "can", "statement"]),
        "severity": st.sampled_from(["shall", "should", "info"]),
        "requirements": st.lists(st.integers(0, 4), max_size=3, unique=True).map(tuple),
        "doc_info": st.sampled_from([(), ("maintain",), ("retain",), ("maintain", "retain"), ("document",)]),
        "interval": st.sampled_from([None, "defined", "planned", "periodic", "frequency"]),
        "trigger": st.sampled_from([None, EVENT, OTHER]),
        "condition": st.sampled_from([None, EVENT]),
        "when": st.sampled_from([None, 0, 1]),
        "judged": st.sampled_from([None, BOTH]),
    }
)


@given(st.lists(PROVISIONS, min_size=1, max_size=4), st.lists(PROVISIONS, min_size=1, max_size=4))
def test_right_to_left_is_the_inverse_of_left_to_right(left: list[Any], right: list[Any]) -> None:
    made = plan(
        *(provision(f"1#{n}", **fields) for n, fields in enumerate(left, 1)),
        *(provision(f"1#{n}", ruleset="b", **fields) for n, fields in enumerate(right, 1)),
        requirements=CHECKS,
        conditions=WHEN,
    )
    standards = Standards(made, NAMES)
    forth, back = standards.crosswalk("a", "b"), standards.crosswalk("b", "a").inverse()
    assert {(r.left, r.right): r for r in forth.relations} == {(r.left, r.right): r for r in back.relations}
    assert (forth.only_left, forth.only_right) == (back.only_left, back.only_right)
    taking = {p.id for p in made.provisions if takes_part(p)}
    met = {id for r in forth.relations for id in (r.left, r.right)}
    alone = {u.provision for u in (*forth.only_left, *forth.only_right)}
    assert met | alone == taking and not met & alone


@given(PROVISIONS)
def test_every_provision_that_shares_its_concepts_alone_equals_its_twin(fields: dict[str, Any]) -> None:
    fields = fields | {"concepts": ("x.y.a",)}
    found = between(fields, fields, requirements=CHECKS, conditions=WHEN)
    assert found.relation == "equal"


def test_inverse_names_are_inverse() -> None:
    assert set(INVERSE) == set(RELATIONS)
    assert all(INVERSE[INVERSE[name]] == name for name in RELATIONS)


# --- mapping files ----------------------------------------------------------------------------------------

KNOWN = {"a": {"1#1", "1#2"}, "b": {"1#1", "1#2"}, "c": {"1#1"}}
TAIL = "author: me\n    date: 2026-11-21\n    rationale: {zh: 理由, en: because}\n"


def pair(left: str, right: str, relation: str = "equal", extra: str = "") -> str:
    return (
        f'  - from: "{left}"\n    to: "{right}"\n    relation: {relation}\n    strength: 5\n    {extra}{TAIL}'
    )


def single(name: str, standard: str) -> str:
    return f'  - provision: "{name}"\n    standard: {standard}\n    {TAIL}'


MATCHED = "mappings:\n" + pair("a:1#1", "b:1#1")


def reading(tmp_path: Path, text: str) -> Reviewed:
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    return read_mappings([tmp_path / "own.yaml"], KNOWN, ["elsewhere"])


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("mappings:\n" + pair("a:9#9", "b:1#1"), "compare.unknown_provision", 2),
        ("mappings:\n" + pair("a:1#1", "q:1#1"), "compare.unknown_standard", 2),
        ("mappings:\n" + pair("a:1#1", "a:1#2"), "compare.one_standard", 2),
        ("mappings:\n" + pair("a:1#1", "b:1#1") + pair("b:1#1", "a:1#1", "looser"), "compare.pair_twice", 9),
        (MATCHED + "no_counterpart:\n" + single("b:1#1", "a"), "compare.alone_but_related", 10),
        ("no_counterpart:\n" + single("a:1#1", "b") + single("a:1#1", "b"), "compare.alone_twice", 7),
        ("no_counterpart:\n" + single("a:1#1", "a"), "compare.one_standard", 2),
        ("mappings:\n" + pair("a:1#1", "b:1#1", extra="because: x\n    "), "rules.unknown_key", 6),
        ("mappings:\n" + pair("a:1#1", "b:1#1", "similar"), "rules.not_allowed", 4),
        ("mappings:\n" + pair("a:1#1", "b:1#1").replace("strength: 5", "strength: 11"), "rules.bad_value", 5),
        ("mappings:\n" + pair("a:1#1", "b:1#1").replace("author: me\n    ", ""), "rules.missing_key", 2),
        ("mapping: []\n", "rules.unknown_key", 1),
        ("- 1\n", "compare.not_a_mapping", 1),
        ("mappings: [\n", "rules.yaml_syntax", 2),
    ],
)  # fmt: skip
def test_a_mapping_file_that_cannot_be_used_says_where_and_why(
    tmp_path: Path, text: str, key: str, line: int
) -> None:
    with pytest.raises(MappingProblems) as caught:
        reading(tmp_path, text)
    assert [(p.key, p.line) for p in caught.value.problems] == [(key, line)]
    for lang in LANGUAGES:
        assert f"own.yaml:{line}: " in caught.value.text(lang)


@pytest.mark.parametrize("link", ["equal", "stricter"])
def test_cycles_of_stricter_are_refused(tmp_path: Path, link: str) -> None:
    text = "mappings:\n" + pair("a:1#1", "b:1#1", "stricter") + pair("b:1#1", "c:1#1", link)
    assert len(reading(tmp_path, text).mappings) == 2
    with pytest.raises(MappingProblems) as caught:
        reading(tmp_path, text + pair("a:1#1", "c:1#1", "looser"))
    assert {p.key for p in caught.value.problems} == {"compare.cycle"}


def test_statements_about_standards_that_are_not_at_hand_are_left_out(tmp_path: Path) -> None:
    text = "mappings:\n" + pair("a:1#1", "elsewhere:1#1") + "no_counterpart:\n" + single("a:1#1", "elsewhere")
    assert reading(tmp_path, text) == Reviewed()


def simple(*keys: str) -> Plan:
    return plan(*(provision("1#1", ruleset=key, concepts=(f"x.y.{'abc'[n]}",)) for n, key in enumerate(keys)))


def test_a_review_adds_replaces_and_takes_away_and_what_was_computed_stays(tmp_path: Path) -> None:
    made = plan(
        provision("1#1"),
        provision("1#2", concepts=("x.y.b",)),
        provision("1#1", ruleset="b"),
        provision("1#2", ruleset="b", concepts=("x.z",)),
    )
    text = "mappings:\n" + pair("b:1#1", "a:1#1", "looser") + pair("a:1#2", "b:1#2", "broader")
    found = comparison(Standards(made, NAMES), ("a", "b"), reading(tmp_path, text)).walks[0]
    assert [(r.left, r.right, r.relation, r.computed, r.origin, r.strength) for r in found.relations] == [
        ("a:1#1", "b:1#1", "stricter", "equal", "reviewed", 5),
        ("a:1#2", "b:1#2", "broader", "no_match", "reviewed", 5),
    ]
    assert not found.only_left and not found.only_right
    text = "no_counterpart:\n" + single("b:1#1", "a") + "mappings:\n" + pair("a:1#2", "b:1#2", "no_match")
    found = comparison(Standards(made, NAMES), ("a", "b"), reading(tmp_path, text)).walks[0]
    assert [r.relation for r in found.relations] == ["no_match"]
    assert [(u.provision, u.origin) for u in found.only_right] == [
        ("b:1#1", "reviewed"),
        ("b:1#2", "computed"),
    ]


def test_chains_are_as_strong_as_their_weakest_link_and_marked(tmp_path: Path) -> None:
    text = (
        "mappings:\n"
        + pair("a:1#1", "b:1#1", "stricter")
        + pair("b:1#1", "c:1#1", "broader").replace(": 5", ": 7")
    )
    standards, said = Standards(simple("a", "b", "c"), NAMES), reading(tmp_path, text)
    found = {(w.left, w.right): w for w in comparison(standards, ("a", "b", "c"), said).walks}
    (derived,) = found["a", "c"].relations
    assert (derived.relation, derived.strength, derived.origin, derived.through) == (
        "broader",
        5,
        "derived",
        "b:1#1",
    )
    plain = comparison(standards, ("a", "b", "c"), said, chains=False)
    assert [len(w.relations) for w in plain.walks] == [1, 0, 1]
    weak = reading(tmp_path, text.replace("strength: 7", "strength: 3"))
    assert not {(w.left, w.right): w for w in comparison(standards, ("a", "b", "c"), weak).walks}[
        "a", "c"
    ].relations


def test_chained_relations_compose_only_where_they_point_one_way() -> None:
    for first, second in itertools.product(RELATIONS, RELATIONS):
        made = chained(first, second)
        back = chained(INVERSE[second], INVERSE[first])
        assert back == (INVERSE[made] if made else None)
    assert chained("overlapping", "equal") is None
    assert chained("broader", "narrower") is None


# --- the five standards -----------------------------------------------------------------------------------


@cache
def five() -> Comparison:
    return compare(FIVE)


@cache
def walks() -> dict[tuple[str, str], Crosswalk]:
    found = {(w.left, w.right): w for w in five().walks}
    return found | {(b, a): w.inverse() for (a, b), w in found.items()}


READ = yaml.safe_load((ROOT / "tests" / "crosswalk_pairs.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("one", READ, ids=lambda one: f"{one['from']} {one['to']}")
def test_pairs_whose_texts_were_read_come_out_as_read(one: dict[str, str]) -> None:
    walk = walks()[one["from"].partition(":")[0], one["to"].partition(":")[0]]
    if one["relation"] == "no_match":
        assert one["from"] in {alone.provision for alone in walk.only_left}
    else:
        found = [r.relation for r in walk.relations if (r.left, r.right) == (one["from"], one["to"])]
        assert found == [one["relation"]]


def test_the_pairs_read_cover_every_relation_and_every_pair_of_standards() -> None:
    assert len(READ) >= 50
    assert {one["relation"] for one in READ} == set(RELATIONS)
    pairs = {frozenset((one["from"].partition(":")[0], one["to"].partition(":")[0])) for one in READ}
    assert pairs == {frozenset(p) for p in itertools.combinations(FIVE, 2)}


def test_machinery_incorporates_whole_clauses_of_its_base_standard() -> None:
    plan = five().plan
    incorporating = [p for p in plan.provisions if p.ruleset == "machinery" and p.incorporated]
    assert len(incorporating) > 20
    found = {
        (r.left, r.right) for r in walks()["machinery", "t_ccaa_39"].relations if r.relation == "incorporates"
    }
    assert found == {(p.id, plan.provisions[n].id) for p in incorporating for n in p.incorporated}


def test_a_pair_comes_out_the_same_whatever_else_is_compared() -> None:
    alone = compare(("machinery", "hunan"), chains=False).walks[0]
    among = compare(FIVE, chains=False)
    assert next(w for w in among.walks if (w.left, w.right) == ("hunan", "machinery")) == alone.inverse() or (
        {(r.left, r.right, r.through): r for r in alone.relations}
        == {(r.right, r.left, r.through): r.inverse() for w in among.walks
            if (w.left, w.right) == ("hunan", "machinery") for r in w.relations}
    )  # fmt: skip


def test_every_provision_is_related_or_stands_alone() -> None:
    for (left, right), walk in walks().items():
        related = {r.left for r in walk.relations if r.relation != "no_match"}
        alone = {u.provision for u in walk.only_left}
        assert not related & alone
        assert related | alone == {t.id for t in five().standards.of(left)}, (left, right)


def test_the_quick_list_of_concepts_is_the_whole_one() -> None:
    assert vocabulary() == tuple(concepts())


def test_shipped_mappings_name_shipped_provisions_only() -> None:
    plan, _ = plan_of(shipped())
    known: dict[str, set[str]] = {}
    for p in plan.provisions:
        known.setdefault(p.ruleset, set()).add(p.address)
    assert len(read_mappings(shipped_mappings(), known).mappings) >= 10


def test_the_page_of_the_documentation_is_fresh() -> None:
    kept = (ROOT / "docs" / "crosswalk.md").read_text(encoding="utf-8")
    assert kept == crosswalk_page(compare(shipped())), "run: shall reference crosswalk -o docs/crosswalk.md"


# --- reports ------------------------------------------------------------------------------------------------

SCRIPT = "</script><script>alert(1)</script>"


@cache
def hostile() -> Comparison:
    evil = {"zh": f"=1+1 {SCRIPT}", "en": f'=cmd "><img src=x> {SCRIPT} | x'}
    made = plan(
        provision("1#1", gist=evil, trigger=evil, when=0, requirements=(0, 3)),
        provision("1#2", gist=evil, concepts=("x.y.b",), **SHOULD),
        provision("1#1", ruleset="b", gist=evil, condition=evil, doc_info=("retain",)),
        requirements=CHECKS,
        conditions=WHEN,
    )
    return comparison(Standards(made, NAMES), ("a", "b"))


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_escapes_everything_and_fetches_nothing(lang: str) -> None:
    page = html(hostile(), lang)
    seen = Seen()
    seen.feed(page)
    assert sum(tag == "script" for tag, _ in seen.tags) == 1
    assert not any(tag in ("img", "link", "iframe") or "src" in attrs for tag, attrs in seen.tags)
    assert all((attrs.get("href") or "#").startswith("#") for tag, attrs in seen.tags if tag == "a")
    assert "sha256-" in page and "default-src 'none'" in page


def test_the_page_of_all_five_is_small_and_complete() -> None:
    page = html(five(), "zh")
    assert len(page.encode()) < 3_000_000
    relations = sum(len(w.relations) for w in five().walks)
    alone = {u.provision for w in five().walks for u in (*w.only_left, *w.only_right)}
    assert len(re.findall(r'<li class="i"', page)) == relations + len(alone)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_csv_guards_formulas_and_has_every_row(lang: str) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(hostile(), lang).lstrip("\ufeff"))))
    walk = hostile().walks[0]
    assert len(rows) == len(walk.relations) + len(walk.only_left) + len(walk.only_right)
    assert len(rows[0]) == len(COLUMNS)
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_filters_and_computes_nothing(lang: str) -> None:
    book = openpyxl.load_workbook(BytesIO(xlsx(hostile(), lang)))
    assert len(book.sheetnames) == 4
    assert all(book[name].auto_filter.ref for name in book.sheetnames[1:])
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_the_workbook_is_the_same_bytes_again() -> None:
    assert xlsx(hostile(), "zh") == xlsx(hostile(), "zh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_of_the_five_has_words(lang: str) -> None:
    words = Words(five(), lang)
    for walk in five().walks:
        for row in words.rows(walk):
            assert row["reasons"] and "{" not in row["reasons"]
    assert terminal(five(), lang, everything=True)
    assert markdown(hostile(), lang).count("\n| ") >= 3


def test_json_names_reasons_in_both_languages_and_counts_agree() -> None:
    plain = json.loads(json.dumps(with_words(five())))
    for shown, walk in zip(plain["pairs"], five().walks, strict=True):
        assert all(
            reason["text"]["zh"] and reason["text"]["en"]
            for r in shown["relations"]
            for reason in r["reasons"]
        )
        assert sum(shown["counts"].values()) == len(walk.relations)
        assert total(counts(five(), walk))["no_match"] == len(walk.only_left)
    assert {one["key"] for one in plain["standards"]} == set(FIVE)


def test_coverage_and_matrix_count_what_is_there() -> None:
    for one in five().coverage:
        assert 0 <= one.met <= one.of and 0 <= one.percent <= 100
    carried = {c for p in five().plan.provisions for c in p.concepts}
    assert {row.concept for row in five().rows} == carried
    changing = [row for row in five().rows if row.changes]
    assert changing and all(len({cell.rank for cell in row.cells.values()}) > 1 for row in changing)


@pytest.mark.parametrize("form", ["table", "json", "csv", "md", "html", "xlsx", "pdf"])
def test_the_command_writes_every_format(form: str, tmp_path: Path) -> None:
    target = tmp_path / f"out.{form}"
    done = CliRunner().invoke(shall, ["compare", "t_ccaa_39", "jiangsu", "--format", form, "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert target.stat().st_size > 2000


def test_the_command_explains_what_it_cannot_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        compare(["hunan"])
    own = tmp_path / "own.yaml"
    own.write_text("mappings:\n" + pair("hunan:99#1", "jiangsu:5.1#1"), encoding="utf-8")
    with pytest.raises(MappingProblems):
        compare(["hunan", "jiangsu"], [own])
    own.write_text("mappings:\n" + pair("hunan:5.2.1#2", "jiangsu:6.2#1"), encoding="utf-8")
    found = compare(["hunan", "jiangsu"], [own]).walks[0]
    assert ("hunan:5.2.1#2", "jiangsu:6.2#1", "equal") in {
        (r.left, r.right, r.relation) for r in found.relations
    }
