"""Sample companies, all fictional; data only."""
