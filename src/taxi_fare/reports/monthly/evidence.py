"""How sure the decision of a run is, as people read it."""

from dataclasses import dataclass

from taxi_fare.core.evidence import Evidence, Gain, SliceGain
from taxi_fare.core.language import say, say_numbers
from taxi_fare.core.manifest import Promotion
from taxi_fare.core.metrics import GUARDED, METRICS
from taxi_fare.core.name_in_words import name_in_words
from taxi_fare.core.retold import retold
from taxi_fare.reports.monthly.numbers import NOTHING, count, number
from taxi_fare.reports.monthly.words import spoken


@dataclass(frozen=True)
class GainRow:
    """What became of one error, and how sure that is."""

    name: str
    change: str
    sure: str
    share: str
    judgement: str


@dataclass(frozen=True)
class SliceRow:
    """What became of the error of some of the trips."""

    way: str
    level: str
    trips: str
    change: str


def gain_rows(found: Evidence | None) -> list[GainRow]:
    """Write each gain as what becomes of the error."""
    if found is None:
        return []
    return [
        GainRow(
            METRICS[name].title,
            _change(each.gain),
            _interval(each),
            NOTHING
            if each.better_share is None
            else _of_hundred(each.better_share),
            _judgement(each),
        )
        for name, each in found.gains.items()
    ]


def slice_rows(found: Evidence | None) -> list[SliceRow]:
    """Write what became of the guarded error of each slice."""
    if found is None:
        return []
    return [
        SliceRow(
            spoken(way),
            say(name_in_words(level)),
            count(each.rows),
            _sliced(each),
        )
        for way, levels in found.slices.items()
        for level, each in levels.items()
    ]


def guarded_sentence(promotion: Promotion) -> str:
    """Say what the guarded rule would have decided; nothing if it did."""
    guarded = promotion.guarded
    if guarded is None or promotion.rule == "guarded":
        return ""
    return retold(guarded.beside(promotion.decision))


def _judgement(gain: Gain) -> str:
    if gain.interval is None:
        return say("too few days to be sure")
    if not gain.is_sure:
        return say("no real difference")
    return say("✓ better") if gain.interval[0] > 0 else say("✕ worse")


def _interval(gain: Gain) -> str:
    if gain.interval is None:
        return NOTHING
    low, high = gain.interval
    return say("{low} to {high}", low=_change(high), high=_change(low))


def _sliced(found: SliceGain) -> str:
    return _change(found.gains.get(GUARDED.name))


def _change(gain: float | None) -> str:
    """Write a gain as a change of the error: less is better."""
    if gain is None:
        return NOTHING
    return f"{number(-100 * gain, digits=1, signed=True)}\xa0%"


def _of_hundred(share: float) -> str:
    return say_numbers(f"{100 * share:.1f}\xa0%")
