"""The commands that are over before Spark would be imported."""

from collections.abc import Sequence

from taxi_fare.cli import dashboard, quote
from taxi_fare.cli.logging_options import LoggedTyper
from taxi_fare.cli.running import run_app

app = LoggedTyper(
    name="taxi-fare",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(quote.quote)
app.command()(dashboard.dashboard)


@app.callback()
def _before_any_command() -> None:
    """Keep Typer from taking the only command for the whole program."""


def run(arguments: Sequence[str]) -> int:
    """Run one of these commands, as ``taxi_fare.cli.main`` does."""
    return run_app(app, arguments)
