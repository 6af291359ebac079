"""Money on the command line: as in the report, the sign of dollars first."""

import re
from pathlib import Path

import pytest

from taxi_fare.cli.show import money

CLI = Path(__file__).parents[2] / "src" / "taxi_fare" / "cli"


@pytest.mark.parametrize(
    ("dollars", "told"),
    [(75.2, "$75.20"), (0, "$0.00"), (-0.25, "-$0.25"), (1e4, "$10,000.00")],
)
def test_the_sign_of_dollars_is_first(dollars: float, told: str) -> None:
    """A minus stands before it."""
    assert money(dollars) == told


@pytest.mark.parametrize("module", sorted(CLI.glob("*.py")), ids=str)
def test_no_command_writes_it_behind_the_number(module: Path) -> None:
    """French has it there; the command line is in English."""
    assert not re.search(r"\} \$|\d \$|\" \$\"", module.read_text())
