"""Whether what was audited against is what the certificate names: numbers, editions and titles compared."""

import re
from collections.abc import Sequence

from shall.engine.papers.precondition_facts import Facts, Outcome, Told, worst

_YEAR = re.compile(r"(?:19|20)\d\d")


def standards(f: Facts) -> Told:
    """Every standard of the certificate is one of the audit's; texts that name none clearly leave it open."""
    text = str((f.audit.certificate or {}).get("certified_standard") or "")
    parts = [p.strip() for p in re.split("[;；、,，\n]", text) if p.strip()]
    if not parts or not f.audit.standards:
        blank = [k for k, v in (("standards", f.audit.standards), ("certified_standard", parts)) if not v]
        return "unknown", f.why("blank", names=f.names([f.audit.t(k) for k in blank]))
    audited = [_name(f, key) for key in f.audit.standards]
    numbers = f.names([number for number, _ in audited])
    outcome = worst([_one(part, audited) for part in parts])
    reason = "other_standard" if outcome == "not_met" else "compare"
    return outcome, numbers if outcome == "met" else f.why(reason, one=numbers, other=text)


def _name(f: Facts, key: str) -> tuple[str, Sequence[str]]:
    """Number and titles of a standard; the key alone where it is not one of ours."""
    if key not in f.audit.at_hand:
        return key, ()
    from shall.engine.cache import executor_for

    plan = executor_for([key]).plan
    entry = plan.standards[plan.asked[0]]
    return str(entry["number"]), [str(t) for t in entry["title"].values()]


def _one(part: str, audited: Sequence[tuple[str, Sequence[str]]]) -> Outcome:
    """Whether one standard that a certificate names was audited: met, not_met or unknown."""
    if any(_named(part, number, titles) for number, titles in audited):
        return "met"
    clear = re.search(r"[A-Za-z]\D*\d", part) and all(_clear(number) for number, _ in audited)
    return "not_met" if clear else "unknown"


def _named(part: str, number: str, titles: Sequence[str]) -> bool:
    """Whether a text names a standard: by its number, of no other edition; or by its whole number or title alone."""
    if _plain(part) in {_plain(number), *map(_plain, titles)}:
        return True
    if not _clear(number):
        return False
    wanted, found = _tokens(number), _tokens(part)
    year = wanted.pop() if _YEAR.fullmatch(wanted[-1]) else ""
    for start in range(len(found) - len(wanted) + 1):
        end = start + len(wanted)
        after = found[end] if end < len(found) and found[end].isdigit() else ""
        if found[start:end] == wanted and (after in ("", year) or (not year and _YEAR.fullmatch(after))):
            return True
    return False


def _clear(number: str) -> bool:
    """Whether a number tells one standard from another: it has figures besides a year, and nothing left open."""
    tokens = _tokens(number)
    return not re.search("[×X]{2,}", number) and any(t.isdigit() and not _YEAR.fullmatch(t) for t in tokens)


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z]+|\d+", text.casefold())


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()
