"""Command that holds many organisations against standards at once."""

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import guard_target, parse_day
from shall.engine.verdicts import VERDICTS, Mode
from shall.texts import Lang, say
from shall.texts.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from shall.engine.executors.duckdb import DuckDBExecutor, Verdicts

COUNTS, EVERY = (".csv", ".json", ".parquet"), (".csv", ".parquet")
"""Endings of a file of counts, and of one of all verdicts."""
SHOWN = 20
"""Rows of organisations on the screen."""


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-s",
    "--standard",
    "standards",
    multiple=True,
    default=("t_ccaa_39",),
    show_default=True,
    help="规则集或其文件夹，可多次 / ruleset or its folder, may be repeated",
)
@click.option("--on", "day", help="审核日，默认今天 / day of the audit, default today")
@click.option("--from", "since", help="审核期间首日，默认一年 / first day of the period, default a year")
@click.option("--known", type=int, help="账本位置（只限一个证据库）/ ledger position, of a single store")
@click.option(
    "--mode",
    type=click.Choice(["audit", "self"]),
    default="audit",
    show_default=True,
    help="审核或自我评价 / audit or self-assessment",
)
@click.option(
    "--verdicts",
    "every",
    is_flag=True,
    help="写出每条结论，而不是数目 / write every verdict instead of counts",
)
@click.option(
    "--disk", is_flag=True, help="证据超出内存时在磁盘上计算 / work on disk, for evidence larger than memory"
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="写到文件：.csv、.parquet；数目也可 .json / write to a file; counts may be .json",
)
@click.option("-q", "--quiet", is_flag=True, help="不报告进度 / without progress")
@click.pass_obj
def portfolio(
    lang: Lang,
    /,
    data: tuple[Path, ...],
    standards: tuple[str, ...],
    day: str | None,
    since: str | None,
    known: int | None,
    mode: Mode,
    every: bool,
    disk: bool,
    output: Path | None,
    quiet: bool,
) -> None:
    """一次评价许多组织：DATA 是证据库，或每种证据一个 parquet 文件的文件夹 /
    many organisations at once: DATA are evidence stores, or folders with a parquet file for each kind of evidence.
    """
    on, first = _days(day, since)
    _check(data, output, every=every)
    from shall.engine.cache import executor_for
    from shall.engine.executors.duckdb import DuckDBExecutor

    def tell(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)

    plan = executor_for(standards).plan
    told = {"digest": plan.digest[:12], "standards": ", ".join(plan.asked)}
    tell(say("portfolio.plan", lang, count=sum(p.ruleset in plan.asked for p in plan.provisions), **told))
    with tempfile.TemporaryDirectory() if disk else nullcontext() as place:
        executor = DuckDBExecutor(plan, database=f"{place}/evidence.duckdb" if place else ":memory:")
        with executor.db:
            found = _decided(executor, data, (on, first, known, mode), tell, lang)
            if output is None:
                click.echo("\n".join(_screen(list(found.counts()), on, first, mode, lang)))
                return
            rows = _write(found, output, every=every)
    click.echo(say("portfolio.written", lang, path=output, rows=rows), err=True)


def _days(day: str | None, since: str | None) -> tuple[date, date]:
    from shall.engine.trees import usual_start

    on = parse_day(day) if day else date.today()
    first = parse_day(since) if since else usual_start(on)
    if first > on:
        raise UsageError("cli.period_after_day", since=first, on=on)
    return on, first


def _check(data: Sequence[Path], output: Path | None, *, every: bool) -> None:
    """Everything that can be seen to be wrong before hours of work."""
    if find_spec("duckdb") is None:
        raise UsageError("portfolio.no_duckdb")
    for path in data:
        if not path.exists():
            raise UsageError("portfolio.no_data", path=path)
    if every and output is None:
        raise UsageError("portfolio.output_needed")
    allowed = EVERY if every else COUNTS
    if output and output.suffix.lower() not in allowed:
        raise UsageError("portfolio.form", path=output, allowed=" ".join(allowed))
    if output:
        guard_target(output, replace=True)
        if output.resolve().parent in [path.resolve() for path in data]:
            raise UsageError("portfolio.output_in_data", path=output)


def _decided(
    executor: "DuckDBExecutor",
    data: Sequence[Path],
    asked: tuple[date, date, int | None, Mode],
    tell: Callable[[str], None],
    lang: Lang,
) -> "Verdicts":
    """Load all that is named and decide; raises EvidenceError where there is no organisation."""
    on, since, known, mode = asked
    organisations = 0
    if known is not None and len(data) != 1:
        raise EvidenceError("portfolio.one_position")
    if known is not None and data[0].is_dir():
        raise EvidenceError("portfolio.known_folder", path=data[0])
    for path in data:
        tell(say("portfolio.loading", lang, path=path))
        start = time.perf_counter()
        loaded = executor.load_folder(path) if path.is_dir() else executor.load_stores([path], known)
        organisations += loaded.organisations
        told = {"organisations": loaded.organisations, "rows": loaded.rows, "seconds": _since(start)}
        tell(say("portfolio.loaded", lang, **told))
    if not organisations:
        raise EvidenceError("portfolio.empty", sources=", ".join(map(str, data)))
    tell(say("portfolio.deciding", lang, organisations=organisations))
    start = time.perf_counter()
    found = executor.verdicts(on, since, mode)
    tell(say("portfolio.decided", lang, seconds=_since(start)))
    if found.outcomes.in_python:
        tell(say("portfolio.in_python", lang, count=len(found.outcomes.in_python)))
    return found


def _since(start: float) -> str:
    return f"{time.perf_counter() - start:.1f}"


# What comes out.


def _write(found: "Verdicts", output: Path, *, every: bool) -> int:
    """Write counts or verdicts as the ending says; the number of rows."""
    from shall.engine.reports.csv_report import FORMULA_STARTS
    from shall.engine.reports.files import put, put_bytes

    form = output.suffix.lower()
    if not every and form != ".parquet":
        rows = list(found.counts())
        put_bytes(output, _json(rows) if form == ".json" else _csv(rows))
        return len(rows)
    made: list[int] = []

    def write(draft: Path) -> None:
        if form == ".parquet":
            made.append(found.write_parquet(draft, every=every))
        else:
            made.append(found.write_csv(draft, FORMULA_STARTS))

    put(output, write)
    return made[0]


def _json(rows: Iterable[Sequence[Any]]) -> bytes:
    named = [dict(zip(("organisation", "ruleset", *VERDICTS), row, strict=True)) for row in rows]
    return (json.dumps(named, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """The counts for a spreadsheet: marked as UTF-8, names that it would compute kept as texts."""
    import csv
    import io

    from shall.engine.reports.csv_report import MARK, guarded

    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(["organisation", "ruleset", *VERDICTS])
    writer.writerows([guarded(row[0]), *row[1:]] for row in rows)
    return (MARK + written.getvalue()).encode("utf-8", "replace")


def _screen(rows: Sequence[Sequence[Any]], on: date, since: date, mode: Mode, lang: Lang) -> Iterable[str]:
    """The sums per standard, how many organisations have no nonconformity, and those that have the most."""
    organisations = len({row[0] for row in rows})
    told = {"organisations": organisations, "on": on, "since": since, "mode": say(f"cli.mode_{mode}", lang)}
    yield say("portfolio.head", lang, **told)
    yield ""
    yield say("portfolio.totals", lang)
    yield _row("portfolio.standard", [say(f"cli.{v}", lang) for v in VERDICTS], lang)
    wrong = VERDICTS.index("nonconforming") + 2
    for key in dict.fromkeys(row[1] for row in rows):
        own = [row for row in rows if row[1] == key]
        sums = [str(sum(row[n + 2] for row in own)) for n in range(len(VERDICTS))]
        clean = sum(row[wrong] == 0 for row in own)
        yield _cells(key, sums) + f"   {say('portfolio.clean', lang)} {clean}"
    yield ""
    yield say("portfolio.first", lang)
    yield _row("portfolio.organisation", [say(f"cli.{v}", lang) for v in VERDICTS], lang)
    ordered = sorted(rows, key=lambda row: (-row[wrong], row[0], row[1]))
    for row in ordered[:SHOWN]:
        name = f"{row[0]}  {row[1]}" if len({r[1] for r in rows}) > 1 else row[0]
        yield _cells(name, list(map(str, row[2:])))
    if len(ordered) > SHOWN:
        yield say("portfolio.more", lang, count=len(ordered) - SHOWN)


def _row(key: str, cells: Sequence[str], lang: Lang) -> str:
    return _cells(say(key, lang), cells)


def _cells(label: str, cells: Sequence[str]) -> str:
    from shall.engine.reports.columns import clipped, width
    from shall.engine.search import clean

    head = clipped(clean(label), 33)
    return head + " " * (34 - width(head)) + "".join(" " * (11 - width(c)) + c for c in cells)
