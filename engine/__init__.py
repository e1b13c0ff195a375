"""The `engine` half of `shall`; import it as `shall.engine`."""

__version__ = "0.1.0"
"""Kept equal to pyproject.toml by a test: asking the installed metadata costs a tenth of a command."""

if __name__ == "engine":
    raise ImportError("import shall.engine, not engine: a second copy of every class would be made")
