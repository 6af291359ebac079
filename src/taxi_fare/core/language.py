"""The language that people are told things in: English, unless asked."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.pofile import read_po

from taxi_fare.core.choices import Language

_CATALOGS = "catalogs"
_SPOKEN: ContextVar[Language] = ContextVar("language", default="en")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_PERCENT = re.compile(r"(?<=\d)%")
_FRENCH = str.maketrans(",.", "\N{NARROW NO-BREAK SPACE},")


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Tell everything in a language, as long as this is open."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken_language() -> Language:
    """Return the language that things are told in."""
    return _SPOKEN.get()


def say(text: str, **gaps: object) -> str:
    """
    Say a text of the code.

    Parameters
    ----------
    text : str
        In English, with gaps in braces; a catalog has it in others. Without
        gaps it is taken as it is: it may be the name of something.

    Examples
    --------
    >>> with speaking("fr"):
    ...     say("Pickup zone")
    'Zone de départ'
    """
    told = catalog(spoken_language()).get(text, text)
    return told.format(**gaps) if gaps else told


def catalog(language: Language) -> Mapping[str, str]:
    """Return what the texts of the code are in a language."""
    return _catalogs(language).get(None, {})


def recorded(language: Language) -> Mapping[str, str]:
    """Return what the sentences of documents are, with gaps in braces."""
    return _catalogs(language).get("recorded", {})


@cache
def _catalogs(language: Language) -> Mapping[str | None, Mapping[str, str]]:
    """Return the texts of a language by their context."""
    found: dict[str | None, dict[str, str]] = {}
    if language == "en":
        return found
    # Not opened by its path: the package may lie in a wheel.
    folder = files(__package__).joinpath(_CATALOGS)
    content = folder.joinpath(f"{language}.po").read_bytes()
    for each in read_po(BytesIO(content), locale=language):
        if each.id:
            texts = found.setdefault(each.context, {})
            texts[str(each.id)] = str(each.string)
    return found


def say_numbers(text: str) -> str:
    """
    Write the numbers of a text as the language does.

    Examples
    --------
    >>> with speaking("fr"):
    ...     print(say_numbers("-0.5"), say_numbers("12.5 %"))
    -0,5 12,5 %
    """
    if spoken_language() == "en":
        return text
    told = _NUMBER.sub(lambda found: found[0].translate(_FRENCH), text)
    return _PERCENT.sub("\N{NO-BREAK SPACE}%", told)
