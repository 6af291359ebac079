"""Search the parameters of recipes on the months before a test month."""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from taxi_fare.core.documents import report_header
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.files import to_json, write_json
from taxi_fare.core.months import Month, sliding_window
from taxi_fare.core.recipe_used import Tuned, Tuning
from taxi_fare.core.settings import Settings
from taxi_fare.lake.place import AnyLake
from taxi_fare.lake.read import refusing_damage
from taxi_fare.run.kept_study import kept_study
from taxi_fare.run.run import Run
from taxi_fare.run.search import SCORE_VERSION, Best, Search
from taxi_fare.run.trials import TrialTrips, read_trial_trips
from taxi_fare.run.window import WindowRequest, find_window
from taxi_fare.training.recipes import Recipe
from taxi_fare.training.search import searched

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TuneRequest:
    """
    A search that was asked for.

    Parameters
    ----------
    lake : Path, FolderLake or StoreLake
        The lake.
    test_month : Month
        The month of the run that is prepared: it is not read.
    recipes : tuple of Recipe
        Whose parameters are searched; others are compared with the first.
    output : Path
        File of what is found; the trials are kept beside it.
    minutes : float or None
        After which no trial begins; None for no limit.
    trials : int or None
        How many there are in all; None for no limit.
    trips : int
        That are learnt from, and predicted, at most.

    Examples
    --------
    >>> request = TuneRequest(
    ...     Path("lake"),
    ...     test_month=Month("2023-06"),
    ...     recipes=(Recipe("gbt", "index"),),
    ...     output=Path("tuned.json"),
    ... )
    >>> request.minutes
    20.0
    """

    lake: AnyLake
    test_month: Month
    recipes: tuple[Recipe, ...]
    output: Path
    minutes: float | None = 20.0
    trials: int | None = None
    trips: int = 1_000_000


@refusing_damage()
def tune(
    request: TuneRequest,
    *,
    settings: Settings,
    on_trial: Callable[[Best], None] | None = None,
) -> Tuned:
    """
    Search better parameters than those of the settings.

    For the run of month M a trial learns from M-3 and M-2, and is measured on
    M-1. What was tried is remembered: the same request goes on.

    Parameters
    ----------
    request : TuneRequest
        Recipes, and for how long.
    settings : Settings
        Everything else: what they say of a parameter is the first trial.
    on_trial : callable, optional
        Called with the best trial after each.

    Returns
    -------
    Tuned
        What the output file holds; it is there after the first trial.

    Raises
    ------
    DataMissingError
        If months are missing.
    DataRefusedError
        If months must not be used.
    EnvironmentLackError
        If a recipe needs what is not installed.
    WrongUsageError
        If the window has one train month: none is left to choose by.

    Examples
    --------
    >>> request = TuneRequest(
    ...     Path("no-lake"),
    ...     test_month=Month("2023-06"),
    ...     recipes=(Recipe("gbt", "index"),),
    ...     output=Path("tuned.json"),
    ... )
    >>> tune(request, settings=load_settings())
    Traceback (most recent call last):
        ...
    DataMissingError: ❌ DATA NOT FOUND
    """
    started = time.monotonic()
    data = find_window(_window(request, settings), _with_one(settings))
    run = Run.start(data, recipe=request.recipes[0], settings=settings)
    place, seed = request.output.with_suffix(".trials"), settings.training.seed
    with kept_study(place, name=_name(run, request), seed=seed) as study:
        trips = read_trial_trips(run, request.recipes, rows=request.trips)

        def told(best: Best) -> None:
            """Keep the best: whatever happens, it is there."""
            document = _document(best, run=run, trips=trips)
            write_json(request.output, document.to_document())
            if on_trial is not None:
                on_trial(best)

        search = Search(
            request.recipes, settings, trips.rungs, trips.measured, study
        )
        left = None
        if request.minutes is not None:
            passed = time.monotonic() - started
            left = max(request.minutes * 60 - passed, 0.0)
        best = _searched(search, request, seconds=left, told=told)
    return _document(best, run=run, trips=trips)


def _searched(
    search: Search,
    request: TuneRequest,
    *,
    seconds: float | None,
    told: Callable[[Best], None],
) -> Best:
    """Search; who stops it is told that nothing is lost."""
    try:
        return search.run(
            trials=request.trials, seconds=seconds, on_trial=told
        )
    except BaseException:
        if request.output.exists():
            _logger.warning(
                "Stopped: the best until now is in %s, and the same command"
                " goes on",
                request.output,
            )
        raise


def _window(request: TuneRequest, settings: Settings) -> WindowRequest:
    """Part the train months of a run: the last one is chosen by."""
    length = settings.training.window_months
    *earlier, last = sliding_window(request.test_month, length=length).train
    if not earlier:
        raise WrongUsageError(
            f"{request.test_month} has one train month, {last}.",
            expected="a month to learn from, and one to choose by",
            remedy="set TAXI_FARE_TRAINING__WINDOW_MONTHS=3.",
        )
    return WindowRequest(
        request.lake, test_month=last, train_months=tuple(earlier)
    )


def _with_one(settings: Settings) -> Settings:
    """Accept one month to learn from: a model in production needs more."""
    training = settings.training.model_copy(update={"min_train_months": 1})
    return settings.model_copy(update={"training": training})


def _name(run: Run, request: TuneRequest) -> str:
    """Name what the figures of trials depend on: others are not compared."""
    parts = {
        "run": run.key,
        "trips": request.trips,
        "score": SCORE_VERSION,
        "recipes": {
            recipe.name: {
                "parameters": recipe.parameters(run.settings),
                "searched": {
                    name: asdict(each)
                    for name, each in searched(recipe, run.settings).items()
                },
            }
            for recipe in request.recipes
        },
    }
    return hashlib.sha256(to_json(parts).encode()).hexdigest()[:16]


def _document(best: Best, *, run: Run, trips: TrialTrips) -> Tuned:
    return Tuned(
        **report_header(run.run_id, simulated=run.simulated),
        recipe=best.recipe.name,
        parameters=best.parameters,
        tuning=Tuning(
            train_months=run.data.parts.train_months,
            chosen_on=run.data.label,
            train_rows=trips.train.rows,
            test_rows=trips.test.rows,
            trials=best.ended,
            before=best.before,
            after=best.after,
        ),
    )
