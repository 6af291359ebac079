"""What was predicted last, as the page over all months shows it."""

from dataclasses import dataclass

from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.core.language import say
from taxi_fare.core.metrics import ERRORS
from taxi_fare.reports.documents.predictions import PredictReport
from taxi_fare.reports.monthly.held import HeldTable, held_table
from taxi_fare.reports.monthly.metrics import written
from taxi_fare.reports.monthly.numbers import count, dollars, percent
from taxi_fare.reports.monthly.words import month


@dataclass(frozen=True)
class Predicted:
    """What was predicted, by whom, and figures of it with a note each."""

    month: str
    model_id: str
    figures: tuple[tuple[str, str, str], ...]
    held: HeldTable | None


def predicted(report: PredictReport) -> Predicted:
    """Write what a report of predictions says."""
    found = report.predictions
    trips = (
        say("Trips"),
        count(report.predicted_rows),
        say("and {trips} left out", trips=count(report.rejected_rows)),
    )
    figures = [trips]
    if found.mean is not None and found.median is not None:
        median = dollars(found.median)
        middle = say("half cost less than {price}", price=median)
        figures.append((say("Mean price"), dollars(found.mean), middle))
    if (errors := report.metrics) is not None:
        figures += [
            (each.title, written(each, errors[each.name]), say(each.meaning))
            for each in ERRORS
        ]
    coverage = report.intervals.coverage if report.intervals else {}
    held = coverage.get(USUAL_COVERAGE)
    if held is not None:
        stated = say("made to hold {share} %", share=USUAL_COVERAGE)
        share = percent(100 * held)
        figures.append((say("Prices in their interval"), share, stated))
    return Predicted(
        month(report.month),
        report.model_id,
        tuple(figures),
        held_table(report.intervals),
    )
