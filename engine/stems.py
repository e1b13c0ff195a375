"""Stems of English words after M. F. Porter (1980), so that "calibrated" finds "calibration".

Two spellings of one word have one stem here: -ise and -ize, programme and program, verify and verification.
"""

import re
from collections.abc import Sequence
from functools import cache

_CONSONANT = "(?:[^aeiouy]|(?<![^aeiouy])y|^y)"
_VOWEL = "(?:[aeiou]|(?<=[^aeiouy])y)"
_MEASURE = re.compile(f"{_VOWEL}+{_CONSONANT}+")
_HAS_VOWEL = re.compile(_VOWEL)
_DOUBLE = re.compile(r"([^aeioulsz])\1$")
_SHORT = re.compile(f"{_CONSONANT}{_VOWEL}[^aeiouwxy]$")

Rules = Sequence[tuple[str, str]]
STEP_2: Rules = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("isation", "ise"), ("iser", "ise"),
    ("abli", "able"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ation", "ate"),
    ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"),
    ("iviti", "ive"), ("biliti", "ble"),
)  # fmt: skip
STEP_3: Rules = (
    ("icate", "ic"), ("ative", ""), ("alise", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
)  # fmt: skip
STEP_4 = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ou", "ism", "ate", "iti",
    "ous", "ive", "ise",
)  # fmt: skip


@cache
def stem(word: str) -> str:
    """The stem of a word in small letters; a word with a digit, or of up to two letters, is its own.

    >>> stem("calibrated") == stem("calibrations") == stem("calibrating")
    True
    """
    if len(word) <= 2 or not word.isascii() or not word.isalpha():
        return word
    spelt = word.replace("iz", "is").replace("gramme", "gram")
    found = _replaced(_replaced(_y_to_i(_participle(_plural(spelt))), STEP_2), STEP_3)
    found = _end(_removed(found))
    return found.removesuffix("i") if found.endswith("ifi") else found


def _measure(word: str) -> int:
    return len(_MEASURE.findall(word))


def _plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _participle(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) else word
    for suffix in ("ed", "ing"):
        base = word.removesuffix(suffix)
        if base != word and _HAS_VOWEL.search(base):
            if base.endswith(("at", "bl", "is")):
                return base + "e"
            if _DOUBLE.search(base):
                return base[:-1]
            return base + "e" if _measure(base) == 1 and _SHORT.search(base) else base
    return word


def _y_to_i(word: str) -> str:
    return word[:-1] + "i" if word.endswith("y") and _HAS_VOWEL.search(word[:-1]) else word


def _replaced(word: str, rules: Rules) -> str:
    """The first of the endings that fits is exchanged, where enough of the word stands before it."""
    for ending, other in rules:
        if word.endswith(ending):
            base = word.removesuffix(ending)
            return base + other if _measure(base) else word
    return word


def _removed(word: str) -> str:
    found = max((e for e in (*STEP_4, "ion") if word.endswith(e)), key=len, default="")
    base = word.removesuffix(found)
    if not found or _measure(base) < 2 or (found == "ion" and not base.endswith(("s", "t"))):
        return word
    return base


def _end(word: str) -> str:
    base = word.removesuffix("e")
    if base != word and (_measure(base) > 1 or (_measure(base) == 1 and not _SHORT.search(base))):
        word = base
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word
