"""What is wrong with a file is told in the reader's language, with file and line, whoever found it."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from pydantic_core import _pydantic_core  # type: ignore[attr-defined]

from shall.engine.accounts.factor_sets import BlendValue, CoalValue, Methodology
from shall.engine.audit.programme.policy import read_policy
from shall.engine.cases import read_cases
from shall.engine.consequences.rules import read_rules
from shall.engine.lint import lint
from shall.engine.loader import Problem, Source, validated
from shall.engine.models import Both, Provision, Shape
from shall.engine.scoring.measure_file import Effect, Measure, read_measures
from shall.engine.scoring.numbers import plain
from shall.engine.scoring.scheme import Checklist, Linear, Scheme, Step, Steps
from shall.engine.scoring.values import read_values
from shall.engine.wrong import PATTERNS, TYPES, Words, Wrong, explained, reason, unreadable
from shall.engine.yaml_lines import _SAID, YamlProblem, load
from shall.texts import LANGUAGES, say
from shall.texts.errors import ShallError

ROOT = Path(__file__).parents[1]
ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’]+(?: [A-Za-z'’]+){2,}")
"""A run of three English words."""
QUOTED = re.compile(r"“[^”]*”")
"""A value of the file, or what is to be written."""


def own_words(message: str) -> str:
    """A message without the values that it repeats from the file."""
    return QUOTED.sub("“”", message)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Each `Wrong("key", field=...)` and `Words("key")` of the engine: where, key, fields (None: not written out)."""
    for path in sorted((ROOT / "engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            name, first = node.func.id, node.args[0]
            if name not in ("Wrong", "Words") or not isinstance(first, ast.Constant):
                continue
            where = f"{path.name}:{node.lineno}"
            if name == "Wrong":
                yield where, first.value, {k.arg for k in node.keywords if k.arg}
            elif len(node.args) == 1:
                yield where, first.value, set()
            elif isinstance(node.args[1], ast.Dict):
                keys = node.args[1].keys
                yield where, first.value, {k.value for k in keys if isinstance(k, ast.Constant)}


def test_every_key_stands_in_the_catalogue_with_the_fields_it_is_given() -> None:
    found = list(raised())
    assert len(found) > 60
    for where, key, fields in found:
        for lang in LANGUAGES:
            text = json.loads((ROOT / "texts" / f"{key.partition('.')[0]}.json").read_text("utf-8"))[key][
                lang
            ]
            assert places(text) <= (fields or set()), (where, key, lang)


def test_the_chinese_of_the_catalogue_is_chinese() -> None:
    texts = json.loads((ROOT / "texts" / "wrong.json").read_text("utf-8"))
    for key, pair in texts.items():
        assert not ENGLISH.search(own_words(pair["zh"])), key
        assert not re.search(r"[一-鿿]", own_words(pair["en"]).replace("万元", "")), key


@pytest.mark.parametrize("error", _pydantic_core.list_all_errors(), ids=lambda error: error["type"])
def test_every_finding_of_the_library_has_words_in_both_languages(error: Any) -> None:
    """The list is the library's own: what a new release adds is told in general words, not in English."""
    found = {
        "type": error["type"],
        "ctx": error["example_context"] or {},
        "input": "x",
        "msg": "Input should be",
    }
    key, fields = explained(found, ("a", 0))
    zh, en = (Problem("f.yaml", 3, key, fields).text(lang) for lang in LANGUAGES)
    assert zh.startswith("f.yaml:3: ")
    assert not ENGLISH.search(own_words(zh))
    assert "Input should be" not in zh + en


def test_the_kinds_of_error_are_those_of_the_library() -> None:
    assert set(TYPES) <= {error["type"] for error in _pydantic_core.list_all_errors()}


def test_the_known_patterns_are_those_of_the_models() -> None:
    code = "".join(p.read_text("utf-8") for p in (ROOT / "engine").rglob("*.py") if p.name != "wrong.py")
    assert [p for p in PATTERNS if p not in code] == []


def test_words_without_a_language_are_english_also_within_words() -> None:
    inner = Words("wrong.at_least", {"ge": 1})
    assert str(Wrong("wrong.other", kind=inner)) == "not as wanted: must be at least 1"
    assert Words("wrong.other", {"kind": inner}).text("zh") == "不合要求：至少为 1"


def test_a_plain_value_error_keeps_its_own_words() -> None:
    assert reason({"type": "value_error", "ctx": {"error": ValueError("own words")}}) == "own words"


BOTH = {"zh": "甲", "en": "a"}
POINTS = [{"at": 0, "gives": 0}, {"at": 1, "gives": 1}]
PROVISION = {"address": "5.2", "modality": "shall", "gist": BOTH}


def requirement(**check: object) -> dict[str, object]:
    return {**PROVISION, "requires": [check]}


BROKEN: list[tuple[type[Shape], object, str, tuple[str | int, ...]]] = [
    (Provision, {**PROVISION, "address": 5.2}, "wrong.address_number", ("address",)),
    (Provision, {**PROVISION, "address": "five"}, "wrong.address", ("address",)),
    (Provision, {**PROVISION, "concepts": ["Energy"]}, "wrong.concept", ("concepts", 0)),
    (Provision, {**PROVISION, "when": {"or_exists": "policy"}}, "wrong.or_exists", ("when",)),
    (Provision, requirement(), "wrong.one_check", ("requires", 0)),
    (Provision, requirement(some="policy", at_least=0), "wrong.at_least", ("requires", 0, "at_least")),
    (Provision, requirement(some="policy", at_least="x"), "wrong.integer", ("requires", 0, "at_least")),
    (Provision, requirement(some=""), "wrong.empty", ("requires", 0, "some")),
    (Provision, requirement(fresh="a", date="b", within="1Y"), "wrong.period", ("requires", 0, "within")),
    (Provision, requirement(fresh="a", date="b", within={"defined": 1}), "wrong.text",
     ("requires", 0, "within", "defined")),
    (Provision, requirement(recurring="a", date="b", interval="P1Y", of="c"), "wrong.of_match", ("requires", 0)),
    (Provision, requirement(recurring="a", date="b", interval="P1Y", of_since="c"), "wrong.of_needed",
     ("requires", 0)),
    (Provision, requirement(covers="a", column="b", values=[]), "wrong.empty", ("requires", 0, "values")),
    (Provision, requirement(answered="a", date="b", response="c", response_date="d", within="P1Y", grace="P1Y"),
     "wrong.grace", ("requires", 0)),
    (Linear, {"linear": POINTS[::-1]}, "wrong.curve_order", ()),
    (Linear, {"linear": POINTS, "direction": "down"}, "wrong.curve_direction", ()),
    (Linear, {"linear": POINTS[:1]}, "wrong.few", ("linear",)),
    (Linear, {"linear": POINTS, "clamp": "maybe"}, "wrong.flag", ("clamp",)),
    (Linear, {"linear": "up"}, "wrong.list", ("linear",)),
    (Linear, {"linear": [1, *POINTS]}, "wrong.keys", ("linear", 0)),
    (Step, {"gives": 1}, "wrong.one_threshold", ()),
    (Steps, {"steps": [{"above": 1, "gives": 1}, {"above": 2, "gives": 1}]}, "wrong.steps_order", ()),
    (Steps, {"steps": [{"above": 1, "gives": 0}], "otherwise": 1}, "wrong.steps_otherwise", ()),
    (Checklist, {"checklist": [{**BOTH, "key": "a"}] * 2}, "wrong.items_twice", ()),
    (Checklist, {"checklist": [{**BOTH, "key": "a"}], "full_at": 2}, "wrong.full_at", ()),
    (Checklist, {"checklist": [{**BOTH, "key": "A"}]}, "wrong.pattern_key", ("checklist", 0, "key")),
    (Effect, {"of": "a", "tick": ["b"]}, "wrong.effect_part", ()),
    (Effect, {"of": "a"}, "wrong.effect_nothing", ()),
    (Effect, {}, "wrong.one_effect", ()),
    (Measure, {**BOTH, "id": "a", "cost": -1, "effects": []}, "wrong.cost", ()),
    (Measure, {**BOTH, "id": "a b", "cost": 1}, "wrong.pattern", ("id",)),
    (CoalValue, {"what": "a", "name": BOTH, "source": "s", "confidence": "low", "unit": "t", "value": 1.5},
     "wrong.quoted_number", ("value",)),
    (CoalValue, {"what": "a", "name": BOTH, "source": "s", "confidence": "low", "unit": "t"},
     "wrong.value_or_range", ()),
    (BlendValue, {"what": "a", "name": BOTH, "source": "s", "confidence": "low", "fractions": {"x": "0.5"}},
     "wrong.fractions", ()),
    (Methodology, {"key": "a", "edition": "1", "title": BOTH, "uses": {"gwp": {"set": "s", "because": BOTH}}},
     "wrong.date", ("edition",)),
    (Methodology, {"key": "a", "edition": "2026-01-01", "title": BOTH, "uses": {"x": {"set": "s", "because": BOTH}}},
     "wrong.unknown_use", ()),
]  # fmt: skip


@pytest.mark.parametrize(("model", "value", "key", "path"), BROKEN, ids=[k for _, _, k, _ in BROKEN])
def test_a_broken_rule_is_told_where_it_is_broken(
    model: type[Shape], value: object, key: str, path: tuple[str | int, ...]
) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    source = Source("f.yaml", value, load(text)[1])
    problems: list[Problem] = []
    assert validated(model, source, (), problems) is None
    whys = {words.key: p for p in problems if isinstance(words := p.fields.get("why"), Words)}
    assert key in whys, [p.text("en") for p in problems]
    assert whys[key].line == source.line(*path)
    assert whys[key].fields["at"] == (".".join(map(str, path)) or "-")
    for p in problems:
        assert not ENGLISH.search(own_words(p.text("zh"))), p.text("zh")


def test_a_path_names_no_alternative_of_the_model() -> None:
    """A value of two shapes is refused by both: each tells the place in the file, not the shape."""
    raw = requirement(fresh="a", date="b", within=3)
    problems: list[Problem] = []
    validated(Provision, Source("f.yaml", raw, load(json.dumps(raw))[1]), (), problems)
    assert {p.fields["at"] for p in problems} == {"requires.0.within"}
    missing = requirement(fresh="a", date="b", within={"otherwise": "P1Y"})
    validated(Provision, Source("f.yaml", missing, load(json.dumps(missing))[1]), (), problems := [])
    assert {"name": "defined"} in [p.fields for p in problems]


def test_of_a_part_of_a_file_only_the_keys_are_repeated() -> None:
    problems: list[Problem] = []
    validated(Both, Source("f.yaml", {"zh": {"secret": 1, "b": 2}, "en": "a"}, None), (), problems)
    assert [p.fields["value"] for p in problems] == ["{secret, b}"]


READERS: list[tuple[Any, str, str]] = [
    (read_policy, "key: a\nedition: 1\n", "edition"),
    (read_policy, "{}", "weights"),
    (read_policy, "key: [", "YAML"),
    (read_rules, "key: a\nedition: b\nconsequences: []\n", "consequences"),
    (read_rules, "consequences:\n- name: A b\n  from: {kind: a}\n  due: {months: 0}\n", "months"),
    (read_measures, "measures: []\n", "measures"),
    (read_measures, "measures:\n- {id: 1, zh: 甲, en: a}\n", "id"),
    (read_measures, "measures:\n- {id: a, zh: 甲, en: a, cost: 1, from_year: 20}\n", "from_year"),
    (read_values, "year: 1800\nbase_year: 1900.5\n", "base_year"),
    (read_values, "year: 2025\nbase_year: 2025\nroof_area: {usable_area: 3}\n", "roof_area"),
    (read_values, "year: 2025\nfactory_year:\n- {id: a}\n- {id: a}\n", "factory_year"),
    (read_values, "year: 2025\nroof_area:\n- {in_operation_since: 2026/1/1}\n", "in_operation_since"),
]


@pytest.mark.parametrize(("read", "text", "told"), READERS)
def test_a_wrong_file_is_told_in_chinese(read: Any, text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ShallError) as caught:
        read(path)
    zh, en = (caught.value.text(lang) for lang in LANGUAGES)
    assert not ENGLISH.search(own_words(zh)), zh
    assert told in zh and told in en
    assert zh.count("own.yaml:") == en.count("own.yaml:") >= 1


def test_a_wrong_scheme_is_told_in_chinese() -> None:
    text = (ROOT / "rulesets" / "zero_carbon" / "schemes" / "default.yaml").read_text("utf-8")
    value, node = load(text)
    value = plain(node, value)
    value["choices"]["rounding"]["value"] = 11
    value["choices"]["products"]["value"] = "best"
    value["indicators"][0]["curve"] = {}
    del value["key"]
    problems: list[Problem] = []
    validated(Scheme, Source("own.yaml", value, node), (), problems)
    assert len(problems) == 4
    for problem in problems:
        assert not ENGLISH.search(own_words(problem.text("zh"))), problem.text("zh")


YAML = {
    "- [": "wrong.yaml_value",
    "a: b: c": "wrong.yaml_colon",
    "a: @x": "wrong.yaml_token",
    "a: 'x": "wrong.yaml_quote",
    "- a\nb: 1": "wrong.yaml_dash",
    "a: [1, 2": "wrong.yaml_bracket",
    "a: - b": "wrong.yaml_entry",
    'a: "\\q"': "wrong.yaml_escape",
    "中:\n  a: \x01": "wrong.yaml_character",
    "%X\na: 1": "wrong.yaml_directive",
    "a: *x": "wrong.yaml_anchor",
    "a: !x 1": "wrong.yaml_tag",
    "a: !!python/object:os.system x": "wrong.yaml_tag",
    "<<: 1": "wrong.yaml_merge",
    "a: >5x": "wrong.yaml_block",
    "a: 'x'y": "wrong.yaml_indent",
    "a:\nb: 0b_": "wrong.yaml_scalar",
    "a: " + "9" * 5000: "wrong.yaml_scalar",
    "a: !!timestamp x": "wrong.yaml_scalar",
    "a: !!bool x": "wrong.yaml_scalar",
}


@pytest.mark.parametrize("text", YAML, ids=lambda text: text[:20])
def test_what_is_no_yaml_is_told_in_both_languages(text: str) -> None:
    with pytest.raises(YamlProblem) as caught:
        load(text)
    why = caught.value.fields["why"]
    assert isinstance(why, Words)
    assert why.key == YAML[text]
    assert not ENGLISH.search(own_words(why.text("zh")))


def test_the_line_of_a_refused_character_counts_characters_not_bytes() -> None:
    with pytest.raises(YamlProblem) as caught:
        load("甲: 乙\n丙: 丁\nc: \x07\nd: 1\n")
    assert caught.value.line == 3


def test_a_parser_that_says_something_new_is_repeated_in_quotes() -> None:
    assert say("wrong.yaml_other", "zh", said="never heard of") == "解析器的原话：“never heard of”"
    assert set(_SAID.values()) <= {key for _, key, _ in raised()} | set(
        json.loads((ROOT / "texts" / "wrong.json").read_text("utf-8"))
    )


@pytest.mark.parametrize(
    "error",
    [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), PermissionError(), IsADirectoryError(), OSError()],
)
def test_why_a_file_cannot_be_read(error: Any) -> None:
    assert not ENGLISH.search(unreadable(error).text("zh"))
    assert unreadable(error).text("en")


LINTED = """
- address: "5.2/b"
  modality: shall
  concepts: [leadership.policy]
  gist: {zh: 概括, en: gist}
  requires:
    - some: policy
      that: PREDICATE
      expects: {zh: 有, en: there is}
"""
HEAD = "key: mine\nnumber: X 1\ntitle: {zh: 我, en: mine}\nedition: '1'\nstatus: draft\nnature: guideline\n"


@pytest.mark.parametrize("predicate", ["title and", "title = 'x", "(title", "title in (", "title == = 1"])
def test_lint_tells_a_broken_expression_in_chinese(predicate: str, tmp_path: Path) -> None:
    (tmp_path / "ruleset.yaml").write_text(HEAD + "chapters: [ch.yaml]\n", encoding="utf-8")
    (tmp_path / "ch.yaml").write_text(LINTED.replace("PREDICATE", json.dumps(predicate)), encoding="utf-8")
    (told,) = [p for p in lint(tmp_path).problems if p.key == "rules.predicate_syntax"]
    assert not ENGLISH.search(own_words(told.text("zh")))
    assert told.line == 7


CASE = """
- name: a case
  on: 2026-06-30
  records: {policy: [{id: p, title: t}]}
  expect: {"5.2/b": met}
"""


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ("2026-06-30", "30 June", "rules.bad_value", 3),
        ("policy:", "polcy:", "rules.unknown_kind", 4),
        ("title: t", "titel: t", "rules.unknown_key", 4),
        ("title: t", "issued_on: soon", "rules.bad_value", 4),
        (": met", ": good", "rules.not_allowed", 5),
        ("  on:", "  mode: quick\n  on:", "rules.not_allowed", 3),
        ("  expect:", "  expects:", "rules.missing_key", 2),
    ],
)
def test_a_wrong_case_is_told_in_chinese_with_its_line(
    old: str, new: str, key: str, line: int, tmp_path: Path
) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "a.yaml").write_text(CASE.replace(old, new), encoding="utf-8")
    cases, problems = read_cases(tmp_path)
    assert not cases
    assert (key, line) in [(p.key, p.line) for p in problems], [p.text("en") for p in problems]
    for problem in problems:
        assert not ENGLISH.search(own_words(problem.text("zh"))), problem.text("zh")
