"""Sections of the settings, with their built-in defaults."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from taxi_fare.core.choices import (
    USUAL_COVERAGE,
    ArchivePolicy,
    Language,
    PromotionRule,
)
from taxi_fare.core.metrics import COMPARED
from taxi_fare.core.recipe_sections import (
    GbtSettings,
    TariffSettings,
    TrainingSettings,
    XgboostSettings,
)
from taxi_fare.core.setting_types import (
    Count,
    Few,
    Months,
    Positive,
    Section,
    Seed,
    Share,
    StatedCoverage,
)


class SourceSettings(Section):
    """Where raw months come from, and how patiently they are fetched."""

    url: str = "https://d37ci6vzurychx.cloudfront.net/trip-data"
    zones_url: str = (
        "https://d37ci6vzurychx.cloudfront.net/misc/taxi_zones.zip"
    )
    attempts: Count = 5
    first_wait_seconds: Positive = 1.0
    longest_wait_seconds: Positive = 30.0
    timeout_seconds: Positive = 30.0


class ValidationSettings(Section):
    """Limits that a trip must keep to be trained or tested on."""

    total_max_dollars: Positive = 1_000.0
    duration_max_minutes: Positive = 1_440.0
    retention_min: Share = 0.80
    retention_warn: Share = 0.90


class GateSettings(Section):
    """What a model must reach to be allowed into production."""

    rmse_max_dollars: Positive = 10.0
    mae_max_dollars: Positive = 15.0
    r2_min: float = 0.5


class PromotionSettings(Section):
    """When a candidate replaces the current model."""

    rule: PromotionRule = "two_of_three"
    min_improved_metrics: Annotated[int, Field(ge=1, le=len(COMPARED))] = 2
    min_gain: Share = 0.01
    max_slice_loss: Share = 0.05
    n_min: Count = 1_000


class ErrorAnalysisSettings(Section):
    """Where price buckets end, and what a cause looks like."""

    bucket_limits_dollars: tuple[float, float, float] = (10.0, 30.0, 60.0)
    worst_trips: Count = 10
    long_distance_miles: Positive = 20.0
    low_fare_dollars: Positive = 20.0
    short_trip_miles: Positive = 2.0
    high_fare_dollars: Positive = 50.0
    extended_duration_minutes: Positive = 60.0
    slow_miles_per_hour: Positive = 12.0
    night_from_hour: Annotated[int, Field(ge=0, le=23)] = 20
    night_until_hour: Annotated[int, Field(ge=0, le=23)] = 6


class LegacySettings(Section):
    """The specification's legacy mode."""

    months: tuple[str, ...] = ("2023-01", "2023-02")
    predict_month: str = "2023-02"
    train_share: Annotated[float, Field(gt=0, lt=1)] = 0.8


class PredictionSettings(Section):
    """How a month is predicted."""

    engine: Literal["auto", "spark"] = "auto"
    interval: StatedCoverage = USUAL_COVERAGE
    sample_rows: Count = 10_000
    minimum_fare_dollars: Positive = 3.0
    floor_at_minimum_fare: bool = False


class PlausibilitySettings(Section):
    """What predictions must look like to be acceptable to a person."""

    total_max_dollars: Positive = 500.0
    above_max_share_max: Share = 0.0
    negative_share_max: Share = 0.005
    below_minimum_fare_share_max: Share = 0.01
    jfk_flat_fare_min_dollars: Positive = 45.0
    jfk_flat_fare_max_dollars: Positive = 150.0
    dollars_per_mile_min: Positive = 2.0
    dollars_per_mile_max: Positive = 30.0


class ScoringSettings(Section):
    """How a portable model is compared with the one that Spark fitted."""

    parity_trips: Count = 10_000
    parity_max_dollars: Positive = 1e-6


class WatchSettings(Section):
    """From where on a month calls for a look, and for an act."""

    error_rise_look: Positive = 0.10
    error_rise_act: Positive = 0.25
    bias_look: Positive = 0.03
    bias_act: Positive = 0.08
    psi_look: Positive = 0.10
    psi_act: Positive = 0.25
    trips_change_look: Positive = 0.30
    missing_change_look: Share = 0.05
    new_levels_look: Share = 0.01
    age_look_months: Months = 6
    age_act_months: Months = 12
    sample_trips: Count = 500_000


class ExplorationSettings(Section):
    """The sample that data exploration draws."""

    sample_rows: Count = 10_000
    seed: Seed = 42


class ReportsSettings(Section):
    """The language in which a command shows the report for people."""

    language: Language = "en"


class LoggingSettings(Section):
    """Where log lines go, and what they look like."""

    format: Literal["text", "json"] = "text"
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    file: str = ""


class RegistrySettings(Section):
    """How many models and decisions the registry remembers."""

    keep_versions: Count = 12
    lock_wait_seconds: Positive = 30.0
    abandoned_after_hours: Positive = 24.0
    shared_folder: bool = False


class MirrorSettings(Section):
    """What things are called in MLflow, and how long a run waits for it."""

    experiment: Annotated[str, Field(min_length=1)] = "taxi_fare"
    registered_model: Annotated[
        str, Field(pattern=r"^[\w.-][\w. -]*$", max_length=250)
    ] = "taxi_fare"
    seconds: Positive = 60.0


class ServingSettings(Section):
    """What the HTTP service accepts, and how long it waits."""

    rides_max: Count = 10_000
    explained_rides_max: Count = 100
    body_max_bytes: Count = 8_388_608
    body_seconds: Positive = 10.0
    header_max_bytes: Count = 65_536
    header_seconds: Positive = 10.0
    look_seconds: Positive = 2.0
    allowed_origins: tuple[str, ...] = ()


class SparkSettings(Section):
    """The Spark session."""

    master: str = "local[*]"
    driver_memory: Annotated[
        str, Field(pattern=r"^(auto|[1-9]\d{0,8}[kmgtKMGT]?)$")
    ] = "auto"
    shuffle_partitions: Few = 4
    jars_folder: str = ""
    class_archive: ArchivePolicy = "auto"


class Sections(BaseModel):
    """Every section: a new one is named here, and nowhere else in core."""

    source: SourceSettings = SourceSettings()
    validation: ValidationSettings = ValidationSettings()
    training: TrainingSettings = TrainingSettings()
    gbt: GbtSettings = GbtSettings()
    xgboost: XgboostSettings = XgboostSettings()
    tariff: TariffSettings = TariffSettings()
    gates: GateSettings = GateSettings()
    promotion: PromotionSettings = PromotionSettings()
    error_analysis: ErrorAnalysisSettings = ErrorAnalysisSettings()
    legacy: LegacySettings = LegacySettings()
    prediction: PredictionSettings = PredictionSettings()
    plausibility: PlausibilitySettings = PlausibilitySettings()
    scoring: ScoringSettings = ScoringSettings()
    watch: WatchSettings = WatchSettings()
    exploration: ExplorationSettings = ExplorationSettings()
    reports: ReportsSettings = ReportsSettings()
    logging: LoggingSettings = LoggingSettings()
    registry: RegistrySettings = RegistrySettings()
    mirror: MirrorSettings = MirrorSettings()
    serving: ServingSettings = ServingSettings()
    spark: SparkSettings = SparkSettings()
