"""Which trips there are: ingested, left out, described, prepared."""

from pydantic import Field

from taxi_fare.core.documents import (
    ByRule,
    Document,
    Dollars,
    MonthName,
    Part,
    Seconds,
    Share,
    Trips,
)
from taxi_fare.core.manifest import MonthCounts, Months


class IngestedCounts(Part):
    """What became of the trips of one raw month."""

    raw_rows: Trips
    valid_rows: Trips
    rejected_rows: Trips
    rejected: ByRule
    source: str = Field(description="Path or address of the raw file.")
    simulated: bool


class TrainingCounts(Months):
    """What the rules found before a training."""

    months: dict[MonthName, MonthCounts]


class ValidationReport(Document):
    """``validation_report.json``: what was left out, where and why."""

    ingest: dict[MonthName, IngestedCounts]
    training: TrainingCounts | None = Field(
        None, description="Missing: nothing was trained yet."
    )


class DateRange(Part):
    """The first and the last pickup, wall-clock times."""

    min: str | None
    max: str | None


class Target(Part):
    """What riders paid."""

    name: str
    unit: str
    count: Trips
    mean: Dollars
    std: Dollars | None = Field(description="None: a single trip.")
    min: Dollars
    p25: Dollars
    median: Dollars
    p75: Dollars
    p95: Dollars
    p99: Dollars
    max: Dollars


class HourGroup(Part):
    """Trips that began in an hour of the day."""

    hour: int = Field(ge=0, le=23)
    count: Trips
    mean_total_dollars: Dollars | None


class WeekdayGroup(Part):
    """Trips that began on a day, 0 (Monday) to 6 (Sunday)."""

    weekday: int = Field(ge=0, le=6)
    count: Trips
    mean_total_dollars: Dollars | None


class PaymentGroup(Part):
    """Trips that were paid in one way."""

    payment_type: int | None = Field(description="The TLC's code.")
    count: Trips
    mean_total_dollars: Dollars | None


class Drawn(Part):
    """A sample that is in a file of its own."""

    rows: Trips
    file: str
    seed: int


class EdaSummary(Document):
    """``eda_summary.json``: what the trips of some months look like."""

    date_range: DateRange
    months: tuple[MonthName, ...]
    rows: Trips
    columns: dict[str, str]
    validation: dict[MonthName, MonthCounts]
    missing_ratio: dict[str, Share]
    target: Target
    by_hour: tuple[HourGroup, ...]
    by_weekday: tuple[WeekdayGroup, ...]
    by_payment_type: tuple[PaymentGroup, ...]
    by_weekday_and_hour: tuple[tuple[Trips, ...], ...] = Field(
        description="7 rows from Monday, of 24 hours."
    )
    sample: Drawn
    figures: tuple[str, ...] = Field(
        (), description="Drawings, in the same folder; missing: none."
    )


class SampleOf(Part):
    """Which trips a sample was drawn from."""

    rows: Trips
    of: Trips
    seed: int


class FeatureTable(Part):
    """What the footer of a feature table says of it."""

    months: tuple[MonthName, ...]
    fingerprints: dict[str, str] = Field(
        description="SHA-256 of each month's bytes."
    )
    features_version: int
    rows: Trips
    sample: SampleOf | None = Field(description="None: every valid trip.")
    simulated: bool


class Prepared(Part):
    """Where a feature table was written, and how long that took."""

    output: str
    seconds: Seconds


class PrepareReport(FeatureTable, Prepared, Document):
    """What ``prepare --json`` prints."""
