"""Commands that bring evidence in and out: init, template, import, export, verify-ledger."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import FORCE, STORE, guard_target
from shall.texts import Lang, say
from shall.texts.errors import EvidenceError, StoreError, UsageError

if TYPE_CHECKING:
    from shall.evidence.importers import Batch, Imported
    from shall.evidence.ledger import Attachment
    from shall.evidence.workbook import Need

_STANDARDS = click.option("-s", "--standard", "standards", multiple=True, default=("t_ccaa_39",), show_default=True,
                          help="规则集，可多次 / ruleset, may be repeated")  # fmt: skip
ATTACHMENTS = "attachments"
"""The folder beside a workbook in which an import looks for what its records cite."""
NAMED = 5
"""So many of the organisations found, of the records emptied and of their columns are named."""
NAME_BYTES = 200
"""The longest name of an attachment's file, its prefix left out: file systems allow 255."""
UNFIT = '<>:"/\\|?*'
"""Characters that some file system refuses in a name."""


@click.command()
@click.argument("store", type=STORE)
@click.option(
    "--actor",
    default="shall",
    help="既无 --actor 又无登录名时的记录人 / who acts where neither --actor nor a login name tells",
)
@click.pass_obj
def init(lang: Lang, /, store: Path, actor: str) -> None:
    """建立一个空的证据库 / create an empty evidence store."""
    from shall.evidence.store import Store

    Store.create(store, actor_default=actor).close()
    click.echo(say("cli.created", lang, path=store))


@click.command()
@click.argument("workbook", type=click.Path(path_type=Path, dir_okay=False))
@_STANDARDS
@FORCE
@click.pass_obj
def template(lang: Lang, /, workbook: Path, standards: tuple[str, ...], force: bool) -> None:
    """写一个空白证据工作簿 / write an empty evidence workbook for the chosen standards."""
    from shall.evidence.schema import schema
    from shall.evidence.workbook import write_template

    guard_target(workbook, replace=force)
    asked, kinds = needs(standards)
    write_template(workbook, [schema()[k] for k in kinds], asked, lang=lang)
    click.echo(say("cli.written", lang, path=workbook))


def needs(standards: tuple[str, ...]) -> "tuple[list[Need], list[str]]":
    """Which provision needs which kinds of these standards, and all kinds in the order of their chapters."""
    from shall.engine.cache import executor_for
    from shall.evidence.schema import schema
    from shall.evidence.workbook import Need

    plan = executor_for(standards).plan
    asked = []
    used = {"organisation", "site", "unit", "person", "judgement", "exclusion"}
    for p in plan.provisions:
        read = dict.fromkeys([*(k for i in p.requirements for k in plan.requirements[i].kinds), *p.look_at])
        if p.when is not None:
            read.setdefault(plan.conditions[p.when].kind)
        if read:
            asked.append(Need(p.ruleset, p.address, (p.gist["zh"], p.gist["en"]), tuple(read)))
        used |= set(read)
    return asked, [name for name in schema() if name in _with_references(used)]


def _with_references(kinds: set[str]) -> set[str]:
    """The kinds and every kind their columns refer to."""
    from shall.evidence.schema import schema

    found, waiting = set(kinds), list(kinds)
    while waiting:
        for column in schema()[waiting.pop()].columns:
            if column.ref and column.ref not in found:
                found.add(column.ref)
                waiting.append(column.ref)
    return found


@click.command("import")
@click.argument("store", type=STORE)
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--org", help="组织编号 / organisation")
@click.option("--actor", help="谁录入，默认登录名 / who enters the records, default the login name")
@click.option(
    "--complete",
    is_flag=True,
    help="文件是全部：其中没有的记录撤回 / the file is all there is: records it lacks are withdrawn",
)
@click.option(
    "--fill",
    is_flag=True,
    help="文件中没有填的列保留原值 / what the file leaves empty, or has no column for, keeps its value on record",
)
@click.pass_obj
def import_(
    lang: Lang,
    /,
    store: Path,
    source: Path,
    org: str | None,
    actor: str | None,
    complete: bool,
    fill: bool,
) -> None:
    """导入工作簿、CSV、JSON、YAML 或文件夹 / import a workbook, CSV, JSON, YAML or a folder of them.

    文件即记录：空单元格、JSON 或 YAML 中没有写的列会清空原值（合计之后说明清空了多少）；表格中没有的列不变。
    --fill 则保留原值。

    The file is the record: an empty cell, and in JSON or YAML a column left out, empties what was on record (told
    below the counts); a column that a sheet or CSV lacks stays as it was. --fill keeps it all.
    """
    from shall.evidence.importers import import_batch, read_evidence
    from shall.evidence.schema import schema
    from shall.evidence.store import Store

    with Store.open(store, write=True) as opened:
        click.echo(say("cli.reading", lang, path=source), err=True)
        batch = read_evidence(source)
        known = opened.organisations()
        organisation = _organisation(known, batch, org)
        summary = import_batch(
            opened,
            organisation,
            batch,
            actor=_login(opened.actor_default) if actor is None else actor,
            at=datetime.now(UTC),
            withdraw_missing=complete,
            fill=fill,
        )
        begun = set(opened.organisations()) - set(known)
    if organisation in begun and not batch.ids.get("organisation"):
        click.echo(say("cli.new_organisation", lang, name=organisation), err=True)
    for kind, counts in summary.kinds.items():
        if counts.new or counts.changed or counts.withdrawn:
            label = getattr(schema()[kind], lang)
            click.echo(say("cli.imported", lang, kind=label, **_fields(counts)))
    click.echo(say("cli.imported_total", lang, seq=summary.position[0], **_fields(summary.total)))
    if summary.emptied:
        click.echo(_emptied(summary, lang))


def _emptied(summary: "Imported", lang: Lang) -> str:
    """How many values an import emptied, with the records and columns of the first."""
    from shall.evidence.schema import schema

    joint = "、" if lang == "zh" else ", "
    told = []
    for (name, record), columns in list(summary.emptied.items())[:NAMED]:
        kind = schema()[name]
        found = [(column, kind.column(column)) for column in columns]
        labels = [str(getattr(column, lang)) if column else code for code, column in found]
        more = " …" if len(labels) > NAMED else ""
        told.append(f"{getattr(kind, lang)} {record}（{joint.join(labels[:NAMED])}{more}）" if lang == "zh"
                    else f"{getattr(kind, lang)} {record} ({joint.join(labels[:NAMED])}{more})")  # fmt: skip
    rest = " …" if len(summary.emptied) > NAMED else ""
    records = ("；" if lang == "zh" else "; ").join(told) + rest
    return say("import.emptied", lang, cells=summary.cells, count=len(summary.emptied), records=records)


def _fields(counts: Any) -> dict[str, int]:
    return {name: getattr(counts, name) for name in ("new", "changed", "unchanged", "withdrawn")}


def _login(default: str) -> str:
    """The name under which the user is logged in, where the system tells one that a ledger can hold."""
    import getpass

    from shall.evidence.ledger import check_name

    try:
        name = getpass.getuser()
        check_name("actor", name)
    except (ImportError, KeyError, OSError, StoreError):
        return default
    return name


def _organisation(known: Sequence[str], batch: "Batch", named: str | None) -> str:
    """Whose records these are; raises UsageError, or ImportProblems where the files themselves are not sound."""
    from shall.evidence.importers import ImportProblems

    try:
        return _whose(known, list(batch.ids.get("organisation", ())), named)
    except UsageError:
        if batch.problems:
            raise ImportProblems(batch.problems) from None
        raise


def _whose(known: Sequence[str], profiles: Sequence[str], named: str | None) -> str:
    """The organisation named, which must be the profile's own id, else that id, else the store's only one."""
    if len(profiles) > 1:
        shown = ", ".join(profiles[:NAMED]) + (" …" if len(profiles) > NAMED else "")
        raise UsageError("cli.two_organisations", names=shown)
    if named is not None and profiles and profiles[0] != named:
        raise UsageError("cli.other_organisation", org=named, found=profiles[0])
    if named is not None or profiles:
        return profiles[0] if named is None else named
    if len(known) == 1:
        return known[0]
    raise UsageError("cli.name_organisation")


@click.command()
@click.argument("store", type=STORE)
@click.argument("workbook", type=click.Path(path_type=Path, dir_okay=False))
@_STANDARDS
@click.option("--org", help="组织编号 / organisation")
@click.option("--known", type=int, help="账本位置 / ledger position")
@FORCE
@click.pass_obj
def export(
    lang: Lang,
    /,
    store: Path,
    workbook: Path,
    standards: tuple[str, ...],
    org: str | None,
    known: int | None,
    force: bool,
) -> None:
    """写出填好的工作簿和附件 / write the workbook filled with the records of the store, attachments beside it."""
    from shall.engine.cli.common import organisation_of
    from shall.evidence.schema import schema
    from shall.evidence.store import Store
    from shall.evidence.workbook import write_filled

    guard_target(workbook, replace=force)
    asked, kinds = needs(standards)
    with Store.open(store) as opened:
        organisation = organisation_of(opened, org)
        records = {name: opened.records(name, organisation, known=known) for name in schema()}
        shown, count = with_attachments(workbook, records, opened.attachment)
    chosen = [kind for name, kind in schema().items() if name in kinds or records[name]]
    write_filled(workbook, chosen, asked, shown, lang=lang)
    click.echo(say("cli.written", lang, path=workbook))
    if count:
        folder = workbook.parent / ATTACHMENTS
        click.echo(say("cli.attachments_written", lang, count=count, path=folder))


def with_attachments(
    workbook: Path,
    records: Mapping[str, Sequence[Mapping[str, object]]],
    find: Callable[[str], "Attachment | None"],
) -> tuple[dict[str, list[Mapping[str, object]]], int]:
    """Write what the records cite into `attachments` beside the workbook; the records then name the files.

    Also says how many files the records name. A file that stands there is never replaced: another of its
    name gets a prefix. A digest that `find` does not know stays in its cell. Raises EvidenceError.
    """
    cited = dict.fromkeys(str(b["document"]) for rows in records.values() for b in rows if b.get("document"))
    taken = {workbook.name.casefold()}
    names: dict[str, str] = {}
    for digest in cited:
        attachment = find(digest)
        if attachment is not None:
            names[digest] = _put_attachment(workbook.parent, attachment, taken)
    shown = {
        kind: [
            {**b, "document": names.get(str(b["document"]), b["document"])} if "document" in b else b
            for b in rows
        ]
        for kind, rows in records.items()
    }
    return shown, len(names)


def _put_attachment(base: Path, attachment: "Attachment", taken: set[str]) -> str:
    """The name under which the attachment now stands in the folder; notes it among those taken."""
    from shall.evidence.workbook import write_whole

    digest, own = attachment.sha256, _file_name(attachment)
    folder = base / ATTACHMENTS
    for name in (own, f"{digest[:8]}-{own}", digest):
        try:
            if name.casefold() in taken or _other_stands(base / name, attachment):
                continue
            if _other_stands(folder / name, attachment):
                continue
            folder.mkdir(exist_ok=True)
        except OSError as error:
            why = error.strerror or str(error)
            raise EvidenceError("import.cannot_write", path=str(folder), reason=why) from error
        taken.add(name.casefold())
        if not (folder / name).exists():
            write_whole(folder / name, attachment.content)
        return name
    raise UsageError("cli.target_exists", path=folder / digest)


def _other_stands(path: Path, attachment: "Attachment") -> bool:
    """Whether something else than this attachment has the name: a record that cites it would cite the wrong file."""
    if not path.exists() and not path.is_symlink():
        return False
    if path.is_symlink() or not path.is_file() or path.stat().st_size != attachment.size:
        return True
    return path.read_bytes() != attachment.content


def _file_name(attachment: "Attachment") -> str:
    """The attachment's name as every file system takes it; its digest where nothing of the name is left."""
    from shall.evidence.parse import ILLEGAL

    last = PurePosixPath(attachment.name.replace("\\", "/")).name
    plain = "".join("_" if c in UNFIT or c < " " else c for c in ILLEGAL.sub("_", last)).strip(" .\u3000")
    suffix = PurePosixPath(plain).suffix
    suffix = suffix if len(suffix.encode()) <= 20 else ""
    stem = plain.removesuffix(suffix).encode()[: NAME_BYTES - len(suffix.encode())].decode(errors="ignore")
    return f"{stem}{suffix}".strip() or attachment.sha256


@click.command("verify-ledger")
@click.argument("store", type=STORE)
@click.option(
    "--head", help="另存的位置，写作“序号:哈希” / a position noted down earlier, written NUMBER:HASH"
)
@click.pass_obj
def verify_ledger(lang: Lang, /, store: Path, head: str | None) -> int:
    """检查账本的哈希链、投影和附件 / check the ledger's chain, the tables and the attachments."""
    from shall.evidence.store import Store

    expected = None
    if head:
        number, _, digest = head.partition(":")
        if not number.isdigit() or not digest:
            raise UsageError("cli.bad_head", value=head)
        expected = (int(number), digest)
    with Store.open(store) as opened:
        found = opened.verify(expect_head=expected)
    for problem in found.problems(lang):
        click.echo(problem)
    if found.ok:
        click.echo(say("cli.ledger_sound", lang, position="{}:{}".format(*found.head)))
    return 0 if found.ok else 3
