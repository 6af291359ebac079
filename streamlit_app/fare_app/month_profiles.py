"""Profiles of the watch: of a month, and of what it is compared with."""

from fare_app.artefacts import DamagedError, Document, read_report
from fare_app.page import App
from taxi_fare.core.documents import Part
from taxi_fare.core.months import Month
from taxi_fare.reports.documents.listing import (
    Report,
    model_profile_of,
    profile_of,
)


def month_profile(app: App, month: str) -> Document | None:
    """
    Read what the trips of a month are like.

    Parameters
    ----------
    app : App
        The page.
    month : str
        Which one.

    Returns
    -------
    dict or None
        None where there is none that can be read.
    """
    return _read(app, profile_of(Month(month)))


def references(app: App, watch: Document) -> dict[str, Document]:
    """
    Read what a month may be compared with.

    Parameters
    ----------
    app : App
        The page.
    watch : dict
        Of the month.

    Returns
    -------
    dict
        Profiles by ``train_months`` and ``month_before``, the usual one
        first; those that are there.
    """
    model = watch["model"]
    before = Month(watch["month"]).plus(-1)
    found = {
        "train_months": _read(app, model_profile_of(model["model_id"]))
        if model is not None
        else None,
        "month_before": month_profile(app, str(before)),
    }
    return {name: each for name, each in found.items() if each is not None}


def _read(app: App, report: Report[Part]) -> Document | None:
    try:
        document = read_report(report, app.places.reports)
    except DamagedError:
        return None
    profile: Document | None = (document or {}).get("profile")
    return profile
