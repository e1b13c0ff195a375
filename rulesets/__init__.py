"""Declarative rulesets, one folder per standard; data only."""
