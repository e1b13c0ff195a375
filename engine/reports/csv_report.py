"""One row per provision as CSV, safe to open in a spreadsheet."""

import csv
import io
from pathlib import Path
from typing import TextIO

from shall.engine.reports.context import Report
from shall.engine.reports.files import put_bytes
from shall.engine.reports.rows import PROVISION_COLUMNS, provision_rows
from shall.texts import say

MARK = "\ufeff"
"""The byte order mark by which Excel tells UTF-8 from the local code page."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(report: Report, target: str | Path | TextIO, lang: str) -> None:
    """Write to a file or an open stream; raises ReportError where the file cannot be written."""
    text = csv_text(report, lang)
    if isinstance(target, str | Path):
        put_bytes(target, text.encode("utf-8", "replace"))
    else:
        target.write(text)


def csv_text(report: Report, lang: str) -> str:
    """The table with its mark, headed in `lang`; a text that a spreadsheet would compute is kept a text."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([say(f"report.{name}", lang) for name in PROVISION_COLUMNS])
    for row in provision_rows(report, lang):
        writer.writerow([guarded(row[name]) for name in PROVISION_COLUMNS])
    return MARK + written.getvalue()


def guarded(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
