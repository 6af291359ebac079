"""The page of a run, for its reader to keep."""

import streamlit as st

from fare_app.page import App


def offer_page(app: App, name: str, *, label: str, key: str) -> bool:
    """
    Offer the page of a run, where it is there.

    Parameters
    ----------
    app : App
        The page that it is offered on.
    name : str
        Of the English one, from the folder of the reports.
    label : str
        Of the button.
    key : str
        Of the button too.

    Returns
    -------
    bool
        Whether it is there.
    """
    folder = app.places.reports.resolve()
    path = (folder / app.report_page(name)).resolve()
    # Whatever a report says, no other file of this machine is handed out.
    if not (path.is_relative_to(folder) and path.is_file()):
        return False
    st.download_button(
        label,
        path.read_bytes(),
        file_name=f"taxi_fare-{path.parent.name}.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/download:",
        help=app.words("overview.page_help"),
        key=key,
    )
    return True
