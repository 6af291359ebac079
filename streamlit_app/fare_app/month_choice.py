"""Choose the month whose predictions are shown."""

import pandas as pd
import streamlit as st

from fare_app.artefacts import DamagedError
from fare_app.page import IN_ADDRESS, App
from fare_app.trips import SAMPLED_ROWS, load_predictions
from taxi_fare.core.settings import load_settings


def chosen_predictions(app: App) -> pd.DataFrame | None:
    """
    Ask for a month where there are several, and read its predictions.

    Parameters
    ----------
    app : App
        The page.

    Returns
    -------
    DataFrame or None
        Of ``load_predictions``; None after a message.
    """
    files = app.artefact("predictions")
    if not files:
        app.missing("predictions")
        return None
    words = app.words
    by_month = {path.stem: path for path in files}
    month = st.selectbox(
        words("errors.month"),
        list(by_month),
        key="predicted_month",
        bind=IN_ADDRESS,
    )
    limit = load_settings().validation.total_max_dollars
    try:
        trips = load_predictions(by_month[month], total_max=limit)
    except DamagedError as error:
        app.damaged("predictions", str(error))
        return None
    if trips is None:  # removed since the folder was listed
        app.missing("predictions")
        return None
    if trips.empty:
        app.say("errors.no_totals", month=month)
        return None
    model = trips.attrs["model_id"]
    last = app.last_run().get("model_id")
    kind = "same" if model == last else "other"
    app.note(f"errors.by_{kind}_model", model=model)
    if trips.attrs["rows"] > SAMPLED_ROWS:
        app.note("errors.sampled", count=words.number(len(trips)))
    return trips
