"""
Ask a server whether it is up: ``answers.py URL [PATTERN] [--within SECONDS]``.

Ends with 0 when it answers 200 and what it says has the pattern (blanks do
not count), with 7 otherwise. Health checks ask once; clients ask until a time
is over, since not every engine of containers waits for health. Needs nothing
but Python.
"""

import argparse
import re
import sys
import time
import urllib.request
from http.client import HTTPException

_PATIENCE_SECONDS = 5
_PAUSE_SECONDS = 0.5


def problem(url: str, pattern: str) -> str | None:
    """Say why the server is not up, or None when it is."""
    # A proxy of the environment has no business between two containers.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_PATIENCE_SECONDS) as answer:
            said = answer.read().decode(errors="replace")
    except (OSError, HTTPException) as error:
        return str(error)
    if re.search(pattern, re.sub(r"\s", "", said)) is None:
        return f"it answers, but not with {pattern}"
    return None


def main() -> int:
    """Ask, again and again if so wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("--within", type=float, default=0, metavar="SECONDS")
    given = parser.parse_args()
    end = time.monotonic() + given.within
    while (found := problem(given.url, given.pattern)) is not None:
        if time.monotonic() >= end:
            print(f"{given.url} is not up: {found}", file=sys.stderr)
            return 7
        time.sleep(_PAUSE_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
