"""B.1 to B.8: worked by hand, and every way a formula can have no result."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shall.engine.scoring.formulas import (
    FORMULAS,
    Datum,
    emission_reduction,
    energy_per_product,
    footprint_reduction,
    material_per_product,
    offset_ratio,
    recyclability,
    renewable_share,
    roof_coverage,
)
from shall.engine.scoring.numbers import exact, shown

POSITIVE = st.fractions(min_value=Fraction(1, 10**9), max_value=10**18)


def test_each_formula_by_hand() -> None:
    assert renewable_share(Decimal("430.15"), 2400).value == Fraction(8603, 480)
    assert roof_coverage(3500, 5000).value == 70
    assert material_per_product(4600, 4000).value == Fraction(23, 20)
    assert recyclability(790, 850).value == Fraction(1580, 17)
    assert emission_reduction(6150, 18500, 6400, 17000).value == Fraction(6925, 592)
    assert energy_per_product(800, 4000).value == Fraction(1, 5)
    assert footprint_reduction(Decimal("86.4"), 90).value == 4
    assert offset_ratio(6150, 6200).value == Fraction(3075, 31)


def test_there_is_a_function_for_each_formula_of_the_annex() -> None:
    assert sorted(FORMULAS) == [f"B.{n}" for n in range(1, 9)]


@pytest.mark.parametrize("address", sorted(FORMULAS))
def test_a_missing_input_is_named_and_nothing_computed(address: str) -> None:
    formula = FORMULAS[address]
    for missing in range(len(formula.inputs)):
        found = formula(*(None if n == missing else 1 for n in range(len(formula.inputs))))
        assert found.value is None
        assert found.reason is not None
        assert found.reason.key == "scoring.missing_input"
        assert found.reason.text("zh") != found.reason.text("en")
        assert "?" in found.substituted


@pytest.mark.parametrize("address", sorted(FORMULAS))
def test_a_zero_denominator_and_a_negative_input_are_reasons(address: str) -> None:
    formula = FORMULAS[address]
    for n, quantity in enumerate(formula.inputs):
        amounts: list[int] = [1] * len(formula.inputs)
        amounts[n] = 0
        found = formula(*amounts)
        if quantity.symbol in formula.divisors:
            assert found.reason is not None and found.reason.key == "scoring.zero_denominator"
        else:
            assert found.value is not None
        amounts[n] = -1
        negative = formula(*amounts)
        assert negative.value is None
        assert negative.reason is not None and negative.reason.key == "scoring.negative_input"


@pytest.mark.parametrize("address", sorted(FORMULAS))
def test_all_zero_never_crashes(address: str) -> None:
    found = FORMULAS[address](*[0] * len(FORMULAS[address].inputs))
    assert found.value is None
    assert found.reason is not None


def test_a_rise_stays_negative_and_is_said() -> None:
    found = footprint_reduction(110, 100)
    assert found.value == -10
    assert found.reason is not None and found.reason.key == "scoring.rose"
    assert "10" in found.reason.text("en")
    risen = emission_reduction(120, 1, 100, 1)
    assert (risen.value, risen.reason and risen.reason.key) == (-20, "scoring.rose")


def test_a_share_above_the_whole_is_kept_and_said() -> None:
    for formula in (renewable_share, roof_coverage, recyclability, offset_ratio):
        found = formula(300, 200)
        assert found.value == 150
        assert found.reason is not None and found.reason.key == "scoring.above_whole"


def test_very_small_and_very_large_numbers_are_exact() -> None:
    assert renewable_share(Decimal("1e-9"), Decimal("1e18")).value == Fraction(1, 10**25)
    assert material_per_product(Decimal("1e18"), Decimal("1e-9")).value == 10**27


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "1e999999999", "1e-999999999"])
def test_what_is_no_usable_number_is_a_reason(bad: str) -> None:
    found = renewable_share(Decimal(bad), 1)
    assert found.value is None
    assert found.reason is not None and found.reason.key == "scoring.not_a_number"


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        renewable_share(0.5, 1)  # type: ignore[arg-type]


def test_the_substituted_formula_holds_the_numbers_and_records() -> None:
    found = roof_coverage(Datum(Fraction(3500), ("roof_area:R1",)), 5000)
    assert found.symbols == "S_PV ÷ S_roof × 100"
    assert found.substituted == "3500 ÷ 5000 × 100"
    assert found.inputs[0].refs == ("roof_area:R1",)


@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE)
def test_formulas_move_in_the_right_direction(a: Fraction, b: Fraction, c: Fraction, more: Fraction) -> None:
    def value(*amounts: Fraction) -> Fraction:
        found = emission_reduction(*amounts).value
        assert found is not None
        return found

    assert value(a + more, b, c, b) < value(a, b, c, b)
    assert value(a, b + more, c, b) > value(a, b, c, b)
    share, larger = renewable_share(a, b).value, renewable_share(a + more, b).value
    assert share is not None and larger is not None and larger > share


@given(POSITIVE, POSITIVE, POSITIVE)
def test_a_change_of_unit_changes_no_ratio(a: Fraction, b: Fraction, factor: Fraction) -> None:
    assert roof_coverage(a * factor, b * factor).value == roof_coverage(a, b).value
    assert footprint_reduction(a * factor, b * factor).value == footprint_reduction(a, b).value


@pytest.mark.parametrize(
    ("value", "written", "rounded"),
    [
        (Fraction(1, 8), "0.125", "0.13"),
        (Fraction(-1, 8), "-0.125", "-0.13"),
        (Fraction(2, 3), "2/3", "0.67"),
        (Fraction(100), "100", "100.00"),
        (Fraction(-1, 1000), "-0.001", "0.00"),
        (Fraction(0), "0", "0.00"),
    ],
)
def test_numbers_are_printed_exactly_and_rounded(value: Fraction, written: str, rounded: str) -> None:
    assert exact(value) == written
    assert shown(value, 2) == rounded
