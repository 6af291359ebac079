"""What MLflow holds of ours, and how it is told more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    Metric,
    Param,
    RunTag,
    ViewType,
)
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT, MLFLOW_RUN_NAME
from requests import RequestException

from taxi_fare.core.errors import TemporaryError
from taxi_fare.mirroring.facts import MODEL_ID, RUN_ID, Facts

MODEL_FOLDER = "model"
# As many as MLflow gives at once, and takes at once.
_PAGE = 1_000
_AT_ONCE = 100
_FINISHED = "FINISHED"


class Tracker:
    """
    An MLflow, by the address in its own environment variables.

    Parameters
    ----------
    experiment : str
        Where runs go; it is made if it is not there.
    registered_model : str
        What versions are of; the same.
    """

    def __init__(self, experiment: str, registered_model: str) -> None:
        self.registered_model = registered_model
        self._client = MlflowClient()
        self._experiment_id = self._experiment(experiment)
        self._runs = dict(self._known_runs())
        self._versions = dict(self._known_versions())

    def is_told(self, run_id: str) -> bool:
        """Tell whether a decision is mirrored to the end."""
        return self._runs.get(run_id, ("", ""))[1] == _FINISHED

    def version_of(self, model_id: str) -> str | None:
        """Return the number that MLflow gave a version of ours."""
        return self._versions.get(model_id)

    def tell(self, facts: Facts) -> str:
        """
        Write down what is known of a decision.

        Once more, it says the same: what was cut off goes on.

        Returns
        -------
        str
            MLflow's own id of the run.
        """
        client, our_id = self._client, facts.tags[RUN_ID]
        if our_id in self._runs:
            run_id = self._runs[our_id][0]
        else:
            run_id = client.create_run(
                self._experiment_id,
                start_time=facts.started,
                tags={RUN_ID: our_id, MLFLOW_RUN_NAME: facts.name},
            ).info.run_id
            self._runs[our_id] = run_id, "RUNNING"
        client.log_batch(
            run_id,
            metrics=[
                Metric(name, value, facts.ended, 0)
                for name, value in facts.metrics.items()
            ],
            params=[Param(*each) for each in facts.parameters.items()],
            tags=[RunTag(*each) for each in facts.tags.items()],
        )
        data = [
            DatasetInput(
                Dataset(each.month, each.digest, "lake", each.month),
                [InputTag(MLFLOW_DATASET_CONTEXT, each.use)],
            )
            for each in facts.data
        ]
        if data:
            client.log_inputs(run_id, datasets=data)
        return str(run_id)

    def attach(self, run_id: str, folder: Path, *, name: str) -> None:
        """Hand the files of a folder over, under a name."""
        self._client.log_artifacts(run_id, str(folder), name)

    def register(self, run_id: str, tags: dict[str, str]) -> None:
        """Make the model that a run holds a version."""
        self._require_registered_model()
        made = self._client.create_model_version(
            self.registered_model,
            source=f"runs:/{run_id}/{MODEL_FOLDER}",
            run_id=run_id,
            tags=tags,
            # Nothing is to wait for: the files are there.
            await_creation_for=0,
        )
        self._versions[tags[MODEL_ID]] = str(made.version)

    def end(self, facts: Facts, run_id: str) -> None:
        """Say that all is told of a decision."""
        self._client.set_terminated(run_id, _FINISHED, facts.ended)
        self._runs[facts.tags[RUN_ID]] = run_id, _FINISHED

    def point(self, alias: str, model_id: str | None) -> bool:
        """
        Let an alias follow a slot; nothing is written that is so already.

        Returns
        -------
        bool
            Whether it was elsewhere.
        """
        version = self._versions.get(model_id) if model_id else None
        now = self._aliases().get(alias)
        if version == now:
            return False
        if version is not None:
            self._client.set_registered_model_alias(
                self.registered_model, alias, version
            )
        else:
            # What it names is not what the slot holds.
            self._client.delete_registered_model_alias(
                self.registered_model, alias
            )
        return True

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is None:
            return str(self._client.create_experiment(name))
        return str(found.experiment_id)

    def _known_runs(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Read which decisions are there; also those somebody deleted."""
        token: str | None = None
        while token != "":
            page = self._client.search_runs(
                [self._experiment_id],
                f"tags.`{RUN_ID}` != ''",
                ViewType.ALL,
                max_results=_PAGE,
                page_token=token,
            )
            for run in page:
                deleted = run.info.lifecycle_stage == "deleted"
                status = _FINISHED if deleted else run.info.status
                yield run.data.tags[RUN_ID], (run.info.run_id, status)
            token = page.token or ""

    def _known_versions(self) -> Iterator[tuple[str, str]]:
        token: str | None = None
        while token != "":
            page = self._client.search_model_versions(
                f"name = '{self.registered_model}'",
                max_results=_AT_ONCE,
                page_token=token,
            )
            for each in page:
                if MODEL_ID in each.tags:
                    yield each.tags[MODEL_ID], str(each.version)
            token = page.token or ""

    def _aliases(self) -> dict[str, str]:
        try:
            found = self._client.get_registered_model(self.registered_model)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return {}
            raise
        return {name: str(x) for name, x in found.aliases.items()}

    def _require_registered_model(self) -> None:
        try:
            self._client.create_registered_model(self.registered_model)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise


@contextmanager
def mlflow_errors() -> Iterator[None]:
    """Say in our words what MLflow, or the way to it, refuses."""
    try:
        yield
    # Files go over HTTP past MLflow's own exceptions.
    except (MlflowException, RequestException) as error:
        raise TemporaryError(
            f"MLflow did not take it: {error!s:.300}",
            expected="a tracking server at MLFLOW_TRACKING_URI that answers",
            remedy="look at the server; `taxi-fare registry mirror` goes on"
            " where it ended.",
        ) from error
