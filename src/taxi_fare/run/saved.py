"""Save a fitted model; check that it predicts the same without Spark."""

import logging
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import ModelRefusedError, RegistryConflictError
from taxi_fare.core.files import write_json
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import Metrics, PortableCheck
from taxi_fare.core.routes import ROUTES_FILE
from taxi_fare.lake.catalog import one_snapshot
from taxi_fare.run.before import routes_of
from taxi_fare.run.pipelines import save_pipeline
from taxi_fare.run.sample import predicted_sample
from taxi_fare.run.trained import Trained
from taxi_fare.scoring.exported.parity import check_parity
from taxi_fare.scoring.exported.pipeline import export_pipeline
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    PortableModel,
    parse_portable_model,
)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SavedModel:
    """
    A model that is written down, with its portable copy.

    Parameters
    ----------
    folder : Path
        Everything but the reports and the manifest.
    check : PortableCheck
        How near the copy is to the model.
    before : Metrics or None
        How good its prices before the ride are.
    """

    folder: Path
    portable: PortableModel
    check: PortableCheck
    before: Metrics | None = None


def save_model(
    trained: Trained,
    *,
    folder: Path,
    log: PipelineLogger,
    upload_url: str | None = None,
) -> SavedModel:
    """
    Save a fitted model into an empty folder of this machine.

    Raises
    ------
    ModelRefusedError
        If the portable copy predicts something else.
    """
    log.stage_start("save")
    model, scoring = trained.fitted.model, trained.run.settings.scoring
    save_pipeline(model, folder=folder, upload_url=upload_url)
    portable = _portable(folder)
    log.stage_end("save")
    log.stage_start("sample")
    with one_snapshot(trained.run.data.months):
        tested = predicted_sample(
            trained.test, model=model, rows=scoring.parity_trips
        )
    check = check_parity(
        portable, tested=tested, limit_dollars=scoring.parity_max_dollars
    )
    log.stage_end("sample", row_count=check.trips)
    _logger.info(
        "Portable model: %s test trips, %.1e dollars from Spark at most",
        f"{check.trips:,}",
        check.max_difference_dollars,
    )
    routes = routes_of(trained, portable, tested)
    write_json(folder / ROUTES_FILE, routes.to_document())
    before = routes.before
    return SavedModel(
        folder, portable, check, before.metrics if before else None
    )


def _portable(folder: Path) -> PortableModel:
    """Write the portable copy, and read it as whoever uses it does."""
    export_pipeline(folder).write(folder)
    try:
        return parse_portable_model((folder / PORTABLE_FILE).read_bytes())
    except RegistryConflictError as error:
        raise ModelRefusedError(
            f"The model is too large to be used. {error.found}",
            expected="trees within the bounds of a portable model",
            remedy="train with fewer or less deep trees (max_iter,"
            " max_depth); nothing was recorded.",
        ) from error
