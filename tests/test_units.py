"""Units: what is read, what converts exactly, and what is refused with a reason."""

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shall.engine.accounts.units import (
    convert,
    decimal,
    dimension,
    equivalent,
    factor_between,
    finite,
    known_units,
    ratio,
    unit,
)
from shall.texts import LANGUAGES
from shall.texts.errors import EvidenceError

D = Decimal


def refused(key: str, *wanted: str) -> "pytest.RaisesExc[EvidenceError]":
    """An EvidenceError of that key whose texts, in both languages, hold what is wanted."""

    def fits(error: EvidenceError) -> bool:
        texts = [error.text(lang) for lang in LANGUAGES]
        return error.key == key and all(word in text for word in wanted for text in texts)

    return pytest.RaisesExc(EvidenceError, check=fits)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("kWh", "kWh"),
        ("kW·h", "kWh"),
        ("千瓦时", "kWh"),
        ("度", "kWh"),
        ("万kWh", "万kWh"),
        ("万 kWh", "万kWh"),
        ("万千瓦时", "万kWh"),
        ("亿千瓦时", "亿kWh"),
        ("吨", "t"),
        ("ｋｇ", "kg"),
        ("m³", "m3"),
        ("㎥", "m3"),
        ("m^3", "m3"),
        ("立方米", "m3"),
        ("Nm³", "Nm3"),
        ("Nm^3", "Nm3"),
        ("标立方米", "Nm3"),
        ("万标准立方米", "万Nm3"),
        ("10⁴ Nm³", "万Nm3"),
        ("10^4Nm3", "万Nm3"),
        ("1e4 Nm3", "万Nm3"),
        ("GJ per 10⁴ Nm³", "GJ/万Nm3"),
        ("GJ／万Nm³", "GJ/万Nm3"),
        ("tCO₂e", "tCO2e"),
        ("t CO2e", "tCO2e"),
        ("吨二氧化碳当量", "tCO2e"),
        ("吨二氧化碳", "tCO2"),
        ("千克二氧化碳/千瓦时", "kgCO2/kWh"),
        ("吨标准煤/万元", "tce/万元"),
        ("吨公里", "tkm"),
        ("万吨公里", "万tkm"),
        ("kgCO2e/t·km", "kgCO2e/tkm"),
        ("人公里", "人km"),
        ("个", "件"),
        ("％", "percent"),
        ("tC/GJ", "tC/GJ"),
        ("tCO2/台/年", "tCO2/台/a"),
    ],
)
def test_usual_spellings_are_one_unit(written: str, kept: str) -> None:
    assert unit(written).text == kept
    assert unit(kept).scale == unit(written).scale


@pytest.mark.parametrize(
    ("amount", "source", "target", "result"),
    [
        ("1", "MWh", "kWh", "1000"),
        ("1", "万kWh", "GJ", "36"),
        ("1", "kgce", "MJ", "29.3076"),
        ("1", "tce", "GJ", "29.3076"),
        ("7000", "kcal", "kgce", "1"),
        ("12.5", "万元", "元", "125000"),
        ("3", "亿元", "万元", "30000"),
        ("2", "千元", "元", "2000"),
        ("2", "百万元", "万元", "200"),
        ("389.31", "GJ/万Nm3", "MJ/Nm3", "38.931"),
        ("21.6219", "tCO2/万Nm3", "kgCO2/Nm3", "2.16219"),
        ("0.5306", "kgCO2/kWh", "tCO2/MWh", "0.5306"),
        ("0.5306", "kgCO2/kWh", "tCO2/万kWh", "5.306"),
        ("0.1", "kgCO2e/(t·km)", "kgCO2e/tkm", "0.1"),
        ("5", "台", "件", "5"),
        ("3", "千件", "万件", "0.3"),
        ("24", "%", "permille", "240"),
        ("1", "tce/万元", "kgce/元", "0.1"),
        ("1e-9", "kWh", "MJ", "3.6E-9"),
        ("1e18", "万kWh", "GJ", "36000000000000000000"),
        ("-2", "t", "kg", "-2000"),
        ("0", "t", "kg", "0"),
        ("123456789012345678901234.0123456789", "t", "kg", "123456789012345678901234012.3456789"),
    ],
)
def test_exact_conversions(amount: str, source: str, target: str, result: str) -> None:
    assert convert(D(amount), source, target) == D(result)


def test_a_result_without_a_finite_form_is_rounded_once_and_the_fraction_is_at_hand() -> None:
    assert factor_between("kWh", "kgce") == Fraction(3600 * 10, 293076)
    assert not finite(factor_between("kWh", "kgce"))
    assert convert(D(1), "kWh", "kgce") == D("0.1228350325512836260901609138926422")


AMOUNTS = st.decimals(min_value=D("-1e18"), max_value=D("1e18"), places=10, allow_nan=False)


@given(AMOUNTS, st.sampled_from([("kWh", "MJ"), ("t", "mg"), ("万元", "元"), ("tCO2e/千件", "kgCO2e/件")]))
def test_there_and_back_is_the_same_amount(amount: Decimal, pair: tuple[str, str]) -> None:
    there = convert(amount, *pair)
    assert convert(there, *reversed(pair)) == amount


@given(st.fractions(max_denominator=10**12))
def test_decimal_is_exact_or_within_the_last_digit(value: Fraction) -> None:
    found = Fraction(decimal(value))
    if finite(value):
        assert found == value
    else:
        assert abs(found - value) <= abs(value) * Fraction(1, 10**33)


def test_every_unit_converts_to_itself_and_has_a_scale() -> None:
    assert len(known_units()) > 50
    for name in known_units():
        assert factor_between(name, name) == 1
        assert unit(name).scale > 0
        assert unit(f"万{name}").scale == 10000 * unit(name).scale


def test_dimensions() -> None:
    assert dimension("kgCO2/kWh") == {"co2": 1, "energy": -1}
    assert dimension("kWh/GJ") == {}
    assert dimension("件") == dimension("台") == dimension("套") == {"product": 1}
    assert dimension("tCO2") != dimension("tCO2e")


@pytest.mark.parametrize(
    ("source", "target", "key"),
    [
        ("kWh", "kg", "accounts.units_differ"),
        ("t", "tce", "accounts.units_differ"),
        ("元", "件", "accounts.units_differ"),
        ("kWh/t", "kWh", "accounts.units_differ"),
        ("tCO2", "tCO2e", "accounts.co2_and_co2e"),
        ("kgCO2e/kWh", "tCO2/MWh", "accounts.co2_and_co2e"),
        ("tC", "tCO2", "accounts.carbon_and_co2"),
        ("Nm3", "m3", "accounts.gas_volume"),
        ("GJ/m3", "GJ/万Nm3", "accounts.gas_volume"),
        ("t", "tCO2e", "accounts.units_differ"),
    ],
)
def test_what_does_not_convert(source: str, target: str, key: str) -> None:
    with refused(key, unit(source).text, unit(target).text):
        convert(D(1), source, target)


def test_cubic_metres_are_standard_only_where_that_is_stated() -> None:
    assert convert(D(3), "万Nm3", "m3", gas_as_standard=True) == 30000
    assert convert(D("38.931"), "MJ/m3", "GJ/万Nm3", gas_as_standard=True) == D("389.31")
    with refused("accounts.units_differ"):
        convert(D(1), "Nm3", "m2", gas_as_standard=True)


def test_the_only_door_to_co2_equivalent_names_its_potential() -> None:
    assert equivalent(D(2), "kg", D("23500")) == D("47")
    assert equivalent(D(2), "kg", D("23500"), "kgCO2e") == 47000
    assert equivalent(D("0.5306"), "kgCO2/kWh", D(1), "tCO2e/MWh") == D("0.5306")
    with refused("accounts.units_differ"):
        equivalent(D(1), "kWh", D(1))
    with refused("accounts.units_differ"):
        equivalent(D(1), "kg", D(1), "tCO2e/MWh")


@pytest.mark.parametrize(
    ("written", "found", "near"),
    [
        ("kwhh", "kwhh", "kWh"),
        ("mwh", "mwh", "MWh"),
        ("tCO2x", "tCO2x", "tCO2"),
        ("万kWhs", "万kWhs", "kWh"),
        ("桶", "桶", "kg"),
    ],
)
def test_an_unknown_unit_names_what_is_near(written: str, found: str, near: str) -> None:
    with refused("accounts.unknown_unit", found, near):
        unit(written)


@pytest.mark.parametrize(
    "written", ["kg/", "/kg", "((kg", "kg**", "kg)", "kg**99999999", "t**-10", "kg/(百t*km)", "()"]
)
def test_a_form_that_cannot_be_read(written: str) -> None:
    with refused("accounts.unit_form", written):
        unit(written)


def test_an_ambiguous_unit_is_refused() -> None:
    with refused("accounts.unit_ambiguous", "kg/m2*a"):
        unit("kg/m2*a")
    assert dimension("kg/(m2*a)") == {"mass": 1, "length": -2, "calendar": -1}


def test_no_unit() -> None:
    with refused("accounts.no_unit"):
        unit("  ")


@given(st.text(max_size=12))
def test_any_text_is_a_unit_or_an_error_of_ours(text: str) -> None:
    try:
        told = str(unit(text).scale)
    except EvidenceError as error:
        told = error.text("zh")
    assert told


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1e61", "1e-61", "1e999999"])
def test_no_amount(amount: str) -> None:
    with refused("accounts.not_an_amount"):
        convert(D(amount), "t", "kg")


@pytest.mark.parametrize(
    ("value", "measured_in", "share", "reading"),
    [
        ("24%", None, "0.24", "percent"),
        ("24 ％", None, "0.24", "percent"),
        ("0.24", None, "0.24", "share"),
        (D("0.24"), None, "0.24", "share"),
        ("24", "%", "0.24", "percent"),
        ("24%", "%", "0.24", "percent"),
        ("0.24", "%", "0.0024", "percent"),
        ("240‰", None, "0.24", "permille"),
        ("1", None, "1", "share"),
        ("-0.05", None, "-0.05", "share"),
        ("-5%", None, "-0.05", "percent"),
        ("130%", None, "1.3", "percent"),
        ("0", None, "0", "share"),
        ("1e-9", None, "1e-9", "share"),
    ],
)
def test_readings_of_a_share(value: str | Decimal, measured_in: str | None, share: str, reading: str) -> None:
    found = ratio(value, measured_in)
    assert (found.value, found.reading) == (D(share), reading)


@pytest.mark.parametrize(
    ("value", "measured_in", "key"),
    [
        ("24", None, "accounts.ratio_bare"),
        ("1.0001", None, "accounts.ratio_bare"),
        ("1e18", None, "accounts.ratio_bare"),
        ("24‰", "%", "accounts.ratio_two_units"),
        ("24", "kWh", "accounts.ratio_unit"),
        ("24", "万%", "accounts.ratio_unit"),
        ("viel", None, "accounts.ratio_not_read"),
        ("", None, "accounts.ratio_not_read"),
        ("%", None, "accounts.ratio_not_read"),
        ("24%%", None, "accounts.ratio_not_read"),
        ("NaN", None, "accounts.not_an_amount"),
    ],
)
def test_a_share_that_is_refused(value: str, measured_in: str | None, key: str) -> None:
    with refused(key):
        ratio(value, measured_in)


def test_checking_clauses_needs_no_library_of_units() -> None:
    modules = "shall.engine.evaluation, shall.engine.cli.evaluate, shall.engine.reference, shall.engine.accounts.units"
    code = f"import sys, {modules}; print('pint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
