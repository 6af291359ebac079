"""Texts and numbers in the language of the reader."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from math import isnan
from pathlib import Path
from typing import Any

from taxi_fare.core.choices import Language
from taxi_fare.core.columns import COLUMN_TITLES
from taxi_fare.core.language import say, speaking
from taxi_fare.core.metrics import Metric, compared_in
from taxi_fare.core.retold import retold
from taxi_fare.core.visible import visible_lines
from taxi_fare.evaluation.error_causes import MEANINGS

LANGUAGES: dict[Language, str] = {"en": "English", "fr": "Français"}
_FOLDER = Path(__file__).with_name("languages")
_NARROW = "\N{NARROW NO-BREAK SPACE}"
_WIDE = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"
MISSING = "–"
_MARKDOWN = re.compile(r"[\\`*_\[\]<>~#|!]")


@cache
def texts(language: str) -> Mapping[str, str]:
    """
    Return every text of a language.

    Parameters
    ----------
    language : {'en', 'fr'}
        Which one.

    Returns
    -------
    mapping of str to str
        By section and name, such as ``quote.title``.
    """
    file = _FOLDER / f"{language}.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": text.strip()
        for section, table in tables.items()
        for name, text in table.items()
    }


def language_of(locale: str | None) -> Language:
    """
    Return the language for a browser.

    Parameters
    ----------
    locale : str or None
        Such as ``fr-CA``.

    Returns
    -------
    str
        French for French speakers, else English.
    """
    return "fr" if (locale or "").lower().startswith("fr") else "en"


@dataclass(frozen=True)
class Words:
    """
    What the app says, in one language.

    Parameters
    ----------
    language : {'en', 'fr'}
        Which one.
    """

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its gaps filled."""
        return texts(self.language)[key].format(**values)

    def name(self, section: str, value: object) -> str:
        """Return the name of a code; the code where it has none."""
        key = f"{section}.{value}"
        known = texts(self.language)
        return known.get(key) or str(value)

    def retold(self, sentence: str) -> str:
        """Tell a sentence of a document, which is in English."""
        with speaking(self.language):
            return retold(sentence)

    def cause(self, name: str) -> str:
        """Say a probable cause of an error."""
        with speaking(self.language):
            return say(MEANINGS.get(name, name))

    def feature(self, name: str) -> str:
        """Return what a feature or a part of the price is, as reports do."""
        with speaking(self.language):
            return say(COLUMN_TITLES.get(name, name))

    @property
    def semicolon(self) -> str:
        """What stands between the parts of a sentence."""
        with speaking(self.language):
            return say("; ")

    @property
    def separators(self) -> str:
        """Decimal and thousands separator, as Plotly wants them."""
        return f",{_NARROW}" if self.language == "fr" else ".,"

    def number(
        self, value: float | None, *, digits: int = 0, sign: bool = False
    ) -> str:
        """Return a number as the reader writes it."""
        if value is None or isnan(value):
            return MISSING
        text = f"{value:{'+' if sign else ''},.{digits}f}"
        if self.language == "fr":
            text = text.replace(",", _NARROW).replace(".", ",")
        return text.replace("-", _MINUS)

    def dollars(
        self, value: float | None, *, sign: bool = False, digits: int = 2
    ) -> str:
        """Return an amount, with cents where nothing else is asked for."""
        if value is None or isnan(value):
            return MISSING
        if self.language == "fr":
            return f"{self.number(value, digits=digits, sign=sign)}{_WIDE}$"
        mark = _MINUS if value < 0 else "+" if sign else ""
        return f"{mark}${abs(value):,.{digits}f}"

    def limit(self, dollars: float) -> str:
        """Return a round amount without cents."""
        digits = 0 if float(dollars).is_integer() else 2
        return self.dollars(dollars, digits=digits)

    def percent(self, fraction: float | None, digits: int = 1) -> str:
        """Return a fraction of 1 as a percentage."""
        if fraction is None or isnan(fraction):
            return MISSING
        space = _NARROW if self.language == "fr" else ""
        return f"{self.number(100 * fraction, digits=digits)}{space}%"

    def change(self, fraction: float) -> str:
        """Return a relative change as a percentage with its sign."""
        space = _NARROW if self.language == "fr" else ""
        return f"{self.number(100 * fraction, digits=1, sign=True)}{space}%"

    def metric(self, metric: Metric, figures: Mapping[str, Any]) -> str:
        """Return a metric with its unit."""
        value = figures.get(metric.name)
        if metric.unit == "dollars":
            return self.dollars(value)
        return self.number(value, digits=metric.digits)

    def metrics(self, figures: Mapping[str, Any]) -> str:
        """Return what models are compared by, as part of a sentence."""
        return ", ".join(
            f"{each.title} {self.metric(each, figures)}"
            for each in compared_in(figures)
        )

    def meaning(self, metric: Metric) -> str:
        """Return what a metric is; in English where nobody translated it."""
        known = texts(self.language)
        return known.get(f"metric.{metric.name}_help") or metric.meaning

    def axis(self, metric: Metric) -> str:
        """Return the title of an axis."""
        if not metric.unit:
            return metric.title
        return f"{metric.title}, {self(f'metric.{metric.unit}')}"

    def months(self, months: Any) -> str:
        """Return a list of months."""
        return ", ".join(map(str, months)) or MISSING

    def moment(self, timestamp: str | float | None) -> str:
        """Return a UTC time to the minute."""
        if timestamp is None:
            return MISSING
        if isinstance(timestamp, str):
            moment = datetime.fromisoformat(timestamp)
        else:
            moment = datetime.fromtimestamp(timestamp, UTC)
        pattern = (
            "%d/%m/%Y %H:%M" if self.language == "fr" else "%Y-%m-%d %H:%M"
        )
        return f"{moment:{pattern}} UTC"


def literal(text: object) -> str:
    """
    Return a text out of a file in which Markdown finds nothing.

    Parameters
    ----------
    text : object
        Such as the name of a model, or an error.

    Returns
    -------
    str
        For Streamlit, in lines of ours only.
    """
    return _MARKDOWN.sub(r"\\\g<0>", visible_lines(str(text)))


def plain(text: str) -> str:
    """
    Return a text in which Markdown finds no formula.

    Parameters
    ----------
    text : str
        Two dollar signs in a line would make one.

    Returns
    -------
    str
        For Streamlit.
    """
    return text.replace("$", r"\$")
