"""The `evidence` half of `shall`; import it as `shall.evidence`."""

if __name__ == "evidence":
    raise ImportError("import shall.evidence, not evidence: a second copy of every class would be made")
