"""Many at once: promoters, trains, a predict during promotions."""

import json
from collections.abc import Iterator

import pyarrow.parquet as pq
from ground import Ground, Harm, good
from kills import PROMOTER
from stage import KINDS, Stage, state_of
from tally import Tally

_PROMOTERS, _TRAINS = 8, 6
_FINE = {0, 75}


def crowds(stage: Stage) -> Iterator[Tally]:
    """Let commands that change the same things run together."""
    for kind in KINDS:
        yield _promoters(stage, stage.ground(kind))
    for kind in ("folder", "minio"):
        ground = stage.ground(kind)
        yield _trains(stage, ground)
        yield _predict_during_promotions(stage, ground)
        yield _rollback_during_train(stage, ground)


def _whole(ground: Ground) -> Harm:
    shown = ground.show()
    if shown.code == 0:
        return shown.harm
    return [*shown.harm, ("lost", f"exit {shown.code}: {shown.err}")]


def _promoters(stage: Stage, ground: Ground) -> Tally:
    """Each of them is in the history afterwards, once."""
    tally = Tally(f"{_PROMOTERS} promoters at once, {ground.name}")
    for turn in range(stage.times(3)):
        names = [
            f"2023-05_crowd-{ground.name}-{turn}-{number}"
            for number in range(_PROMOTERS)
        ]
        processes = [
            ground.python(str(PROMOTER), ground.registry, name)
            for name in names
        ]
        history: list[str] = []
        harm: Harm = []
        for name, process in zip(names, processes, strict=True):
            ended = ground.end(process)
            harm += ended.harm
            if ended.code not in _FINE:
                harm.append(("lost", f"exit {ended.code}: {ended.err}"))
            if ended.code == 0:
                history.append(name)
        found = [each["model_id"] for each in state_of(ground)["history"]]
        harm += [
            ("lost", f"{name} is {found.count(name)} times in the history")
            for name in history
            if found.count(name) != 1
        ]
        tally.tried(f"turn {turn}", harm + _whole(ground))
    return tally


def _trains(stage: Stage, ground: Ground) -> Tally:
    """Two windows, three of the same each; each is recorded once."""
    tally = Tally(f"{_TRAINS} trains at once, {ground.name}")
    ground.more["TAXI_FARE_GBT__MIN_INSTANCES_PER_NODE"] = "21"
    months = ("2023-04", "2023-05") * (_TRAINS // 2)
    processes = [
        ground.start(*ground.train(each), "--json") for each in months
    ]
    harm: Harm = []
    ids: dict[str, set[str]] = {}
    for month, process in zip(months, processes, strict=True):
        ended = ground.end(process)
        harm += ended.harm
        if ended.code not in _FINE:
            harm.append(("lost", f"exit {ended.code}: {ended.err}"))
        elif ended.code == 0:
            ids.setdefault(month, set()).add(json.loads(ended.out)["model_id"])
    harm += [
        ("lost", f"{month} was recorded as {sorted(names)}")
        for month, names in ids.items()
        if len(names) != 1
    ]
    tally.tried("at once", harm + _whole(ground))
    return tally


def _predict_during_promotions(stage: Stage, ground: Ground) -> Tally:
    """What was predicted comes from one model."""
    tally = Tally(f"predict during promotions, {ground.name}")
    for turn in range(stage.times(2)):
        process = ground.start(*ground.predict())
        number = 0
        while process.poll() is None:
            number += 1
            name = f"2023-05_during-{turn}-{number}"
            words = str(PROMOTER), ground.registry, name
            good(ground.end(ground.python(*words)))
        ended = ground.end(process)
        harm = ended.harm
        if ended.code not in _FINE:
            harm.append(("lost", f"exit {ended.code}: {ended.err}"))
        file = ground.home / "reports/predictions/2023-04.parquet"
        models = set(pq.read_table(file)["model_id"].to_pylist())
        if len(models) != 1:
            harm.append(("half-written", f"models {sorted(models)}"))
        tally.tried(f"{number} promotions", harm + _whole(ground))
    return tally


def _rollback_during_train(stage: Stage, ground: Ground) -> Tally:
    """The train decides against the model that is current at its end."""
    tally = Tally(f"rollback during train, {ground.name}")
    for turn in range(stage.times(2)):
        words = (*ground.train("2023-05"), "--force")
        process = ground.start(*words)
        assert process.stderr is not None
        for line in process.stderr:
            if "fit" in line:
                break
        back = ground.run(
            *ground.on_registry("rollback", "--reason=crowd", "--yes")
        )
        ended = ground.end(process)
        harm = back.harm + ended.harm
        for each in (back, ended):
            if each.code not in _FINE:
                harm.append(("lost", f"exit {each.code}: {each.err}"))
        tally.tried(f"turn {turn}", harm + _whole(ground))
    return tally
