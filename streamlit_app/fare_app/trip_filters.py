"""Which trips of the sample a reader wants to see."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from fare_app.page import IN_ADDRESS, App
from fare_app.words import Words
from fare_app.zone_names import zone_label
from taxi_fare.core.columns import (
    DROPOFF_ZONE,
    PAYMENT,
    PICKUP_HOUR,
    PICKUP_WEEKDAY,
    PICKUP_ZONE,
)

Named = Callable[..., str]


def _as_it_is(value: object, words: Words) -> str:
    return str(value)


def _payment(value: object, words: Words) -> str:
    return words.name("payment", value)


def _weekday(value: object, words: Words) -> str:
    return words(f"weekday.{int(float(str(value)))}")


def _zone(value: object, words: Words) -> str:
    return zone_label(value)


# Column, text, name in the address, and what its values are called.
_FILTERS: tuple[tuple[str, str, str, Named], ...] = (
    ("month", "data.months", "months", _as_it_is),
    (PAYMENT, "quote.payment", "payments", _payment),
    (PICKUP_ZONE, "quote.pickup", "places", _zone),
    (DROPOFF_ZONE, "quote.dropoff", "dropoffs", _zone),
    (PICKUP_WEEKDAY, "quote.weekday", "days", _weekday),
)


def filtered(app: App, sample: pd.DataFrame) -> pd.DataFrame:
    """
    Ask which trips are wanted.

    Parameters
    ----------
    app : App
        The page.
    sample : DataFrame
        Of ``load_sample``.

    Returns
    -------
    DataFrame
        Those of them that are.
    """
    words, cells = app.words, st.columns(2)
    keep = pd.Series(True, index=sample.index)
    for number, (column, text, key, named) in enumerate(_FILTERS):
        present = sorted(sample[column].dropna().unique())
        if named is _zone:
            present.sort(key=lambda value: _zone(value, words))
        wanted = cells[number % 2].multiselect(
            words(text),
            present,
            format_func=partial(named, words=words),
            key=key,
            bind=IN_ADDRESS,
            placeholder=words("data.all"),
        )
        if wanted:
            keep &= sample[column].isin(wanted)
    first, last = cells[1].slider(
        words("quote.hour"),
        0,
        23,
        (0, 23),
        key="hours",
        bind=IN_ADDRESS,
        format="%d h",
    )
    return sample[keep & sample[PICKUP_HOUR].between(first, last)]
