"""Score a candidate and the current model on the same trips, and decide."""

from dataclasses import asdict, dataclass
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    CURRENT_PREDICTION,
    PREDICTION,
)
from taxi_fare.core.gates import GateCheck, failures
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.metrics import Metrics, score
from taxi_fare.evaluation.quality_gates import check_quality
from taxi_fare.registry.promotion import Decision, decide
from taxi_fare.run.models import LoadedModel


@dataclass(frozen=True)
class Verdict:
    """
    What was decided about a candidate, and why.

    Parameters
    ----------
    test_month : str or None
        The month of the trips; None when they are of the train months.
    """

    scored: DataFrame
    metrics: Metrics
    current: LoadedModel | None
    current_metrics: Metrics | None
    gates: tuple[GateCheck, ...]
    decision: Decision
    test_month: str | None

    def promotion_document(self) -> dict[str, Any]:
        """Return the decision for reports."""
        current, metrics = self.current, self.current_metrics
        return {
            "decision": self.decision.decision,
            "reason": self.decision.reason,
            "improved": list(self.decision.improved),
            "compared_with": current.model_id if current else None,
            "current_metrics": asdict(metrics) if metrics else None,
            "current_trained_on_test_month": current is not None
            and self.test_month in current.train_months,
        }


def judge(
    candidate: PipelineModel,
    *,
    current: LoadedModel | None,
    test_features: DataFrame,
    test_month: str | None,
    settings: Settings,
) -> Verdict:
    """
    Compare a candidate with the current model on the same trips.

    Parameters
    ----------
    test_month : str or None
        Their month; None when they are of the train months.
    """
    scored, predictions = test_features, [PREDICTION]
    if current is not None:
        scored = _predicted(
            current.model, rows=scored, name=CURRENT_PREDICTION
        )
        predictions.append(CURRENT_PREDICTION)
    scored = _predicted(candidate, rows=scored, name=PREDICTION).cache()
    metrics = score(scored, predictions=predictions)
    theirs = metrics.get(CURRENT_PREDICTION)
    gates = check_quality(metrics[PREDICTION], gates=settings.gates)
    decision = decide(
        metrics[PREDICTION].comparable(),
        current=theirs.comparable() if theirs else None,
        gate_failures=failures(gates),
        min_improved=settings.promotion.min_improved_metrics,
    )
    return Verdict(
        scored=scored,
        metrics=metrics[PREDICTION],
        current=current,
        current_metrics=theirs,
        gates=gates,
        decision=decision,
        test_month=test_month,
    )


def _predicted(
    model: PipelineModel, *, rows: DataFrame, name: str
) -> DataFrame:
    predicted = model.transform(rows)
    return predicted.select(*rows.columns, F.col(PREDICTION).alias(name))
