"""The topics of 9.3.2 that are about figures: monitoring, performance by level, targets, plans."""

from collections import Counter

from shall.engine.papers.review_records import Gathered, Line, Topic, ordered
from shall.engine.reports.records import Record

MANAGED = {
    "organisation": "manages_organisation_level",
    "product": "manages_product_level",
    "project": "manages_project_level",
    "event": "manages_event_level",
}
"""Levels, and the column of the profile that says whether carbon is managed there."""


def monitoring_results(g: Gathered) -> Topic:
    """Of every monitored matter the latest result of the period; deviations; matters without a result."""
    kind, by_plan = "monitoring_result", dict[str, list[Record]]()
    for r in g.of(kind, lambda r: g.within(r.get("measured_on"))):
        by_plan.setdefault(str(r.get("monitoring_plan") or ""), []).append(r)
    rows = [_latest_result(g, name, found) for name, found in sorted(by_plan.items())]
    rows += [_deviation(g, r) for r in g.of("deviation", lambda r: _is_current(g, r))]
    count = sum(map(len, by_plan.values()))
    before = len(g.of(kind, lambda r: g.before(r.get("measured_on"))))
    summary = [g.says("sum_monitoring", count=g.compared(count, before), plans=len(by_plan))]
    silent = [str(p["id"]) for p in g.records.of("monitoring_plan") if str(p["id"]) not in by_plan]
    summary += [g.says("no_results", plans=", ".join(silent))] if silent else []
    return Topic(tuple(summary), ordered(rows))


def _latest_result(g: Gathered, name: str, found: list[Record]) -> Line:
    kind, plan = "monitoring_result", g.records.one("monitoring_plan", name)
    newest = max(found, key=lambda r: (str(r["measured_on"]), str(r["id"])))
    what = g.joined(name, g.word("monitoring_plan", plan, "item") if plan else "")
    value = g.amount(newest.get("result_value"), newest.get("measure_unit"))
    result = g.joined(value, str(newest.get("result_text") or ""), g.told(kind, newest, "analysis"))
    return g.line(kind, newest, "measured_on", what, result, g.says("latest_of", count=len(found)))


def _is_current(g: Gathered, r: Record) -> bool:
    is_open = g.reached(r.get("detected_on")) and not g.reached(r.get("responded_on"))
    return is_open or g.within(r.get("detected_on"))


def _deviation(g: Gathered, r: Record) -> Line:
    unit = r.get("measure_unit")
    values = {name: g.amount(r.get(f"{name}_value"), unit) or "-" for name in ("expected", "actual")}
    result = g.joined(g.says("deviated", **values), g.told("deviation", r, "serious", "cause", "response"))
    state = g.joined(g.ended(r.get("responded_on")), str(r.get("response_result") or ""))
    return g.line("deviation", r, "detected_on", g.word("deviation", r, "description"), result, state)


def performance_by_level(g: Gathered) -> Topic:
    """The newest value of each parameter, inventories, footprints, projects, events; levels with nothing."""
    rows, levels = list[Line](), set[str]()
    for name, r in _newest_values(g).items():
        parameter = g.records.one("performance_parameter", name) or {}
        levels.add(str(parameter.get("level") or ""))
        what = g.joined(g.told("performance_parameter", parameter, "level", "name") or name, _period(g, r))
        columns = ("amount", "normalised_amount", "baseline_amount", "expected_amount")
        values = g.amounts("parameter_value", r, parameter.get("measure_unit"), *columns)
        state = g.told("parameter_value", r, "comparison", "comparison_note")
        rows.append(g.line("parameter_value", r, "reviewed_on", what, values, state))
    for level, found in (
        (
            "organisation",
            g.listed("carbon_inventory", "prepared_on", ("title",), EMISSIONS, ("verified_by",)),
        ),
        ("product", g.listed("product_footprint", "completed_on", FOOTPRINT, ("amount",), ("verified_by",))),
        ("project", g.listed("reduction_project", "verified_on", ("name",), REDUCTION, ("verified_by",))),
        ("event", g.listed("carbon_event", "accounted_on", ("theme",), EVENT, ("neutrality_conforms",))),
    ):
        rows += found
        levels |= {level} if found else set()
    profile = next(iter(g.records.of("organisation")), {})
    missing = [level for level, flag in MANAGED.items() if profile.get(flag) and level not in levels]
    words = [g.word("performance_parameter", {"level": level}, "level") for level in missing]
    summary = (g.says("no_level", levels=g.says("list_comma").join(words)),) if words else ()
    return Topic(summary, ordered(rows))


EMISSIONS = ("emissions", "scope1", "scope2", "scope3", "removals")
FOOTPRINT = ("product", "footprint_year", "functional_unit")
REDUCTION = ("expected_reduction", "actual_reduction")
EVENT = ("estimated_emission", "actual_emission")


def _newest_values(g: Gathered) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for r in sorted(
        g.records.of("parameter_value"), key=lambda r: (str(r.get("period_until") or ""), str(r["id"]))
    ):
        if g.within(r.get("reviewed_on") or r.get("period_until")):
            found[str(r.get("parameter") or r["id"])] = r
    return found


def _period(g: Gathered, r: Record) -> str:
    first, last = r.get("period_from"), r.get("period_until")
    return g.says("from_to", since=first, until=last) if first and last else ""


def target_achievement(g: Gathered) -> Topic:
    """Every objective and target set by then, with its target value and the latest progress."""
    progress = g.latest("objective_progress", "objective", "checked_on")
    rows, states = list[Line](), Counter[str]()
    for r in g.of("objective", lambda r: not r.get("set_on") or g.reached(r.get("set_on"))):
        latest = progress.get(str(r["id"]))
        states[standing := _standing(g, r, latest)] += 1
        state = g.says(f"target_{standing}", on=r.get("due_on"))
        what = g.told("objective", r, "objective_type", "title")
        rows.append(g.line("objective", r, "due_on", what, _progress(g, r, latest), state))
    counts = {name: states[name] for name in ("achieved", "missed", "on", "off", "unknown")}
    return Topic((g.says("sum_targets", count=len(rows), **counts),) if rows else (), ordered(rows))


def _standing(g: Gathered, objective: Record, latest: Record | None) -> str:
    if objective.get("achieved") is True:
        return "achieved"
    if g.past(objective.get("due_on")):
        return "missed"
    on_track = latest.get("on_track") if latest else None
    return "unknown" if on_track is None else "on" if on_track else "off"


def _progress(g: Gathered, objective: Record, latest: Record | None) -> str:
    unit = objective.get("measure_unit")
    target = g.says("target_of", value=g.amount(objective.get("target_value"), unit) or "-")
    if latest is None:
        return g.joined(target, g.says("no_progress"))
    value = g.amount(latest.get("actual_value"), unit) or "-"
    reached = g.says("progress_of", value=value, on=latest["checked_on"], id=latest["id"])
    return g.joined(target, reached, g.told("objective_progress", latest, "cause", "action_taken"))


def carbon_performance(g: Gathered) -> Topic:
    """Evaluations of performance against the baseline, and what happened that bears on baselines."""
    kind, rows = "performance_evaluation", list[Line]()
    for r in g.of(kind, lambda r: g.within(r.get("evaluated_on"))):
        values = g.amounts(kind, r, r.get("measure_unit"), "parameter_value", "baseline_value")
        what = g.joined(g.word(kind, r, "parameter"), g.told(kind, r, "method"))
        state = g.told(kind, r, "improved", "system_effective", "performance_effective")
        rows.append(
            g.line(kind, r, "evaluated_on", what, g.joined(values, g.told(kind, r, "conclusion")), state)
        )
    rows += g.listed("baseline_event", "occurred_on", ("description",), ("cause", "major"), ("baseline",))
    return Topic((), ordered(rows))


def plan_implementation(g: Gathered) -> Topic:
    """Action plans that were open at the end, or carried out or evaluated in the period."""
    rows, states = list[Line](), Counter[str]()
    for r in g.of("action_plan", lambda r: not r.get("start_on") or g.reached(r.get("start_on"))):
        done, due = r.get("completed_on"), r.get("due_on")
        if g.reached(done) and not (g.within(done) or g.within(r.get("evaluated_on"))):
            continue
        states["done" if g.reached(done) else "overdue" if g.past(due) else "open"] += 1
        result = g.told("action_plan", r, "responsible", "expected_effect", "actual_effect", "effective")
        rows.append(
            g.line(
                "action_plan", r, "due_on", g.word("action_plan", r, "what"), result, g.standing(done, due)
            )
        )
    counts = {name: states[name] for name in ("done", "open", "overdue")}
    return Topic((g.says("sum_plans", count=len(rows), **counts),) if rows else (), ordered(rows))
