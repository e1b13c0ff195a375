"""A document in any of its formats, written whole or not at all."""

from pathlib import Path

from shall.engine.reports.document.blocks import Document
from shall.engine.reports.files import put_bytes

FORMS = ("html", "pdf", "docx", "xlsx")


def made(document: Document, form: str) -> bytes:
    """The document as a file of that format; raises ReportError where something it needs is not installed."""
    match form:
        case "html":
            from shall.engine.reports.document.html import html

            return html(document).encode()
        case "pdf":
            from shall.engine.reports.document.pdf import pdf

            return pdf(document)
        case "docx":
            from shall.engine.reports.document.docx import docx

            return docx(document)
    from shall.engine.reports.document.xlsx import xlsx

    return xlsx(document)


def write(document: Document, form: str, path: Path) -> None:
    """Write the document; raises ReportError."""
    put_bytes(path, made(document, form))
