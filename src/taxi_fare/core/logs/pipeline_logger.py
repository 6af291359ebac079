"""A log of the stages of a run: their rows, seconds and retention."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.logs.output import get_logger

# Names that a log record or a JSON line has for itself.
_TAKEN = {
    *vars(logging.makeLogRecord({})),
    *("asctime", "message", "timestamp", "level", "logger", "exit_code"),
    *("stage", "event", "rows", "seconds"),
}


class PipelineLogger:
    """
    Log the stages of a run, with their rows and seconds.

    What a line says is in its text, and in fields of the record as well
    (``stage``, ``event``, ``rows``, ``seconds``), which become those of a
    JSON line.

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
        self._logger.info(
            "%s started%s",
            stage,
            _listed(context),
            extra={"stage": stage, "event": "started"} | _fields(context),
        )

    def stage_end(
        self, stage: str, *, row_count: int | None = None, **context: object
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
            extra={"stage": stage, "event": "done"}
            | self._measured(stage)
            | _fields(context),
        )

    def verify_retention(
        self,
        before: str,
        after: str,
        *,
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
        fields = {"stage": after, "event": "retention", "before": before}
        counts = self.row_counts.get(before), self.row_counts.get(after)
        if counts[0] is None or counts[1] is None:
            self._logger.warning(
                "Retention %s -> %s not checked: no row count of %s",
                before,
                after,
                before if counts[0] is None else after,
                extra={**fields, "retention": None},
            )
            return None
        retention = counts[1] / counts[0] if counts[0] else 0.0
        text = (
            f"Retention {before} -> {after}: {retention:.1%}"
            f" ({counts[1]:,} of {counts[0]:,} rows)"
        )
        if retention < min_threshold:
            raise _refused(text, min_threshold)
        level = logging.WARNING if retention < warn_threshold else logging.INFO
        measured = {"retention": round(retention, 4), "rows": counts[1]}
        self._logger.log(level, text, extra={**fields, **measured})
        return retention

    def summary(self) -> dict[str, float]:
        """
        Log the seconds and rows of every stage.

        Returns
        -------
        dict of str to float
            Seconds by stage, in the order they ended.
        """
        total = sum(self.seconds.values())
        stages = {stage: self._measured(stage) for stage in self.seconds}
        self._logger.info(
            "Stages took %.1f s: %s",
            total,
            ", ".join(_told(stage, each) for stage, each in stages.items()),
            extra={
                "event": "summary",
                "seconds": round(total, 3),
                "stages": stages,
            },
        )
        return dict(self.seconds)

    def _measured(self, stage: str) -> dict[str, Any]:
        measured: dict[str, Any] = {"seconds": round(self.seconds[stage], 3)}
        if stage in self.row_counts:
            measured["rows"] = self.row_counts[stage]
        return measured


def _told(stage: str, measured: Mapping[str, Any]) -> str:
    rows = f" ({measured['rows']:,} rows)" if "rows" in measured else ""
    return f"{stage} {measured['seconds']:.1f} s{rows}"


def _listed(context: Mapping[str, object]) -> str:
    return "".join(f", {name}={value}" for name, value in context.items())


def _fields(context: Mapping[str, object]) -> dict[str, object]:
    return {
        f"{name}_" if name in _TAKEN else name: value
        for name, value in context.items()
    }


def _refused(text: str, limit: float) -> DataRefusedError:
    return DataRefusedError(
        text,
        expected=f"at least {limit * 100:g}%",
        remedy="look at the counts by rule: wrong month, wrong unit"
        " or a limit in conf/taxi_fare.toml that is too tight.",
    )
