"""``taxi-fare registry promote|rollback``: a person decides."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.compare_versions import Version
from taxi_fare.cli.show import new_console, print_json
from taxi_fare.cli.show_registry import show_change
from taxi_fare.core.errors import WrongUsageError

if TYPE_CHECKING:
    from taxi_fare.registry.contract import ModelRegistry
    from taxi_fare.registry.records import RegistryState

To = Annotated[
    str | None,
    typer.Option(help="Version to go back to. Default: the one before."),
]
Reason = Annotated[str, typer.Option(help="Why, for the history.")]
Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Do not ask whether it is to be."),
]
DespiteGates = Annotated[
    bool,
    typer.Option(
        "--despite-gates", help="Though it missed a quality gate: not advised."
    ),
]


def rollback(
    *,
    reason: Reason,
    to: To = None,
    yes: Yes = False,
    request_id: options.RequestId = None,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    json: options.Json = False,
) -> None:
    """Make the model before the current one current again."""
    from taxi_fare.registry import by_hand
    from taxi_fare.registry.named_version import named_version

    _Change(model_registry_path, request_id, yes=yes, json=json).make(
        partial(by_hand.roll_back, reason=reason),
        find=partial(named_version, to=to, option="--to"),
        asked_for=("to", to),
    )


def promote(
    version: Version,
    *,
    reason: Reason,
    despite_gates: DespiteGates = False,
    yes: Yes = False,
    request_id: options.RequestId = None,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    json: options.Json = False,
) -> None:
    """Make a version current because a person decides so."""
    from taxi_fare.registry import by_hand
    from taxi_fare.registry.named_version import promotable

    change = by_hand.promote
    find = partial(promotable, version=version)
    if despite_gates:
        change = by_hand.promote_despite_gates
        find = partial(find, despite_gates=True)
    _Change(model_registry_path, request_id, yes=yes, json=json).make(
        partial(change, reason=reason),
        find=find,
        asked_for=("version", version),
    )


@dataclass(frozen=True)
class _Change:
    """A change of production that somebody asks for."""

    place: str
    request_id: str | None
    yes: bool
    json: bool

    def make(
        self,
        change: "Callable[..., RegistryState]",
        *,
        find: Callable[..., str],
        asked_for: tuple[str, str | None],
    ) -> None:
        """
        Show what is to change, ask, change it, and say what became of it.

        Parameters
        ----------
        find : callable
            Returns the version that is to be current, or raises.
        asked_for : tuple of str
            What the change calls that version, and as it was given.
        """
        from taxi_fare.core.documents import new_run_id
        from taxi_fare.core.settings import load_settings
        from taxi_fare.workflows.mirror import follow_decision

        registry, state = _read(self.place)
        name, target = asked_for
        run_id = new_run_id()
        request = self.request_id or run_id
        if state.find_run(None, request_id=request) is None:
            # The very one that is shown, whatever happens meanwhile.
            target = find(registry, state=state)
            self._ask(registry, current=state.current, target=target)
        named = {name: target, "run_id": run_id, "request_id": request}
        state = change(registry, **named)
        follow_decision(self.place, load_settings())
        self._tell(state, run_id=run_id, request=request)

    def _ask(
        self, registry: "ModelRegistry", *, current: str | None, target: str
    ) -> None:
        if self.yes:
            return
        versions = registry.versions
        shown = [each for each in (current, target) if each]
        show_change(
            current, target, {each: versions.manifest(each) for each in shown}
        )
        if self.json or not sys.stdin.isatty():
            raise WrongUsageError(
                "Nobody is there to be asked whether it is to be.",
                expected="--yes from a program, or a terminal",
                remedy="add --yes.",
            )
        typer.confirm("Change what is in production?", abort=True, err=True)

    def _tell(
        self, state: "RegistryState", *, run_id: str, request: str
    ) -> None:
        done = state.find_run(None, request_id=request)
        if done is None:
            raise TypeError("a change that was recorded is not in the history")
        before, again = done.compared_with, done.run_id != run_id
        if self.json:
            told = {"before": before, "current": done.model_id}
            print_json(told | {"request_id": request, "done_before": again})
            return
        console = new_console(soft_wrap=True)
        console.print(f"Current model: {done.model_id} (before: {before})")
        if again:
            console.print(
                f"The request {request} was carried out at {done.timestamp};"
                f" nothing was changed now. Current is {state.current}."
            )


def _read(place: str) -> "tuple[ModelRegistry, RegistryState]":
    registry = options.open_registry(place)
    return registry, registry.read()
