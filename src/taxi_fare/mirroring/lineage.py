"""Tell a lineage service what a command reads and writes: OpenLineage."""

import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    InputDataset,
    Job,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)
from openlineage.client.facet_v2 import (
    DatasetFacet,
    JobFacet,
    RunFacet,
    dataset_version_dataset,
    error_message_run,
    job_type_job,
    parent_run,
)
from openlineage.client.uuid import generate_new_uuid

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.interruption import INTERRUPTED
from taxi_fare.core.usage import Usage, noting

# What dbt and others are told the run by that has started theirs.
PARENT = "OPENLINEAGE_PARENT_ID"
_ROOT_PARENT = "OPENLINEAGE_ROOT_PARENT_ID"
_NAMESPACE = "OPENLINEAGE_NAMESPACE"
# So long a command waits, at its end, for what was to be told.
_THREAD = "openlineage"
_PATIENCE_SECONDS = 5
# Each attempt of theirs would be a line in the log.
_NOISY = ("openlineage", "urllib3.connectionpool")
_logger = logging.getLogger(__name__)


@contextmanager
def lineage_of(command: str) -> Iterator[None]:
    """
    Tell that a command begins, and how it ends.

    Nothing that happens on the way there changes the command.

    Parameters
    ----------
    command : str
        Such as ``train`` or ``check.data``.
    """
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
    teller = _Teller(command)
    with noting() as usage:
        teller.tell(RunState.START, usage)
        try:
            yield
        except BaseException as error:
            state, words = _ending(error)
            teller.tell(state, usage, words)
            raise
        else:
            teller.tell(RunState.COMPLETE, usage)
        finally:
            teller.wait()


class _Teller:
    """One run of one command."""

    def __init__(self, command: str) -> None:
        namespace = os.environ.get(_NAMESPACE) or "taxi-fare"
        self._run_id = str(generate_new_uuid())
        self._parent = _parent(os.environ)
        kind = job_type_job.JobTypeJobFacet(
            processingType="BATCH", integration="TAXI_FARE", jobType="COMMAND"
        )
        facets: dict[str, JobFacet] = {"jobType": kind}
        self._job = Job(namespace, f"taxi_fare.{command}", facets)
        self._threads: list[threading.Thread] = []
        self._given_up = threading.Event()
        self._client: OpenLineageClient | None = None

    def tell(self, state: RunState, usage: Usage, words: str = "") -> None:
        """Say what is known now, in a thread: a service may be slow."""
        facets: dict[str, RunFacet] = {}
        if self._parent is not None:
            facets["parent"] = self._parent
        if words:
            facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(
                words, "python"
            )
        event = RunEvent(
            eventType=state,
            eventTime=datetime.now(UTC).isoformat(),
            run=Run(self._run_id, facets),
            job=self._job,
            inputs=[
                InputDataset(*_named(place), facets=_version(version))
                for place, version in _whole(usage.read)
            ],
            outputs=[
                OutputDataset(*_named(place), facets=_version(version))
                for place, version in _whole(_left(usage))
            ],
        )
        before = [*self._threads]
        thread = threading.Thread(
            target=self._emit, args=(event, before), name=_THREAD, daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Give what was told some seconds to arrive."""
        last = self._threads[-1]
        last.join(_PATIENCE_SECONDS)
        if last.is_alive():
            self._given_up.set()
            _logger.warning(
                "OpenLineage was not told all within %s s", _PATIENCE_SECONDS
            )

    def _emit(
        self, event: RunEvent, before: Sequence[threading.Thread]
    ) -> None:
        for thread in before:  # in the order in which it happened
            thread.join()
        try:
            self._client = self._client or OpenLineageClient()
            self._client.emit(event)
        except Exception as error:
            # What ends after the command has no last word.
            if not self._given_up.is_set():
                kind = type(error).__name__
                _logger.warning("OpenLineage was not told: %s", kind)


def _ending(error: BaseException) -> tuple[RunState, str]:
    """Return how a command ended that raised, and why, without secrets."""
    if isinstance(error, SystemExit):
        code = error.code
        if code is None or code == 0:
            return RunState.COMPLETE, ""
        if code in INTERRUPTED:
            return RunState.ABORT, ""
        return RunState.FAIL, f"exit code {code}"
    if isinstance(error, KeyboardInterrupt):
        return RunState.ABORT, ""
    if isinstance(error, TaxiFareError):
        return RunState.FAIL, error.found
    return RunState.FAIL, type(error).__name__


def _left(usage: Usage) -> dict[str, str | None]:
    """Return what was written and is there; what was staged has moved on."""
    return {
        place: version
        for place, version in usage.written.items()
        if "://" in place or os.path.lexists(place)
    }


def _whole(
    used: Mapping[str, str | None],
) -> Iterator[tuple[str, str | None]]:
    """Leave out what lies in another: it is a part of it."""
    for place, version in sorted(used.items()):
        if not any(place.startswith(f"{other}/") for other in used):
            yield place, version


def _version(version: str | None) -> dict[str, DatasetFacet]:
    if version is None:
        return {}
    facet = dataset_version_dataset.DatasetVersionDatasetFacet(version)
    return {"version": facet}


def _named(place: str) -> tuple[str, str]:
    """Return namespace and name of a place."""
    parts = urlsplit(place)
    if not parts.netloc:
        return "file", place
    scheme = "s3" if parts.scheme.startswith("s3") else parts.scheme
    return f"{scheme}://{parts.netloc}", parts.path.strip("/") or "/"


def _parent(environment: Mapping[str, str]) -> RunFacet | None:
    """Return the run that started this one, if it says so."""
    told = _parsed(environment, PARENT)
    if told is None:
        return None
    namespace, name, run_id = told
    root = _parsed(environment, _ROOT_PARENT)
    return parent_run.ParentRunFacet(
        run=parent_run.Run(run_id),
        job=parent_run.Job(namespace, name),
        root=None
        if root is None
        else parent_run.Root(
            run=parent_run.RootRun(root[2]),
            job=parent_run.RootJob(root[0], root[1]),
        ),
    )


def _parsed(
    environment: Mapping[str, str], name: str
) -> tuple[str, str, str] | None:
    """Part ``namespace/name/run id``; a name may have slashes in it."""
    text = environment.get(name, "")
    if not text:
        return None
    above, _, run_id = text.rpartition("/")
    namespace, _, job = above.partition("/")
    try:
        UUID(run_id)
    except ValueError:
        job = ""
    if not (namespace and job):
        _logger.warning("%s is no namespace/name/UUID: nobody's child", name)
        return None
    return namespace, job, run_id
