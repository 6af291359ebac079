"""Commands that are killed: ingest, train, promote, rollback, predict."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from ground import (
    Ground,
    Harm,
    documents_harmed,
    good,
    lay_raw,
    seconds_of,
)
from stage import KINDS, Stage, state_of
from tally import Tally

PROMOTER = Path(__file__).with_name("promoter.py")
# Before it, a command only reads its own code.
_FIRST_SHARE = 0.3


def kills(stage: Stage) -> Iterator[Tally]:
    """Kill each command at moments drawn from all of its time."""
    for kind in KINDS:
        ground = stage.ground(kind)
        yield _ingests(stage, ground, tries=stage.times(24))
        yield _promotions(stage, ground, tries=stage.times(20))
        yield _rollbacks(stage, ground, tries=stage.times(20))
        if kind != "versitygw":
            yield _predictions(stage, ground, tries=stage.times(8))
            yield _trains(stage, ground, tries=stage.times(6))


def _moments(stage: Stage, longest: float, tries: int) -> Iterator[float]:
    for _ in range(tries):
        yield longest * stage.random.uniform(_FIRST_SHARE, 1.05)


def _ingests(stage: Stage, ground: Ground, *, tries: int) -> Tally:
    """Two editions of two months take turns; each is whole or not there."""
    tally = Tally(f"ingest killed, {ground.name}")
    other = ground.home / "other"
    lay_raw(other, seed=8)
    editions = [ground.ingest("2023-01,2023-02") for _ in range(2)]
    editions[1] = tuple(
        each.replace(str(ground.home / "raw"), str(other / "raw"))
        for each in editions[1]
    )
    allowed = []
    for words in editions:
        longest = seconds_of(ground, *words)
        allowed.append(ground.months())
    turns = itertools.cycle(editions)
    for seconds in _moments(stage, longest, tries):
        ended = ground.killed(ground.start(*next(turns)), seconds)
        harm = ended.harm + documents_harmed(ground.home / "reports")
        tally.tried(f"{seconds:.2f} s", harm + _months_harmed(ground, allowed))
    good(ground.run(*editions[0]))
    after = _months_harmed(ground, allowed[:1])
    left = [name for name in ground.leftovers() if "2023/0" in name]
    tally.tried("the next one", [*after, *(("half-written", n) for n in left)])
    return tally


def _months_harmed(
    ground: Ground, allowed: list[dict[str, tuple[int, float] | str]]
) -> Harm:
    found = ground.months()
    harm: Harm = []
    for name in allowed[0]:
        if name not in found:
            harm.append(("lost", name))
        elif found[name] not in [each[name] for each in allowed]:
            harm.append(("half-written", f"{name}: {found[name]}"))
    more = sorted(set(found) - set(allowed[0]))
    return harm + [("half-written", name) for name in more]


def _registry_harmed(ground: Ground, before: set[str]) -> Harm:
    """Every decision is still known, and the current model is whole."""
    shown = ground.show()
    harm = shown.harm
    if shown.code:
        return [*harm, ("lost", f"exit {shown.code}: {shown.err}")]
    state = state_of(ground)
    gone = before - {each["run_id"] for each in state["history"]}
    return harm + [("lost", run_id) for run_id in gone]


def _decisions(ground: Ground) -> set[str]:
    return {each["run_id"] for each in state_of(ground)["history"]}


def _promotions(stage: Stage, ground: Ground, *, tries: int) -> Tally:
    tally = Tally(f"promotion killed, {ground.name}")

    def words() -> tuple[str, ...]:
        # A name is used once: an old one is a run that was recorded.
        number = next(_NUMBERS)
        return str(PROMOTER), ground.registry, f"2023-05_promoted-{number}"

    longest = _seconds(ground, words)
    for seconds in _moments(stage, longest, tries):
        before = _decisions(ground)
        ended = ground.killed(ground.python(*words()), seconds)
        harm = ended.harm + _registry_harmed(ground, before)
        tally.tried(f"{seconds:.2f} s", harm)
    good(ground.end(ground.python(*words())))
    left = [("half-written", name) for name in ground.leftovers()]
    tally.tried("the next one", left + _registry_harmed(ground, set()))
    return tally


_NUMBERS = itertools.count(1)


def _seconds(ground: Ground, words: Callable[[], tuple[str, ...]]) -> float:
    began = time.monotonic()
    good(ground.end(ground.python(*words())))
    return time.monotonic() - began


def _rollbacks(stage: Stage, ground: Ground, *, tries: int) -> Tally:
    """Go back and forth between two versions."""
    tally = Tally(f"rollback killed, {ground.name}")
    history = state_of(ground)["history"]
    versions = [each["model_id"] for each in history[-2:]]

    def words() -> tuple[str, ...]:
        current = state_of(ground)["slots"]["current"]
        target = versions[versions[0] == current]
        reason = "--reason=torture"
        return ground.on_registry(
            "rollback", "--yes", f"--to={target}", reason
        )

    longest = seconds_of(ground, *words())
    for seconds in _moments(stage, longest, tries):
        before = _decisions(ground)
        ended = ground.killed(ground.start(*words()), seconds)
        harm = ended.harm + _registry_harmed(ground, before)
        if state_of(ground)["slots"]["current"] not in versions:
            harm.append(("lost", "another model is current"))
        tally.tried(f"{seconds:.2f} s", harm)
    good(ground.run(*words()))
    return tally


def _predictions(stage: Stage, ground: Ground, *, tries: int) -> Tally:
    tally = Tally(f"predict killed, {ground.name}")
    longest = seconds_of(ground, *ground.predict())
    file = ground.home / "reports/predictions/2023-04.parquet"
    rows = pq.read_metadata(file).num_rows
    for seconds in _moments(stage, longest, tries):
        ended = ground.killed(ground.start(*ground.predict()), seconds)
        harm = ended.harm + documents_harmed(ground.home / "reports")
        try:
            found = pq.read_table(file).num_rows
            if found != rows:
                harm.append(("half-written", f"{found} predictions"))
        except (pa.ArrowException, OSError) as error:
            harm.append(("half-written", str(error)))
        tally.tried(f"{seconds:.2f} s", harm)
    good(ground.run(*ground.predict()))
    return tally


def _trains(stage: Stage, ground: Ground, *, tries: int) -> Tally:
    tally = Tally(f"train killed, {ground.name}")
    months = itertools.cycle(("2023-04", "2023-05"))
    words = [(*ground.train(next(months)), "--force") for _ in range(2)]
    longest = seconds_of(ground, *words[0])
    for seconds, turn in zip(
        _moments(stage, longest, tries), itertools.cycle(words), strict=False
    ):
        before = _decisions(ground)
        ended = ground.killed(ground.start(*turn), seconds)
        harm = ended.harm + documents_harmed(ground.home / "reports")
        harm += _registry_harmed(ground, before)
        tally.tried(f"{seconds:.2f} s", harm)
    good(ground.run(*words[0]))
    left = [("half-written", name) for name in ground.leftovers()]
    tally.tried("the next one", left + _registry_harmed(ground, set()))
    return tally
