"""What must hold before a certificate is granted, kept or renewed: each condition met, not met, or not to be told.

Nothing is taken for done that is not on record. The conditions follow ISO/IEC 17021-1, 5.2, 7.2, 9.5 and 9.6; how
long a system must have run is what certification bodies usually ask, the share of time on site is that of IAF MD 5.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shall.engine.papers import precondition_audit as the_audit
from shall.engine.papers import precondition_findings as findings
from shall.engine.papers import precondition_people as people
from shall.engine.papers import precondition_stages as stages
from shall.engine.papers.audits import Audit
from shall.engine.papers.precondition_facts import Facts, Outcome, Told, worst
from shall.engine.papers.precondition_standards import standards

Check = Callable[[Facts], Told]

ALWAYS: Mapping[str, Check] = {
    "certification": the_audit.certification,
    "step_fits": the_audit.step_fits,
    "identified": the_audit.identified,
    "standards": standards,
    "scope": the_audit.scope,
    "days_in_order": the_audit.days_in_order,
    "days_spent": the_audit.days_spent,
    "on_site": the_audit.on_site,
    "impartiality": people.impartiality,
    "competence": people.competence,
    "reported": the_audit.reported,
    "concluded": the_audit.concluded,
    "majors": findings.majors,
    "minors": findings.minors,
    "verifiers": findings.verifiers,
    "disputes": findings.disputes,
    "earlier": findings.earlier_ones,
    "team_recommends": the_audit.team_recommends,
    "fits": the_audit.fits,
    "recommender": people.recommender,
    "reviewer_outside": people.reviewer_outside,
    "decider_outside": people.decider_outside,
    "recommender_outside": people.recommender_decides,
}
"""Conditions of every audit, in the order in which one would look."""

FURTHER: Mapping[str, Mapping[str, Check]] = {
    "stage_2": {
        "stage_1": stages.stage_1,
        "six_months": findings.six_months,
        "running": stages.running,
        "internal_audit": stages.internal_audit,
        "management_review": stages.management_review,
    },
    "surveillance": {"in_force": the_audit.in_force},
    "special": {"in_force": the_audit.in_force},
    "recertification": {
        "in_force": the_audit.in_force,
        "before_expiry": stages.before_expiry,
        "majors_before_expiry": findings.majors_before_expiry,
        "decided_before_expiry": stages.decided_before_expiry,
    },
}
"""Those of one type of audit only."""

GRAVEST: tuple[Outcome, ...] = ("not_met", "unknown", "met")
"""The order in which a paper lists them."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its key, how it stands, the records, days and reasons that say so."""

    key: str
    outcome: Outcome
    basis: str = ""


def conditions(audit: Audit) -> list[Condition]:
    """Every condition that applies to this type of audit: those not met first, then those not to be told."""
    facts = Facts(audit)
    checks = {**ALWAYS, **FURTHER.get(str(facts.kind), {})}
    found = [Condition(key, *check(facts)) for key, check in checks.items()]
    return sorted(found, key=lambda c: GRAVEST.index(c.outcome))


def overall(found: Sequence[Condition]) -> Outcome:
    """Not met if one is not, not to be told if one is not to be told, else met."""
    return worst([c.outcome for c in found])
