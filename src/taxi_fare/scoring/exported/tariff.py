"""Read the tariff of a saved pipeline: its first stage and its last."""

from collections.abc import Sequence

from taxi_fare.core.tariff import ADD_UP, Tariff
from taxi_fare.scoring.exported.saved_pipeline import (
    SavedStage,
    not_exportable,
)

_SQL = "SQLTransformer"


def read_tariff(
    stages: Sequence[SavedStage],
) -> tuple[Tariff | None, list[SavedStage]]:
    """
    Part a tariff from the stages that encode and predict.

    Raises
    ------
    ModelRefusedError
        If it is another one than this code computes.
    """
    if not stages or stages[0].kind != _SQL:
        return None, [*stages]
    first, last = stages[0].params, stages[-1].params
    if last.get("statement") != ADD_UP:
        raise not_exportable("a tariff that is not added up")
    try:
        tariff = Tariff.of_statement(first.get("statement", ""))
        return tariff, [*stages[1:-1]]
    except ValueError as error:
        raise not_exportable(str(error)) from error
