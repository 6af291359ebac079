"""What is found of a month in one word, and why: a pure function."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from taxi_fare.core.sections import WatchSettings
from taxi_fare.watching.accuracy import Accuracy
from taxi_fare.watching.accuracy_reasons import accuracy_reasons
from taxi_fare.watching.data_reasons import data_reasons, prediction_reasons
from taxi_fare.watching.drift import Compared, Drift
from taxi_fare.watching.reason import Reason, Word, word_for, worst


@dataclass(frozen=True)
class Found:
    """
    All that a verdict follows from; None and empty is what nobody knows.

    Parameters
    ----------
    predictions : mapping of str to Drift
        By the words for what the predictions are compared with.
    data : mapping of str to Compared
        By the words for what the month is compared with.
    age_months : int or None
        Between the last month that the model learnt from and this one.
    """

    accuracy: Accuracy | None
    predictions: Mapping[str, Drift]
    data: Mapping[str, Compared]
    age_months: int | None


def verdict(
    found: Found, limits: WatchSettings
) -> tuple[Word, tuple[Reason, ...]]:
    """Say what is to be done about a month, and why, what matters first."""
    reasons: list[Reason] = []
    accuracy = found.accuracy
    if accuracy is not None and not accuracy.trained_on_month:
        reasons += accuracy_reasons(accuracy, limits)
    reasons += prediction_reasons(found.predictions, limits)
    reasons += data_reasons(found.data, limits)
    reasons += _aged(found.age_months, limits)
    return worst(each.word for each in reasons), tuple(reasons)


def _aged(months: int | None, limits: WatchSettings) -> Iterator[Reason]:
    if months is None:
        return
    word = word_for(
        months, look=limits.age_look_months, act=limits.age_act_months
    )
    if word != "ok":
        yield Reason(
            "age",
            word,
            f"the last month that the model learnt from was {months} months"
            " before. Train again.",
        )
