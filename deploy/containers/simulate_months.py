"""Write raw months of simulated trips: ``FOLDER FIRST..LAST TRIPS``."""

import sys
from pathlib import Path

from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulated.month import simulate_month

_SEED = 42


def main(folder: str, months: str, trips: str) -> None:
    """Write one file a month, under the TLC's names."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for number, month in enumerate(parse_months(months)):
        file = Path(folder) / f"yellow_tripdata_{month}.parquet"
        simulate_month(
            file, month=month, trips=int(trips), seed=_SEED + number
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
