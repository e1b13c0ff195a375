"""The score: worked by hand on the page, bounds, open choices, bad input, store and file alike."""

import ast
import json
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shall.engine import cli
from shall.engine.lint import lint
from shall.engine.loader import RulesetProblems
from shall.engine.scoring.curves import place
from shall.engine.scoring.formulas import FORMULAS
from shall.engine.scoring.measures import CATALOGUES
from shall.engine.scoring.numbers import Said, exact
from shall.engine.scoring.quantities import Scorer, from_values
from shall.engine.scoring.ranges import ranges
from shall.engine.scoring.result import said_both
from shall.engine.scoring.scheme import Linear, Steps
from shall.engine.scoring.score import Evidence, IndicatorScore, Total, claim, score
from shall.engine.scoring.values import Values, ValuesProblems, read_values, values_schema
from shall.engine.yaml_lines import load
from shall.evidence.schema import schema
from shall.texts.errors import EvidenceError, RulesetError, ShallError

ROOT = Path(__file__).resolve().parent.parent
FOLDER = files("shall.rulesets").joinpath("zero_carbon")
PAGE = (ROOT / "docs" / "score.md").read_text(encoding="utf-8")
SCORER = Scorer.of(FOLDER)


def block(mark: str) -> str:
    """The fenced block after a mark of the page."""
    found = re.search(rf"<!-- {mark} -->\n\n```yaml\n(.*?)```", PAGE, re.S)
    assert found is not None
    return found[1]


def rows(mark: str) -> list[list[str]]:
    """The cells of the table after a mark of the page, without its head."""
    found = re.search(rf"<!-- {mark} -->\n\n((?:\|.*\n)+)", PAGE)
    assert found is not None
    return [[c.strip() for c in line.strip("|").split("|")] for line in found[1].splitlines()[2:]]


OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def by_hand(text: str) -> Fraction:
    """An expression of the page in exact fractions, each number as it is written."""

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            found: Fraction = OPERATORS[type(node.op)](value(node.left), value(node.right))
            return found
        written = ast.get_source_segment(text, node)
        assert written is not None
        return Fraction(Decimal(written))

    return value(ast.parse(text, mode="eval").body)


@pytest.fixture
def full(tmp_path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = yaml.load(block("values"), yaml.BaseLoader)
    return raw


def values_of(raw: dict[str, Any], folder: Path) -> Values:
    path = folder / "values.json"
    path.write_text(json.dumps(raw, ensure_ascii=False, default=str), encoding="utf-8")
    return read_values(path)


def page_values(tmp_path: Path) -> Values:
    path = tmp_path / "values.yaml"
    path.write_text(block("values"), encoding="utf-8")
    return read_values(path)


def scored(values: Values, scorer: Scorer = SCORER) -> Total:
    return score(from_values(scorer, values), scorer.table, scorer.scheme)


def one(total: Total, address: str) -> IndicatorScore:
    return next(i for i in total.indicators() if i.address == address)


def with_choice(**chosen: Any) -> Scorer:
    """The default scheme with choices decided otherwise."""
    choices = SCORER.scheme.choices
    changed = {name: getattr(choices, name).model_copy(update={"value": v}) for name, v in chosen.items()}
    scheme = SCORER.scheme.model_copy(update={"choices": choices.model_copy(update=changed)})
    file = SCORER.scheme_file
    return Scorer(SCORER.loaded, type(file)(scheme, file.digest, file.source))


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_formulas_of_the_page_are_right() -> None:
    table = rows("formulas")
    assert [r[0] for r in table] == sorted(FORMULAS)
    for address, inputs, arithmetic, result in table:
        found = FORMULAS[address](*(Decimal(n) for n in inputs.split(", "))).value
        assert found is not None
        assert found == by_hand(arithmetic)
        assert exact(found) == result


def test_the_score_of_the_page_is_right_line_by_line(tmp_path: Path) -> None:
    total = scored(page_values(tmp_path))
    table = rows("score")
    assert [r[0] for r in table] == list(SCORER.table.by_address)
    for address, arithmetic, share, of_category, of_total in table:
        found = one(total, address)
        if share == "–":
            assert found.state == "inapplicable"
            continue
        assert found.fraction is not None and found.earned is not None and found.share is not None
        assert found.fraction == by_hand(arithmetic), address
        assert [exact(found.fraction), exact(found.earned), exact(found.share)] == [
            share,
            of_category,
            of_total,
        ]


def test_the_sums_of_the_page_are_right(tmp_path: Path) -> None:
    total = scored(page_values(tmp_path))
    table = rows("categories")
    assert len(table) == len(total.categories)
    for category, (key, arithmetic, result, weight) in zip(total.categories, table, strict=True):
        assert category.key == key
        assert category.score == by_hand(arithmetic)
        assert exact(category.score or Fraction(0)) == result
        assert category.weight == int(weight)
    parts = sum(Fraction(result) * int(weight) for *_, result, weight in table) / 100
    assert total.score == parts
    assert f"`{exact(parts)}`" in PAGE


def test_the_values_of_the_page_satisfy_the_published_schema(full: dict[str, Any]) -> None:
    validator = Draft202012Validator(values_schema())
    raw = load(block("values"))[0]
    assert not list(validator.iter_errors(json.loads(json.dumps(raw, default=str))))
    assert list(validator.iter_errors({**full, "years": []}))


def test_every_figure_adds_up(tmp_path: Path) -> None:
    total = scored(page_values(tmp_path))
    assert total.score == sum(i.share or 0 for i in total.indicators())
    assert sum(i.most for i in total.indicators()) == 100
    assert sum(c.weight for c in total.categories) == 100
    for category in total.categories:
        assert sum(i.available for i in category.indicators) == 100


# --- table, scheme, lint ------------------------------------------------------------------------------------------


def test_every_choice_of_the_default_scheme_is_argued_for() -> None:
    scheme = SCORER.scheme
    assert sorted(r.address for r in scheme.indicators) == sorted(SCORER.table.by_address)
    for name in type(scheme.choices).model_fields:
        choice = getattr(scheme.choices, name)
        assert choice.value not in choice.alternatives
    assert len(ranges(*_empty(), scored(Values(year=2025))).readings) >= 30


def _empty() -> tuple[Evidence, Any, Any]:
    return from_values(SCORER, Values(year=2025)), SCORER.table, SCORER.scheme


def test_the_catalogues_are_those_of_the_kind() -> None:
    column = schema()["technology"].column("catalogue")
    assert column is not None
    assert tuple(column.choices) == CATALOGUES


def copied(tmp_path: Path, **changes: tuple[str, str]) -> Path:
    """The ruleset in a folder of its own, files changed by replacing one text."""
    place = tmp_path / "zero_carbon"
    for name in ("ruleset", "body", "indicators", "fingerprints", "scoring", "schemes/default"):
        text = FOLDER.joinpath(f"{name}.yaml").read_text(encoding="utf-8")
        old, new = changes.get(name.rpartition("/")[2], ("", ""))
        assert not old or old in text
        path = place / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return place


WRONG_WEIGHTS = "energy: 50, management: 50, reduction: 1, responsibility: 0"
MISTAKES = [
    ("scoring", ("weight: 15}", "weight: 16}"), "scoring.weights_sum", 5),
    ("scoring", ("points: 50", "points: 51"), "scoring.points_sum", 6),
    ("scoring", ('address: "A.1/2"', 'address: "A.1/23"'), "scoring.not_an_indicator", 21),
    ("scoring", ("formula: B.1", "formula: B.9"), "scoring.no_formula", 19),
    ("scoring", ("category: energy", "category: engery"), "scoring.no_category", 13),
    ("scoring", ('"6.2/a"', '"6.9/a"'), "scoring.no_gate", 3),
    ("scoring", ("points: 50", "points: 0x32"), "rules.bad_value", 18),
    ("default", ('address: "A.1/2"', 'address: "A.1/99"'), "scoring.not_an_indicator", None),
    ("default", ("measure: B.1", "measure: B.9"), "scoring.no_measure", None),
    ("default", ("way: index", "way: catalogues"), "scoring.no_way", None),
    ("default", ("measure: checklist", "measure: B.2"), "scoring.curve_misfit", None),
    ("default", ("value: recommended", f"value: {{{WRONG_WEIGHTS}}}"), "scoring.weights_sum", None),
    ("default", ("value: recommended", "value: {energy: 50, management: 50}"), "scoring.weights_keys", None),
    ("default", ("that: consumes_renewables", "that: consumes_everything"), "rules.predicate_column", None),
    ("default", ("at: 0, gives: 0}, {at: 100", "at: 100, gives: 0}, {at: 100"), "rules.bad_value", None),
    ("default", ("value: net", "value: nett"), "rules.not_allowed", None),
    ("default", ("key: default", "key: default\ngrade: gold"), "rules.unknown_key", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "key", "line"), MISTAKES, ids=[m[2] + m[0] for m in MISTAKES])
def test_a_mistake_in_table_or_scheme_is_found_with_its_line(
    tmp_path: Path, name: str, change: tuple[str, str], key: str, line: int | None
) -> None:
    folder = copied(tmp_path, **{name: change})
    problems = [p for p in lint(folder).problems if p.key == key]
    assert problems
    assert any(p.file.endswith(f"{name}.yaml") for p in problems)
    assert line is None or line in [p.line for p in problems]
    for problem in problems:
        assert problem.text("zh") and problem.text("en")
    with pytest.raises(ShallError):
        _ = Scorer.of(folder).questions if name == "default" else _all_problems(folder)


def _all_problems(folder: Path) -> None:
    problems = lint(folder).problems
    if problems:
        raise RulesetProblems(problems)


def test_the_shipped_table_and_scheme_are_clean(tmp_path: Path) -> None:
    assert not [p for p in lint(FOLDER).problems if "scor" in p.file or "scheme" in p.file]
    with pytest.raises(RulesetError) as error:
        Scorer.of(FOLDER, "gold")
    assert "default" in error.value.text("en")
    with pytest.raises(RulesetProblems):
        Scorer.of(files("shall.rulesets").joinpath("jiangsu"))


# --- properties ---------------------------------------------------------------------------------------------------

MOVES: list[tuple[str, str, int]] = [
    ("renewable_supply", "amount", 1),
    ("roof_area", "pv_area", 1),
    ("roof_area", "usable_area", -1),
    ("waste_energy", "used", 1),
    ("solid_waste", "generated", -1),
    ("solid_waste", "utilised", 1),
    ("recyclability", "recoverable_mass", 1),
    ("material_use", "amount", -1),
    ("energy_intensity", "energy", -1),
    ("product_footprint", "amount", -1),
    ("offset", "quantity", 1),
    ("factory_year", "value_added", 1),
    ("factory_year", "net_emissions", -1),
    ("factory_year", "comprehensive_energy", -1),
]


@given(st.sampled_from(MOVES), st.decimals(min_value=0, max_value=10**9, places=3))
def test_the_total_moves_with_each_quantity_in_its_direction(
    move: tuple[str, str, int], more: Decimal
) -> None:
    kind, name, sign = move
    values = Values.model_validate(_plain_page()).named()
    lines = getattr(values, kind)
    first = lines[0]
    changed = first.model_copy(update={name: getattr(first, name) + more})
    moved = values.model_copy(update={kind: (changed, *lines[1:])})
    before, after = scored(values).score, scored(moved).score
    assert before is not None and after is not None
    assert (after - before) * sign >= 0


def _plain_page() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.load(block("values"), yaml.BaseLoader)
    return json.loads(json.dumps(raw), parse_float=str)  # type: ignore[no-any-return]


@given(
    st.permutations(range(2)),
    st.permutations(range(4)),
    st.sampled_from(["output_weighted", "mean", "worst"]),
)
def test_the_order_of_records_never_matters(two: list[int], four: list[int], how: str) -> None:
    raw = _plain_page()
    for n, line in enumerate(raw["energy_intensity"]):
        line["id"] = f"E{n}"
    scorer = with_choice(products=how)
    before = scored(Values.model_validate(raw).named(), scorer)
    raw["energy_intensity"] = [raw["energy_intensity"][n] for n in four]
    for kind in ("renewable_supply", "product", "solid_waste", "building", "technology"):
        raw[kind] = [raw[kind][n] for n in two]
    assert scored(Values.model_validate(raw).named(), scorer).score == before.score


@given(
    st.sets(st.sampled_from(list(SCORER.table.by_address))),
    st.sampled_from(["exclude_rescale", "full", "zero"]),
)
def test_leaving_indicators_out_keeps_the_total_between_0_and_100(out: set[str], how: str) -> None:
    raw = _plain_page()
    raw["applies"] = {a: {"applies": "false", "because": "test"} for a in out}
    total = scored(Values.model_validate(raw).named(), with_choice(inapplicable=how))
    assert 0 <= total.low <= total.high <= 100
    if total.score is not None:
        assert total.low <= total.score <= total.high
        assert total.score == sum(i.share or 0 for i in total.indicators())
    else:
        assert len(out) == 22 and how == "exclude_rescale"


@given(
    st.dictionaries(st.sampled_from(["energy", "management", "reduction"]), st.integers(0, 33), min_size=3)
)
def test_own_weights_share_the_total(weights: dict[str, int]) -> None:
    weights["responsibility"] = 100 - sum(weights.values())
    own = {k: Decimal(v) for k, v in weights.items()}
    total = scored(Values.model_validate(_plain_page()).named(), with_choice(weights=own))
    assert total.score == sum(Fraction(own[c.key]) * (c.score or 0) for c in total.categories) / 100


@given(st.fractions(-200, 200), st.fractions(0, 200), st.integers(1, 10))
def test_curves_stay_between_0_and_1_and_never_fall(value: Fraction, more: Fraction, years: int) -> None:
    for rule in SCORER.scheme.indicators:
        for tried in (rule, *(rule.varied(a) for a in rule.alternatives)):
            if isinstance(tried.curve, Linear | Steps):
                low = place(tried.curve, value, years).fraction
                high = place(tried.curve, value + more, years).fraction
                assert low is not None and high is not None
                assert 0 <= low <= 1 and 0 <= high <= 1
                assert (low >= high) if tried.measure == "limit_grade" else (high >= low)


def test_floor_clamp_and_steps() -> None:
    points = [{"at": 10, "gives": 0}, {"at": 20, "gives": "100%"}]
    floored = Linear.model_validate({"linear": points, "floor": "0.2"})
    assert place(floored, Fraction(0), 1).fraction == Fraction(1, 5)
    assert place(floored, Fraction(11), 1).fraction == Fraction(1, 5)
    assert place(floored, Fraction(15), 1).fraction == Fraction(1, 2)
    open_ended = Linear.model_validate({"linear": points, "clamp": False})
    assert place(open_ended, Fraction(21), 1).fraction is None
    assert place(
        Linear.model_validate({"linear": points, "per_year": True}), Fraction(30), 2
    ).fraction == Fraction(1, 2)
    falling = [{"at": 1, "gives": 1}, {"at": 2, "gives": 0}]
    down = Linear.model_validate({"linear": falling, "direction": "down"})
    assert place(down, Fraction(5, 4), 1).fraction == Fraction(3, 4)
    with pytest.raises(ValueError, match="up throughout"):
        Linear.model_validate({"linear": falling})
    with pytest.raises(ValueError, match="hardest first"):
        Steps.model_validate({"steps": [{"at_least": 1, "gives": 1}, {"at_least": 2, "gives": 1}]})


# --- what is missing, doubtful or used twice ----------------------------------------------------------------------


def test_nothing_known_is_between_0_and_100_and_nothing_is_invented() -> None:
    total = scored(Values(year=2025))
    assert (total.score, total.low, total.high) == (0, 0, 100)
    assert all(i.state == "unknown" for i in total.indicators())
    assert scored(Values(year=2025), with_choice(missing="unknown")).score is None
    assert claim(from_values(SCORER, Values(year=2025)).gates) == "not_told"


def found(
    raw: dict[str, Any], address: str, tmp_path: Path, scorer: Scorer = SCORER
) -> tuple[IndicatorScore, list[str]]:
    total = scored(values_of(raw, tmp_path), scorer)
    indicator = one(total, address)
    reasons = [p.part.computed.reason.key for p in indicator.products if p.part.computed.reason]
    return indicator, [*(r.key for r in indicator.remarks), *reasons]


def test_a_negative_quantity_names_its_record(full: dict[str, Any], tmp_path: Path) -> None:
    full["roof_area"][0]["pv_area"] = "-1"
    indicator, said = found(full, "A.1/2", tmp_path)
    assert indicator.fraction is None
    assert "scoring.negative_record" in said


def test_zero_denominators_are_gaps(full: dict[str, Any], tmp_path: Path) -> None:
    full["factory_year"][0]["comprehensive_energy"] = "0"
    full["energy_intensity"][0]["qualified_output"] = "0"
    full["factory_year"][1]["net_emissions"] = "0"
    for address in ("A.1/1", "A.1/14", "A.1/15"):
        indicator, said = found(full, address, tmp_path)
        assert indicator.fraction is None
        assert "scoring.zero_denominator" in said, address


def test_a_missing_year_or_base_year_is_a_gap(full: dict[str, Any], tmp_path: Path) -> None:
    full["factory_year"] = full["factory_year"][:1]
    assert "scoring.year_missing" in found(full, "A.1/14", tmp_path)[1]
    assert found(full, "A.1/13", tmp_path)[0].fraction is None
    del full["base_year"]
    for address in ("A.1/14", "A.1/15", "A.1/16", "A.1/19", "A.1/7", "A.1/10"):
        indicator, said = found(full, address, tmp_path)
        assert indicator.fraction is None
        assert "scoring.no_base_year" in said, address


def test_two_records_where_one_is_wanted_are_not_guessed_at(full: dict[str, Any], tmp_path: Path) -> None:
    full["factory_year"].append(dict(full["factory_year"][0]))
    assert "scoring.ambiguous" in found(full, "A.1/14", tmp_path)[1]
    full["recyclability"].append(dict(full["recyclability"][0]))
    assert "scoring.ambiguous" in found(full, "A.1/10", tmp_path)[1]


def test_a_certificate_counts_once(full: dict[str, Any], tmp_path: Path) -> None:
    full["renewable_supply"].append({**full["renewable_supply"][1], "id": "R3"})
    indicator, said = found(full, "A.1/1", tmp_path)
    assert indicator.fraction == Fraction(1, 4)
    assert "scoring.certificate_twice" in said


@pytest.mark.parametrize("use", ["offset", "market"])
def test_the_scheme_says_which_use_of_a_certificate_wins(
    full: dict[str, Any], tmp_path: Path, use: str
) -> None:
    full["green_certificate"] = [{"id": "G", "certificate_number": "GEC-1", "used_as": use}]
    kept, said = found(full, "A.1/1", tmp_path)
    assert kept.fraction == Fraction(1, 4)
    assert "scoring.certificate_kept" in said
    order = (use, "renewable", *({"offset", "market"} - {use}))
    left, said = found(full, "A.1/1", tmp_path, with_choice(green_power=order))
    assert left.fraction == Fraction(1, 10)
    assert "scoring.certificate_elsewhere" in said


BOUGHT = {"id": "G", "certificate_number": "GEC-1"}


@pytest.mark.parametrize(
    ("certificate", "by_cancelling", "remark"),
    [
        (BOUGHT, Fraction(1, 10), "scoring.certificate_only_bought"),
        ({**BOUGHT, "cancelled_on": "2026-01-10"}, Fraction(1, 4), None),
        ({**BOUGHT, "cancelled_on": "2026-04-02"}, Fraction(1, 10), "scoring.certificate_only_bought"),
        ({**BOUGHT, "certificate_type": "green_power_trade"}, Fraction(1, 4), None),
        (None, Fraction(1, 10), None),
    ],
)
def test_whether_a_certificate_must_be_cancelled_is_a_choice(
    full: dict[str, Any],
    tmp_path: Path,
    certificate: dict[str, str] | None,
    by_cancelling: Fraction,
    remark: str | None,
) -> None:
    """Bought is enough by default, as the note to B.1 has it; what is not cancelled by the day is named."""
    full["on"] = "2026-04-01"
    full["green_certificate"] = [certificate] if certificate else []
    bought, said = found(full, "A.1/1", tmp_path)
    assert bought.fraction == Fraction(1, 4)
    assert [key for key in said if key == "scoring.certificate_only_bought"] == ([remark] if remark else [])
    strict, said = found(full, "A.1/1", tmp_path, with_choice(certificates="cancelled"))
    assert strict.fraction == by_cancelling
    assert ("scoring.certificate_uncancelled" in said) == (by_cancelling != Fraction(1, 4))


def test_the_other_reading_of_certificates_stands_in_the_range(full: dict[str, Any], tmp_path: Path) -> None:
    evidence = from_values(SCORER, values_of(full, tmp_path))
    spread = ranges(evidence, SCORER.table, SCORER.scheme, score(evidence, SCORER.table, SCORER.scheme))
    reading = next(r for r in spread.readings if r.choice == "certificates")
    assert reading.moves == -Fraction(15, 100) * 50 * Fraction(3, 20) * 1
    assert "已核销" in reading.says.text("zh") and "cancelled" in reading.says.text("en")


def test_no_more_modules_count_than_a_roof_can_carry(full: dict[str, Any], tmp_path: Path) -> None:
    """B.2 is of the modules on the usable area: twice the roof is no 200 %, nor does it fill another roof."""
    full["roof_area"] = [{"id": "A", "usable_area": "5000", "pv_area": "10000"}]
    alone, said = found(full, "A.1/2", tmp_path)
    assert alone.products[0].part.computed.value == 100
    assert "scoring.more_than_roof" in said
    full["roof_area"].append({"id": "B", "usable_area": "5000", "pv_area": "0"})
    both, said = found(full, "A.1/2", tmp_path)
    assert both.fraction == Fraction(1, 2)
    told = next(r for r in both.remarks if r.key == "scoring.more_than_roof").text("zh")
    assert "roof_area:A" in told and "10000" in told and "5000" in told
    full["roof_area"][0]["pv_area"] = "5000"
    assert found(full, "A.1/2", tmp_path) == (found(full, "A.1/2", tmp_path)[0], [])


def inventory_of(year: int, **numbers: str) -> dict[str, str]:
    return {"id": f"CI-{year}", "period_from": f"{year}-01-01", "period_until": f"{year}-12-31", **numbers}


def test_the_scopes_of_the_emissions_are_said(full: dict[str, Any], tmp_path: Path) -> None:
    assert found(full, "A.1/17", tmp_path)[1] == ["scoring.scopes_unsaid"]
    assert found(full, "A.1/14", tmp_path)[1] == ["scoring.scopes_unsaid"] * 2
    one_and_two = {"scope1": "2500", "scope2": "4000", "scope3": "9000", "emissions": "6500"}
    full["carbon_inventory"] = [inventory_of(2025, **one_and_two)]
    indicator, said = found(full, "A.1/17", tmp_path)
    assert said == ["scoring.scopes_told"]
    assert "1, 2" in indicator.remarks[0].text("zh") and "CI-2025" in indicator.remarks[0].text("en")
    full["carbon_inventory"].append(
        inventory_of(2024, scope1="2350", scope2="3000", scope3="1000", emissions="6350")
    )
    assert found(full, "A.1/14", tmp_path)[1] == ["scoring.scopes_told"] * 2 + ["scoring.scopes_differ"]
    full["carbon_inventory"][0]["emissions"] = "6501"
    assert found(full, "A.1/17", tmp_path)[1] == ["scoring.scopes_unsaid"], (
        "another total is another inventory"
    )


def test_products_that_earn_the_same_need_no_weights(full: dict[str, Any], tmp_path: Path) -> None:
    full["energy_intensity"][2]["measure_unit"] = full["energy_intensity"][3]["measure_unit"] = "台"
    apart = found(full, "A.1/15", tmp_path)[0]
    assert (apart.state, apart.fraction) == ("unknown", None)
    assert apart.low < apart.high
    full["energy_intensity"][0]["energy"], full["energy_intensity"][1]["energy"] = "820", "820"
    same = found(full, "A.1/15", tmp_path)[0]
    assert (same.state, same.fraction, same.low, same.high) == ("computed", 0, 0, 0)
    assert same.joined is not None and same.joined.key == "scoring.joined_same"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(5, 8), "0.625"),
        (Fraction(1, 3), "≈0.3333"),
        (Fraction(-13228700, 1868673), "≈-7.0792"),
        (Fraction(1, 3000), "≈0.0003333"),
        (Fraction("0.123456"), "≈0.1235"),
        (Fraction(10**12), "1000000000000"),
        (Fraction(2, 3) * 10**9, "≈666666666.6667"),
        (Fraction(0), "0"),
    ],
)
def test_a_sentence_says_four_decimals_and_json_has_them_all(value: Fraction, text: str) -> None:
    sentence = Said("scoring.rose", (("value", value),))
    assert text in sentence.text("zh") and text in sentence.text("en")
    told = said_both(sentence)
    assert told.get("exact", {"value": exact(value)}) == {"value": exact(value)}
    assert ("exact" in told) == text.startswith("≈")


def test_a_serial_number_counts_once_and_only_what_is_cancelled(full: dict[str, Any], tmp_path: Path) -> None:
    full["offset"].append({**full["offset"][0], "id": "O2"})
    indicator, said = found(full, "A.1/17", tmp_path)
    assert indicator.fraction == Fraction(129, 130)
    assert "scoring.serial_twice" in said
    del full["offset"][0]["cancelled_on"], full["offset"][1]
    full["offset"][0]["purchased_on"] = "2026-01-20"
    nothing, said = found(full, "A.1/17", tmp_path)
    assert nothing.fraction == 0
    assert "scoring.offset_not_cancelled" in said
    assert found(full, "A.1/17", tmp_path, with_choice(offset_counts="bought"))[0].fraction == Fraction(
        129, 130
    )


def test_more_offsets_than_emissions_are_capped_and_said(full: dict[str, Any], tmp_path: Path) -> None:
    full["offset"][0]["quantity"] = "13000"
    indicator, said = found(full, "A.1/17", tmp_path)
    assert indicator.fraction == 1
    assert {"scoring.capped", "scoring.above_whole"} <= set(said)
    assert found(full, "A.1/17", tmp_path, with_choice(offset_cap=Decimal(5)))[0].fraction == Fraction(1, 20)


def test_nuclear_is_non_fossil_and_not_renewable(full: dict[str, Any], tmp_path: Path) -> None:
    full["renewable_supply"][0]["energy_source"] = "nuclear"
    assert found(full, "A.1/1", tmp_path)[0].fraction == Fraction(3, 20)
    assert found(full, "A.1/1", tmp_path, with_choice(renewables="non_fossil"))[0].fraction == Fraction(1, 4)


def test_products_are_joined_as_the_scheme_says(full: dict[str, Any], tmp_path: Path) -> None:
    share = Fraction(1000, 1107)
    assert found(full, "A.1/15", tmp_path)[0].fraction == share * Fraction(4, 5)
    assert found(full, "A.1/15", tmp_path, with_choice(products="mean"))[0].fraction == share / 2
    assert found(full, "A.1/15", tmp_path, with_choice(products="worst"))[0].fraction == 0
    for line in full["energy_intensity"][2:]:
        line["measure_unit"] = "台"
    unknown = found(full, "A.1/15", tmp_path)[0]
    assert unknown.fraction is None
    assert unknown.joined is not None and unknown.joined.key == "scoring.outputs_differ"
    assert (unknown.low, unknown.high) == (0, share)


def test_figures_in_other_units_are_not_compared(full: dict[str, Any], tmp_path: Path) -> None:
    full["material_use"][1]["measure_unit"] = "kg"
    assert "scoring.other_unit" in found(full, "A.1/7", tmp_path)[1]
    full["product_footprint"][1]["functional_unit"] = "1 件"
    assert "scoring.other_unit" in found(full, "A.1/16", tmp_path)[1]


def test_outputs_that_disagree_weigh_nothing(full: dict[str, Any], tmp_path: Path) -> None:
    for year, mass in (("2025", "10"), ("2024", "10")):
        line = {"product": "PD-2", "data_year": year, "recoverable_mass": "5", "total_mass": mass}
        full["recyclability"].append(line)
    level = Fraction(79, 85)
    assert found(full, "A.1/10", tmp_path)[0].fraction == (4 * level + Fraction(1, 2)) / 5
    full["energy_intensity"].append({**full["energy_intensity"][0], "qualified_output": "9"})
    joined = found(full, "A.1/10", tmp_path)[0]
    assert joined.fraction is None
    assert joined.joined is not None and joined.joined.key == "scoring.no_outputs"


def test_waste_energy_that_is_not_in_use_counts_as_unused(full: dict[str, Any], tmp_path: Path) -> None:
    full["waste_energy"].append({"data_year": "2025", "available": "40", "utilised": "false"})
    assert found(full, "A.1/5", tmp_path)[0].fraction == Fraction(45, 100)


def test_a_rise_earns_nothing_and_is_said(full: dict[str, Any], tmp_path: Path) -> None:
    full["product_footprint"][0]["amount"] = "100"
    indicator, said = found(full, "A.1/16", tmp_path)
    assert indicator.fraction == 0
    assert "scoring.rose" in said


def test_a_person_overrides_what_was_computed_and_both_stand(full: dict[str, Any], tmp_path: Path) -> None:
    full["fractions"]["A.1/2"] = {"fraction": "0.5", "by": "张工", "on": "2026-03-25", "because": "遮挡"}
    indicator, _ = found(full, "A.1/2", tmp_path)
    assert (indicator.state, indicator.fraction, indicator.found) == (
        "judged",
        Fraction(1, 2),
        Fraction(7, 10),
    )


def test_a_judgement_stands_even_where_the_indicator_was_said_not_to_apply(
    full: dict[str, Any], tmp_path: Path
) -> None:
    full["fractions"]["A.1/21"] = {"fraction": "20%", "by": "张工", "on": "2026-03-25", "because": "试点"}
    indicator, said = found(full, "A.1/21", tmp_path)
    assert (indicator.state, indicator.fraction) == ("judged", Fraction(1, 5))
    assert "scoring.applies_stated" in said


def test_extra_indicators_of_a_scheme_rescale_their_category(full: dict[str, Any], tmp_path: Path) -> None:
    text = FOLDER.joinpath("schemes", "default.yaml").read_text(encoding="utf-8") + EXTRA
    own = tmp_path / "own.yaml"
    own.write_text(text, encoding="utf-8")
    scorer = Scorer.of(FOLDER, str(own))
    full["given"] = {"A.1/1/1": {"value": "30", "because": "储能台账"}}
    total = scored(values_of(full, tmp_path), scorer)
    energy = total.categories[0]
    assert energy.available == 125
    assert energy.score == (Fraction(281, 6) + Fraction(25, 2)) * Fraction(100, 125)
    assert one(total, "A.1/1/1").share == Fraction(25, 2) * Fraction(100, 125) * Fraction(15, 100)


EXTRA = """
extra:
  - address: "A.1/1/1"
    category: energy
    name: {zh: 储能, en: storage}
    points: 25
    measure: given
    curve: {linear: [{at: 0, gives: 0}, {at: 60, gives: 1}]}
    because: {zh: 行业自定, en: chosen by the industry}
    silence: {zh: 6.1 b）允许增设, en: 6.1 b allows it}
"""


def test_gates_block_the_claim_and_not_the_score(full: dict[str, Any], tmp_path: Path) -> None:
    before = scored(values_of(full, tmp_path))
    assert claim(from_values(SCORER, values_of(full, tmp_path)).gates) == "possible"
    full["gates"]["6.2/d"]["met"] = "false"
    evidence = from_values(SCORER, values_of(full, tmp_path))
    assert claim(evidence.gates) == "blocked"
    assert score(evidence, SCORER.table, SCORER.scheme).score == before.score


# --- range --------------------------------------------------------------------------------------------------------


def test_the_range_names_what_moves_the_total_most(tmp_path: Path) -> None:
    evidence = from_values(SCORER, page_values(tmp_path))
    total = score(evidence, SCORER.table, SCORER.scheme)
    spread = ranges(evidence, SCORER.table, SCORER.scheme, total)
    assert total.score is not None
    assert spread.least <= spread.low <= total.score <= spread.high <= spread.most
    moves = [abs(r.moves) for r in spread.readings]
    assert moves == sorted(moves, reverse=True)
    assert all(r.total == total.score + r.moves for r in spread.readings)
    assert spread.readings[0].address == "A.1/7"


def test_missing_evidence_widens_the_range_by_what_it_could_earn(
    full: dict[str, Any], tmp_path: Path
) -> None:
    del full["solid_waste"]
    total = scored(values_of(full, tmp_path))
    assert total.score == total.low
    assert total.high - total.low == one(total, "A.1/19").most == Fraction(40, 85) * 15


# --- bad files ----------------------------------------------------------------------------------------------------

BAD = [
    ("year: 2025", "year: 1e9", 2),
    ("year: 2025", "yeer: 2025", 2),
    ("base_year: 2024", "base_year: 2025", 1),
    ("usable_area: 5000", "usable_area: 5 000 m2", 13),
    ("usable_area: 5000", "usable_area: 1e25", 13),
    ("usable_area: 5000", "usable_area: 1e-11", 13),
    ("usable_area: 5000", "usable_area: .nan", 13),
    ("usable_area: 5000", "usable_area: true", 13),
    ("fraction: 75%", "fraction: 75", None),
    ("fraction: 75%", "fraction: 101%", None),
    ("fraction: 75%", "fraction: -0.1", None),
    ('quota_grade: "2"', 'quota_grade: "4"', None),
    ("used: 45", "used: 45, used: 46", 15),
    ("id: R2", "id: R1", 1),
]


@pytest.mark.parametrize(("old", "new", "line"), BAD, ids=[b[1] for b in BAD])
def test_a_bad_file_of_values_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int | None
) -> None:
    path = tmp_path / "values.yaml"
    text = block("values")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValuesProblems) as error:
        read_values(path)
    assert line is None or line in [p.line for p in error.value.problems]
    assert "values.yaml" in error.value.text("en")


@pytest.mark.parametrize("written", ["0.75", "75%", "75％", '"0.75"', "7.5e-1"])
def test_a_share_has_several_spellings(tmp_path: Path, written: str) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(block("values").replace("fraction: 75%", f"fraction: {written}"), encoding="utf-8")
    assert read_values(path).fractions["A.1/18"].fraction == Decimal("0.75")


def test_numbers_are_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    for written in ("0.1", "1e-9", "1e18", "123456789012345678.0123456789"):
        path.write_text(
            block("values").replace("usable_area: 5000", f"usable_area: {written}"), encoding="utf-8"
        )
        assert read_values(path).roof_area[0].usable_area == Decimal(written)


@pytest.mark.parametrize(
    ("part", "content", "key"),
    [
        (
            "fractions",
            {"A.1/99": {"fraction": "1", "by": "a", "on": "2026-01-01", "because": "b"}},
            "scoring.unknown_address",
        ),
        ("checklists", {"A.1/3": {"flies": "true"}}, "scoring.unknown_item"),
        ("gates", {"6.2/e": {"met": "true", "because": "b"}}, "scoring.unknown_gate"),
    ],
)
def test_names_that_are_not_scored_are_refused(
    full: dict[str, Any], tmp_path: Path, part: str, content: dict[str, Any], key: str
) -> None:
    full[part] = content
    with pytest.raises(EvidenceError) as error:
        from_values(SCORER, values_of(full, tmp_path))
    assert error.value.key == key


# --- command and store --------------------------------------------------------------------------------------------


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner().invoke(cli.shall, ["--lang", lang, *map(str, words)], standalone_mode=False)


@pytest.mark.parametrize(
    ("lang", "apart", "open_"),
    [("zh", "2 个产品，未合成", "1/3，1 项未知"), ("en", "2 products, not joined", "1/3, 1 unknown")],
)
def test_the_screen_says_what_is_known_of_several_products(
    full: dict[str, Any], tmp_path: Path, lang: str, apart: str, open_: str
) -> None:
    """Points stand beside what they are given for, not beside the word unknown; no fraction in a sentence."""
    full["energy_intensity"][2]["measure_unit"] = full["energy_intensity"][3]["measure_unit"] = "台"
    full["checklists"]["A.1/9"] = {"design": "true", "production": "false"}
    values_of(full, tmp_path)
    written = next(p for p in tmp_path.iterdir() if p.suffix in (".yaml", ".json"))
    shown = run("score", "--values", written, lang=lang).stdout.splitlines()
    line = {s.split()[0]: s for s in shown if s.startswith("  A.1/")}
    assert apart in line["A.1/15"]
    assert open_ in line["A.1/9"]
    said = [s for s in shown if s.lstrip().startswith("· ")]
    assert said and not any(re.search(r"\d/\d", s) for s in said)
    assert any("≈0.9033" in s for s in said), "1000/1107 of the points"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_the_page_example(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(block("values"), encoding="utf-8")
    found = run("score", "--values", path, lang=lang)
    assert found.exception is None, found.exception
    assert found.return_value == 0
    assert "70.72" in found.output
    assert "3500 ÷ 5000 × 100 = 70" in found.output
    data = json.loads(run("score", "--values", path, "--format", "json").output)
    assert data["total"]["shown"] == "70.72"
    assert data["scheme"]["key"] == "default" and len(data["scheme"]["digest"]) == 64
    assert data == json.loads(run("score", "--values", path, "--format", "json", lang="zh").output)


def test_wrong_words_are_usage_errors(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(block("values"), encoding="utf-8")
    for words in (("score",), ("score", "--values", path, "--year", "2025")):
        error = run(*words).exception
        assert isinstance(error, ShallError) and error.exit_code == 2
    assert json.loads(run("score", "--values-schema").output)["properties"]["year"]


SEARCH = {
    "id": "VS",
    "searched_on": "2026-06-01",
    "violations_found": "1",
    "covers_safety": True,
    "covers_quality": True,
    "covers_environment": True,
    "period_from": "2023-07-01",
    "period_until": "2026-06-01",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("score")
    cases = yaml.safe_load(FOLDER.joinpath("cases", "indicators.yaml").read_text(encoding="utf-8"))
    records = {k: [_texts(r) for r in v] for k, v in cases[0]["records"].items()}
    records["violation_search"] = [{**SEARCH}]
    records["green_certificate"] = [
        {"id": "GC1", "certificate_number": "GEC-1", "used_as": "renewable_energy"}
    ]
    evidence, path = folder / "e.yaml", folder / "e.db"
    evidence.write_text(yaml.safe_dump(records, allow_unicode=True), encoding="utf-8")
    assert run("init", path).exception is None
    brought = run("import", path, evidence)
    assert brought.exception is None, brought.exception
    return path


def _texts(record: dict[str, Any]) -> dict[str, Any]:
    return {k: v if isinstance(v, bool) else str(v) for k, v in record.items()}


def test_a_store_is_scored_with_its_records_named(store: Path) -> None:
    words = ("score", store, "--on", "2026-06-30", "--format", "json")
    first = run(*words)
    assert first.exception is None, first.exception
    assert first.return_value == 1
    data = json.loads(first.output)
    assert data == json.loads(run(*words).output)
    assert data["claim"] == "blocked"
    assert {g["address"]: g["met"] for g in data["gates"]}["6.2/a"] is False
    lines = {i["address"]: i for c in data["categories"] for i in c["indicators"]}
    assert lines["A.1/2"]["fraction"]["exact"] == "1"
    assert lines["A.1/2"]["products"][0]["inputs"][0]["records"] == ["roof_area:RA1"]
    assert lines["A.1/4"]["fraction"]["exact"] == "1"
    assert lines["A.1/4"]["items"][0]["records"] == ["digital_platform:DP"]
    assert lines["A.1/13"]["fraction"]["exact"] == "1"
    assert lines["A.1/16"]["products"][0]["value"]["exact"] == "4"
    assert lines["A.1/22"]["fraction"]["exact"] == "1"
    assert lines["A.1/6"]["fraction"]["exact"] == "1"
    assert data["receipt"]["evidence"]["position"] > 0


def test_decisions_stand_beside_a_store(store: Path, tmp_path: Path) -> None:
    decided = tmp_path / "d.yaml"
    judged = "fractions: {A.1/2: {fraction: 10%, by: 张工, on: 2026-06-01, because: 遮挡}}\n"
    decided.write_text(judged, encoding="utf-8")
    data = json.loads(
        run("score", store, "--on", "2026-06-30", "--values", decided, "--format", "json").output
    )
    line = next(i for c in data["categories"] for i in c["indicators"] if i["address"] == "A.1/2")
    assert (line["fraction"]["exact"], line["judged"]["computed"]["exact"]) == ("0.1", "1")
    decided.write_text(judged + "year: 2025\n", encoding="utf-8")
    assert isinstance(
        run("score", store, "--on", "2026-06-30", "--values", decided).exception, ValuesProblems
    )


def test_a_store_without_an_evaluation_needs_the_year(store: Path, tmp_path: Path) -> None:
    path, evidence = tmp_path / "n.db", tmp_path / "n.yaml"
    evidence.write_text("organisation: [{id: O, name: x}]\n", encoding="utf-8")
    run("init", path)
    run("import", path, evidence)
    error = run("score", path, "--on", "2026-06-30").exception
    assert isinstance(error, EvidenceError) and error.key == "scoring.no_year"
    told = run("score", path, "--on", "2026-06-30", "--year", "2025")
    assert told.exception is None, told.exception
    assert "0.00 to 100.00" in told.output


def test_what_nobody_recorded_is_unknown_and_not_left_out(tmp_path: Path) -> None:
    """Leaving a kind empty must not rescale the points of the others: whether there is a roof is not known."""
    path, evidence = tmp_path / "n.db", tmp_path / "n.yaml"
    evidence.write_text("organisation: [{id: O, name: x}]\n", encoding="utf-8")
    run("init", path)
    run("import", path, evidence)
    words = ("score", path, "--on", "2026-06-30", "--year", "2025", "--format", "json")
    lines = {i["address"]: i for c in json.loads(run(*words).output)["categories"] for i in c["indicators"]}
    assert {lines[a]["state"] for a in ("A.1/2", "A.1/6")} == {"unknown"}


def test_a_store_tells_of_certificates_used_for_market_based_electricity(tmp_path: Path) -> None:
    path, evidence = tmp_path / "n.db", tmp_path / "n.yaml"
    evidence.write_text(
        "organisation: [{id: O, name: x}]\n"
        "factory_year: [{id: FY, data_year: 2025, comprehensive_energy: 100}]\n"
        "green_certificate: [{id: GC, certificate_number: C-1, quantity: 100, used_as: market}]\n"
        "renewable_supply: [{id: RS, data_year: 2025, renewable: true, amount: 10, green_certificate: GC}]\n",
        encoding="utf-8",
    )
    run("init", path)
    run("import", path, evidence)
    words = ("score", path, "--on", "2026-06-30", "--year", "2025", "--format", "json")
    data = json.loads(run(*words).output)
    (line,) = [i for c in data["categories"] for i in c["indicators"] if i["address"] == "A.1/1"]
    assert "C-1" in json.dumps(line["remarks"], ensure_ascii=False)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("--on", "2026-06-30", "--year", "2018"), "scoring.year_absent"),
        (("--on", "2026-06-30", "--year", "2026"), "scoring.year_ahead"),
        (("--on", "2019-06-30", "--year", "2025"), "scoring.year_ahead"),
        (("--on", "2019-06-30"), "scoring.no_year"),
    ],
)
def test_a_year_without_data_or_not_yet_over_is_refused(
    store: Path, words: tuple[str, ...], key: str
) -> None:
    error = run("score", store, *words).exception
    assert isinstance(error, EvidenceError)
    assert error.key == key
