"""Where rulesets lie; kept apart from the loader because a cached plan needs no YAML and no pydantic."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from shall.texts.errors import RulesetError

HEAD = "ruleset.yaml"


def shipped() -> list[str]:
    """Keys of the rulesets that come with the project, in alphabetical order."""
    folder = files("shall.rulesets")
    return sorted(
        entry.name for entry in folder.iterdir() if entry.is_dir() and entry.joinpath(HEAD).is_file()
    )


def folder_of(name: str) -> Traversable:
    """The folder of a shipped ruleset by key, or a folder of the user's own by path; raises RulesetError."""
    own = Path(name)
    if name in shipped():
        return files("shall.rulesets").joinpath(name)
    if own.is_dir() and own.joinpath(HEAD).is_file():
        return own
    raise RulesetError("rules.unknown_ruleset", name=name, shipped=", ".join(shipped()))
