"""The zero-carbon score: formulas, scheme, arithmetic, range. Exact fractions throughout."""
