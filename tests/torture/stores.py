"""Servers that are killed, stall, or fail for a share of the requests."""

import threading
import time
from collections.abc import Iterator, Mapping

from failing_proxy import failing
from ground import Ended, Ground, Harm
from kills import PROMOTER
from stage import Stage
from tally import Tally

# Refused by the store, or worth a retry; nothing else may come of it.
_ANSWERS = {0, 7, 75}
_SHARES = (0.10, 0.20, 0.30)


def stores(stage: Stage) -> Iterator[Tally]:
    """Hurt what a store answers, and the store itself."""
    for kind in ("minio", "versitygw"):
        ground = stage.ground(kind)
        for share in _SHARES:
            yield _failing(stage, ground, share)
        yield _stalled(stage, ground)
        yield _killed(stage, ground)


def _work(number: int, ground: Ground) -> tuple[str, ...]:
    """Take turns: months in, a promotion, a rollback, a look."""
    return (
        ("-m", "taxi_fare", *ground.ingest("2023-01")),
        (str(PROMOTER), ground.registry, f"2023-05_hurt-{time.time_ns()}"),
        (
            "-m",
            "taxi_fare",
            *ground.on_registry("rollback", "--reason=x", "--yes"),
        ),
        ("-m", "taxi_fare", *ground.on_registry("show", "--json")),
    )[number % 4]


def _afterwards(
    ground: Ground, ended: Ended, months: Mapping[str, object]
) -> Harm:
    """Judge an end, and what it has left in the store."""
    harm = ended.harm
    if ended.code not in _ANSWERS:
        harm.append(("lost", f"exit {ended.code}: {ended.err}"))
    endpoint, ground.endpoint = ground.endpoint, None
    shown = ground.show()
    ground.endpoint = endpoint
    if shown.code:
        harm.append(("lost", f"exit {shown.code}: {shown.err}"))
    found = ground.months()
    for name, figures in months.items():
        if found.get(name) != figures:
            harm.append(("half-written", f"{name}: {found.get(name)}"))
    return harm


def _failing(stage: Stage, ground: Ground, share: float) -> Tally:
    assert ground.server is not None
    tally = Tally(f"{share:.0%} of requests fail, {ground.name}")
    months = dict(ground.months())
    for number in range(stage.times(12)):
        seed = stage.random.randrange(1 << 30)
        with failing(ground.server.port, share=share, seed=seed) as proxy:
            ground.endpoint = proxy.endpoint
            ended = ground.end(ground.python(*_work(number, ground)))
        harm = _afterwards(ground, ended, months)
        ground.endpoint = None
        tally.tried(f"{_work(number, ground)}, seed {seed}", harm)
    return tally


def _stalled(stage: Stage, ground: Ground) -> Tally:
    """All requests from some moment on get no answer."""
    assert ground.server is not None
    tally = Tally(f"store stalls, {ground.name}")
    months = dict(ground.months())
    for number in range(stage.times(3)):
        with failing(
            ground.server.port, share=0, seed=0, stalls=True
        ) as proxy:
            ground.endpoint = proxy.endpoint
            process = ground.python(*_work(number, ground))
            moment = stage.random.uniform(0.4, 1.2)

            def stall(proxy: object = proxy) -> None:
                setattr(proxy, "share", 1.0)  # noqa: B010

            timer = threading.Timer(moment, stall)
            timer.start()
            ended = ground.end(process)
            timer.cancel()
        harm = _afterwards(ground, ended, months)
        ground.endpoint = None
        tally.tried(f"{_work(number, ground)}, {moment:.2f} s", harm)
    return tally


def _killed(stage: Stage, ground: Ground) -> Tally:
    """The server dies in the middle, and comes back later."""
    assert ground.server is not None
    tally = Tally(f"store killed, {ground.name}")
    months = dict(ground.months())
    for number in range(stage.times(8)):
        process = ground.python(*_work(number, ground))
        moment = stage.random.uniform(0.4, 1.2)
        time.sleep(moment)
        ground.server.kill()
        ended = ground.end(process)
        ground.server.start()
        harm = _afterwards(ground, ended, months)
        tally.tried(f"{_work(number, ground)}, {moment:.2f} s", harm)
    return tally
