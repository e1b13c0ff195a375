"""The `engine` half of `shall`; import it as `shall.engine`."""

if __name__ == "engine":
    raise ImportError("import shall.engine, not engine: a second copy of every class would be made")
