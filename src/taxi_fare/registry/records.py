"""What the registry remembers: decisions, slots, and how they change."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from taxi_fare.core.documents import Moment, MonthName, Part
from taxi_fare.core.evidence import Gain
from taxi_fare.core.manifest import Metrics
from taxi_fare.registry.succession import succession

Event = Literal["promoted", "kept", "refused", "rolled_back"]


class _Record(Part):
    """A part of the registry's state: written with every key it has."""

    def to_document(self) -> dict[str, Any]:
        """Return the record as ``json`` can write it."""
        return self.model_dump(mode="json")


class HistoryEntry(_Record):
    """
    One decision, or one return to an earlier model.

    Examples
    --------
    >>> registry = open_registry("models/registry", load_settings())
    >>> latest = registry.read().history[-1]
    >>> latest.test_month, sorted(latest.metrics)
    ('2023-04', ['mae', 'r2', 'rmse'])
    """

    run_id: str = Field(description="The run that took it.")
    run_key: str | None = Field(
        description="Equal for equal runs; None for a change by hand."
    )
    model_id: str = Field(
        description="The candidate, or the model gone back to."
    )
    timestamp: Moment
    event: Event
    reason: str = Field(description="For people.")
    train_months: tuple[MonthName, ...]
    test_month: MonthName
    metrics: Metrics
    current_metrics: Metrics | None = Field(
        None, description="Of the current model on the same trips."
    )
    compared_with: str | None = Field(None, description="That model.")
    gains: dict[str, Gain] | None = Field(
        None,
        exclude_if=lambda gains: gains is None,
        description="How sure the difference is, by metric.",
    )
    simulated: bool = Field(
        description="Whether any trip came from the project's simulator."
    )
    decided_by: Literal["rule", "person"] = Field(
        "rule",
        exclude_if=lambda by: by == "rule",
        description="Missing: the rule; of a rollback, a person.",
    )
    request_id: str | None = Field(
        None,
        exclude_if=lambda asked: asked is None,
        description="Of who asked for it: asked again with the same one, it"
        " is not done again. Missing: before there were any.",
    )


class Slots(_Record):
    """The two pointers to versions; missing: the slot is empty."""

    current: str | None = Field(None, description="In production.")
    candidate: str | None = Field(
        None, description="The latest model that was not promoted."
    )


class RegistryState(_Record):
    """
    The content of ``model_registry.json``.

    Examples
    --------
    >>> state = open_registry("models/registry", load_settings()).read()
    >>> state.current, state.candidate, state.before_current()
    ('second', None, 'first')
    """

    schema_version: Literal[1] = Field(
        1, description="Of the layout; another one is refused."
    )
    generation: int = Field(0, description="Rises with each change.")
    slots: Slots = Slots()
    history: tuple[HistoryEntry, ...] = Field(
        (), description="Every decision, the oldest first."
    )
    pruned: tuple[str, ...] = Field(
        (),
        description="Versions that are being removed, or were, and never come"
        " back. Only a registry in a store needs it: a folder has a lock.",
    )

    def to_document(self) -> dict[str, Any]:
        """
        Return the record as ``json`` can write it.

        Returns
        -------
        dict
            Its fields; ``pruned`` only where there is any.
        """
        document = super().to_document()
        if not self.pruned:
            del document["pruned"]
        return document

    @property
    def current(self) -> str | None:
        """Version in production."""
        return self.slots.current

    @property
    def candidate(self) -> str | None:
        """Latest version that was not promoted."""
        return self.slots.candidate

    def after(self, entry: HistoryEntry) -> "RegistryState":
        """
        Return the state once something has happened.

        Parameters
        ----------
        entry : HistoryEntry
            What happened.

        Returns
        -------
        RegistryState
            The next generation.
        """
        current, candidate = self.current, self.candidate
        if entry.event == "promoted":
            current, candidate = entry.model_id, None
        elif entry.event == "rolled_back":
            current = entry.model_id
            candidate = None if candidate == current else candidate
        else:
            candidate = entry.model_id
        # A copy keeps what another version of this code has added.
        slots = {"current": current, "candidate": candidate}
        changes = {
            "generation": self.generation + 1,
            "slots": self.slots.model_copy(update=slots),
            "history": (*self.history, entry),
        }
        return self.model_copy(update=changes)

    def giving_up(self, versions: Iterable[str]) -> "RegistryState":
        """
        Return the state in which versions may be removed.

        Parameters
        ----------
        versions : iterable of str
            Versions that nobody needs; those of slots stay.

        Returns
        -------
        RegistryState
            The same, with more of them ``pruned``.
        """
        slots = {self.current, self.candidate}
        more = set(versions) - slots - set(self.pruned)
        pruned = (*self.pruned, *sorted(more))
        return self.model_copy(update={"pruned": pruned})

    def recorded(self) -> set[str]:
        """
        Return every version that the history knows.

        Returns
        -------
        set of str
            Those that were removed since, too.
        """
        return {entry.model_id for entry in self.history}

    def find_run(
        self, run_key: str | None, *, request_id: str | None = None
    ) -> HistoryEntry | None:
        """
        Find a run that did the same, or a change that was asked for.

        Parameters
        ----------
        run_key : str or None
            Of the run that was asked for; None for a change by hand.
        request_id : str, optional
            Of the request; a change by hand is found by nothing else.

        Returns
        -------
        HistoryEntry or None
            The latest of them.
        """
        for entry in reversed(self.history):
            is_asked = request_id in {None, entry.request_id}
            sought = run_key or request_id
            if sought and is_asked and entry.run_key == run_key:
                return entry
        return None

    def before_current(self) -> str | None:
        """
        Return the version that was current before the current one.

        Returns
        -------
        str or None
            What a rollback goes back to; going back twice goes back two
            versions.
        """
        line = succession(self.history)
        return line[-2] if len(line) > 1 else None

    def named(self, *, recent: int) -> set[str]:
        """
        Return the versions that must not be pruned.

        Parameters
        ----------
        recent : int
            How many of the last history entries count.

        Returns
        -------
        set of str
            Those in a slot, those of recent decisions, and as many that
            rollbacks would go back to.
        """
        recorded = {entry.model_id for entry in self.history[-recent:]}
        slots = {self.current, self.candidate, self.before_current()}
        line = succession(self.history)[-recent:]
        return recorded.union(line, filter(None, slots))
