"""Commands for working papers: `shall checklist` writes them, `shall merge-checklists` takes them back."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from shall.engine.cli.common import FORCE, STORE, ask, guard_target, organisation_name, question_options
from shall.texts import Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shall.engine.audit.checklist.applying import Prepared
    from shall.engine.audit.checklist.book import Note
    from shall.engine.audit.checklist.form import Form
    from shall.engine.audit.checklist.merging import Merged
    from shall.engine.audit.checklist.visits import Visits
    from shall.engine.evaluation import Question
    from shall.evidence.store import Store

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FORMS = ("xlsx", "docx")
OUTPUT = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("store", type=STORE)
@question_options
@click.option(
    "--by",
    type=click.Choice(["clause", "unit"]),
    default="clause",
    show_default=True,
    help="按条款或按部门 / by clause or by unit",
)
@click.option("--unit", help="只要一个部门的 / of one unit only")
@click.option(
    "--programme",
    type=FILE,
    help="审核方案（JSON），与 --round 同用 / audit programme as JSON, with --round",
)
@click.option("--round", "number", type=int, help="只要方案中这一轮的 / of this round of the programme only")
@click.option(
    "--audit", help="只要这次审核日程中的（审核档案编号）/ of the timetable of this audit only (audit file)"
)
@click.option(
    "--sample",
    default="root",
    show_default=True,
    help="每类记录的样本量：root、all 或个数 / sample of each kind of record: root, all or a number",
)
@click.option(
    "--seed", type=int, help="抽样种子，默认取自账本 / seed of the samples, default from the ledger"
)
@click.option(
    "--format",
    "form_of_file",
    type=click.Choice(FORMS),
    help="Excel 或 Word，默认看扩展名 / Excel or Word, default by the ending of the name",
)
@click.option("-o", "--output", type=OUTPUT, required=True, help="写到文件 / write to a file")
@FORCE
@click.pass_obj
def checklist(
    lang: Lang,
    /,
    store: Path,
    by: str,
    unit: str | None,
    programme: Path | None,
    number: int | None,
    audit: str | None,
    sample: str,
    seed: int | None,
    form_of_file: str | None,
    output: Path,
    force: bool,
    **options: Any,
) -> None:
    """写出可离线填写的审核检查表 / write an audit checklist to be filled in offline."""
    from shall.engine.audit.checklist.questions import Wanted, form_of
    from shall.engine.audit.checklist.sampling import size_rule
    from shall.engine.cache import executor_for
    from shall.engine.evaluation import evaluate
    from shall.engine.grading import DEFAULT
    from shall.evidence.store import Store

    rule = size_rule(sample)
    if (programme is None) != (number is None) or (programme is not None and audit is not None):
        raise UsageError("checklist.round_needs")
    guard_target(output, replace=force)
    executor = executor_for(options["standards"])
    with Store.open(store) as opened:
        question = ask(opened, options)
        visits = _visits(opened, question, programme, number, audit, lang)
        wanted = Wanted(by, unit, rule, seed, visits)
        found = evaluate(executor, opened, question, DEFAULT)
        form = form_of(found, opened, wanted, lang, organisation_name(opened, question))
        units = [row[0] for row in opened.rows("unit", question.organisation, ("id",))]
    _put(form, output, form_of_file, lang)
    if visits is not None and (unknown := visits.unknown(executor.plan)):
        click.echo(say("checklist.not_asked_here", lang, clauses=", ".join(unknown)), err=True)
    asked = {line.unit for line in form.lines}
    whole = by == "unit" and unit is None and visits is None
    silent = [u for u in units if u not in asked] if whole else []
    if silent:
        click.echo(say("checklist.units_without", lang, units=", ".join(silent)), err=True)
    told = {
        "path": output,
        "count": len(form.lines),
        "shared": sum(len(line.members) > 1 for line in form.lines),
        "digest": form.digest[:12],
    }
    click.echo(say("checklist.written", lang, **told))


def _visits(
    store: "Store",
    question: "Question",
    programme: Path | None,
    number: int | None,
    audit: str | None,
    lang: Lang,
) -> "Visits | None":
    from shall.engine.audit.checklist.visits import of_audit, of_programme

    if programme is not None and number is not None:
        return of_programme(programme, number, question.organisation, lang)
    return of_audit(store, question.organisation, audit, question.known, lang) if audit is not None else None


def _put(
    form: "Form",
    output: Path,
    named: str | None,
    lang: Lang,
    values: "Mapping[str, Mapping[str, str]] | None" = None,
    notes: "Sequence[Note]" = (),
) -> None:
    """Write the checklist in the format named, else the one the name ends in."""
    if (named or output.suffix.casefold().removeprefix(".")) == "docx":
        from shall.engine.audit.checklist.word import write_word

        write_word(form, output, lang, values, notes)
    else:
        from shall.engine.audit.checklist.book import write_checklist

        write_checklist(form, output, lang, values, notes)


@click.command()
@click.argument("store", type=STORE)
@click.argument("base", type=FILE)
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option(
    "--apply",
    "write",
    is_flag=True,
    help="把判断、发现和检查记录写入账本 / write judgements, findings and what was looked at to the ledger",
)
@click.option("--internal-audit", help="所属内部审核编号 / the internal audit it belongs to")
@click.option("--audit", help="所属外部审核名称 / name of the external audit it belongs to")
@click.option("--actor", help="谁录入账本，默认登录名 / who writes to the ledger, default the login name")
@click.option("-o", "--output", type=OUTPUT, help="把合并后的检查表写到文件 / write the merged checklist")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@FORCE
@click.pass_obj
def merge_checklists(
    lang: Lang,
    /,
    store: Path,
    base: Path,
    files: tuple[Path, ...],
    write: bool,
    internal_audit: str | None,
    audit: str | None,
    actor: str | None,
    output: Path | None,
    form: str,
    force: bool,
) -> int:
    """合并填好的检查表，列出冲突 / merge filled checklists, list the conflicts; exit 1 if something is left."""
    from shall.engine.audit.checklist.applying import NotApplied, apply, prepare
    from shall.engine.audit.checklist.entitled import Audit, audit_of
    from shall.engine.audit.checklist.merging import merge
    from shall.engine.audit.checklist.reading import read_checklist
    from shall.engine.cli.evidence import _login
    from shall.evidence.store import Store

    if output:
        if output.resolve() in {path.resolve() for path in (base, *files)}:
            raise UsageError("checklist.own_base", path=output)
        guard_target(output, replace=force)
    merged = merge(read_checklist(base), [read_checklist(path) for path in files])
    today, summary = date.today(), None
    with Store.open(store, write=write) as opened:
        which = audit_of(opened, merged.form, Audit(internal_audit, audit))
        ready = prepare(opened, merged, which, today, lang)
        if write and not ready.problems:
            by, at = actor or _login(opened.actor_default), datetime.now(UTC)
            ready, summary = apply(opened, merged, which, today, lang, actor=by, at=at)
    if output:
        _write(merged, output, lang)
    if form == "json":
        _print_json(merged, ready, summary is not None, lang)
    else:
        _print_table(merged, lang)
        _print_ready(ready, lang)
        if summary is not None:
            kept = summary.total.unchanged
            _tally("checklist.wrote", ready, lang, unchanged=kept, position=summary.position[0])
        elif not ready.problems:
            _tally("checklist.would_write", ready, lang)
    if output:
        click.echo(say("cli.written", lang, path=output), err=True)
    if write and ready.problems:
        raise NotApplied(ready.problems)
    return int(merged.blocked or bool(ready.problems))


def _write(merged: "Merged", output: Path, lang: Lang) -> None:
    from shall.engine.audit.checklist.book import Note

    notes = [Note(c.line, c.column, c.text(merged.form, lang)) for c in merged.conflicts]
    notes += [Note(t.line, t.column, t.text(lang)) for t in merged.troubles]
    _put(merged.form, output, None, cast("Lang", merged.form.lang), merged.values, notes)


def _print_table(merged: "Merged", lang: Lang) -> None:
    told = {
        "merged": len(merged.changes),
        "rows": len({c.line for c in merged.changes}),
        "conflicts": len(merged.conflicts),
        "troubles": len(merged.troubles),
        "done": sum("verdict" in cells for cells in merged.values.values()),
        "count": len(merged.form.lines),
    }
    click.echo(say("checklist.summary", lang, **told))
    blocking = [t.text(lang) for t in merged.troubles if t.blocks]
    notes = [t.text(lang) for t in merged.troubles if not t.blocks]
    _block("checklist.conflicts_head", [c.text(merged.form, lang) for c in merged.conflicts], lang)
    _block("checklist.troubles_head", blocking, lang)
    _block("checklist.notes_head", notes, lang)


def _block(head: str, texts: list[str], lang: Lang) -> None:
    if texts:
        click.echo("\n" + say(head, lang))
        for text in texts:
            click.echo("  " + text.replace("\n", "\n  "))


def _print_ready(ready: "Prepared", lang: Lang) -> None:
    from collections import Counter

    from shall.engine.audit.checklist.coverage import SCOPE

    _block("checklist.problems_head", [p.text(lang) for p in ready.problems], lang)
    _block("checklist.notes_head", [n.text(lang) for n in ready.notes], lang)
    if not ready.problems:
        click.echo()
        for change in ready.changes:
            if change.kind != SCOPE:
                click.echo("  " + _record(change, lang))
        units = Counter(c.body.get("unit") for c in ready.changes if c.kind == SCOPE)
        for unit, count in units.items():
            told = {"unit": unit or say("checklist.whole", lang), "count": count}
            click.echo("  " + say("checklist.record_scope", lang, **told))


def _record(change: Any, lang: Lang) -> str:
    from shall.engine.audit.checklist.applying import JUDGEMENT

    body = change.body
    told = {"record": change.record_id, "address": f"{body['ruleset']}:{body['address']}"}
    if change.kind != JUDGEMENT:
        grade = say(f"audit.grade_{body['grade']}", lang)
        return say("checklist.record_finding", lang, **told, grade=grade, unit=body.get("unit") or "")
    verdict = say(f"report.verdict.{body['verdict']}", lang) if body.get("verdict") else "-"
    key = "record_draft" if body.get("status") == "draft" else "record_judgement"
    return say(f"checklist.{key}", lang, **told, verdict=verdict)


def _tally(key: str, ready: "Prepared", lang: Lang, **more: object) -> None:
    from shall.engine.audit.checklist.applying import JUDGEMENT
    from shall.engine.audit.checklist.coverage import SCOPE

    judged = [c for c in ready.changes if c.kind == JUDGEMENT]
    drafts = sum(c.body.get("status") == "draft" for c in judged)
    places = sum(c.kind == SCOPE for c in ready.changes)
    found = len(ready.changes) - len(judged) - places
    told = {"judgements": len(judged), "drafts": drafts, "findings": found, "places": places}
    click.echo("\n" + say(key, lang, **told, **more))


def _print_json(merged: "Merged", ready: "Prepared", written: bool, lang: Lang) -> None:
    """Everything, so that nothing depends on what a screen shows."""
    import json
    from dataclasses import asdict

    body = {
        "base": merged.form.digest,
        "values": merged.values,
        "merged": [asdict(c) for c in merged.changes],
        "conflicts": [{**asdict(c), "text": c.text(merged.form, lang)} for c in merged.conflicts],
        "troubles": [
            {
                "file": t.file,
                "row": t.row,
                "line": t.line,
                "column": t.column,
                "key": t.key,
                "content": dict(t.content),
                "blocks": t.blocks,
                "text": t.text(lang),
            }
            for t in merged.troubles
        ],
        "problems": [p.text(lang) for p in ready.problems],
        "notes": [n.text(lang) for n in ready.notes],
        "records": [{"kind": c.kind, "id": c.record_id, **c.body} for c in ready.changes],
        "written": written,
    }
    click.echo(json.dumps(body, ensure_ascii=False, indent=1, default=str))
