"""Make the bucket of the lake, if it is not there: ``make_bucket.py``."""

from datetime import timedelta

import httpx
import obstore

from taxi_fare.core.settings import load_settings
from taxi_fare.core.store.client import open_store

_MADE, _THERE = 200, 409


def main() -> None:
    """Ask the store for it with a signed address; obstore has no call."""
    settings = load_settings()
    bucket = settings.minio_bucket_interim
    store = open_store(f"s3a://{bucket}", settings)
    url = obstore.sign(store, "PUT", "", timedelta(minutes=1))
    answer = httpx.put(url, trust_env=False, timeout=30)
    if answer.status_code not in {_MADE, _THERE}:
        raise SystemExit(
            f"The bucket {bucket} could not be made: {answer.status_code}"
        )


if __name__ == "__main__":
    main()
