"""Names that last: identifiers made from ours, so that the same input gives the same bytes.

An OSCAL control is named after ruleset and address, `t_ccaa_39:5.2/b` is `c-t_ccaa_39.5.2_b`: it never begins with a
digit, stays ASCII, is unique across standards and can be read back. A CISO Assistant URN is made the same way.
"""

import json
import re
import uuid
from datetime import date

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:shall:exchange")
TOKEN = re.compile(r"^[A-Za-z_][A-Za-z0-9_.-]*$")
"""An identifier as we write and accept it: OSCAL allows letters of any script, many of its tools do not."""
UUID = re.compile(
    r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$"
)

_OUT = str.maketrans({"/": "_", "#": "-"})
_BACK = str.maketrans({"_": "/", "-": "#"})
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$", re.ASCII)


def stable_uuid(*parts: str) -> str:
    """The version 5 UUID of these names.

    >>> stable_uuid("catalog", "t_ccaa_39") == stable_uuid("catalog", "t_ccaa_39")
    True
    """
    return str(uuid.uuid5(NAMESPACE, json.dumps(parts)))


def control_id(ruleset: str, address: str) -> str:
    """The control of a provision.

    >>> control_id("t_ccaa_39", "6.1.2.2/c/1#1")
    'c-t_ccaa_39.6.1.2.2_c_1-1'
    """
    return f"c-{ruleset}.{address.translate(_OUT)}"


def provision_of(control: str) -> tuple[str, str] | None:
    """Ruleset and address behind a control id of ours, or None.

    >>> provision_of("c-t_ccaa_39.5.2_b")
    ('t_ccaa_39', '5.2/b')
    """
    match = re.match(r"^c-([a-z][a-z0-9_]*)\.([A-Za-z0-9._-]+)$", control)
    return (match[1], match[2].translate(_BACK)) if match else None


def of_reference(reference: str) -> str:
    """The control of `ruleset:address`."""
    return control_id(*reference.split(":", 1))


def group_id(ruleset: str, clause: str, level: str = "g") -> str:
    """The group of a clause (`g`) or of a chapter (`ch`)."""
    return f"{level}-{ruleset}.{clause}"


def urn(kind: str, ruleset: str, node: str = "") -> str:
    """The URN of something in a CISO Assistant library, in lower case as that tool compares them.

    >>> urn("req_node", "hunan", "4.1/N1")
    'urn:shall:risk:req_node:hunan:4.1_n1'
    """
    tail = f":{node.translate(_OUT)}" if node else ""
    return f"urn:shall:risk:{kind}:{ruleset}{tail}".lower()


def moment(day: str) -> str:
    """A day as OSCAL writes it: its first moment in UTC, which is the same calendar day in China."""
    return f"{day}T00:00:00Z"


def first_day(written: str | None) -> str | None:
    """The day a standard's date names, the first one of a bare month or year; None where it names none.

    >>> first_day("2022-06")
    '2022-06-01'
    """
    match = _DATE.match(written or "")
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1)).isoformat()
    except ValueError:
        return None


def year_in(edition: str | None) -> str | None:
    """The first day of the year that an edition names, or None.

    >>> year_in("draft 2025")
    '2025-01-01'
    """
    match = re.search(r"(?<!\d)(?:19|20)\d{2}(?!\d)", edition or "", re.ASCII)
    return f"{match[0]}-01-01" if match else None
