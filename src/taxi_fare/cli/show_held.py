"""Print what intervals held of the prices."""

from typing import TYPE_CHECKING

from taxi_fare.cli.show import money, new_table
from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.core.name_in_words import name_in_words

if TYPE_CHECKING:
    from rich.console import Console

    from taxi_fare.core.intervals import Coverage


def show_held(coverage: "Coverage | None", console: "Console") -> None:
    """Print shares and width, of all trips and by what was paid."""
    if coverage is None:
        return
    stated = [f"Of {percent} %" for percent in coverage.stated]
    numbers = ("Trips", *stated, f"Mean width of {USUAL_COVERAGE} %")
    table = new_table("Prices in intervals", *numbers, numbers=numbers)
    for each in coverage.held():
        shares = ("-" if x is None else f"{x:.1%}" for x in each.shares)
        table.add_row(
            name_in_words(each.name),
            f"{each.rows:,}",
            *shares,
            money(each.width),
        )
    console.print(table)
