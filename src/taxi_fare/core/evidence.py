"""How much a comparison of two models is worth: parts of documents."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from taxi_fare.core.documents import Number, Part, Share, Trips
from taxi_fare.core.metrics import (
    COMPARED,
    GUARDED,
    METRICS,
    Metric,
    compared_in,
)

Standing = Literal["better", "no_difference", "same", "worse"]
STANDINGS: tuple[Standing, ...] = ("better", "no_difference", "same", "worse")
Interval = tuple[float, float]
# Sums of the same trips in another order differ in their last digits.
_NOTHING = 1e-6


class Gain(Part):
    """By what share of the current model's error the new one is better."""

    gain: Number | None = Field(
        description="0.02: two percent less error; negative: more; None: the"
        " current model makes none."
    )
    interval: Interval | None = Field(
        description="Where it lies with 95 % certainty, days drawn as blocks;"
        " None: too few days."
    )
    better_share: Share | None = Field(
        description="Share of the draws in which the new model is better."
    )

    @property
    def is_sure(self) -> bool:
        """Whether the interval does not hold 0, or next to nothing."""
        if self.interval is None:
            return False
        low, high = self.interval
        return low > _NOTHING or high < -_NOTHING


class SliceGain(Part):
    """The same for some of the trips, without an interval."""

    rows: Trips
    gains: dict[str, Number | None] = Field(description="By metric.")


class Evidence(Part):
    """How sure it is that one model is better than another."""

    days: int = Field(ge=0, description="With trips.")
    draws: int = Field(ge=1)
    gains: dict[str, Gain] = Field(description="By metric.")
    slices: dict[str, dict[str, SliceGain]] = Field(
        description="By the way to part the trips, and by its levels."
    )

    @property
    def guarded(self) -> Gain:
        """The gain that a guarded promotion asks for."""
        return self.gains[GUARDED.name]

    @property
    def tells_no_difference(self) -> bool:
        """Whether what differs may be chance."""
        return no_real_difference(self.gains)

    def in_words(self) -> str:
        """Say each gain, and how sure it is."""
        return gains_in_words(self.gains)


def no_real_difference(gains: Mapping[str, Gain]) -> bool:
    """Tell whether every interval holds 0; without intervals, no."""
    return bool(gains) and all(map(_holds_0, gains.values()))


def may_be_chance(metric: Metric, gains: Mapping[str, Gain]) -> bool:
    """Tell whether the interval of a metric holds 0; without one, no."""
    gain = gains.get(metric.sure_as or metric.name)
    return gain is not None and _holds_0(gain)


def _holds_0(gain: Gain) -> bool:
    return gain.interval is not None and not gain.is_sure


def standings(
    ours: Mapping[str, float],
    theirs: Mapping[str, float],
    gains: Mapping[str, Gain],
) -> dict[Standing, list[Metric]]:
    """Part what both models were measured by, by what is sure of each."""
    found = {
        each: standing(each, ours=ours, theirs=theirs, gains=gains)
        for each in compared_in(ours, theirs)
    }
    return {
        name: [each for each, told in found.items() if told == name]
        for name in STANDINGS
        if name in found.values()
    }


def standing(
    metric: Metric,
    *,
    ours: Mapping[str, float],
    theirs: Mapping[str, float],
    gains: Mapping[str, Gain],
) -> Standing:
    """Say what is sure of one metric; without an interval, the figures."""
    here, there = ours[metric.name], theirs[metric.name]
    if here == there:
        return "same"
    if may_be_chance(metric, gains):
        return "no_difference"
    return "better" if metric.improves(here, on=there) else "worse"


def gains_in_words(gains: Mapping[str, Gain]) -> str:
    """Say each gain, and how sure it is."""
    return ", ".join(
        f"{METRICS[name].title} {gain_in_words(each)}"
        for name, each in gains.items()
    )


def worth(gains: Mapping[str, Gain] | None, *, reason: str) -> str:
    """Say how sure a difference is; nothing where the reason tells it."""
    told = gains_in_words(gains or {})
    return "" if told in reason else told


def difference_in_words(gains: Mapping[str, Gain]) -> str:
    """Say each gain; before them, of which metrics it may be chance."""
    told = gains_in_words(gains)
    if no_real_difference(gains):
        return f"no real difference: {told}"
    chance = [each.title for each in COMPARED if may_be_chance(each, gains)]
    if chance:
        return f"no real difference in {', '.join(chance)}: {told}"
    return told


def gain_in_words(gain: Gain) -> str:
    """Say a gain as what becomes of the error: better is lower."""
    if gain.gain is None:
        return "was 0"
    change = change_in_words(gain.gain)
    if gain.interval is None:
        return f"{change}, too few days to be sure"
    low, high = (change_in_words(end) for end in gain.interval)
    return f"{change} (95 % certain: {high} to {low})"


def change_in_words(gain: float) -> str:
    """Write a gain as a change of the error, with its sign."""
    return f"{0.0 - gain:+.1%}"


_WOULD_HAVE = {
    "promoted": "promoted it",
    "kept": "kept the model in production",
    "refused": "refused it",
}


class Guarded(Part):
    """What the guarded rule decides, or would have."""

    decision: Literal["promoted", "kept", "refused"]
    reasons: tuple[str, ...]

    def beside(self, decision: str) -> str:
        """Say what it would have done, beside what another rule did."""
        told = f"The guarded rule would have {_WOULD_HAVE[self.decision]}"
        agrees = self.decision == decision
        if agrees and decision == "promoted":
            # Its reason is the evidence, which stands beside it.
            return f"{told} too."
        return f"{told}{' too' * agrees}: {'; '.join(self.reasons)}."
