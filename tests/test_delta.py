"""What is missing for another standard, one checklist for several, and two editions or results side by side."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from shall.engine.cache import executor_for
from shall.engine.cli import shall
from shall.engine.compare.checklist import Applicability, applicability, checklist
from shall.engine.compare.comparison import plan_of
from shall.engine.compare.content import aggregates_in, columns_read, expanded
from shall.engine.compare.delta import OPEN, STATES, Delta, delta, delta_of
from shall.engine.compare.editions import FIELDS, Difference, difference, migrated
from shall.engine.compare.effort import NO_HOURS, EffortProblems, Hours, read_effort, summed
from shall.engine.compare.residual import needs, sheets, write_questionnaire
from shall.engine.compare.results import attributed, read_result, shifts
from shall.engine.compiler import _reads
from shall.engine.evaluation import Question, evaluate, result
from shall.engine.grading import DEFAULT
from shall.engine.outcomes import MET
from shall.engine.plan import Plan
from shall.engine.reports.compare import audits, changes
from shall.engine.reports.compare import needs as words
from shall.engine.reports.compare.paper import Paper, csv_text, markdown, terminal, xlsx
from shall.engine.samples import sample_folder
from shall.engine.shelf import shipped
from shall.engine.yaml_lines import load
from shall.evidence.importers import import_batch, read_evidence
from shall.evidence.ledger import PUT, Change
from shall.evidence.schema import schema
from shall.evidence.store import Store
from shall.texts import LANGUAGES, area
from shall.texts.errors import RulesetError, ShallError, UsageError

ROOT = Path(__file__).resolve().parent.parent
TINY = ROOT / "tests" / "rulesets" / "tiny"
DAY = date(2026, 6, 30)
AT = datetime(2026, 7, 1, tzinfo=UTC)
PAIRS = [("t_ccaa_39", "machinery"), ("t_ccaa_39", "hunan"), ("hunan", "machinery"), ("jiangsu", "t_ccaa_39")]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("delta") / "machinery_maker.db"
    with sample_folder("machinery_maker") as folder, Store.create(path) as store:
        import_batch(store, "machinery_maker", read_evidence(folder), actor="test", at=AT)
        yield store


def question(store: Store, **fields: Any) -> Question:
    return Question.of(store.organisations()[0], DAY, **fields)


@pytest.fixture(scope="module")
def machinery(sample: Store) -> Delta:
    return delta("t_ccaa_39", "machinery", read_effort(), sample, question(sample))


@pytest.fixture(scope="module")
def hunan(sample: Store) -> Delta:
    return delta("t_ccaa_39", "hunan", read_effort(), sample, question(sample))


@cache
def bare(start: str, target: str) -> Delta:
    return delta(start, target, read_effort())


def verdicts(store: Store, *standards: str) -> dict[str, str]:
    found = evaluate(executor_for(standards), store, question(store), DEFAULT)
    return {d.provision.id: d.verdict for d in found.decided}


# --- the delta -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pair", [("t_ccaa_39", "machinery"), ("t_ccaa_39", "hunan"), ("t_ccaa_39", "t_ccaa_39")]
)
def test_what_is_carried_over_is_what_check_finds_conforming(sample: Store, pair: tuple[str, str]) -> None:
    found = delta(*pair, read_effort(), sample, question(sample))
    said = verdicts(sample, pair[1])
    binding = [
        p for p in executor_for([pair[1]]).plan.provisions if p.ruleset == pair[1] and p.severity != "info"
    ]
    assert [item.id for item in found.items] == [p.id for p in binding]
    expected = {"conforming": "carried", "not_applicable": "not_applicable", "needs_judgement": "judge"}
    for item in found.items:
        assert item.verdict == said[item.id]
        assert item.state == expected.get(said[item.id], item.state)
        assert (item.state == "carried") == (said[item.id] == "conforming")
    assert sum(found.counts().values()) == len(binding)


def test_every_open_provision_names_exactly_the_checks_that_are_not_met(
    machinery: Delta, sample: Store
) -> None:
    plan = machinery.plan
    executor = executor_for(tuple(plan.standards))
    answers = evaluate(executor, sample, question(sample), DEFAULT).answers
    assert executor.plan.digest == plan.digest
    pieces = {piece.id: piece for piece in machinery.pieces}
    opened = [item for item in machinery.items if item.state in OPEN and not item.provision.incorporated]
    assert len(opened) > 20
    for item in opened:
        lacking = {
            plan.requirements[n].expects["zh"]
            for n in item.provision.requirements
            if answers.requirements[n] != MET
        }
        told = {text["zh"] for name in item.missing for text in pieces[name].expects}
        assert lacking <= told, item.id
        assert bool(lacking) == bool(item.missing)
    assert not any(item.missing for item in machinery.items if item.state not in OPEN)


def test_a_piece_of_evidence_is_named_once_and_serves_every_provision_that_misses_it(
    machinery: Delta,
) -> None:
    ids = [piece.id for piece in machinery.pieces]
    assert len(set(ids)) == len(ids)
    missing = {item.id: item.missing for item in machinery.items}
    for piece in machinery.pieces:
        assert list(piece.serves) == [id for id, names in missing.items() if piece.id in names]
        assert list(piece.alone) == [id for id in piece.serves if len(missing[id]) == 1]
    order = [(len(piece.alone), len(piece.serves)) for piece in machinery.pieces]
    assert order == sorted(order, reverse=True)
    assert any(len(piece.serves) > 1 for piece in machinery.pieces)


def test_gaps_of_the_held_standard_are_told_from_those_of_the_new_one(machinery: Delta) -> None:
    """The foundry lacks a calibration under both; the workshop parameters are asked by machinery alone."""
    states = {item.provision.address: item for item in machinery.items}
    assert states["6.3/a"].state == "more"
    assert machinery.owes(states["6.3/a"]) == "all"
    assert states["6.1.4.2/L1/b"].state == "new"
    assert machinery.owes(states["6.1.4.2/L1/b"]) == "none"
    assert set(states["5.2#1"].through) == {"t_ccaa_39:5.2/4", "t_ccaa_39:5.2/d"}
    owed = machinery.hours(owed=True).plus(machinery.hours(owed=False))
    assert owed == machinery.hours()
    assert machinery.held is not None and machinery.held["nonconforming"] > 0


def test_the_states_follow_the_relation_to_the_held_standard(machinery: Delta, hunan: Delta) -> None:
    firmer = delta("hunan", "machinery", read_effort())
    assert firmer.counts()["stricter"] > 50, "a guideline's should is less than a shall"
    for found in (machinery, hunan, firmer):
        for item in found.items:
            if item.state == "new":
                assert item.nearest is None
            elif item.state == "stricter":
                assert item.nearest is not None and item.nearest.relation == "looser"
            elif item.state == "more":
                assert item.nearest is not None and item.nearest.relation != "looser"


@pytest.mark.parametrize("key", shipped())
def test_from_a_standard_to_itself_nothing_is_left(key: str, sample: Store) -> None:
    plain = delta_of(plan_of([key])[0], key, key, read_effort())
    assert {item.state for item in plain.items} == {"carried"}
    assert not plain.pieces
    with_evidence = delta(key, key, read_effort(), sample, question(sample))
    assert with_evidence.counts()["new"] == with_evidence.counts()["stricter"] == 0
    assert all(piece.owed for piece in with_evidence.pieces)
    assert with_evidence.hours(owed=False) == NO_HOURS


@pytest.mark.parametrize("pair", PAIRS)
def test_without_evidence_it_is_the_plain_difference(pair: tuple[str, str]) -> None:
    found = bare(*pair)
    assert found.question is None and found.held is None
    asked = {
        found.plan.requirements[n].decision
        for p in found.plan.provisions
        if p.ruleset == pair[0] and p.severity != "info"
        for n in p.requirements
    }
    for item in found.items:
        own = {found.plan.requirements[n].decision for n in item.provision.requirements}
        if item.state == "carried" and own:
            assert own <= asked, f"{item.id} asks what {pair[0]} does not"
        if own and not own <= asked:
            assert item.state in ("new", "stricter", "more")
            assert item.missing


def plain_of(tmp_path: Path, held: Any, wanted: Any) -> dict[str, Any]:
    """The plain difference of two altered copies of the tiny ruleset: state by address."""
    first = edition(tmp_path / "held", held, {"key": "held"})
    second = edition(tmp_path / "wanted", wanted, {"key": "wanted"})
    found = delta(str(first), str(second), read_effort())
    return {item.provision.address: item.state for item in found.items}


def test_equal_checks_carry_over_only_at_equal_force_and_under_no_condition_of_their_own(
    tmp_path: Path,
) -> None:
    when = {"when": {"profile": "in_carbon_market"}}
    states = plain_of(tmp_path / "1", None, None)
    assert states["1.1#1"] == "carried"
    assert states["1.1#2"] == "judge", "that the checks are equal does not mean that a person judges alike"
    assert plain_of(tmp_path / "2", altered("1.1#1", **when), None)["1.1#1"] == "new"
    assert plain_of(tmp_path / "3", altered("1.1#1", **when), altered("1.1#1", **when))["1.1#1"] == "carried"
    assert plain_of(tmp_path / "4", None, altered("1.1#1", **when))["1.1#1"] == "carried"
    assert plain_of(tmp_path / "5", altered("1.1#1", modality="should"), None)["1.1#1"] == "new"
    assert plain_of(tmp_path / "6", None, altered("1.1#1", modality="should"))["1.1#1"] == "carried"


def test_what_a_standard_incorporates_is_held_with_it() -> None:
    found = {item.id: item for item in bare("machinery", "t_ccaa_39").items}
    assert found["t_ccaa_39:5.2/4"].state == "carried"
    assert found["t_ccaa_39:5.2/4"].nearest is not None


def test_an_empty_store_gives_the_plain_difference_too(tmp_path: Path) -> None:
    done = run("delta", tmp_path / "none.db", "--from", "t_ccaa_39", "--to", "hunan", "--format", "json")
    assert done.exit_code == 3 or isinstance(done.exception, ShallError)
    Store.create(tmp_path / "empty.db").close()
    done = run("delta", tmp_path / "empty.db", "--from", "t_ccaa_39", "--to", "hunan", "--format", "json")
    said = json.loads(done.stdout)
    assert said["question"] is None
    assert said["counts"] == bare("t_ccaa_39", "hunan").counts()


def test_evidence_only_ever_helps(sample: Store) -> None:
    """A company with records is nowhere further than one that conforms to the held standard in a carried check."""
    with_evidence = delta("t_ccaa_39", "t_ccaa_39", read_effort(), sample, question(sample))
    assert with_evidence.counts()["carried"] == verdicts(sample, "t_ccaa_39").__len__() - sum(
        verdict != "conforming" for verdict in verdicts(sample, "t_ccaa_39").values()
    )


def test_an_unset_interval_is_told_as_such(machinery: Delta, sample: Store, tmp_path: Path) -> None:
    """The sample reviews its policy but never set how often: that is a record of its own, and one hour's work."""
    unset = next(piece for piece in machinery.pieces if "machinery:5.2#5" in piece.serves)
    assert (unset.interval, unset.kind, unset.work) == ("policy_review", "defined_interval", "interval")
    assert "defined_interval" in {kind.name for kind in sheets(machinery)}
    assert "policy" in markdown(words.paper(machinery, "en"))
    assert all(
        piece.kind == "defined_interval" for piece in machinery.pieces if piece.interval and piece.there
    )


# --- effort --------------------------------------------------------------------------------------------------


def test_hours_are_a_range_and_what_is_paid_once_is_not_paid_again(machinery: Delta, hunan: Delta) -> None:
    assert summed(piece.hours for piece in machinery.pieces) == machinery.hours()
    low, high = machinery.hours()
    assert Decimal(0) < low < high
    once = {(piece.work, record) for piece in machinery.pieces for record in piece.offending}
    start = sum(1 for piece in machinery.pieces if not piece.offending)
    assert machinery.hours().high <= 6 * len(once) + 80 * start
    life_cycle = next(piece for piece in hunan.pieces if "hunan:5.2.2/d" in piece.serves)
    assert life_cycle.offending and life_cycle.hours == NO_HOURS, "the one policy is opened once"
    plain = bare("t_ccaa_39", "machinery")
    classes = {work.id: work for work in plain.effort.work}
    begun: set[str] = set()
    for piece in plain.pieces:
        work = classes[piece.work]
        wanted = Hours(*(work.each if piece.kind in begun else work.start))
        assert piece.hours == wanted, piece
        begun.add(piece.kind)


def test_the_shipped_table_knows_a_class_for_every_kind() -> None:
    effort = read_effort()
    assert {effort.work_of(kind, "some").id for kind in schema()} == {work.id for work in effort.work}
    assert effort.work_of("training", "every").id == "training"
    assert effort.work_of("obligation", "some").id == "record"


GOOD = """
title: {zh: 表, en: table}
judge: {hours: [1, 2], because: {zh: 因, en: why}}
work:
  - {id: a, zh: 甲, en: a, kinds: [policy], start: [1.1, 2], each: [0.1, 0.3], because: {zh: 因, en: why}}
  - {id: rest, zh: 乙, en: b, start: [3, 4], each: [1, 1], because: {zh: 因, en: why}}
"""


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "effort.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_of_ones_own_counts_exactly(tmp_path: Path) -> None:
    effort = read_effort(table(tmp_path, GOOD))
    assert effort.work[0].start == (Decimal("1.1"), Decimal(2))
    assert Hours(*effort.work[0].each).times(3) == Hours(Decimal("0.3"), Decimal("0.9"))
    found = delta("t_ccaa_39", "machinery", effort)
    assert {piece.work for piece in found.pieces} == {"a", "rest"}


@pytest.mark.parametrize(
    ("change", "key", "line"),
    [
        (("kinds: [policy]", "kinds: [polcy]"), "delta.effort_kind", 5),
        (("id: rest", "id: a"), "delta.effort_twice", 6),
        (
            ("id: rest, zh: 乙, en: b", "id: rest, zh: 乙, en: b, kinds: [policy]"),
            "delta.effort_kind_twice",
            6,
        ),
        (("kinds: [policy], start", "checks: [sme], start"), "delta.effort_check", 5),
        (("kinds: [policy], ", ""), "delta.effort_everything", 5),
        (("id: rest, zh: 乙, en: b", "id: rest, zh: 乙, en: b, kinds: [meter]"), "delta.effort_rest", 4),
        (("[3, 4]", "[4, 3]"), "rules.bad_value", 6),
        (("[3, 4]", "[-1, 3]"), "rules.bad_value", 6),
        (("[3, 4]", "[3, a day]"), "rules.bad_value", 6),
        (("[3, 4]", "[3, .nan]"), "rules.bad_value", 6),
        (("id: rest", "id: rest, extra: 1"), "rules.unknown_key", 6),
        (("zh: 表, en: table", "zh: 表"), "rules.missing_key", 2),
        (("title: {", "title: [{"), "rules.yaml_syntax", 3),
    ],
)
def test_a_wrong_table_is_told_with_its_line(
    change: tuple[str, str], key: str, line: int, tmp_path: Path
) -> None:
    assert change[0] in GOOD
    with pytest.raises(EffortProblems) as caught:
        read_effort(table(tmp_path, GOOD.replace(*change)))
    assert (key, line) in [(p.key, p.line) for p in caught.value.problems]
    for lang in LANGUAGES:
        assert "effort.yaml" in caught.value.text(lang)


# --- the questionnaire ---------------------------------------------------------------------------------------


def test_the_questionnaire_goes_back_in_and_changes_nothing_until_it_is_filled(
    machinery: Delta, sample: Store, tmp_path: Path
) -> None:
    path = tmp_path / "q.xlsx"
    count, records = write_questionnaire(path, machinery, sample, "zh")
    assert count > 10 and records > 20
    batch = read_evidence(path)
    assert not batch.problems
    before = {
        (kind, str(body["id"])): body for kind in schema() for body in sample.records(kind, "machinery_maker")
    }
    position = sample.position()
    with_store = import_batch(sample, "machinery_maker", batch, actor="t", at=AT)
    assert with_store.position == position, "an untouched questionnaire is no change"
    after = {
        (kind, str(body["id"])): body for kind in schema() for body in sample.records(kind, "machinery_maker")
    }
    assert before == after


def test_the_questionnaire_asks_only_what_is_missing(machinery: Delta, sample: Store, tmp_path: Path) -> None:
    path = tmp_path / "q.xlsx"
    write_questionnaire(path, machinery, sample, "en")
    asked = {kind.name: {c.name for c in kind.columns} for kind in sheets(machinery)}
    assert set(asked) < set(schema())
    for piece in machinery.pieces:
        for kind, names in piece.columns.items():
            assert set(names) <= asked[kind]
    full = sum(len(schema()[kind].columns) for kind in asked)
    assert sum(map(len, asked.values())) < full / 2
    book = openpyxl.load_workbook(path, read_only=True)
    written = {str(sheet["A1"].value): sheet for sheet in book.worksheets[1:] if sheet["A1"].value}
    assert set(asked) <= set(written)
    listed = {
        f"{kind}:{row[0]}" for kind, sheet in written.items() for row in sheet.iter_rows(6, values_only=True)
    }
    assert {record for piece in machinery.pieces for record in piece.offending} <= listed
    guide = [row for row in book.worksheets[0].iter_rows(values_only=True) if row[0] == "machinery"]
    assert len(guide) == len(needs(machinery)) >= len(machinery.pieces)


def test_filling_in_a_questionnaire_closes_the_gap(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db") as store:
        policy = {"id": "P1", "topic": "carbon", "title": "方针", "commits_compliance": True, "note": "kept"}
        store.commit("o", [Change(PUT, "policy", "P1", policy)], actor="t", at=AT)
        found = delta("hunan", "t_ccaa_39", read_effort(), store, question(store))
        gaps = [piece for piece in found.pieces if "t_ccaa_39:5.2/d" in piece.serves]
        assert {piece.kind for piece in gaps} == {"policy"}
        path = tmp_path / "q.xlsx"
        write_questionnaire(path, found, store, "zh")
        book = openpyxl.load_workbook(path)
        sheet = next(s for s in book.worksheets if s["A1"].value == "policy")
        heads = {cell.value: cell.column for cell in sheet[4]}
        assert sheet.cell(6, heads["id"]).value == "P1"
        asked = {name for piece in gaps for name in piece.columns["policy"]} - set(policy)
        for name in asked:
            sheet.cell(6, heads[name]).value = "是"
        for other in [s for s in book.worksheets[1:] if s is not sheet]:
            book.remove(other)
        book.save(tmp_path / "filled.xlsx")
        batch = read_evidence(tmp_path / "filled.xlsx")
        import_batch(store, "o", batch, actor="t", at=AT)
        body = store.records("policy", "o")[0]
        assert body["note"] == "kept" and body["commits_compliance"] is True
        again = delta("hunan", "t_ccaa_39", read_effort(), store, question(store))
        assert next(i for i in again.items if i.id == "t_ccaa_39:5.2/d").state == "carried"


def test_columns_read_are_those_the_compiler_knows() -> None:
    plan = executor_for(tuple(shipped())).plan
    for requirement in plan.requirements:
        wanted: dict[str, set[str]] = {}
        for n in aggregates_in(requirement.decision):
            for kind, names in _reads(plan.aggregates[n]):
                wanted.setdefault(kind, set()).update(names)
        assert {kind: set(names) for kind, names in columns_read(plan, requirement).items()} == wanted


# --- one checklist ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [("t_ccaa_39", "machinery"), tuple(shipped())])
def test_a_checklist_asks_everything_once(keys: tuple[str, ...]) -> None:
    plan = executor_for(keys).plan
    found = checklist(plan)
    ids = [line.id for line in found.lines]
    assert len(set(ids)) == len(ids)
    assert len(ids) < found.separately
    served = {one.provision.id for line in found.lines for one in line.serves}
    assert served == {p.id for p in plan.provisions if p.severity != "info" and p.ruleset in keys}
    asked = {}
    for line in found.lines:
        assert len({one.provision.id for one in line.serves}) == len(line.serves)
        for one in line.serves:
            asked.setdefault(one.provision.id, []).append(line)
    for p in plan.provisions:
        if p.severity != "info" and p.ruleset in keys:
            checks = {plan.requirements[n].decision for n in p.requirements}
            evidence = [line for line in asked[p.id] if line.asks == "evidence"]
            assert len(evidence) >= len(checks)
    assert found.separately == sum(len(checklist(executor_for([key]).plan).lines) for key in keys)


def test_incorporated_provisions_are_asked_once_for_both() -> None:
    found = checklist(executor_for(("t_ccaa_39", "machinery")).plan)
    line = next(
        line
        for line in found.lines
        if {one.provision.id for one in line.serves} >= {"t_ccaa_39:5.2/4", "machinery:5.2#1"}
    )
    through = {one.provision.id: one.through for one in line.serves}
    assert through["t_ccaa_39:5.2/4"] == ""
    assert through["machinery:5.2#1"] == "t_ccaa_39:5.2/4"
    alone = checklist(executor_for(("machinery",)).plan)
    assert any(one.through for line in alone.lines for one in line.serves)


def test_a_checklist_with_evidence_says_what_there_is(sample: Store) -> None:
    executor = executor_for(("t_ccaa_39", "machinery"))
    evaluation = evaluate(executor, sample, question(sample), DEFAULT)
    found = checklist(executor.plan, evaluation)
    outcomes = {line.outcome for line in found.lines if line.asks == "evidence"}
    assert outcomes == {"met", "unmet", "unknown", "nothing_found"}
    assert all(line.outcome is None for line in found.lines if line.asks == "person")


# --- what applies ------------------------------------------------------------------------------------------------


def stated(store: Store, *keys: str) -> Applicability:
    evaluation = evaluate(executor_for(keys), store, question(store), DEFAULT)
    return applicability(evaluation, store, "甲公司")


def test_every_provision_applies_or_not_with_its_reason(sample: Store) -> None:
    found = stated(sample, "t_ccaa_39", "machinery")
    said = verdicts(sample, "t_ccaa_39", "machinery")
    assert [one.provision.id for one in found.statements] == [
        p.id for p in executor_for(("t_ccaa_39", "machinery")).plan.provisions
    ]
    for one in found.statements:
        assert (one.applies == "not_applicable") == (said[one.provision.id] == "not_applicable")
        assert one.reason in ("excluded", "condition_absent") or one.applies != "not_applicable"
        assert one.says or one.reason in ("always", "excluded", "information")
    assert [(one.record, one.why) for one in found.disregarded] == [("EX-02", "incomplete")]


def test_only_an_approved_justified_exclusion_counts(tmp_path: Path) -> None:
    whole = {
        "ruleset": "t_ccaa_39",
        "address": "8.3",
        "justification": "=没有采购",
        "approved_by": "王",
        "approved_on": "2026-01-05",
    }
    wrong: dict[str, dict[str, Any]] = {
        "E2": {**whole, "approved_by": None},
        "E3": {**whole, "status": "draft"},
        "E4": {**whole, "approved_on": "2026-07-01"},
        "E5": {**whole, "address": "99"},
        "E6": {**whole, "valid_until": "2026-06-29"},
    }
    with Store.create(tmp_path / "s.db") as store:
        bodies = {"E1": whole, **wrong}
        written = [
            Change(PUT, "exclusion", id, {"id": id, **{k: v for k, v in body.items() if v is not None}})
            for id, body in bodies.items()
        ]
        store.commit("o", written, actor="t", at=AT)
        found = stated(store, "t_ccaa_39")
    excluded = [one for one in found.statements if one.reason == "excluded"]
    assert excluded and all(one.provision.clause == "8.3" and one.record == "E1" for one in excluded)
    assert excluded[0].approved_by == "王"
    whys = {one.record: (one.why, one.lacks) for one in found.disregarded}
    assert whys == {
        "E2": ("incomplete", ("approved_by",)),
        "E3": ("not_valid", ()),
        "E4": ("later", ()),
        "E5": ("no_provision", ()),
        "E6": ("not_valid", ()),
    }
    told = markdown(audits.applicability_paper(found, "zh"))
    assert "缺少：批准人" in told and "approved_by" not in told, "columns by what they are called"
    text = csv_text(audits.applicability_paper(found, "zh"))
    assert all(
        not cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row
    )


# --- editions ------------------------------------------------------------------------------------------------------


def edition(folder: Path, change: Any = None, head: dict[str, Any] | None = None) -> Path:
    """A copy of the tiny ruleset, its provisions changed by `change` (list in, list out)."""
    shutil.copytree(TINY, folder)
    path = folder / "provisions.yaml"
    provisions = load(path.read_text(encoding="utf-8"))[0]
    made = change(provisions) if change else provisions
    path.write_text(json.dumps(made, ensure_ascii=False, indent=1), encoding="utf-8")
    if head:
        standard = load((folder / "ruleset.yaml").read_text(encoding="utf-8"))[0]
        text = json.dumps(standard | head, ensure_ascii=False, indent=1)
        (folder / "ruleset.yaml").write_text(text, encoding="utf-8")
    return folder


def plan_at(folder: Path) -> Plan:
    return executor_for((str(folder),)).plan


def at(provisions: list[dict[str, Any]], address: str) -> dict[str, Any]:
    return next(p for p in provisions if p["address"] == address)


def changed(tmp_path: Path, change: Any) -> Difference:
    return difference(plan_at(TINY), plan_at(edition(tmp_path / "new", change)))


def altered(address: str, **fields: Any) -> Any:
    def change(provisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        at(provisions, address).update(fields)
        return provisions

    return change


@pytest.mark.parametrize("key", shipped())
def test_an_edition_does_not_differ_from_itself(key: str) -> None:
    plan = executor_for((key,)).plan
    found = difference(plan, plan)
    assert found.empty
    assert found.counts()["same"] == len([p for p in plan.provisions if p.ruleset == key])


NEW_CHECK = [
    {"some": "policy", "where": "topic = 'energy'", "expects": {"zh": "能源方针", "en": "an energy policy"}}
]


@pytest.mark.parametrize(
    ("address", "fields", "named", "substance"),
    [
        ("1.1#1", {"modality": "should"}, {"modality", "severity"}, True),
        (
            "1.1#1",
            {"severity": "should", "reading": {"zh": "读", "en": "read"}},
            {"severity", "reading"},
            True,
        ),
        ("1.1#1", {"doc_info": ["maintain"]}, {"doc_info"}, True),
        ("1.1#1", {"interval": "planned"}, {"interval"}, True),
        ("1.1#1", {"trigger": {"zh": "变", "en": "on change"}}, {"trigger"}, True),
        ("1.1#1", {"condition": {"zh": "适用时", "en": "where it applies"}}, {"condition"}, True),
        ("1.1#1", {"when": {"profile": "in_carbon_market"}}, {"when"}, True),
        ("1.1#1", {"requires": NEW_CHECK}, {"requirement", "expects"}, True),
        ("1.1#2", {"judged": {"zh": "合适吗？", "en": "does it suit?"}}, {"judged"}, True),
        ("1.1#1", {"gist": {"zh": "改了", "en": "changed"}}, {"gist"}, False),
        ("1.1#1", {"concepts": ["policy.content"]}, {"concepts"}, False),
        ("1.1#1", {"reading": {"zh": "读", "en": "read"}}, {"reading"}, False),
        ("1.1#1", {"refs": ["7.5"]}, {"refs"}, False),
        ("1.1#2", {"look_at": ["policy", "process"]}, {"look_at"}, False),
    ],
)
def test_each_change_is_told_by_its_name(
    address: str, fields: dict[str, Any], named: set[str], substance: bool, tmp_path: Path
) -> None:
    found = changed(tmp_path, altered(address, **fields))
    (pair,) = found.differing
    assert pair.new.address == address and not pair.moved
    assert set(pair.fields) == named
    assert pair.substance is substance
    assert not found.added and not found.removed


def test_a_check_written_otherwise_but_compiled_alike_is_no_change_of_requirement(tmp_path: Path) -> None:
    same = [{"some": "policy", "where": "(topic = 'carbon')", "expects": {"zh": "有一份碳方针", "en": "x"}}]
    (pair,) = changed(tmp_path, altered("1.1#1", requires=same)).differing
    assert pair.fields == ("expects",) and not pair.substance


def test_added_removed_and_moved_are_told_apart(tmp_path: Path) -> None:
    def change(provisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        at(provisions, "2.1/a")["address"] = "2.2/a"
        kept = [p for p in provisions if p["address"] != "2.1/b"]
        both = {"zh": "全新的一条", "en": "quite new"}
        return [*kept, {"address": "9.9#1", "modality": "shall", "gist": both, "requires": NEW_CHECK}]

    found = changed(tmp_path, change)
    assert [p.address for p in found.added] == ["9.9#1"]
    assert [p.address for p in found.removed] == ["2.1/b"]
    (pair,) = found.differing
    assert (pair.old.address, pair.new.address, pair.changes) == ("2.1/a", "2.2/a", ())


def test_a_sentence_put_in_between_moves_the_others_instead_of_changing_them(tmp_path: Path) -> None:
    def change(provisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        at(provisions, "1.1#3")["address"] = "1.1#4"
        at(provisions, "1.1#2")["address"] = "1.1#3"
        first = next(n for n, p in enumerate(provisions) if p["address"] == "1.1#1")
        both = {"zh": "插入的一句", "en": "put in between"}
        new = {"address": "1.1#2", "modality": "shall", "gist": both, "requires": NEW_CHECK}
        return [*provisions[: first + 1], new, *provisions[first + 1 :]]

    found = changed(tmp_path, change)
    assert [p.address for p in found.added] == ["1.1#2"]
    moved = {pair.old.address: pair.new.address for pair in found.differing}
    assert moved == {"1.1#2": "1.1#3", "1.1#3": "1.1#4"}
    assert all(not pair.changes for pair in found.differing)


def test_of_two_alike_neither_is_said_to_have_moved(tmp_path: Path) -> None:
    def alike(provisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for n in (1, 2):
            both = {"zh": "同一句", "en": "the same words"}
            provisions.append({"address": f"9.{n}#1", "modality": "may", "gist": both})
        return provisions

    def gone(provisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = alike(provisions)[:-1]
        kept[-1]["address"] = "9.3#1"
        return kept

    old, new = (plan_at(edition(tmp_path / name, change)) for name, change in (("old", alike), ("new", gone)))
    found = difference(old, new)
    assert [p.address for p in found.added] == ["9.3#1"]
    assert [p.address for p in found.removed] == ["9.1#1", "9.2#1"]
    assert not found.differing


def test_the_head_is_compared_too(tmp_path: Path) -> None:
    new = edition(tmp_path / "new", head={"edition": "2099", "status": "published"})
    found = difference(plan_at(TINY), plan_at(new))
    assert {change.field for change in found.head} <= {"edition", "status"}
    assert "edition" in {change.field for change in found.head}
    assert not found.differing and not found.empty


def as_sets(found: Difference) -> tuple[Any, ...]:
    pairs = {(p.old.address, p.new.address, p.changes) for p in found.pairs}
    return {p.address for p in found.added}, {p.address for p in found.removed}, pairs, found.head


def mixed(provisions: list[dict[str, Any]], picks: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """The provisions after some drops, moves, swaps and changes."""
    for n, what in picks:
        if not provisions:
            break
        p = provisions[n % len(provisions)]
        other = provisions[(n * 7 + 1) % len(provisions)]
        match what:
            case "drop":
                provisions.remove(p)
            case "gist":
                p["gist"] = {"zh": f"改{n}", "en": f"changed {n}"}
            case "copy gist":
                p["gist"] = dict(other["gist"])
            case "move" if p["address"][0].isdigit():
                p["address"] = f"8.{n}#1"
            case "swap":
                p["address"], other["address"] = other["address"], p["address"]
            case "check" if p["modality"] in ("shall", "should"):
                p["requires"] = NEW_CHECK
    seen: set[str] = set()
    return [p for p in provisions if not (p["address"] in seen or seen.add(p["address"]))]


@given(
    picks=st.lists(
        st.tuples(
            st.integers(0, 30), st.sampled_from(["drop", "gist", "copy gist", "move", "swap", "check"])
        ),
        max_size=6,
    )
)
def test_the_other_way_round_it_is_the_inverse(
    picks: list[tuple[int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = edition(tmp_path_factory.mktemp("ed") / "new", lambda provisions: mixed(provisions, picks))
    old, new = plan_at(TINY), plan_at(folder)
    there, back = difference(old, new), difference(new, old)
    assert as_sets(there.inverse()) == as_sets(back)
    assert as_sets(there) == as_sets(back.inverse())
    met = {pair.old.address for pair in there.pairs} | {p.address for p in there.removed}
    assert met == {p.address for p in old.provisions}
    assert len(there.pairs) + len(there.added) == len(new.provisions)


@given(data=st.data())
def test_the_difference_of_two_standards_is_symmetric(data: st.DataObject) -> None:
    one, other = data.draw(st.permutations(["t_ccaa_39", "hunan", "machinery"]))[:2]
    plans = [executor_for((key,)).plan for key in (one, other)]
    assert as_sets(difference(*plans).inverse()) == as_sets(difference(*reversed(plans)))


# --- a result on a new edition -------------------------------------------------------------------------------------


def tiny_result(store: Store, folder: Path) -> dict[str, Any]:
    made = evaluate(executor_for((str(folder),)), store, question(store), DEFAULT)
    return json.loads(json.dumps(result(made, "甲")))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "small.db") as store:
        bodies = [
            ("policy", {"id": "P1", "topic": "carbon", "title": "方针"}),
            ("judgement", {"id": "J1", "ruleset": "tiny", "address": "1.1#3", "verdict": "conforming", "reason": "好",
                           "judged_by": "李", "judged_on": "2026-06-01", "made_as": "audit"}),
        ]  # fmt: skip
        store.commit("o", [Change(PUT, kind, str(b["id"]), b) for kind, b in bodies], actor="t", at=AT)
        yield store


def test_an_old_result_keeps_what_did_not_change_and_lists_the_rest(small: Store, tmp_path: Path) -> None:
    def change(provisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        at(provisions, "1.1#1")["gist"] = {"zh": "换句话", "en": "in other words"}
        at(provisions, "1.1#2")["requires"] = NEW_CHECK
        at(provisions, "1.1#3")["address"] = "1.1#9"
        at(provisions, "2.1/c")["address"] = "2.1/x"
        kept = [p for p in provisions if p["address"] != "2.1/b"]
        both = {"zh": "全新的一条", "en": "quite new"}
        return [*kept, {"address": "9.9#1", "modality": "shall", "gist": both, "requires": NEW_CHECK}]

    old = tiny_result(small, TINY)
    new = plan_at(edition(tmp_path / "new", change))
    found = migrated(difference(plan_at(TINY), new), old, new)
    lines = {line.provision.address: line for line in found.lines}
    assert found.same_rules
    assert lines["1.1#1"].verdict == "conforming" and not lines["1.1#1"].again
    assert lines["1.1#2"].verdict is None and lines["1.1#2"].again == ("changed",)
    assert lines["1.1#2"].before == "needs_judgement"
    assert lines["1.1#9"].again == ("judgement_moved",) and lines["1.1#9"].was == "1.1#3"
    assert lines["2.1/x"].verdict == lines["2.1/x"].before == "not_demonstrated"
    assert lines["9.9#1"].again == ("added",)
    assert [(p.address, verdict) for p, verdict in found.gone] == [("2.1/b", "opportunity")]
    tampered = json.loads(json.dumps(old))
    tampered["receipt"]["rulesets"]["tiny"] = "0" * 64
    assert not migrated(found.difference, tampered, new).same_rules
    paper = changes.editions_paper(found.difference, "en", found)
    assert any("rules that differ" in line for line in changes.editions_paper(
        found.difference, "en", migrated(found.difference, tampered, new)).lines)  # fmt: skip
    assert len(paper.sections) == 4


@pytest.mark.parametrize("key", ["t_ccaa_39", "machinery"])
def test_a_result_migrated_to_its_own_edition_stands_as_it_is(key: str, sample: Store) -> None:
    executor = executor_for((key,))
    kept = result(evaluate(executor, sample, question(sample), DEFAULT))
    found = migrated(difference(executor.plan, executor.plan), kept, executor.plan)
    assert not found.again and not found.gone and found.same_rules
    assert {f"{key}:{line.provision.address}": line.verdict for line in found.lines} == {
        f"{key}:{p['address']}": p["verdict"] for p in kept["provisions"]
    }


def test_what_incorporates_a_standard_that_has_changed_is_looked_at_again(sample: Store) -> None:
    executor = executor_for(("machinery",))
    kept = json.loads(json.dumps(result(evaluate(executor, sample, question(sample), DEFAULT))))
    kept["receipt"]["rulesets"]["t_ccaa_39"] = "0" * 64
    found = migrated(difference(executor.plan, executor.plan), kept, executor.plan)
    again = {line.provision.address for line in found.again}
    assert again == {
        p.address
        for p in executor.plan.provisions
        if p.ruleset == "machinery" and p.incorporated and p.severity != "info"
    }


# --- two results -----------------------------------------------------------------------------------------------------


def at_day(store: Store, folder: Path | str, on: date, known: int | None = None) -> dict[str, Any]:
    asked = Question.of("o", on, known=known)
    made: dict[str, Any] = json.loads(
        json.dumps(result(evaluate(executor_for((str(folder),)), store, asked, DEFAULT)))
    )
    return made


def test_the_cause_is_named_where_only_one_thing_changed(small: Store, tmp_path: Path) -> None:
    old = at_day(small, TINY, DAY)
    assert shifts(old, old).empty
    small.commit("o", [Change(PUT, "training", "T1", {"id": "T1"})], actor="t", at=AT)
    evidence = shifts(old, at_day(small, TINY, DAY))
    assert evidence.changed == ("evidence",)
    assert [(s.address, s.old, s.new, s.causes, s.certain) for s in evidence.shifts] == [
        ("2.1/b", "opportunity", "conforming", ("evidence",), True)
    ]
    new = edition(tmp_path / "new", altered("1.1#1", requires=NEW_CHECK))
    rules = shifts(old, at_day(small, new, DAY, known=2))
    assert [(s.address, s.causes) for s in rules.shifts] == [("1.1#1", ("rules",))]
    back = shifts(at_day(small, new, DAY, known=2), old)
    assert back.shifts == tuple(s.inverse() for s in rules.shifts)


def test_several_causes_are_told_apart_with_the_store(small: Store, tmp_path: Path) -> None:
    old = at_day(small, TINY, DAY)
    later = {"id": "P1", "topic": "carbon", "title": "方针", "valid_until": "2026-07-31"}
    small.commit(
        "o",
        [Change(PUT, "training", "T1", {"id": "T1"}), Change(PUT, "policy", "P1", later)],
        actor="t",
        at=AT,
    )
    folder = edition(tmp_path / "new", altered("2.1/c", modality="should"))
    new = at_day(small, folder, date(2026, 8, 31))
    unsure = shifts(old, new)
    assert unsure.changed == ("rules", "day", "evidence")
    assert all(not s.certain for s in unsure.shifts)
    sure = {s.address: s for s in attributed(unsure, small, [str(folder)]).shifts}
    assert sure["2.1/b"].causes == ("evidence",) and sure["2.1/b"].certain
    assert sure["2.1/c"].causes == ("rules",)
    assert sure["1.1#1"].causes == ("evidence",), "the policy ran out by the new record, on the later day"
    with pytest.raises(UsageError) as caught:
        attributed(unsure, small, ["t_ccaa_39"])
    assert caught.value.key == "delta.other_rules"
    with Store.create(tmp_path / "other.db") as other, pytest.raises(ShallError):
        attributed(unsure, other, [str(folder)])


def test_results_of_two_organisations_are_refused(small: Store) -> None:
    old = at_day(small, TINY, DAY)
    other = json.loads(json.dumps(old))
    other["receipt"]["evidence"]["organisation"] = "p"
    with pytest.raises(UsageError) as caught:
        shifts(old, other)
    assert caught.value.key == "delta.two_organisations"


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"{", "delta.result_unreadable"),
        (b"[" * 100_000, "delta.result_unreadable"),
        (b"\xff\xfe\x00", "delta.result_unreadable"),
        (b"", "delta.result_unreadable"),
        (b"[]", "delta.not_a_result"),
        (b"{}", "delta.not_a_result"),
        (b'{"format": 2, "provisions": []}', "delta.not_a_result"),
        (b'{"n": ' + b"9" * 5000 + b"}", "delta.result_unreadable"),
    ],
)
def test_what_is_no_result_is_refused(content: bytes, key: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(ShallError) as caught:
        read_result(path)
    assert caught.value.key == key
    assert all("r.json" in caught.value.text(lang) for lang in LANGUAGES)


@given(data=st.data())
def test_a_result_with_a_part_missing_or_wrong_is_refused_or_read(
    data: st.DataObject, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    value = json.loads(sample_result())
    part: Any = value
    for _ in range(data.draw(st.integers(1, 3))):
        keys = (
            list(part) if isinstance(part, dict) else list(range(len(part))) if isinstance(part, list) else []
        )
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if data.draw(st.booleans()) or not isinstance(part[key], dict | list):
            part[key] = data.draw(st.sampled_from([None, 7, "x", [], {}]))
            break
        part = part[key]
    path = folder / "r.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    try:
        found = read_result(path)
    except ShallError:
        return
    shifts(found, found)


@cache
def sample_result() -> str:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.db") as store:
        store.commit("o", [Change(PUT, "policy", "P1", {"id": "P1", "topic": "carbon"})], actor="t", at=AT)
        return json.dumps(at_day(store, TINY, DAY))


# --- commands and reports ------------------------------------------------------------------------


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner().invoke(shall, ["--lang", lang, *map(str, words)], standalone_mode=False)


def cells(paper: Paper) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(paper)))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    return [
        str(cell) for s in book.worksheets for row in s.iter_rows(values_only=True) for cell in row if cell
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_form_tells_every_provision(machinery: Delta, lang: str) -> None:
    paper = words.paper(machinery, lang)
    rows = list(csv.reader(io.StringIO(csv_text(paper).removeprefix("\ufeff"))))
    assert len(rows) == 1 + len(machinery.items)
    assert {row[1] for row in rows[1:]} == {item.id for item in machinery.items}
    text = markdown(paper)
    shown = cells(paper)
    for piece in machinery.pieces:
        assert piece.id in text and piece.id in shown
    plain = words.as_plain(machinery)
    json.dumps(plain)
    assert {p["provision"] for p in plain["provisions"]} == {item.id for item in machinery.items}
    everything = words.terminal(machinery, lang, everything=True)
    assert all(item.id in everything for item in machinery.items)
    assert len(words.terminal(machinery, lang).splitlines()) < 150
    assert "{" not in everything


def test_the_same_question_gives_the_same_bytes(machinery: Delta, sample: Store) -> None:
    again = delta("t_ccaa_39", "machinery", read_effort(), sample, question(sample))
    assert words.as_plain(again) == words.as_plain(machinery)
    assert xlsx(words.paper(again, "zh")) == xlsx(words.paper(machinery, "zh"))


def test_hostile_names_stay_texts(tmp_path: Path) -> None:
    hostile = '=cmd|"/c calc"!A1 <script>\u202e|`*'
    with Store.create(tmp_path / "s.db") as store:
        bodies = [
            ("organisation", {"id": "o", "name": hostile}),
            ("policy", {"id": "=P1", "topic": "carbon"}),
        ]
        store.commit("o", [Change(PUT, kind, str(b["id"]), b) for kind, b in bodies], actor="t", at=AT)
        found = delta("hunan", "t_ccaa_39", read_effort(), store, question(store), name=hostile)
        paper = words.paper(found, "en")
        for row in csv.reader(io.StringIO(csv_text(paper).removeprefix("\ufeff"))):
            assert all(not cell.startswith(("=", "+", "-", "@")) for cell in row)
        assert "<script>" not in markdown(paper)
        assert cells(paper)


def test_the_commands_work_in_both_languages_and_all_forms(sample: Store, tmp_path: Path) -> None:
    store = Path(str(sample.path)) if hasattr(sample, "path") else tmp_path / "copy.db"
    if not store.exists():
        with sample_folder("beginner") as folder, Store.create(store) as made:
            import_batch(made, "beginner", read_evidence(folder), actor="t", at=AT)
    day = ("--on", "2026-06-30")
    commands: list[tuple[object, ...]] = [
        ("delta", store, "--from", "t_ccaa_39", "--to", "hunan", *day),
        ("integrated", store, "-s", "t_ccaa_39", "-s", "machinery", *day),
        ("integrated", "-s", "t_ccaa_39", "-s", "machinery"),
        ("applicability", store, "-s", "t_ccaa_39", *day),
        ("diff", "t_ccaa_39", "t_ccaa_39"),
    ]
    for lang in LANGUAGES:
        for command in commands:
            for form in ("table", "json", "csv") if lang == "en" else ("md", "xlsx"):
                target = tmp_path / f"out.{form}"
                done = run(*command, "--format", form, "-o", target, lang=lang)
                assert done.exception is None, (command, form, done.exception)
                assert target.stat().st_size > 50
    for lang in LANGUAGES:
        assert run(*commands[0], lang=lang).stdout.count("\n") > 20


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (("delta", "--from", "hunan", "--to", "hunan"), "delta.twice"),
        (("integrated", "-s", "hunan", "-s", "hunan"), "delta.twice"),
        (("delta", "--from", "hunan", "--to", "nope"), "rules.unknown_ruleset"),
        (("delta", "--from", "hunan", "--to", "zero_carbon", "--format", "xlsx"), "cli.output_needed"),
        (("diff", "hunan", "x.json"), "delta.mixed"),
        (("diff", "x.json", "y.json"), "delta.result_unreadable"),
        (("diff", "hunan", "hunan", "--store", "x.db"), "delta.store_without_results"),
        (("diff", "hunan", "nope"), "rules.unknown_ruleset"),
    ],
)
def test_wrong_words_are_told(command: tuple[str, ...], key: str) -> None:
    done = run(*command)
    assert isinstance(done.exception, ShallError)
    assert done.exception.key == key
    for lang in LANGUAGES:
        assert done.exception.text(lang)


def test_two_folders_with_one_key_are_refused_for_a_delta(tmp_path: Path) -> None:
    other = edition(tmp_path / "other")
    with pytest.raises(RulesetError) as caught:
        delta(str(TINY), str(other), read_effort())
    assert caught.value.key == "rules.same_key"


def test_every_text_has_both_languages_and_their_fields_agree() -> None:
    import string

    for key, text in area("delta").items():
        fields = [{f for _, f, _, _ in string.Formatter().parse(text[lang]) if f} for lang in LANGUAGES]
        assert fields[0] == fields[1], key
    for state in STATES:
        assert f"delta.state.{state}" in area("delta") and f"delta.means.{state}" in area("delta")
    for name in FIELDS:
        assert f"delta.field.{name}" in area("delta")


def test_content_is_the_same_in_any_plan() -> None:
    small, large = executor_for(("t_ccaa_39",)).plan, executor_for(("hunan", "t_ccaa_39")).plan
    there = {r.id: expanded(large, r.decision) for r in large.requirements}
    for requirement in small.requirements:
        assert expanded(small, requirement.decision) == there[requirement.id]


def test_the_order_of_a_terminal_list_is_stable(hunan: Delta) -> None:
    lines = terminal(words.paper(hunan, "en"), "en", most=5).splitlines()
    assert lines[0] == words.DeltaWords(hunan, "en").title()
    ranks = [words.DeltaWords(hunan, "en").rank[piece.id] for piece in hunan.pieces]
    assert all(b == a + 1 for a, b in pairwise(ranks))
