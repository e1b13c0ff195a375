"""The grading policy: which nonconformity is major, decided by a file, with the rule that decided named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shall.engine.verdicts import Decided

Grade = Literal["major", "minor", "opportunity"]
GRADES: tuple[Grade, ...] = ("major", "minor", "opportunity")
"""Grades a finding of the engine can have, the gravest first."""


@dataclass(frozen=True, slots=True)
class GradingRule:
    """One rule of the policy.

    It fits where at least `provisions` of the clause's decidable shall provisions fail, all of them if
    `throughout`, and then only if no record shows the process at work.
    """

    name: str
    grade: Grade
    says: Mapping[str, str]
    provisions: int = 0
    throughout: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A named list of rules; the first that fits decides."""

    key: str
    rules: Sequence[GradingRule]

    def grade(self, clause: Sequence[Decided], at_work: bool) -> GradingRule:
        """The rule that grades a nonconformity, given the verdicts on all provisions of its clause.

        `at_work` says whether some record shows the clause's process at work.
        """
        return next(rule for rule in self.rules if _fits(rule, clause, at_work))


def _fits(rule: GradingRule, clause: Sequence[Decided], at_work: bool) -> bool:
    decidable = [
        d
        for d in clause
        if d.provision.severity == "shall" and d.verdict not in ("not_applicable", "needs_judgement")
    ]
    failing = sum(d.verdict == "nonconforming" for d in decidable)
    if rule.throughout and (at_work or failing < len(decidable)):
        return False
    return failing >= rule.provisions


DEFAULT = Policy(
    "iso_17021_1",
    (
        GradingRule(
            "whole_clause_absent",
            "major",
            {
                "zh": "该条款下可判定的应条款全部不符合，也没有一条记录表明该过程在运行：整个过程缺失",
                "en": "every decidable shall provision of the clause is nonconforming and no record shows the "
                "process at work: it is absent as a whole",
            },
            provisions=3,
            throughout=True,
        ),
        GradingRule(
            "default",
            "minor",
            {
                "zh": "未表明影响体系实现预期结果的能力",
                "en": "not shown to affect the system's capability to achieve its intended results",
            },
        ),
    ),
)
"""After ISO/IEC 17021-1:2015, 3.12 and 3.13: minor unless the system's purpose is touched."""
