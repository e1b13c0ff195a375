"""Green power and credits, each certificate and serial number counted once, for the use the scheme puts first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shall.engine.scoring.numbers import Said, said
from shall.engine.scoring.values import Offset, RenewableSupply, Values

CREDITS = ("allowance", "ccer", "international_credit", "inclusion_credit", "project_reduction", "sink")
"""Kinds of credit that are measured in tonnes; green certificates are not."""
PURPOSES = ("factory", "organisation")
USED_AS = {"renewable_energy": "renewable", "offset": "offset", "market": "market"}


@dataclass(frozen=True, slots=True)
class Counted:
    """The supplies and offsets that count, those left out by id, and why."""

    supplies: Sequence[RenewableSupply]
    left_supplies: tuple[str, ...]
    remarks_renewable: tuple[Said, ...]
    offsets: Sequence[Offset]
    left_offsets: tuple[str, ...]
    remarks_offset: tuple[Said, ...]


def counted(values: Values, order: Sequence[str], certificates: str, counts: str) -> Counted:
    """What counts as renewable energy and as offset.

    `certificates` (purchased or cancelled) is asked of certificates, `counts` (cancelled or bought) of credits.
    """
    numbers = {
        (c.id or "").partition(":")[2] or c.id or "": c.certificate_number or c.id or ""
        for c in values.green_certificate
    }
    uses = _uses(values, numbers)
    supplies, left, remarks = _supplies(values, numbers, uses, order, certificates)
    offsets, without, said_of = _offsets(values, counts)
    return Counted(supplies, tuple(left), tuple(remarks), offsets, tuple(without), tuple(said_of))


def _number(reference: str, numbers: Mapping[str, str]) -> str:
    return numbers.get(reference, reference)


def _uses(values: Values, numbers: Mapping[str, str]) -> dict[str, set[str]]:
    """The uses each certificate number was put to."""
    uses: dict[str, set[str]] = {}
    for certificate in values.green_certificate:
        if certificate.used_as:
            number = certificate.certificate_number or certificate.id or ""
            uses.setdefault(number, set()).add(USED_AS[certificate.used_as])
    pairs: Iterable[tuple[str, str | None]] = [
        *(("renewable", s.green_certificate) for s in values.renewable_supply),
        *(("offset", o.green_certificate) for o in values.offset),
    ]
    for use, reference in pairs:
        if reference:
            uses.setdefault(_number(reference, numbers), set()).add(use)
    return uses


def _open(values: Values) -> set[str]:
    """Numbers of the certificates not cancelled by the day; the voucher of a green power trade needs no cancelling."""
    on = values.on
    closed = {
        c.certificate_number or c.id or ""
        for c in values.green_certificate
        if c.certificate_type == "green_power_trade"
        or (c.cancelled_on is not None and (on is None or c.cancelled_on <= on))
    }
    named = {c.certificate_number or c.id or "" for c in values.green_certificate}
    return named - closed


def _supplies(
    values: Values,
    numbers: Mapping[str, str],
    uses: Mapping[str, set[str]],
    order: Sequence[str],
    certificates: str,
) -> tuple[list[RenewableSupply], list[str], list[Said]]:
    kept: list[RenewableSupply] = []
    left: list[str] = []
    remarks: list[Said] = []
    seen: dict[str, str] = {}
    known, open_ = set(numbers.values()), _open(values)
    for supply in sorted(values.renewable_supply, key=lambda s: s.id or ""):
        name = supply.id or ""
        if not supply.green_certificate:
            kept.append(supply)
            continue
        number = _number(supply.green_certificate, numbers)
        wins = next(use for use in order if use in uses[number])
        if wins != "renewable":
            left.append(name)
            remarks.append(
                said(
                    "scoring.certificate_elsewhere",
                    number=number,
                    record=name,
                    use=said(f"scoring.use_{wins}"),
                )
            )
        elif number in seen:
            left.append(name)
            remarks.append(said("scoring.certificate_twice", number=number, record=name, first=seen[number]))
        elif certificates == "cancelled" and (number in open_ or number not in known):
            left.append(name)
            remarks.append(said("scoring.certificate_uncancelled", number=number, record=name))
        else:
            seen[number] = name
            kept.append(supply)
            if number in open_:
                remarks.append(said("scoring.certificate_only_bought", number=number, record=name))
            others = sorted(uses[number] - {"renewable"})
            if others:
                shown = tuple(said(f"scoring.use_{use}") for use in others)
                remarks.append(said("scoring.certificate_kept", number=number, uses=shown))
    return kept, left, remarks


def _offsets(values: Values, counts: str) -> tuple[list[Offset], list[str], list[Said]]:
    kept: list[Offset] = []
    left: list[str] = []
    remarks: list[Said] = []
    seen: dict[str, str] = {}
    for offset in sorted(values.offset, key=lambda o: o.id or ""):
        name = offset.id or ""
        why = _unfit(offset, values, counts)
        if why is None and offset.serial_number and offset.serial_number in seen:
            first = seen[offset.serial_number]
            why = said("scoring.serial_twice", number=offset.serial_number, record=name, first=first)
        if why is None:
            kept.append(offset)
            if offset.serial_number:
                seen[offset.serial_number] = name
        else:
            left.append(name)
            remarks.append(why)
    return kept, left, remarks


def _unfit(offset: Offset, values: Values, counts: str) -> Said | None:
    """Why an offset does not count, None if it does."""
    name, on = offset.id or "", values.on
    if offset.purpose is not None and offset.purpose not in PURPOSES:
        return said("scoring.offset_purpose", record=name)
    if offset.offset_type not in CREDITS:
        return said("scoring.offset_no_tonnes", record=name)
    if offset.period_until is None or offset.period_until.year != values.year:
        return said("scoring.offset_period", record=name, year=values.year)
    cancelled = offset.cancelled_on is not None and (on is None or offset.cancelled_on <= on)
    bought = offset.purchased_on is not None and (on is None or offset.purchased_on <= on)
    if counts == "cancelled":
        return (
            None
            if cancelled and offset.cancellation_number
            else said("scoring.offset_not_cancelled", record=name)
        )
    if not (bought or cancelled) or not (offset.serial_number or offset.cancellation_number):
        return said("scoring.offset_not_bought", record=name)
    return None
