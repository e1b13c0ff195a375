"""Audits: what was found, what was done about it, and when it is due."""
