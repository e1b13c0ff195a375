"""Conditions about the audit as its file tells it: type, days, standards, scope, certificate, time spent."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from shall.engine.papers.audit_report import CONCLUSIONS
from shall.engine.papers.precondition_facts import EXTERNAL, Facts, Told, says_none

CERTIFIES = tuple(kind for kind in EXTERNAL if kind != "stage_1")
"""Types of audit that a decision about a certificate may follow from."""
FITTING = {
    "stage_2": ("grant", "refuse", "after_verification"),
    "surveillance": ("maintain", "reduce", "suspend", "withdraw", "after_verification"),
    "recertification": ("renew", "refuse", "reduce", "suspend", "withdraw", "after_verification"),
}
"""What a team may recommend after each type of audit; after a special one anything."""
ON_SITE = Decimal("0.8")
"""Share of the audit time that is spent on site: the number of IAF MD 5."""
EXCEPT = re.compile(r"除|不含|不包括|except|exclud|without", re.IGNORECASE)
"""Words by which a scope leaves something out: texts that hold them are for a person to compare."""


def certification(f: Facts) -> Told:
    """An audit by a certification body; a stage 1 leads to no decision about a certificate."""
    if f.kind is None:
        return "unknown", ""
    if f.kind == "stage_1":
        return "not_met", f.why("stage_1")
    return ("met" if f.kind in CERTIFIES else "not_met"), f.audit.word("audit_type")


def step_fits(f: Facts) -> Told:
    """The step of certification that the file names is of the same type and lies in the days of the audit."""
    step, audit = f.audit.step, f.audit
    if step is None:
        return "unknown", str(f.file.get("certification_step") or "")
    told = f"{step['id']} {audit.records.word('certification_step', step, 'step')}".strip()
    day, kind = str(step.get("happened_on") or ""), step.get("step")
    if day and audit.last_day and not (audit.first_day or audit.last_day) <= day <= audit.last_day:
        return "not_met", f"{told} {day}"
    if kind is None or f.kind is None:
        return "unknown", told
    return ("met" if kind == f.kind else "not_met"), told


def fits(f: Facts) -> Told:
    """The recommendation is one that an audit of this type can end with."""
    said = f.file.get("recommendation")
    if said is None or f.kind is None:
        return "unknown", ""
    may = f.kind == "special" or said in FITTING.get(f.kind, ())
    return ("met" if may else "not_met"), f.names(
        [f.audit.word("audit_type"), f.audit.word("recommendation")]
    )


def reported(f: Facts) -> Told:
    """The report was issued."""
    day = str(f.file.get("reported_on") or "")
    return ("met" if day <= f.audit.records.on else "not_met") if day else "unknown", day


def concluded(f: Facts) -> Told:
    """All that a report concludes is concluded, and nothing of it with no."""
    said = {name: f.file.get(name) for name in CONCLUSIONS}
    no = [f.audit.t(f"c_{name}") for name, value in said.items() if value == "no"]
    missing = [f.audit.t(f"c_{name}") for name, value in said.items() if value in (None, "partly")]
    return ("not_met", f.names(no)) if no else ("unknown" if missing else "met", f.names(missing))


def team_recommends(f: Facts) -> Told:
    """The team recommended, and by somebody."""
    said, by = f.file.get("recommendation"), f.file.get("recommended_by")
    if said is None:
        return "unknown", ""
    text, day = f.audit.word("recommendation"), str(f.file.get("recommended_on") or "")
    if day > f.audit.records.on:
        return "not_met", day
    if said in ("grant", "maintain", "renew"):
        return ("met" if by else "unknown"), text
    return ("unknown" if said == "after_verification" else "not_met"), text


def days_in_order(f: Facts) -> Told:
    """First day, last day, recommendation, report and decision in this order, and the audit has ended."""
    audit = f.audit
    days = {
        "first_day": audit.first_day,
        "last_day": audit.last_day,
        "recommended_on": str(f.file.get("recommended_on") or ""),
        "reported_on": str(f.file.get("reported_on") or ""),
        "decided_on": str(f.decisions[0]["happened_on"]) if f.decisions else "",
    }
    shown = {name: f"{audit.t(name)} {day}" for name, day in days.items() if day}
    wrong = [
        f.why("before", one=shown[later], other=shown[earlier])
        for earlier, later in pairwise(shown)
        if days[later] < days[earlier]
    ]
    if audit.last_day > audit.records.on:
        wrong.append(f.why("not_ended", day=audit.last_day))
    wrong += _too_early(f)
    if wrong:
        return "not_met", audit.t("semicolon").join(wrong)
    missing = [audit.t(n) for n in ("last_day", "recommended_on", "reported_on") if not days[n]]
    return ("unknown", f.names(missing)) if missing else ("met", f.names(list(shown.values())))


def _too_early(f: Facts) -> Iterator[str]:
    """Decisions taken while the audit went on; before an initial certification all since its stage 1."""
    since, until = f.audit.first_day, f.audit.last_day
    if f.kind == "stage_2":
        ready = (str(s["happened_on"]) for s in f.of_certificate if s.get("step") == "stage_1")
        since = max((day for day in ready if day <= until), default="0")
    for s in f.of_certificate:
        if s.get("step") in ("decided", "refused") and since and since <= str(s["happened_on"]) < until:
            yield f.why("decided_before", record=s["id"], day=s["happened_on"])


def identified(f: Facts) -> Told:
    """The file names the body and what was audited."""
    missing = [
        f.audit.t(key)
        for column, key in (("body", "body"), ("audited_scope", "scope"))
        if not f.file.get(column)
    ]
    return ("not_met", f.why("blank", names=f.names(missing))) if missing else ("met", str(f.file["body"]))


def scope(f: Facts) -> Told:
    """What is certified was audited, as far as the two texts say so."""
    audited = str(f.file.get("audited_scope") or "")
    certified = str((f.audit.certificate or {}).get("certified_scope") or "")
    if not audited or not certified:
        blank = [f.audit.t(k) for k, text in (("scope", audited), ("certified_scope", certified)) if not text]
        return "unknown", f.why("blank", names=f.names(blank))
    covered = _pieces(certified) <= _pieces(audited) and not EXCEPT.search(audited + certified)
    if covered or _plain(audited) == _plain(certified):
        return "met", certified
    return "unknown", f.why("compare", one=audited, other=certified)


def _pieces(text: str) -> set[str]:
    return {_plain(p) for p in re.split(r"[;；、,，。\n及和与]|\band\b", text)} - {""}


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def in_force(f: Facts) -> Told:
    """The certificate was issued before the audit and neither withdrawn nor, but for a recertification, expired."""
    certificate, audit = f.audit.certificate, f.audit
    if certificate is None:
        return "unknown", ""
    name = str(certificate["id"])
    last = [
        s
        for s in f.of_certificate
        if s.get("step") in ("decided", "issued", "suspended", "restored", "withdrawn")
    ]
    ended = [f"{s['id']} {s['happened_on']}" for s in last[-1:] if s.get("step") == "withdrawn"]
    if ended or certificate.get("state") == "revoked":
        return "not_met", f.names([f.why("revoked", record=name), *ended])
    issued, expires = str(certificate.get("issued_on") or ""), str(certificate.get("expires_on") or "")
    if issued and audit.first_day and issued > audit.first_day:
        return "not_met", f.why("issued_later", record=name, day=issued)
    if f.kind != "recertification" and expires:
        reached = str(f.decisions[0]["happened_on"]) if f.decisions else audit.records.on
        if max(reached, audit.last_day) > expires:
            return "not_met", f.why("expired", record=name, day=expires)
    if certificate.get("state") == "suspended" or any(s.get("step") == "suspended" for s in last[-1:]):
        return "unknown", f.why("suspended", record=name)
    if not issued or not expires or certificate.get("state") is None:
        columns = {"issued_on": issued, "expires_on": expires, "certificate_state": certificate.get("state")}
        return "unknown", f.why("blank", names=f.names([audit.t(k) for k, v in columns.items() if not v]))
    return "met", f"{name} {issued} – {expires}"


def days_spent(f: Facts) -> Told:
    """As many audit days were spent as planned, or the file tells why not."""
    planned, spent = f.number("days_planned"), f.number("days_spent")
    if planned is None or spent is None:
        blank = [f.audit.t(n) for n, v in (("days_planned", planned), ("days_spent", spent)) if v is None]
        return "unknown", f.why("blank", names=f.names(blank))
    told = f"{spent.normalize():f} / {planned.normalize():f}"
    if spent <= 0 or planned <= 0:
        return "not_met", told
    if spent >= planned:
        return "met", told
    reason = f.file.get("deviations")
    if not reason or says_none(reason):
        return "not_met", f.why("days_short", told=told)
    return "met", f.names([told, str(reason)])


def on_site(f: Facts) -> Told:
    """At least four fifths of the audit time were spent on site: of what was planned or spent, whichever is more."""
    days, spent = f.number("days_on_site"), f.number("days_spent")
    if days is None or spent is None or spent <= 0:
        return "unknown", f.why("share")
    told = f"{days.normalize():f} / {spent.normalize():f}"
    if days > spent or days < 0:
        return "not_met", f.why("on_site_more", told=told)
    time = max(spent, f.number("days_planned") or spent)
    told = f"{days.normalize():f} / {time.normalize():f}"
    return ("met" if days >= ON_SITE * time else "not_met"), f.audit.t("semicolon").join(
        [told, f.why("share")]
    )
