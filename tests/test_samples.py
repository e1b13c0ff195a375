"""The fictional companies give what `expected.yaml` beside them says, and every finding has its planted gap."""

import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shall.engine.cache import executor_for
from shall.engine.cli.evidence import needs
from shall.engine.evaluation import Question, evaluate, result
from shall.engine.grading import DEFAULT
from shall.engine.samples import EXPECTED, expected, sample_day, sample_folder, samples
from shall.engine.verdicts import MODES, Mode
from shall.evidence.importers import Batch, import_batch, read_evidence
from shall.evidence.ledger import CommitSummary
from shall.evidence.schema import schema
from shall.evidence.store import Store
from shall.evidence.workbook import write_filled

STANDARD = "t_ccaa_39"
AT = datetime(2026, 7, 1, 8, tzinfo=UTC)
FICTIONAL = "（虚构）"
GRADED = ("nonconforming", "opportunity")
NAMES = ("beginner", "exemplar", "machinery_maker")
every_sample = pytest.mark.parametrize("name", NAMES)

GAP_TYPES = {
    "missing_record",
    "missing_document",
    "expired",
    "overdue",
    "interval_exceeded",
    "interval_undefined",
    "empty_cell",
    "condition_unknown",
    "false_flag",
    "broken_link",
    "unanswered_event",
    "whole_clause",
    "below_limit",
    "contradicting_judgement",
    "own_judgement",
    "awaiting_judgement",
    "should_not_followed",
    "approved_exclusion",
    "draft",
    "not_yet_valid",
    "site_only",
}


def evidence_of(name: str, into: Path) -> Path:
    """A copy of the sample's evidence alone, without what it is expected to lead to."""
    with sample_folder(name) as folder:
        shutil.copytree(folder, into / name, ignore=shutil.ignore_patterns(EXPECTED))
    return into / name


def organisation_of(batch: Batch) -> str:
    (profile,) = batch.records["organisation"]
    return profile.id


def stored(batch: Batch, path: Path) -> tuple[Store, CommitSummary]:
    store = Store.create(path, actor_default="test")
    return store, import_batch(store, organisation_of(batch), batch, actor="test", at=AT)


def outcome(store: Store, name: str, mode: Mode = "audit") -> dict[str, Any]:
    question = Question.of(store.organisations()[0], sample_day(name), mode=mode)
    return result(evaluate(executor_for([STANDARD]), store, question, DEFAULT))


def verdicts(found: Mapping[str, Any]) -> dict[str, str]:
    return {p["address"]: p["verdict"] for p in found["provisions"] if p["severity"] != "info"}


@cache
def evaluated(name: str) -> dict[Mode, dict[str, Any]]:
    """The sample evaluated in both modes."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        store, _ = stored(read_evidence(evidence_of(name, Path(folder))), Path(folder) / "s.db")
        with store:
            return {mode: outcome(store, name, mode) for mode in MODES}


def gaps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = expected("machinery_maker")["gaps"]
    return found


def explained() -> set[str]:
    """Every provision that some planted gap accounts for."""
    return {address for gap in gaps() for address in gap["provisions"]}


def test_the_three_samples_are_there() -> None:
    assert samples() == sorted(NAMES)


@every_sample
def test_the_folder_as_it_stands_is_read_without_a_problem(name: str) -> None:
    with sample_folder(name) as folder:
        assert [p.text("en") for p in read_evidence(folder).problems] == []


@every_sample
def test_a_sample_is_plainly_fictional(name: str, tmp_path: Path) -> None:
    batch = read_evidence(evidence_of(name, tmp_path))
    for kind in ("organisation", "site"):
        assert batch.records[kind]
        assert all(FICTIONAL in str(r.body["name"]) for r in batch.records[kind])
    for attachment in batch.attachments.values():
        assert "虚构" in attachment.content.decode("utf-8")


@every_sample
def test_importing_twice_changes_nothing(name: str, tmp_path: Path) -> None:
    folder = evidence_of(name, tmp_path)
    store, first = stored(read_evidence(folder), tmp_path / "s.db")
    with store:
        position = store.position()
        again = read_evidence(folder)
        second = import_batch(store, organisation_of(again), again, actor="test", at=AT)
        count = expected(name)["records"]
        assert (first.total.new, second.total.unchanged) == (count, count)
        assert (second.total.new, second.total.changed, second.total.withdrawn) == (0, 0, 0)
        assert store.position() == position


@every_sample
def test_verdicts_and_findings_are_the_expected_ones(name: str) -> None:
    said, found = expected(name), evaluated(name)
    assert date.fromisoformat(said["on"]) == sample_day(name)
    assert verdicts(found["audit"]) == said["verdicts"]
    assert {f["address"]: f["grade"] for f in found["audit"]["findings"]} == said["findings"]


@every_sample
def test_self_assessment_differs_only_where_it_is_said(name: str) -> None:
    said, found = expected(name), evaluated(name)
    assert verdicts(found["self"]) == {**said["verdicts"], **said["self"]}


@every_sample
def test_a_workbook_carries_all_that_decides(name: str, tmp_path: Path) -> None:
    store, _ = stored(read_evidence(evidence_of(name, tmp_path)), tmp_path / "s.db")
    with store:
        book = _workbook(store, tmp_path / "out")
    batch = read_evidence(book)
    copy, summary = stored(batch, tmp_path / "copy.db")
    with copy:
        assert summary.total.new == expected(name)["records"]
        for mode in MODES:
            assert verdicts(outcome(copy, name, mode)) == verdicts(evaluated(name)[mode])


def _workbook(store: Store, folder: Path) -> Path:
    """The store as a workbook, with the files its records cite beside it."""
    asked, kinds = needs((STANDARD,))
    organisation = store.organisations()[0]
    records = {kind: store.records(kind, organisation) for kind in schema()}
    (folder / "attachments").mkdir(parents=True)
    for record in (r for rows in records.values() for r in rows if "document" in r):
        attachment = store.attachment(str(record["document"]))
        assert attachment is not None
        (folder / "attachments" / attachment.name).write_bytes(attachment.content)
        record["document"] = attachment.name
    chosen = [kind for key, kind in schema().items() if key in kinds or records[key]]
    write_filled(folder / "book.xlsx", chosen, asked, records, lang="zh")
    return folder / "book.xlsx"


def test_the_exemplar_conforms() -> None:
    found = evaluated("exemplar")["audit"]
    assert set(verdicts(found).values()) == {"conforming", "not_applicable"}
    assert found["findings"] == []


def test_the_beginner_has_almost_nothing_and_is_told_so() -> None:
    found = verdicts(evaluated("beginner")["audit"])
    assert sum(v == "conforming" for v in found.values()) <= 3
    assert sum(v == "not_demonstrated" for v in found.values()) > len(found) / 2
    assert not [v for v in verdicts(evaluated("beginner")["self"]).values() if v == "needs_judgement"]


def test_the_machinery_maker_is_of_the_promised_size() -> None:
    found, said = evaluated("machinery_maker")["audit"], expected("machinery_maker")
    assert said["records"] >= 600
    grades = [f["grade"] for f in found["findings"]]
    assert 30 <= grades.count("minor") + grades.count("major") <= 50
    assert 2 <= grades.count("opportunity") <= 4
    assert grades.count("major") >= 3
    counted = list(verdicts(found).values())
    assert 10 <= counted.count("not_demonstrated") <= 20
    assert counted.count("needs_judgement") >= 1


def test_gaps_of_every_type_are_planted() -> None:
    assert {gap["type"] for gap in gaps()} == GAP_TYPES
    for gap in gaps():
        assert gap["what"]["zh"]
        assert gap["what"]["en"]


def test_every_verdict_that_is_not_good_has_its_gap() -> None:
    found = verdicts(evaluated("machinery_maker")["audit"])
    clean = verdicts(evaluated("exemplar")["audit"])
    bad = {a for a, v in found.items() if v not in ("conforming", "not_applicable")}
    assert bad <= explained()
    surprising = {a for a, v in found.items() if v == "not_applicable" and clean[a] == "conforming"}
    assert surprising - {"8.4/d"} <= explained(), "8.4/d: the machinery maker is in no carbon market"


def test_every_planted_gap_shows() -> None:
    found = verdicts(evaluated("machinery_maker")["audit"])
    for gap in gaps():
        assert gap["provisions"], gap["what"]["en"]
        assert all(found[address] != "conforming" for address in gap["provisions"]), gap["what"]["en"]


def test_the_records_of_a_gap_exist_and_are_named_by_a_finding(tmp_path: Path) -> None:
    batch = read_evidence(evidence_of("machinery_maker", tmp_path))
    found = evaluated("machinery_maker")["audit"]
    named = {
        ref
        for p in found["provisions"]
        for r in p["requirements"]
        for ref in (r["offending"] or r["undecided"] or (r["population"] if r["outcome"] != "met" else []))
    }
    persons = {
        ("judgement", p[key]["record"])
        for p in found["provisions"]
        for key in ("judgement", "claim")
        if p[key]
    }
    for gap in gaps():
        for reference in gap["records"]:
            kind, _, record = reference.partition(":")
            assert record in {r.id for r in batch.records[kind]}, reference
        graded = [a for a in gap["provisions"] if expected("machinery_maker")["verdicts"][a] in GRADED]
        refs = set(gap["records"])
        if graded and refs and gap["type"] not in NAMELESS:
            assert refs & named or refs & {f"{k}:{i}" for k, i in persons}, gap["what"]["en"]


NAMELESS = {"not_yet_valid", "interval_undefined"}
"""Where what offends is left out of the evaluation, or lacks altogether, no record can be named."""


def test_the_foundry_has_gaps_that_the_machining_plant_has_not() -> None:
    found = evaluated("machinery_maker")["audit"]
    only = {
        f["address"]
        for f in found["findings"]
        if f["evidence"] and {e["site"] for e in f["evidence"]} == {"S-02"}
    }
    wanted = {a for gap in gaps() if gap["type"] == "site_only" for a in gap["provisions"]}
    assert wanted <= only


def test_only_the_auditors_word_counts_in_an_audit() -> None:
    audit, own = (verdicts(evaluated("machinery_maker")[mode]) for mode in MODES)
    addresses = [a for gap in gaps() if gap["type"] == "own_judgement" for a in gap["provisions"]]
    assert all(audit[a] in ("needs_judgement", "nonconforming") for a in addresses)
    assert any(own[a] == "conforming" for a in addresses)
