"""What was decided, and why, for a reader in a hurry."""

from collections.abc import Mapping
from dataclasses import dataclass

from taxi_fare.core.evidence import Gain, standings
from taxi_fare.core.language import say
from taxi_fare.core.manifest import TrainMetrics
from taxi_fare.core.metrics import compared_in, title_of
from taxi_fare.core.retold import retold
from taxi_fare.reports.monthly.metrics import gate_rows
from taxi_fare.reports.monthly.numbers import count

# What becomes of a model: a mark, and a word.
WORDS = {
    "promoted": ("✓", "Promoted"),
    "kept": ("=", "Kept"),
    "refused": ("✕", "Refused"),
    "rolled_back": ("↶", "Rolled back"),
}
_HEADLINES = {
    "promoted": "The new model went into production",
    "kept": "The model in production stays",
    "refused": "The new model was refused",
}
# What is sure of some of the metrics.
STANDINGS = {
    "better": "better in {metrics}",
    "no_difference": "no real difference in {metrics}",
    "same": "the same in {metrics}",
    "worse": "worse in {metrics}",
}


@dataclass(frozen=True)
class Verdict:
    """What was decided, for a reader in a hurry."""

    decision: str
    mark: str
    word: str
    headline: str
    why: str
    now: str


def verdict(run: TrainMetrics) -> Verdict:
    """Say what was decided, and why."""
    decision, compared = run.promotion.decision, run.promotion.compared_with
    legacy = run.mode == "legacy"
    (mark, word), headline = WORDS[decision], _HEADLINES[decision]
    if legacy and decision == "promoted":
        headline = "The new legacy model took its place"
    now = _now(decision, compared=compared, legacy=legacy)
    told = say(word), say(headline), _why(run), now
    return Verdict(decision, mark, *told)


def _why(run: TrainMetrics) -> str:
    gates = gate_rows(run)
    missed = [
        say("{limit} (found {found})", **gate)
        for gate, checked in zip(gates, run.gates, strict=True)
        if not checked.passed
    ]
    if missed:
        return say(
            "It misses {count} of {of} quality gates: {missed}.",
            count=len(missed),
            of=len(gates),
            missed=say("; ").join(missed),
        )
    if run.promotion.current_metrics:
        return _compared(run, run.promotion.current_metrics)
    reason = retold(run.promotion.reason)
    return f"{reason[:1].upper()}{reason[1:]}."


def _compared(run: TrainMetrics, theirs: Mapping[str, float]) -> str:
    trips = count(int(run.metrics.get("rows", 0)))
    evidence = run.promotion.evidence
    if run.promotion.rule == "guarded":
        return say(
            "On the same {trips} test trips: {reason}.",
            trips=trips,
            reason=retold(run.promotion.reason),
        )
    if evidence is not None and evidence.tells_no_difference:
        return say(
            "On the same {trips} test trips there is no real difference from"
            " the model in production: {gains}.",
            trips=trips,
            gains=retold(evidence.in_words()),
        )
    gains = evidence.gains if evidence else {}
    return _by_count(run, theirs, gains=gains, trips=trips)


def _by_count(
    run: TrainMetrics,
    theirs: Mapping[str, float],
    *,
    gains: Mapping[str, Gain],
    trips: str,
) -> str:
    """Tell the metrics that the rule counted, and what is sure of each."""
    enough = run.promotion.decision == "promoted"
    names = [title_of(each) for each in run.promotion.improved]
    counted = {
        "trips": trips,
        "count": len(names),
        "of": len(compared_in(run.metrics, theirs)),
        "enough": say("enough") if enough else say("not enough"),
    }
    parted = standings(run.metrics, theirs, gains)
    if "no_difference" not in parted:
        return say(
            "On the same {trips} test trips it is better than the model in"
            " production in {count} of {of} metrics{listed}, which is"
            " {enough}.",
            listed=f" ({', '.join(names)})" if names else "",
            **counted,
        )
    told = [
        say(STANDINGS[name], metrics=", ".join(each.title for each in metrics))
        for name, metrics in parted.items()
    ]
    return say(
        "On the same {trips} test trips: {told}. The rule takes figures as"
        " they are: {count} of {of} are on the better side, which is"
        " {enough}.",
        told=say("; ").join(told),
        **counted,
    )


def _now(decision: str, *, compared: str | None, legacy: bool) -> str:
    if legacy:
        if decision == "promoted":
            return say(
                "It replaced the legacy model before it, if there was one."
            )
        return say("The legacy model before it stays, if there is one.")
    if decision == "promoted":
        return (
            say("It replaced {model}.", model=compared)
            if compared
            else say("There was no model in production before it.")
        )
    if compared:
        return say("In production: {model}.", model=compared)
    return say("There is no model in production yet.")
