"""What every report begins with; it is in ``core.documents`` now."""

from taxi_fare.core.documents import (
    SCHEMA_VERSION,
    new_run_id,
    report_header,
)

__all__ = ["SCHEMA_VERSION", "new_run_id", "report_header"]
