"""``model_registry.json`` in an S3 store: replaced by compare-and-swap."""

from dataclasses import dataclass

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.files import to_json
from taxi_fare.core.registry_files import STATE_FILE
from taxi_fare.registry.in_store.objects import StoreObjects
from taxi_fare.registry.in_store.versions import StoreVersions
from taxi_fare.registry.records import RegistryState
from taxi_fare.registry.state import missing_state, parse_state

_PROBE = "conditional-writes.txt"
_PROBE_TEXT = b"""\
The model registry writes this object only to find out whether the store
keeps conditions (If-None-Match and If-Match). It holds nothing.
"""
_STALE = '"00000000000000000000000000000000"'


@dataclass(frozen=True)
class Seen:
    """
    A state, and what must not have changed when it is replaced.

    Parameters
    ----------
    e_tag : str or None
        Of its object; None when there was none.
    """

    state: RegistryState
    e_tag: str | None


class StoreState:
    """The state of a registry in a store."""

    def __init__(self, objects: StoreObjects, versions: StoreVersions) -> None:
        self._objects = objects
        self._versions = versions

    def read(self) -> Seen:
        """
        Read the state, an empty one when there is none.

        Raises
        ------
        RegistryConflictError
            If it is damaged, or missing while there are versions.
        """
        found, place = self._objects.get(STATE_FILE), self._place()
        if found is not None:
            content, e_tag = found
            return Seen(parse_state(content, place), e_tag)
        if not self._versions.names():
            return Seen(RegistryState(), None)
        # Another process may have made both since it was looked for.
        if self._objects.get(STATE_FILE) is None:
            raise missing_state(place)
        return self.read()

    def replace(self, seen: Seen, after: RegistryState) -> bool:
        """Replace the state, unless somebody else has done so."""
        generation = seen.state.generation + 1
        after = after.model_copy(update={"generation": generation})
        content = _bytes(after)
        if seen.e_tag is None:
            return self._objects.put_new(STATE_FILE, content)
        return self._objects.put_over(
            STATE_FILE, content=content, e_tag=seen.e_tag
        )

    def create(self) -> None:
        """Write an empty state where there is none."""
        # From now on, versions without it are a contradiction.
        if self.read().e_tag is None:
            self._objects.put_new(STATE_FILE, _bytes(RegistryState()))

    def require_conditions(self) -> None:
        """
        Find out whether the store keeps conditions: it must.

        Raises
        ------
        EnvironmentLackError
            If it overwrites what it was told not to: two processes at once
            could each record a decision and one of them would be lost.
        """
        put_new, put_over = self._objects.put_new, self._objects.put_over
        overwrites = (
            put_new(_PROBE, _PROBE_TEXT) and put_new(_PROBE, _PROBE_TEXT)
        ) or put_over(_PROBE, content=_PROBE_TEXT, e_tag=_STALE)
        if overwrites:
            raise EnvironmentLackError(
                f"The store of {self._objects.url} does not keep conditions:"
                f" it has overwritten {_PROBE} against If-None-Match or"
                " If-Match.",
                expected="a store with conditional writes, such as Amazon S3,"
                " MinIO or versitygw",
                remedy="update the store, use another one, or keep the"
                " registry in a folder.",
            )

    def _place(self) -> str:
        return f"{self._objects.url}/{STATE_FILE}"


def _bytes(state: RegistryState) -> bytes:
    return (to_json(state.to_document()) + "\n").encode()
