"""Log lines in the description's format, and a log of a run's stages."""

import logging
import sys
import time
from pathlib import Path
from typing import TextIO

from taxi_fare.core.errors import DataRefusedError

LOG_FORMAT = "%(asctime)s | %(levelname)-8s | %(name)-26s | %(message)s"
DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
_PY4J_MODULES = {"java_gateway", "clientserver"}


def get_logger(name: str) -> logging.Logger:
    """
    Return a logger that writes in the project's format.

    Parameters
    ----------
    name : str
        Usually ``__name__``.

    Returns
    -------
    logging.Logger
        Writes to stderr as soon as this is called.
    """
    configure_logging()
    return logging.getLogger(name)


def configure_logging(level: int = logging.INFO) -> None:
    """
    Send log lines to stderr, once.

    Parameters
    ----------
    level : int, optional
        Lines below this level are not written.
    """
    root = logging.getLogger()
    if any(isinstance(each, _StderrHandler) for each in root.handlers):
        return
    root.addHandler(_formatted(_StderrHandler()))
    root.setLevel(level)
    for chatty in ("py4j", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def configure_file_logging(path: Path | str) -> logging.Handler:
    """
    Write log lines to a file as well.

    Parameters
    ----------
    path : Path or str
        The file to append to; its folder is created when missing.

    Returns
    -------
    logging.Handler
        The handler, so that a caller can remove it again.
    """
    configure_logging()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handler = _formatted(logging.FileHandler(path, encoding="utf-8"))
    logging.getLogger().addHandler(handler)
    return handler


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to whatever ``sys.stderr`` is at that moment."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        # Py4J logs the traceback of what it raises, even of a Ctrl-C.
        self.addFilter(lambda record: record.module not in _PY4J_MODULES)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _formatted(handler: logging.Handler) -> logging.Handler:
    handler.setFormatter(logging.Formatter(LOG_FORMAT, DATE_FORMAT))
    return handler


class PipelineLogger:
    """
    Log the stages of a run, with their rows and seconds.

    Parameters
    ----------
    name : str
        Name of the logger.

    Examples
    --------
    >>> log = PipelineLogger("MLPipeline")
    >>> log.stage_start("training", months=["2023/01", "2023/02"])
    >>> log.stage_end("training", row_count=2_500_000)
    """

    def __init__(self, name: str) -> None:
        self._logger = get_logger(name)
        self._started: dict[str, float] = {}
        self.seconds: dict[str, float] = {}
        self.row_counts: dict[str, int] = {}

    def stage_start(self, stage: str, **context: object) -> None:
        """
        Note that a stage begins.

        Parameters
        ----------
        stage : str
            Its name.
        **context : object
            What the log line should say besides.
        """
        self._started[stage] = time.perf_counter()
        self._logger.info("%s started%s", stage, _listed(context))

    def stage_end(
        self, stage: str, row_count: int | None = None, **context: object
    ) -> None:
        """
        Note that a stage has ended, in one summary line.

        Parameters
        ----------
        stage : str
            The name it was started with.
        row_count : int, optional
            Rows that it produced.
        **context : object
            What the log line should say besides.
        """
        now = time.perf_counter()
        self.seconds[stage] = now - self._started.pop(stage, now)
        rows = ""
        if row_count is not None:
            self.row_counts[stage] = row_count
            rows = f", {row_count:,} rows"
        self._logger.info(
            "%s done in %.1f s%s%s",
            stage,
            self.seconds[stage],
            rows,
            _listed(context),
        )

    def verify_retention(
        self,
        before: str,
        after: str,
        min_threshold: float = 0.80,
        warn_threshold: float = 0.90,
    ) -> float | None:
        """
        Check that a stage kept enough of an earlier stage's rows.

        Parameters
        ----------
        before, after : str
            Stages that ended with a row count.
        min_threshold, warn_threshold : float, optional
            Fractions in [0, 1]: below the first the data is refused, below
            the second a warning is logged.

        Returns
        -------
        float or None
            Fraction of the rows that were kept; None when a count is not
            known, which is logged.

        Raises
        ------
        DataRefusedError
            If less than ``min_threshold`` was kept.
        """
        counts = self.row_counts.get(before), self.row_counts.get(after)
        if counts[0] is None or counts[1] is None:
            self._logger.warning(
                "Retention %s -> %s not checked: no row count of %s",
                before,
                after,
                before if counts[0] is None else after,
            )
            return None
        retention = counts[1] / counts[0] if counts[0] else 0.0
        text = (
            f"Retention {before} -> {after}: {retention:.1%}"
            f" ({counts[1]:,} of {counts[0]:,} rows)"
        )
        if retention < min_threshold:
            raise DataRefusedError(
                text,
                expected=f"at least {min_threshold:.0%}",
                remedy="look at the counts by rule: wrong month, wrong unit"
                " or a limit in conf/taxi_fare.toml that is too tight.",
            )
        level = logging.WARNING if retention < warn_threshold else logging.INFO
        self._logger.log(level, text)
        return retention

    def summary(self) -> dict[str, float]:
        """
        Log the seconds of every stage.

        Returns
        -------
        dict of str to float
            Seconds by stage, in the order they ended.
        """
        total = sum(self.seconds.values())
        stages = ", ".join(
            f"{stage} {seconds:.1f} s"
            for stage, seconds in self.seconds.items()
        )
        self._logger.info("Stages took %.1f s: %s", total, stages)
        return dict(self.seconds)


def _listed(context: dict[str, object]) -> str:
    return "".join(f", {name}={value}" for name, value in context.items())
