"""A month against what production knows: data, predictions, accuracy."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import one_snapshot, read_catalog
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.reports.documents.listing import watch_of
from taxi_fare.reports.documents.watch import (
    SeriesEntry,
    Watch,
)
from taxi_fare.run.look import Look, Looking
from taxi_fare.run.profiles import Profiles, trivial_models
from taxi_fare.run.references import References
from taxi_fare.run.series import remember
from taxi_fare.run.trips import require_retention
from taxi_fare.run.watched import Watched
from taxi_fare.run.window import months_in


@dataclass(frozen=True)
class WatchRequest:
    """
    A month that is to be watched.

    Parameters
    ----------
    lake : Path, FolderLake or StoreLake
        The lake.
    registry : ModelRegistry
        Whose current model is in production; there may be none.
    reports : Path
        Folder of the reports.
    month : Month
        The month.

    Examples
    --------
    >>> settings = load_settings()
    >>> registry = open_registry("models/registry", settings)
    >>> lake = lake_place("data/nyc-interim/yellow", settings)
    >>> request = WatchRequest(
    ...     lake, registry, Path("reports"), month=Month("2023-05")
    ... )
    """

    lake: AnyLake
    registry: ModelRegistry
    reports: Path
    month: Month


def watch(
    request: WatchRequest,
    settings: Settings,
    *,
    on_trips: Callable[[int, int], None] | None = None,
) -> Watch:
    """
    Compare a month with what production knows; nothing is trained.

    Parameters
    ----------
    request : WatchRequest
        Which month.
    settings : Settings
        Limits are in the section ``watch``.
    on_trips : callable, optional
        Called with the trips of a month that were looked at, and all of it.

    Returns
    -------
    Watch
        What ``watch/YYYY-MM/watch.json`` holds.

    Raises
    ------
    DataMissingError
        If the month is missing.
    DataRefusedError
        If it lacks a column, is damaged, or too few of its trips are valid.
    RegistryConflictError
        If the model in production is damaged.

    Examples
    --------
    >>> settings = load_settings()
    >>> registry = open_registry("no-registry", settings)
    >>> month = Month("2023-05")
    >>> request = WatchRequest(Path("lake"), registry, Path("reports"), month)
    >>> watch(request, settings)
    Traceback (most recent call last):
        ...
    DataMissingError: ❌ DATA NOT FOUND
    """
    catalog = read_catalog(request.lake)
    (month,) = months_in(catalog, months=[request.month], option="--month")
    profiles = Profiles(request.reports, settings, on_trips)
    references = References(catalog, profiles, request.month)
    log = PipelineLogger(__name__)
    log.stage_start("watch", month=request.month.path)
    with one_snapshot([month]):
        model = references.model(request.registry)
        learnt = references.learnt_from(model) if model else None
        look = Looking(
            settings,
            model=model.portable if model else None,
            intervals=model.intervals if model else None,
            baselines=trivial_models(learnt.baselines) if learnt else None,
            on_trips=on_trips,
        ).at(month)
        _require_retention(month, look, settings, log)
        others = references.others()
    profiles.keep(month, look)
    watched = Watched(month, look, model, learnt)
    document = watched.document(references, others, settings)
    log.stage_end("watch", row_count=document.valid_rows)
    watch_of(request.month).write(request.reports, document)
    remember(request.reports, _entry(document), simulated=document.simulated)
    return document


def _require_retention(
    month: LakeMonth, look: Look, settings: Settings, log: PipelineLogger
) -> None:
    stages = f"{month.month} lake", f"{month.month} valid"
    require_retention(
        look.counts, stages=stages, limits=settings.validation, log=log
    )


def _entry(document: Watch) -> SeriesEntry:
    """Return what is remembered of a month."""
    model, data = document.model, [*document.data.values()]
    return SeriesEntry(
        month=document.month,
        recorded_by="watch",
        model_id=model.model_id if model else None,
        train_months=model.train_months if model else (),
        verdict=document.verdict,
        reasons=document.reasons,
        accuracy=document.accuracy and document.accuracy.overall,
        # The first there is: the train months, else the month before.
        drift={name: each.psi for name, each in data[0].figures.items()}
        if data
        else {},
    )
