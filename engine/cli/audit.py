"""Commands that follow findings: `shall finding list|show|raise|answer|review|…|close`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import STORE, guard_target, organisation_of, parse_day, question_options
from shall.texts import Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.audit.calendar import Calendar
    from shall.engine.audit.deadlines import DueNext
    from shall.engine.audit.history import Followed
    from shall.engine.audit.lifecycle import Case
    from shall.engine.evaluation import Evaluation
    from shall.engine.findings import Finding
    from shall.engine.grading import Policy
    from shall.evidence.store import Store

Options = Mapping[str, Any]

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
ORG = click.option("--org", help="组织编号 / organisation")
KNOWN = click.option(
    "--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then"
)
GRADING = click.option("--grading", type=FILE, help="分级策略文件 / grading policy file")
CALENDAR = click.option(
    "--calendar",
    "calendars",
    type=FILE,
    multiple=True,
    help="工作日日历文件，可多次，替代同年自带的 / working days of a year, may be repeated, replaces the shipped one",
)
ACTOR = click.option(
    "--actor", help="谁录入账本，默认登录名 / who writes to the ledger, default the login name"
)


@click.group()
def finding() -> None:
    """审核发现从提出到关闭 / findings from raised to closed."""


def policy_of(path: Path | None) -> "Policy":
    """The policy of a file, or the shipped one; raises FileProblems."""
    if path is None:
        from shall.engine.grading import DEFAULT

        return DEFAULT
    from shall.engine.grading_file import read_policy

    return read_policy(path)


def _actor(store: "Store", named: str | None) -> str:
    from shall.engine.cli.evidence import _login

    return named or _login(store.actor_default)


def _day(text: str | None) -> date:
    on = parse_day(text) if text else date.today()
    if on > date.today():
        raise UsageError("audit.future", on=on)
    return on


@finding.command("list")
@click.argument("store", type=STORE)
@ORG
@KNOWN
@click.option("--on", "day", help="哪一天的状态，默认今天 / the state on which day, default today")
@click.option("--open", "only_open", is_flag=True, help="只列未关闭的 / only what is not closed")
@click.option("--overdue", is_flag=True, help="只列逾期的 / only what is overdue")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option(
    "--ics",
    type=click.Path(path_type=Path, dir_okay=False),
    help="把期限写成日历文件 / write the due dates as a calendar file",
)
@GRADING
@CALENDAR
@click.pass_obj
def list_(lang: Lang, /, store: Path, day: str | None, form: str, ics: Path | None, **options: Any) -> int:
    """审核发现及其期限；有逾期的退出码为 1 / findings and what is due; exit 1 if something is overdue."""
    from shall.engine.audit.calendar import calendar
    from shall.engine.audit.deadlines import calendar_file, due
    from shall.engine.audit.history import followed
    from shall.evidence.store import Store

    on = parse_day(day) if day else date.today()
    policy, days = policy_of(options["grading"]), calendar(options["calendars"])
    if ics:
        guard_target(ics, replace=True)
    with Store.open(store) as opened:
        organisation = organisation_of(opened, options["org"])
        standing = followed(opened, organisation, on, options["known"])
    rows = [(f, due(f.case, policy, days)) for f in standing]
    late = [(f, d) for f, d in rows if d and d.overdue(on)]
    shown = late if options["overdue"] else [r for r in rows if r[0].case.open or not options["only_open"]]
    if form == "json":
        import json

        click.echo(json.dumps([_as_json(f, d, on) for f, d in shown], ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_table(shown, on, lang)))
        _notes(rows, len(late), days.keys, lang)
    if ics:
        from shall.evidence.workbook import write_whole

        write_whole(ics, calendar_file([(f.case, d) for f, d in rows if d], organisation, on, lang))
        click.echo(say("cli.written", lang, path=ics), err=True)
    return int(bool(late))


def _as_json(standing: "Followed", due: "DueNext | None", on: date) -> dict[str, Any]:
    case = standing.case
    return {
        "finding": case.finding.record,
        "ruleset": case.finding.ruleset,
        "address": case.finding.address or case.finding.clause,
        "unit": case.finding.unit,
        "grade": case.grade,
        "raised_as": case.finding.grade,
        "state": case.state,
        "steps": case.number,
        "found_on": case.finding.found_on.isoformat(),
        "closed_on": case.closed_on.isoformat() if case.closed_on else None,
        "due": {
            "what": due.what,
            "on": due.on.isoformat(),
            "assumed": due.assumed,
            "who": due.who,
            "overdue": due.overdue(on),
        }
        if due
        else None,
        "generated": case.finding.generated,
        "altered": list(standing.altered),
        "refused": [event.record for event, _ in standing.folded.refused],
    }


def unworded(case: "Case") -> bool:
    """Whether an auditor has still to word its statement: it was made from the records and not answered yet."""
    return case.finding.generated and case.open and case.answer is None


COLUMNS = (("finding", 13), ("criterion", 22), ("grade", 12), ("state", 26), ("unit", 8))


def _table(rows: Sequence[tuple["Followed", "DueNext | None"]], on: date, lang: Lang) -> list[str]:
    from shall.engine.audit.finding_view import due_text, state_text
    from shall.engine.reports.terminal import clipped, width

    def cells(values: Sequence[str], last: str) -> str:
        sized = [(clipped(v, n - 1), n) for v, (_, n) in zip(values, COLUMNS, strict=True)]
        return ("".join(v + " " * (n - width(v)) for v, n in sized) + last).rstrip()

    lines = [cells([say(f"audit.col_{name}", lang) for name, _ in COLUMNS], say("audit.col_due", lang))]
    for standing, due in rows:
        case = standing.case
        f = case.finding
        criterion = f"{f.ruleset}:{f.address}" if f.ruleset else f.address or f.clause or "-"
        values = [
            f.record + ("*" if unworded(case) else ""),
            criterion,
            say(f"audit.grade_{case.grade}", lang),
            state_text(case, lang),
            f.unit or "-",
        ]
        lines.append(cells(values, due_text(due, on, lang)))
    return lines


def _notes(
    rows: Sequence[tuple["Followed", "DueNext | None"]], late: int, calendars: Sequence[str], lang: Lang
) -> None:
    open_ = sum(f.case.open for f, _ in rows)
    click.echo("\n" + say("audit.tally", lang, count=len(rows), open=open_, late=late))
    if any(d and d.assumed for _, d in rows):
        click.echo(say("audit.assumed", lang, calendars=", ".join(calendars)))
    if any(unworded(f.case) for f, _ in rows):
        click.echo(say("audit.generated", lang))
    if any(f.altered or f.folded.refused for f, _ in rows):
        names = [f.case.finding.record for f, _ in rows if f.altered or f.folded.refused]
        click.echo(say("audit.irregular", lang, names=", ".join(names)))


@finding.command()
@click.argument("store", type=STORE)
@click.argument("record")
@ORG
@KNOWN
@click.option("--on", "day", help="哪一天的状态，默认今天 / the state on which day, default today")
@GRADING
@CALENDAR
@click.pass_obj
def show(lang: Lang, /, store: Path, record: str, day: str | None, **options: Any) -> None:
    """一项发现的全部经过和下一步 / everything that happened to a finding, and what may come next."""
    from shall.engine.audit.calendar import calendar
    from shall.engine.audit.finding_view import page
    from shall.engine.audit.history import meant, one
    from shall.evidence.store import Store

    policy, days = policy_of(options["grading"]), calendar(options["calendars"])
    on = parse_day(day) if day else date.today()
    with Store.open(store) as opened:
        organisation = organisation_of(opened, options["org"])
        known = options["known"]
        standing = one(opened, organisation, meant(opened, organisation, record, known), known, on)
    click.echo("\n".join(page(standing, policy, days, on, lang)))


@finding.command("raise")
@click.argument("store", type=STORE)
@click.argument("address", required=False)
@question_options
@GRADING
@click.option("--auditor", required=True, help="审核员编号 / id of the auditor")
@click.option("--internal-audit", help="内部审核编号 / id of the internal audit")
@click.option("--audit", help="外部审核名称 / name of an external audit")
@click.option("--unit", help="部门编号 / unit")
@click.option("--all", "everything", is_flag=True, help="提出全部不符合 / raise every nonconformity")
@click.option("--statement", help="自行书写的不符合事实 / the statement in your own words")
@click.option("--evidence", help="自行书写的客观证据 / the objective evidence in your own words")
@click.option(
    "--grade",
    type=click.Choice(["major", "minor", "opportunity"]),
    help="评价没有得出该不符合时的分级 / grade where the evaluation did not find it",
)
@ACTOR
@click.pass_obj
def raise_(
    lang: Lang, /, store: Path, address: str | None, everything: bool, grading: Path | None, **options: Any
) -> int:
    """提出审核发现，内容取自评价或自行书写 / raise findings, from the evaluation or in your own words."""
    from shall.engine.audit.history import raise_findings
    from shall.engine.cache import executor_for
    from shall.engine.cli.common import ask
    from shall.engine.evaluation import evaluate
    from shall.evidence.store import Store

    if (address is None) != everything:
        raise UsageError("audit.address_or_all")
    _day(options["day"])
    policy = policy_of(grading)
    with Store.open(store, write=True) as opened:
        question = ask(opened, dict(options))
        _unit_known(opened, question.organisation, options["unit"])
        options["origin"] = _origin(opened, question.organisation, options)
        evaluation = evaluate(executor_for(options["standards"]), opened, question, policy)
        if address is not None:
            bodies = [_body(evaluation, address, options, lang)]
        else:
            bodies = [_found(f, options, question.on, lang) for f in evaluation.findings if f.policy]
        actor, at = _actor(opened, options["actor"]), datetime.now(UTC)
        raised = raise_findings(opened, question.organisation, bodies, actor=actor, at=at)
    for body, record in zip(bodies, raised, strict=True):
        if isinstance(record, str):
            grade = say(f"audit.grade_{body['grade']}", lang)
            click.echo(say("audit.was_raised", lang, finding=record, address=body["address"], grade=grade))
        elif not everything:
            raise record
        else:
            click.echo(record.text(lang), err=True)
    return int(not all(isinstance(record, str) for record in raised))


def _origin(store: "Store", organisation: str, options: Options) -> str | None:
    """The origin of a finding by the audit it names; None where it names none."""
    rows = store.rows("audit_file", organisation, ("id", "title", "certification_step", "audit_type"))
    types = {kind for *names, kind in rows if kind and options["audit"] in names}
    if types and options["audit"]:
        return next((o for o in ("internal", "customer") if types == {o}), "certification")
    return "internal" if options["internal_audit"] else "certification" if options["audit"] else None


def _unit_known(store: "Store", organisation: str, unit: str | None) -> None:
    known = [row[0] for row in store.rows("unit", organisation, ("id",))]
    if unit is not None and unit not in known:
        raise UsageError("audit.no_unit", unit=unit, names=", ".join(known) or "-")


def _body(evaluation: "Evaluation", address: str, options: Options, lang: Lang) -> dict[str, object]:
    """The finding of that address as the evaluation has it, or in the auditor's own words; raises UsageError."""
    ruleset, _, rest = address.rpartition(":")
    asked = (ruleset,) if ruleset else evaluation.plan.asked
    provision = next((p for k in asked if (p := evaluation.plan.provision(k, rest))), None)
    if provision is None:
        raise UsageError("audit.no_provision", address=address, standards=", ".join(asked))
    on = evaluation.question.on
    found = next((f for f in evaluation.findings if provision.id in f.ids), None)
    if found is not None and options["grade"] not in (None, found.grade):
        raise UsageError(
            "audit.grade_by_policy", address=found.id, grade=say(f"audit.grade_{found.grade}", lang)
        )
    if found is not None:
        body = _found(found, options, on, lang)
    elif options["statement"] and options["evidence"] and options["grade"]:
        body = {
            **_common(options, on),
            "clause": provision.clause,
            "ruleset": provision.ruleset,
            "address": provision.address,
            "criterion": provision.gist[lang],
            "grade": options["grade"],
        }
    else:
        raise UsageError("audit.not_found_by_engine", address=provision.id)
    if body["grade"] != "opportunity" and provision.severity != "shall" and found is None:
        raise UsageError("audit.not_a_shall", address=provision.id)
    own = {"description": options["statement"], "evidence": options["evidence"]}
    if options["statement"]:
        body.pop("note", None)
    return {**body, **{k: v for k, v in own.items() if v}}


def _found(found: "Finding", options: Options, on: date, lang: Lang) -> dict[str, object]:
    from shall.engine.audit.history import GENERATED
    from shall.engine.joining import criterion_text, further_text

    further = [(c.id, c.criterion[lang]) for c in found.criteria[1:]]
    units = {e.unit for e in found.evidence if e.unit}
    sites = {e.site for e in found.evidence if e.site}
    body = {
        **_common(options, on),
        "clause": found.address.partition("/")[0].partition("#")[0],
        "ruleset": found.ruleset,
        "address": found.address,
        "criterion": criterion_text(found.criterion[lang], further),
        "further": further_text([name for name, _ in further]),
        "grade": found.grade,
        "graded_by": f"{found.policy['key']}:{found.rule}" if found.policy else None,
        "description": found.statement[lang],
        "note": GENERATED,
        "evidence": ", ".join(f"{e.kind}:{e.id}" for e in found.evidence) or None,
        "site": next(iter(sites)) if len(sites) == 1 else None,
    }
    if body.get("unit") is None and len(units) == 1:
        body["unit"] = next(iter(units))
    return body


def _common(options: Options, on: date) -> dict[str, object]:
    return {
        "origin": options.get("origin", "internal" if options["internal_audit"] else "certification"),
        "internal_audit": options["internal_audit"],
        "audit": options["audit"],
        "auditor": options["auditor"],
        "unit": options["unit"],
        "found_on": on,
    }


def _steps(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every step has: the store, the finding, who, when, on whose word, what was seen before."""
    for option in reversed(
        (
            click.argument("store", type=STORE),
            click.argument("record"),
            click.option("--by", required=True, help="办理人：人员或审核员编号 / who: id of a person or an auditor"),
            click.option("--on", "day", help="办理日期，默认今天 / day of the step, default today"),
            click.option("--expect", type=int,
                         help="已看到的步数，之后有变化则拒绝 / steps you have seen; refused if there are more"),
            ORG,
            ACTOR,
            GRADING,
            CALENDAR,
        )
    ):  # fmt: skip
        command = option(command)
    return click.pass_obj(command)


def _take(lang: Lang, event: str, options: Options, **brings: Any) -> None:
    from shall.engine.audit.calendar import calendar
    from shall.engine.audit.deadlines import due
    from shall.engine.audit.history import Draft, meant, one, take
    from shall.engine.audit.lifecycle import Refused
    from shall.evidence.store import Store

    policy, days, on = policy_of(options["grading"]), calendar(options["calendars"]), _day(options["day"])
    draft = Draft(event, on, options["by"], **brings)
    with Store.open(options["store"], write=True) as opened:
        organisation = organisation_of(opened, options["org"])
        record = meant(opened, organisation, options["record"])
        if event == "extended":
            standing = one(opened, organisation, record).case
            now = due(standing, policy, days)
            if now and draft.due_on and draft.due_on <= now.on:
                fields = {"finding": standing.finding.record, "by": draft.by}
                raise Refused("audit.not_later", **fields, found=draft.due_on, least=now.on)
        case = take(
            opened,
            organisation,
            record,
            draft,
            closing=policy.closing,
            actor=_actor(opened, options["actor"]),
            at=datetime.now(UTC),
            expect=options["expect"],
        )
    _told(case, policy, days, on, lang)


def _told(case: "Case", policy: "Policy", days: "Calendar", on: date, lang: Lang) -> None:
    """What a step led to, and what is late or amiss about it."""
    from shall.engine.audit.deadlines import due, extensions
    from shall.engine.audit.finding_view import action_after_close, due_text

    coming = due_text(due(case, policy, days), on, lang)
    told = {"finding": case.finding.record, "number": case.number, "due": coming}
    click.echo(say("audit.taken", lang, state=say(f"audit.state_{case.state}", lang), **told))
    last = case.steps[-1].event
    if last == "extended":
        click.echo(extensions(case, policy, days)[-1].text(lang))
    warning = action_after_close(case, policy, days, lang)
    if warning and (last == "answered" or (last == "reviewed" and case.state == "accepted")):
        click.echo(warning, err=True)


def _text(name: str, help: str, *, required: bool = False) -> Callable[..., Any]:
    return click.option(name, required=required, help=help)


REASON = _text("--reason", "理由或所查证据 / reason, or what was looked at", required=True)


@finding.command()
@_text("--statement", "不符合事实 / the statement", required=True)
@_text("--evidence", "客观证据，不写则不变 / the objective evidence, as it is if not given")
@click.argument("store", type=STORE)
@click.argument("record")
@click.option("--by", required=True, help="审核员编号 / id of the auditor")
@click.option("--on", "day", help="日期，默认今天 / day, default today")
@ORG
@ACTOR
@click.pass_obj
def word(
    lang: Lang, /, store: Path, record: str, statement: str, evidence: str | None, by: str, **options: Any
) -> None:
    """首次答复前由审核员改写由记录生成的事实 / the auditor words a generated statement before the first answer."""
    from shall.engine.audit.history import meant
    from shall.engine.audit.wording import word as put
    from shall.evidence.store import Store

    on = _day(options["day"])
    with Store.open(store, write=True) as opened:
        organisation = organisation_of(opened, options["org"])
        name = meant(opened, organisation, record)
        actor, at = _actor(opened, options["actor"]), datetime.now(UTC)
        put(opened, organisation, name, statement, evidence, by, on, actor=actor, at=at)
    click.echo(say("audit.worded", lang, finding=name))


@finding.command()
@_text("--correction", "纠正：已发生的怎么补救 / what puts it right", required=True)
@_text("--cause", "原因：为什么会发生 / why it happened", required=True)
@_text("--action", "纠正措施：怎么防止再发生 / what keeps it from happening again", required=True)
@_text("--owner", "措施负责人的人员编号 / person who carries it out", required=True)
@_text("--due", "措施完成期限 / day by which the action is done", required=True)
@_steps
def answer(
    lang: Lang, /, correction: str, cause: str, action: str, owner: str, due: str, **options: Any
) -> None:
    """受审核方答复：纠正、原因、措施 / answer: correction, cause, corrective action."""
    brings = {"correction": correction, "cause": cause, "action": action, "owner": owner}
    _take(lang, "answered", options, due_on=parse_day(due), **brings)


@finding.command()
@click.option("--accept/--reject", "accepted", default=None, help="接受或退回 / accept or send back")
@_text("--reason", "理由，退回时必填 / reason, needed to send back")
@_steps
def review(lang: Lang, /, accepted: bool | None, reason: str | None, **options: Any) -> None:
    """审核员评审答复 / the auditor reviews the answer."""
    if accepted is None:
        raise UsageError("audit.accept_or_reject")
    _take(lang, "reviewed", options, outcome="accepted" if accepted else "rejected", reason=reason)


@finding.command()
@_text("--result", "结果 / what was achieved")
@_steps
def implement(lang: Lang, /, result: str | None, **options: Any) -> None:
    """受审核方报告措施已完成 / the audited side reports that the action is done."""
    _take(lang, "implemented", options, reason=result)


@finding.command()
@click.option(
    "--what",
    type=click.Choice(["implementation", "effectiveness"]),
    required=True,
    help="验证什么 / what is verified",
)
@click.option(
    "--confirmed/--not-confirmed", "confirmed", default=None, help="是否确认 / whether it is confirmed"
)
@REASON
@_steps
def verify(lang: Lang, /, what: str, confirmed: bool | None, reason: str, **options: Any) -> None:
    """验证措施的实施或有效性 / verify that the action was carried out, or that it works."""
    if confirmed is None:
        raise UsageError("audit.confirmed_or_not")
    outcome = "confirmed" if confirmed else "not_confirmed"
    _take(lang, f"{what}_verified", options, outcome=outcome, reason=reason)


@finding.command()
@REASON
@_steps
def dispute(lang: Lang, /, reason: str, **options: Any) -> None:
    """受审核方提出异议 / the audited side disputes the finding."""
    _take(lang, "disputed", options, reason=reason)


@finding.command()
@click.option("--uphold/--withdraw", "upheld", default=None, help="维持或撤销 / uphold or withdraw")
@REASON
@_steps
def decide(lang: Lang, /, upheld: bool | None, reason: str, **options: Any) -> None:
    """审核组以外的人裁定异议 / somebody outside the team decides a dispute."""
    if upheld is None:
        raise UsageError("audit.uphold_or_withdraw")
    _take(lang, "dispute_decided", options, outcome="upheld" if upheld else "withdrawn", reason=reason)


@finding.command()
@_text("--due", "新期限 / new due date", required=True)
@REASON
@_steps
def extend(lang: Lang, /, due: str, reason: str, **options: Any) -> None:
    """延长当前期限 / give more time."""
    _take(lang, "extended", options, due_on=parse_day(due), reason=reason)


@finding.command()
@click.option("--grade", type=click.Choice(["major", "minor"]), required=True, help="新分级 / new grade")
@REASON
@_steps
def regrade(lang: Lang, /, grade: str, reason: str, **options: Any) -> None:
    """改判分级，原分级并列保留 / give another grade; the one it was raised with stays beside it."""
    _take(lang, "regraded", options, grade=grade, reason=reason)


@finding.command()
@REASON
@_steps
def withdraw(lang: Lang, /, reason: str, **options: Any) -> None:
    """撤销提错的发现 / withdraw a finding raised in error."""
    _take(lang, "withdrawn", options, reason=reason)


@finding.command()
@_text("--reason", "说明 / remark")
@_steps
def close(lang: Lang, /, reason: str | None, **options: Any) -> None:
    """关闭 / close."""
    _take(lang, "closed", options, reason=reason)
