"""The audit plan: who audits what when and where, solved, checked once more, and explained where there is none."""
