"""Texts cut into addressed statements, and rulesets held against them. The mini texts here are invented."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from shall.engine import cli
from shall.engine.loader import load_ruleset
from shall.engine.modals import halves, item_parts, modal_of
from shall.engine.shelf import folder_of, shipped
from shall.engine.source import PROFILES, Profile, SourceError, Statement, fingerprint, read_text, segment
from shall.engine.verify import Verified, verify

STANDARDS = Path(__file__).resolve().parent.parent.parent / "shared" / "standards"
MINI = """目 次
4 花园.....1
4 花园
4.1 总则
园主应每周浇花。水宜取自雨水桶，

必要时可用井水。
园主应：
a） 种花；
b） 除草，宜徒手除；
注：杂草指园主不想要的草。
c） 修枝，包括：
——玫瑰；
——苹果树，如树枝过密时应剪去的枝条。
T/ABC 12—2030
7
园主可养猫。
4.2 园主应对访客的意见加以记录。
4.2.1 工具
园主应确定：
a) 工具；
b) 存放处。
访客宜：
a) 不摘花；
b) 关门。
注 1：门可能卡住。
注 2：修门。园主应保留修门的文件化信息。
5 应对虫害
5.1 虫害出现以下情况时，应检查叶片。必要时，喷水：
1. 叶片有洞；
1. 叶片发黄。
附 录 A
（资料性）
园主应忽略这里。
"""


def addresses(text: str, profile: Profile = Profile(last=5)) -> list[str]:  # noqa: B008
    return [s.address for s in segment(text, profile)]


def by_address(text: str) -> dict[str, Statement]:
    return {s.address: s for s in segment(text, Profile(last=5))}


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner().invoke(cli.shall, ["--lang", lang, *map(str, words)], standalone_mode=False)


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """A ruleset folder made from the mini text."""
    return ruleset_of(segment(MINI, Profile(last=5)), tmp_path / "garden")


def ruleset_of(statements: list[Statement], folder: Path) -> Path:
    folder.mkdir()
    head = {
        "key": "garden", "number": "T/ABC 12", "title": {"zh": "花园", "en": "Garden"}, "edition": "2030",
        "status": "draft", "nature": "requirements", "chapters": ["all.yaml"],
    }  # fmt: skip
    provisions = [
        {"address": s.address, "modality": s.modal, "gist": {"zh": s.text[:6], "en": "gist"}}
        for s in statements
    ]
    prints = {s.address: s.fingerprint for s in statements}
    for name, value in (("ruleset", head), ("all", provisions), ("fingerprints", prints)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    return folder


def held(folder: Path, text: str) -> Verified:
    return verify(load_ruleset(folder)[0], text)


def told(found: Verified) -> list[tuple[str, str]]:
    return [(d.kind, d.address) for d in found.differences]


@pytest.mark.parametrize(
    ("text", "modal"),
    [
        ("企业应对碳源加以分类", "shall"),
        ("当出现变化时，应对基准进行评审", "shall"),
        ("企业应对不同岗位确定任职要求", "shall"),
        ("企业应对气候变化的承诺", "statement"),
        ("策划应对措施", "statement"),
        ("供应商的响应与相应的适应", "statement"),
        ("适宜时，更新", "statement"),
        ("方法的适宜性宜评审", "should"),
        ("应用于全公司", "statement"),
        ("何时应进行测量", "statement"),
        ("人员应具备的能力是否充分", "statement"),
        ("应考虑的因素包括天气", "shall"),
        ("企业应当记录", "shall"),
        ("组织必须考虑变化", "shall"),
        ("文件需规定方法", "shall"),
        ("提供所需资源", "statement"),
        ("园主可养猫", "may"),
        ("可再生能源的可行性", "statement"),
        ("对于可以单独核算的部门", "statement"),
        ("可能带来风险", "can"),
        ("可为相关方获取", "statement"),
    ],
)
def test_modal_verbs_are_told_from_compounds(text: str, modal: str) -> None:
    assert modal_of(text) == modal


def test_a_sentence_falls_in_halves_only_where_the_modal_verb_changes_once() -> None:
    assert halves("园主可设棚，棚宜通风。") == ["园主可设棚，", "棚宜通风。"]
    assert halves("园主宜记录，适当时，应公开。") == ["园主宜记录，", "适当时，应公开。"]
    assert len(halves("甲应来，乙可来，丙应来。")) == 1
    assert len(halves("园主应种花（雨季，可不种），应除草。")) == 1


def test_parts_of_an_item_stand_alone_unless_a_circumstance_or_topic_precedes() -> None:
    assert item_parts("检查棚顶，宜每周一次，必要时应修补；") == [
        "检查棚顶，",
        "宜每周一次，",
        "必要时应修补；",
    ]
    assert len(item_parts("建园初期，应松土；")) == 1
    assert len(item_parts("工具管理，企业应：")) == 1
    assert len(item_parts("全园，如花应浇水；")) == 1
    assert len(item_parts("检查的内容，至少应包括：")) == 1


def test_addresses_follow_the_rules() -> None:
    assert addresses(MINI) == [
        "4.1#1", "4.1#2", "4.1#2b", "4.1#3", "4.1/a", "4.1/b", "4.1/b#1", "4.1/b/N1",
        "4.1/c", "4.1/c/1", "4.1/c/2", "4.1#4", "4.2#1",
        "4.2.1#1", "4.2.1/L1/a", "4.2.1/L1/b", "4.2.1#2", "4.2.1/L2/a", "4.2.1/L2/b",
        "4.2.1/N1", "4.2.1/N2", "4.2.1#3", "5.1#1", "5.1#2", "5.1/1", "5.1/2",
    ]  # fmt: skip


def test_items_inherit_and_events_take_the_duty_they_trigger() -> None:
    found = by_address(MINI)
    modal = {address: s.modal for address, s in found.items()}
    assert (modal["4.1/a"], modal["4.1/b"], modal["4.1/b#1"], modal["4.1/c/1"]) == (
        "shall", "shall", "should", "shall",
    )  # fmt: skip
    assert (modal["4.2.1/L2/a"], modal["5.1#2"], modal["5.1/1"]) == ("should", "statement", "shall")
    assert (modal["4.2.1/N1"], modal["4.2.1#3"]) == ("can", "shall")
    assert found["4.1#2b"].text == "必要时可用井水。"


def test_damaged_layout_does_not_move_addresses() -> None:
    damaged = MINI.replace("b） 除草", "[bookmark: _Toc1]- b) 除草").replace("——玫瑰", "\uf06c 玫瑰")
    damaged = damaged.replace("园主应每周浇花", "园主应每周\n\f\n12\n\n浇花")
    assert addresses(damaged) == addresses(MINI)
    assert {a: s.fingerprint for a, s in by_address(damaged).items()} == {
        a: s.fingerprint for a, s in by_address(MINI).items()
    }


def test_rows_of_an_indicator_table_and_formulas_are_statements() -> None:
    text = MINI.replace("园主应忽略这里。\n", "") + (
        "一级\t序号\t类型\t要求\t分值\n花\t1\t定量\t花应多\t50\n\t2\t定性\t草宜少，包括：a) 坪\t50\n\t\tb) 边\n"
        "附录 B\n（资料性）\nB.1 花比\n按公式（1）\nr = a / b\nB.2 草比\nr = a - b\n参考文献\n[1] 书\n"
    )
    found = {s.address: s for s in segment(text, Profile(last=5, indicators="A", formulas="B"))}
    assert [a for a in found if a[0] in "AB"] == ["A.1/1", "A.1/2", "B.1", "B.2"]
    assert found["A.1/2"].modal == "should"
    assert "b) 边" in found["A.1/2"].text
    assert fingerprint("r = a / b", operators=True) != fingerprint("r = a - b", operators=True)


def test_an_honest_copy_is_clean(mini: Path) -> None:
    wide = MINI.replace("a) 工具", "ａ）工具").replace("，", ", ")
    assert told(held(mini, MINI)) == []
    assert told(held(mini, wide.replace(", ", "，"))) == []


def test_one_flip_one_removal_one_addition_are_exactly_three(mini: Path) -> None:
    text = MINI.replace("园主应每周浇花", "园主宜每周浇花").replace("园主可养猫。\n", "")
    text = text.replace("访客宜：\n", "访客费用由园主出。\n访客宜：\n")
    found = held(mini, text)
    assert told(found) == [("flipped", "4.1#1"), ("missing", "4.1#4"), ("added", "4.2.1#2")]
    flip, _, added = found.differences
    assert (flip.expected, flip.found, flip.line) == ("shall", "should", 5)
    assert added.excerpt == "访客费用由园主出。"
    assert found.covered["4.2.1"] == 9


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("水宜取自雨水桶", "水可取自雨水桶", [("flipped", "4.1#2")]),
        ("必要时可用", "必要时宜用", [("flipped", "4.1#2b")]),
        ("必要时可用", "必要时用", [("flipped", "4.1#2b")]),
        ("园主应：\na", "园主宜：\na", [("flipped", "4.1#3")]),
        ("园主应：\na", "a", [("missing", "4.1#3")]),
        ("宜徒手除", "应徒手除", [("flipped", "4.1/b#1")]),
        ("园主应保留修门", "园主宜保留修门", [("flipped", "4.2.1#3")]),
        ("b） 除草，宜徒手除；\n", "", [("missing", "4.1/b"), ("missing", "4.1/b#1")]),
        ("园主应确定：", "园主应确定并列出：", [("changed", "4.2.1#1")]),
        ("——玫瑰；\n", "——玫瑰；\n——郁金香；\n", [("added", "4.1/c/2")]),
        ("不想要的草。", "不想要的草。蒲公英不算。", [("added", "4.1/b/N1#1")]),
        ("4.2.1 工具\n", "", [("moved", "4.2.1#1")]),
    ],
)
def test_each_kind_of_difference(
    mini: Path, before: str, after: str, expected: list[tuple[str, str]]
) -> None:
    assert MINI.count(before) == 1
    found = told(held(mini, MINI.replace(before, after)))
    assert found[: len(expected)] == expected
    assert len(found) == len(expected) or expected[0][0] == "moved"


def test_a_numbered_paragraph_takes_its_number_with_it(tmp_path: Path) -> None:
    text = "4 园\n4.1 园主应浇花。\n4.2 园主应：\na) 种；\nb) 剪。\n"
    folder = ruleset_of(segment(text, Profile(last=4)), tmp_path / "two")
    assert told(held(folder, text.replace("4.2 园主应：\n", ""))) == [("missing", "4.2#1")]


def test_the_modality_of_the_ruleset_is_held_against_the_text(mini: Path) -> None:
    file = mini / "all.yaml"
    provisions = yaml.safe_load(file.read_text(encoding="utf-8"))
    for provision in provisions:
        if provision["address"] in ("4.1#1", "4.1/a"):
            provision["modality"] = "should"
    file.write_text(yaml.safe_dump(provisions, allow_unicode=True), encoding="utf-8")
    assert told(held(mini, MINI)) == [("flipped", "4.1#1"), ("flipped", "4.1/a")]


def test_a_provision_without_fingerprint_is_told(mini: Path) -> None:
    file = mini / "fingerprints.yaml"
    prints = yaml.safe_load(file.read_text(encoding="utf-8"))
    del prints["5.1/2"]
    file.write_text(yaml.safe_dump(prints), encoding="utf-8")
    assert ("unprinted", "5.1/2") in told(held(mini, MINI))


@pytest.mark.parametrize(("lang", "word"), [("zh", "情态翻转"), ("en", "flipped")])
def test_the_command_tells_both_languages_and_the_exit_code(
    mini: Path, tmp_path: Path, lang: str, word: str
) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_text(MINI, encoding="gb18030")
    clean = run("verify-source", mini, copy, lang=lang)
    assert (clean.return_value, clean.exception) == (0, None)
    assert "26" in clean.output
    copy.write_text(MINI.replace("园主应每周", "园主宜每周"), encoding="utf-8-sig")
    found = run("verify-source", mini, copy, lang=lang)
    assert found.return_value == 1
    assert word in found.output and "4.1#1" in found.output
    as_json = json.loads(run("verify-source", mini, copy, "--format", "json").output)
    assert (as_json["covered"], as_json["flipped"], as_json["clauses"]["4.1"]["flipped"]) == (25, 1, 1)


def test_what_cannot_be_compared_is_said(mini: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("这不是标准。", encoding="utf-8")
    with pytest.raises(SourceError, match="none of the chapters"):
        held(mini, read_text(other))
    other.write_bytes(b"\x00\x01\xff")
    with pytest.raises(SourceError, match="not a text file"):
        read_text(other)
    (mini / "fingerprints.yaml").unlink()
    with pytest.raises(SourceError, match="no fingerprints"):
        held(mini, MINI)
    assert SourceError.exit_code == 3


def test_a_pdf_is_read_and_a_scan_is_refused(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    scan = pypdf.PdfWriter()
    scan.add_blank_page(100, 100)
    scan.write(tmp_path / "scan.pdf")
    with pytest.raises(SourceError, match="holds no text"):
        read_text(tmp_path / "scan.pdf")
    (tmp_path / "bad.pdf").write_bytes(b"no pdf")
    with pytest.raises(SourceError, match="cannot be read"):
        read_text(tmp_path / "bad.pdf")


COUNTS = {"t_ccaa_39": 354, "machinery": 454, "hunan": 549, "jiangsu": 165, "zero_carbon": 66}
needs_texts = pytest.mark.skipif(
    not STANDARDS.is_dir(), reason="the licensed texts are not beside the checkout"
)


@needs_texts
@pytest.mark.parametrize("key", sorted(PROFILES))
def test_the_five_texts_are_cut_as_the_readers_did(key: str) -> None:
    found = segment(read_text(STANDARDS / f"{key}.txt"), PROFILES[key])
    assert len(found) == len({s.address for s in found}) == COUNTS[key]


@needs_texts
@pytest.mark.parametrize("key", [k for k in shipped() if k in PROFILES])
def test_the_shipped_rulesets_verify_clean(key: str) -> None:
    found = verify(load_ruleset(folder_of(key))[0], read_text(STANDARDS / f"{key}.txt"))
    assert told(found) == []


@needs_texts
@pytest.mark.parametrize("key", [k for k in shipped() if k in PROFILES])
def test_three_changes_in_a_real_text_are_told_as_these_three(key: str) -> None:
    """One 应 turned into 宜, one sentence taken out and one put in, each in a clause of its own."""
    text = read_text(STANDARDS / f"{key}.txt")
    ended = [s for s in segment(text, PROFILES[key]) if s.text.endswith("。") and text.count(s.text) == 1]
    whole = [s for s in ended if s.kind == "sentence" and s.text == s.whole]
    flipped = next(s for s in whole if s.own == "shall" and s.text.count("应") == 1)
    removed = next(s for s in reversed(whole) if s.clause != flipped.clause)
    before = next(s for s in ended if s.clause not in (flipped.clause, removed.clause))
    new = "园丁应在每年三月给花园松一次土。"
    changed = text.replace(flipped.text, flipped.text.replace("应", "宜")).replace(removed.text, "")
    changed = changed.replace(before.text, before.text + new)
    found = verify(load_ruleset(folder_of(key))[0], changed)
    assert sorted(d.kind for d in found.differences) == ["added", "flipped", "missing"], told(found)
    by_kind = {d.kind: d for d in found.differences}
    assert by_kind["flipped"].address == flipped.address
    assert by_kind["missing"].address == removed.address
    assert by_kind["added"].excerpt == new
