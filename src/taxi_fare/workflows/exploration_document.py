"""What an exploration has to say, as one document."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from taxi_fare.core.columns import TRIP_COLUMNS
from taxi_fare.evaluation.description import Description
from taxi_fare.evaluation.trip_groups import (
    by_hour,
    by_payment_type,
    by_weekday,
    by_weekday_and_hour,
)
from taxi_fare.lake.month import LakeMonth
from taxi_fare.reports.header import new_run_id, report_header
from taxi_fare.validation.checks import MonthValidation


def exploration_document(
    months: Sequence[LakeMonth],
    *,
    counts: Mapping[str, MonthValidation],
    description: Description,
) -> dict[str, Any]:
    """Return the content of ``eda_summary.json`` but sample and figures."""
    simulated = any(month.simulated for month in months)
    groups = description.groups
    return report_header(new_run_id(), simulated=simulated) | {
        "date_range": {
            "min": description.first_pickup,
            "max": description.last_pickup,
        },
        "months": [str(each.month) for each in months],
        "rows": description.rows,
        "columns": {column.name: column.kind for column in TRIP_COLUMNS},
        "validation": {
            month: asdict(found) | {"rejected_rows": found.rejected_rows}
            for month, found in counts.items()
        },
        "missing_ratio": description.missing_ratio,
        "target": description.target,
        "by_hour": by_hour(groups),
        "by_weekday": by_weekday(groups),
        "by_payment_type": by_payment_type(groups),
        "by_weekday_and_hour": by_weekday_and_hour(groups),
    }
