"""What every script on real months does: options, settings, marked pages."""

import argparse
from pathlib import Path

from taxi_fare.core.months import parse_months
from taxi_fare.core.settings import Settings, load_settings
from taxi_fare.workflows.ingest import IngestOptions, IngestResult, ingest

ROOT = Path(__file__).parents[1]


def parser_of(
    description: str | None, *, page: str
) -> argparse.ArgumentParser:
    """Return the options, and the page of docs/ that is written."""
    parser = argparse.ArgumentParser(description=description)
    shared = ROOT.parent / "shared" / "tlc" / "raw"
    parser.add_argument("--source", type=Path, default=shared)
    parser.add_argument("--months", default="2019-01..2019-12")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / page)
    return parser


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read the options; end where there are no raw months."""
    arguments = parser.parse_args()
    if not arguments.source.is_dir():
        parser.error(f"no folder of raw months: {arguments.source}")
    return arguments


def ingested_months(arguments: argparse.Namespace, work: Path) -> IngestResult:
    """Make a lake of the raw months, ``lake`` in a folder."""
    return ingest(
        parse_months(arguments.months),
        lake=work / "lake",
        source=str(arguments.source),
        options=IngestOptions(reports_dir=work / "reports", raw_dir=work),
        settings=load_settings(),
    )


def settings_with(recipe: str) -> Settings:
    """Return the settings with another recipe."""
    settings = load_settings()
    training = settings.training.model_copy(update={"recipe": recipe})
    return settings.model_copy(update={"training": training})


def write_between(page: Path, text: str, *, begin: str, end: str) -> None:
    """Replace what is between two marks of a page."""
    written = page.read_text(encoding="utf-8")
    before, _, rest = written.partition(begin)
    after = rest.partition(end)[2]
    page.write_text(
        f"{before}{begin}\n\n{text}\n{end}{after}", encoding="utf-8"
    )
