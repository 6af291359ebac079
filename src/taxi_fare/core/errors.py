"""Every expected error of the project, with the exit code it ends in."""


class TaxiFareError(Exception):
    """
    An expected error: what was found, what was expected, what to do.

    Parameters
    ----------
    found : str
        What is wrong, with the value that was found.
    expected : str, optional
        What should have been there.
    remedy : str, optional
        What the reader can do about it.
    """

    exit_code = 1
    # The month that a command stopped at, for programs that read its log.
    month: str | None = None

    def __init__(
        self, found: str, *, expected: str = "", remedy: str = ""
    ) -> None:
        lines = [found]
        if expected:
            lines.append(f"  Expected: {expected}")
        if remedy:
            lines.append(f"  What to do: {remedy}")
        super().__init__("\n".join(lines))


class WrongUsageError(TaxiFareError):
    """The command, an option or a setting cannot be what was given."""

    exit_code = 2


class DataMissingError(TaxiFareError):
    """A month, a model or a report is not there, or not yet."""

    exit_code = 3


class NotPublishedError(DataMissingError):
    """The source of raw months does not have a month yet."""


class DataRefusedError(TaxiFareError):
    """Data is there, but must not be used."""

    exit_code = 4


class ModelRefusedError(TaxiFareError):
    """A gate refused a model or its predictions."""

    exit_code = 5


class RegistryConflictError(TaxiFareError):
    """The registry is locked, or changed; or a model of it is damaged."""

    exit_code = 6


class EnvironmentLackError(TaxiFareError):
    """This machine lacks something that the command needs."""

    exit_code = 7
