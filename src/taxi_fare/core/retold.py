"""Sentences of documents, told again in the language of the reader."""

import re
from collections.abc import Iterator
from functools import cache

from taxi_fare.core.choices import Language
from taxi_fare.core.language import (
    catalog,
    recorded,
    say_numbers,
    spoken_language,
)

_GAP = re.compile(r"\\\{(\w+)\\\}")
# What a gap may hold: a word or a few, without what parts a sentence.
_FEW_WORDS = "[^,;()]+?"
# A gap whose name begins so may hold sentences; they are told again, too.
_ANYTHING = "what"
_FIGURE = r"[+\-−]?\d[\d,]*(?:\.\d+)?(?: ?%)?"
# Gaps that stand beside a word alone: they hold nothing but a figure.
_FIGURES = ("change",)
_SEPARATORS = ("; ", ", ")
# Sentences lie in sentences so deep; what lies deeper is not of the pipeline.
_DEEPEST = 6


def retold(sentence: str) -> str:
    """
    Tell a sentence of a document in the language of the reader.

    Documents are in English, as the pipeline writes them. What no catalog
    knows stays as it is: what a person wrote, or an older version.

    Examples
    --------
    >>> from taxi_fare.core.language import speaking
    >>> with speaking("fr"):
    ...     retold("the first model that passes every gate")
    'le premier modèle qui passe tous les contrôles'
    """
    found = _retold(sentence, spoken_language(), depth=0)
    return sentence if found is None else found


def _retold(sentence: str, language: Language, *, depth: int) -> str | None:
    """Return None where no catalog knows it."""
    if language == "en" or depth > _DEEPEST:
        return None
    known = recorded(language).get(sentence) or catalog(language).get(sentence)
    if known:
        return known
    for pattern, told in _patterns(language):
        found = pattern.fullmatch(sentence)
        if found:
            gaps = found.groupdict()
            filled = (
                say_numbers(text)
                if re.fullmatch(_FIGURE, text)
                else _retold(text, language, depth=depth + 1) or text
                for text in gaps.values()
            )
            return told.format(**dict(zip(gaps, filled, strict=True)))
    return next(_in_parts(sentence, language, depth=depth + 1), None)


def _in_parts(
    sentence: str, language: Language, *, depth: int
) -> Iterator[str]:
    """Tell what is made of sentences, where all of them are known."""
    for separator in _SEPARATORS:
        parts = sentence.split(separator)
        if len(parts) == 1:
            continue
        told = [_retold(each, language, depth=depth) for each in parts]
        if None not in told:
            yield separator.join(filter(None, told))


@cache
def _patterns(language: Language) -> list[tuple[re.Pattern[str], str]]:
    """Return what recorded sentences look like, what says most first."""
    return [
        (re.compile(_GAP.sub(_gap, re.escape(text))), told)
        for text, told in sorted(
            recorded(language).items(),
            key=lambda pair: -len(_GAP.sub("", re.escape(pair[0]))),
        )
    ]


def _gap(found: re.Match[str]) -> str:
    name = found[1]
    held = f"{_FIGURE}|{_FEW_WORDS}"
    if name.startswith(_ANYTHING):
        held = ".+?"
    elif name in _FIGURES:
        held = _FIGURE
    return f"(?P<{name}>{held})"
