"""Calendar months: parsing, arithmetic and the sliding window."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from taxi_fare.core.errors import WrongUsageError

_MONTH = re.compile(r"([12]\d{3})[-/](0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Month:
    """
    One calendar month of pickups, in New York wall-clock time.

    Parameters
    ----------
    text : str
        ``2023-06`` or ``2023/06``; kept as ``2023-06``.

    Raises
    ------
    WrongUsageError
        If the text is not a month.

    Examples
    --------
    >>> Month("2023/01").plus(-1)
    Month(text='2022-12')
    >>> Month("2023-06").path
    '2023/06'
    """

    text: str

    def __post_init__(self) -> None:
        match = _MONTH.fullmatch(self.text.strip())
        if match is None:
            raise WrongUsageError(
                f"{self.text!r} is not a month.",
                expected="YYYY-MM, such as 2023-06",
                remedy="write the year with four digits and the month with"
                " two.",
            )
        object.__setattr__(self, "text", f"{match[1]}-{match[2]}")

    def __str__(self) -> str:
        return self.text

    @property
    def path(self) -> str:
        """Folder of the month below the lake, such as ``2023/06``."""
        return self.text.replace("-", "/")

    @property
    def start(self) -> datetime:
        """First instant of the month, wall-clock time."""
        return datetime(int(self.text[:4]), int(self.text[5:]), 1)

    @property
    def end(self) -> datetime:
        """First instant after the month, wall-clock time."""
        return self.plus(1).start

    def plus(self, count: int) -> "Month":
        """
        Return the month so many months later.

        Parameters
        ----------
        count : int
            How many months; negative goes back.

        Returns
        -------
        Month
            The other month.
        """
        index = self.start.year * 12 + self.start.month - 1 + count
        return Month(f"{index // 12:04d}-{index % 12 + 1:02d}")

    @classmethod
    def current(cls) -> "Month":
        """
        Return the month of today's date.

        Returns
        -------
        Month
            The current calendar month on this machine's clock.
        """
        return cls(date.today().strftime("%Y-%m"))


# Names and content of the TLC's files of 2009 and 2010 are others.
FIRST_MONTH = Month("2011-01")
WITHOUT_ZONES = (
    "until 2010 the TLC's files have longitude and latitude where later ones"
    " have taxi zones, and other names for times and prices"
)


def months_between(first: Month, last: Month) -> int:
    """Return how many months later the last one is."""
    years = last.start.year - first.start.year
    return 12 * years + last.start.month - first.start.month


def parse_months(text: str) -> list[Month]:
    """
    Parse a range ``A..B`` or a list ``A,B,…`` of months.

    Parameters
    ----------
    text : str
        For example ``2023-01..2023-04`` or ``2023-01,2023-03``.

    Returns
    -------
    list of Month
        In ascending order, each once.

    Raises
    ------
    WrongUsageError
        If a part is no month, or one without zones, or a range runs
        backwards.

    Examples
    --------
    >>> [str(month) for month in parse_months("2022-12..2023-02")]
    ['2022-12', '2023-01', '2023-02']
    """
    months: set[Month] = set()
    for part in text.split(","):
        first, dots, last = part.partition("..")
        if not dots:
            months.add(Month(part))
            continue
        month, end = Month(first), Month(last)
        if end < month:
            raise WrongUsageError(
                f"The range {part.strip()!r} runs backwards.",
                expected="the earlier month first",
                remedy=f"write {end}..{month}.",
            )
        while month <= end:
            months.add(month)
            month = month.plus(1)
    require_zones(months)
    return sorted(months)


def parse_month(text: str) -> Month:
    """
    Parse one month.

    Raises
    ------
    WrongUsageError
        If it is no month, or one without zones.
    """
    month = Month(text)
    require_zones([month])
    return month


def require_zones(months: Iterable[Month]) -> None:
    """
    Check that the TLC's files of some months have what trips are made of.

    Raises
    ------
    WrongUsageError
        If one lies before 2011.
    """
    early = [month for month in sorted(months) if month < FIRST_MONTH]
    if early:
        raise WrongUsageError(
            f"{', '.join(map(str, early[:3]))}{', …' * (len(early) > 3)}"
            f" cannot be used: {WITHOUT_ZONES}.",
            expected=f"months from {FIRST_MONTH} on, the first that has both",
            remedy="leave earlier months out.",
        )


@dataclass(frozen=True)
class Window:
    """
    The train months and the test month of one run.

    Parameters
    ----------
    train : tuple of Month
        In ascending order, each once, never the test month.
    test : Month
        The month the model is tested on.
    """

    train: tuple[Month, ...]
    test: Month

    @property
    def months(self) -> tuple[Month, ...]:
        """Every month of the window, in ascending order."""
        return tuple(sorted((*self.train, self.test)))


def sliding_window(test: Month, *, length: int) -> Window:
    """Return the window of the months right before the test month."""
    train = tuple(test.plus(-back) for back in range(length, 0, -1))
    return Window(train=train, test=test)


def explicit_window(
    train: Iterable[Month], *, test: Month, min_train: int
) -> Window:
    """
    Return a window of the given train months.

    Raises
    ------
    WrongUsageError
        If the test month is among the train months, or these are too few.
    """
    months = tuple(sorted(set(train)))
    if test in months:
        raise WrongUsageError(
            f"The test month {test} is also a train month.",
            expected="a test month that the model has not seen",
            remedy=f"leave {test} out of --train-months, or test on another"
            " month.",
        )
    if len(months) < min_train:
        raise WrongUsageError(
            f"{len(months)} train month(s) given:"
            f" {', '.join(map(str, months))}.",
            expected=f"at least {min_train} train months",
            remedy="add months to --train-months, or leave it out for the"
            " months before the test month.",
        )
    return Window(train=months, test=test)
