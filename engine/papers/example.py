"""An invented audit that fills every field once: examples, and the fields of lists that are empty elsewhere."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from shall.engine.papers.layout import Ask
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store

ORGANISATION = "EX"
ASK = Ask(ORGANISATION, date(2026, 11, 20), audit="AD-1", review="MR-1", standards=("t_ccaa_39",))

_STEPS: tuple[dict[str, Any], ...] = (
    {"finding": "AF-0", "event": "answered", "happened_on": "2026-03-20", "person": "PE-2", "correction": "补录数据",
     "cause": "交接不清", "action": "改交接单", "owner": "PE-2", "due_on": "2026-04-20"},
    {"finding": "AF-0", "event": "reviewed", "happened_on": "2026-03-25", "auditor": "AU-1", "outcome": "accepted"},
    {"finding": "AF-0", "event": "implemented", "happened_on": "2026-04-18", "person": "PE-2", "reason": "已改"},
    {"finding": "AF-0", "event": "implementation_verified", "happened_on": "2026-09-08", "auditor": "AU-1",
     "outcome": "confirmed", "reason": "抽查 5 份交接单"},
    {"finding": "AF-1", "event": "answered", "happened_on": "2026-09-20", "person": "PE-2", "correction": "补做内审",
     "cause": "方案没有人负责", "action": "指定负责人并按季检查", "owner": "PE-2", "due_on": "2026-10-20"},
    {"finding": "AF-1", "event": "reviewed", "happened_on": "2026-09-25", "auditor": "AU-1", "outcome": "accepted",
     "reason": "原因成立"},
    {"finding": "AF-1", "event": "extended", "happened_on": "2026-10-15", "auditor": "AU-1", "due_on": "2026-10-31",
     "reason": "内审报告待批准"},
    {"finding": "AF-1", "event": "implemented", "happened_on": "2026-10-30", "person": "PE-2", "reason": "已完成"},
    {"finding": "AF-1", "event": "implementation_verified", "happened_on": "2026-11-05", "auditor": "AU-1",
     "outcome": "confirmed", "reason": "查阅内审报告"},
    {"finding": "AF-1", "event": "effectiveness_verified", "happened_on": "2026-11-18", "auditor": "AU-1",
     "outcome": "confirmed", "reason": "季度检查已做"},
    {"finding": "AF-2", "event": "disputed", "happened_on": "2026-09-12", "person": "PE-2", "reason": "记录在台账里"},
    {"finding": "AF-2", "event": "dispute_decided", "happened_on": "2026-09-18", "person": "PE-3", "outcome": "upheld",
     "reason": "台账缺 3 月"},
    {"finding": "AF-2", "event": "answered", "happened_on": "2026-09-21", "person": "PE-2", "correction": "补录 3 月",
     "cause": "表格没有蒸汽一栏", "action": "改表格并培训", "owner": "PE-2", "due_on": "2026-12-20"},
    {"finding": "AF-2", "event": "reviewed", "happened_on": "2026-09-26", "auditor": "AU-1", "outcome": "accepted"},
)  # fmt: skip

_AUDIT = {"auditor": "AU-1", "unit": "U-2", "site": "S-1", "ruleset": "t_ccaa_39"}

RECORDS: dict[str, tuple[dict[str, Any], ...]] = {
    "organisation": (
        {"id": ORGANISATION, "name": "示例铸造有限公司（虚构）", "address": "虚构省虚构市 1 号",
         "credit_code": "（虚构）", "system_since": "2026-01-05"},
    ),
    "site": (
        {"id": "S-1", "name": "一号厂区", "address": "虚构省虚构市 1 号", "purpose": "plant", "in_boundary": True},
        {"id": "S-2", "name": "二号厂区", "address": "虚构省虚构市 2 号", "purpose": "plant", "in_boundary": True},
    ),
    "person": (
        {"id": "PE-1", "name": "孙总", "is_top_management": True},
        {"id": "PE-2", "name": "张三", "unit": "U-2"},
        {"id": "PE-3", "name": "赵六", "is_external": True},
    ),
    "unit": (
        {"id": "U-1", "name": "碳管理部", "function_area": "carbon"},
        {"id": "U-2", "name": "铸造车间", "function_area": "production"},
    ),
    "auditor": (
        {"id": "AU-1", "name": "陈工", "competent": True, "competence_evaluated_on": "2026-01-03",
         "declared_impartial": True},
        {"id": "AU-2", "name": "李工", "competent": True, "competence_evaluated_on": "2026-01-03",
         "declared_impartial": True},
        {"id": "AU-3", "name": "周九", "competent": True, "competence_evaluated_on": "2026-01-03"},
    ),
    "certificate": (
        {"id": "CE-1", "subject": "carbon", "certificate_number": "EX-0001（虚构）",
         "certified_standard": "T/CCAA 39-2022",
         "certified_scope": "铸件的生产",
         "issued_on": "2026-11-20", "expires_on": "2029-11-19"},
    ),
    "certification_step": (
        {"id": "CS-1", "certificate": "CE-1", "step": "stage_1", "happened_on": "2026-08-20", "ready": True},
        {"id": "CS-2", "certificate": "CE-1", "step": "stage_2", "happened_on": "2026-09-09"},
        {"id": "CS-3", "certificate": "CE-1", "step": "decided", "happened_on": "2026-11-20", "decided_by": "钱七"},
    ),
    "internal_audit": ({"id": "IA-1", "audited_on": "2026-05-20", "lead_auditor": "AU-3"},),
    "management_review": (
        {"id": "MR-0", "reviewed_on": "2025-12-10", "chaired_by": "PE-1"},
        {"id": "MR-1", "reviewed_on": "2026-06-20", "chaired_by": "PE-1", "by_top_management": True,
         "participants": "各部门负责人", "suitable": "yes", "adequate": "yes", "effective": "partly",
         "aligned_with_strategy": "yes", "overall_conclusion": "总体有效，需加强数据质量"},
    ),
    "review_input": (
        {"id": "RI-1", "management_review": "MR-1", "topic": "audit_results", "content": "内审发现 2 项"},
    ),
    "review_output": (
        {"id": "RO-0", "management_review": "MR-0", "topic": "competence", "decision": "培训核算人员",
         "action_required": True, "responsible": "PE-2", "due_on": "2026-03-31", "completed_on": "2026-03-20"},
        {"id": "RO-1", "management_review": "MR-1", "topic": "resources", "decision": "增配 2 台蒸汽流量计",
         "action_required": True, "responsible": "PE-2", "due_on": "2026-12-31"},
    ),
    "audit_file": (
        {"id": "AD-1", "title": "2026 年初次认证第二阶段审核", "audit_type": "stage_2", "certification_step": "CS-2",
         "body": "示例认证有限公司（虚构）", "client_representative": "张三", "objectives": "确认体系符合并有效运行",
         "standards": "t_ccaa_39", "criteria": "体系文件、适用的法律法规", "audited_scope": "铸件的生产及相关管理",
         "integration": "single", "audited_from": "2026-09-08", "audited_until": "2026-09-09", "days_planned": "4",
         "days_spent": "4", "days_on_site": "3.5", "deviations": "无偏离", "significant_issues": "新炉 2027 年投产",
         "changes_since_last": "第一阶段后改组了设备部", "unresolved": "无", "marks_control": "尚未获证，没有使用标志",
         "scope_appropriate": "yes", "objectives_met": "yes", "conforms": "yes", "effective": "yes",
         "internal_audit_reliable": "yes", "management_review_effective": "yes", "conclusion": "体系总体符合并有效",
         "recommendation": "grant", "recommended_on": "2026-11-18", "recommended_by": "AU-1",
         "reported_on": "2026-11-19", "reviewer": "吴工", "designated_decider": "钱七"},
    ),
    "audit_team_member": (
        {"id": "TM-1", "audit_file": "AD-1", "auditor": "AU-1", "team_role": "lead", "accepted_by_client": True},
        {"id": "TM-2", "audit_file": "AD-1", "auditor": "AU-2", "team_role": "auditor", "accepted_by_client": True},
        {"id": "TM-3", "audit_file": "AD-1", "name": "周八", "team_role": "guide"},
    ),
    "audit_session": (
        {"id": "SE-1", "audit_file": "AD-1", "held_on": "2026-09-08", "starts": "09:00", "ends": "09:30", "site": "S-1",
         "unit": "U-1", "session_type": "opening", "auditor": "AU-1", "remote": False},
        {"id": "SE-2", "audit_file": "AD-1", "held_on": "2026-09-08", "starts": "09:30", "ends": "12:00", "site": "S-1",
         "unit": "U-2", "session_type": "audit", "auditor": "AU-2", "clauses": "t_ccaa_39:8.1; t_ccaa_39:9.2.2",
         "remote": False},
        {"id": "SE-3", "audit_file": "AD-1", "held_on": "2026-09-09", "starts": "16:00", "ends": "16:30", "site": "S-1",
         "unit": "U-1", "session_type": "closing", "auditor": "AU-1", "remote": True},
        {"id": "SE-4", "audit_file": "AD-1", "held_on": "2026-09-08", "starts": "09:00", "ends": "09:30", "site": "S-1",
         "unit": "U-1", "session_type": "opening", "auditor": "AU-2", "remote": False},
    ),
    "audit_finding": (
        {"id": "AF-0", **_AUDIT, "audit": "CS-1", "origin": "certification", "found_on": "2026-03-10", "grade": "minor",
         "clause": "6.1.6", "address": "6.1.6#1", "criterion": "按计划收集碳数据", "description": "2 月数据交接时遗漏",
         "evidence": "2 月数据表", "graded_by": "iso_17021_1:default"},
        {"id": "AF-1", **_AUDIT, "audit": "AD-1", "origin": "certification", "found_on": "2026-09-08", "grade": "major",
         "clause": "9.2.2", "address": "9.2.2#1", "criterion": "策划并保持审核方案", "description": "没有有效的方案",
         "evidence": "审核方案 2025 版已过期", "graded_by": "iso_17021_1:absent"},
        {"id": "AF-2", **_AUDIT, "audit": "AD-1", "origin": "certification", "found_on": "2026-09-09", "grade": "minor",
         "clause": "6.1.6", "address": "6.1.6#1", "criterion": "按计划收集碳数据", "description": "3 月蒸汽数据未收集",
         "evidence": "3 月数据收集表缺蒸汽一栏", "graded_by": "iso_17021_1:default"},
        {"id": "AF-3", **_AUDIT, "audit": "AD-1", "origin": "certification", "found_on": "2026-09-09",
         "grade": "good_practice", "clause": "8.1", "description": "炉前看板实时显示能耗", "evidence": "现场观察"},
    ),
    "finding_event": tuple({"id": f"{s['finding']}.{n:03d}", **s} for n, s in enumerate(_STEPS, 1)),
}  # fmt: skip


def changes() -> list[Change]:
    """The invented audit as entries of a ledger."""
    return [
        Change(PUT, kind, body["id"], {k: v for k, v in body.items() if v != ""})
        for kind, bodies in RECORDS.items()
        for body in bodies
    ]


def copies(finding: str, count: int) -> list[Change]:
    """A finding of it so many times over, with its steps and long texts: for measuring."""
    model = next(f for f in RECORDS["audit_finding"] if f["id"] == finding)
    steps = [s for s in RECORDS["finding_event"] if s["finding"] == finding]
    long = "；".join([model["description"]] * 20)
    made = []
    for n in range(count):
        name = f"X-{n:04d}"
        body = {**model, "id": name, "description": long, "evidence": long}
        made.append(Change(PUT, "audit_finding", name, body))
        for step in steps:
            record = step["id"].replace(finding, name)
            made.append(Change(PUT, "finding_event", record, {**step, "id": record, "finding": name}))
    return made


@contextmanager
def example_store() -> Iterator[Store]:
    """A passing store that holds the invented audit; the same entries each time."""
    with (
        tempfile.TemporaryDirectory(prefix="shall-") as place,
        Store.create(Path(place) / "example.db") as store,
    ):
        store.commit(ORGANISATION, changes(), actor="shall", at=datetime(2026, 11, 20, tzinfo=UTC))
        yield store
