"""What a run needs of this machine, reckoned from footers."""

from dataclasses import dataclass

from taxi_fare.run.window import RunData
from taxi_fare.training.recipes import Recipe


@dataclass(frozen=True)
class Needs:
    """
    What a window needs.

    Parameters
    ----------
    train_rows, test_rows : int
        Trips, rejected ones among them.
    memory_gib : float
        Of all processes of the run.
    disk_gib : float
        Of temporary files.
    cpu_seconds : float
        Of one processor like those of docs/scale.md.
    """

    train_rows: int
    test_rows: int
    memory_gib: float
    disk_gib: float
    cpu_seconds: float


def reckon(data: RunData, recipe: Recipe) -> Needs:
    """Reckon what training on a window needs where Spark is local."""
    rows = {str(each.month): each.rows for each in data.months}
    train = sum(rows[month] for month in data.parts.train_months)
    cost, millions = recipe.record.cost, train / 1e6
    return Needs(
        train_rows=train,
        test_rows=rows[data.label],
        memory_gib=cost.gib + cost.gib_per_million * millions,
        disk_gib=cost.disk_gib_per_million * millions,
        cpu_seconds=cost.cpu_seconds + cost.cpu_seconds_per_million * millions,
    )
