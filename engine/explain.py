"""Why a verdict: provision, reading, requirement, records found, records that offend, what would make it met."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shall.engine.elsewhere import judged_elsewhere
from shall.engine.evaluation import Evaluation, references
from shall.engine.outcomes import MET, NOTHING, OUTCOMES, UNKNOWN, UNMET
from shall.engine.plan import Part, Plan, PlannedProvision, PlannedRequirement
from shall.engine.statements import Evidenced, explain_requirement
from shall.engine.trees import Tree, columns
from shall.engine.verdicts import VERDICTS, Decided, Judgement
from shall.texts import Lang, say

SHOWN = 12


def explain(evaluation: Evaluation, provision: PlannedProvision, lang: Lang) -> Iterator[str]:
    """The explanation, line by line."""
    one = next(d for d in evaluation.decided if d.provision is provision)
    yield f"{provision.id}"
    yield say("cli.explain_verdict", lang, verdict=_verdict(one.verdict, lang))
    yield say("cli.explain_text", lang, gist=provision.gist[lang], modality=_modality(provision, lang))
    if provision.reading:
        yield say("cli.explain_reading", lang, reading=provision.reading[lang])
    if provision.when is not None:
        yield from _condition(evaluation, provision.when, lang)
    yield from _people(one, lang)
    for n, index in enumerate(provision.requirements, 1):
        yield from _requirement(evaluation, index, n, lang)
    if provision.incorporated:
        yield from _incorporated(evaluation, provision, lang)
    if provision.judged:
        yield say("cli.explain_judge", lang, question=provision.judged[lang])
        yield say("cli.explain_look_at", lang, kinds=_look_at(evaluation, provision, lang))
        if one.to_confirm:
            yield say("cli.explain_confirm", lang)
        yield from _elsewhere(evaluation, one, lang)
    yield from _joined(evaluation, provision, lang)


def _elsewhere(evaluation: Evaluation, one: Decided, lang: Lang) -> Iterator[str]:
    """What was judged of the same thing under other standards, where nobody has judged it here."""
    if one.judgement is not None or one.verdict == "not_applicable":
        return
    for other in judged_elsewhere(evaluation, one.provision):
        said = other.judgement
        yield say(
            "cli.explain_elsewhere_reviewed" if other.reviewed else "cli.explain_elsewhere",
            lang,
            id=other.provision,
            record=said.record,
            verdict=_verdict(said.verdict, lang),
            by=said.judged_by,
            on=said.judged_on,
            reason=said.reason,
        )


def _joined(evaluation: Evaluation, provision: PlannedProvision, lang: Lang) -> Iterator[str]:
    """The finding that tells the gap of this provision together with those of others."""
    for finding in evaluation.findings:
        if finding.criteria and provision.id in finding.ids:
            others = ", ".join(id for id in finding.ids if id != provision.id)
            yield say("cli.explain_joined", lang, finding=finding.id, others=others)


def _verdict(verdict: str, lang: Lang) -> str:
    return say(f"report.verdict.{verdict}", lang)


def _modality(provision: PlannedProvision, lang: Lang) -> str:
    """The modal verb of the text, and where it is read as another, that too."""
    modality = say(f"report.modality.{provision.modality}", lang)
    usual = provision.modality if provision.modality in ("shall", "should") else "info"
    if usual == provision.severity:
        return modality
    severity = say(f"report.severity.{provision.severity}", lang)
    return say("cli.explain_read_as", lang, modality=modality, severity=severity)


def _condition(evaluation: Evaluation, index: int, lang: Lang) -> Iterator[str]:
    """When the provision applies; where that cannot be told, which cells would tell."""
    plan, condition = evaluation.plan, evaluation.plan.conditions[index]
    yield say("cli.explain_when", lang, says=condition.says[lang], wording=condition.wording)
    if evaluation.answers.conditions[index] == UNKNOWN:
        yield say("cli.explain_outcome", lang, outcome=say("cli.outcome_unknown", lang))
        open_ones = [i for i in _aggregates_in(condition.decision) if plan.aggregates[i][-1] == "u"]
        if cells := _empty_cells(evaluation, open_ones, lang):
            yield say("cli.explain_fill", lang, cells=_listed(cells))


def _aggregates_in(tree: Tree) -> list[int]:
    """The indexes of the aggregates a decision reads."""
    if tree and tree[0] == "agg":
        return [tree[1]]
    return [i for part in tree if isinstance(part, tuple) for i in _aggregates_in(part)]


def _people(one: Decided, lang: Lang) -> Iterator[str]:
    if one.exclusion:
        e = one.exclusion
        yield say(
            "cli.explain_exclusion",
            lang,
            record=e.record,
            justification=e.justification,
            by=e.approved_by,
            on=e.approved_on,
        )
    if one.judgement:
        yield _said("cli.explain_judgement", one.judgement, lang)
        yield say("cli.explain_evidence_verdict", lang, verdict=_verdict(one.evidence_verdict, lang))
    if one.claim:
        yield _said("cli.explain_claim", one.claim, lang)


def _said(key: str, judgement: Judgement, lang: Lang) -> str:
    return say(
        key,
        lang,
        record=judgement.record,
        verdict=_verdict(judgement.verdict, lang),
        by=judgement.judged_by,
        on=judgement.judged_on,
        reason=judgement.reason,
    )


def _incorporated(evaluation: Evaluation, provision: PlannedProvision, lang: Lang) -> Iterator[str]:
    """What the provision incorporates: how many of each verdict, and those that are not in order, by name."""
    inner = [evaluation.decided[i] for i in provision.incorporated]
    tally = [f"{_verdict(v, lang)} {n}" for v in VERDICTS if (n := sum(d.verdict == v for d in inner))]
    clauses = ", ".join(provision.incorporates)
    yield say("cli.explain_incorporates", lang, clauses=clauses, count=len(inner), tally=", ".join(tally))
    for one in inner:
        if one.verdict not in ("conforming", "not_applicable"):
            verdict, gist = _verdict(one.verdict, lang), one.provision.gist[lang]
            yield say("cli.explain_incorporated", lang, id=one.provision.id, verdict=verdict, gist=gist)


def _requirement(evaluation: Evaluation, index: int, n: int, lang: Lang) -> Iterator[str]:
    plan, answers = evaluation.plan, evaluation.answers
    requirement, outcome = plan.requirements[index], answers.requirements[index]
    part = answers.part(requirement)
    yield say("cli.explain_requirement", lang, n=n, expects=requirement.expects[lang])
    yield say("cli.explain_query", lang, query=query(requirement.wording))
    yield say("cli.explain_outcome", lang, outcome=say(f"cli.outcome_{OUTCOMES[outcome]}", lang))
    for key, indexes in (
        ("cli.explain_found", part.population),
        ("cli.explain_offending", part.offending),
        ("cli.explain_undecided", part.undecided),
    ):
        found = references(indexes, plan, answers)
        if indexes is part.undecided:
            found = [r for r in found if r not in references(part.offending, plan, answers)]
        if found and not (outcome == MET and key != "cli.explain_found"):
            yield say(key, lang, count=len(found), records=_listed([_named(r, plan, lang) for r in found]))
    if answers.outcome(part) == NOTHING and outcome != MET:
        yield f"  {explain_requirement(_evidenced(evaluation), index, lang)}"
    left_out = [f"{kind}:{row[0]}" for kind in part.kinds for row in evaluation.invalid.get(kind, ())]
    if left_out:
        yield say("cli.explain_left_out", lang, records=_listed([_named(r, plan, lang) for r in left_out]))
    open_ones = part.undecided if outcome == UNKNOWN else part.offending if outcome == UNMET else ()
    if cells := _empty_cells(evaluation, open_ones, lang):
        yield say("cli.explain_fill", lang, cells=_listed(cells))
    if outcome == MET and part.interval and not answers.number(part.interval[1]):
        yield say("cli.explain_no_interval", lang, subject=plan.subjects[part.interval[0]][lang])
    if outcome != MET:
        yield say("cli.explain_to_meet", lang, how=how_to_meet(evaluation, requirement, part, lang))


def _evidenced(evaluation: Evaluation) -> Evidenced:
    on = evaluation.question.on.isoformat()
    return Evidenced(evaluation.plan, evaluation.answers, on, evaluation.rows, evaluation.invalid)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return f"{shown}, … (+{len(names) - SHOWN})" if len(names) > SHOWN else shown


def _named(reference: str, plan: Plan, lang: Lang) -> str:
    """A record as a person knows it: the name of its sheet and its id."""
    kind, _, record = reference.partition(":")
    return f"{plan.kinds[kind][lang]} {record}"


def _empty_cells(evaluation: Evaluation, indexes: Sequence[int], lang: Lang) -> list[str]:
    """Sheet, id and column of the empty cells these aggregates read."""
    plan, answers = evaluation.plan, evaluation.answers
    cells: dict[str, None] = {}
    for i in indexes:
        rows, aggregate = answers.aggregates[i], plan.aggregates[i]
        names = plan.columns[aggregate[1]]
        for row in rows if isinstance(rows, list) else ():
            empty = sorted(c for c in _read(aggregate) if row[names.index(c)] is None)
            record = _named(f"{aggregate[1]}:{row[0]}", plan, lang)
            cells.update(dict.fromkeys(f"{record}“{_column(aggregate[1], c, lang)}”" for c in empty))
    return list(cells)


def _read(aggregate: Tree) -> set[str]:
    """The columns that an aggregate which lists records reads of them: of its predicate, its link, its date."""
    read = set(columns(aggregate[2]))
    if aggregate[0] in ("unlinked", "unanswered", "lapsed"):
        read.add(aggregate[3])
    if aggregate[0] == "unanswered" and aggregate[7]:
        read.add(aggregate[7][0])
    return read


def _column(kind: str, name: str, lang: Lang) -> str:
    """The title of a column."""
    from shall.evidence.schema import schema

    column = schema()[kind].column(name)
    return getattr(column, lang) if column else name


def how_to_meet(evaluation: Evaluation, requirement: PlannedRequirement, part: Part, lang: Lang) -> str:
    """What would make the requirement met, in words: for a simple check the columns it looks at."""
    if part.interval and not evaluation.answers.number(part.interval[1]):
        subject = evaluation.plan.subjects[part.interval[0]][lang]
        return say("cli.how_interval", lang, subject=subject)
    if part.check in ("some", "every") and "that" in part.wording:
        kind = part.wording[part.check]
        titles = [_column(kind, name, lang) for name in _names_in(part.wording["that"], kind)]
        columns = ("、" if lang == "zh" else ", ").join(titles)
        return say(
            f"cli.how_{part.check}",
            lang,
            n=part.wording.get("at_least", 1),
            kind=evaluation.plan.kinds[kind][lang],
            columns=columns,
        )
    return say("cli.how_other", lang, expects=requirement.expects[lang])


def _names_in(predicate: str, kind: str) -> list[str]:
    """The columns of a kind that a predicate names, in its order."""
    from shall.evidence.schema import schema

    known = {column.name for column in schema()[kind].columns}
    return [
        name
        for name in dict.fromkeys(re.findall(r"[a-z_]\w*", re.sub(r"'[^']*'", "", predicate)))
        if name in known
    ]


def query(wording: Mapping[str, Any]) -> str:
    """The requirement as its YAML says it, on one line."""
    return "; ".join(
        f"{key}: {value if isinstance(value, str) else _compact(value)}" for key, value in wording.items()
    )


def _compact(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_compact(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_compact(v) for v in value) + "]"
    return str(value)


def _look_at(evaluation: Evaluation, provision: PlannedProvision, lang: Lang) -> str:
    names = [
        f"{evaluation.plan.kinds[k][lang]} ({len(evaluation.rows.get(k, ()))})" for k in provision.look_at
    ]
    return ("、" if lang == "zh" else ", ").join(names)
