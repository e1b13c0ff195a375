"""Incorporation: a provision that says "meet clause X of standard B" and the provisions of B it stands for."""

import re
from collections.abc import Iterator, Mapping, Sequence

from shall.engine.loader import Problem, RulesetProblems, SourceMap, load_ruleset
from shall.engine.models import Ruleset
from shall.engine.shelf import folder_of, shipped
from shall.engine.verdicts import covers

Loaded = tuple[Ruleset, SourceMap]
Name = tuple[str, str]
"""Key of a ruleset and address of a provision in it."""
Edges = Mapping[Name, Sequence[Name]]
"""What each incorporating provision stands for: the binding provisions of the clauses it names, in their order."""

_TARGET = re.compile(r"^([a-z][a-z0-9_]*):(\S+)$")


def incorporated_rulesets(rulesets: Sequence[Loaded]) -> list[Loaded]:
    """The shipped rulesets that these incorporate, directly or through others, without those already there.

    A ruleset can name shipped ones and its companions only, by key: never a folder. Raises RulesetProblems.
    """
    found = {ruleset.key: (ruleset, where) for ruleset, where in rulesets}
    waiting = list(rulesets)
    problems: list[Problem] = []
    while waiting:
        ruleset, where = waiting.pop()
        for address, n, target in _targets(ruleset):
            key = target.partition(":")[0]
            if key in found or not _TARGET.match(target):
                continue
            if key not in shipped():
                known = ", ".join([*shipped(), *(k for k in found if k not in shipped())])
                fields = {"target": target, "known": known}
                problems.append(_problem(where, address, n, "rules.incorporation_standard", **fields))
                continue
            found[key] = load_ruleset(folder_of(key))
            waiting.append(found[key])
    if problems:
        raise RulesetProblems(problems)
    return list(found.values())[len(rulesets) :]


def edges(rulesets: Sequence[Loaded]) -> Edges:
    """What every incorporating provision stands for; raises RulesetProblems: a target that does not exist, a cycle."""
    provisions = {ruleset.key: ruleset.provisions for ruleset, _ in rulesets}
    where = {ruleset.key: lines for ruleset, lines in rulesets}
    found: dict[Name, list[Name]] = {}
    problems: list[Problem] = []
    for ruleset, lines in rulesets:
        for address, n, target in _targets(ruleset):
            match = _TARGET.match(target)
            key, clause = match.groups() if match else ("", "")
            reached = [
                (key, p.address)
                for p in provisions.get(key, ())
                if p.weight != "info" and covers(clause, p.address)
            ]
            if not reached:
                problems.append(_problem(lines, address, n, "rules.incorporation_target", target=target))
            found.setdefault((ruleset.key, address), []).extend(reached)
    for name in _in_cycles(found):
        shown = " → ".join(f"{key}:{address}" for key, address in _cycle(found, name))
        problems.append(_problem(where[name[0]], name[1], 0, "rules.incorporation_cycle", cycle=shown))
    if problems:
        raise RulesetProblems(problems)
    return {name: tuple(dict.fromkeys(reached)) for name, reached in found.items()}


def reached_from(rulesets: Sequence[Ruleset], graph: Edges) -> set[Name]:
    """Every provision that one of these rulesets incorporates, directly or through others."""
    waiting = [(r.key, p.address) for r in rulesets for p in r.provisions if p.incorporates]
    found: set[Name] = set()
    while waiting:
        for name in graph.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _targets(ruleset: Ruleset) -> Iterator[tuple[str, int, str]]:
    for provision in ruleset.provisions:
        for n, target in enumerate(provision.incorporates):
            yield provision.address, n, target


def _problem(where: SourceMap, address: str, n: int, key: str, **fields: object) -> Problem:
    source, index = where[address]
    line = source.line(index, "incorporates", n)
    return Problem(source.name, line, key, {"address": address, **fields})


def _in_cycles(graph: Edges) -> list[Name]:
    return [name for name in graph if name in _after(graph, name)]


def _after(graph: Edges, start: Name) -> set[Name]:
    waiting, found = list(graph.get(start, ())), set(graph.get(start, ()))
    while waiting:
        for name in graph.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _cycle(graph: Edges, start: Name) -> list[Name]:
    """A way from a provision back to itself."""
    ways = [[start, name] for name in graph[start]]
    seen: set[Name] = set()
    while ways:
        way = ways.pop(0)
        if way[-1] == start:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [[*way, name] for name in graph.get(way[-1], ())]
    raise AssertionError(start)
