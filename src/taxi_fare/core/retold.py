"""Sentences of documents, told again in the language of the reader."""

import re
from collections.abc import Iterator
from functools import cache

from taxi_fare.core.choices import Language
from taxi_fare.core.language import (
    catalog,
    recorded,
    say,
    say_numbers,
    spoken_language,
)

_GAP = re.compile(r"\\\{(\w+)\\\}")
# What a gap holds is told by its name: anything, which is told again by
# itself; a word; a few; else a figure. Two that could share a text would take
# for ever to be parted.
_ANYTHING, _WORD = "what", "metric"
_FEW = frozenset(
    {"bucket", "first", "level", "limit", "model", "month", "name"}
    | {"reference", "second", "title"}
)
_FIGURE = r"[+\-−]?\d[\d,]*(?:\.\d+)?(?: ?%)?"
_SEPARATORS = ("; ", ", ")
# Sentences lie in sentences so deep, and are so long; what is more is not of
# the pipeline.
_DEEPEST, _LONGEST = 6, 4_000


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
    language = spoken_language()
    if language == "en" or len(sentence) > _LONGEST:
        return sentence
    found = _retold(sentence, language, depth=0)
    return sentence if found is None else found


def _retold(sentence: str, language: Language, *, depth: int) -> str | None:
    """Return None where no catalog knows it."""
    if depth > _DEEPEST:
        return None
    if sentence in recorded(language):
        return recorded(language)[sentence]
    for pattern, told in _patterns(language):
        found = pattern.fullmatch(sentence)
        if found:
            gaps = found.groupdict()
            filled = (
                _filled(text, language, depth=depth + 1)
                for text in gaps.values()
            )
            return told.format(**dict(zip(gaps, filled, strict=True)))
    return next(_in_parts(sentence, language, depth=depth + 1), None)


def _filled(text: str, language: Language, *, depth: int) -> str:
    """Tell what a gap holds: a figure, a sentence, a name, or what it is."""
    if re.fullmatch(_FIGURE, text):
        return say_numbers(text)
    found = _retold(text, language, depth=depth)
    return catalog(language).get(text, text) if found is None else found


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
            yield say(separator).join(filter(None, told))


@cache
def _patterns(language: Language) -> list[tuple[re.Pattern[str], str]]:
    """Return what recorded sentences look like, what says most first."""
    return [
        (re.compile(_GAP.sub(_gap, re.escape(text))), told)
        for text, told in sorted(
            recorded(language).items(),
            key=lambda pair: -len(_GAP.sub("", re.escape(pair[0]))),
        )
        if _GAP.search(re.escape(text))
    ]


def _gap(found: re.Match[str]) -> str:
    name = found[1]
    held = _FIGURE
    if name.startswith(_ANYTHING):
        held = ".+?"
    elif name == _WORD:
        held = r"[^\s,;()]+"
    elif name in _FEW:
        held = "[^,;()]+?"
    return f"(?P<{name}>{held})"
