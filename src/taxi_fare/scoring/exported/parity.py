"""Check that a portable model predicts what Spark does, from raw trips."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import PREDICTION
from taxi_fare.core.errors import ModelRefusedError
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.encode import encode
from taxi_fare.scoring.portable_model import FORMAT, PortableModel


@dataclass(frozen=True)
class Parity:
    """How well a portable model was compared with Spark's."""

    trips: int
    max_difference_dollars: float

    def to_document(self) -> dict[str, Any]:
        """Return the comparison for the manifest."""
        return {"format": FORMAT, **asdict(self)}


def check_parity(
    model: PortableModel, *, tested: pa.Table, limit_dollars: float
) -> Parity:
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
    matrix = encode(derive_features(tested), levels=model.levels)
    theirs = tested[PREDICTION].to_numpy()
    difference = float(np.max(np.abs(model.predict(matrix) - theirs)))
    if not difference <= limit_dollars:  # NaN is refused as well
        raise ModelRefusedError(
            "The portable model predicts something else than Spark's: they"
            f" differ by {difference:.6g} dollars on one of"
            f" {len(theirs):,} test trips.",
            expected=f"at most {limit_dollars:g} dollars",
            remedy="nothing was recorded; report it with the versions that"
            " `taxi-fare doctor` names.",
        )
    return Parity(len(theirs), difference)
