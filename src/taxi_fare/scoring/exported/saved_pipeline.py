"""Read the stages of a pipeline model that Spark saved, without Spark."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow.parquet as pq

from taxi_fare.core.errors import ModelRefusedError
from taxi_fare.scoring.exported.slots import Slot
from taxi_fare.scoring.portable_model import PortableModel

# Of each categorical feature, by index.
Levels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class SavedStage:
    """A stage on disk: its class without the package, and what it is told."""

    folder: Path
    kind: str
    params: dict[str, Any]

    def inputs(self) -> list[str]:
        """Return the columns that the stage reads."""
        return list(self.params["inputCols"])

    def outputs(self) -> list[str]:
        """
        Return the columns that the stage makes of its inputs, one of each.
        """
        return list(self.params["outputCols"])

    def rows(self, table: str = "data") -> list[dict[str, Any]]:
        """Read what the stage has learnt."""
        files = sorted((self.folder / table).glob("part-*"))
        return [
            row for file in files for row in pq.read_table(file).to_pylist()
        ]


class Exporter(Protocol):
    """What makes a portable model of a saved estimator."""

    def __call__(
        self, stage: SavedStage, *, inputs: Sequence[Slot], levels: Levels
    ) -> PortableModel:
        """Rebuild the model; ``inputs`` are what the estimator was given."""


def not_exportable(found: str) -> ModelRefusedError:
    """Return the error of a stage that is not known here."""
    return ModelRefusedError(
        f"The model cannot be exported: {found}.",
        expected="stages that taxi_fare.features.encode makes, and trees of"
        " MLlib or XGBoost",
        remedy="teach taxi_fare.scoring.exported.pipeline the new stage;"
        " nothing was recorded.",
    )


def read_stages(folder: Path) -> list[SavedStage]:
    """Read the stages of a saved pipeline model."""
    uids = _metadata(folder)["paramMap"]["stageUids"]
    # Spark writes the position in front, with as many digits as it needs.
    width = len(str(len(uids)))
    return [
        _stage(folder / "stages" / f"{position:0{width}d}_{uid}")
        for position, uid in enumerate(uids)
    ]


def _stage(folder: Path) -> SavedStage:
    metadata = _metadata(folder)
    return SavedStage(
        folder,
        metadata["class"].rpartition(".")[2],
        metadata["defaultParamMap"] | metadata["paramMap"],
    )


def _metadata(folder: Path) -> dict[str, Any]:
    parts = sorted((folder / "metadata").glob("part-*"))
    document: dict[str, Any] = json.loads(
        "".join(part.read_text(encoding="utf-8") for part in parts)
    )
    return document
