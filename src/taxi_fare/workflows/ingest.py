"""Raw months into the lake, with a report of what was rejected."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.months import Month, require_zones
from taxi_fare.core.settings import Settings
from taxi_fare.lake.clean import Rules
from taxi_fare.lake.ingest import IngestedMonth, ingest_month
from taxi_fare.lake.place import AnyLake, Lake, as_lake
from taxi_fare.lake.raw.download import OnBytes
from taxi_fare.lake.raw.source import raw_source
from taxi_fare.reports.documents.printed import IngestReport, ReportedMonth
from taxi_fare.reports.validation_report import update_ingest_section
from taxi_fare.validation.rules import RULES_VERSION, ingest_rules


def _unseen(label: str) -> AbstractContextManager[OnBytes]:
    return nullcontext(lambda done, total: None)


@dataclass(frozen=True)
class IngestOptions:
    """
    How to ingest.

    Parameters
    ----------
    keep_rejected : bool
        Whether to write the rejected trips beside the lake.
    reports_dir : Path
        Where ``validation_report.json`` is kept.
    raw_dir : Path
        Folder that downloaded months are kept in.
    show_download : callable, optional
        Takes a label; gives a context whose value is called as bytes arrive.

    Examples
    --------
    >>> IngestOptions(keep_rejected=True).raw_dir
    PosixPath('data/raw')
    """

    keep_rejected: bool = False
    reports_dir: Path = Path("reports")
    raw_dir: Path = Path("data/raw")
    show_download: Callable[[str], AbstractContextManager[OnBytes]] = _unseen


@dataclass(frozen=True)
class IngestResult:
    """
    What an ingest did.

    Parameters
    ----------
    run_id : str
        Of this ingest.
    lake : FolderLake or StoreLake
        The lake.
    months : tuple of IngestedMonth
        In the order they were ingested.

    Examples
    --------
    >>> result = ingest(
    ...     parse_months("2023-01"), lake=Path("data/nyc-interim/yellow"),
    ...     source="raw", options=IngestOptions(), settings=load_settings(),
    ... )
    >>> [each.status for each in result.months]
    ['unchanged']
    """

    run_id: str
    lake: Lake
    months: tuple[IngestedMonth, ...]

    def to_document(self) -> dict[str, Any]:
        """
        Return the result for ``--json``.

        Returns
        -------
        dict
            Header, lake, and each month with its counts.
        """
        simulated = any(each.record.simulated for each in self.months)
        return IngestReport(
            **report_header(self.run_id, simulated=simulated),
            lake=str(self.lake),
            months=tuple(_reported(each) for each in self.months),
        ).to_document()


def ingest(
    months: Sequence[Month],
    *,
    lake: AnyLake,
    source: str | None,
    options: IngestOptions,
    settings: Settings,
) -> IngestResult:
    """
    Bring raw months into the lake, one after another.

    Parameters
    ----------
    months : sequence of Month
        Which ones.
    lake : Path, FolderLake or StoreLake
        The lake; a folder is created when missing.
    source : str or None
        Folder or http(s) address of the raw months; None for the settings'.
    options : IngestOptions
        What to keep, and where.
    settings : Settings
        Source and retention limits.

    Returns
    -------
    IngestResult
        What was done for each month.

    Raises
    ------
    TaxiFareError
        If a month fails; those before it are in the lake and in the report.

    Examples
    --------
    >>> result = ingest(
    ...     parse_months("2023-01..2023-02"), lake=Path("other-lake"),
    ...     source="raw", options=IngestOptions(), settings=load_settings(),
    ... )
    >>> [each.status for each in result.months]
    ['written', 'written']
    """
    require_zones(months)
    lake = as_lake(lake)
    place = raw_source(
        source, downloads=options.raw_dir, settings=settings.source
    )

    def fetch(month: Month) -> tuple[Sequence[Path], str]:
        """Return the raw files, and where they come from."""
        with options.show_download(f"Downloading {month}") as on_bytes:
            return place.fetch(month, on_bytes)

    limits = settings.validation
    rules = Rules(ingest_rules(limits), RULES_VERSION, limits)
    run_id = new_run_id()
    done: list[IngestedMonth] = []
    for month in months:
        try:
            ingested = ingest_month(
                month,
                lake=lake,
                fetch=fetch,
                rules=rules,
                keep_rejected=options.keep_rejected,
            )
        except TaxiFareError as error:
            before = _stopped_at(month, done)
            error.add_context(before=before, month=str(month))
            raise
        done.append(ingested)
        update_ingest_section(
            options.reports_dir, records=[ingested.record], run_id=run_id
        )
    return IngestResult(run_id, lake, tuple(done))


def _stopped_at(month: Month, done: Sequence[IngestedMonth]) -> str:
    before = ", ".join(str(each.month) for each in done) or "none"
    return f"The ingest stopped at {month}. Months done before it: {before}."


def _reported(ingested: IngestedMonth) -> ReportedMonth:
    rejected = ingested.rejected_path
    return ReportedMonth(
        status=ingested.status,
        path=str(ingested.path),
        rejected_path=str(rejected) if rejected else None,
        **ingested.record.to_document(),
    )
