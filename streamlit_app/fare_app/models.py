"""Read the registry, in a folder or in a store."""

from pathlib import Path
from typing import Any

import streamlit as st

from fare_app.artefacts import DamagedError
from fare_app.places import Places
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.settings import load_settings
from taxi_fare.core.store.client import is_store_url
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.opening import open_registry
from taxi_fare.registry.records import RegistryState

# A page asks several times, and a store that is away answers after a minute.
_STORE_SECONDS = 10


def read_registry(places: Places) -> RegistryState | None:
    """
    Read slots and history.

    Parameters
    ----------
    places : Places
        Where the registry is.

    Returns
    -------
    RegistryState or None
        None when nothing was recorded yet.

    Raises
    ------
    DamagedError
        If it cannot be read, or its store cannot be reached.
    """
    place = str(places.registry)
    state = _of_store(place) if is_store_url(place) else _state(place)
    if isinstance(state, str):
        raise DamagedError(state)
    return state if state.history else None


def read_version(model_id: str, places: Places) -> dict[str, Any] | None:
    """
    Read the manifest of a version.

    Parameters
    ----------
    model_id : str
        Its name.
    places : Places
        Where the registry is.

    Returns
    -------
    dict or None
        None when it was pruned.

    Raises
    ------
    DamagedError
        If it cannot be read.
    """
    try:
        versions = _opened(str(places.registry)).versions
        if model_id not in versions.names():
            return None
        return versions.manifest(model_id)
    except (TaxiFareError, OSError) as error:
        raise DamagedError(str(error)) from error


def version_folder(model_id: str, places: Places) -> Path:
    """
    Return a folder of this machine that holds a version.

    Parameters
    ----------
    model_id : str
        Its name.
    places : Places
        Where the registry is.

    Returns
    -------
    Path
        The folder, or a copy of what a store holds.

    Raises
    ------
    TaxiFareError
        If the store cannot be reached.
    """
    return _opened(str(places.registry)).versions.path(model_id)


@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(place: str) -> ModelRegistry:
    return open_registry(place, load_settings())


@st.cache_data(ttl=_STORE_SECONDS, show_spinner=False)
def _of_store(place: str) -> RegistryState | str:
    return _state(place)


def _state(place: str) -> RegistryState | str:
    try:
        return _opened(place).read()
    except (TaxiFareError, OSError) as error:
        return str(error)
