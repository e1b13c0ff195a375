"""Comparisons as tables, pages and files."""
