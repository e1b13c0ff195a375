"""Every text a user sees, in Chinese and English, through one catalogue.

The catalogue is the JSON files of this folder: `{"area.key": {"zh": "... {field} ...", "en": "..."}}`.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")


@cache
def area(name: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of one area (one file) by key."""
    text = files("shall.texts").joinpath(f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = json.loads(text)
    return loaded


def say(key: str, lang: str, /, **fields: object) -> str:
    """The text of `key` (`area.name`) in `lang`, its `{field}` places filled in.

    Raises KeyError for a key that the catalogue lacks: that is a mistake of ours, not of the user.
    """
    return area(key.partition(".")[0])[key][lang].format(**fields)
