"""How alike names of places are, however people spell and shorten them."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_WORD = re.compile(r"\w+")
# The TLC writes Times Sq and Lincoln Square.
_IN_FULL = {"sq": "square", "st": "street", "ave": "avenue", "av": "avenue"}


def spelt_out(name: str) -> str:
    """Return the words of a name in full, in small letters."""
    words = _WORD.findall(name.casefold())
    return " ".join(_IN_FULL.get(word, word) for word in words)


def has_words(name: str, wanted: str) -> bool:
    """Tell whether some words, spelt out, follow each other in a name."""
    return f" {wanted} " in f" {spelt_out(name)} "


def likenesses(wanted: str, names: Iterable[str]) -> dict[str, float]:
    """
    Tell how much a text is like each of some names.

    The mean of two: how alike the whole is, of the name or of what stands
    between its slashes, which knows of order and length; and how well each
    word of the text is found in the name, which forgives what is left out. A
    word counts by its length, so that an initial is worth little.

    Returns
    -------
    dict of str to float
        By name; 1 is the same.
    """
    whole = _Compared(spelt_out(wanted))
    words = {word: _Compared(word) for word in spelt_out(wanted).split()}
    letters = max(sum(map(len, words)), 1)
    found = {}
    for name in names:
        theirs = spelt_out(name)
        parts = (theirs, *map(spelt_out, name.split("/")))
        by_word = sum(
            len(word) * max(map(compared.with_, theirs.split()))
            for word, compared in words.items()
        )
        found[name] = (max(map(whole.with_, parts)) + by_word / letters) / 2
    return found


class _Compared:
    """A text that is compared with many; each is compared once."""

    def __init__(self, text: str) -> None:
        # The second text is what the matcher prepares and keeps.
        self._matcher = SequenceMatcher(None, "", text, autojunk=False)
        self._known: dict[str, float] = {}

    def with_(self, other: str) -> float:
        """Return how alike both are, of 1."""
        if other not in self._known:
            self._matcher.set_seq1(other)
            self._known[other] = self._matcher.ratio()
        return self._known[other]
