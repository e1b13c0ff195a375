"""The parts of a checklist's Word file beside its text: styles, protection, header and footer, the base."""

from html import escape
from typing import Final

from shall.engine.audit.checklist.form import Form
from shall.engine.reports.view import clean
from shall.texts import say

HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
SPACE: Final = f'xmlns:w="{MAIN}" xmlns:r="{OFFICE}/relationships"'
BASE_SPACE: Final = "urn:shall:checklist:base"
"""The namespace of the part that holds the checklist as issued."""
WORD_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
INK, MUTED, ACCENT, RULE = "1F2A33", "5B6670", "1D4E6B", "C9CED3"


def _gaps(before: int, after: int, more: str = "") -> str:
    return f'{more}<w:spacing w:before="{before}" w:after="{after}"/>'


def _look(size: int, colour: str = "", *, bold: bool = False) -> str:
    shade = f'<w:color w:val="{colour}"/>' if colour else ""
    return f'{"<w:b/>" if bold else ""}{shade}<w:sz w:val="{size}"/>'


KEEP, TOP = "<w:keepNext/>", '<w:outlineLvl w:val="0"/>'
STYLES: Final = (
    ("Title", "Title", _gaps(0, 40), _look(40, bold=True)),
    ("Subtitle", "Subtitle", _gaps(0, 160), _look(24, MUTED)),
    ("Heading1", "heading 1", _gaps(240, 80, KEEP) + TOP, _look(24, ACCENT, bold=True)),
    ("Heading2", "heading 2", _gaps(240, 80, KEEP) + '<w:outlineLvl w:val="1"/>', _look(22, bold=True)),
    (
        "First",
        "First heading",
        _gaps(0, 80, f"{KEEP}<w:pageBreakBefore/>") + TOP,
        _look(24, ACCENT, bold=True),
    ),
    ("Cell", "Cell", _gaps(20, 20), _look(17)),
    ("Label", "Label", _gaps(20, 20, KEEP), _look(16, MUTED)),
    ("Number", "Number", _gaps(20, 20, KEEP), _look(17, bold=True)),
    ("Gap", "Gap", '<w:spacing w:after="0" w:line="160" w:lineRule="exact"/>', _look(8)),
    ("Edge", "Edge", '<w:tabs><w:tab w:val="right" w:pos="9860"/></w:tabs>', _look(15, MUTED)),
)
"""Key, name, paragraph and look of each style."""


def parts(form: Form, lang: str, base: str) -> dict[str, str]:
    """Every part but the main one, by name; `base` is the custom XML."""
    item = "{" + "-".join(form.digest[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))) + "}"
    return {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relations(
            ("officeDocument", "word/document.xml"), ("metadata/core-properties", "docProps/core.xml")
        ),
        "docProps/core.xml": _core(form, lang),
        "word/_rels/document.xml.rels": _relations(
            ("styles", "styles.xml"),
            ("settings", "settings.xml"),
            ("header", "header1.xml"),
            ("footer", "footer1.xml"),
            ("customXml", "../customXml/item1.xml"),
        ),
        "word/styles.xml": _styles(lang),
        "word/settings.xml": f"{HEAD}<w:settings {SPACE}>"
        '<w:documentProtection w:edit="forms" w:enforcement="1"/><w:defaultTabStop w:val="420"/>'
        '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word"'
        ' w:val="15"/></w:compat></w:settings>',
        "word/header1.xml": f"{HEAD}<w:hdr {SPACE}>{_edge(_header(form, lang))}</w:hdr>",
        "word/footer1.xml": f"{HEAD}<w:ftr {SPACE}>{_edge(_footer(form))}</w:ftr>",
        "customXml/item1.xml": base,
        "customXml/itemProps1.xml": f'{HEAD}<ds:datastoreItem ds:itemID="{item.upper()}" '
        f'xmlns:ds="{OFFICE}/customXml"><ds:schemaRefs/></ds:datastoreItem>',
        "customXml/_rels/item1.xml.rels": _relations(("customXmlProps", "itemProps1.xml")),
    }


def running(form: Form, lang: str) -> str:
    """The line at the head of every page."""
    return f"{say('checklist.title', lang)} · {form.name or form.organisation} · {form.on}"


def _header(form: Form, lang: str) -> str:
    return _text(running(form, lang))


def _footer(form: Form) -> str:
    return f"{_text(form.digest[:12])}<w:r><w:tab/></w:r>{_field('PAGE')}{_text(' / ')}{_field('NUMPAGES')}"


def _edge(runs: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="Edge"/></w:pPr>{runs}</w:p>'


def _text(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(clean(text))}</w:t></w:r>'


def _field(name: str) -> str:
    return f'<w:fldSimple w:instr="{name}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'


def _relations(*targets: tuple[str, str]) -> str:
    made = []
    for n, (kind, target) in enumerate(targets, 1):
        root = f"{PACKAGE}/relationships" if kind.startswith("metadata") else f"{OFFICE}/relationships"
        made.append(f'<Relationship Id="rId{n}" Type="{root}/{kind}" Target="{target}"/>')
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{"".join(made)}</Relationships>'


def _types() -> str:
    own = {
        "/word/document.xml": f"{WORD_TYPE}.document.main+xml",
        "/word/styles.xml": f"{WORD_TYPE}.styles+xml",
        "/word/settings.xml": f"{WORD_TYPE}.settings+xml",
        "/word/header1.xml": f"{WORD_TYPE}.header+xml",
        "/word/footer1.xml": f"{WORD_TYPE}.footer+xml",
        "/customXml/itemProps1.xml": "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    named = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in own.items())
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'
    )


def _core(form: Form, lang: str) -> str:
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(say('checklist.title', lang))}</dc:title><dc:creator>shall</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{form.on}T00:00:00Z</dcterms:created></cp:coreProperties>'
    )


def _styles(lang: str) -> str:
    language = "zh-CN" if lang == "zh" else "en-GB"
    fonts = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:eastAsia="Microsoft YaHei"/>'
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:color w:val="{INK}"/><w:sz w:val="18"/>'
        f'<w:szCs w:val="18"/><w:lang w:val="{language}" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="60"/></w:pPr></w:pPrDefault></w:docDefaults>'
    )
    border = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{RULE}"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return "".join(
        (
            f"{HEAD}<w:styles {SPACE}>{defaults}",
            '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>',
            *(_style(key, name, paragraph, run) for key, name, paragraph, run in STYLES),
            '<w:style w:type="character" w:styleId="PlaceholderText"><w:name w:val="Placeholder Text"/>'
            '<w:rPr><w:color w:val="8A949B"/></w:rPr></w:style>',
            '<w:style w:type="table" w:styleId="Question"><w:name w:val="Question"/><w:tblPr><w:tblBorders>'
            f'{border}</w:tblBorders><w:tblCellMar><w:left w:w="70" w:type="dxa"/>'
            '<w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style></w:styles>',
        )
    )


def _style(key: str, name: str, paragraph: str, run: str) -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )
