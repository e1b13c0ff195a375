"""Executors of a plan: Python for one organisation, DuckDB for many."""
