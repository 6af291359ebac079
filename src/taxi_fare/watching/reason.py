"""Why a month is not ok, in words that a person acts on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Word = Literal["ok", "look", "act"]
# From the best to the worst.
WORDS: tuple[Word, ...] = ("ok", "look", "act")


@dataclass(frozen=True)
class Reason:
    """
    Why a month is not ok.

    Parameters
    ----------
    about : {'accuracy', 'predictions', 'data', 'age'}
        What it is about; reasons are told in this order.
    words : str
        For a person: what is so, and what to do.
    """

    about: Literal["accuracy", "predictions", "data", "age"]
    word: Word
    words: str

    def __str__(self) -> str:
        return f"{self.about}: {self.words}"


def worst(words: Iterable[Word]) -> Word:
    """Return the worst of some words; ok where there is none."""
    return max(words, key=WORDS.index, default="ok")


def word_for(value: float, *, look: float, act: float) -> Word:
    """Say what a value calls for, whose limits are given."""
    if value >= act:
        return "act"
    return "look" if value >= look else "ok"
