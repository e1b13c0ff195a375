"""A comparison as one HTML page: no network, filters in a few lines of script, complete without."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from shall.engine.compare.comparison import Comparison, counts, total
from shall.engine.compare.relations import RELATIONS, Crosswalk, Relation, Unmatched
from shall.engine.reports import charts
from shall.engine.reports.compare.words import SYMBOLS, Words

SCRIPT = """
(function () {
  var form = document.getElementById('filter'), shown = document.getElementById('shown');
  var items = [].slice.call(document.querySelectorAll('.i')), groups = [].slice.call(document.querySelectorAll('.g'));
  var rows = [].slice.call(document.querySelectorAll('.m')), pairs = [].slice.call(document.querySelectorAll('.p'));
  var texts = new Map();
  function text(e) {
    var t = texts.get(e);
    if (t === undefined) { t = e.textContent.toLowerCase(); texts.set(e, t); }
    return t;
  }
  function value(name) { return form.elements[name].value; }
  function run() {
    var words = value('text').toLowerCase().split(/\\s+/).filter(Boolean), n = 0;
    var relation = value('relation'), chapter = value('chapter'), standard = value('standard');
    items.forEach(function (e) {
      var g = e.parentNode.parentNode, head = g.firstElementChild;
      var fits = (!relation || e.dataset.r === relation)
        && (!chapter || g.dataset.c === chapter || e.dataset.c === chapter)
        && (!standard || g.dataset.s.split(' ').indexOf(standard) >= 0)
        && words.every(function (w) { return text(e).indexOf(w) >= 0 || text(head).indexOf(w) >= 0; });
      e.hidden = !fits;
      if (fits) { n += 1; }
    });
    groups.forEach(function (g) { g.hidden = !g.querySelector('.i:not([hidden])'); });
    pairs.forEach(function (p) { p.hidden = !p.querySelector('.g:not([hidden])'); });
    rows.forEach(function (e) { e.hidden = !words.every(function (w) { return text(e).indexOf(w) >= 0; }); });
    shown.textContent = shown.dataset.says.replace('{shown}', n).replace('{total}', items.length);
  }
  var waiting;
  form.addEventListener('input', function () { clearTimeout(waiting); waiting = setTimeout(run, 80); });
  form.addEventListener('submit', function (e) { e.preventDefault(); });
  form.hidden = false;
  run();
})();
"""


def html(found: Comparison, lang: str) -> str:
    """The page as a text; the same comparison always gives the same page."""
    words = Words(found, lang)
    script = SCRIPT.encode()
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    page: str = _template().render(
        t=words.t,
        words=words,
        found=found,
        css=Markup(_file("report.css")),
        script=Markup(SCRIPT),
        digest=digest,
        lang="zh-CN" if lang == "zh" else "en",
        symbols=SYMBOLS,
        relations=RELATIONS,
        counts=[_counted(words, walk) for walk in found.walks],
        pairs=[{"walk": walk, "groups": list(_groups(words, walk))} for walk in found.walks],
        alone=list(_alone(words)),
        chapters=[(f"{c} {ch}", f"{c} {words.chapter(c, ch)}") for c, ch in _chapters(found)],
        heat=heat(words),
        says=words.t("filter.shown", shown="{shown}", total="{total}"),
    )
    return page


def _counted(words: Words, walk: Crosswalk) -> dict[str, Any]:
    tallies = counts(words.found, walk)
    rows = []
    for chapter, tally in tallies.items():
        key = walk.right if chapter.startswith(">") else walk.left
        label = f"{key} {words.chapter(key, chapter.lstrip('>'))}"
        rows.append((label, [tally[name] for name in RELATIONS]))
    whole = total(tallies)
    rows.append((f"{walk.left} {words.t('total')}", [whole[name] for name in RELATIONS]))
    return {"walk": walk, "rows": rows, "whole": [whole[n] for n in RELATIONS], "alone": len(walk.only_right)}


def _groups(words: Words, walk: Crosswalk) -> Iterator[dict[str, Any]]:
    """The relations of a pair by the provision on the left."""
    groups: dict[str, list[Relation]] = {}
    for one in walk.relations:
        groups.setdefault(one.left, []).append(one)
    for id, relations in groups.items():
        yield {
            "id": id,
            "chapter": words.chapter_id(id),
            "standards": f"{walk.left} {walk.right}",
            "items": [_item(words, one) for one in relations],
        }


def _item(words: Words, one: Relation) -> dict[str, str]:
    return {
        "relation": one.relation,
        "id": one.right,
        "chapter": words.chapter_id(one.right),
        "why": words.reasons(one),
        "origin": "" if one.origin == "computed" else words.t(f"origin.{one.origin}"),
        "strength": str(one.strength),
    }


def _alone(words: Words) -> Iterator[dict[str, Any]]:
    """Every provision that lacks a counterpart somewhere, with the standards that lack it."""
    lacking: dict[str, list[Unmatched]] = {}
    for walk in words.found.walks:
        for one in (*walk.only_left, *walk.only_right):
            lacking.setdefault(one.provision, []).append(one)
    for id in sorted(lacking, key=lambda id: words.found.standards.order[id]):
        key = words.found.provision(id).ruleset
        yield {
            "id": id,
            "chapter": words.chapter_id(id),
            "standards": " ".join([key, *(one.standard for one in lacking[id])]),
            "lacking": [one.standard for one in lacking[id]],
            "concepts": words.t("list_sep").join(map(words.concept, words.found.provision(id).concepts)),
            "reviews": [words.rationale(one) for one in lacking[id] if one.review],
        }


def _chapters(found: Comparison) -> list[tuple[str, str]]:
    return list(dict.fromkeys((c.standard, c.chapter) for c in found.coverage))


def heat(words: Words, font: str = "") -> Markup:
    """Chapters by standards: how much of what binds has a counterpart, in per cent."""
    found = words.found
    places, chapters = list(found.keys), _chapters(found)
    cells = {
        (chapters.index((c.standard, c.chapter)), places.index(c.other)): c.percent for c in found.coverage
    }
    rows = [f"{key} {words.chapter(key, chapter)}" for key, chapter in chapters]
    says = words.t("coverage.says", row="{row}", place="{place}", count="{count}")
    return charts.heat_map(rows, places, cells, words.t("coverage"), says, font)


@cache
def _template() -> Any:
    """Everything is escaped, and a name that the template misspells is an error."""
    loader = DictLoader({"compare.html.j2": _file("compare.html.j2")})
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.get_template("compare.html.j2")


def _file(name: str) -> str:
    return files("shall.engine").joinpath("templates", name).read_text(encoding="utf-8")
