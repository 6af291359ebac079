"""Read JSON that somebody else may have changed: one meaning, or none."""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

# The largest portable model that may be written; other documents are small.
LARGEST_JSON_BYTES = 64 * 2**20


def parse_json(content: bytes | str) -> Any:
    """
    Read a JSON text.

    What JSON does not have (NaN), or has in two ways (a key twice), is
    refused, and so is what is no document but an attack: deep, or long.

    Raises
    ------
    ValueError
        If it is none; it says why.
    """
    if len(content) > LARGEST_JSON_BYTES:
        raise ValueError(
            f"{len(content):,} bytes, and {LARGEST_JSON_BYTES:,} at most are"
            " read"
        )
    text = content if isinstance(content, str) else content.decode("utf-8")
    try:
        return json.loads(
            text, parse_constant=_no_number, object_pairs_hook=_once
        )
    except RecursionError:
        raise ValueError("too many brackets in brackets") from None
    except MemoryError:
        raise ValueError("more than fits into the memory") from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r:.60} twice")
    return found
