"""Check that a portable model predicts what Spark does, from raw trips."""

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import PREDICTION
from taxi_fare.core.errors import ModelRefusedError
from taxi_fare.core.manifest import PortableCheck
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.portable_model import FORMAT, PortableModel


def check_parity(
    model: PortableModel, *, tested: pa.Table, limit_dollars: float
) -> PortableCheck:
    """
    Compare a portable model's predictions with Spark's.

    Parameters
    ----------
    tested : pyarrow.Table
        Raw trips and ``prediction``: what derives and what encodes is
        compared as well.

    Raises
    ------
    ModelRefusedError
        If a prediction differs more.
    """
    ours = model.predict(derive_features(tested))
    theirs = tested[PREDICTION].to_numpy()
    difference = float(np.max(np.abs(ours - theirs)))
    if not difference <= limit_dollars:  # NaN is refused as well
        raise ModelRefusedError(
            "The portable model predicts something else than Spark's: they"
            f" differ by {difference:.6g} dollars on one of"
            f" {len(theirs):,} test trips.",
            expected=f"at most {limit_dollars:g} dollars",
            remedy="nothing was recorded; report it with the versions that"
            " `taxi-fare doctor` names.",
        )
    return PortableCheck(
        format=FORMAT, trips=len(theirs), max_difference_dollars=difference
    )
