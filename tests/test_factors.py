"""Factor sets: exact values by hand, sources everywhere, choices frozen, and nothing guessed where one is missing."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from shall.engine.accounts.factor_library import FactorProblems, library, sets
from shall.engine.accounts.factor_sets import CONFIDENCE, USES, YEAR_RULES, BlendValue, FuelValue, GridValue
from shall.engine.accounts.factors import Basis, MissingFactor, choose, factor, reopen
from shall.engine.accounts.units import dimension
from shall.texts import LANGUAGES
from shall.texts.errors import EvidenceError

D = Decimal

OWN = """
key: grid_national
edition: "2027-01-31"
kind: grid
title: {zh: 自有, en: own}
about: {zh: 测试, en: test}
unit: kgCO2/kWh
sources:
  notice: {zh: 公告, en: notice, reached: true}
values:
  - {what: average, name: {zh: 均, en: mean}, region: 全国, year: 2024, value: "0.5", source: notice, confidence: high}
  - what: without_traded_nonfossil
    name: {zh: 剔除, en: without}
    region: 全国
    year: 2024
    value: "0.6"
    source: notice
    confidence: low
"""


def national(year: int = 2025) -> Basis:
    return choose("gbt_32150", year)


def own(folder: Path, text: str = OWN, name: str = "grid.yaml") -> Path:
    place = folder / "own"
    place.mkdir(exist_ok=True)
    (place / name).write_text(text, encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("what", "numbers"),
    [
        ("natural_gas", "389.31 0.0153 0.99"),
        ("天然气", "389.31 0.0153 0.99"),
        ("diesel", "43.33 0.0202 0.98"),
        ("petrol", "44.8 0.0189 0.98"),
        ("烟煤", "23.204 0.02618 0.93"),
    ],
)
def test_a_fuel_is_computed_exactly(what: str, numbers: str) -> None:
    ncv, carbon, oxidation = map(Fraction, numbers.split())
    found = factor(national(), "fuel", what)
    assert found.exact == ncv * carbon * oxidation * Fraction(44, 12)
    assert found.gas == "CO2"
    assert [part.value for part in found.parts] == [ncv, carbon, oxidation, Fraction(11, 3)]


def test_natural_gas_by_hand() -> None:
    """389.31 x 0.0153 = 5.956443; x 0.99 = 5.89687857; x 44 / 12 = 21.62188809 tCO2 per 10 000 Nm3."""
    found = factor(national(), "fuel", "natural_gas")
    assert (found.value, found.unit, found.finite) == (D("21.62188809"), "tCO2/万Nm3", True)
    diesel = factor(national(), "fuel", "diesel")
    assert not diesel.finite
    assert diesel.value == D("3.145122493333333333333333333333333")


def test_the_two_families_differ() -> None:
    other = factor(choose("mee_enterprise", 2023), "fuel", "diesel")
    assert other.set == "fuel_mee"
    assert other.exact == Fraction("42.652") * Fraction("0.0202") * Fraction("0.98") * Fraction(44, 12)


@pytest.mark.parametrize(
    ("methodology", "year", "region", "gas", "value"),
    [
        ("gbt_32150", 2025, None, "CH4", "28"),
        ("gbt_32150", 2025, None, "R-134a", "1300"),
        ("gbt_32150", 2025, None, "六氟化硫", "23500"),
        ("gbt_32150", 2025, None, "hfc-32", "677"),
        ("iso_14064_1", 2025, "江苏", "CH4", "27.9"),
        ("iso_14064_1", 2025, "江苏", "CH4_fossil", "29.8"),
        ("ndrc_guidelines", 2015, "华东", "CH4", "21"),
        ("ndrc_guidelines", 2015, "华东", "SF6", "23900"),
        ("gbt_32150", 2025, None, "R-410A", "1923.5"),  # 0.5 x 677 + 0.5 x 3170
        ("gbt_32150", 2025, None, "R-404A", "3942.8"),  # 0.44 x 3170 + 0.52 x 4800 + 0.04 x 1300
        ("iso_14064_1", 2025, "江苏", "R-407C", "1907.93"),  # 0.23 x 771 + 0.25 x 3740 + 0.52 x 1530
        ("ndrc_guidelines", 2015, "华东", "R-507A", "3300"),  # 0.5 x 2800 + 0.5 x 3800
    ],
)
def test_potentials(methodology: str, year: int, region: str | None, gas: str, value: str) -> None:
    found = factor(choose(methodology, year, region), "gwp", gas)
    assert (found.value, found.unit) == (D(value), "kgCO2e/kg")


def test_other_factors() -> None:
    basis = national()
    assert (factor(basis, "heat").value, factor(basis, "heat").unit) == (D("0.11"), "tCO2/GJ")
    assert factor(basis, "carbonate", "石灰石").value == D("0.4397")
    assert factor(basis, "coal_equivalent", "electricity").unit == "kgce/kWh"
    assert factor(basis, "coal_equivalent", "electricity").value == D("0.1229")
    assert factor(basis, "coal_equivalent", "柴油").value == D("1.4571")


def test_electricity_names_the_year_of_its_data_and_the_rule() -> None:
    found = factor(national(2025), "electricity_location")
    assert (found.value, found.unit, found.year) == (D("0.5306"), "kgCO2/kWh", 2023)
    assert found.rule == "latest_not_later"
    assert [gap.year for gap in found.newer] == [2024]
    assert factor(national(2021), "electricity_location").value == D("0.5568")
    assert factor(national(2025), "electricity_market").value == D("0.6096")
    assert factor(choose("mee_enterprise", 2023), "electricity_location").value == D("0.5703")


@pytest.mark.parametrize("region", ["江苏", "江苏省", "Jiangsu", " 江苏 "])
def test_a_province_by_its_names(region: str) -> None:
    found = factor(choose("iso_14064_1", 2024, region), "electricity_location")
    assert (found.value, found.year, found.region) == (D("0.5978"), 2022, "江苏")
    assert [gap.year for gap in found.newer] == [2023]


def test_every_value_has_source_confidence_and_unit() -> None:
    kinds = set()
    for one in sets():
        kinds.add(one.kind)
        assert one.digest and one.sources
        for value in one.values:
            source = one.sources[value.source]
            assert source.zh and source.en
            assert value.confidence in CONFIDENCE
            assert ("未查到来源" in source.zh) == (not source.reached), (one.key, value.what)
            if not isinstance(value, FuelValue | BlendValue):
                assert dimension(one.unit_of(value)) is not None
    assert kinds == set(USES.values())


def test_nothing_says_where_a_value_was_looked_up_inside() -> None:
    for one in sets():
        for source in one.sources.values():
            assert "index" not in source.en and " id " not in source.en


def test_grid_values_are_plausible() -> None:
    """A slip of the decimal point would stand out: between 0.05 and 1.1 kg per kWh."""
    values = [v for one in sets() for v in one.values if isinstance(v, GridValue)]
    assert len(values) > 90
    assert all(D("0.05") < v.value < D("1.1") for v in values)


def test_each_methodology_names_everything_with_a_reason() -> None:
    for methodology in library().methodologies:
        assert {"gwp", "electricity_location", "fuel", "heat"} <= set(methodology.uses)
        for choice in methodology.uses.values():
            assert choice.because.zh and choice.because.en
            assert choice.year_rule is None or choice.year_rule in YEAR_RULES


def missing(basis: Basis, use: str, what: str | None = None) -> MissingFactor:
    with pytest.raises(MissingFactor) as caught:
        factor(basis, use, what)
    for lang in LANGUAGES:
        assert caught.value.text(lang)
    return caught.value


def test_a_missing_fuel_says_what_is_like_it_and_what_the_set_holds() -> None:
    error = missing(national(), "fuel", "coal")
    assert {"bituminous_coal", "briquette"} <= {fit.what for fit in error.fits}
    assert "anthracite" in error.holds
    assert "anthracite" in str(error)


def test_a_missing_potential_names_the_gap_and_other_families() -> None:
    error = missing(national(), "gwp", "HFO-1234yf")
    assert [fit.set.partition("@")[0] for fit in error.fits] == ["gwp_ar6"]
    assert "<1" in error.text("en") and "小于 1" in error.text("zh")
    assert missing(national(), "gwp", "R-999").fits == ()


def test_a_missing_year_or_region_of_electricity_is_never_filled_in() -> None:
    tibet = missing(choose("iso_14064_1", 2023, "西藏自治区"), "electricity_location")
    assert "公告未发布" in tibet.text("zh")
    assert {fit.region for fit in tibet.fits} == {"全国"}
    late = missing(choose("mee_enterprise", 2024), "electricity_location")
    assert [note.en for note in late.gaps] == ["the value set for data years from 2024 on was not found"]
    assert missing(choose("mee_enterprise", 2022), "electricity_market").key == "accounts.use_not_chosen"


def test_a_range_is_no_factor() -> None:
    with pytest.raises(EvidenceError) as caught:
        factor(national(), "coal_equivalent", "natural_gas")
    assert caught.value.key == "accounts.only_a_range"
    assert "1.1000" in str(caught.value)


@pytest.mark.parametrize(
    ("methodology", "year", "region", "key"),
    [
        ("nobody", 2025, None, "accounts.unknown_methodology"),
        ("gbt_32150@1999-01-01", 2025, None, "accounts.unknown_methodology"),
        ("gbt_32150", 2019, None, "accounts.methodology_year"),
        ("iso_14064_1", 2025, None, "accounts.no_region"),
    ],
)
def test_a_choice_that_cannot_be_made(methodology: str, year: int, region: str | None, key: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        choose(methodology, year, region)
    assert caught.value.key == key
    assert all(caught.value.text(lang) for lang in LANGUAGES)


def test_an_unknown_use() -> None:
    with pytest.raises(EvidenceError, match="gwp"):
        factor(national(), "weather")


def test_footprint_factors_serve_no_organisation(tmp_path: Path) -> None:
    rules = """
- key: mine
  edition: "2027-01-31"
  title: {zh: 自定, en: mine}
  uses:
    electricity_location:
      set: grid_footprint
      what: footprint
      area: national
      year_rule: same_year
      because: {zh: 试, en: try}
"""
    with pytest.raises(FactorProblems) as caught:
        library(own(tmp_path, rules, "methodologies.yaml"))
    assert [(p.file, p.line, p.key) for p in caught.value.problems] == [
        ("own/methodologies.yaml", 6, "accounts.unfit_set")
    ]


def test_a_new_edition_moves_new_results_and_no_old_ones(tmp_path: Path) -> None:
    before = choose("gbt_32150", 2025)
    shelf = library(own(tmp_path))
    assert list(shelf.editions["grid_national"]) == ["2026-11-21", "2027-01-31"]
    after = choose("gbt_32150", 2025, known=shelf)
    assert factor(after, "electricity_location").value == D("0.5")
    assert factor(after, "electricity_location").edition == "2027-01-31"
    old = reopen(before.stamp(), shelf)
    assert factor(old, "electricity_location") == factor(before, "electricity_location")
    assert old.stamp() == before.stamp() != after.stamp()


def test_a_pinned_edition_must_exist_and_be_used() -> None:
    with pytest.raises(EvidenceError, match="2026-11-21"):
        choose("gbt_32150", 2025, editions={"gwp_ar5": "1999-01-01"})
    with pytest.raises(EvidenceError, match="gwp_sar"):
        choose("gbt_32150", 2025, editions={"gwp_sar": "2026-11-21"})


def test_an_altered_set_is_noticed() -> None:
    stamp = national().stamp()
    stamp["sets"]["fuel"]["digest"] = "0" * 64
    with pytest.raises(EvidenceError) as caught:
        reopen(stamp)
    assert caught.value.key == "accounts.set_altered"


def test_the_digest_is_of_the_content_not_of_the_layout(tmp_path: Path) -> None:
    first = library(own(tmp_path)).editions["grid_national"]["2027-01-31"].digest
    again = library(own(tmp_path, "# a remark\n" + OWN)).editions["grid_national"]["2027-01-31"].digest
    other = (
        library(own(tmp_path, OWN.replace('"0.5"', '"0.5001"')))
        .editions["grid_national"]["2027-01-31"]
        .digest
    )
    assert first == again != other


def test_a_set_may_be_used_by_a_methodology_of_ones_own(tmp_path: Path) -> None:
    own(tmp_path, OWN.replace("grid_national", "my_grid"))
    rules = """
- key: mine
  edition: "2027-01-31"
  title: {zh: 自定, en: mine}
  uses:
    electricity_location:
      {set: my_grid, what: average, area: national, year_rule: same_year, because: {zh: 试, en: try}}
"""
    basis = choose("mine", 2024, known=library(own(tmp_path, rules, "methodologies.yaml")))
    assert factor(basis, "electricity_location").value == D("0.5")
    with pytest.raises(MissingFactor):
        factor(basis, "gwp", "CH4")


@pytest.mark.parametrize(
    ("change", "line", "key"),
    [
        (('value: "0.5"', "value: 0.5"), 11, "rules.bad_value"),
        (('value: "0.5"', 'value: "-0.5"'), 11, "rules.bad_value"),
        (('value: "0.5"', 'value: "NaN"'), 11, "rules.bad_value"),
        (
            ("source: notice, confidence: high", "source: hearsay, confidence: high"),
            11,
            "accounts.source_not_described",
        ),
        (("confidence: high", "confidence: certain"), 11, "rules.not_allowed"),
        (("source: notice, confidence: high", "confidence: high"), 11, "rules.missing_key"),
        (("confidence: high", "confidence: high, colour: red"), 11, "rules.unknown_key"),
        (("unit: kgCO2/kWh", "unit: kgCO2/kWhh"), 7, "rules.bad_value"),
        (('edition: "2027-01-31"', 'edition: "2026-11-21"'), 3, "accounts.edition_taken"),
        (("kind: grid", "kind: weather"), 4, "rules.not_allowed"),
        (("what: without_traded_nonfossil", "what: average"), 12, "accounts.given_twice"),
        (("sources:", "title: {zh: 二, en: two}\nsources:"), 8, "rules.yaml_duplicate"),
    ],
)
def test_a_mistake_in_a_set_of_ones_own_is_told_with_its_line(
    tmp_path: Path, change: tuple[str, str], line: int, key: str
) -> None:
    text = OWN.replace(*change, 1)
    assert text != OWN
    with pytest.raises(FactorProblems) as caught:
        library(own(tmp_path, text))
    assert (line, key) in [(p.line, p.key) for p in caught.value.problems], caught.value.text("en")
    assert "own/grid.yaml" in caught.value.text("zh")


def test_a_blend_that_does_not_sum_to_one_is_refused(tmp_path: Path) -> None:
    text = """
key: blends
edition: "2027-01-31"
kind: blend
title: {zh: 混, en: blends}
about: {zh: 混, en: blends}
sources: {s: {zh: 源, en: source, reached: true}}
values:
  - {what: R-1, name: {zh: R, en: R}, fractions: {HFC32: "0.5", HFC125: "0.4"}, source: s, confidence: low}
"""
    with pytest.raises(FactorProblems, match="sum to 1"):
        library(own(tmp_path, text))


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="nowhere"):
        library(tmp_path / "nowhere")
