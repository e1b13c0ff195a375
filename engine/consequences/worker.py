"""The same rules run by durable-rules: a process of its own, facts in as JSON, what follows out as JSON.

Within the measured limits of release 2.0.28: facts and never events (`assert_fact`, because `post` lets one
rule consume what another needs), scalar integers only, `all` patterns only, one set of rules and one session in the
life of the process (several sets of rules crashed it). The program itself never imports this module, so a crash of
the library is the end of this process and no more.
"""

import json
import sys
from dataclasses import asdict, fields
from importlib import import_module
from typing import Any

from shall.engine.consequences.derive import Derived, Fact, Facts

RULES = "consequences"
SHAPES = {
    "root": ("c", "e", "day", "sure"),
    "link": ("c", "e", "g"),
    "answer": ("g", "r", "day", "after"),
    "maybe": ("g", "r", "day"),
    "arise": ("c", "d"),
    "passing": ("c", "d", "r", "sure"),
    "instance": ("c", "root", "e", "day", "sure"),
    "done": ("c", "root", "e", "day", "sure", "r", "until"),
}
"""The names of what a fact holds, in order. (`on` and `id` mean something to the library.)"""


def derived(facts: Facts) -> Derived:
    """Everything that follows, derived by durable-rules; raises ImportError where it is not there."""
    lang: Any = import_module("durable.lang")
    found: dict[str, set[Fact]] = {f.name: set() for f in fields(Derived)}
    _declare(lang, found)
    for relation in ("link", "answer", "maybe", "arise", "passing", "root"):  # roots last: they set it going
        for fact in getattr(facts, relation):
            lang.assert_fact(RULES, _named(relation, fact))
    return Derived.of(found)


def _named(relation: str, fact: Fact) -> dict[str, Any]:
    return {"t": relation, **dict(zip(SHAPES[relation], fact, strict=True))}


def _declare(lang: Any, found: dict[str, set[Fact]]) -> None:
    """The rules; what they derive is kept in `found`, and made known once."""
    m, c = lang.m, lang.c

    def new(context: Any, relation: str, fact: Fact) -> None:
        if fact not in found[relation]:
            found[relation].add(fact)
            context.assert_fact(_named(relation, fact))

    def child(context: Any, fact: Fact, parent: Fact) -> None:
        found["cause"].add((*fact, *parent))
        new(context, "instance", fact)

    def begins(x: Any) -> None:
        new(x, "instance", (x.root.c, x.root.e, x.root.e, x.root.day, x.root.sure))

    def arises(x: Any) -> None:
        one = x.one
        child(x, (x.edge.d, one.root, one.e, one.day, 1), (one.c, one.root, one.e, one.day, one.sure))

    def discharged(x: Any) -> None:
        one, answer = x.one, x.answer
        new(x, "done", (one.c, one.root, one.e, one.day, one.sure, answer.r, answer.day))

    def goes_on(x: Any) -> None:
        done, way = x.done, x.way
        parent = (done.c, done.root, done.e, done.day, done.sure)
        child(x, (way.d, done.root, done.r, done.until, way.sure), parent)

    def possibly(x: Any) -> None:
        found["possible"].add((x.one.c, x.one.root, x.one.e, x.one.day, x.might.r))

    one = c.one << (m.t == "instance")
    sure = c.one << (m.t == "instance") & (m.sure == 1)
    done = c.done << (m.t == "done") & (m.sure == 1)
    edge = c.edge << (m.t == "arise") & (m.c == c.one.c)
    link = c.link << (m.t == "link") & (m.c == c.one.c) & (m.e == c.one.e)
    first = (m.day >= c.one.day) & (m.after < c.one.day)
    answer = c.answer << (m.t == "answer") & (m.g == c.link.g) & first
    might = c.might << (m.t == "maybe") & (m.g == c.link.g) & (m.day >= c.one.day)
    way = c.way << (m.t == "passing") & (m.c == c.done.c) & (m.r == c.done.r)
    with lang.ruleset(RULES):
        lang.when_all(c.root << m.t == "root")(begins)
        lang.when_all(sure, edge)(arises)
        lang.when_all(one, link, answer)(discharged)
        lang.when_all(done, way)(goes_on)
        lang.when_all(one, link, might)(possibly)


def main() -> None:
    """Read facts from standard input, write what follows to standard output."""
    facts = Facts(**{name: tuple(map(tuple, found)) for name, found in json.load(sys.stdin).items()})
    try:
        answer: dict[str, Any] = {"derived": asdict(derived(facts))}
    except ImportError as error:
        answer = {"missing": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
