"""The closed list of outcomes, and names the plan, the executors and the verdicts share."""

UNMET, NOTHING, UNKNOWN, MET = range(4)
"""Outcome codes. Their order is Kleene's: `and` is the least, `or` the greatest; nothing found is a kind of unknown."""

OUTCOMES = ("unmet", "nothing_found", "unknown", "met")
"""Names of the outcomes, by code."""

INTERVAL_KIND = "defined_interval"
"""The kind in which an organisation records how often it has decided to do things."""

PROFILE = "organisation"
"""The kind of the organisation's own profile."""
