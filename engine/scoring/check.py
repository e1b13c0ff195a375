"""What lint asks of a scoring table and its schemes."""

from collections.abc import Iterator
from importlib.resources.abc import Traversable

from shall.engine.loader import Problem, RulesetProblems
from shall.engine.models import Ruleset
from shall.engine.scoring.quantities import Scorer
from shall.engine.scoring.scheme import schemes_problems, shipped_schemes
from shall.engine.scoring.table import load_table, table_problems


def scoring_problems(folder: Traversable, ruleset: Ruleset) -> Iterator[Problem]:
    """Sums, addresses, formulas, schemes, and checks of records that cannot be compiled, each with file and line."""
    if not ruleset.standard.scoring:
        return
    found = list(table_problems(folder, ruleset))
    yield from found
    if found:
        return
    unfit = list(schemes_problems(folder, load_table(folder).table))
    yield from unfit
    if unfit:
        return
    for name in shipped_schemes(folder):
        try:
            _ = Scorer.of(folder, name).questions
        except RulesetProblems as error:
            yield from error.problems
