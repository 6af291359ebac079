"""A note: what a model does not know about a ride."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Impossible = Literal["too_short", "too_fast"]
Kind = Literal[
    "few_trips",
    "same_zone",
    "other_month",
    "before_training",
    "long_after_training",
    "assumed_rate_code",
    "other_rate_code",
    "rare_level",
    "out_of_range",
    Impossible,
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Note:
    """
    A sentence, and what kind of doubt it is.

    Parameters
    ----------
    values : mapping
        What the sentence tells, by name, for whoever says it in another
        language.
    """

    kind: Kind
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
