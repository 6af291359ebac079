"""What the lake knows about how a month came into it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow.parquet as pq

MONTH_FILE = "trips.parquet"
METADATA_KEY = b"taxi_fare.ingest"


@dataclass(frozen=True)
class IngestRecord:
    """
    The origin of one month, kept in the footer of its parquet file.

    A month is one file, so that its trips and its record are replaced in one
    step and can never disagree.

    Parameters
    ----------
    source_sha256 : str
        Of the raw file's bytes.
    """

    month: str
    source: str
    source_sha256: str
    rules_version: int
    raw_rows: int
    valid_rows: int
    rejected: dict[str, int]
    simulated: bool

    def to_metadata(self) -> dict[bytes, bytes]:
        """Return the record as parquet key-value metadata."""
        return {METADATA_KEY: json.dumps(asdict(self)).encode()}


def read_ingest_record(file: Path) -> IngestRecord | None:
    """
    Read the record from a month's parquet file.

    Returns
    -------
    IngestRecord or None
        None when another program wrote the file.
    """
    return record_in(pq.read_metadata(file))


def record_in(footer: pq.FileMetaData) -> IngestRecord | None:
    """
    Find the record in the footer of a month's parquet file.

    Returns
    -------
    IngestRecord or None
        None when another program wrote the file.
    """
    document = (footer.metadata or {}).get(METADATA_KEY)
    return IngestRecord(**json.loads(document)) if document else None
