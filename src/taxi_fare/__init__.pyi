# The public API: what `import taxi_fare` offers, imported when it is used.
# This stub is the one list of it. `__init__.py` reads it at run time, type
# checkers read it as they read every stub.
from taxi_fare.core.errors import AlarmError as AlarmError
from taxi_fare.core.errors import (
    DataMissingError as DataMissingError,
)
from taxi_fare.core.errors import (
    DataRefusedError as DataRefusedError,
)
from taxi_fare.core.errors import (
    EnvironmentLackError as EnvironmentLackError,
)
from taxi_fare.core.errors import (
    ModelRefusedError as ModelRefusedError,
)
from taxi_fare.core.errors import (
    NotPublishedError as NotPublishedError,
)
from taxi_fare.core.errors import (
    RegistryConflictError as RegistryConflictError,
)
from taxi_fare.core.errors import (
    TaxiFareError as TaxiFareError,
)
from taxi_fare.core.errors import (
    TemporaryError as TemporaryError,
)
from taxi_fare.core.errors import (
    WrongUsageError as WrongUsageError,
)
from taxi_fare.core.logs.output import configure_logging as configure_logging
from taxi_fare.core.logs.pipeline_logger import (
    PipelineLogger as PipelineLogger,
)
from taxi_fare.core.months import Month as Month
from taxi_fare.core.months import parse_months as parse_months
from taxi_fare.core.recipe_used import Tuned as Tuned
from taxi_fare.core.recipe_used import read_tuned as read_tuned
from taxi_fare.core.settings import Settings as Settings
from taxi_fare.core.settings import load_settings as load_settings
from taxi_fare.core.zones import Zone as Zone
from taxi_fare.core.zones import find_zone as find_zone
from taxi_fare.evaluation.metrics import Metrics as Metrics
from taxi_fare.lake.catalog import Catalog as Catalog
from taxi_fare.lake.catalog import read_catalog as read_catalog
from taxi_fare.lake.place import lake_place as lake_place
from taxi_fare.lake.simulated.month import simulate_month as simulate_month
from taxi_fare.registry.by_hand import promote as promote
from taxi_fare.registry.by_hand import roll_back as roll_back
from taxi_fare.registry.contract import ModelRegistry as ModelRegistry
from taxi_fare.registry.opening import open_registry as open_registry
from taxi_fare.registry.records import HistoryEntry as HistoryEntry
from taxi_fare.registry.records import RegistryState as RegistryState
from taxi_fare.reports.documents.listing import (
    PREDICT_REPORT as PREDICT_REPORT,
)
from taxi_fare.reports.documents.listing import (
    TRAIN_METRICS as TRAIN_METRICS,
)
from taxi_fare.run.models import ModelChoice as ModelChoice
from taxi_fare.run.window import WindowRequest as WindowRequest
from taxi_fare.scoring.explanation import Explanation as Explanation
from taxi_fare.scoring.predictor import FarePredictor as FarePredictor
from taxi_fare.scoring.ride import Ride as Ride
from taxi_fare.scoring.ride_before import RideBefore as RideBefore
from taxi_fare.training.policies import Policy as Policy
from taxi_fare.training.policies import find_policy as find_policy
from taxi_fare.training.recipes import Recipe as Recipe
from taxi_fare.workflows.backtest import BacktestRequest as BacktestRequest
from taxi_fare.workflows.backtest import backtest as backtest
from taxi_fare.workflows.compare import CompareRequest as CompareRequest
from taxi_fare.workflows.compare import compare as compare
from taxi_fare.workflows.eda import EdaRequest as EdaRequest
from taxi_fare.workflows.eda import explore as explore
from taxi_fare.workflows.gates.report import GateReport as GateReport
from taxi_fare.workflows.ingest import IngestOptions as IngestOptions
from taxi_fare.workflows.ingest import IngestResult as IngestResult
from taxi_fare.workflows.ingest import ingest as ingest
from taxi_fare.workflows.predict import PredictRequest as PredictRequest
from taxi_fare.workflows.predict import predict as predict
from taxi_fare.workflows.quote import Quote as Quote
from taxi_fare.workflows.quote import quote as quote
from taxi_fare.workflows.train import TrainRequest as TrainRequest
from taxi_fare.workflows.train import TrainResult as TrainResult
from taxi_fare.workflows.train import train as train
from taxi_fare.workflows.tune import TuneRequest as TuneRequest
from taxi_fare.workflows.tune import tune as tune
from taxi_fare.workflows.watch import WatchRequest as WatchRequest
from taxi_fare.workflows.watch import watch as watch

__version__: str
