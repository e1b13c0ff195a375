"""The command line: it wires and prints. Everything a command needs is imported inside the command."""

import os
import sys
from typing import Any

import click

from shall.texts import LANGUAGES, Lang, say
from shall.texts.errors import ShallError

COMMANDS = {
    "demo": "demo",
    "init": "evidence",
    "template": "evidence",
    "import": "evidence",
    "export": "evidence",
    "check": "evaluate",
    "explain": "evaluate",
    "finding": "audit",
    "consequences": "consequences",
    "programme": "programme",
    "carry-over": "audits",
    "audits": "audits",
    "checklist": "checklist",
    "merge-checklists": "checklist",
    "audit-time": "audit_time",
    "sample-sites": "audit_time",
    "audit-plan": "audit_plan",
    "cycle": "audit_time",
    "portfolio": "portfolio",
    "compare": "compare",
    "delta": "delta",
    "integrated": "delta",
    "applicability": "delta",
    "diff": "delta",
    "exchange": "exchange",
    "score": "score",
    "what-if": "score",
    "review-report": "review",
    "document": "papers",
    "document-template": "papers",
    "document-fields": "papers",
    "recompute": "evaluate",
    "inventory": "accounts",
    "verify-ledger": "evidence",
    "clauses": "rules",
    "annexes": "annexes",
    "search": "search",
    "kinds": "rules",
    "lint": "rules",
    "verify-source": "source",
    "draft": "source",
    "plan": "rules",
    "schema": "rules",
    "reference": "rules",
    "doctor": "demo",
}
"""Each command and the module of this package that defines it; a module is imported when its command is called."""


_FUNCTIONS = {"import": "import_"}


class _Lazy(click.Group):
    """A group that imports a command's module only when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"shall.engine.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, _FUNCTIONS.get(cmd_name, cmd_name.replace("-", "_")))
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--lang", type=click.Choice(LANGUAGES), help="语言 / language (default: zh, or SHALL_LANG)")
@click.version_option(package_name="shall", prog_name="shall")
@click.pass_context
def shall(ctx: click.Context, lang: str | None) -> None:
    """碳管理标准的合规与审核引擎 / compliance and audit engine for carbon management standards."""
    ctx.obj = lang or default_language()


def default_language() -> Lang:
    """`SHALL_LANG` if it names a language we speak, else Chinese."""
    return "en" if os.environ.get("SHALL_LANG", "") == "en" else "zh"


def _interrupted() -> None:
    """Every file is put in place whole and every commit is one: what was under way has left nothing behind."""
    click.echo(say("cli.interrupted", _language_of_arguments()), err=True)
    sys.exit(130)


def main() -> None:
    """Run the command line; what a user can mend is printed as one paragraph, anything else keeps its traceback."""
    try:
        outcome: Any = shall(standalone_mode=False)
    except click.ClickException as error:
        from shall.engine.cli.usage import told

        if words := told(error, _language_of_arguments()):
            click.echo(words, err=True)
        else:
            error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        _interrupted()
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # what the portfolio engine makes of Ctrl-C
            raise
        _interrupted()
    except ShallError as error:
        click.echo(error.text(_language_of_arguments()), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        why, path = error.strerror or str(error), error.filename or "-"
        click.echo(say("cli.os_error", _language_of_arguments(), why=why, path=path), err=True)
        sys.exit(3)
    sys.exit(outcome if isinstance(outcome, int) else 0)


def _language_of_arguments() -> Lang:
    """The `--lang` of this call, which an error may precede click's parsing of."""
    words = sys.argv[1:]
    for n, word in enumerate(words):
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if word == "--lang" and n + 1 < len(words):
            value = words[n + 1]
        if value in LANGUAGES:
            return value
    return default_language()
