"""Search over provisions, clauses, concepts, kinds and findings, in Chinese and English alike.

All texts stand one after another in a single string that is looked through: that finds a Chinese word of any length,
two characters too, which an index of words or of three characters does not. English words are found by their stem.
What a user types is never a pattern or a query language: only words, phrases and addresses.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize

from shall.engine.stems import stem
from shall.texts import LANGUAGES
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.plan import Plan

FIELDS = ("address", "finding", "title", "gist", "concept", "expects", "reading", "clause", "kind", "column")
"""Where a word may stand, the best place first; `title` is that of a clause itself, `clause` that of a provision's."""

WHATS = ("finding", "clause", "concept", "provision", "kind", "column")
"""What is found, in the order of equally good hits."""

WEIGHTS = (("major",), ("minor", "shall"), ("opportunity", "should"))
"""Grades and severities, the heaviest first."""

COMMON = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it", "of", "on", "or", "that", "the",
    "to", "was", "were", "with",
))  # fmt: skip
"""English words that are left out where others remain."""

LONGEST, MOST = 200, 30
"""Characters of a word and number of words that are looked at; more than anybody types."""

SEPARATOR = "\x00"
_GAP = r"(?:[^\w\x00]|_){0,3}"
_PIECE = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_LATIN = re.compile(r"[a-z0-9]+")
_QUOTED = re.compile(r"[\"“”「『]([^\"“”」』]*)[\"“”」』]")
_QUOTES = re.compile(r"[\"“”「」『』]")
_SIGNS = frozenset("0123456789._/#:-")
"""What tells an address, a code or the id of a record from a plain word."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")

Pair = Mapping[str, str]


class Entry(NamedTuple):
    """Something that can be found. `names` are what it answers to exactly, `standards` those it belongs to.

    `label` is what a list shows of it; `mark` its modality, or the grade of a finding; `under` is the clause of a
    provision, the kind of a column.
    """

    what: str
    id: str
    names: tuple[str, ...]
    standards: tuple[str, ...]
    label: tuple[str, str]
    mark: str = ""
    severity: str = ""
    under: str = ""
    concepts: tuple[str, ...] = ()
    provisions: tuple[tuple[str, int], ...] = ()


class Written(NamedTuple):
    """A text of an entry: the field it belongs to, its language, itself."""

    field: str
    lang: str
    text: str


@dataclass(frozen=True)
class Index:
    """Every text in one string, `shown` as it is and `folded` for comparison, character by character the same length.

    `places` are (entry, field, language) of the texts that begin at `starts`; `stems` the English words by stem.
    """

    entries: tuple[Entry, ...]
    places: tuple[tuple[int, int, int], ...]
    starts: tuple[int, ...]
    shown: str
    folded: str
    stems: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, made: Iterable[tuple[Entry, Sequence[Written]]]) -> "Index":
        """The index of these entries with their texts."""
        entries, places, starts, texts, at = [], [], [], [], 0
        for n, (entry, written) in enumerate(made):
            entries.append(entry)
            for one in dict.fromkeys(w for w in written if w.text):
                text = clean(one.text)
                places.append((n, FIELDS.index(one.field), LANGUAGES.index(one.lang)))
                starts.append(at)
                texts.append(text)
                at += len(text) + 1
        shown = SEPARATOR.join([*texts, ""])
        folded = fold(shown)
        stems: dict[str, list[str]] = {}
        for word in sorted(set(_LATIN.findall(folded))):
            stems.setdefault(stem(word), []).append(word)
        words = {key: tuple(group) for key, group in stems.items()}
        return cls(tuple(entries), tuple(places), tuple(starts), shown, folded, words)

    def packed(self) -> tuple[Any, ...]:
        """The index as tuples and texts, for the cache."""
        entries = tuple(map(tuple, self.entries))
        return (entries, self.places, self.starts, self.shown, self.folded, dict(self.stems))

    @classmethod
    def unpacked(cls, raw: tuple[Any, ...]) -> "Index":
        """The index that `packed` took apart."""
        return cls(tuple(map(Entry._make, raw[0])), *raw[1:])

    def text_at(self, position: int) -> int:
        """Which text the character at that position belongs to."""
        return bisect_right(self.starts, position) - 1

    def end(self, text: int) -> int:
        """Where a text ends."""
        return (self.starts[text + 1] if text + 1 < len(self.starts) else len(self.shown)) - 1

    @cached_property
    def named(self) -> Mapping[str, tuple[int, ...]]:
        """Entries by what they answer to: their address, what stands under it, what carries the concept."""
        found: dict[str, list[int]] = {}
        for n, entry in enumerate(self.entries):
            for name in (*entry.names, *_above(entry)):
                found.setdefault(name, []).append(n)
        return {name: tuple(group) for name, group in found.items()}


def _above(entry: Entry) -> Iterator[str]:
    """The names of the clauses and concepts an entry stands under."""
    if entry.what == "provision":
        keys = ("", *(f"{key}:" for key in entry.standards))
        for clause in _prefixes(entry.under):
            yield from (f"{key}{clause}".lower() for key in keys)
        for concept in entry.concepts:
            yield from _prefixes(concept)
    elif entry.what == "column":
        yield entry.under


def _prefixes(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    for n in range(len(parts)):
        yield ".".join(parts[: n + 1])


def clean(text: str) -> str:
    """The text with a blank for anything that would steer a terminal."""
    return _CONTROL.sub(" ", text)


def fold(text: str) -> str:
    """The text for comparison: small letters, full-width forms as plain ones; of the same length."""
    return text.translate({ord(c): _folded(c) for c in set(text)})


@cache
def _folded(char: str) -> str:
    plain = normalize("NFKC", char).lower()
    return plain if len(plain) == 1 else char


# What is asked.


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase that must be found: its pieces are words in Latin letters and runs of other letters."""

    text: str
    pieces: tuple[str, ...]

    @property
    def name(self) -> str:
        """The term as an address or a code; nothing where it is a plain word."""
        name = fold(self.text).strip()
        return name if _SIGNS & set(name) else ""

    def split(self) -> list["Term"]:
        """Its words as terms of their own."""
        return [Term(piece, (piece,)) for piece in self.pieces]


def terms(words: Sequence[str]) -> list[Term]:
    """What these words ask for, a command's arguments say: each must occur.

    An argument with blanks in it, and anything between quotes, is a phrase. Raises UsageError where nothing is left.
    """
    found: dict[tuple[str, ...], Term] = {}
    for raw in words:
        word = clean(raw)[:LONGEST]
        if not _QUOTES.search(word):
            phrases, rest = [word], ""
        else:
            phrases, rest = _QUOTED.findall(word), _QUOTES.sub(" ", _QUOTED.sub(" ", word))
        for text in (*phrases, *rest.split()):
            if pieces := tuple(_PIECE.findall(fold(text))):
                found.setdefault(pieces, Term(text.strip(), pieces))
    if not found:
        raise UsageError("search.nothing_asked")
    kept = [t for p, t in found.items() if not (len(p) == 1 and p[0] in COMMON)] or list(found.values())
    if len(kept) > MOST:
        raise UsageError("search.too_many", count=len(kept), most=MOST)
    return kept


# What is found.


class Hit(NamedTuple):
    """An entry with the texts that show why: (field, language, text, marked stretches), the best first."""

    entry: Entry
    fields: tuple[str, ...]
    excerpts: tuple["Excerpt", ...]


class Excerpt(NamedTuple):
    """A text with the stretches that were looked for, as pairs of first character and the one after the last."""

    field: str
    lang: str
    text: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `asked` are the terms that were looked for in the end, `terms` those given.

    Where nothing was found, `alone` says of each term given how often it occurs by itself, `elsewhere` how much there
    is outside the standards asked for, `nearest` which words do occur.
    """

    terms: tuple[Term, ...]
    asked: tuple[Term, ...]
    hits: tuple[Hit, ...]
    alone: tuple[int, ...] = ()
    nearest: tuple[str, ...] = ()
    elsewhere: int = 0


def find(
    words: Sequence[str], indexes: Sequence[Index], standards: Sequence[str] = (), lang: str = "zh"
) -> Found:
    """Look for all of these words; where they do not occur together, for the words of phrases and the parts of words.

    `standards` narrows to what belongs to one of them. `lang` only says which of two texts is shown. Raises UsageError.
    """
    asked = terms(words)
    hits = _hits(asked, indexes, standards, lang)
    if hits:
        return Found(tuple(asked), tuple(asked), tuple(hits))
    alone = tuple(len(_hits([t], indexes, standards, lang)) for t in asked)
    parts = {part.pieces: part for t, n in zip(asked, alone, strict=True) for part in _parts(t, n, indexes)}
    relaxed = [t for t in parts.values() if t.pieces[0] not in COMMON] or list(parts.values())
    if [t.pieces for t in relaxed] != [t.pieces for t in asked]:
        hits = _hits(relaxed, indexes, standards, lang)
    if hits:
        return Found(tuple(asked), tuple(relaxed), tuple(hits), alone)
    if standards and (others := len(_hits(asked, indexes, (), lang))):
        return Found(tuple(asked), tuple(asked), (), alone, elsewhere=others)
    missing = [t for t, n in zip(asked, alone, strict=True) if not n]
    return Found(tuple(asked), tuple(asked), (), alone, tuple(nearest(missing, indexes)))


def _parts(term: Term, count: int, indexes: Sequence[Index]) -> list[Term]:
    """A term that occurs stays; a phrase falls into its words, a long word into the longest parts that occur."""
    if count:
        return [term]
    if len(term.pieces) > 1:
        return term.split()
    parts = list(_known_parts(term.pieces[0], indexes))
    return [Term(part, (part,)) for part in parts] or [term]


def _known_parts(word: str, indexes: Sequence[Index]) -> Iterator[str]:
    """From the left, the longest stretches of two characters or more that occur; none of a word in Latin letters."""
    at = 0
    while at < len(word) - 1 and not _LATIN.match(word):
        end = next(
            (e for e in range(min(len(word), at + 12), at + 1, -1) if any(word[at:e] in i.folded for i in indexes)),
            at,
        )  # fmt: skip
        if end > at:
            yield word[at:end]
        at = max(end, at + 1)


@dataclass(slots=True)
class _Tally:
    """Where one entry has one term: per field the texts, and the best share that the term takes of a text."""

    fields: dict[int, list[int]] = field(default_factory=dict)
    share: dict[int, float] = field(default_factory=dict)


def _hits(asked: Sequence[Term], indexes: Sequence[Index], standards: Sequence[str], lang: str) -> list[Hit]:
    ranked = []
    for which, index in enumerate(indexes):
        tallies = [_tally(index, term) for term in asked]
        common = set(tallies[0]).intersection(*tallies[1:])
        for n in common:
            entry = index.entries[n]
            of = [tally[n] for tally in tallies]
            if (standards and not set(standards) & set(entry.standards)) or _only_titled(of):
                continue
            ranked.append((_rank(entry, of), which, n, of))
    ranked.sort(key=lambda r: r[:3])
    patterns = [[_pattern(index, term)[0] for term in asked] for index in indexes]
    hits: dict[tuple[str, str], Hit] = {}
    for _, which, n, of in ranked:
        hit = _hit(indexes[which], n, of, patterns[which], lang)
        hits.setdefault((hit.entry.what, hit.entry.id), hit)
    return list(hits.values())


def _only_titled(of: Sequence[_Tally]) -> bool:
    """Whether nothing but the title of its clause speaks of it: then the clause is the hit, not all it holds."""
    return all(set(t.fields) == {FIELDS.index("clause")} for t in of)


def _rank(entry: Entry, of: Sequence[_Tally]) -> tuple[Any, ...]:
    """The worst of the best fields first, then how many fields agree and how much of the text the words take."""
    best = [min(t.fields) for t in of]
    agree = len(set().union(*(t.fields for t in of)))
    share = sum(t.share[b] for t, b in zip(of, best, strict=True))
    below = any(b == 0 and t.share[0] < 1 for t, b in zip(of, best, strict=True))
    weight = next((n for n, group in enumerate(WEIGHTS) if entry.mark in group or entry.severity in group), 3)
    if max(best) == 0:  # found by its address: in the order of the text
        return (0, below, WHATS.index(entry.what), 0, 0, 0)
    if entry.what == "finding":
        return (max(best), 0, 0, weight, -round(share, 2), 0)
    return (max(best), sum(best), WHATS.index(entry.what), -agree, -round(share, 2), weight)


def _tally(index: Index, term: Term) -> dict[int, _Tally]:
    """Where a term stands, by entry."""
    found: dict[int, _Tally] = {}
    for n in index.named.get(term.name, ()) if term.name else ():
        tally = found.setdefault(n, _Tally())
        tally.fields[0], tally.share[0] = [], 1.0 if term.name in index.entries[n].names else 0.5
    pattern, openings = _pattern(index, term)
    for opening in openings:
        at = index.folded.find(opening)
        while at >= 0:
            if not (match := pattern.match(index.folded, at)):
                at = index.folded.find(opening, at + 1)
                continue
            text = index.text_at(at)
            entry, place, _ = index.places[text]
            start, end = index.starts[text], index.end(text)
            tally = found.setdefault(entry, _Tally())
            tally.fields.setdefault(place, []).append(text)
            share = (match.end() - at) / (end - start)
            tally.share[place] = max(share, tally.share.get(place, 0.0))
            at = index.folded.find(opening, end)
    return found


def _pattern(index: Index, term: Term) -> tuple[re.Pattern[str], Sequence[str]]:
    """The term as a pattern of literal words, and the texts with which a match may begin; none if it cannot occur."""
    forms = [_forms(index, piece) for piece in term.pieces]
    if not all(forms):
        return re.compile("(?!)"), ()
    parts = []
    for piece, group in zip(term.pieces, forms, strict=True):
        words = "|".join(map(re.escape, sorted(group, key=len, reverse=True)))
        latin = _LATIN.match(piece)
        parts.append(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])" if latin else words)
    if term.pieces[-1].isdigit():
        parts[-1] += r"(?!\.\d)"
    return re.compile(_GAP.join(parts)), forms[0]


def _forms(index: Index, piece: str) -> Sequence[str]:
    """What a piece of a term may look like: a word with all that share its stem, or what begins with it."""
    if not _LATIN.match(piece):
        return (piece,)
    same = index.stems.get(stem(piece), ())
    if same or len(piece) < 3:
        return same
    return [word for group in index.stems.values() for word in group if word.startswith(piece)]


def _hit(index: Index, n: int, of: Sequence[_Tally], patterns: Sequence[re.Pattern[str]], lang: str) -> Hit:
    """The hit with the best text of each term, every term marked in each."""
    own = LANGUAGES.index(lang)
    chosen: dict[int, None] = {}
    for tally in of:
        texts = tally.fields[min(tally.fields)]
        if texts and not set(texts) & set(chosen):
            chosen[min(texts, key=lambda t: (index.places[t][2] != own, t))] = None
    fields = sorted({place for tally in of for place in tally.fields})
    excerpts = [_excerpt(index, text, patterns) for text in sorted(chosen, key=lambda t: index.places[t][1])]
    return Hit(index.entries[n], tuple(FIELDS[f] for f in fields), tuple(excerpts))


def _excerpt(index: Index, text: int, patterns: Sequence[re.Pattern[str]]) -> Excerpt:
    start, end = index.starts[text], index.end(text)
    _, place, language = index.places[text]
    spans = sorted(
        (m.start() - start, m.end() - start) for p in patterns for m in p.finditer(index.folded, start, end)
    )
    return Excerpt(FIELDS[place], LANGUAGES[language], index.shown[start:end], tuple(_merged(spans)))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


# Words near by.


def nearest(missing: Sequence[Term], indexes: Sequence[Index], most: int = 6) -> list[str]:
    """Words and names that occur and look like those that do not."""
    found: dict[str, None] = {}
    for term in missing:
        latin = _LATIN.match(term.pieces[0])
        near = _near_words(term.pieces[0], indexes) if latin else _near_names("".join(term.pieces), indexes)
        found |= dict.fromkeys(near)
    return list(found)[:most]


def _near_words(word: str, indexes: Sequence[Index]) -> list[str]:
    from difflib import get_close_matches

    words = {w for index in indexes for group in index.stems.values() for w in group if len(w) > 2}
    return get_close_matches(word, sorted(words), n=6, cutoff=0.7)


def _near_names(word: str, indexes: Sequence[Index]) -> list[str]:
    """Short Chinese names that share the most pairs of characters, then characters, with the word."""
    pairs, chars = {word[n : n + 2] for n in range(len(word) - 1)}, set(word)
    scored = []
    for name in {name for index in indexes for name in _names(index)}:
        both = {name[n : n + 2] for n in range(len(name) - 1)}
        together = 2 * len(pairs & both) / (len(pairs) + len(both) or 1)
        score = (together, len(chars & set(name)) / len(chars | set(name)))
        if score[0] or score[1] > 0.3:
            scored.append((score, name))
    return [name for _, name in sorted(scored, key=lambda s: ((-s[0][0], -s[0][1]), s[1]))[:6]]


def _names(index: Index) -> Iterator[str]:
    wanted = [FIELDS.index(f) for f in ("title", "concept", "kind", "column")]
    for text, (_, place, language) in enumerate(index.places):
        if place in wanted and language == 0 and index.end(text) - index.starts[text] <= 12:
            yield index.folded[index.starts[text] : index.end(text)]


# What there is to find.


def indexes_for(names: Sequence[str] = ()) -> tuple[list[Index], list[str]]:
    """The indexes of the shipped rulesets and of those folders of a user's own that are named; the keys asked for.

    From the cache if nothing they came from has changed. Raises RulesetError.
    """
    from shall.engine.shelf import shipped

    own = [name for name in dict.fromkeys(names) if name not in shipped()]
    keys = [name for name in dict.fromkeys(names) if name in shipped()]
    found = [_kept(None)] if keys or not own else []
    for name in own:
        index = _kept(name)
        found.append(index)
        keys += [e.standards[0] for e in index.entries if e.what == "provision"][:1]
    return found, keys


def _kept(name: str | None) -> Index:
    from shall.engine.cache import executor_for, kept_value
    from shall.engine.shelf import folder_of, shipped

    folders = [files("shall.rulesets"), *([folder_of(name)] if name else [])]

    def make() -> tuple[Any, ...]:
        from shall.engine.lint import concepts
        from shall.evidence.schema import schema

        plan = executor_for([name] if name else shipped()).plan
        known = concepts(folder_of(name) if name else None)
        return Index.of([*of_plan(plan, known), *of_kinds(plan, schema())]).packed()

    return Index.unpacked(kept_value(f"search {name or ''}", folders, make))


def _both(field_name: str, pair: Pair | None) -> list[Written]:
    return [Written(field_name, lang, pair[lang]) for lang in LANGUAGES] if pair else []


def of_plan(plan: "Plan", known: Mapping[str, Pair]) -> Iterator[tuple[Entry, list[Written]]]:
    """The clauses, concepts and provisions of the standards asked for; published standards first."""
    order = sorted(plan.asked, key=lambda key: (plan.standards[key]["status"] != "published", key))
    own = [p for key in order for p in plan.provisions if p.ruleset == key]
    for key in order:
        for number, title in plan.standards[key].get("clauses", {}).items():
            names = (number.lower(), f"{key}:{number}".lower())
            entry = Entry("clause", f"{key}:{number}", names, (key,), (title["zh"], title["en"]))
            yield entry, _both("title", title)
    used: dict[str, dict[str, int]] = {}
    for p in own:
        for concept in p.concepts:
            for above in _prefixes(concept):
                tally = used.setdefault(above, {})
                tally[p.ruleset] = tally.get(p.ruleset, 0) + 1
    for code, pair in known.items():
        if code in used:
            counts = tuple(used[code].items())
            label = (pair["zh"], pair["en"])
            entry = Entry("concept", code, (code,), tuple(used[code]), label, provisions=counts)
            yield entry, _both("concept", pair)
    for p in own:
        titles = plan.standards[p.ruleset].get("clauses", {})
        names = (p.address.lower(), p.id.lower())
        label = (p.gist["zh"], p.gist["en"])
        entry = Entry(
            "provision", p.id, names, (p.ruleset,), label, p.modality, p.severity, p.clause, p.concepts
        )
        written = [*_both("clause", titles.get(p.clause)), *_both("gist", p.gist)]
        written += [w for c in p.concepts if c in known for w in _both("concept", known[c])]
        asked = [plan.requirements[i].expects for i in p.requirements]
        for said in (*asked, p.judged, p.condition, p.trigger):
            written += _both("expects", said)
        yield entry, [*written, *_both("reading", p.reading)]


def of_kinds(plan: "Plan", kinds: Mapping[str, Any]) -> Iterator[tuple[Entry, list[Written]]]:
    """The kinds of evidence and their own columns, each with the standards that ask for the kind."""
    asking: dict[str, dict[str, None]] = {}
    for p in plan.provisions:
        for kind in (*p.look_at, *(k for i in p.requirements for k in plan.requirements[i].kinds)):
            asking.setdefault(kind, {})[p.ruleset] = None
    for kind in kinds.values():
        standards = tuple(asking.get(kind.name, ()))
        entry = Entry("kind", kind.name, (kind.name,), standards, (kind.zh, kind.en))
        told = Written("kind", "zh", kind.help[0]), Written("kind", "en", kind.help[1])
        yield entry, [Written("kind", "zh", kind.zh), Written("kind", "en", kind.en), *told]
        for column in kind.columns:
            if not column.common:
                names = (f"{kind.name}.{column.name}", column.name)
                entry = Entry("column", names[0], names, standards, (column.zh, column.en), under=kind.name)
                pairs = [
                    (column.zh, column.en),
                    *([column.help] if column.help else []),
                    *column.choices.values(),
                ]
                yield (
                    entry,
                    [Written("column", lang, pair[n]) for pair in pairs for n, lang in enumerate(LANGUAGES)],
                )


RECORDED = ("id", "ruleset", "address", "grade", "criterion", "description", "evidence", "cause")
"""Columns of an audit finding on record that are looked through."""


def of_findings(
    findings: Iterable[Mapping[str, Any]], recorded: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[Entry, list[Written]]]:
    """The findings of an evaluation (as a result holds them), and those on record from audits."""
    for one in findings:
        criterion = one["criterion"]
        further = [n.lower() for c in one["criteria"][1:] for n in (c["address"], c["id"])]
        names = (
            one["address"].lower(),
            one["id"].lower(),
            *further,
            *(e["id"].lower() for e in one["evidence"]),
        )
        standards = tuple(dict.fromkeys((*one["standards"], one["ruleset"])))
        entry = Entry(
            "finding", one["id"], names, standards, (criterion["zh"], criterion["en"]), one["grade"]
        )
        gists = (text for c in one["criteria"][1:] for text in _both("finding", c["criterion"]))
        yield entry, [*_both("finding", criterion), *gists, *_both("finding", one["statement"])]
    for row in recorded:
        texts = [row[name] for name in ("criterion", "description", "evidence", "cause") if row[name]]
        label = clean(str(row["description"] or row["criterion"] or row["id"]))
        where = f"{row['ruleset']}:{row['address']}" if row["ruleset"] and row["address"] else ""
        names = tuple(n.lower() for n in (row["id"], row["address"], where) if n)
        entry = Entry(
            "finding", f"audit_finding:{row['id']}", names, (row["ruleset"],) if row["ruleset"] else (),
            (label, label), row["grade"] or "", under=where,
        )  # fmt: skip
        yield entry, [Written("finding", lang, str(text)) for text in texts for lang in LANGUAGES]
