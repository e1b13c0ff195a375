"""Audit days: from effective persons and a level, through stated additions and reductions, to days and hours on site.

All arithmetic is exact (fractions); what is rounded, and how, the table says. No table is the rule for carbon systems.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from shall.engine.audit.calendar import Confidence
from shall.engine.audit.tables import Audit, IntegrationRule, Rounding, SamplingTable, ShareOf, TimeTable
from shall.engine.models import Both
from shall.texts.errors import UsageError

RANKS: Mapping[str, int] = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An addition (above 0) or a reduction (below 0) in percent of the table's days, and its ground."""

    factor: str
    percent: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Weighing:
    """How one factor of the complexity counted."""

    key: str
    fact: Decimal
    value: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True)
class AuditTime:
    """A calculation with every step; days as fractions, rounded ones as decimals."""

    table: TimeTable
    audit: Audit
    persons: int
    level: str
    complexity: Decimal | None
    weighed: tuple[Weighing, ...]
    base: Fraction
    adjustments: tuple[Adjustment, ...]
    stated_percent: Decimal
    counted_percent: Decimal
    exact: Fraction
    days: Decimal
    confidence: Confidence
    doubts: tuple[Both, ...]

    @property
    def limited(self) -> bool:
        """Whether the limit of the table cut the stated reductions."""
        return self.counted_percent != self.stated_percent

    @property
    def on_site(self) -> Decimal:
        """The least days on site."""
        return on_site(self.days, self.table)

    @property
    def hours(self) -> Decimal:
        """The days in hours."""
        return self.days * self.table.day_hours


def level_of(
    table: TimeTable, level: str | None, facts: Mapping[str, Decimal]
) -> tuple[str, Decimal | None, tuple[Weighing, ...]]:
    """The level as named, or as the facts make it, with the complexity and its parts.

    Raises UsageError: an unknown level or fact, facts that are missing, a level that nothing decides.
    """
    _known_facts(table, facts)
    if level is not None:
        if level not in table.levels:
            raise UsageError(
                "audit_time.no_level", level=level, table=table.key, names=", ".join(table.levels)
            )
        return level, None, ()
    if len(table.levels) == 1:
        return next(iter(table.levels)), None, ()
    if table.complexity is None:
        raise UsageError("audit_time.which_level", table=table.key, names=", ".join(table.levels))
    missing = [factor.key for factor in table.complexity.factors if factor.key not in facts]
    if missing:
        raise UsageError("audit_time.facts_missing", table=table.key, names=", ".join(missing))
    weighed = tuple(
        Weighing(
            f.key,
            facts[f.key],
            next(s.value for s in f.steps if s.most is None or facts[f.key] <= s.most),
            f.weight,
        )
        for f in table.complexity.factors
    )
    value = sum((w.value * w.weight for w in weighed), Decimal(0))
    return next(at.level for at in table.complexity.levels if at.takes(value)), value, weighed


def _known_facts(table: TimeTable, facts: Mapping[str, Decimal]) -> None:
    names = [factor.key for factor in table.complexity.factors] if table.complexity else []
    unknown = sorted(set(facts) - set(names))
    if unknown:
        fields = {"fact": unknown[0], "table": table.key, "names": ", ".join(names) or "-"}
        raise UsageError("audit_time.no_fact", **fields)
    if any(value < 0 for value in facts.values()):
        raise UsageError("audit_time.negative_fact")


def audit_time(
    table: TimeTable,
    audit: Audit,
    persons: int,
    *,
    level: str | None = None,
    facts: Mapping[str, Decimal] | None = None,
    adjustments: Sequence[Adjustment] = (),
) -> AuditTime:
    """The audit days by that table; raises UsageError."""
    if persons < 1:
        raise UsageError("audit_time.no_persons")
    band = table.band(persons)
    if band is None:
        fields = {"persons": persons, "table": table.key, "most": table.bands[-1].until}
        raise UsageError("audit_time.beyond", **fields)
    found, complexity, weighed = level_of(table, level, facts or {})
    _allowed(table, adjustments)
    own = band.days(audit)
    share: ShareOf | None = None if own is not None else getattr(table, audit)
    base = Fraction((own or band.initial)[found]) * (share.share if share else 1)
    stated = sum((a.percent for a in adjustments), Decimal(0))
    counted = max(stated, -table.limits.reduce_percent)
    exact = base * (1 + Fraction(counted) / 100)
    least = base * (1 - Fraction(table.limits.reduce_percent) / 100)
    confidence: Confidence = band.confidence or table.confidence
    marked = [confidence, share.confidence if share else None, table.rounding.confidence]
    marked += [table.limits.confidence] if counted < 0 else []
    read = "initial" if own is None else audit
    doubts = [u for u in table.unsure if (u.first, u.level, u.audit) == (band.first, found, read)]
    marked += [u.confidence for u in doubts]
    return AuditTime(
        table=table,
        audit=audit,
        persons=persons,
        level=found,
        complexity=complexity,
        weighed=weighed,
        base=base,
        adjustments=tuple(adjustments),
        stated_percent=stated,
        counted_percent=counted,
        exact=exact,
        days=rounded(exact, table.rounding, least),
        confidence=min((m for m in marked if m), key=RANKS.__getitem__),
        doubts=tuple(u.says for u in doubts),
    )


def _allowed(table: TimeTable, adjustments: Sequence[Adjustment]) -> None:
    factors = {factor.key: factor for factor in table.factors}
    for one in adjustments:
        factor = factors.get(one.factor)
        if factor is None:
            fields = {"factor": one.factor, "table": table.key, "names": ", ".join(factors) or "-"}
            raise UsageError("audit_time.no_factor", **fields)
        if not one.why.strip():
            raise UsageError("audit_time.no_reason", factor=one.factor)
        wrong = {"add": one.percent < 0, "reduce": one.percent > 0}.get(factor.effect, False)
        if wrong or not one.percent:
            raise UsageError(f"audit_time.only_{factor.effect}", factor=one.factor, percent=one.percent)
        if factor.most is not None and abs(one.percent) > factor.most:
            raise UsageError("audit_time.factor_most", factor=one.factor, most=factor.most)
        if abs(one.percent) > 500:
            raise UsageError("audit_time.factor_most", factor=one.factor, most=500)


def rounded(exact: Fraction, rule: Rounding, least: Fraction) -> Decimal:
    """The days rounded as the rule says, but never below `least`: then up to the next step."""
    step = Fraction(rule.to)
    nearest = (exact / step + Fraction(1, 2)) // 1 if rule.mode == "nearest" else _up(exact / step)
    steps = max(int(nearest), _up(least / step), 1)
    return rule.to * steps


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def on_site(days: Decimal, table: TimeTable) -> Decimal:
    """The least days on site, rounded up to hundredths of a day."""
    return Decimal(_up(Fraction(days) * Fraction(table.on_site_percent))) / 100


@dataclass(frozen=True, slots=True)
class Integrated:
    """Several systems audited together."""

    rule: IntegrationRule
    parts: tuple[AuditTime, ...]
    total: Decimal
    stated_percent: Decimal
    counted_percent: Decimal
    exact: Fraction
    days: Decimal

    @property
    def limited(self) -> bool:
        """Whether the limit cut the stated reduction."""
        return self.counted_percent != self.stated_percent

    @property
    def against_tables(self) -> Fraction:
        """By how many percent the days are below (above 0) what the tables say together."""
        base = sum((part.base for part in self.parts), Fraction(0))
        return (1 - Fraction(self.days) / base) * 100


def integrated(parts: Sequence[AuditTime], percent: Decimal, rule: IntegrationRule) -> Integrated:
    """The parts together, less a percentage for integration; raises UsageError."""
    if percent < 0:
        raise UsageError("audit_time.integration_negative", percent=percent)
    if len({part.audit for part in parts}) > 1 or len(parts) < 2:
        raise UsageError("audit_time.integration_parts")
    total = sum((part.days for part in parts), Decimal(0))
    counted = min(percent, rule.reduce_percent)
    exact = Fraction(total) * (1 - Fraction(counted) / 100)
    least = Fraction(total) * (1 - Fraction(rule.reduce_percent) / 100)
    days = rounded(exact, rule.rounding, least)
    return Integrated(rule, tuple(parts), total, percent, counted, exact, days)


@dataclass(frozen=True, slots=True)
class SiteTime:
    """The days at one sampled site after the reduction for sampling."""

    stated_percent: Decimal
    exact: Fraction
    days: Decimal
    limited: bool


def site_time(
    days: Decimal, base: Fraction, percent: Decimal, rounding: Rounding, table: SamplingTable
) -> SiteTime:
    """The days at a sampled site: all reductions together leave what the sampling table demands of the base.

    Raises UsageError for a negative percentage.
    """
    if percent < 0:
        raise UsageError("audit_time.integration_negative", percent=percent)
    wanted = Fraction(days) * (1 - min(Fraction(percent), Fraction(100)) / 100)
    least = base * (1 - Fraction(table.site_reduce_percent) / 100)
    exact = max(wanted, least)
    return SiteTime(percent, exact, rounded(exact, rounding, least), wanted < least)
