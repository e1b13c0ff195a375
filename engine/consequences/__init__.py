"""Follow-up duties: what a change, a finding or an event calls for, one duty giving rise to the next."""
