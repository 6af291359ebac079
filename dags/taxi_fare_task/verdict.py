"""What a command found out, short enough for people to read at a glance."""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]


def verdict_of(document: Document) -> dict[str, Any]:
    """
    Pick from a command's document what decides about the run.

    Parameters
    ----------
    document : mapping
        What a command printed with ``--json``; may be empty.

    Returns
    -------
    dict
        Decision, reason and metrics of a training; what a gate asked and
        found; how many trips were predicted; which months were ingested; what
        the watch said and why.
    """
    kinds = {
        "promotion": _training,
        "gate": _gate,
        "predicted_rows": _prediction,
        "lake": _ingest,
        "verdict": _watch,
    }
    for key, describe in kinds.items():
        if key in document:
            simulated = bool(document.get("simulated"))
            return describe(document) | {"simulated": simulated}
    return {}


def no_need_to_train(watched: Document, max_age_months: int) -> str:
    """
    Say why a month calls for no training.

    Parameters
    ----------
    watched : mapping
        Verdict of the watch on the month.
    max_age_months : int
        From which age on a model is trained again, whatever was found.

    Returns
    -------
    str
        The reason; empty where there is no model, where the watch says `act`,
        or the model is too old.
    """
    age = watched["age_months"]
    if age is None or age >= max_age_months or watched["verdict"] == "act":
        return ""
    return (
        f"The watch says {watched['verdict']!r}, and {watched['model_id']} is"
        f" {age} months old, less than {max_age_months}: nothing is trained"
        " (retrain: on_alarm)."
    )


def sentence(verdict: Document) -> str:
    """
    Say a verdict in one line of a log.

    Parameters
    ----------
    verdict : mapping
        From ``verdict_of``.

    Returns
    -------
    str
        Such as ``decision promoted, reason ..., rmse 3.91, ...``.
    """
    return ", ".join(
        f"{name} {_said(value)}" for name, value in verdict.items()
    )


def _said(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, Mapping):
        return f"({sentence(value)})"
    if isinstance(value, list):
        return "; ".join(map(_said, value)) or "none"
    return str(value)


def _training(document: Document) -> dict[str, Any]:
    promotion = document["promotion"]
    return {
        "decision": promotion["decision"],
        "reason": promotion["reason"],
        "metrics": _metrics(document["metrics"]),
        "current_metrics": _metrics(promotion.get("current_metrics")),
        "model_id": document["model_id"],
    }


def _gate(document: Document) -> dict[str, Any]:
    missed = [each for each in document["checks"] if not each["passed"]]
    return {
        "gate": document["gate"],
        "decision": "passed" if document["passed"] else "refused",
        "subject": document["subject"],
        "checks": len(document["checks"]),
        "missed": [f"{each['gate']}: {each['value']:g}" for each in missed],
    }


def _prediction(document: Document) -> dict[str, Any]:
    return {
        "predicted_rows": document["predicted_rows"],
        "rejected_rows": document["rejected_rows"],
        "metrics": _metrics(document.get("metrics")),
        "model_id": document["model_id"],
        "output": document["output"],
    }


def _watch(document: Document) -> dict[str, Any]:
    model = document["model"] or {}
    return {
        "verdict": document["verdict"],
        "reasons": document["reasons"],
        "notes": document["notes"],
        "model_id": model.get("model_id"),
        "age_months": model.get("age_months"),
    }


def _ingest(document: Document) -> dict[str, Any]:
    months = document["months"]
    return {
        "months": {each["month"]: each["status"] for each in months},
        "valid_rows": sum(each["valid_rows"] for each in months),
    }


def _metrics(metrics: Document | None) -> dict[str, Any] | None:
    # How many trips there were, and the one figure that is not judged.
    left_out = {"rows", "bias"}
    if not metrics:
        return None
    return {
        name: value for name, value in metrics.items() if name not in left_out
    }
