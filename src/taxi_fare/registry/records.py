"""What the registry remembers: decisions, slots, and how they change."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Event = Literal["promoted", "kept", "refused", "rolled_back"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)

    def to_document(self) -> dict[str, Any]:
        """Return the record as ``json`` can write it."""
        return self.model_dump(mode="json")


class HistoryEntry(_Record):
    """
    One decision, or one return to an earlier model.

    Parameters
    ----------
    run_id : str
        The run that took it.
    run_key : str or None
        Equal for equal runs; None for a rollback.
    model_id : str
        The version it is about: the candidate, or the model gone back to.
    timestamp : str
        UTC, ISO 8601.
    event : {'promoted', 'kept', 'refused', 'rolled_back'}
        What happened.
    reason : str
        Why, for people.
    train_months : tuple of str
        What the version was trained on.
    test_month : str
        What it was tested on.
    metrics : dict of str to float
        ``rmse`` and ``mae`` in dollars, ``r2``.
    current_metrics : dict of str to float, optional
        Of the current model on the same trips; None when there was none.
    compared_with : str, optional
        That model.
    simulated : bool
        Whether any trip came from the project's simulator.
    """

    run_id: str
    run_key: str | None
    model_id: str
    timestamp: str
    event: Event
    reason: str
    train_months: tuple[str, ...]
    test_month: str
    metrics: dict[str, float]
    current_metrics: dict[str, float] | None = None
    compared_with: str | None = None
    simulated: bool


class Slots(_Record):
    """
    The two pointers to versions.

    Parameters
    ----------
    current : str, optional
        The model in production.
    candidate : str, optional
        The latest model that was not promoted.
    """

    current: str | None = None
    candidate: str | None = None


class RegistryState(_Record):
    """
    The content of ``model_registry.json``.

    Parameters
    ----------
    schema_version : {1}
        Of this layout; another one is refused.
    generation : int
        Rises by one with each change.
    slots : Slots
        Which versions are current and candidate.
    history : tuple of HistoryEntry
        Every decision, the oldest first.
    pruned : tuple of str
        Versions that are being removed, or were, and never come back. Only a
        registry in a store needs it: a folder has a lock instead.
    """

    schema_version: Literal[1] = 1
    generation: int = 0
    slots: Slots = Slots()
    history: tuple[HistoryEntry, ...] = ()
    pruned: tuple[str, ...] = ()

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
        slots = self.slots
        if entry.event == "promoted":
            slots = Slots(current=entry.model_id)
        elif entry.event == "rolled_back":
            left = slots.candidate
            slots = Slots(
                current=entry.model_id,
                candidate=None if left == entry.model_id else left,
            )
        else:
            slots = Slots(current=slots.current, candidate=entry.model_id)
        return RegistryState(
            generation=self.generation + 1,
            slots=slots,
            history=(*self.history, entry),
            pruned=self.pruned,
        )

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

    def forgotten(self, *, recent: int) -> set[str]:
        """
        Return the versions of old decisions, which nobody needs.

        Parameters
        ----------
        recent : int
            How many of the last history entries count.

        Returns
        -------
        set of str
            Those of the history that ``named`` leaves out.
        """
        recorded = {entry.model_id for entry in self.history}
        return recorded - self.named(recent=recent)

    def find_run(self, run_key: str | None) -> HistoryEntry | None:
        """
        Find a run that did the same.

        Parameters
        ----------
        run_key : str or None
            Of the run that was asked for.

        Returns
        -------
        HistoryEntry or None
            The latest of them.
        """
        for entry in reversed(self.history):
            if run_key is not None and entry.run_key == run_key:
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
        stack: list[str] = []
        for entry in self.history:
            if entry.event == "rolled_back" and entry.model_id in stack:
                while stack[-1] != entry.model_id:
                    stack.pop()
            elif entry.event in {"promoted", "rolled_back"}:
                stack.append(entry.model_id)
        return stack[-2] if len(stack) > 1 else None

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
            Those in a slot, those of recent decisions, and the one that a
            rollback would go back to.
        """
        names = {entry.model_id for entry in self.history[-recent:]}
        names |= {
            name
            for name in (self.current, self.candidate, self.before_current())
            if name is not None
        }
        return names
