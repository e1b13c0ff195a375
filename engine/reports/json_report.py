"""The result as JSON: the plain value itself, in the shape of the published schema."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shall.engine.reports.files import put_bytes


def write_json(result: Mapping[str, Any], path: str | Path) -> None:
    """Write the result, indented and with sorted keys; raises ReportError where it cannot be written."""
    put_bytes(path, json_text(result).encode())


def json_text(result: Mapping[str, Any]) -> str:
    """The result as indented JSON with sorted keys."""
    return json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
