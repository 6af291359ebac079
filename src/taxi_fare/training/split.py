"""Part trips into train and test trips, without a month to test on."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

_STEPS = 10_000


def split_trips(
    trips: DataFrame, *, columns: Sequence[str], train_share: float, seed: int
) -> tuple[DataFrame, DataFrame]:
    """
    Part trips by a hash of what some columns hold.

    ``DataFrame.randomSplit`` draws by partition and position, so that the
    number of cores would change which trips are trained on. Equal trips are
    always on the same side here: none is trained on and tested on.

    Parameters
    ----------
    train_share : float
        Fraction of the trips in (0, 1) to train on, to 0.01 %.
    """
    draw = F.pmod(F.xxhash64(F.lit(seed), *columns), F.lit(_STEPS))
    is_train = draw < round(train_share * _STEPS)
    return trips.where(is_train), trips.where(~is_train)
