"""What the figures of an error analysis say, in sentences."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from taxi_fare.core.name_in_words import name_in_words
from taxi_fare.evaluation.error_causes import MEANINGS

# Below this share of the mean absolute error a bias is not worth a sentence
# about its direction.
_BIAS_SHARE = 0.1


def insights(
    overall: Mapping[str, Any],
    *,
    buckets: Mapping[str, Mapping[str, Any]],
    worst: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Put the figures of an error analysis into words."""
    return [
        _bias(overall),
        f"Half of the predictions are within"
        f" {overall['median_abs_error']:.2f} dollars of what was paid, 95 %"
        f" within {overall['p95_abs_error']:.2f}, 99 % within"
        f" {overall['p99_abs_error']:.2f}.",
        *_prices(buckets),
        *_causes(worst),
    ]


def _bias(overall: Mapping[str, Any]) -> str:
    bias, under = overall["mean_error"], overall["pct_underestimate"]
    sides = (
        f"too low for {under:.0f} % of the trips, too high for"
        f" {overall['pct_overestimate']:.0f} %"
    )
    if abs(bias) < _BIAS_SHARE * overall["mae"]:
        return (
            f"No bias worth the name: {bias:+.2f} dollars a trip on average;"
            f" predictions are {sides}."
        )
    word = "little" if bias > 0 else "much"
    return (
        f"The model predicts {abs(bias):.2f} dollars too {word} on average;"
        f" predictions are {sides}."
    )


def _prices(buckets: Mapping[str, Mapping[str, Any]]) -> list[str]:
    filled = {name: each for name, each in buckets.items() if each["count"]}
    name = max(filled, key=lambda each: float(filled[each]["mae"]))
    dearest = filled[name]
    sentence = (
        f"Errors are greatest in the bucket {name_in_words(name)}:"
        f" {dearest['mae']:.2f}"
        f" dollars on average; it holds {dearest['pct_of_trips']:.1f} % of the"
        f" trips and {dearest['pct_of_absolute_error']:.1f} % of the error."
    )
    few = [name_in_words(each) for each in buckets if each not in filled]
    if few:
        return [sentence, f"No trip in the bucket(s) {', '.join(few)}."]
    return [sentence]


def _causes(worst: Sequence[Mapping[str, Any]]) -> list[str]:
    tally = Counter(
        cause for trip in worst for cause in trip["probable_causes"]
    )
    return [
        f"{count} of the {len(worst)} worst errors: {MEANINGS[name]}."
        for name, count in tally.most_common(3)
    ]
