"""Search: what is found first, in both languages; what is typed is text; cache, findings, screen and JSON."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from shall.engine import cli
from shall.engine.cli.search import as_json, lines, marked
from shall.engine.search import (
    COMMON,
    FIELDS,
    LANGUAGES,
    MOST,
    WHATS,
    Entry,
    Excerpt,
    Found,
    Index,
    Written,
    find,
    fold,
    indexes_for,
    terms,
)
from shall.engine.stems import stem
from shall.texts.errors import UsageError


@cache
def shelf() -> tuple[Index, ...]:
    return tuple(indexes_for()[0])


def search(*words: str, standards: Sequence[str] = (), lang: str = "zh") -> Found:
    return find(words, shelf(), standards, lang)


def ids(found: Found) -> list[str]:
    return [hit.entry.id for hit in found.hits]


def run(*words: object, lang: str = "zh") -> Result:
    return CliRunner().invoke(cli.shall, ["--lang", lang, "search", *map(str, words)], standalone_mode=False)


T39 = ("t_ccaa_39",)


@pytest.mark.parametrize(
    ("words", "standards", "first"),
    [
        (["碳汇"], T39, "t_ccaa_39:6.1.2/a/2"),
        (["碳汇"], ["zero_carbon", "machinery"], "machinery:4.3#4"),
        (["校准"], T39, "t_ccaa_39:9.1.1#6"),
        (["碳方针"], (), "t_ccaa_39:5.2"),
        (["内部审核"], (), "t_ccaa_39:9.2"),
        (["管理评审"], (), "t_ccaa_39:9.3"),
        (["碳评审"], (), "t_ccaa_39:6.1.2"),
        (["合规义务"], (), "t_ccaa_39:6.1.3"),
        (["供方"], (), "hunan:8.1.6"),
        (["外包"], T39, "t_ccaa_39:8.1#3"),
        (["纠正措施"], (), "hunan:10.1"),
        (["光伏"], (), "zero_carbon:B.2"),
        (["绿证"], (), "zero_carbon:A.1/1"),
        (["应急"], T39, "treatment.emergency_plan"),
        (["碳配额"], (), "hunan:8.7.3/d"),
        (["碳排放权交易"], T39, "t_ccaa_39:8.4/d"),
        (["计量", "检定"], T39, "t_ccaa_39:9.1.1#6"),
        (["数据", "质量"], (), "hunan:8.6"),
        (["基准", "调整"], (), "hunan:6.3.2.4"),
        (["6.1.2#4"], (), "t_ccaa_39:6.1.2#4"),
        (["machinery:6.1.2"], (), "machinery:6.1.2"),
        (["A.1/14"], (), "zero_carbon:A.1/14"),
        (["9.2.2"], (), "t_ccaa_39:9.2.2"),
        (["activity_datum"], (), "activity_datum"),
        (["meter.accuracy_class"], (), "meter.accuracy_class"),
        (["evaluation.metering.calibration"], (), "evaluation.metering.calibration"),
        (["calibration"], T39, "t_ccaa_39:9.1.1#6"),
        (["calibrated", "meters"], T39, "t_ccaa_39:9.1.1#6"),
        (["internal audit"], (), "t_ccaa_39:9.2"),
        (["management review"], (), "t_ccaa_39:9.3"),
        (["outsourced", "processes"], (), "t_ccaa_39:8.1#3"),
        (["top management"], (), "jiangsu:6.3.1"),
        (["neutrality"], (), "hunan:8.1.4"),
        (["baseline", "adjusted"], (), "hunan:6.3.2.4"),
    ],
)
def test_what_is_found_first(words: list[str], standards: Sequence[str], first: str) -> None:
    assert ids(search(*words, standards=standards))[0] == first


@pytest.mark.parametrize("word", ["碳汇", "校准", "外包", "绿证", "变更"])
def test_every_text_with_a_two_character_word_is_found(word: str) -> None:
    (index,) = shelf()
    expected = set()
    for text, (entry, place, _) in enumerate(index.places):
        if word in index.shown[index.starts[text] : index.end(text)] and FIELDS[place] != "clause":
            expected.add(index.entries[entry].id)
    assert expected
    assert set(ids(search(word))) == expected


GROUPS = (
    "calibrate calibrated calibrates calibrating calibration calibrations",
    "verify verifies verified verifying verification",
    "identify identified identification",
    "organise organised organisation organization organizations",
    "programme programmes program programs",
    "plan plans planned planning",
    "measure measures measured measuring measurement",
    "policy policies",
    "audit audits audited auditing",
    "agree agreed",
    "control controlled controlling controls",
)


@pytest.mark.parametrize("group", GROUPS)
def test_forms_of_a_word_share_a_stem(group: str) -> None:
    assert len({stem(word) for word in group.split()}) == 1


APART = [
    "calibration",
    "verification",
    "plan",
    "plant",
    "meter",
    "measure",
    "audit",
    "auditor",
    "policy",
    "carbon",
]


def test_different_words_keep_different_stems() -> None:
    assert len({stem(word) for word in APART}) == len(APART)
    assert [stem(word) for word in ("co2", "of", "碳汇", "gb17167")] == ["co2", "of", "碳汇", "gb17167"]


def test_english_words_are_found_by_stem_and_ignore_case() -> None:
    expected = ids(search("calibration"))
    assert expected
    for word in ("Calibrated", "CALIBRATING", "calibrations", "ｃａｌｉｂｒａｔｅ"):
        assert ids(search(word)) == expected
    assert not any("meter" in m for m in marks(search("met"), "en") if m == "meter")


def marks(found: Found, lang: str) -> list[str]:
    return [
        e.text[a:b].lower() for hit in found.hits for e in hit.excerpts if e.lang == lang for a, b in e.marks
    ]


def test_every_mark_is_what_was_looked_for() -> None:
    found = search("carbon", "sinks")
    assert set(marks(found, "en")) <= {"carbon", "sink", "sinks"}
    assert set(marks(search("碳汇"), "zh")) == {"碳汇"}


def test_several_words_must_all_occur_and_quotes_make_a_phrase() -> None:
    both = set(ids(search("计量", "检定")))
    assert both
    assert both <= set(ids(search("计量"))) | {h.entry.id for h in search("检定").hits}
    loose, phrase = search("internal", "audit"), search("internal audit")
    assert set(ids(phrase)) < set(ids(loose))
    assert ids(search('"internal audit"')) == ids(search("“internal audit”")) == ids(phrase)
    assert ids(search('"internal audit" interval')) == ids(search("internal audit", "interval"))


def test_an_address_is_found_with_what_stands_under_it() -> None:
    found = ids(search("6.1.2", standards=T39))
    assert found[0] == "t_ccaa_39:6.1.2"
    by_address = [h.entry.id for h in search("6.1.2", standards=T39).hits if "address" in h.fields]
    assert found[: len(by_address)] == by_address
    assert len(by_address) > 20
    assert all(name.startswith("t_ccaa_39:6.1.2") for name in by_address)
    assert ids(search("t_ccaa_39:5.2/b"))[0] == "t_ccaa_39:5.2/b"
    assert ids(search("T_CCAA_39:5.2／Ｂ"))[0] == "t_ccaa_39:5.2/b"
    within = search("9.1", "校准", standards=T39)
    assert within.hits
    assert {hit.entry.under for hit in within.hits if hit.entry.what == "provision"} <= {
        "9.1",
        "9.1.1",
        "9.1.2",
    }


def test_a_concept_says_how_many_provisions_carry_it_and_they_follow() -> None:
    found = search("evaluation.metering.calibration")
    first, *rest = found.hits
    assert first.entry.what == "concept"
    assert first.entry.provisions
    assert sum(n for _, n in first.entry.provisions) == sum(h.entry.what == "provision" for h in rest)


def test_a_title_brings_its_clause_not_all_that_the_clause_holds() -> None:
    found = search("管理评审", standards=T39)
    assert found.hits[0].entry.what == "clause"
    assert all(set(hit.fields) != {"clause"} for hit in found.hits)


def test_standards_narrow_what_is_found() -> None:
    for hit in search("碳", standards=["jiangsu", "zero_carbon"]).hits:
        assert {"jiangsu", "zero_carbon"} & set(hit.entry.standards)
    with pytest.raises(Exception, match="nowhere"):
        indexes_for(["nowhere"])


def test_better_places_come_first() -> None:
    made = Index.of(
        (
            Entry("provision", f"s:{n}", (str(n),), ("s",), ("", ""), "shall", "shall", str(n)),
            [Written(name, "zh", "碳汇")],
        )
        for n, name in enumerate(reversed(FIELDS[1:]))
        if name != "clause"
    )
    found = find(["碳汇"], [made])
    assert [hit.fields[0] for hit in found.hits] == [name for name in FIELDS[1:] if name != "clause"]


# What is typed is text.


HOSTILE = [
    '"', '""', "*", "AND", "NOT OR", "NEAR(碳 汇, 3)", "碳汇*", "碳汇 OR 1=1", "'; DROP TABLE ledger; --", ".*",
    "(?i)x", "[", "\\", "%", "_", "a" * 5000, "碳" * 5000, "\x00", "\x1b[31m碳汇", "\udcff", "{0}", "{word}", "（", "-",
    "“碳汇", "𠀀𠀁", " ", "9" * 99,
]  # fmt: skip


@pytest.mark.parametrize("word", HOSTILE)
@pytest.mark.parametrize("form", ["table", "json"])
def test_what_is_typed_is_text(word: str, form: str) -> None:
    found = run("--format", form, "--", word)
    assert found.exception is None or isinstance(found.exception, UsageError), found.exception
    assert not any(c in found.output for c in "\x00\x1b\udcff")


def test_signs_around_a_word_change_nothing() -> None:
    expected = ids(search("碳汇"))
    for word in ("碳汇*", "“碳汇", "(碳汇)", "碳汇。", '"碳汇"'):
        assert ids(search(word)) == expected, word


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_no_words_break_it(words: list[str]) -> None:
    try:
        found = search(*words)
    except UsageError:
        return
    for hit in found.hits[:5]:
        for excerpt in hit.excerpts:
            assert all(0 <= a < b <= len(excerpt.text) for a, b in excerpt.marks)
            assert excerpt.marks


@given(st.text())
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_nothing_and_too_much_asked() -> None:
    for words in ([""], ["。"], ["", " "]):
        with pytest.raises(UsageError) as caught:
            terms(words)
        assert caught.value.key == "search.nothing_asked"
    with pytest.raises(UsageError) as caught:
        terms([f"word{n}" for n in range(MOST + 1)])
    assert caught.value.key == "search.too_many"
    assert [t.text for t in terms(["the", "scope", "of", "the", "system"])] == ["scope", "system"]
    assert [t.text for t in terms(sorted(COMMON)[:2])] == sorted(COMMON)[:2]


# No hit.


@pytest.mark.parametrize(
    ("word", "near"), [("calibratoin", "calibration"), ("校验", "校准"), ("neutralty", "neutrality")]
)
def test_without_a_hit_words_near_by_are_named(word: str, near: str) -> None:
    found = search(word)
    assert not found.hits
    assert near in found.nearest
    assert near in run(word).output


def test_words_that_do_not_occur_together_are_told_apart() -> None:
    found = run("碳汇", "xyzzy")
    assert "“碳汇” " in found.output
    assert "“xyzzy” 0" in found.output


def test_a_long_word_falls_into_parts_and_a_phrase_into_words() -> None:
    found = search("计量器具检定周期安排")
    assert not found.hits or "".join(t.text for t in found.asked) in "计量器具检定周期安排"
    loose = search("audit internal")
    assert loose.asked != loose.terms
    assert set(ids(loose)) == set(ids(search("audit", "internal")))
    assert "audit internal" in run("audit internal").output.splitlines()[0]


def test_what_other_standards_hold_is_told() -> None:
    assert search("光伏", standards=T39).elsewhere == len(search("光伏").hits)
    assert str(len(search("光伏").hits)) in run("光伏", "-s", "t_ccaa_39").output


# Screen, JSON, store.


def test_the_screen_marks_the_hit_and_says_how_many_more() -> None:
    shown = run("碳汇").output.splitlines()
    everything = run("碳汇", "--all").output.splitlines()
    assert shown[0] == everything[0] == f"“碳汇”：{len(search('碳汇').hits)} 处"
    assert len(everything) > len(shown)
    assert "--all" in shown[-1]
    assert sum("【碳汇】" in line for line in everything) >= len(search("碳汇").hits) - 5
    assert "shall" in run("calibration", lang="en").output


def test_a_long_text_is_cut_to_its_first_hit() -> None:
    text = "很长的话" * 30 + "碳汇" + "尾" * 50
    shown = marked(Excerpt("reading", "zh", text, ((120, 122),)))
    assert "【碳汇】" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_json_holds_every_hit_with_its_marks(lang: str) -> None:
    found = json.loads(run("carbon sinks", "--format", "json", lang=lang).output)
    assert found["count"] == len(found["hits"]) > 0
    for hit in found["hits"]:
        assert hit["what"] in WHATS
        assert set(hit["label"]) == {"zh", "en"}
        assert all(e["text"][a:b] for e in hit["excerpts"] for a, b in e["marks"])
        assert (hit["modality"] is not None) == (hit["what"] == "provision")
    assert as_json(search("校验"), [])["nearest"]
    assert lines(search("校验"), "en", None)[0].startswith("Nothing")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("search")
    evidence = place / "e.yaml"
    evidence.write_text(
        "organisation:\n  - {id: ACME, name: 测试公司（虚构）}\n"
        'audit_finding:\n  - {id: AF-9, found_on: "2026-04-10", description: 二车间蒸汽表无铅封, '
        "ruleset: t_ccaa_39, address: 6.1.6#4, grade: minor}\n",
        encoding="utf-8",
    )
    path = place / "e.db"
    runner = CliRunner()
    for words in (["init", path], ["import", path, evidence]):
        done = runner.invoke(cli.shall, list(map(str, words)), standalone_mode=False)
        assert done.exception is None, done.exception
    return path


def test_findings_of_a_store_come_first_computed_and_recorded(store: Path) -> None:
    found = json.loads(run("方针", "--store", store, "--on", "2026-06-30", "--format", "json").output)
    first = found["hits"][0]
    assert first["what"] == "finding"
    assert first["grade"]
    recorded = json.loads(run("铅封", "--store", store, "--on", "2026-06-30", "--format", "json").output)
    assert [h["id"] for h in recorded["hits"]] == ["audit_finding:AF-9"]
    assert recorded["hits"][0]["address"] == "6.1.6#4"
    assert "audit_finding:AF-9" in run("af-9", "--store", store, "--on", "2026-06-30").output
    assert not json.loads(run("铅封", "--format", "json").output)["hits"]
    other = run("铅封", "--store", store, "-s", "hunan", "--on", "2026-06-30", "--format", "json").output
    assert not json.loads(other)["hits"]


def test_options_of_a_store_need_one(store: Path) -> None:
    for words in (("--on", "2026-06-30"), ("--org", "ACME")):
        assert isinstance(run("碳汇", *words).exception, UsageError)
    assert isinstance(run("碳汇", "--store", store, "--on", "2026-13-01").exception, UsageError)


# The cache.

HEAD = """
key: own
number: OWN 1
title: {zh: 自有, en: own}
edition: "1"
status: draft
nature: requirements
chapters: [ch1.yaml]
"""
PROVISION = """
- address: "1#1"
  modality: shall
  gist: {zh: 独角兽方针, en: policy on unicorns}
  concepts: [leadership.policy]
  requires:
    - some: policy
      that: commits_compliance
      expects: {zh: 有方针, en: a policy}
"""


def test_the_index_survives_the_cache_and_follows_its_ruleset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHALL_CACHE", str(tmp_path / "cache"))
    own = tmp_path / "own"
    own.mkdir()
    (own / "ruleset.yaml").write_text(HEAD, encoding="utf-8")
    (own / "ch1.yaml").write_text(PROVISION, encoding="utf-8")
    first, keys = indexes_for([str(own)])
    assert (len(first), keys) == (1, ["own"])
    assert indexes_for([str(own)])[0] == first
    assert ids(find(["独角兽"], first, keys)) == ["own:1#1"]
    (own / "ch1.yaml").write_text(PROVISION.replace("独角兽", "麒麟"), encoding="utf-8")
    changed, _ = indexes_for([str(own)])
    assert not find(["独角兽"], changed).hits
    both, keys = indexes_for([str(own), "hunan"])
    found = find(["方针"], both, keys)
    assert {key for hit in found.hits for key in hit.entry.standards} >= {"own", "hunan"}
    assert len(set(ids(found))) == len({(h.entry.what, h.entry.id) for h in found.hits})
