"""Where pages for people are: in every language, beside each other."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from taxi_fare.core.choices import LANGUAGES, Language
from taxi_fare.core.language import speaking, spoken_language

FOLDER = "monthly"
PAGE_FILE = "report.html"
INDEX_FILE = "index.html"
# What a language calls itself.
_NAMES: dict[Language, str] = {"en": "English", "fr": "Français"}


def monthly_report_name(label: str) -> str:
    """
    Return where the report of a run is.

    Examples
    --------
    >>> monthly_report_name("2023-06")
    'monthly/2023-06/report.html'
    """
    return str(PurePosixPath(FOLDER, label, PAGE_FILE))


def in_language(page: str, language: Language) -> str:
    """
    Return where a page is in a language.

    Examples
    --------
    >>> in_language("monthly/2023-06/report.html", "fr")
    'monthly/2023-06/report.fr.html'
    """
    if language == "en":
        return page
    path = PurePosixPath(page)
    return str(path.with_suffix(f".{language}{path.suffix}"))


def there_in(folder: Path, page: str, language: Language) -> str:
    """Return the page in a language; runs of before have an English one."""
    told = in_language(page, language)
    return told if (folder / told).is_file() else page


def earlier_report(reports: Path, label: str) -> str:
    """Return the month whose report was written before; none: empty."""
    pages = (reports / FOLDER).glob(f"????-??/{PAGE_FILE}")
    return max(
        (x.parent.name for x in pages if x.parent.name < label), default=""
    )


def in_every_language(page: str, write: Callable[[], str]) -> dict[str, str]:
    """Write a page in each language, by where it is."""
    found = {}
    for language in LANGUAGES:
        with speaking(language):
            found[in_language(page, language)] = write()
    return found


def others(page: str) -> list[tuple[Language, str, str]]:
    """Name the other languages of a page: code, name, file."""
    return [
        (each, _NAMES[each], in_language(page, each))
        for each in LANGUAGES
        if each != spoken_language()
    ]
