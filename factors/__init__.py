"""Versioned factor sets and the methodologies that choose among them, as data."""
