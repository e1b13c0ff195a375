"""The internal audit programme: who is audited, on what, how often, when, how and by whom, each with its reason."""
