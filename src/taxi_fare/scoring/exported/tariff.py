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
    first, *between, last = stages
    if first.kind != _SQL:
        return None, [*stages]
    if last.kind != _SQL or last.params["statement"] != ADD_UP:
        raise not_exportable("a tariff that is not added up")
    try:
        return Tariff.of_statement(first.params["statement"]), between
    except ValueError as error:
        raise not_exportable(str(error)) from error
