"""From outcomes, conditions and judgements to verdicts: the table of the design, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shall.engine.executors.python import Answers
from shall.engine.outcomes import MET, NOTHING, OUTCOMES, UNKNOWN, UNMET
from shall.engine.plan import Plan, PlannedProvision

Verdict = Literal[
    "conforming",
    "nonconforming",
    "opportunity",
    "not_demonstrated",
    "needs_judgement",
    "not_applicable",
    "noted",
]
VERDICTS: tuple[Verdict, ...] = (
    "nonconforming",
    "not_demonstrated",
    "needs_judgement",
    "opportunity",
    "conforming",
    "not_applicable",
    "noted",
)
"""Every verdict, in the order reports list them: what asks for action first."""

Mode = Literal["audit", "self"]
MODES: tuple[Mode, ...] = ("audit", "self")
"""`audit`: a required document that nobody can show is a nonconformity, and only an auditor's judgement counts.
`self`: the organisation is still collecting, so what is not there yet is not demonstrated; its own judgements count."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person decided about a provision, with the record that says so."""

    record: str
    verdict: str
    reason: str
    judged_by: str
    judged_on: str
    made_as: str
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An approved, justified statement that a provision or clause does not apply."""

    record: str
    address: str
    justification: str
    approved_by: str
    approved_on: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdict on one provision and everything that led to it."""

    provision: PlannedProvision
    outcome: str | None
    verdict: Verdict
    evidence_verdict: Verdict
    reason: str
    judgement: Judgement | None = None
    claim: Judgement | None = None
    exclusion: Exclusion | None = None

    @property
    def to_confirm(self) -> bool:
        """Whether records meet a recommendation that only a person can judge, and nobody has; it conforms as yet."""
        return (
            self.provision.severity == "should"
            and self.provision.judged is not None
            and (self.outcome, self.verdict) == ("met", "conforming")
            and self.judgement is None
        )


@dataclass(frozen=True, slots=True)
class People:
    """What persons have put on record for one ruleset: judgements by address, and exclusions."""

    judgements: Mapping[str, Sequence[Judgement]]
    exclusions: Sequence[Exclusion]


NOBODY = People({}, ())


def decide(plan: Plan, answers: Answers, people: Mapping[str, People], mode: Mode) -> list[Decided]:
    """The verdict on every provision, in the order of the plan; those incorporated before those that incorporate."""
    found: dict[int, Decided] = {}

    def settled(index: int) -> Decided:
        if index not in found:
            provision = plan.provisions[index]
            inner = [settled(i) for i in provision.incorporated]
            found[index] = _decided(provision, inner, answers, people.get(provision.ruleset, NOBODY), mode)
        return found[index]

    return [settled(index) for index in range(len(plan.provisions))]


def _decided(
    provision: PlannedProvision, inner: Sequence[Decided], answers: Answers, people: People, mode: Mode
) -> Decided:
    exclusion = _exclusion(provision, people)
    applies = MET if provision.when is None else answers.conditions[provision.when]
    outcome = _outcome(provision, answers, applies)
    named = None if outcome is None else OUTCOMES[outcome]
    if exclusion:
        return Decided(provision, named, "not_applicable", "not_applicable", "excluded", exclusion=exclusion)
    if applies == UNMET:
        verdict, reason = _absent(provision)
    else:
        verdict, reason = table(provision, outcome, mode)
        if applies in (UNKNOWN, NOTHING) and reason != "met":
            reason = "condition_unknown"
        if inner and provision.severity != "info":
            derived = incorporated(provision, [(d.provision.severity, d.verdict) for d in inner], applies)
            if not provision.requirements or VERDICTS.index(derived) < VERDICTS.index(verdict):
                verdict, reason = derived, "incorporated"
    judgement, claim = _judgement(provision, people, mode)
    if judgement is None:
        return Decided(provision, named, verdict, verdict, reason, claim=claim)
    return Decided(provision, named, _judged(provision, judgement), verdict, "judged", judgement, claim)


def _absent(provision: PlannedProvision) -> tuple[Verdict, str]:
    return ("noted", "info") if provision.severity == "info" else ("not_applicable", "condition_absent")


def _outcome(provision: PlannedProvision, answers: Answers, applies: int) -> int | None:
    if not provision.requirements:
        return None
    outcome = min(answers.requirements[i] for i in provision.requirements)
    return UNKNOWN if applies in (UNKNOWN, NOTHING) and outcome != MET else outcome


def table(provision: PlannedProvision, outcome: int | None, mode: Mode) -> tuple[Verdict, str]:
    """Severity and outcome to verdict and reason. No nonconformity is ever raised on a should."""
    if provision.severity == "info":
        return "noted", "info"
    if provision.severity == "should":
        return ("conforming", "met") if outcome == MET else ("opportunity", _reason(outcome))
    if outcome == MET:
        return ("needs_judgement", "person") if provision.judged else ("conforming", "met")
    if outcome == UNMET or (outcome == NOTHING and provision.doc_info and mode == "audit"):
        return "nonconforming", _reason(outcome)
    return "not_demonstrated", _reason(outcome)


def incorporated(
    provision: PlannedProvision, inner: Sequence[tuple[str, Verdict]], applies: int = MET
) -> Verdict:
    """The verdict that follows from (severity, verdict) of the incorporated provisions: that of the worst.

    What they only recommend does not count unless there is nothing else. A shall that rests on a recommendation
    nobody followed is not demonstrated; a should that rests on a shall is at worst an opportunity.
    """
    binding = [verdict for severity, verdict in inner if severity == "shall"]
    worst = min(binding or [verdict for _, verdict in inner], key=VERDICTS.index)
    if provision.severity == "should":
        return SOFTENED.get(worst, worst)
    if worst == "opportunity" or (worst == "nonconforming" and applies in (UNKNOWN, NOTHING)):
        return "not_demonstrated"
    return worst


SOFTENED: Mapping[Verdict, Verdict] = {
    "nonconforming": "opportunity",
    "not_demonstrated": "opportunity",
    "needs_judgement": "conforming",
}
"""What the verdict on an incorporated shall is worth where the incorporating provision only recommends."""


def _reason(outcome: int | None) -> str:
    return "no_requirement" if outcome is None else OUTCOMES[outcome]


def _exclusion(provision: PlannedProvision, people: People) -> Exclusion | None:
    if provision.severity == "info":
        return None
    return next((e for e in people.exclusions if covers(e.address, provision.address)), None)


def covers(outer: str, address: str) -> bool:
    """Whether an address lies in a clause, list or item: `6.1` covers `6.1.2/a`, `8.4` does not cover `8.41`."""
    return address == outer or (address.startswith(outer) and address[len(outer)] in ".#/")


def _judgement(
    provision: PlannedProvision, people: People, mode: Mode
) -> tuple[Judgement | None, Judgement | None]:
    """The judgement that counts in this mode, and one that does not (a company's own word in an audit)."""
    if provision.severity == "info":
        return None, None
    found = _in_order(people, provision.address)
    counts = counting(people, provision.address, mode)
    others = [j for j in found if j not in counts]
    return (counts[-1] if counts else None), (others[-1] if others else None)


def counting(people: People, address: str, mode: Mode) -> list[Judgement]:
    """The judgements about an address that count in this mode, the latest last."""
    return [j for j in _in_order(people, address) if mode == "self" or j.made_as == "audit"]


def _in_order(people: People, address: str) -> list[Judgement]:
    return sorted(people.judgements.get(address, ()), key=lambda j: (j.judged_on, j.record))


def _judged(provision: PlannedProvision, judgement: Judgement) -> Verdict:
    if judgement.verdict == "nonconforming" and provision.severity == "should":
        return "opportunity"
    return judgement.verdict  # type: ignore[return-value]
