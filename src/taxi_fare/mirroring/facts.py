"""What MLflow is told of a decision: tags, parameters, figures, data."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxi_fare.core.manifest import Manifest
from taxi_fare.registry.records import HistoryEntry

# Ours are told from everybody else's.
_PREFIX = "taxi_fare."
RUN_ID = f"{_PREFIX}run_id"
MODEL_ID = f"{_PREFIX}model_id"
# MLflow refuses more of one value.
_LONGEST = 5_000
_LONGEST_DIGEST = 36


@dataclass(frozen=True)
class Data:
    """A month of the lake that a model has seen."""

    month: str
    digest: str
    use: str


@dataclass(frozen=True)
class Facts:
    """
    A decision in MLflow's terms.

    Parameters
    ----------
    started, ended : int
        Milliseconds since 1970, UTC.
    """

    name: str
    tags: dict[str, str]
    parameters: dict[str, str]
    metrics: dict[str, float]
    data: tuple[Data, ...]
    started: int
    ended: int


def facts_of(entry: HistoryEntry, manifest: Manifest | None) -> Facts:
    """
    Return what is told of a decision.

    Parameters
    ----------
    manifest : Manifest or None
        Of the version that it is about; None when that was pruned.
    """
    # A person decides about a model that another run made.
    of_run = manifest is not None and manifest.run_id == entry.run_id
    made = manifest if of_run else None
    ended = int(datetime.fromisoformat(entry.timestamp).timestamp() * 1000)
    seconds = sum(made.seconds.values()) if made else 0.0
    name = entry.model_id
    if entry.decided_by == "person" or entry.event == "rolled_back":
        name = f"{entry.event} {entry.model_id}"
    return Facts(
        name=name,
        tags=_tags(entry, made),
        parameters=_parameters(entry, made),
        metrics=dict(_metrics(entry, made)),
        data=tuple(_data(made)) if made else (),
        started=ended - int(seconds * 1000),
        ended=ended,
    )


def tags_of_version(manifest: Manifest) -> dict[str, str]:
    """Return what tells a version of ours from others."""
    told = {
        MODEL_ID: manifest.model_id,
        RUN_ID: manifest.run_id,
        f"{_PREFIX}run_key": manifest.run_key,
        f"{_PREFIX}fingerprints": _text(manifest.fingerprints),
        f"{_PREFIX}git_commit": manifest.git_commit,
        f"{_PREFIX}decision": manifest.promotion.decision,
        f"{_PREFIX}simulated": _text(manifest.simulated),
    }
    return _told(told)


def _tags(entry: HistoryEntry, made: Manifest | None) -> dict[str, str]:
    told: dict[str, str | None] = {
        "mlflow.source.name": "taxi-fare",
        "mlflow.source.type": "JOB",
        "mlflow.note.content": f"{entry.event}: {entry.reason}",
        RUN_ID: entry.run_id,
        MODEL_ID: entry.model_id,
        f"{_PREFIX}run_key": entry.run_key,
        f"{_PREFIX}decision": entry.event,
        f"{_PREFIX}reason": entry.reason,
        f"{_PREFIX}decided_by": entry.decided_by,
        f"{_PREFIX}compared_with": entry.compared_with,
        f"{_PREFIX}simulated": _text(entry.simulated),
    }
    if made is not None:
        missed = [each.gate for each in made.gates if not each.passed]
        told |= {
            "mlflow.source.git.commit": made.git_commit,
            f"{_PREFIX}fingerprints": _text(made.fingerprints),
            f"{_PREFIX}gates_missed": _text(missed),
        }
    return _told(told)


def _parameters(entry: HistoryEntry, made: Manifest | None) -> dict[str, str]:
    told: dict[str, str | None] = {
        "train_months": ", ".join(entry.train_months),
        "test_month": entry.test_month,
    }
    if made is not None:
        used = made.recipe
        told |= {
            "recipe": used.name,
            "algorithm": used.algorithm,
            "encoding": used.encoding,
            "tariff": _text(used.tariff),
            "partitions": _text(used.partitions),
            "seed": _text(made.seed),
            "promotion_rule": made.promotion.rule,
        }
        told |= {name: _text(x) for name, x in used.parameters.items()}
    return _told(told)


def _metrics(
    entry: HistoryEntry, made: Manifest | None
) -> Iterator[tuple[str, float]]:
    measured = made.metrics if made else entry.metrics
    yield from measured.items()
    for name, value in (entry.current_metrics or {}).items():
        yield f"current.{name}", value
    for name, gain in (entry.gains or {}).items():
        ends = gain.interval or (None, None)
        for end, value in zip(
            ("", ".lower", ".upper"), (gain.gain, *ends), strict=True
        ):
            if value is not None:
                yield f"gain.{name}{end}", value
    if made is not None:
        yield "train_rows", made.data.train_rows
        yield "test_rows", made.data.test_rows
        for stage, seconds in made.seconds.items():
            yield f"seconds.{stage}", seconds


def _data(made: Manifest) -> Iterator[Data]:
    for month, fingerprint in made.fingerprints.items():
        use = "test" if month == made.data.test_month else "training"
        yield Data(month, fingerprint[:_LONGEST_DIGEST], use)


def _told(told: Mapping[str, str | None]) -> dict[str, str]:
    """Leave out what is not known, and the end of what is too long."""
    return {name: text[:_LONGEST] for name, text in told.items() if text}


def _text(value: Any) -> str:
    """Return a value as JSON writes it; a text stays what it is."""
    return value if isinstance(value, str) else json.dumps(value)
