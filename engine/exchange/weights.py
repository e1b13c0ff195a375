"""What the indicators of a scored standard count, for tools that score by weights."""

from collections.abc import Iterable
from fractions import Fraction

from shall.engine.models import Ruleset


def weights_of(ruleset: Ruleset, names: Iterable[str]) -> dict[str, Fraction]:
    """Category weight times points of each indicator, by address; none where the standard is not scored."""
    from shall.engine.loader import load_ruleset
    from shall.engine.scoring.table import load_table
    from shall.engine.shelf import folder_of, shipped

    if not ruleset.standard.scoring:
        return {}
    own = [n for n in names if n not in shipped() and load_ruleset(folder_of(n))[0].key == ruleset.key]
    table = load_table(folder_of(own[0] if own else ruleset.key)).table
    category = {c.key: Fraction(c.weight) for c in table.categories}
    points: dict[str, Fraction] = {}
    for one in table.indicators:
        points[one.category] = points.get(one.category, Fraction(0)) + Fraction(one.points)
    return {
        i.address: category[i.category] * Fraction(i.points) / points[i.category] for i in table.indicators
    }
