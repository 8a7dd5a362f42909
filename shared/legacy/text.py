"""Vietnamese text of old books: tidied as it is stored, folded as it is compared, spelled as it is measured."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

TONES = "\u0300\u0301\u0303\u0309\u0323"
ESCAPED = re.compile(r"_x000[DdAa9]_")  # how a workbook writes a carriage return, a line feed, a tab
WORD = re.compile(r"[^\W\d_]+")  # letters, so that a sign behind a word is no part of it
SIGNS = re.compile(r"[^\w]+")
PAIRS = {"oa", "oe", "uy"}  # the vowels between which the two manners of writing place the tone mark differently


def tidy(text: str) -> str:
    """NFC, every kind of space one plain space, no space at the ends."""
    if "_x000" in text:
        text = ESCAPED.sub(" ", text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def as_text(value: Any) -> str:
    """A cell as text, not yet tidied: numbers without a fraction of nothing, dates as d/m/yyyy."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") and hasattr(value, "year") else str(value)


def fold(text: str) -> str:
    """What is equal in names: lower case, and each word's tone mark behind it, so that its place does not count."""
    return WORD.sub(lambda word: _folded(word[0]), tidy(text).lower())


def spelled(text: str) -> str:
    """Lower case with one placing of tone marks, letter by letter: what an edit distance is taken of."""
    return WORD.sub(lambda word: _placed(word[0]), tidy(text).lower())


def words(text: str) -> str:
    """Folded words between single spaces, without any sign: what a name is looked for in."""
    return f" {fold(SIGNS.sub(' ', tidy(text)))} "


@lru_cache(maxsize=20_000)  # the language has some seven thousand syllables
def _folded(word: str) -> str:
    return "".join(_apart(word))


def _apart(word: str) -> tuple[str, str]:
    letters = unicodedata.normalize("NFD", word)
    base = "".join(letter for letter in letters if letter not in TONES)
    return unicodedata.normalize("NFC", base), "".join(letter for letter in letters if letter in TONES)


@lru_cache(maxsize=20_000)
def _placed(word: str) -> str:
    """`hoà` as `hòa`, `hòan` as `hoàn`: on the first of the two vowels at the end of a word, on the second before more."""
    base, tone = _apart(word)
    if len(tone) != 1:
        return unicodedata.normalize("NFC", word)
    for at in range(len(base) - 1):
        if base[at : at + 2] in PAIRS and _tone_at(word) in (at, at + 1):
            on = at if at + 2 == len(base) else at + 1
            return unicodedata.normalize("NFC", base[: on + 1] + tone + base[on + 1 :])
    return unicodedata.normalize("NFC", word)


def _tone_at(word: str) -> int:
    """Which letter of a word bears its tone mark."""
    letters = unicodedata.normalize("NFC", word)
    return next(n for n, letter in enumerate(letters) if any(mark in TONES for mark in _marks(letter)))


def _marks(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[1:]
