"""Whether a file may be opened as a Word template at all: no macros, no password, no bomb, no declared entities."""

import io
import zipfile
import zlib
from collections.abc import Iterable

from shall.texts.errors import ReportError

MEGABYTE = 1_000_000
MAX_FILE, MAX_UNPACKED, MAX_TEXT_PART = 20 * MEGABYTE, 100 * MEGABYTE, 8 * MEGABYTE
MAX_ENTRIES, MAX_RATIO, FREE_UNPACKED = 2_000, 200, MEGABYTE


def check_archive(content: bytes, name: str) -> None:
    """Raises ReportError for a file that is not to be opened at all."""
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise ReportError("papers.template_old", template=name)
    if len(content) > MAX_FILE:
        raise ReportError("papers.template_too_large", template=name, limit=MAX_FILE // MEGABYTE)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, name)
            _check_parts(archive, entries, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise ReportError("papers.template_broken", template=name, why=why(error)) from None


def _check_entries(entries: list[zipfile.ZipInfo], name: str) -> None:
    names = {entry.filename.casefold() for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise ReportError("papers.template_old", template=name)
    if any(part.endswith("vbaproject.bin") for part in names):
        raise ReportError("papers.template_macros", template=name)
    text = any(_is_xml(e) and e.file_size > MAX_TEXT_PART for e in entries)
    bomb = any(
        e.file_size > FREE_UNPACKED and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries
    )
    many = len(entries) > MAX_ENTRIES or len(names) < len(entries)
    if many or text or bomb or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise ReportError("papers.template_bomb", template=name)
    if "word/document.xml" not in names:
        raise ReportError("papers.template_no_word", template=name)


def _is_xml(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.casefold().endswith((".xml", ".rels"))


def _check_parts(archive: zipfile.ZipFile, entries: Iterable[zipfile.ZipInfo], name: str) -> None:
    """Raises ReportError for a part that is no XML, or that declares entities, or is a macro-enabled file."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    for entry in entries:
        if not _is_xml(entry):
            continue
        part = archive.read(entry)
        if entry.filename == "[Content_Types].xml" and b"macroEnabled" in part:
            raise ReportError("papers.template_macros", template=name)
        try:
            fromstring(part, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            said = f"{entry.filename}: {why(error)}"
            raise ReportError("papers.template_broken", template=name, why=said) from None


def why(error: BaseException) -> str:
    """What a library says went wrong, on one line."""
    return (str(error) or type(error).__name__).replace("\n", " ")[:200]
