"""Commands that bring evidence in and out: init, template, import, export, verify-ledger."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import STORE
from shall.texts import Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.evidence.importers import Batch
    from shall.evidence.store import Store
    from shall.evidence.workbook import Need

_STANDARDS = click.option("-s", "--standard", "standards", multiple=True, default=("t_ccaa_39",), show_default=True,
                          help="规则集，可多次 / ruleset, may be repeated")  # fmt: skip


@click.command()
@click.argument("store", type=STORE)
@click.option("--actor", default="shall", help="默认记录人 / who acts where nobody is named")
@click.pass_obj
def init(lang: Lang, /, store: Path, actor: str) -> None:
    """建立一个空的证据库 / create an empty evidence store."""
    from shall.evidence.store import Store

    Store.create(store, actor_default=actor).close()
    click.echo(say("cli.created", lang, path=store))


@click.command()
@click.argument("workbook", type=click.Path(path_type=Path, dir_okay=False))
@_STANDARDS
@click.pass_obj
def template(lang: Lang, /, workbook: Path, standards: tuple[str, ...]) -> None:
    """写一个空白证据工作簿 / write an empty evidence workbook for the chosen standards."""
    from shall.evidence.schema import schema
    from shall.evidence.workbook import write_template

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
@click.option("--actor", help="谁录入 / who enters the records")
@click.option(
    "--complete",
    is_flag=True,
    help="文件是全部：其中没有的记录撤回 / the file is all there is: records it lacks are withdrawn",
)
@click.pass_obj
def import_(
    lang: Lang, /, store: Path, source: Path, org: str | None, actor: str | None, complete: bool
) -> None:
    """导入工作簿、CSV、JSON、YAML 或文件夹 / import a workbook, CSV, JSON, YAML or a folder of them."""
    from shall.evidence.importers import import_batch, read_evidence
    from shall.evidence.schema import schema
    from shall.evidence.store import Store

    with Store.open(store, write=True) as opened:
        click.echo(say("cli.reading", lang, path=source), err=True)
        batch = read_evidence(source)
        summary = import_batch(
            opened,
            org or _organisation(opened, batch),
            batch,
            actor=actor or opened.actor_default,
            at=datetime.now(UTC),
            withdraw_missing=complete,
        )
    for kind, counts in summary.kinds.items():
        label = getattr(schema()[kind], lang)
        click.echo(say("cli.imported", lang, kind=label, **_fields(counts)))
    click.echo(say("cli.imported_total", lang, seq=summary.position[0], **_fields(summary.total)))


def _fields(counts: Any) -> dict[str, int]:
    return {name: getattr(counts, name) for name in ("new", "changed", "unchanged", "withdrawn")}


def _organisation(store: "Store", batch: "Batch") -> str:
    """Whose records these are: the profile's own id, else the store's only organisation."""
    profiles = batch.records.get("organisation", ())
    if len(profiles) == 1:
        return profiles[0].id
    known = store.organisations()
    if len(known) == 1:
        return known[0]
    raise UsageError("cli.name_organisation")


@click.command()
@click.argument("store", type=STORE)
@click.argument("workbook", type=click.Path(path_type=Path, dir_okay=False))
@_STANDARDS
@click.option("--org", help="组织编号 / organisation")
@click.option("--known", type=int, help="账本位置 / ledger position")
@click.pass_obj
def export(
    lang: Lang, /, store: Path, workbook: Path, standards: tuple[str, ...], org: str | None, known: int | None
) -> None:
    """写出填好的工作簿 / write the workbook filled with the records of the store."""
    from shall.engine.cli.common import organisation_of
    from shall.evidence.schema import schema
    from shall.evidence.store import Store
    from shall.evidence.workbook import write_filled

    asked, kinds = needs(standards)
    with Store.open(store) as opened:
        organisation = organisation_of(opened, org)
        records = {name: opened.records(name, organisation, known=known) for name in schema()}
    chosen = [kind for name, kind in schema().items() if name in kinds or records[name]]
    write_filled(workbook, chosen, asked, records, lang=lang)
    click.echo(say("cli.written", lang, path=workbook))


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
