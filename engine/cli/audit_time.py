"""Commands about how long, where and when: `shall audit-time`, `shall sample-sites`, `shall cycle`."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shall.engine.cli.common import FORCE, STORE, guard_target, organisation_of, parse_day
from shall.texts import Lang, say
from shall.texts.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from shall.engine.audit.cycle import Cycle, Due
    from shall.engine.audit.days import Adjustment, AuditTime, Integrated, SiteTime
    from shall.engine.audit.headcount import Headcount
    from shall.engine.audit.sampling import Place, Sample, Wanted
    from shall.engine.audit.tables import SamplingTable, TimeTable
    from shall.engine.models import Both

AUDIT = click.option(
    "--audit",
    type=click.Choice(["initial", "surveillance", "recertification"]),
    default="initial",
    show_default=True,
    help="审核类型 / type of audit",
)
ORG = click.option("--org", help="组织编号 / organisation")
ON = click.option("--on", "day", help="哪一天，默认今天 / on which day, default today")
KNOWN = click.option(
    "--known", type=int, help="账本位置：当时已知的证据 / ledger position: what was known then"
)
FORM = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)


def _in(both: "Both", lang: Lang) -> str:
    return both.zh if lang == "zh" else both.en


def _echo(key: str, lang: Lang, **fields: object) -> None:
    click.echo(say(f"audit_time.{key}", lang, **fields))


def _json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _number(text: str, what: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise UsageError("audit_time.bad_number", value=text, what=what) from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -6 or number.adjusted() > 12:
        raise UsageError("audit_time.bad_number", value=text, what=what)
    return number


def _scoped(texts: Sequence[str], what: str) -> dict[str, str]:
    """`name=value` options by name; raises UsageError."""
    found: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not value.strip() or name in found:
            raise UsageError("audit_time.bad_pair", value=text, what=what)
        found[name.strip()] = value.strip()
    return found


@click.command("audit-time")
@click.argument("store", type=STORE, required=False)
@click.option(
    "--table",
    "tables",
    multiple=True,
    help="人日表或其文件，多个即整合审核 / table or its file; several make an integrated audit",
)
@AUDIT
@click.option("--persons", multiple=True, metavar="[TABLE=]N", help="有效人数 / effective persons")
@click.option(
    "--part-time",
    "part_time",
    multiple=True,
    metavar="N:H",
    help="另有 N 人每天工作 H 小时，折算后加入 / N more people who work H hours a day, converted",
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    metavar="[TABLE=]LEVEL",
    help="复杂程度或风险级别 / level of complexity or risk",
)
@click.option(
    "--fact", "facts", multiple=True, metavar="KEY=NUMBER", help="由此算出级别 / facts the level follows from"
)
@click.option(
    "--adjust",
    "adjusts",
    multiple=True,
    metavar="[TABLE:]FACTOR=PERCENT:REASON",
    help="增加（正）或减少（负）的百分比及理由 / addition (+) or reduction (-) in percent, with its reason",
)
@click.option("--integration", help="整合审核减少的百分比 / reduction for integration, in percent")
@click.option(
    "--integration-rule",
    default="iaf_md11",
    show_default=True,
    help="整合规则或其文件 / rule of integration or its file",
)
@click.option(
    "--site-reduction", help="此为被抽场所：减少的百分比 / this is a sampled site: reduction in percent"
)
@click.option(
    "--sampling-table", default="iaf_md1", show_default=True, help="抽样表或其文件 / sampling table"
)
@ORG
@ON
@KNOWN
@FORM
@click.pass_obj
def audit_time(lang: Lang, /, store: Path | None, tables: tuple[str, ...], form: str, **options: Any) -> None:
    """按所选的表计算审核人日；不给 --table 时列出各表 / audit days by a chosen table; without --table, the tables."""
    from shall.engine.audit.days import audit_time as calculated
    from shall.engine.audit.days import integrated, site_time
    from shall.engine.audit.tables import integration_rule, sampling_table, time_table, time_tables

    if not tables:
        _list_tables(time_tables(), form, lang)
        return
    reads = [time_table(name) for name in tables]
    chosen = [read.table for read in reads]
    if len({table.key for table in chosen}) < len(chosen):
        raise UsageError("audit_time.table_twice")
    on = parse_day(options["day"]) if options["day"] else date.today()
    counted = _headcount(store, on, options)
    levels, adjustments = _levels(options["levels"], chosen), _adjustments(options["adjusts"], chosen)
    given = {k: _number(v, "--fact") for k, v in _scoped(options["facts"], "--fact").items()}
    _facts_known(given, chosen)
    given_persons = _persons_given(options["persons"], options["part_time"], chosen)
    parts = []
    for table in chosen:
        persons = _persons(table, counted, given_persons, options["part_time"])
        facts = _facts(table, counted, given)
        parts.append(
            calculated(table, options["audit"], persons, level=levels.get(table.key), facts=facts,
                       adjustments=adjustments[table.key])
        )  # fmt: skip
    whole = None
    if len(parts) > 1:
        rule = integration_rule(options["integration_rule"]).table
        whole = integrated(parts, _number(options["integration"] or "0", "--integration"), rule)
    elif options["integration"]:
        raise UsageError("audit_time.integration_parts")
    site = None
    if options["site_reduction"]:
        sampling = sampling_table(options["sampling_table"]).table
        base = sum((part.base for part in parts), Fraction(0))
        days, rounding = (whole.days, whole.rule.rounding) if whole else (parts[0].days, chosen[0].rounding)
        percent = _number(options["site_reduction"], "--site-reduction")
        site = site_time(days, base, percent, rounding, sampling)
    if form == "json":
        _json(_time_json(parts, [read.digest for read in reads], whole, site, lang))
    else:
        for part in parts:
            _print_part(part, lang)
        _print_whole(whole, site, parts, lang)


def _list_tables(tables: Sequence["TimeTable"], form: str, lang: Lang) -> None:
    if form == "json":
        _json([
            {"table": t.key, "title": _in(t.title, lang), "made_for": _in(t.made_for, lang),
             "confidence": t.confidence, "source": _in(t.source, lang), "levels": list(t.levels)}
            for t in tables
        ])  # fmt: skip
        return
    _echo("choose", lang)
    for table in tables:
        click.echo(f"\n{table.key}  {_in(table.title, lang)}")
        _echo("table_about", lang, made_for=_in(table.made_for, lang), persons=table.bands[-1].until,
              levels=", ".join(table.levels), sure=_sure(table.confidence, lang),
              source=_in(table.source, lang))  # fmt: skip


def _sure(confidence: str, lang: Lang) -> str:
    return say(f"audit_time.sure_{confidence}", lang)


def _headcount(store: Path | None, on: date, options: Mapping[str, Any]) -> "Headcount | None":
    if store is None:
        return None
    from shall.engine.audit.headcount import headcount
    from shall.evidence.store import Store

    with Store.open(store) as opened:
        return headcount(opened, organisation_of(opened, options["org"]), on, options["known"])


def _persons(
    table: "TimeTable", counted: "Headcount | None", given: Mapping[str, int], part_time: Sequence[str]
) -> int:
    """Persons given, or as the records have them, and the part-time people converted, rounded up."""
    persons = given.get(table.key)
    if persons is None and counted is not None:
        persons = counted.all if table.persons.counts == "all" else counted.involved
    hours = Decimal(0)
    for text in part_time:
        if not (match := re.fullmatch(r"([1-9]\d{0,6}):(\d{1,2}(?:\.\d{1,2})?)", text, re.A)):
            raise UsageError("audit_time.bad_part_time", value=text)
        if not 0 < Decimal(match[2]) <= table.day_hours:
            raise UsageError("audit_time.bad_part_time", value=text)
        hours += int(match[1]) * Decimal(match[2])
    if persons is None and not hours:
        raise UsageError("audit_time.persons_missing", table=table.key)
    full = Fraction(hours) / table.day_hours
    return (persons or 0) - (-full.numerator // full.denominator)


def _persons_given(
    texts: Sequence[str], part_time: Sequence[str], tables: Sequence["TimeTable"]
) -> dict[str, int]:
    """Persons by table. One number serves several tables only where they count the same people."""
    found: dict[str, int] = {}
    keys = [table.key for table in tables]
    differ = len({table.persons.counts for table in tables}) > 1
    for text in texts:
        key, mark, number = text.rpartition("=")
        if not re.fullmatch(r"[1-9]\d{0,6}", number, re.A) or any(
            k in found for k in ([key] if mark else keys)
        ):
            raise UsageError("audit_time.bad_pair", value=text, what="--persons")
        if mark and key not in keys:
            raise UsageError("audit_time.not_chosen", table=key, names=", ".join(keys))
        if differ and not mark:
            raise UsageError("audit_time.persons_differ", names=", ".join(keys))
        found |= dict.fromkeys([key] if mark else keys, int(number))
    if differ and part_time:
        raise UsageError("audit_time.persons_differ", names=", ".join(keys))
    return found


def _facts_known(given: Mapping[str, Decimal], tables: Sequence["TimeTable"]) -> None:
    names = {f.key for t in tables if t.complexity for f in t.complexity.factors}
    unknown = sorted(set(given) - names)
    if unknown:
        fields = {"fact": unknown[0], "table": ", ".join(t.key for t in tables)}
        raise UsageError("audit_time.no_fact", names=", ".join(sorted(names)) or "-", **fields)


def _facts(
    table: "TimeTable", counted: "Headcount | None", given: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    names = {f.key for f in table.complexity.factors} if table.complexity else set()
    known = {**(counted.facts if counted else {}), **given}
    return {name: value for name, value in known.items() if name in names}


def _levels(texts: Sequence[str], tables: Sequence["TimeTable"]) -> dict[str, str]:
    found: dict[str, str] = {}
    keys = [table.key for table in tables]
    for text in texts:
        key, mark, level = text.rpartition("=")
        for name in [key] if mark else keys:
            if name not in keys:
                raise UsageError("audit_time.not_chosen", table=name, names=", ".join(keys))
            if name in found:
                raise UsageError("audit_time.bad_pair", value=text, what="--level")
            found[name] = level
    if len(keys) > 1:
        single = {t.key for t in tables if len(t.levels) == 1}
        given = {text for text in texts if "=" in text}
        return {
            k: v for k, v in found.items() if k not in single or any(g.startswith(f"{k}=") for g in given)
        }
    return found


def _adjustments(texts: Sequence[str], tables: Sequence["TimeTable"]) -> dict[str, list["Adjustment"]]:
    from shall.engine.audit.days import Adjustment

    found: dict[str, list[Adjustment]] = {table.key: [] for table in tables}
    for text in texts:
        match = re.fullmatch(r"(?:([a-z][a-z0-9_]*):)?([a-z][a-z0-9_]*)=([+-]?[\d.]+)[:：](.+)", text, re.S)
        if match is None:
            raise UsageError("audit_time.bad_adjust", value=text)
        if match[1] and match[1] not in found:
            raise UsageError("audit_time.not_chosen", table=match[1], names=", ".join(found))
        one = Adjustment(match[2], _number(match[3], "--adjust"), match[4].strip())
        for key in [match[1]] if match[1] else list(found):
            found[key].append(one)
    return found


def plain(value: Fraction | Decimal) -> str:
    """The number in full where it ends within four places, else rounded to four and marked `≈`.

    >>> plain(Fraction(7, 3)), plain(Decimal("2.50"))
    ('≈2.3333', '2.5')
    """
    exact = Fraction(value)
    tens = exact * 10_000
    if tens.denominator == 1:
        text = f"{Decimal(tens.numerator) / 10_000:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    whole = (2 * tens.numerator + tens.denominator) // (2 * tens.denominator)
    return f"≈{Decimal(whole) / 10_000:f}"


def _print_part(part: "AuditTime", lang: Lang) -> None:
    table = part.table
    _echo("head", lang, title=_in(table.title, lang), made_for=_in(table.made_for, lang))
    _echo("not_the_rule", lang)
    _echo("persons", lang, persons=part.persons, says=_in(table.persons.says, lang))
    if part.complexity is not None:
        for w in part.weighed:
            says = next(_in(f.says, lang) for f in table.complexity.factors if f.key == w.key)  # type: ignore[union-attr]
            _echo("weighed", lang, says=says, fact=plain(w.fact), value=w.value, weight=w.weight)
        _echo("complexity", lang, value=plain(part.complexity))
    if len(table.levels) > 1:
        _echo("level", lang, level=_in(table.levels[part.level], lang))
    share = None if table.band(part.persons).days(part.audit) else getattr(table, part.audit)  # type: ignore[union-attr]
    if share is not None:
        _echo("share", lang, share=share.share, says=_in(share.says, lang))
    audit = say(f"audit_time.audit_{part.audit}", lang)
    _echo("base", lang, audit=audit, days=plain(part.base))
    for one in part.adjustments:
        factor = next(_in(f.says, lang) for f in table.factors if f.key == one.factor)
        _echo("adjusted", lang, percent=f"{one.percent:+f}", factor=factor, why=one.why)
    if part.adjustments:
        _echo("counted", lang, percent=f"{part.counted_percent:+f}", exact=plain(part.exact))
    if part.limited:
        _echo("limited", lang, stated=f"{part.stated_percent:+f}", says=_in(table.limits.says, lang))
    _echo("rounding", lang, says=_in(table.rounding.says, lang))
    _echo("days", lang, days=plain(part.days), hours=plain(part.hours), day=table.day_hours)
    _echo("on_site", lang, days=plain(part.on_site), percent=plain(table.on_site_percent))
    _echo("sure", lang, sure=_sure(part.confidence, lang), source=_in(table.source, lang))
    for doubt in part.doubts:
        _echo("doubt", lang, says=_in(doubt, lang))
    click.echo("")


def _print_whole(
    whole: "Integrated | None", site: "SiteTime | None", parts: Sequence["AuditTime"], lang: Lang
) -> None:
    from shall.engine.audit.days import on_site

    if whole is not None:
        _echo("integrated", lang, title=_in(whole.rule.title, lang), total=plain(whole.total),
              says=_in(whole.rule.adds, lang))  # fmt: skip
        _echo("integrated_less", lang, percent=plain(whole.counted_percent), exact=plain(whole.exact))
        if whole.limited:
            _echo(
                "integrated_limited", lang, stated=plain(whole.stated_percent), most=whole.rule.reduce_percent
            )
        hours = whole.days * parts[0].table.day_hours
        _echo("days", lang, days=plain(whole.days), hours=plain(hours), day=parts[0].table.day_hours)
        strictest = max((part.table for part in parts), key=lambda table: table.on_site_percent)
        _echo(
            "on_site",
            lang,
            days=plain(on_site(whole.days, strictest)),
            percent=plain(strictest.on_site_percent),
        )
        _echo("against", lang, percent=plain(whole.against_tables))
        _echo("sure", lang, sure=_sure(whole.rule.confidence, lang), source=_in(whole.rule.source, lang))
    if site is not None:
        _echo(
            "site", lang, percent=plain(site.stated_percent), exact=plain(site.exact), days=plain(site.days)
        )
        if site.limited:
            _echo("site_limited", lang)


def _time_json(
    parts: Sequence["AuditTime"],
    digests: Sequence[str],
    whole: "Integrated | None",
    site: "SiteTime | None",
    lang: Lang,
) -> dict[str, Any]:
    return {
        "caveat": say("audit_time.not_the_rule", lang).strip(),
        "parts": [_part_json(part, digest, lang) for part, digest in zip(parts, digests, strict=True)],
        "integrated": {
            "rule": whole.rule.key,
            "source": _in(whole.rule.source, lang),
            "confidence": whole.rule.confidence,
            "total": str(whole.total),
            "stated_percent": str(whole.stated_percent),
            "counted_percent": str(whole.counted_percent),
            "exact": str(whole.exact),
            "days": str(whole.days),
            "below_tables_percent": str(whole.against_tables),
        }
        if whole
        else None,
        "sampled_site": {
            "stated_percent": str(site.stated_percent),
            "exact": str(site.exact),
            "days": str(site.days),
            "limited": site.limited,
        }
        if site
        else None,
    }


def _part_json(part: "AuditTime", digest: str, lang: Lang) -> dict[str, Any]:
    table = part.table
    return {
        "table": table.key,
        "edition": table.edition,
        "digest": digest,
        "made_for": _in(table.made_for, lang),
        "source": _in(table.source, lang),
        "confidence": part.confidence,
        "doubts": [_in(doubt, lang) for doubt in part.doubts],
        "audit": part.audit,
        "persons": part.persons,
        "level": part.level,
        "complexity": str(part.complexity) if part.complexity is not None else None,
        "weighed": [
            {"fact": w.key, "is": str(w.fact), "value": str(w.value), "weight": str(w.weight)}
            for w in part.weighed
        ],
        "base": str(part.base),
        "adjustments": [
            {"factor": a.factor, "percent": str(a.percent), "why": a.why} for a in part.adjustments
        ],
        "stated_percent": str(part.stated_percent),
        "counted_percent": str(part.counted_percent),
        "exact": str(part.exact),
        "rounding": _in(table.rounding.says, lang),
        "days": str(part.days),
        "hours": str(part.hours),
        "on_site_at_least": str(part.on_site),
    }


@click.command("sample-sites")
@click.argument("store", type=STORE, required=False)
@AUDIT
@click.option(
    "--table", default="iaf_md1", show_default=True, help="抽样表或其文件 / sampling table or its file"
)
@click.option(
    "--central", multiple=True, help="中心职能所在场所，默认用途为总部的 / sites of the central function"
)
@click.option("--seed", help="随机种子，默认取自账本 / seed of the draw, default from the ledger")
@click.option(
    "--proven", is_flag=True, help="体系在周期内持续有效 / the system proved effective over the cycle"
)
@click.option("--no-sampling", is_flag=True, help="不宜抽样 / sampling is not appropriate")
@click.option(
    "--must", multiple=True, metavar="SITE=REASON", help="必须包括的场所及理由 / sites to include, and why"
)
@click.option(
    "--more", metavar="N:REASON", help="在公式之外增加的场所数及理由 / so many more than the formula, and why"
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="按审核文件重抽并核对 / draw again from an audit file and compare",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="写出审核文件 / write the audit file",
)
@FORCE
@ORG
@ON
@KNOWN
@FORM
@click.pass_obj
def sample_sites(lang: Lang, /, store: Path | None, replay: Path | None, form: str, **options: Any) -> int:
    """抽取要审核的场所，抽取可重演；重演不符时退出码为 1 / sites to audit, replayable; exit 1 if a replay differs."""
    if (store is None) == (replay is None):
        raise UsageError("audit_time.store_or_replay")
    if replay is not None:
        return _replay(replay, lang)
    from shall.engine.audit.sampling import audit_file, places, sample
    from shall.engine.audit.tables import sampling_table
    from shall.evidence.store import Store

    assert store is not None
    output = options["output"]
    if output is not None:
        guard_target(output, replace=options["force"])
    on = parse_day(options["day"]) if options["day"] else date.today()
    read = sampling_table(options["table"])
    with Store.open(store) as opened:
        organisation = organisation_of(opened, options["org"])
        position = opened.position() if options["known"] is None else opened.position_at(options["known"])
        known = position[0]
        found = places(opened, organisation, on, known)
    seed = options["seed"]
    if seed is None:
        seed = f"{organisation}/{options['audit']}/{on}/{position[1][:16]}"
    wanted = _wanted(options, seed)
    central = _central(options["central"], found)
    drawn = sample(read.table, found, central, wanted)
    about = {"organisation": organisation, "on": on.isoformat(), "ledger": known, "head": position[1]}
    file = audit_file(read.table, read.digest, found, central, wanted, drawn, about)
    if output is not None:
        from shall.evidence.workbook import write_whole

        write_whole(output, (json.dumps(file, ensure_ascii=False, indent=1) + "\n").encode())
        click.echo(say("cli.written", lang, path=output), err=True)
    if form == "json":
        _json(file)
    else:
        _print_sample(read.table, found, wanted, drawn, lang)
    return 0


def _wanted(options: Mapping[str, Any], seed: str) -> "Wanted":
    from shall.engine.audit.sampling import Wanted

    more, why = 0, ""
    if options["more"]:
        match = re.fullmatch(r"([1-9]\d{0,4})[:：](.+)", options["more"], re.S)
        if match is None:
            raise UsageError("audit_time.more_why")
        more, why = int(match[1]), match[2].strip()
    must = _scoped(options["must"], "--must")
    return Wanted(options["audit"], seed, options["proven"], not options["no_sampling"], more, why, must)


def _central(named: Sequence[str], found: Sequence["Place"]) -> list[str]:
    ids = {p.id for p in found}
    strange = sorted(set(named) - ids)
    if strange:
        raise UsageError("audit_time.no_site", site=strange[0], names=", ".join(sorted(ids)[:12]) or "-")
    return sorted(set(named)) or sorted(p.id for p in found if p.purpose == "head_office")


def _print_sample(
    table: "SamplingTable", found: Sequence["Place"], wanted: "Wanted", drawn: "Sample", lang: Lang
) -> None:
    _echo("sample_head", lang, title=_in(table.title, lang), made_for=_in(table.made_for, lang),
          sure=_sure(table.confidence, lang), source=_in(table.source, lang))  # fmt: skip
    _echo("not_the_rule", lang)
    audit = say(f"audit_time.audit_{wanted.audit}", lang)
    if drawn.share is not None:
        _echo(
            "sample_size",
            lang,
            audit=audit,
            sites=drawn.population,
            share=plain(drawn.share),
            size=drawn.formula,
        )
    else:
        _echo("sample_unsampled", lang, audit=audit, sites=drawn.population, size=drawn.formula)
    if drawn.size != drawn.formula:
        _echo("sample_more", lang, size=drawn.size, more=wanted.more, why=wanted.more_why or "-")
    if drawn.random:
        _echo(
            "sample_random", lang, random=drawn.random, percent=plain(table.random_percent), seed=wanted.seed
        )
    _echo("central", lang, says=_in(table.central, lang))
    if not any(c.how == "central" for c in drawn.chosen):
        _echo("no_central", lang)
    names = {p.id: p.name or "-" for p in found}
    says: dict[str, str] = {r.key: _in(r.says, lang) for r in table.reasons}
    for one in drawn.chosen:
        because = say("audit_time.list_joint", lang).join(says[key] for key in one.reasons)
        why = {
            "random": say("audit_time.how_random", lang, ticket=(one.ticket or "")[:12]),
            "named": say("audit_time.how_named", lang, why=one.why),
            "reasons": say("audit_time.how_reasons", lang, points=one.points, because=because),
        }.get(one.how) or say(f"audit_time.how_{one.how}", lang)
        if one.how == "reasons" and not one.reasons:
            why = say("audit_time.how_longest", lang)
        click.echo(f"  {one.id}  {names[one.id]}  {why}")
    left = [p.id for p in found if p.id not in {c.id for c in drawn.chosen}]
    _echo("not_chosen_sites", lang, names=", ".join(sorted(left)) or "-")
    if drawn.random:
        _echo("replayable", lang)


def _replay(path: Path, lang: Lang) -> int:
    from shall.engine.audit.sampling import of_shipped_table, replay

    try:
        file = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise EvidenceError("audit_time.not_json", path=path) from None
    if not isinstance(file, dict):
        raise EvidenceError("audit_time.sample_broken")
    again = replay(file)
    if not of_shipped_table(file):
        _echo("replay_table", lang, table=file["table"]["key"])
    if again == file.get("result"):
        sites = ", ".join(c["site"] for c in again["chosen"])
        _echo("replay_same", lang, seed=file["seed"], sites=sites)
        return 0
    _echo("replay_differs", lang)
    stated = file["result"].get("chosen") if isinstance(file.get("result"), dict) else None
    told = {str(c.get("site")) for c in stated or () if isinstance(c, dict)}
    drawn = {c["site"] for c in again["chosen"]}
    _echo("replay_missing", lang, names=", ".join(sorted(drawn - told)) or "-")
    _echo("replay_strange", lang, names=", ".join(sorted(told - drawn)) or "-")
    return 1


@click.command("cycle")
@click.argument("store", type=STORE)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    default=("iso_17021_1",),
    show_default=True,
    help="周期规则或其文件，可多次 / profile or its file, may be repeated",
)
@click.option("--certificate", help="只看这张证书 / this certificate only")
@click.option(
    "--ahead",
    type=click.IntRange(0, 3660),
    default=90,
    show_default=True,
    help="多少天内到期算临近 / due within so many days counts as due",
)
@click.option(
    "--ics",
    type=click.Path(path_type=Path, dir_okay=False),
    help="把期限写成日历文件 / write the due dates as a calendar file",
)
@ORG
@ON
@KNOWN
@FORM
@click.pass_obj
def cycle(
    lang: Lang, /, store: Path, profiles: tuple[str, ...], form: str, ics: Path | None, **options: Any
) -> int:
    """认证周期：已做、将到期、逾期；有逾期或违反的退出码为 1 / cycle of certification; exit 1 if late or broken."""
    from shall.engine.audit.cycle import calendar_file
    from shall.engine.audit.cycle import cycle as cycle_of
    from shall.engine.audit.cycle_file import profile
    from shall.engine.audit.cycle_records import certificates
    from shall.evidence.store import Store

    on = parse_day(options["day"]) if options["day"] else date.today()
    read = [profile(name).table for name in profiles]
    if ics:
        guard_target(ics, replace=True)
    with Store.open(store) as opened:
        organisation = organisation_of(opened, options["org"])
        known = (opened.position() if options["known"] is None else opened.position_at(options["known"]))[0]
        found = certificates(opened, organisation, on, known)
    if options["certificate"] is not None:
        names = ", ".join(c.id for c in found) or "-"
        found = [c for c in found if c.id == options["certificate"]]
        if not found:
            raise UsageError("audit_time.no_certificate", certificate=options["certificate"], names=names)
    made = [(one.key, cycle_of(c, one, on, options["ahead"])) for one in read for c in found]
    if form == "json":
        _json([_cycle_json(key, one, lang) for key, one in made])
    else:
        if not made:
            _echo("no_certificates", lang)
        for one in read if made else ():
            _echo("cycle_head", lang, title=_in(one.title, lang), sure=_sure(one.confidence, lang),
                  source=_in(one.source, lang))  # fmt: skip
            for key, cycle_ in made:
                if key == one.key:
                    _print_cycle(cycle_, lang)
    if ics:
        from shall.evidence.workbook import write_whole

        write_whole(ics, calendar_file(made, organisation, on, lang))
        click.echo(say("cli.written", lang, path=ics), err=True)
    return int(any(c.late for _, c in made))


def _print_cycle(one: "Cycle", lang: Lang) -> None:
    c = one.certificate
    _echo("certificate", lang, id=c.id, number=c.number or "-", subject=say(f"audit_time.subject_{c.subject}", lang),
          standing=say(f"audit_time.standing_{one.standing}", lang), begun=one.begun or "-",
          expires=c.expires_on or "-")  # fmt: skip
    for due in one.dues:
        _print_due(due, lang)
    for checked in one.checks:
        if checked.outcome != "kept":
            _echo(f"check_{checked.outcome}", lang, says=_in(checked.check.says, lang),
                  records=", ".join(checked.records) or "-")  # fmt: skip
    for note in one.notes:
        _echo(f"note_{note}", lang)
    if c.doubtful:
        _echo("note_team_doubtful", lang, names=", ".join(c.doubtful))


def _print_due(due: "Due", lang: Lang) -> None:
    known = "finished" if due.state == "done" and due.on is None else due.state
    state = say(f"audit_time.state_{known}", lang)
    on = due.on or say("audit_time.no_limit", lang)
    _echo("due", lang, state=state, on=on, says=_in(due.duty.says, lang))
    if due.done_on:
        _echo("due_done", lang, on=due.done_on)
    if due.count:
        _echo("due_count", lang, count=due.count)
    if due.planned_on and due.done_on is None:
        _echo("planned_late" if due.planned_late else "planned", lang, on=due.planned_on)
    if due.state in ("late", "done_late") and due.duty.late:
        _echo("consequence", lang, says=_in(due.duty.late, lang))
    if due.duty.source and due.state not in ("done", "later"):
        _echo("due_source", lang, source=_in(due.duty.source, lang))


def _cycle_json(key: str, one: "Cycle", lang: Lang) -> dict[str, Any]:
    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "profile": key,
        "certificate": one.certificate.id,
        "standing": one.standing,
        "cycle": one.number,
        "begun": day(one.begun),
        "expires": day(one.certificate.expires_on),
        "duties": [
            {
                "duty": d.duty.key,
                "state": d.state,
                "on": day(d.on),
                "since": day(d.since),
                "done_on": day(d.done_on),
                "planned_on": day(d.planned_on),
                "planned_late": d.planned_late,
                "says": _in(d.duty.says, lang),
                "late": _in(d.duty.late, lang) if d.duty.late else None,
                "confidence": d.duty.confidence,
            }
            for d in one.dues
        ],
        "checks": [
            {"check": c.check.key, "outcome": c.outcome, "records": list(c.records)} for c in one.checks
        ],
        "notes": [say(f"audit_time.note_{note}", lang) for note in one.notes],
        "team_doubtful": list(one.certificate.doubtful),
    }
