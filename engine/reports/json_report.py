"""The result as JSON: the plain value itself, in the shape of the published schema."""

import json
from pathlib import Path

from shall.engine.reports.context import Report
from shall.engine.reports.files import put_bytes


def write_json(report: Report, path: str | Path) -> None:
    """Write the result, indented and with sorted keys; raises ReportError where it cannot be written."""
    put_bytes(path, json_text(report).encode())


def json_text(report: Report) -> str:
    """The result as indented JSON with sorted keys."""
    return json.dumps(report.result, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
