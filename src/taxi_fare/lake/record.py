"""What the lake knows about how a month came into it."""

import json

import pyarrow.parquet as pq
from pydantic import Field

from taxi_fare.core.documents import (
    ByRule,
    MonthName,
    Part,
    Refusal,
    Trips,
    parse_document,
)

MONTH_FILE = "trips.parquet"
METADATA_KEY = b"taxi_fare.ingest"
_REFUSAL = Refusal(
    expected="the record that `taxi-fare ingest` writes",
    remedy="ingest the month again.",
)


class IngestRecord(Part):
    """
    The origin of one month, kept in the footer of its parquet file.

    A month is one file, so that its trips and its record are replaced in one
    step and can never disagree.
    """

    month: MonthName
    source: str = Field(description="Path or address of the raw file.")
    source_sha256: str = Field(description="Of the raw file's bytes.")
    rules_version: int
    raw_rows: Trips
    valid_rows: Trips
    rejected: ByRule
    simulated: bool
    columns: dict[str, tuple[str, ...]] | None = Field(
        None,
        description="Kinds of each column of the raw file, by its name in"
        " lower case; missing: they were not recorded then.",
    )

    def to_metadata(self) -> dict[bytes, bytes]:
        """Return the record as parquet key-value metadata."""
        return {METADATA_KEY: json.dumps(self.to_document()).encode()}


def record_in(footer: pq.FileMetaData) -> IngestRecord | None:
    """
    Find the record in a footer; None when another program wrote the file.

    Raises
    ------
    DataRefusedError
        If the record is damaged, or one of a version that has other keys.
    """
    content = (footer.metadata or {}).get(METADATA_KEY)
    if not content:
        return None
    return parse_document(
        content,
        IngestRecord,
        place=f"its record ({METADATA_KEY.decode()})",
        refusal=_REFUSAL,
    )
