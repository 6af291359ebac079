"""Progress bars on stderr, where somebody can see them."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich import progress
from rich.console import Console

from taxi_fare.core.logs import current_log_format
from taxi_fare.core.metrics import ERRORS, METRICS

if TYPE_CHECKING:
    from taxi_fare.lake.raw.download import OnBytes
    from taxi_fare.run.search import Best

_logger = logging.getLogger(__name__)


@contextmanager
def download_bar(label: str) -> Iterator["OnBytes"]:
    """
    Show how a download goes on while the block runs.

    Yields
    ------
    callable
        To be called with the bytes there are, and their total; draws on
        stderr when that is a terminal, and does nothing otherwise.
    """
    if not _drawn():
        yield lambda done, total: None
        return
    bar = progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(label, total=None, visible=False)
        yield lambda done, total: bar.update(
            task, completed=done, total=total, visible=True
        )


@contextmanager
def tree_bar(trees: int) -> Iterator[Callable[[int], None] | None]:
    """
    Show which tree is growing while stderr is a terminal.

    Yields
    ------
    callable or None
        To be called with the number of the tree; None without a terminal.
    """
    if not _drawn():
        yield None
        return
    columns = (
        progress.TextColumn("tree {task.completed:.0f} of {task.total:.0f}"),
        progress.BarColumn(),
        progress.TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=trees, visible=False)
        yield lambda tree: bar.update(
            task, completed=tree, visible=tree < trees
        )


@contextmanager
def trial_line(seconds: float) -> Iterator[Callable[["Best"], None]]:
    """
    Show the best of some trials; without a terminal, log each better one.

    Parameters
    ----------
    seconds : float
        That the trials may take.

    Yields
    ------
    callable
        To be called with the best trial.
    """
    if not _drawn():
        yield _logging_better_ones()
        return
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with progress.Progress(*columns, console=console, transient=True) as bar:
        started = time.monotonic()
        task = bar.add_task("the settings", total=max(seconds, 1.0))

        def told(best: "Best") -> None:
            """Say what there is."""
            bar.update(
                task,
                description=_best_in_words(best),
                completed=time.monotonic() - started,
            )

        yield told


def _logging_better_ones() -> Callable[["Best"], None]:
    known: dict[str, float] = {}

    def told(best: "Best") -> None:
        """Log what is not known yet."""
        if known != best.after:
            known.update(best.after)
            _logger.info(_best_in_words(best))

    return told


def _best_in_words(best: "Best") -> str:
    """Say the best figures, and by how much they are better."""
    from taxi_fare.core.evidence import change_in_words

    figures = ", ".join(
        f"{METRICS[name].title} {value:.3f}"
        f" ({change_in_words(1 - value / best.before[name])})"
        for name, value in best.after.items()
        if METRICS[name] in ERRORS
    )
    trials = "trial" if best.ended == 1 else "trials"
    return f"{best.ended} {trials}, best {figures}"


@contextmanager
def trip_bar() -> Iterator[Callable[[int, int], None]]:
    """
    Show how many trips are done while stderr is a terminal.

    Yields
    ------
    callable
        To be called with the trips that are done, and all there are.
    """
    if not _drawn():
        yield lambda done, total: None
        return
    columns = (
        progress.TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        progress.TextColumn("trips"),
        progress.BarColumn(),
        progress.TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1, visible=False)
        yield lambda done, total: bar.update(
            task, completed=done, total=total, visible=done < total
        )


def _drawn() -> bool:
    # A bar among JSON lines would be a line that is no JSON.
    return sys.stderr.isatty() and current_log_format() == "text"
