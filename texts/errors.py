"""The exception tree. An exception carries a key of the catalogue and fields, never a finished sentence.

ShallError
├── UsageError             2  the command's words are off
├── RulesetError           3  a ruleset cannot be used: carries every problem found
├── EvidenceError          3  evidence cannot be read or does not hold together
│   └── StoreError         3  the store itself cannot be opened, read or written
└── ReportError            3  a report cannot be written
"""

from shall.texts import say


class ShallError(Exception):
    """Anything a user can mend; the command line prints it as one paragraph."""

    exit_code = 3

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields

    def text(self, lang: str) -> str:
        """The message in that language (`zh` or `en`)."""
        return say(self.key, lang, **self.fields)

    def __str__(self) -> str:
        return self.text("en")


class UsageError(ShallError):
    """The command's words are off."""

    exit_code = 2


class RulesetError(ShallError):
    """A ruleset cannot be used."""


class EvidenceError(ShallError):
    """Evidence cannot be read or does not hold together."""


class StoreError(EvidenceError):
    """The store cannot be opened, read or written."""


class ReportError(ShallError):
    """A report cannot be written."""
