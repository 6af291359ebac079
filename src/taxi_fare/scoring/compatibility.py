"""Whether this code understands a model that another version of it made."""

from collections.abc import Mapping
from typing import Any

from taxi_fare.core.columns import FEATURES_VERSION
from taxi_fare.core.errors import IncompatibleModelError
from taxi_fare.core.manifest import train_again
from taxi_fare.scoring.portable_model import READABLE


def require_understood(manifest: Mapping[str, Any]) -> None:
    """
    Refuse a model whose manifest names a version that this code is not for.

    Only the manifest is asked: a run that was done is found out without
    looking at the files of a model. What it does not name is not held
    against it.

    Raises
    ------
    IncompatibleModelError
        If it does.
    """
    features, portable = (
        manifest.get(part) or {} for part in ("features", "portable")
    )
    for what, found, understood in (
        ("features version", features.get("version"), (FEATURES_VERSION,)),
        ("portable format", portable.get("format"), READABLE),
    ):
        if found in (None, "", *understood):
            continue
        raise IncompatibleModelError(
            f"The model {manifest.get('model_id')} is of {what} {found}.",
            expected=f"{what} {understood[0]}, which this code is for",
            remedy=train_again(manifest),
        )
