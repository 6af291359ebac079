"""The algorithms, one record each: what depends on one is asked here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias, cast

from taxi_fare.core.choices import Encoding
from taxi_fare.core.columns import BEYOND_TARIFF, PREDICTION
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.provenance import installed_version

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from pyspark.ml import Model
    from pyspark.sql import DataFrame

    from taxi_fare.core.recipe_sections import (
        AlgorithmSettings,
        TariffSettings,
    )
    from taxi_fare.core.settings import Settings


@dataclass(frozen=True)
class Fitting:
    """
    What an estimator is fitted with.

    Parameters
    ----------
    vector : str
        Column of the vectors, where the algorithm takes one.
    columns : sequence of str or None
        Numeric features, then indices of categories; None for the vector.
    on_tree : callable or None
        Called with the number of the tree that is growing.
    tariff : TariffSettings, optional
        Where the label is what prices lie beside a tariff.
    """

    settings: "Settings"
    vector: str
    columns: Sequence[str] | None = None
    on_tree: Callable[[int], None] | None = None
    tariff: "TariffSettings | None" = None

    @property
    def output(self) -> str:
        """Column of the predictions."""
        return BEYOND_TARIFF if self.tariff else PREDICTION


@dataclass(frozen=True)
class EncodedTrips:
    """
    Trips in this process, as numbers.

    Parameters
    ----------
    matrix : ndarray of float32, shape (trips, 12)
        Numeric features, then indices of categories.
    paid : ndarray of float32, shape (trips,)
        Dollars.
    """

    matrix: "npt.NDArray[np.float32]"
    paid: "npt.NDArray[np.float32]"


# The fitted model, and the importance of each slot of its input.
Fitted: TypeAlias = "tuple[Model, list[float]]"
Fit: TypeAlias = "Callable[[DataFrame, Fitting], Fitted]"
FitHere: TypeAlias = "Callable[[EncodedTrips, Fitting], Fitted]"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """
    What a monthly run on one machine takes, as docs/scale.md measures it.

    Parameters
    ----------
    gib, gib_per_million : float
        Memory of all its processes, and more for each million train trips.
    cpu_seconds, cpu_seconds_per_million : float
        Of one processor.
    disk_gib_per_million : float
        Of temporary files, while it runs.
    """

    gib: float
    gib_per_million: float
    cpu_seconds: float
    cpu_seconds_per_million: float
    disk_gib_per_million: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """
    A way to learn, and everything that depends on it.

    Parameters
    ----------
    name : str
        Also of its section in the settings.
    load : callable
        Returns what fits it: imported only then, it may not be installed.
    cost : Cost
        Of its usual encoding.
    load_here : callable, optional
        Returns what fits it in this process, where Spark's workers are
        threads of the same machine, and it takes plain columns.
    vector_for : tuple of str
        Encodings of which it takes a vector; of others, plain columns.
    level_needs_bin : bool
        Whether ``max_bins`` must be as many as an indexed category's levels.
    libraries : tuple of str
        Packages of which one brings the library that fits: another version
        may give another model.
    packages, worker_packages : tuple of str
        Modules that it imports here, and on Spark's workers.
    extra : str
        What installs them: an extra of this project.
    all_at_once : bool
        Whether every partition must be trained on at the same time.
    robust : bool
        Whether its errors beyond a tariff need not count as squares.
    """

    name: str
    title: str
    load: Callable[[], Fit]
    usual_encoding: Encoding
    vector_for: tuple[Encoding, ...]
    libraries: tuple[str, ...]
    cost: Cost
    load_here: Callable[[], FitHere] | None = None
    level_needs_bin: bool = False
    packages: tuple[str, ...] = ()
    worker_packages: tuple[str, ...] = ()
    extra: str = ""
    all_at_once: bool = False
    robust: bool = False

    @property
    def remedy(self) -> str:
        """What installs its packages."""
        return f"pip install 'taxi-fare[{self.extra}]'"

    def settings(self, settings: "Settings") -> "AlgorithmSettings":
        """Return its section."""
        return cast("AlgorithmSettings", getattr(settings, self.name))

    def missing_packages(self) -> list[str]:
        """Tell what is not installed here."""
        return [name for name in self.packages if find_spec(name) is None]

    def library(self) -> dict[str, str]:
        """Return the library that fits it, with major and minor version."""
        found = installed_version(*self.libraries)
        return {self.libraries[0]: ".".join(found.split(".")[:2])}


def _gbt() -> Fit:
    from taxi_fare.training.gbt import fit_gbt

    return fit_gbt


def _xgboost() -> Fit:
    from taxi_fare.training.xgboost import fit_xgboost

    return fit_xgboost


def _xgboost_here() -> FitHere:
    from taxi_fare.training.xgboost import fit_xgboost_here

    return fit_xgboost_here


_RECORDS = (
    Algorithm(
        name="gbt",
        title="MLlib's GBTRegressor",
        load=_gbt,
        usual_encoding="onehot",
        vector_for=("onehot", "index"),
        level_needs_bin=True,
        libraries=("pyspark",),
        cost=Cost(
            gib=1.5,
            gib_per_million=0.4,
            cpu_seconds=90.0,
            cpu_seconds_per_million=120.0,
            disk_gib_per_million=0.2,
        ),
    ),
    Algorithm(
        name="xgboost",
        title="XGBoost on the same Spark session",
        load=_xgboost,
        load_here=_xgboost_here,
        cost=Cost(
            gib=1.9,
            gib_per_million=0.1,
            cpu_seconds=30.0,
            cpu_seconds_per_million=14.0,
        ),
        usual_encoding="index",
        # XGBoost gets a vector as a Python list of its numbers, a column as
        # an array: with few columns the latter is several times as fast.
        vector_for=("onehot",),
        libraries=("xgboost", "xgboost-cpu"),
        # The second is what `xgboost.spark` is written with; the last two are
        # what it hands rows over with, on workers of other machines.
        packages=("xgboost", "sklearn"),
        worker_packages=("xgboost", "sklearn", "pandas", "pyarrow"),
        extra="xgboost",
        all_at_once=True,
        robust=True,
    ),
)
ALGORITHMS = {algorithm.name: algorithm for algorithm in _RECORDS}


def find_algorithm(name: str) -> Algorithm:
    """
    Find an algorithm by its name.

    Raises
    ------
    WrongUsageError
        If there is none of that name.
    """
    if name in ALGORITHMS:
        return ALGORITHMS[name]
    raise WrongUsageError(
        f"There is no algorithm {name!r}.",
        expected=f"one of {', '.join(ALGORITHMS)}",
        remedy="correct the name.",
    )
