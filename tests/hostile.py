"""Workbooks as they should not be: small ones, made by hand from a sound one."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from shall.evidence.schema import schema
from shall.evidence.workbook import write_filled

SHEET = "xl/worksheets/sheet2.xml"
"""The first sheet after the guide."""


def sound(path: Path, kind: str = "policy", **record: object) -> Path:
    """A workbook with one record."""
    write_filled(path, [schema()[kind]], [], {kind: [{"id": "P-1", **record}]})
    return path


def edited(path: Path, edits: Mapping[str, Callable[[str], str]], extra: Mapping[str, bytes] | None = None) -> Path:
    """The workbook with some of its parts rewritten and parts added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, edit in edits.items():
        parts[name] = edit(parts[name].decode()).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **(extra or {})}.items():
            archive.writestr(name, content)
    path.write_bytes(buffer.getvalue())
    return path


def with_rows(path: Path, rows: str) -> Path:
    """The workbook with these rows of XML after its own."""
    return edited(path, {SHEET: lambda xml: xml.replace("</sheetData>", rows + "</sheetData>")})
