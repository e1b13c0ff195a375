"""The report of a zero-carbon evaluation: contents a) to j) of clause 8, every figure with its arithmetic."""
