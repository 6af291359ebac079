"""What a gate checked: a limit, a figure, and whether it is kept."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from math import isclose
from typing import Any, Literal

from taxi_fare.core.metrics import title_of

Sign = Literal["<", "<=", ">", ">="]
_COMPARISONS: dict[Sign, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WRITTEN = {"<=": "≤", ">=": "≥"}


@dataclass(frozen=True)
class GateCheck:
    """
    One limit, and whether it is kept.

    Parameters
    ----------
    metric : str
        Name of the metric, or in words what else was looked at.
    limit_metric : str, optional
        Name of the metric whose value is the limit; None for a number.
    """

    metric: str
    _: KW_ONLY
    value: float
    sign: Sign
    limit: float
    limit_metric: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the limit is kept."""
        if _COMPARISONS[self.sign](self.value, self.limit):
            return True
        # Two sums over the same trips may differ in the last digit alone.
        return (
            self.limit_metric is not None
            and self.sign in _WRITTEN
            and isclose(self.value, self.limit, rel_tol=1e-9)
        )

    @property
    def gate(self) -> str:
        """The limit as a sentence, such as ``rmse < 10``."""
        limit = self.limit_metric or f"{self.limit:g}"
        return f"{self.metric} {self.sign} {limit}"

    def to_document(self) -> dict[str, Any]:
        """Return it for reports."""
        return {
            "gate": self.gate,
            "value": self.value,
            "passed": self.passed,
            "metric": self.metric,
            "sign": self.sign,
            "limit": self.limit,
            "limit_metric": self.limit_metric,
        }


@dataclass(frozen=True)
class Gate:
    """
    A limit that is declared.

    Parameters
    ----------
    figure : str
        Name of what is judged.
    limit : float or str
        A number, or the name of a setting or of another figure.
    words : str, optional
        What the figure is, for people, with gaps for settings. Default: its
        name.
    """

    figure: str
    sign: Sign
    limit: float | str
    _: KW_ONLY
    words: str = ""

    def check(
        self,
        figures: Mapping[str, float | None],
        *,
        settings: Mapping[str, float],
    ) -> GateCheck | None:
        """Check the figure; None where there is nothing to be judged."""
        value, limit, other = figures[self.figure], self.limit, None
        if isinstance(limit, str) and limit in settings:
            limit = settings[limit]
        elif isinstance(limit, str):
            found, other = figures[limit], limit
            if found is None:
                return None
            limit = found
        if value is None:
            return None
        return GateCheck(
            self.words.format_map(settings) or self.figure,
            value=value,
            sign=self.sign,
            limit=limit,
            limit_metric=other,
        )


def check_gates(
    gates: Sequence[Gate],
    *,
    figures: Mapping[str, float | None],
    settings: Mapping[str, float],
) -> tuple[GateCheck, ...]:
    """Check every limit; those on figures that are None are left out."""
    checks = (gate.check(figures, settings=settings) for gate in gates)
    return tuple(check for check in checks if check is not None)


def failures(checks: Sequence[GateCheck]) -> list[str]:
    """Say which gates were missed."""
    return [
        f"{check.gate} is missed ({check.value:.4f})"
        for check in checks
        if not check.passed
    ]


def gate_title(document: Mapping[str, Any]) -> str:
    """
    Write the limit of a gate in a report for people, such as ``MAE ≤ RMSE``.

    Reports from before gates had parts have the sentence alone: it is shown
    as it was written.
    """
    if not document.get("metric"):
        return str(document["gate"])
    sign, other = document["sign"], document.get("limit_metric")
    limit = title_of(other) if other else f"{document['limit']:g}"
    return f"{title_of(document['metric'])} {_WRITTEN.get(sign, sign)} {limit}"
