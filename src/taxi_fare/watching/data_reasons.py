"""What moved in the trips and in the predictions calls for."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from taxi_fare.core.columns import COLUMN_TITLES, TITLES
from taxi_fare.core.sections import WatchSettings
from taxi_fare.watching.drift import Compared, Drift
from taxi_fare.watching.reason import WORDS, Reason, word_for, worst

# So many columns of one kind of reason are named; the worst first.
_NAMED = 3


def prediction_reasons(
    found: Mapping[str, Drift], limits: WatchSettings
) -> Iterator[Reason]:
    """Compare predictions with those on other trips."""
    moved = {
        against: (each.psi, each)
        for against, each in found.items()
        if each.psi is not None and each.psi >= limits.psi_look
    }
    if not moved:
        return
    against, (index, each) = max(moved.items(), key=lambda x: x[1][0])
    yield Reason(
        "predictions",
        word_for(index, look=limits.psi_look, act=limits.psi_act),
        f"they differ from those of {against} (PSI {index:.2f}"
        f"{_means(each)}). Look at what moved in the data below.",
    )


def data_reasons(
    found: Mapping[str, Compared], limits: WatchSettings
) -> Iterator[Reason]:
    """Look at values, and at the columns of the published files."""
    yield from _trips_changed(found, limits)
    yield from _data_moved(found, limits)
    yield from _new_columns(found)


def _trips_changed(
    found: Mapping[str, Compared], limits: WatchSettings
) -> Iterator[Reason]:
    changes = {name: each.trips_change for name, each in found.items()}
    if not changes:
        return
    against = max(changes, key=lambda name: abs(changes[name]))
    change = changes[against]
    if abs(change) >= limits.trips_change_look:
        side = "more" if change > 0 else "fewer"
        yield Reason(
            "data",
            "look",
            f"there are {abs(change):.0%} {side} trips than in {against}. Ask"
            " whoever publishes the months whether it is whole.",
        )


def _data_moved(
    found: Mapping[str, Compared], limits: WatchSettings
) -> Iterator[Reason]:
    """Tell each change once, against the reference it is greatest to."""
    told: dict[tuple[str, str], tuple[float, Reason]] = {}
    for against, reference in found.items():
        for name, each in reference.figures.items():
            for kind, size, reason in _moved(name, each, against, limits):
                if (name, kind) not in told or size > told[name, kind][0]:
                    told[name, kind] = (size, reason)
    ranked = sorted(
        told.values(),
        key=lambda x: (WORDS.index(x[1].word), x[0]),
        reverse=True,
    )
    yield from (reason for _, reason in ranked[:_NAMED])
    if len(ranked) > _NAMED:
        yield Reason(
            "data",
            worst(reason.word for _, reason in ranked[_NAMED:]),
            f"{len(ranked) - _NAMED} more changes of the kind: they are in the"
            " report.",
        )


def _moved(
    name: str, each: Drift, against: str, limits: WatchSettings
) -> Iterator[tuple[str, float, Reason]]:
    """Tell what changed: its kind, how much, and in words."""
    known = COLUMN_TITLES.get(name)
    title = f"{known} ({name})" if known else name
    index = each.psi or 0.0
    word = word_for(index, look=limits.psi_look, act=limits.psi_act)
    if name not in TITLES:
        # A part of the price is no input: what it does to the model is seen
        # in the accuracy.
        word = min(word, "look", key=WORDS.index)
    if word != "ok":
        told = f"{title} differs from {against} (PSI {index:.2f}"
        told += f"{_means(each)})."
        yield "distribution", index, Reason("data", word, told)
    change = _difference(each.missing_share, each.missing_share_before)
    if abs(change) >= limits.missing_change_look:
        told = f"{title} is missing in {each.missing_share:.1%} of the trips,"
        told += f" in {each.missing_share_before:.1%} of {against}."
        yield "missing", abs(change), Reason("data", "look", told)
    new = each.new_levels_share or 0.0
    if new >= limits.new_levels_look:
        named = ", ".join([*each.new_levels][:_NAMED])
        told = f"{title}: {new:.1%} of the trips have a level that {against}"
        told += f" never had ({named}). It is priced as rare ones are."
        yield "new levels", new, Reason("data", "look", told)


def _difference(ours: float | None, theirs: float | None) -> float:
    return 0.0 if ours is None or theirs is None else ours - theirs


def _new_columns(found: Mapping[str, Compared]) -> Iterator[Reason]:
    told: set[str] = set()
    say: dict[str, Callable[[Compared], Sequence[str]]] = {
        "is new": lambda each: each.columns.appeared if each.columns else (),
        "is gone": lambda each: each.columns.vanished if each.columns else (),
        "is of another type": lambda each: (
            [*each.columns.changed] if each.columns else []
        ),
    }
    for against, each in found.items():
        for words, names in say.items():
            new = [name for name in names(each) if name not in told]
            told.update(new)
            if new:
                yield Reason(
                    "data",
                    "look",
                    f"column {', '.join(new)} {words} since {against}. See"
                    " whether it is part of the total.",
                )


def _means(each: Drift) -> str:
    if each.mean is None or each.mean_before is None:
        return ""
    return f", mean {each.mean_before:.2f} → {each.mean:.2f}"
