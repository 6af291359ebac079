"""Options that say which months are trained and tested on."""

from typing import TYPE_CHECKING, Annotated

import typer

from taxi_fare.core.months import Month, parse_months

if TYPE_CHECKING:
    from taxi_fare.lake.place import Lake
    from taxi_fare.run.window import WindowRequest

TestMonth = Annotated[
    str | None,
    typer.Option(
        help="Month to test on, such as 2023-06. Default: the current month."
    ),
]
TrainMonths = Annotated[
    str | None,
    typer.Option(
        help="Months to train on, such as 2023-03,2023-04,2023-05."
        " Default: the three before the test month."
    ),
]
SkipMissing = Annotated[
    bool,
    typer.Option(
        "--skip-missing",
        help="Go on without missing train months, with at least two.",
    ),
]
Force = Annotated[
    bool,
    typer.Option("--force", help="Train again what was trained before."),
]
Legacy = Annotated[
    bool,
    typer.Option(
        "--legacy", help="The legacy mode: 2023-01 and 2023-02, 80/20."
    ),
]


def window_request(
    lake: "Lake",
    *,
    test_month: str | None,
    train_months: str | None,
    skip_missing: bool,
) -> "WindowRequest":
    """
    Understand the options.

    Parameters
    ----------
    test_month, train_months : str or None
        As given; an empty text is a mistake, not a wish for the default.

    Raises
    ------
    WrongUsageError
        If one is no month.
    """
    from taxi_fare.run.window import WindowRequest

    return WindowRequest(
        lake=lake,
        test_month=None if test_month is None else Month(test_month),
        train_months=None
        if train_months is None
        else tuple(parse_months(train_months)),
        skip_missing=skip_missing,
    )
