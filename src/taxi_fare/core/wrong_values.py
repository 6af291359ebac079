"""What a value should have been, in words of this project."""

import re
from collections.abc import Collection
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from taxi_fare.core.addresses import shown_address

# Longer values are cut in messages.
_SHOWN = 60
_NUMBER = "a whole number"
_OBJECT = "names with values"
_LIST = "a list"
_TRUTH = "true or false"
_MOMENT = "a date with a time"
_DAY = "a date"
# By pydantic's types of errors; what a message needs is in their context.
_EXPECTED = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _NUMBER),
    "int_parsing_size": "a whole number with fewer digits",
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    "finite_number": "a finite number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    **dict.fromkeys(("bool_type", "bool_parsing"), _TRUTH),
    **dict.fromkeys(("string_type", "string_unicode"), "a text"),
    "string_too_short": "a text of {min_length} or more letters",
    "string_too_long": "a text of at most {max_length} letters",
    "string_pattern_mismatch": "a text that fits the pattern {pattern}",
    **dict.fromkeys(("literal_error", "enum"), "{expected}"),
    **dict.fromkeys(
        ("dict_type", "mapping_type", "model_type", "model_attributes_type"),
        _OBJECT,
    ),
    **dict.fromkeys(("list_type", "tuple_type", "set_type"), _LIST),
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    **dict.fromkeys(("datetime_type", "datetime_parsing"), _MOMENT),
    "datetime_from_date_parsing": _MOMENT,
    "timezone_naive": f"{_MOMENT} and no zone",
    "timezone_aware": f"{_MOMENT} and a zone",
    **dict.fromkeys(("date_type", "date_parsing"), _DAY),
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "none_required": "nothing",
    "json_invalid": "JSON: {error}",
    "json_type": "JSON",
    "missing": "a value",
    "extra_forbidden": "no such name",
}
_OTHER = "a value of another kind"
# How pydantic names the alternatives of a value, behind its place.
_ALTERNATIVE = re.compile(r"(int|float|str|bool)\Z|(literal|constrained)\W.*")


def expected_of(error: ErrorDetails) -> str:
    """
    Say what a value should have been.

    Parameters
    ----------
    error : ErrorDetails
        One of ``ValidationError.errors()``; a validator of this project
        has said it itself.

    Examples
    --------
    >>> from pydantic import TypeAdapter
    >>> try:
    ...     TypeAdapter(int).validate_python("abc")
    ... except ValidationError as failure:
    ...     expected_of(failure.errors()[0])
    'a whole number'
    """
    context = error.get("ctx", {})
    if error["type"] in {"value_error", "assertion_error"}:
        return str(context.get("error", _OTHER))
    text = _EXPECTED.get(error["type"], _OTHER)
    return text.format_map({k: _written(k, context[k]) for k in context})


def first_fault(
    failure: ValidationError,
    *,
    whole: str = "the document",
    hidden: Collection[object] = (),
) -> str:
    """
    Say which key is wrong, what was expected there and what was found.

    Parameters
    ----------
    whole : str, optional
        What the keys belong to, for a fault of the whole.
    hidden : collection of str, optional
        Keys whose values are not to be shown.
    """
    errors = failure.errors(include_url=False)
    first, place = errors[0], place_of(errors[0])
    where = place or whole
    match first["type"]:
        case "missing":
            return f"{where} is missing"
        case "extra_forbidden":
            return f"{where} is no known name"
        case "value_error" | "assertion_error":
            return f"{where}: {expected_of(first)}"
    # One for each alternative.
    expected = dict.fromkeys(
        expected_of(each) for each in errors if place_of(each) == place
    )
    told = f"{where}: expected {' or '.join(expected)}"
    if place in hidden:
        return told
    return f"{told}, found {_short(first['input'])}"


def place_of(error: ErrorDetails) -> str:
    """Say where the value is: ``rides.3.pickup``, or nothing of the whole."""
    keys = [str(key) for key in error["loc"]]
    while keys and _ALTERNATIVE.match(keys[-1]):
        keys.pop()
    return ".".join(keys)


def _short(value: object) -> str:
    # An address may have a token in what it asks for.
    held = repr(shown_address(value) if isinstance(value, str) else value)
    return held if len(held) <= _SHOWN else f"{held[:_SHOWN]}…"


def _written(name: str, value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return f"{value:,}"
    if name == "expected":
        # 'a', 'b' or 'c'
        words = str(value).replace("'", "").replace(" or ", ", ")
        return f"one of {words}" if ", " in words else words
    return str(value)
