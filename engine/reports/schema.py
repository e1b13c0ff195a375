"""The published shape of a result, as models that mirror it exactly and as JSON Schema derived from them."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from shall.engine.evaluation import RESULT_FORMAT
from shall.engine.grading import Grade
from shall.engine.models import CHECKS, Modality, ProvisionKind, Severity
from shall.engine.outcomes import OUTCOMES
from shall.engine.verdicts import Mode, Verdict

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", json_schema_extra={"format": "date"})]
Reference = Annotated[str, Field(pattern=r"(?s)^[a-z][a-z0-9_]*:.", description="kind:id of a record")]
Outcome = Literal["unmet", "nothing_found", "unknown", "met"]
assert get_args(Outcome) == OUTCOMES
Reason = Literal[
    "met", "unmet", "unknown", "nothing_found", "no_requirement", "person", "info",
    "excluded", "condition_absent", "condition_unknown", "judged", "incorporated",
]  # fmt: skip
Count = Annotated[int, Field(ge=0)]


class Exact(BaseModel):
    """Every key is there, no other one is."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Both(Exact):
    """A text in Chinese and English."""

    zh: str
    en: str


class Organisation(Exact):
    """Whose evidence it was."""

    id: str
    name: str | None


class StandardHead(Exact):
    """The standard and the digest of the ruleset that encodes it."""

    key: str
    number: str
    title: Both
    edition: str
    status: Literal["published", "draft"]
    nature: Literal["requirements", "guideline", "evaluation"]
    published: str | None
    in_force: str | None
    digest: Digest


class Verdicts(Exact):
    """How many provisions have each verdict."""

    nonconforming: Count
    not_demonstrated: Count
    needs_judgement: Count
    opportunity: Count
    conforming: Count
    not_applicable: Count
    noted: Count


class Readiness(Exact):
    """How many of the recommendations and requirements that apply are met; guidelines only."""

    met: Count
    of: Count


class Chapter(Exact):
    """The verdicts of one chapter."""

    chapter: str
    title: Both | None
    verdicts: Verdicts
    readiness: Readiness | None


class Summary(Exact):
    """The verdicts of one standard."""

    verdicts: Verdicts
    to_confirm: Count
    readiness: Readiness | None
    chapters: list[Chapter]


class Requirement(Exact):
    """What evidence was asked for, what it said, and the records behind the answer."""

    id: str
    check: Annotated[str, Field(json_schema_extra={"enum": list(CHECKS)})]
    expects: Both
    kinds: list[str]
    outcome: Outcome
    population: list[Reference]
    offending: list[Reference]
    undecided: list[Reference]


class Judgement(Exact):
    """What a person decided about a provision."""

    record: str
    verdict: str
    reason: str
    judged_by: str
    judged_on: Day
    made_as: str
    evidence: str | None


class Exclusion(Exact):
    """An approved statement that a provision or clause does not apply."""

    record: str
    address: str
    justification: str
    approved_by: str
    approved_on: Day


class Provision(Exact):
    """A provision with its verdict and everything that led to it."""

    ruleset: str
    address: str
    clause: str
    kind: ProvisionKind
    modality: Modality
    severity: Severity
    gist: Both
    outcome: Outcome | None
    verdict: Verdict
    evidence_verdict: Verdict
    reason: Reason
    to_confirm: bool
    condition: Both | None
    question: Both | None
    look_at: list[str]
    reading: Both | None
    judgement: Judgement | None
    claim: Judgement | None
    exclusion: Exclusion | None
    requirements: list[Requirement]
    incorporates: list[str]


class Evidence(Exact):
    """A record a finding rests on."""

    kind: str
    id: str
    site: str | None
    unit: str | None


class GradedBy(Exact):
    """The grading policy: its key, edition and the digest of its file."""

    key: str
    edition: str
    digest: Digest


class Regrade(Exact):
    """A person gave another grade than the policy."""

    grade: Grade
    reason: str
    by: str
    on: Day | None
    record: str


class OnRecord(Exact):
    """A finding on record under the same criterion."""

    finding: str
    found_on: Day
    closed_on: Day | None
    grade: str | None


class Observation(Exact):
    """Records that cannot all be true."""

    rule: str
    says: Both
    records: list[Reference]


class Criterion(Exact):
    """One of several provisions whose gap a finding tells, with what it would say by itself."""

    id: str
    ruleset: str
    address: str
    cites: list[str]
    criterion: Both
    requirement: Both
    statement: Both
    grade: Grade
    rule: str


class Finding(Exact):
    """A nonconformity or an opportunity for improvement."""

    id: str
    ruleset: str
    address: str
    cites: list[str]
    standards: list[str]
    grade: Grade
    rule: str
    rule_says: Both | None
    criterion: Both
    requirement: Both
    statement: Both
    evidence: list[Evidence]
    computed_grade: Grade
    policy: GradedBy | None
    regrade: Regrade | None
    earlier: list[OnRecord]
    criteria: list[Criterion]


class Position(Exact):
    """Where in the ledger the evidence was read."""

    organisation: str
    position: Count
    head: str


class Receipt(Exact):
    """What the result can be computed again from."""

    software: str
    rulesets: dict[str, Digest]
    plan: Digest
    grading: GradedBy
    kinds: Digest
    evidence: Position
    result: Digest


class Result(Exact):
    """The result of one evaluation."""

    format: Annotated[int, Field(json_schema_extra={"const": RESULT_FORMAT})]
    organisation: Organisation
    on: Day
    since: Annotated[Day, Field(alias="from")]
    mode: Mode
    standards: list[StandardHead]
    incorporated_standards: list[StandardHead]
    summary: dict[str, Summary]
    provisions: list[Provision]
    incorporated: list[Provision]
    findings: list[Finding]
    observations: list[Observation]
    receipt: Receipt


def result_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a result."""
    derived = Result.model_json_schema(by_alias=True)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:shall:result:{RESULT_FORMAT}",
    }
    return head | derived
