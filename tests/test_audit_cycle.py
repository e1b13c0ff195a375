"""The page about a whole audit cycle, followed step by step: what it says happens, happens."""

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from shall.engine.audit.carry_over import carried
from shall.engine.audit.history import followed
from shall.evidence.store import Store

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "audit_cycle.md"
BLOCK = re.compile(r"(?:<!-- file: (\S+) -->\n)?```(\w+)\n(.*?)```", re.S)


@dataclass
class Walked:
    """Where the page was followed, and what each of its commands said."""

    place: Path
    said: dict[str, str] = field(default_factory=dict)

    def of(self, *words: str) -> str:
        """What the only command with these words said."""
        (found,) = [said for command, said in self.said.items() if all(word in command for word in words)]
        return found


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    found = Walked(tmp_path_factory.mktemp("cycle"))
    programs = {"shall": Path(sys.executable).with_name("shall"), "python": Path(sys.executable)}
    for name, language, body in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if name:
            (found.place / name).write_text(body, encoding="utf-8")
            continue
        for line in body.splitlines() if language == "sh" else ():
            command, _, code = line.partition(" # ")
            words = shlex.split(command)
            done = subprocess.run(
                [programs[words[0]], *words[1:]],
                cwd=found.place,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == int(code or 0), f"{line}\n{done.stdout}\n{done.stderr}"
            assert "Traceback" not in done.stderr
            found.said[line] = done.stdout + done.stderr
    return found


def states(place: Path, on: date) -> Mapping[str, tuple[str, str]]:
    """Grade and state of what the two audits found, by criterion and audit."""
    with Store.open(place / "demo" / "evidence.db") as store:
        (organisation,) = store.organisations()
        cases = [f.case for f in followed(store, organisation, on=on)]
    return {
        f"{c.finding.address} {c.finding.audit}": (c.grade, c.state)
        for c in cases
        if c.finding.address and c.finding.audit in ("AD-02", "AD-03")
    }


def test_too_few_days_are_told_and_enough_make_a_plan(walked: Walked) -> None:
    assert "61.0" in walked.of("audit-plan", "--days 3")
    with Store.open(walked.place / "demo" / "evidence.db") as store:
        sessions = store.records("audit_session", store.organisations()[0])
    absent = [s for s in sessions if s["auditor"] == "AU-02" and str(s["held_on"]) == "2026-07-21"]
    assert len(sessions) > 30 and absent == []


def test_the_disagreement_is_told_and_neither_side_taken(walked: Walked) -> None:
    said = walked.of("merge-checklists", "zhang.xlsx")
    assert "6.1.6#6" in said and "MT-24 连续三次读数相差 6%" in said and "复测两次一致" in said
    book = load_workbook(walked.place / "merged.xlsx")
    assert any("复测两次一致" in str(c.value) for sheet in book for row in sheet.iter_rows() for c in row)


def test_findings_go_from_raised_to_closed_disputed_and_found_again(walked: Walked) -> None:
    assert states(walked.place, date(2026, 7, 24)) == {
        "6.1.6#6 AD-02": ("minor", "raised"),
        "7.3#1 AD-02": ("minor", "raised"),
        "9.1.1#6 AD-02": ("minor", "raised"),
    }
    assert states(walked.place, date(2026, 11, 20)) == {
        "6.1.6#6 AD-02": ("minor", "raised"),
        "7.3#1 AD-02": ("minor", "withdrawn"),
        "9.1.1#6 AD-02": ("minor", "closed"),
        "9.1.1#6 AD-03": ("major", "accepted"),
    }
    assert "iso_17021_1:repeat" in walked.of("finding show")


def test_the_judgements_end_with_their_findings(walked: Walked) -> None:
    with Store.open(walked.place / "demo" / "evidence.db") as store:
        made = store.records("judgement", store.organisations()[0])
    ended = {b["address"]: (b.get("status"), b.get("valid_until")) for b in made if str(b["id"])[:3] == "CL-"}
    assert ended["7.3#1"] == ("withdrawn", None)
    assert ended["9.1.1#6"] == (None, "2026-09-11")
    assert ended["6.1.6#6"] == (None, None)


def test_the_next_audit_starts_from_what_is_open(walked: Walked) -> None:
    with Store.open(walked.place / "demo" / "evidence.db") as store:
        found = carried(store, store.organisations()[0], date(2026, 11, 20))
    told = " ".join(str(entry) for entry in found.entries)
    with Store.open(walked.place / "demo" / "evidence.db") as store:
        cases = [f.case for f in followed(store, store.organisations()[0]) if f.case.finding.audit == "AD-02"]
    opened = {c.finding.record for c in cases if c.open}
    withdrawn = {c.finding.record for c in cases if c.state == "withdrawn"}
    assert opened and all(record in told for record in opened)
    assert withdrawn and not any(record in told for record in withdrawn)
    assert "9.1.1#6" in walked.of("audits demo/evidence.db AD-02 AD-03")


def test_the_documents_say_what_happened(walked: Walked) -> None:
    def words(name: str) -> str:
        return re.sub(r"<[^>]+>", " ", ZipFile(walked.place / name).read("word/document.xml").decode())

    report = words("report.docx")
    assert "一台汽车衡超过检定有效期仍在使用" in report and "两名新员工不了解碳方针" in report
    major = words("nonconformities.docx")
    assert "一台汽车衡再次超过检定有效期使用" in major and "提醒只发给一人，该人调岗" in major
    assert (walked.place / "report.pdf").read_bytes()[:5] == b"%PDF-"
    assert "9.1.1#6" in words("next_checklist.docx")
