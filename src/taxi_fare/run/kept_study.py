"""The trials of a search, kept in a file where it goes on with them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
from optuna.pruners import SuccessiveHalvingPruner
from optuna.samplers import TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from taxi_fare.core.errors import DataRefusedError, TemporaryError
from taxi_fare.core.locks import locked

# A third of the trials goes on to three times as many trips.
FACTOR = 3
# Of every file that Optuna keeps trials in.
_BEGINNING = b'{"op_code":'


@contextmanager
def kept_study(place: Path, *, name: str, seed: int) -> Iterator[optuna.Study]:
    """
    Open a study with the trials that it has already.

    Parameters
    ----------
    place : Path
        File of the trials of this study and of others.
    name : str
        Equal for searches of the same.

    Raises
    ------
    DataRefusedError
        If the file is damaged, or something else.
    TemporaryError
        If another process is searching there.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    place.parent.mkdir(parents=True, exist_ok=True)
    refusal = TemporaryError(
        f"Another process writes its trials to {place}.",
        expected="one search at a time",
        remedy="wait until it has ended, or name another --output.",
    )
    lock = place.with_suffix(".lock")
    with locked(lock, wait_seconds=0, refusal=refusal):
        study = _opened(place, name)
        # Another seed, or it would draw again what it has drawn.
        study.sampler = TPESampler(seed=seed + len(study.trials))
        yield study


def _opened(place: Path, name: str) -> optuna.Study:
    try:
        _leave_half_a_line_out(place)
        return optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(place))),
            study_name=name,
            load_if_exists=True,
            pruner=SuccessiveHalvingPruner(1, FACTOR),
        )
    except (ValueError, LookupError, TypeError, AssertionError) as error:
        raise DataRefusedError(
            f"{place} cannot be read ({error!r:.80}).",
            expected="the trials that `taxi-fare tune` has kept",
            remedy="remove it: the search begins anew.",
        ) from error


def _leave_half_a_line_out(place: Path) -> None:
    """Forget what a process that was killed had begun to write."""
    if not place.exists():
        return
    content = place.read_bytes()
    if content and not content.startswith(_BEGINNING):
        raise ValueError(f"it begins with {content[:20]!r}")
    os.truncate(place, content.rfind(b"\n") + 1)
