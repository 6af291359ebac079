"""What the accuracy of the model in production calls for."""

from collections.abc import Iterator

from taxi_fare.core.metrics import METRICS
from taxi_fare.core.sections import WatchSettings
from taxi_fare.watching.accuracy import Accuracy, Interval, Measured
from taxi_fare.watching.reason import Reason, word_for


def accuracy_reasons(
    accuracy: Accuracy, limits: WatchSettings
) -> Iterator[Reason]:
    """Look at errors, at their sign, and at what needs no model."""
    yield from _errors_rose(accuracy, limits)
    yield from _one_sided(accuracy.overall, limits)
    yield from _no_better_than_trivial(accuracy)


def _errors_rose(
    accuracy: Accuracy, limits: WatchSettings
) -> Iterator[Reason]:
    """Compare errors with those that the model was registered with."""
    for metric in METRICS.values():
        before = accuracy.expected.get(metric.name)
        now = accuracy.overall.figures.get(metric.name)
        if not metric.compared or metric.better != "lower":
            continue
        if not before or now is None:
            continue
        interval = accuracy.overall.interval(metric.name)
        # A rise that chance explains is none; without an interval, nobody
        # knows, and a figure of a few days is taken as it is.
        sure = interval[0] if interval else now
        rise = sure / before - 1
        word = word_for(
            rise, look=limits.error_rise_look, act=limits.error_rise_act
        )
        if word != "ok":
            told = _between(interval)
            yield Reason(
                "accuracy",
                word,
                f"{metric.title} is {now:.2f} dollars{told}, and was"
                f" {before:.2f} when the model was registered"
                f" ({now / before - 1:+.0%}). Train again, or go back with"
                " `taxi-fare registry rollback`.",
            )


def _one_sided(overall: Measured, limits: WatchSettings) -> Iterator[Reason]:
    """Find out whether riders pay more, or less, than is predicted."""
    bias = overall.figures.get("bias")
    paid = overall.figures.get("paid")
    if bias is None or not paid:
        return
    low, high = overall.interval("bias") or (bias, bias)
    sure = max(low, -high, 0.0) / paid
    word = word_for(sure, look=limits.bias_look, act=limits.bias_act)
    if word != "ok":
        side = "more" if bias > 0 else "less"
        yield Reason(
            "accuracy",
            word,
            f"riders paid {abs(bias):.2f} dollars {side} than predicted on"
            f" average{_between((low, high))}, of {paid:.2f}. A tariff or a"
            " surcharge may have changed: look at the parts of the price,"
            " then train on months that have it.",
        )


def _no_better_than_trivial(accuracy: Accuracy) -> Iterator[Reason]:
    ours = accuracy.overall.figures
    names = [each.name for each in METRICS.values() if each.compared]
    for name, baseline in accuracy.baselines.items():
        pairs = [(ours.get(x), baseline.figures.get(x)) for x in names]
        known = [
            METRICS[x].improves(theirs, on=us)
            for x, (us, theirs) in zip(names, pairs, strict=True)
            if us is not None and theirs is not None
        ]
        if known and all(known):
            yield Reason(
                "accuracy",
                "act",
                f"the baseline {name!r}, which needs no model, is closer by"
                " every metric. Train again, or go back with `taxi-fare"
                " registry rollback`.",
            )


def _between(interval: Interval | None) -> str:
    if interval is None:
        return ""
    low, high = interval
    return f" (95 % certain: {low:.2f} to {high:.2f})"
