"""Stems of English words, so that "calibrated" finds "calibration".

The stemmer is Snowball's for English. Two spellings of one word have one stem here besides: -ise and -ize,
programme and program, verify and verification.
"""

from functools import cache

import snowballstemmer

_ENGLISH = snowballstemmer.stemmer("english")


@cache
def stem(word: str) -> str:
    """The stem of a word in small letters; a word with a digit, or of up to two letters, is its own.

    >>> stem("calibrated") == stem("calibrations") == stem("calibrating")
    True
    """
    if len(word) <= 2 or not word.isascii() or not word.isalpha():
        return word
    found: str = _ENGLISH.stemWord(word.replace("iz", "is").replace("gramme", "gram"))
    return found.removesuffix("i") if found.endswith("ifi") else found
