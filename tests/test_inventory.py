"""Inventories: every method by hand, sums to the last digit, views that agree, and what is refused."""

import csv
import io
import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shall.engine.accounts.activity import KINDS, Evidence, InventoryFaults, read
from shall.engine.accounts.factors import choose
from shall.engine.accounts.inventory import (
    FILLS,
    LEVELS,
    PLACE,
    Inventory,
    Line,
    build,
    plain,
    result,
    tonnes,
)
from shall.engine.accounts.quality import calibration_state
from shall.engine.accounts.rates import COUNTED, PARTS
from shall.engine.accounts.schema import InventoryResult, inventory_schema
from shall.engine.accounts.views import TABLES, VIEWS, text, view
from shall.engine.cli import shall
from shall.engine.samples import sample_folder
from shall.evidence.importers import import_batch, read_evidence
from shall.evidence.kinds.carbon import SOURCE_CLASSES
from shall.evidence.schema import models
from shall.evidence.store import Store
from shall.texts import LANGUAGES, Lang
from shall.texts.errors import EvidenceError, ShallError, UsageError

ROOT = Path(__file__).resolve().parent.parent
Body = dict[str, Any]


def datum(number: str = "A1", /, **more: Any) -> Body:
    """An activity datum of January 2025, checked by its kind."""
    body = {
        "id": number,
        "name": number,
        "category": "activity_level",
        "source_class": "purchased_electricity",
        "substance": "electricity",
        "quantity": "1000",
        "measure_unit": "kWh",
        "period_from": "2025-01-01",
        "period_until": "2025-01-31",
    }
    return checked("activity_datum", {**body, **more})


def checked(kind: str, body: Mapping[str, Any]) -> Body:
    kept = {key: value for key, value in body.items() if value is not None}
    models()[kind].model_validate(kept)
    return dict(kept)


def own(name: str = "F1", **more: Any) -> Body:
    return checked("emission_factor", {"id": name, "name": name, **more})


def evidence(*data: Body, **others: list[Body]) -> Evidence:
    found = {**{kind: [] for kind in KINDS}, "activity_datum": list(data)}
    return Evidence("O", {**found, **others}, (0, ""))


def made(*data: Body, method: str = "gbt_32150", region: str | None = None, **rest: Any) -> Inventory:
    """The inventory of 2025 of these records."""
    keys = ("fill", "gas_at_standard")
    options = {key: rest.pop(key) for key in keys if key in rest}
    densities = rest.pop("densities", None)
    return build(evidence(*data, **rest), choose(method, 2025, region, densities=densities), **options)


def refused(*data: Body, **rest: Any) -> dict[str, str]:
    """Key and record of everything wrong."""
    with pytest.raises(InventoryFaults) as caught:
        made(*data, **rest)
    for lang in LANGUAGES:
        assert caught.value.text(lang)
    return {f.error.key.partition(".")[2]: f.record for f in caught.value.faults}


def only(*data: Body, **rest: Any) -> Line:
    lines = made(*data, **rest).lines
    assert len(lines) == 1
    return lines[0]


def rounded(value: Fraction) -> int:
    """Ten places of a tonne, half to even, as Python rounds a fraction."""
    return round(value * 10**10)


# Methods by hand.


def test_a_fuel_is_ncv_times_carbon_times_oxidation_times_44_over_12() -> None:
    gas = only(
        datum(
            source_class="stationary_combustion",
            substance="natural_gas",
            quantity="2.4",
            measure_unit="万Nm3",
        )
    )
    by_hand = Fraction("2.4") * Fraction("389.31") * Fraction("0.0153") * Fraction("0.99") * Fraction(44, 12)
    assert gas.emission == rounded(by_hand)
    assert gas.arithmetic == (
        "2.4 万Nm3 × 389.31 GJ/万Nm3 × 0.0153 tC/GJ × 99% × 44/12 = " + plain(rounded(by_hand)) + " tCO2e"
    )
    assert (gas.scope, gas.category, gas.rate.gas) == ("1", "1", "CO2")


def test_a_fuel_measured_by_its_heat_leaves_the_calorific_value_out() -> None:
    heat = only(
        datum(source_class="stationary_combustion", substance="diesel", quantity="4333", measure_unit="GJ")
    )
    mass = only(
        datum(source_class="stationary_combustion", substance="diesel", quantity="100", measure_unit="t")
    )
    assert (
        heat.emission
        == mass.emission
        == rounded(4333 * Fraction("0.0202") * Fraction("0.98") * Fraction(44, 12))
    )


def test_electricity_is_located_and_marketed_apart() -> None:
    inventory = made(datum(quantity="1000000"))
    assert inventory.total() == rounded(1000 * Fraction("0.5306"))
    assert inventory.market_total == rounded(1000 * Fraction("0.6096"))


def certificate(name: str = "G1", **more: Any) -> Body:
    body = {
        "id": name, "certificate_type": "gec", "certificate_number": f"N-{name}", "quantity": "400",
        "cancelled_on": "2026-01-10", "used_as": "renewable_energy", "period_from": "2025-01-01",
        "period_until": "2025-12-31",
    }  # fmt: skip
    return checked("green_certificate", {**body, **more})


def test_a_certificate_lowers_the_market_based_total_only() -> None:
    inventory = made(datum(quantity="1000000"), green_certificate=[certificate()])
    assert inventory.total() == rounded(1000 * Fraction("0.5306"))
    assert inventory.market_total == rounded(600 * Fraction("0.6096"))


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        ({"quantity": "5000"}, 1000),  # never more than was bought
        ({"cancelled_on": None}, 0),
        ({"period_from": None, "period_until": None}, 0),
        ({"used_as": "offset"}, None),
        ({"period_from": "2024-07-01", "period_until": "2025-06-30"}, Fraction(400 * 181, 365)),
        ({"cancelled_on": None, "certificate_type": "green_power_trade"}, 400),
    ],
)
def test_what_of_a_certificate_counts(change: Body, counted: Fraction | int | None) -> None:
    inventory = made(datum(quantity="1000000"), green_certificate=[certificate(**change)])
    found = [c.counted for c in inventory.certificates]
    assert found == ([] if counted is None else [counted])


def test_a_suppliers_factor_is_market_based_and_takes_no_certificate() -> None:
    factor = own(source_class="purchased_electricity", gas="co2", amount="0.1", measure_unit="kgCO2/kWh",
                 factor_source="supplier")  # fmt: skip
    inventory = made(
        datum(quantity="1000000", emission_factor="F1"),
        emission_factor=[factor],
        green_certificate=[certificate()],
    )
    assert inventory.total() == rounded(1000 * Fraction("0.5306"))
    assert inventory.market_total == rounded(Fraction(100))
    assert [c.counted for c in inventory.certificates] == [0]


def test_welding_gas_by_mass_and_by_volume() -> None:
    mass = only(datum(source_class="process", substance="carbon_dioxide", quantity="3", measure_unit="t"))
    volume = only(
        datum(source_class="process", substance="carbon_dioxide", quantity="2240", measure_unit="Nm3")
    )
    assert mass.emission == rounded(Fraction(3))
    assert volume.emission == rounded(Fraction(2240 * 1000, 1) / Fraction("22.4") * 44 / 10**6)
    assert tonnes(volume.emission) == Decimal("4.4")
    assert any("22.4" in r.text("en") for r in volume.readings)
    acetylene = only(datum(source_class="process", substance="acetylene", quantity="13", measure_unit="kg"))
    assert tonnes(acetylene.emission) == Decimal("0.044")


def test_gas_as_it_flows_is_refused_unless_it_was_stated_to_be_at_standard_conditions() -> None:
    flows = datum(source_class="process", substance="carbon_dioxide", quantity="2240", measure_unit="m3")
    assert refused(flows) == {"gas_volume": "activity_datum:A1"}
    inventory = made(flows, gas_at_standard=True)
    assert tonnes(inventory.total()) == Decimal("4.4")
    assert inventory.readings


def test_a_refill_is_a_loss_and_a_blend_is_its_components() -> None:
    refill = only(
        datum(
            name="R-410A 补充量",
            source_class="fugitive",
            substance="refrigerant",
            quantity="12",
            measure_unit="kg",
        )
    )
    assert tonnes(refill.emission) == Decimal("12") * (Decimal("677") + Decimal("3170")) / 2 / 1000
    assert refill.rate.gas == "HFCs"
    sulphur = only(datum(source_class="fugitive", substance="sf6", quantity="2", measure_unit="kg"))
    assert (sulphur.rate.gas, tonnes(sulphur.emission)) == ("SF6", Decimal("47.0"))
    assert refused(datum(source_class="fugitive", substance="refrigerant", measure_unit="kg")) == {
        "which_gas": "activity_datum:A1"
    }


def test_hcfcs_stand_apart_from_the_seven_gases() -> None:
    inventory = made(
        datum(
            name="R-22 加注",
            source_class="fugitive",
            substance="refrigerant",
            quantity="10",
            measure_unit="kg",
        ),
        datum("A2"),
    )
    assert inventory.total("montreal") == rounded(Fraction("17.6"))
    assert inventory.total() == rounded(Fraction("0.5306"))


def test_heat_carbonates_and_exported_energy() -> None:
    inventory = made(
        datum("A1", source_class="purchased_heat", substance="heat", quantity="100", measure_unit="GJ"),
        datum("A2", source_class="process", substance="limestone", quantity="10", measure_unit="t"),
        datum("A3", source_class="exported_electricity", quantity="2000"),
        datum("A4", source_class="exported_heat", substance="heat", quantity="10", measure_unit="GJ"),
    )
    assert tonnes(inventory.total()) == Decimal("15.397")
    assert tonnes(inventory.total("exported")) == -(Decimal("1.0612") + Decimal("1.1"))


def test_transport_by_tonne_kilometres_and_by_trips() -> None:
    factor = own(source_class="transport", gas="co2e", amount="0.089", measure_unit="kgCO2e/(t·km)")
    road = only(
        datum(source_class="transport", substance=None, quantity="50", measure_unit="t", transport_distance="420",
              emission_factor="F1"),
        emission_factor=[factor],
    )  # fmt: skip
    assert tonnes(road.emission) == Decimal("1.869")
    assert (road.scope, road.category) == ("3", "3")
    assert "× 420 km" in road.arithmetic
    already = only(
        datum(source_class="transport", quantity="21000", measure_unit="吨公里", emission_factor="F1"),
        emission_factor=[factor],
    )
    assert already.emission == road.emission
    by_km = own(source_class="transport", gas="co2e", amount="0.8", measure_unit="kgCO2e/km")
    trips = only(
        datum(source_class="transport", quantity="50", measure_unit="t", transport_distance="420", transport_trips=3,
              emission_factor="F1"),
        emission_factor=[by_km],
    )  # fmt: skip
    assert tonnes(trips.emission) == Decimal("1.008")
    missing = datum(source_class="transport", quantity="50", measure_unit="t", emission_factor="F1")
    assert "no_distance" in refused(missing, emission_factor=[factor])


def test_methane_of_waste_water_by_its_mass() -> None:
    factor = own(source_class="waste", gas="ch4", amount="0.2", measure_unit="kg/m3")
    line = only(
        datum(
            source_class="waste",
            substance="waste_water",
            quantity="1000",
            measure_unit="m3",
            emission_factor="F1",
        ),
        emission_factor=[factor],
    )
    assert (line.rate.gas, tonnes(line.emission)) == ("CH4", Decimal("5.6"))  # 200 kg x 28


def test_biogenic_carbon_dioxide_stands_apart_and_its_methane_counts() -> None:
    factors = [
        own("FC", source_class="biomass", gas="co2", amount="1.5", measure_unit="tCO2/t"),
        own("FM", source_class="biomass", gas="ch4", amount="0.4", measure_unit="kg/t"),
    ]
    inventory = made(
        datum("A1", name="木屑", source_class="biomass", substance="biomass", quantity="100", measure_unit="t",
              emission_factor="FC"),
        datum("A2", name="木屑", source_class="biomass", substance="biomass", quantity="100", measure_unit="t",
              emission_factor="FM"),
        emission_factor=factors,
    )  # fmt: skip
    assert tonnes(inventory.total("biogenic")) == 150
    assert tonnes(inventory.total()) == Decimal("1.12")
    mixed = own(source_class="biomass", gas="co2e", amount="1.5", measure_unit="tCO2e/t")
    wrong = datum(source_class="biomass", quantity="100", measure_unit="t", emission_factor="F1")
    assert "biomass_gas" in refused(wrong, emission_factor=[mixed])


def test_removals_and_offsets_are_never_netted() -> None:
    removed = datum("A2", source_class="sink", substance=None, quantity=None, measure_unit=None, removal="30")
    offset = checked("offset", {"id": "O1", "offset_type": "ccer", "quantity": "500", "serial_number": "S-1",
                                "period_from": "2025-01-01", "period_until": "2025-12-31"})  # fmt: skip
    inventory = made(datum(), removed, offset=[offset])
    totals = result(inventory)["totals"]
    assert totals["emissions"] == "0.5306"
    assert (totals["removals"], totals["offsets"]) == ("30", "500")


def test_own_parts_make_the_factor_and_must_agree_with_its_amount() -> None:
    body = {"source_class": "stationary_combustion", "gas": "co2", "measure_unit": "tCO2/t", "heating_value": "28.446",
            "carbon_content": "0.0294", "oxidation_rate": "93"}  # fmt: skip
    coke = datum(source_class="stationary_combustion", substance="coke", quantity="10", measure_unit="t",
                 emission_factor="F1")  # fmt: skip
    by_hand = 10 * Fraction("28.446") * Fraction("0.0294") * Fraction("0.93") * Fraction(44, 12)
    assert only(coke, emission_factor=[own(**body)]).emission == rounded(by_hand)
    stated = only(coke, emission_factor=[own(**body, amount="2.8518")])
    assert tonnes(stated.emission) == Decimal("28.518")
    assert "two_values" in refused(coke, emission_factor=[own(**body, amount="2.8")])
    assert "oxidation" in refused(coke, emission_factor=[own(**{**body, "oxidation_rate": "0.93"})])


# What is refused, and what is read in a stated way.


def test_everything_wrong_is_told_at_once() -> None:
    found = refused(
        datum("A1", quantity="-5"),
        datum("A2", name="b", measure_unit="kg"),
        datum("A3", name="c", period_from=None, period_until=None),
        datum("A4", name="d", quantity=None, measure_unit=None),
        datum("A5", name="e", source_class="purchased_goods", substance="steel", measure_unit="t"),
        datum("A6", name="f", emission_factor="F9"),
        datum("A7", name="g", measure_unit="kilowatts"),
        datum("A8", name="h", source_class="stationary_combustion", substance="coal", measure_unit="t"),
        datum("A9", name="i", measure_unit=None),
        datum("B1", name="j", source_class="other", substance="other", measure_unit="tCO2e"),
    )
    assert found == {
        "negative": "activity_datum:A1",
        "units_differ": "activity_datum:A2",
        "no_period": "activity_datum:A3",
        "no_quantity": "activity_datum:A4",
        "no_factor": "activity_datum:A5",
        "unknown_factor": "activity_datum:A6",
        "unknown_unit": "activity_datum:A7",
        "missing_factor": "activity_datum:A8",
        "no_unit": "activity_datum:A9",
        "no_scope": "activity_datum:B1",
    }


def test_a_year_of_fourteen_months_is_refused() -> None:
    months = [
        datum(f"A{n:02}", name="n", period_from=f"2025-{n:02}-01", period_until=f"2025-{n:02}-28")
        for n in range(1, 13)
    ]
    made(*months)
    extra = [
        datum(f"B{n}", name="n", period_from=f"2025-{n:02}-01", period_until=f"2025-{n:02}-28")
        for n in (1, 2)
    ]
    with pytest.raises(InventoryFaults) as caught:
        made(*months, *extra)
    assert [f.error.key for f in caught.value.faults] == ["inventory.overlap"] * 2
    assert caught.value.faults[0].record == "activity_datum:A01, activity_datum:B1"


def test_one_meter_read_under_two_names_is_refused_and_two_meters_are_not() -> None:
    both = {"data_origin": "metered"}
    assert "overlap" in refused(
        datum("A1", name="x", meter="M1", **both), datum("A2", name="y", meter="M1", **both)
    )
    made(datum("A1", name="x", meter="M1", **both), datum("A2", name="x", meter="M2", **both))


def test_two_deliveries_of_one_month_are_added_and_said_to_be() -> None:
    fuel = {"name": "柴油", "source_class": "mobile_combustion", "substance": "diesel", "measure_unit": "t",
            "data_origin": "invoice"}  # fmt: skip
    inventory = made(datum("A1", **fuel, origin_document="1"), datum("A2", **fuel, origin_document="2"))
    assert all(any("A" in str(r.fields.get("other")) for r in x.readings) for x in inventory.lines)
    assert "overlap" in refused(
        datum("A1", **fuel, origin_document="1"), datum("A2", **fuel, origin_document="1")
    )
    assert "overlap" in refused(datum("A1", **fuel), datum("A2", **fuel))


def test_a_bill_entered_twice_among_others_is_refused() -> None:
    fuel = {"name": "柴油", "source_class": "mobile_combustion", "substance": "diesel", "measure_unit": "t",
            "data_origin": "invoice"}  # fmt: skip
    bills = [datum(f"A{n}", **fuel, origin_document=d) for n, d in enumerate(("2", "1", "3", "1"))]
    assert refused(*bills) == {"overlap": "activity_datum:A1, activity_datum:A3"}


def test_a_meter_that_was_replaced_leaves_no_gap() -> None:
    half = datum("A1", name="n", meter="M1", period_until="2025-06-30")
    rest = datum("A2", name="n", meter="M2", period_from="2025-07-01", period_until="2025-12-31")
    assert made(half, rest).gaps == {}
    assert len(made(half, rest, fill="mean").lines) == 2
    side_by_side = {**rest, "period_from": "2025-06-01"}
    assert len(made(half, side_by_side).gaps) == 2


def test_two_factors_of_one_source_on_two_meters_are_refused() -> None:
    body = {"source_class": "purchased_electricity", "gas": "co2", "measure_unit": "kgCO2/kWh"}
    factors = [own("F1", **body, amount="0.5"), own("F2", **body, amount="0.6")]
    source = checked("emission_source", {"id": "S1", "title": "s"})
    one = datum("A1", meter="M1", emission_source="S1", emission_factor="F1")
    other = datum("A2", meter="M2", emission_source="S1", emission_factor="F2")
    assert "two_factors" in refused(one, other, emission_factor=factors, emission_source=[source])


def test_two_factors_for_one_source_are_refused_unless_they_are_dated() -> None:
    body = {"source_class": "purchased_electricity", "gas": "co2", "measure_unit": "kgCO2/kWh"}
    january = datum("A1", name="n", emission_factor="F1")
    february = datum(
        "A2", name="n", emission_factor="F2", period_from="2025-02-01", period_until="2025-02-28"
    )
    plain_ones = [own("F1", **body, amount="0.5"), own("F2", **body, amount="0.6")]
    assert "two_factors" in refused(january, february, emission_factor=plain_ones)
    assert "two_factors" in refused(
        january, {**february, "emission_factor": None}, emission_factor=plain_ones
    )
    dated = [
        own("F1", **body, amount="0.5", period_from="2025-01-01", period_until="2025-01-31"),
        own("F2", **body, amount="0.6", period_from="2025-02-01", period_until="2025-12-31"),
    ]
    assert tonnes(made(january, february, emission_factor=dated).total()) == Decimal("1.1")
    source = checked("emission_source", {"id": "S1", "title": "s", "emission_factor": "F2"})
    named = {**january, "emission_source": "S1"}
    assert "source_factor" in refused(named, emission_factor=plain_ones, emission_source=[source])


def test_a_certificate_used_twice_is_refused_naming_both() -> None:
    found = refused(
        datum(), green_certificate=[certificate("G1"), certificate("G2", certificate_number="n-g1")]
    )
    assert found == {"used_twice": "green_certificate:G1, green_certificate:G2"}
    offset = checked("offset", {"id": "O1", "green_certificate": "G1", "quantity": "1", "period_from": "2025-01-01",
                                "period_until": "2025-12-31"})  # fmt: skip
    found = refused(datum(), green_certificate=[certificate("G1")], offset=[offset])
    assert found == {"used_twice": "green_certificate:G1, offset:O1"}


@pytest.mark.parametrize(("gas", "measured"), [("co2", "tCO2e/t"), ("co2e", "tCO2/t"), ("ch4", "tCO2/t")])
def test_carbon_dioxide_and_its_equivalent_are_not_mixed(gas: str, measured: str) -> None:
    factor = own(source_class="purchased_goods", gas=gas, amount="2", measure_unit=measured)
    steel = datum(source_class="purchased_goods", substance="steel", measure_unit="t", emission_factor="F1")
    assert "gas_and_unit" in refused(steel, emission_factor=[factor])


def test_the_very_small_and_the_very_large() -> None:
    small = only(datum(quantity="0.000000001"))
    assert small.emission == 0
    assert any("zero" in r.text("en") for r in small.readings)
    assert "too_large" in refused(datum(quantity="1000000000000000000"))


def test_a_period_across_new_year_is_split_by_days() -> None:
    across = datum(period_from="2024-12-22", period_until="2025-01-10")
    line = only(across)
    assert line.emission == rounded(Fraction("0.5306") * Fraction(10, 20))
    assert "10/20 d" in line.arithmetic
    before = build(evidence(across), choose("gbt_32150", 2024)).lines[0]
    assert line.emission + before.emission == rounded(Fraction("0.5306"))


def test_a_quantity_in_carbon_dioxide_is_taken_as_recorded() -> None:
    line = only(datum(source_class="process", substance="other", quantity="7", measure_unit="tCO2"))
    assert (line.rate.method, tonnes(line.emission)) == ("recorded", 7)
    bare = only(
        datum(source_class="process", substance="other", quantity=None, measure_unit=None, emission="3.5")
    )
    assert tonnes(bare.emission) == Decimal("3.5")


# Filling, quality, comparison.


def test_filling_is_by_the_rule_chosen_and_nothing_else() -> None:
    month = datum("A1", name="n", quantity="3100")
    assert [len(made(month, fill=rule).lines) for rule in FILLS] == [1, 12, 1]
    filled = made(month, fill="mean")
    assert tonnes(filled.total()) == Decimal("0.5306") * 365 * 100 / 1000
    last = [
        datum(f"P{n}", name="n", quantity="100", period_from=f"2024-{n:02}-01",
              period_until=f"2024-{n:02}-{'29' if n == 2 else '31' if n in (1, 3, 5, 7, 8, 10, 12) else '30'}")
        for n in range(1, 12)
    ]  # fmt: skip
    again = made(month, *last, fill="previous_year")
    assert len(again.lines) == 11  # December has nothing to be filled from
    assert len(again.unfilled) == 1
    assert tonnes(again.total()) == Decimal("0.5306") * (3100 + 10 * 100) / 1000


def test_missing_months_are_told() -> None:
    [gap] = result(made(datum(period_until="2025-02-14")))["quality"]["completeness"]
    assert gap["months_missing"] == [f"2025-{n:02}" for n in range(3, 13)]
    assert gap["months_partial"] == ["2025-02"]
    assert gap["days_missing"] == 365 - 45


def test_uncertainty_by_hand() -> None:
    meter = checked("meter", {"id": "M1", "accuracy_class": "0.5S", "needs_calibration": True})
    held = checked("calibration", {"id": "C1", "meter": "M1", "action": "verification", "performed_on": "2024-06-01",
                                   "due_on": "2025-06-01", "result": "passed"})  # fmt: skip
    inventory = made(
        datum("A1", name="n", meter="M1", data_origin="metered", quantity="1000000"),
        datum("A2", name="d", source_class="mobile_combustion", substance="diesel", quantity="100", measure_unit="t",
              data_origin="invoice"),
        meter=[meter], calibration=[held],
    )  # fmt: skip
    found = result(inventory)["quality"]
    assert [d["activity_percent"] for d in found["data"]] == ["2", "0.5"]
    one, other = Decimal("530.6"), tonnes(inventory.total()) - Decimal("530.6")
    width = ((one * Decimal("0.005")) ** 2 + (other * Decimal("0.02")) ** 2 + (one * Decimal("0.05")) ** 2
             + (other * Decimal("0.05")) ** 2).sqrt()  # fmt: skip
    assert Decimal(found["uncertainty"]["half_width"]) == round(width, 2)


@pytest.mark.parametrize(
    ("on", "state"), [("2024-01-01", "none"), ("2024-12-31", "in_calibration"), ("2025-06-02", "overdue")]
)
def test_the_state_of_a_meter_on_a_day(on: str, state: str) -> None:
    meter = {"id": "M1", "needs_calibration": True}
    held = [{"id": "C1", "performed_on": "2024-06-01", "due_on": "2025-06-01", "result": "passed"}]
    assert calibration_state(meter, held, on)[0] == state


def test_an_intensity_is_over_the_days_both_sides_cover() -> None:
    output = checked("product_output", {"id": "P1", "product_name": "轮毂", "quantity": "10", "measure_unit": "件",
                                        "output_value": "2", "period_from": "2025-01-01",
                                        "period_until": "2025-01-31"})  # fmt: skip
    later = datum("A2", name="n", period_from="2025-02-01", period_until="2025-02-28")
    found = result(made(datum("A1", name="n"), later, product_output=[output]))["intensities"]
    assert [(i["unit"], i["value"]) for i in found] == [("tCO2e/万元", "0.265300"), ("tCO2e/件", "0.053060")]
    nothing = {**output, "output_value": "0", "quantity": "0"}
    empty = result(made(datum(), product_output=[nothing]))["intensities"]
    assert all(i["value"] is None and i["readings"] for i in empty)


def test_a_sub_meter_behind_a_counted_meter_is_remarked_upon() -> None:
    meters = [
        checked("meter", {"id": "M1", "metering_level": "site"}),
        checked("meter", {"id": "M2", "metering_level": "equipment"}),
    ]
    inventory = made(datum("A1", name="x", meter="M1"), datum("A2", name="y", meter="M2"), meter=meters)
    told = {
        x.id: [r.text("en") for r in x.readings if "maybe counted twice" in r.text("en")]
        for x in inventory.lines
    }
    assert [len(told[name]) for name in ("A1", "A2")] == [0, 1]


def test_power_wholly_covered_by_certificates_leaves_nothing() -> None:
    days = [
        datum(
            f"A{n}",
            name="n",
            quantity="0.3333333333",
            period_from=f"2025-01-{n:02}",
            period_until=f"2025-01-{n:02}",
        )
        for n in range(1, 30)
    ]
    inventory = made(
        *days, green_certificate=[certificate("G1", quantity="0.005"), certificate("G2", quantity="9")]
    )
    assert inventory.market_total == 0


# Properties.

QUANTITY = st.decimals(min_value=0, max_value=10**6, places=10, allow_nan=False, allow_infinity=False)
KIND_OF_DATUM = st.sampled_from(
    [
        ("purchased_electricity", "electricity", "kWh"),
        ("purchased_electricity", "electricity", "万kWh"),
        ("stationary_combustion", "natural_gas", "Nm3"),
        ("mobile_combustion", "diesel", "kg"),
        ("purchased_heat", "heat", "MJ"),
        ("process", "carbon_dioxide", "Nm3"),
        ("process", "limestone", "kg"),
        ("fugitive", "sf6", "g"),
        ("exported_electricity", "electricity", "kWh"),
    ]
)
SPAN = st.tuples(st.integers(0, 420), st.integers(0, 60))


@st.composite
def data(draw: st.DrawFn) -> list[Body]:
    found = []
    for n in range(draw(st.integers(1, 12))):
        source_class, substance, measured = draw(KIND_OF_DATUM)
        start, length = draw(SPAN)
        first = date.fromordinal(date(2024, 12, 1).toordinal() + start)
        last = date.fromordinal(first.toordinal() + length)
        if last.year < 2025 or first.year > 2025:
            continue
        found.append(
            datum(
                f"A{n:02}", name=f"n{n}", source_class=source_class, substance=substance,
                quantity=format(draw(QUANTITY), "f"), measure_unit=measured, period_from=first.isoformat(),
                period_until=last.isoformat(), site=draw(st.sampled_from([None, "S1", "S2"])),
            )
        )  # fmt: skip
    return found or [datum()]


@given(data())
def test_every_level_adds_up_to_the_last_digit(records: list[Body]) -> None:
    inventory = made(*records)
    total = inventory.total()
    for level, key in LEVELS.items():
        assert sum(inventory.by(key).values()) == total, level
    body = result(inventory)
    counted = [Fraction(x["emission"]) for x in body["lines"] if x["part"] == COUNTED]
    assert sum(counted) == Fraction(body["totals"]["emissions"])
    for level, parts in body["breakdown"].items():
        assert sum(Fraction(p["emission"]) for p in parts) == sum(counted), level
    assert sum(inventory.total(part) for part in PARTS) == sum(x.emission for x in inventory.lines)
    for name in ("scopes", "iso14064", "gbt32150"):
        [table] = view(inventory, name)
        place = next(n for n, row in enumerate(table.rows) if row[0] == text("row_total"))
        assert table.rows[place][2] == plain(total)
        groups = [Fraction(str(row[2])) for row in table.rows[:place] if row[1] == ""]
        exported = inventory.total("exported") if name == "gbt32150" else 0
        assert sum(groups) == Fraction(plain(total + exported)), name


@given(data(), st.randoms())
def test_order_does_not_matter(records: list[Body], chance: Any) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert result(made(*records)) == result(made(*shuffled))


@given(data())
def test_the_columnar_path_is_the_exact_one(records: list[Body]) -> None:
    columnar = pytest.importorskip("shall.engine.accounts.columnar")
    inventory = made(*records)
    rows = [[{"organisation": "O", **r}.get(name) for name in columnar.COLUMNS] for r in records]
    sums = columnar.from_rows(rows, choose("gbt_32150", 2025))
    assert sums.rows == len(records)
    for part in PARTS:
        assert sums.total(part) == inventory.total(part)
    for level in ("source_class", "scope", "category", "gas", "site", "month"):
        assert sums.by(level) == inventory.by(LEVELS[level]), level


def test_the_columnar_path_reads_a_store(sample: Path) -> None:
    columnar = pytest.importorskip("shall.engine.accounts.columnar")
    basis = choose("gbt_32150", 2025)
    with Store.open(sample) as store:
        [name] = store.organisations()
        own_records = read(store, name)
        sums = columnar.from_store(store, basis, {name: own_records})
    exact = build(own_records, basis)
    assert sums.total() == exact.total()
    assert sums.by("site") == exact.by(LEVELS["site"])


def test_the_columnar_path_refuses_what_the_exact_one_does() -> None:
    columnar = pytest.importorskip("shall.engine.accounts.columnar")
    basis = choose("gbt_32150", 2025)

    def keys(*records: Body) -> set[str]:
        rows = [[{"organisation": "O", **r}.get(name) for name in columnar.COLUMNS] for r in records]
        with pytest.raises(InventoryFaults) as caught:
            columnar.from_rows(rows, basis)
        return {f.error.key.partition(".")[2] for f in caught.value.faults}

    assert keys(datum(quantity="-1"), datum("A2", measure_unit="kg")) == {"negative", "units_differ"}
    assert keys(datum("A1", name="n"), datum("A2", name="n")) == {"overlap"}
    bill = {"name": "n", "source_class": "mobile_combustion", "substance": "diesel", "measure_unit": "t"}
    bill |= {"data_origin": "invoice"}
    assert keys(*(datum(f"A{n}", **bill, origin_document=d) for n, d in enumerate("2131"))) == {"overlap"}
    assert keys(datum(quantity="1000000000000000000")) == {"too_large"}
    assert keys(datum(source_class="purchased_goods", measure_unit="t")) == {"no_factor"}


# The sample, the result and the command.


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("inventory")
    path = place / "sample.db"
    with sample_folder("machinery_maker") as folder, Store.create(path) as store:
        batch = read_evidence(folder)
        import_batch(store, batch.records["organisation"][0].id, batch, actor="test", at=datetime.now(UTC))
    return path


@pytest.fixture(scope="module")
def inventory(sample: Path) -> Inventory:
    with Store.open(sample) as store:
        return build(read(store, store.organisations()[0]), choose("gbt_32150", 2025))


def test_the_sample_agrees_with_its_own_emissions(inventory: Inventory) -> None:
    recorded = result(inventory)["quality"]["recorded"]
    assert recorded["same"] >= 60
    assert recorded["differing"] == []


def test_a_result_fits_its_schema_and_its_digest(inventory: Inventory) -> None:
    value = result(inventory)
    InventoryResult.model_validate(value)
    Draft202012Validator(inventory_schema()).validate(value)
    assert result(inventory) == value
    assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_a_table(inventory: Inventory, name: str) -> None:
    for table in view(inventory, name):
        # The sample's year is whole: nothing is missing from it.
        assert bool(table.rows) == (table.key != "completeness")
        assert all(len(row) == len(table.columns) for row in table.rows)


@pytest.mark.parametrize("name", [f"{key}/{number}" for key, tables in TABLES.items() for number in tables])
def test_every_table_of_the_standards_is_an_output(inventory: Inventory, name: str) -> None:
    for table in view(inventory, f"table:{name}"):
        assert table.rows
        assert all(len(row) == len(table.columns) for row in table.rows), table.key


def test_table_d6_has_every_line_in_a_row(inventory: Inventory) -> None:
    [table] = view(inventory, "table:D.6")
    told = [str(row[3]) for row in table.rows if isinstance(row[3], str) and row[2]]
    whole = sum(inventory.total(part) for part in (COUNTED, "exported"))
    assert sum(Fraction(t) for t in told if re.fullmatch(r"-?[\d.]+", t)) == Fraction(plain(whole))


def test_a_number_of_two_standards_must_be_told_apart(inventory: Inventory) -> None:
    for name in ("table:F.1", "table:Z.9", "by_colour"):
        with pytest.raises(UsageError):
            view(inventory, name)


def test_every_class_has_a_place() -> None:
    assert set(SOURCE_CLASSES) - set(PLACE) == {"other"}


def run(*arguments: object, lang: str = "zh") -> Any:
    return CliRunner().invoke(shall, ["--lang", lang, "inventory", *map(str, arguments)])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_in_both_languages(sample: Path, lang: str) -> None:
    done = run(sample, "--year", 2025, "--method", "gbt_32150", lang=lang)
    assert done.exception is None, done.exception
    assert "tCO2e" in done.output
    as_json = run(sample, "--year", 2025, "--method", "gbt_32150", "--format", "json", lang=lang)
    value = json.loads(as_json.output)
    assert value["year"] == 2025 and value["views"][0]["key"] == "scopes"
    as_csv = run(
        sample, "--year", 2025, "--method", "gbt_32150", "--format", "csv", "--view", "month", lang=lang
    )
    assert as_csv.output.count("\n") > 5


def test_nothing_is_assumed_by_the_command(sample: Path) -> None:
    for words in ((), ("--year", 2025), ("--method", "gbt_32150"), ("--method", "no_such", "--year", 2025),
                  ("--method", "iso_14064_1", "--year", 2025), ("--method", "gbt_32150", "--year", 2020)):  # fmt: skip
        error = run(sample, *words).exception
        assert isinstance(error, ShallError), words
        for lang in LANGUAGES:
            assert error.text(lang)


def test_an_audit_does_not_load_what_only_accounts_need() -> None:
    import subprocess

    code = "import sys; import shall.engine.cli.evaluate; print([m for m in ('pint', 'duckdb') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# The page.


def test_the_worked_example_of_the_page() -> None:
    page = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")
    files = {
        name: [
            checked(name, {k: v for k, v in row.items() if v}) for row in csv.DictReader(io.StringIO(body))
        ]
        for name, body in re.findall(r"<!-- file: (\w+)\.csv -->\n```csv\n(.*?)```", page, re.S)
    }
    found = build(evidence(*files.pop("activity_datum"), **files), choose("gbt_32150", 2025))
    [told] = re.findall(r"```text\n(.*?)```", page, re.S)
    assert {f"{x.id}: {x.arithmetic}" for x in found.lines} == set(told.splitlines())
    assert found.market_total is not None
    sums = [Fraction(n) for n in re.findall(r"\*\*([\d.]+)\*\* tCO2e", page)]
    assert sums == [Fraction(found.total(), 10**10), Fraction(found.market_total, 10**10)]


# Litres and tonnes of steam.


def litres(substance: str = "diesel", **more: Any) -> Body:
    body = {
        "source_class": "mobile_combustion",
        "substance": substance,
        "quantity": "1000",
        "measure_unit": "L",
    }
    return datum(**{**body, **more})


def test_litres_are_refused_until_densities_are_allowed() -> None:
    assert set(refused(litres())) == {"no_density"}
    assert set(refused(litres(measure_unit="m3"))) == {"no_density"}
    assert set(refused(litres("lpg"), densities="liquid_density")) == {"missing_factor"}, (
        "under pressure: not guessed"
    )
    with pytest.raises(EvidenceError, match="liquid_density"):
        choose("gbt_32150", 2025, densities="gwp_ar5")


@pytest.mark.parametrize(("measured", "quantity"), [("L", "1000"), ("m3", "1"), ("千升", "1")])
def test_litres_by_a_default_density_which_is_said(measured: str, quantity: str) -> None:
    found = made(litres(measure_unit=measured, quantity=quantity), densities="liquid_density")
    line = found.lines[0]
    per_tonne = Fraction("43.33") * Fraction("0.0202") * Fraction("0.98") * Fraction(44, 12)
    assert line.emission == rounded(Fraction("0.84") * per_tonne)
    assert "× 0.84 kg/L × 43.33 GJ/t × 0.0202 tC/GJ × 98% × 44/12" in line.arithmetic
    assert line.rate.used.confidence == "medium", "as weak as its weakest part"
    assert line.rate.percent == Decimal("11.2"), "the root of 5² + 10²"
    remark = next(r for r in line.readings if r.key.endswith("by_density")).both()
    assert "0.84 kg/L" in remark["zh"] and "置信度中" in remark["zh"] and "confidence medium" in remark["en"]
    told = result(found)
    assert "liquid_density@2026-11-21" in told["receipt"]["sets"]
    assert told["basis"]["sets"]["density"]["set"] == "liquid_density"


def test_densities_change_nothing_that_is_recorded_by_mass() -> None:
    tonnes = litres(quantity="0.84", measure_unit="t")
    assert made(tonnes, densities="liquid_density").lines == made(tonnes).lines


def steam(**more: Any) -> Body:
    body = {"source_class": "purchased_heat", "substance": "steam", "quantity": "100", "measure_unit": "t"}
    return datum(**{**body, **more})


def test_steam_by_mass_needs_its_enthalpy_on_record() -> None:
    assert set(refused(steam())) == {"no_enthalpy"}
    factor = own(heating_value="2.76", measure_unit="tCO2/t")
    line = only(steam(emission_factor="F1"), emission_factor=[factor])
    assert line.emission == rounded(100 * Fraction("2.76") * Fraction("0.11"))
    assert "100 t × 2.76 GJ/t × 0.11 tCO2/GJ" in line.arithmetic
    assert any(r.key.endswith("by_enthalpy") for r in line.readings)


@pytest.mark.parametrize(
    ("heat", "unit"), [("2760", "tCO2/t"), ("2.76", "tCO2/kg"), ("2.76", None), ("0", "tCO2/t")]
)
def test_an_enthalpy_in_another_unit_is_refused(heat: str, unit: str | None) -> None:
    factor = own(heating_value=heat, measure_unit=unit)
    assert set(refused(steam(emission_factor="F1"), emission_factor=[factor])) == {"enthalpy"}


# A year with gaps.


def test_a_year_with_gaps_says_so_first(tmp_path: Path) -> None:
    told = result(made(datum(), datum("A2", name="B", period_until="2025-03-14")))["quality"]["coverage"]
    assert told == {"items": 2, "items_with_gaps": 2, "months": 3, "months_of": 24}
    whole = result(made(datum(period_until="2025-12-31")))["quality"]["coverage"]
    assert whole == {"items": 1, "items_with_gaps": 0, "months": 12, "months_of": 12}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_screen_begins_with_the_gaps(lang: Lang) -> None:
    from shall.engine.cli.accounts import _head

    gappy = list(_head(result(made(datum())), lang))
    assert "12" in gappy[1] and "1" in gappy[1] and gappy[1].startswith(("注意", "Mind"))
    filled = list(_head(result(made(datum(), fill="mean")), lang))
    assert "mean" in filled[1] and filled[1] != gappy[1]
    whole = list(_head(result(made(datum(period_until="2025-12-31"))), lang))
    assert not whole[1].startswith(("注意", "Mind"))
