"""What is off in the words of a command, through the catalogue like every other text."""

from collections.abc import Sequence

import click

from shall.texts import Lang, say


def told(error: click.ClickException, lang: Lang) -> str | None:
    """The error in words, or None for what the catalogue has no words for: then click's own stand."""
    if not isinstance(error, click.UsageError) or not (what := _what(error, lang)):
        return None
    lines = [say("cli.usage_error", lang, what=what)]
    if error.ctx is not None:
        usage = error.ctx.get_usage().partition(":")[2].strip()
        lines.append(say("cli.usage_help", lang, usage=usage, command=error.ctx.command_path))
    return "\n".join(lines)


def _what(error: click.UsageError, lang: Lang) -> str | None:
    if isinstance(error, click.NoSuchOption):
        return say("cli.usage_no_option", lang, name=error.option_name) + _near(error.possibilities, lang)
    if isinstance(error, click.MissingParameter):
        return say("cli.usage_missing", lang, name=_name(error))
    if isinstance(error, click.BadOptionUsage):
        return say("cli.usage_option_value", lang, name=error.option_name)
    if isinstance(error, click.BadParameter):
        return say("cli.usage_value", lang, name=_name(error), allowed=_allowed(error, lang))
    if name := getattr(error, "command_name", None):
        return say("cli.usage_no_command", lang, name=name) + _near(
            getattr(error, "possibilities", None), lang
        )
    words = error.message.partition("(")[2].rstrip(")")
    return say("cli.usage_extra", lang, words=words) if "extra argument" in error.message else None


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "")
    if isinstance(error.param, click.Argument):
        return error.param.human_readable_name
    return "/".join(error.param.opts)


def _allowed(error: click.BadParameter, lang: Lang) -> str:
    match error.param and error.param.type:
        case click.Choice() as kind:
            return say("cli.usage_choice", lang, choices=", ".join(map(str, kind.choices)))
        case click.IntRange() as kind:
            low, high = ("" if edge is None else edge for edge in (kind.min, kind.max))
            return say("cli.usage_range", lang, low=low, high=high)
        case click.types.IntParamType():
            return say("cli.usage_integer", lang)
        case click.Path():
            return say("cli.usage_path", lang, why=error.message)
    return error.message


def _near(possibilities: Sequence[str] | None, lang: Lang) -> str:
    return say("cli.usage_near", lang, names=", ".join(sorted(possibilities))) if possibilities else ""
