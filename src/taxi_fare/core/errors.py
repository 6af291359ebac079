"""Every expected error of the project, with the exit code it ends in."""

from taxi_fare.core.visible import visible, visible_lines

UNEXPECTED = 1
# Codes that another attempt may end without: an unexpected error, what a
# person or a restart brings back (a package, a store), what passes by itself.
RETRYABLE = frozenset({UNEXPECTED, 7, 75})


class TaxiFareError(Exception):
    """
    An expected error: what was found, what was expected, what to do.

    Nobody needs to take its words apart: they are attributes; ``summary`` is
    the first line of what was found, for a table or a list.

    Parameters
    ----------
    found : str
        What is wrong, with the value that was found.
    expected : str, optional
        What should have been there.
    remedy : str, optional
        What the reader can do about it.
    month : str, optional
        The month that it is about, for programs that read the log.

    Examples
    --------
    >>> try:
    ...     parse_months("June")
    ... except TaxiFareError as error:
    ...     print(error.exit_code, error.found, error.retryable, sep="; ")
    2; 'June' is not a month.; False
    """

    exit_code = UNEXPECTED

    def __init__(
        self,
        found: str,
        *,
        expected: str = "",
        remedy: str = "",
        month: str | None = None,
    ) -> None:
        self.summary = visible(found.partition("\n")[0])
        # Names and words out of files are in them.
        self.found = visible(found)
        self.expected = visible(expected)
        self.remedy = visible(remedy)
        super().__init__(self.found)
        self.month = month
        self._before = ""
        self._after = ""

    def __str__(self) -> str:
        """Return the message for people, some lines long."""
        expected = self.expected and f"\n  Expected: {self.expected}"
        remedy = self.remedy and f"\n  What to do: {self.remedy}"
        return f"{self._before}{self.found}{expected}{remedy}{self._after}"

    @property
    def retryable(self) -> bool:
        """Whether the same command may end in another way."""
        return self.exit_code in RETRYABLE

    def add_context(
        self, *, before: str = "", after: str = "", month: str | None = None
    ) -> None:
        """
        Say around the message where it happened, before it is raised again.

        Parameters
        ----------
        before, after : str, optional
            Lines above and below; what was found stays what it is.
        month : str, optional
            The month that it is about.
        """
        if before:
            self._before = f"{visible_lines(before)}\n{self._before}"
        if after:
            self._after = f"{self._after}\n{visible_lines(after)}"
        self.month = month or self.month


class WrongUsageError(TaxiFareError):
    """
    The command, an option or a setting cannot be what was given.

    Examples
    --------
    >>> find_zone("Gotham")
    Traceback (most recent call last):
        ...
    WrongUsageError: 'Gotham' names no single taxi zone.
    """

    exit_code = 2


class DataMissingError(TaxiFareError):
    """
    A month, a model or a report is not there, or not yet.

    Examples
    --------
    >>> FarePredictor.load("nowhere")
    Traceback (most recent call last):
        ...
    DataMissingError: There is no model in nowhere.
    """

    exit_code = 3


class NotPublishedError(DataMissingError):
    """
    The source of raw months does not have a month yet.

    Examples
    --------
    >>> issubclass(NotPublishedError, DataMissingError)
    True
    """


class DataRefusedError(TaxiFareError):
    """
    Data is there, but must not be used.

    Examples
    --------
    >>> FarePredictor.load("models/registry").predict([{"trip_distance": 2.5}])
    Traceback (most recent call last):
        ...
    DataRefusedError: The trips lack VendorID, …
    """

    exit_code = 4


class ModelRefusedError(TaxiFareError):
    """
    A gate refused a model or its predictions.

    Examples
    --------
    >>> ModelRefusedError("The RMSE is 12.1.", expected="below 10").exit_code
    5
    """

    exit_code = 5


class RegistryConflictError(TaxiFareError):
    """
    The registry contradicts itself, or a model of it is damaged.

    Examples
    --------
    >>> registry = open_registry("models/registry", load_settings())
    >>> roll_back(registry, run_id="r", reason="why not", to="second")
    Traceback (most recent call last):
        ...
    RegistryConflictError: second is the current model already.
    """

    exit_code = 6


class IncompatibleModelError(RegistryConflictError):
    """A whole model that another version of this code, or of Spark, made."""


class EnvironmentLackError(TaxiFareError):
    """
    This machine lacks something that the command needs.

    Examples
    --------
    >>> open_registry("s3a://models/registry", load_settings())
    Traceback (most recent call last):
        ...
    EnvironmentLackError: The keys of the S3 store are not known: …
    """

    exit_code = 7


class AlarmError(TaxiFareError):
    """
    The watch found what --fail-on names.

    Examples
    --------
    >>> AlarmError("The verdict on 2023-06 is 'act'.").exit_code
    8
    """

    exit_code = 8


class TemporaryError(TaxiFareError):
    """
    What may pass by itself: the network, a lock, what changed meanwhile.

    Examples
    --------
    >>> TemporaryError("The registry is locked.").retryable
    True
    """

    exit_code = 75  # EX_TEMPFAIL of sysexits.h
