"""What several commands share: options, the day, the organisation."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.evidence.store import Store
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.evaluation import Question


def question_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what is asked: standards, organisation, day, period, mode, position."""
    for option in reversed(
        (
            click.option("-s", "--standard", "standards", multiple=True, default=("t_ccaa_39",), show_default=True,
                         help="规则集或其文件夹，可多次 / ruleset or its folder, may be repeated"),
            click.option("--org", help="组织编号 / organisation"),
            click.option("--on", "day", help="审核日，默认今天 / day of the audit, default today"),
            click.option("--from", "since", help="审核期间首日，默认一年 / first day of the period, default a year"),
            click.option("--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then"),
            click.option("--mode", type=click.Choice(["audit", "self"]), default="audit", show_default=True,
                         help="审核或自我评价 / audit or self-assessment"),
        )
    ):  # fmt: skip
        command = option(command)
    return command


ENDINGS = ("html", "xlsx", "pdf", "docx", "json", "csv", "md", "ics")
"""Endings of file names that name a format."""
FILES = ("html", "xlsx", "pdf", "docx", "ics")
"""Formats that are written to a file, never to the terminal."""


def output_options(
    forms: Sequence[str], default: str = "table", *, required: bool = False, edited: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options `--format` (as `form`) and `-o` (as `output`); the ending of the file chooses the format.

    What can be computed again replaces the file that stands there; what people go on to edit (`edited`) only with
    `--force`. They raise UsageError where ending and format contradict each other, where a format needs a file,
    where the file must not be replaced, and, for commands whose default is a file, where the ending is no format.
    """

    def settled(ctx: click.Context, param: click.Parameter, form: str) -> str:
        output: Path | None = ctx.params.get("output")
        assert param.name
        named = ctx.get_parameter_source(param.name) is not click.core.ParameterSource.DEFAULT
        if output is None:
            if form in FILES:
                raise UsageError("cli.output_needed", form=form)
            return form
        ending = output.suffix.lower().removeprefix(".")
        chosen = form if named or ending not in forms else ending
        if ending and ending not in ENDINGS and default in FILES and not named:
            raise UsageError("papers.ending_no_format", path=output, ending=ending, forms=", ".join(forms))
        if ending in ENDINGS and ending != chosen:
            raise UsageError("cli.form_and_ending", path=output, form=chosen, forms=", ".join(forms))
        guard_target(output, replace=not edited or ctx.params["force"])
        return chosen

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path, dir_okay=False),
            required=required,
            is_eager=True,
            help="写到文件，后缀决定格式 / write to a file, its ending names the format",
        )(command)
        if edited:
            command = FORCE(command)
        return click.option(
            "--format",
            "form",
            type=click.Choice(forms),
            default=default,
            show_default=True,
            callback=settled,
            help="格式 / format",
        )(command)

    return add


def put_text(text: str, output: Path | None) -> None:
    """Print a text, or put it in a file in one step; raises ReportError."""
    if output is None:
        click.echo(text, nl=False)
        return
    from shall.engine.reports.files import put_bytes

    put_bytes(output, text.encode())


def parse_day(value: str) -> date:
    """A day written 2026-06-30; raises UsageError."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError("cli.bad_date", value=value) from None


def ask(store: Store, options: dict[str, Any]) -> "Question":
    """The question that the options of a command ask; raises UsageError."""
    from shall.engine.evaluation import Question

    on = parse_day(options["day"]) if options["day"] else date.today()
    since = parse_day(options["since"]) if options["since"] else None
    if since and since > on:
        raise UsageError("cli.period_after_day", since=since, on=on)
    return Question.of(organisation_of(store, options["org"]), on, since, options["mode"], options["known"])


def organisation_of(store: Store, name: str | None) -> str:
    """The organisation meant: the named one, or the only one; raises UsageError."""
    known = store.organisations()
    if not known:
        raise UsageError("cli.no_organisation")
    if name is None and len(known) > 1:
        raise UsageError("cli.which_organisation", names=", ".join(known))
    if name is not None and name not in known:
        raise UsageError("cli.unknown_organisation", name=name, names=", ".join(known))
    return name or known[0]


def organisation_name(store: Store, question: "Question") -> str | None:
    """The name in the organisation's profile, if it has one."""
    rows = store.rows("organisation", question.organisation, ["name"], known=question.known)
    return next((row[0] for row in rows if row[0]), None)


def guard_target(path: Path, *, replace: bool) -> None:
    """Refuse to write over a file that stands there unless it may be replaced, and over a SQLite file always.

    Raises UsageError. A file that cannot be read counts as one that must not be replaced.
    """
    if path.is_file() and _begins(path) == SQLITE:
        raise UsageError("cli.target_is_store", path=path)
    if not replace and (path.exists() or path.is_symlink()):
        raise UsageError("cli.target_exists", path=path)


def _begins(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE))
    except OSError as error:
        raise UsageError("cli.target_unreadable", path=path, why=error.strerror or str(error)) from None


SQLITE = b"SQLite format 3\0"
"""How every SQLite file begins."""
FORCE = click.option(
    "--force", is_flag=True, is_eager=True, help="替换已有的文件 / replace a file that exists"
)
STORE = click.Path(path_type=Path, dir_okay=False)
