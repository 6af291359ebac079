"""What every report begins with: version, run, time, simulated or not."""

import secrets
from datetime import UTC, datetime
from typing import Any

SCHEMA_VERSION = 1
_SIMULATED_NOTE = (
    "Simulated trips: these figures say nothing about real taxi rides."
)


def new_run_id() -> str:
    """
    Return a name for one run, which no other run has.

    Returns
    -------
    str
        UTC time and a random suffix, such as ``20230601T081500Z-3f9a1c``;
        they sort by the second in which they began.
    """
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def report_header(run_id: str, *, simulated: bool) -> dict[str, Any]:
    """
    Return the keys that every report begins with.

    Returns
    -------
    dict
        ``schema_version``, ``run_id``, UTC ``timestamp`` in ISO 8601,
        ``simulated`` and, for simulated trips, a ``note`` for people.
    """
    header: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "simulated": simulated,
    }
    if simulated:
        header["note"] = _SIMULATED_NOTE
    return header
