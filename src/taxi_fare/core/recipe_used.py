"""How a model was built: a part of its manifest, and the file of ``tune``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from taxi_fare.core.documents import (
    Document,
    MonthName,
    Number,
    Part,
    Refusal,
    Trips,
    parse_document,
)
from taxi_fare.core.errors import DataMissingError, WrongUsageError
from taxi_fare.core.settings import Settings
from taxi_fare.core.wrong_values import first_fault


class Tuning(Part):
    """How hyper-parameters were found."""

    train_months: tuple[MonthName, ...] = Field(
        description="What the trials learnt from."
    )
    chosen_on: MonthName = Field(
        description="The month by which one was chosen."
    )
    train_rows: Trips
    test_rows: Trips
    trials: int = Field(ge=1, description="That went to their end.")
    before: dict[str, Number] = Field(
        description="Metrics on that month, with the settings as they were."
    )
    after: dict[str, Number] = Field(description="The same, as found.")
    file: str | None = Field(
        None, description="Where it was read; missing in that file itself."
    )


class RecipeUsed(Part):
    """How a model is built."""

    name: str
    algorithm: str
    encoding: str
    tariff: bool = Field(
        False,
        description="Whether a tariff comes first, and trees learn what it"
        " leaves; missing: no.",
    )
    parameters: dict[str, Any]
    partitions: int = Field(ge=1)
    tuned: Tuning | None = Field(
        None, description="Missing: parameters are those of the settings."
    )


class Tuned(Document):
    """
    What ``tune`` found, for ``train --tuned``.

    Parameters
    ----------
    recipe : str
        Name of the recipe.
    parameters : dict
        Its hyper-parameters, by section of the settings and by name.
    tuning : Tuning
        How they were found, and what they are worth.

    Examples
    --------
    >>> tuned = read_tuned("reports/tuned/2023-06_xgboost-tariff.json")
    Traceback (most recent call last):
        ...
    DataMissingError: There is no file reports/tuned/2023-06_xgboost-tariff...
    """

    recipe: str
    parameters: dict[str, dict[str, Number]] = Field(
        description="By section of the settings, and by name."
    )
    tuning: Tuning

    def require_unseen(self, test_month: str) -> None:
        """
        Refuse a test month that parameters were chosen by.

        Parameters
        ----------
        test_month : str
            Such as ``2023-06``.

        Raises
        ------
        WrongUsageError
            If the month, or a later one, was looked at.
        """
        if self.tuning.chosen_on >= test_month:
            raise WrongUsageError(
                f"The parameters were chosen on {self.tuning.chosen_on}, and"
                f" the test month is {test_month}.",
                expected="a test month after those that were tuned on: a"
                " model would look better than it is",
                remedy=f"run `taxi-fare tune --test-month {test_month}`.",
            )

    def applied(self, settings: Settings) -> Settings:
        """
        Return settings with this recipe and its parameters.

        Parameters
        ----------
        settings : Settings
            All others stay.

        Returns
        -------
        Settings
            What a recipe is built by.

        Raises
        ------
        WrongUsageError
            If they are none that this release knows.
        """
        return built_by(settings, self.recipe, self.parameters)


def read_tuned(path: Path | str) -> Tuned:
    """
    Read what ``tune`` has written; the document says where it was.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    Tuned
        For ``TrainRequest``.

    Raises
    ------
    DataMissingError
        If there is no file.
    DataRefusedError
        If it is damaged, or something else.

    Examples
    --------
    >>> read_tuned("nothing.json")
    Traceback (most recent call last):
        ...
    DataMissingError: There is no file nothing.json.
    """
    path = Path(path)
    expected, remedy = "the file that `taxi-fare tune` writes", "name it."
    try:
        content = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise DataMissingError(
            f"There is no file {path}.", expected=expected, remedy=remedy
        ) from error
    found = parse_document(
        content, Tuned, place=path, refusal=Refusal(expected, remedy)
    )
    told = found.tuning.model_copy(update={"file": str(path)})
    return found.model_copy(update={"tuning": told})


def built_by(
    settings: Settings,
    recipe: str,
    parameters: Mapping[str, Mapping[str, Number]],
) -> Settings:
    """
    Return settings with a recipe, and parameters by section and name.

    Raises
    ------
    WrongUsageError
        If they are none that this release knows.
    """
    changed = {}
    try:
        for section, values in {
            "training": {"recipe": recipe},
            **parameters,
        }.items():
            given = getattr(settings, section)
            changed[section] = type(given).model_validate(
                given.model_dump() | values
            )
    except (AttributeError, ValidationError) as error:
        fault = f"there is no section {section}"
        if isinstance(error, ValidationError):
            fault = first_fault(error, whole=section)
        raise WrongUsageError(
            f"What was tuned does not fit: {fault}.",
            expected="a recipe and parameters of this release",
            remedy="run `taxi-fare tune` again.",
        ) from error
    return settings.model_copy(update=changed)
