"""A font for the PDF that has the Chinese characters, and what even it cannot show."""

import importlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shall.texts.errors import ReportError

VARIABLE = "SHALL_FONT"
PACKAGE = "pylopdf_fonts_zh_cn"
"""Brings Noto Sans SC under the SIL Open Font License; part of the extra `pdf`."""
FAMILIES = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Serif SC", "Noto Serif CJK SC",
    "Source Han Serif SC", "SimSun", "STSong", "SimHei", "Heiti SC", "Songti SC", "Droid Sans Fallback",
)  # fmt: skip
"""Chinese families in order of preference; sans first, because reports are read on screens too."""
LATIN = ("Noto Sans", "Liberation Sans", "DejaVu Sans", "Arial", "Helvetica Neue", "Libertinus Serif")
"""For letters and signs that a Chinese font lacks."""
SAMPLE = "碳管理体系审核"
STANDARD = "a-2u"
"""PDF/A-2u: for keeping, every character with its Unicode, and an error where a glyph is missing."""
PROBE = b"""
#set text(font: json(bytes(sys.inputs.fonts)))
#set page(width: 500pt, height: auto)
#json(bytes(sys.inputs.text))
"""


PICTURE = '#set page(width: auto, height: auto, margin: 2pt)\n#image("chart.svg", width: 480pt)\n'
DENSITY = 220


@dataclass(frozen=True, slots=True)
class Fonts:
    """Families to set text in, the first one that has a character wins, and where to look for them."""

    families: tuple[str, ...]
    folders: tuple[str, ...]
    system: bool


def chinese_font() -> str:
    """The family a PDF would be set in on this machine; raises ReportError that says how to get one."""
    with tempfile.TemporaryDirectory(prefix="shall-") as room:
        return find_fonts(Path(room)).families[0]


def find_fonts(room: Path) -> Fonts:
    """The first fonts that show Chinese: the user's own, those of the package, the system's.

    `room` is an empty folder for a copy of the user's own font. Raises ReportError that says how to get a font.
    """
    own = os.environ.get(VARIABLE)
    if own:
        for fonts in _own(Path(own).expanduser(), room):
            if shows(fonts, SAMPLE):
                return fonts
        raise ReportError("report.bad_font", path=own)
    for fonts in (*_packaged(), *_system()):
        if shows(fonts, SAMPLE):
            return fonts
    raise ReportError("report.no_font")


def with_system(fonts: Fonts) -> Fonts:
    """The same fonts, and every other font of the machine behind them."""
    return Fonts(tuple(dict.fromkeys((*fonts.families, *_latin(True)))), fonts.folders, system=True)


def unshown(fonts: Fonts, characters: Sequence[str]) -> set[str]:
    """The characters that fonts do not show, found by halving."""
    if not characters or shows(fonts, "\u200b".join(characters)):
        return set()
    if len(characters) == 1:
        return set(characters)
    half = len(characters) // 2
    return unshown(fonts, characters[:half]) | unshown(fonts, characters[half:])


def shows(fonts: Fonts, text: str) -> bool:
    """Whether every character of the text has a glyph in these fonts."""
    inputs = {"fonts": json.dumps(fonts.families), "text": json.dumps(text)}
    try:
        typeset(PROBE, fonts, inputs=inputs, on=datetime(2000, 1, 1, tzinfo=UTC))
    except RuntimeError:
        return False
    return True


def typeset(
    source: bytes | Path,
    fonts: Fonts,
    *,
    on: datetime,
    inputs: dict[str, str] | None = None,
    root: Path | None = None,
) -> bytes:
    """A PDF dated `on`; raises RuntimeError where the source is off or a glyph is missing."""
    import typst

    compile_source: Any = typst.compile
    made: bytes = compile_source(
        source,
        root=root,
        font_paths=list(fonts.folders),
        ignore_system_fonts=not fonts.system,
        sys_inputs=inputs or {},
        pdf_standards=STANDARD,
        timestamp=on,
    )
    return made


def picture(svg: str, fonts: Fonts, place: Path) -> bytes:
    """One chart as PNG, sharp enough to print; `place` is a folder to work in."""
    import typst

    (place / "chart.svg").write_text(svg, encoding="utf-8")
    source = place / "chart.typ"
    source.write_text(PICTURE, encoding="utf-8")
    compile_source: Any = typst.compile
    made: bytes = compile_source(
        source,
        root=place,
        font_paths=list(fonts.folders),
        ignore_system_fonts=not fonts.system,
        format="png",
        ppi=DENSITY,
    )
    return made


def _own(path: Path, room: Path) -> Iterator[Fonts]:
    if not path.is_file():
        return
    shutil.copyfile(path, room / path.name)
    found = _read(system=False, folders=[str(room)])
    for family in dict.fromkeys(info.family for info in found.fonts() if info.path):
        yield Fonts((family, *_latin(False)), (str(room),), system=False)


def _packaged() -> Iterator[Fonts]:
    try:
        path: Path = importlib.import_module(PACKAGE).sans_path()
    except (ImportError, AttributeError):
        return
    if path.is_file():
        yield Fonts(("Noto Sans SC", *_latin(False)), (str(path.parent),), system=False)


def _system() -> Iterator[Fonts]:
    present = set(_read(system=True).families())
    for family in FAMILIES:
        if family in present:
            yield Fonts((family, *_latin(True)), (), system=True)


def _latin(system: bool) -> tuple[str, ...]:
    present = set(_read(system=system).families())
    return tuple(family for family in LATIN if family in present)


def _read(*, system: bool, folders: Sequence[str] = ()) -> Any:
    import typst

    return typst.Fonts(include_system_fonts=system, include_embedded_fonts=True, font_paths=list(folders))
