"""Score a candidate and the current model on the same trips, and decide."""

from dataclasses import asdict, dataclass
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    CURRENT_PREDICTION,
    FEATURES_VERSION,
    PREDICTION,
)
from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.metrics import Metrics, score
from taxi_fare.evaluation.quality_gates import (
    GateCheck,
    check_quality,
    failures,
)
from taxi_fare.registry.promotion import Decision, decide
from taxi_fare.registry.store import Registry


@dataclass(frozen=True)
class CurrentModel:
    """
    The model in production, loaded.

    Parameters
    ----------
    model_id : str
        Its version.
    model : PipelineModel
        From the 12 features to a prediction.
    train_months : tuple of str
        What it was trained on.
    """

    model_id: str
    model: PipelineModel
    train_months: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """
    What was decided about a candidate, and why.

    Parameters
    ----------
    scored : DataFrame
        The test trips' features, ``total_amount`` and ``prediction`` (and
        ``current_prediction``), cached.
    metrics : Metrics
        Of the candidate.
    current : CurrentModel or None
        The model it was compared with.
    current_metrics : Metrics or None
        Of that model, on the same trips.
    gates : tuple of GateCheck
        The quality gates.
    decision : Decision
        Promoted, kept or refused.
    test_month : Month
        The month of the trips.
    """

    scored: DataFrame
    metrics: Metrics
    current: CurrentModel | None
    current_metrics: Metrics | None
    gates: tuple[GateCheck, ...]
    decision: Decision
    test_month: Month

    def promotion_document(self) -> dict[str, Any]:
        """
        Return the decision for reports.

        Returns
        -------
        dict
            ``decision``, ``reason``, ``improved``, ``compared_with``,
            ``current_metrics``, and whether the current model had already
            seen the test month.
        """
        current, metrics = self.current, self.current_metrics
        return {
            "decision": self.decision.decision,
            "reason": self.decision.reason,
            "improved": list(self.decision.improved),
            "compared_with": current.model_id if current else None,
            "current_metrics": asdict(metrics) if metrics else None,
            "current_trained_on_test_month": current is not None
            and str(self.test_month) in current.train_months,
        }


def check_current(registry: Registry) -> str | None:
    """
    Check that the model in production can be compared with.

    Parameters
    ----------
    registry : Registry
        Where it is.

    Returns
    -------
    str or None
        Its version; None when there is none yet.

    Raises
    ------
    RegistryConflictError
        If its files are damaged, or it needs other features than this code
        derives.
    """
    model_id = registry.read().current
    if model_id is None:
        return None
    remedy = "run `taxi-fare registry rollback`, or name another registry."
    damaged = registry.versions.damaged_files(model_id)
    if damaged:
        raise RegistryConflictError(
            f"The current model {model_id} is damaged: {', '.join(damaged)}.",
            expected="the files that its manifest lists",
            remedy=remedy,
        )
    version = registry.versions.manifest(model_id)["features"]["version"]
    if version != FEATURES_VERSION:
        raise RegistryConflictError(
            f"The current model {model_id} uses features version {version}.",
            expected=f"features version {FEATURES_VERSION}, which this code"
            " derives",
            remedy=remedy,
        )
    return model_id


def load_current(registry: Registry) -> CurrentModel | None:
    """
    Load the model in production.

    Parameters
    ----------
    registry : Registry
        Where it is.

    Returns
    -------
    CurrentModel or None
        None when there is none yet.

    Raises
    ------
    RegistryConflictError
        As ``check_current`` does.
    """
    model_id = check_current(registry)
    if model_id is None:
        return None
    manifest = registry.versions.manifest(model_id)
    return CurrentModel(
        model_id,
        PipelineModel.load(str(registry.versions.path(model_id))),
        tuple(manifest["data"]["train_months"]),
    )


def judge(
    candidate: PipelineModel,
    current: CurrentModel | None,
    *,
    test_features: DataFrame,
    test_month: Month,
    settings: Settings,
) -> Verdict:
    """
    Compare a candidate with the current model on the same trips.

    Parameters
    ----------
    candidate : PipelineModel
        The new model.
    current : CurrentModel or None
        The model in production.
    test_features : DataFrame
        The 12 features and ``total_amount`` of the test trips.
    test_month : Month
        Their month.
    settings : Settings
        Quality gates and promotion rule.

    Returns
    -------
    Verdict
        The figures and the decision.
    """
    scored, predictions = test_features, [PREDICTION]
    if current is not None:
        scored = _predicted(current.model, scored, CURRENT_PREDICTION)
        predictions.append(CURRENT_PREDICTION)
    scored = _predicted(candidate, scored, PREDICTION).cache()
    metrics = score(scored, predictions=predictions)
    theirs = metrics.get(CURRENT_PREDICTION)
    gates = check_quality(metrics[PREDICTION], gates=settings.gates)
    decision = decide(
        metrics[PREDICTION].comparable(),
        theirs.comparable() if theirs else None,
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


def _predicted(model: PipelineModel, rows: DataFrame, name: str) -> DataFrame:
    predicted = model.transform(rows)
    return predicted.select(*rows.columns, F.col(PREDICTION).alias(name))
