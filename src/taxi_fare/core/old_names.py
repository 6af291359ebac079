"""Settings under the names that they had before: still read."""

from collections.abc import Mapping
from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict

from taxi_fare.core.errors import WrongUsageError

Document = dict[str, Any]

_SECTIONS = {"recipe": "gbt"}
# There is one seed, for all that is drawn; these had one of their own.
_SEEDED = ("recipe", "gbt", "xgboost")
_SEED = "training.seed"


class OldSections(BaseSettings):
    """Sections that environment variables may still name."""

    model_config = SettingsConfigDict(
        env_prefix="TAXI_FARE_", env_nested_delimiter="__", extra="ignore"
    )
    recipe: Document = {}


def with_new_names(given: Mapping[str, Any]) -> Document:
    """
    Return what one source gives, with the names of today.

    Returns
    -------
    dict
        Sections by name, and under ``old_names`` which names were replaced.

    Raises
    ------
    WrongUsageError
        If one thing is given under two names.
    """
    found = {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in given.items()
    }
    replaced = _with_one_seed(found)
    for old, new in _SECTIONS.items():
        section = found.pop(old, None)
        if not section:  # or nothing but a seed
            continue
        if new in found:
            raise _twice([f"[{old}]", f"[{new}]"], new=f"[{new}]")
        found[new] = section
        replaced[f"[{old}]"] = f"[{new}]"
    return found | {"old_names": replaced} if replaced else found


def _with_one_seed(found: Document) -> dict[str, str]:
    """Move the seeds of algorithms to where the one is; return the names."""
    seeds = {
        f"{name}.seed": found[name].pop("seed")
        for name in _SEEDED
        # What is no section is refused later, with its place.
        if isinstance(found.get(name), dict) and "seed" in found[name]
    }
    training = found.setdefault("training", {}) if seeds else None
    if not isinstance(training, dict):
        return {}
    given = seeds | ({_SEED: training["seed"]} if "seed" in training else {})
    # The environment's are texts, and those of a file are numbers.
    if len(set(map(str, given.values()))) > 1:
        raise _twice([f"{name} = {x}" for name, x in given.items()], new=_SEED)
    training["seed"] = next(iter(seeds.values()))
    return dict.fromkeys(seeds, _SEED)


def _twice(names: list[str], *, new: str) -> WrongUsageError:
    return WrongUsageError(
        f"The settings give one thing under two names: {', '.join(names)}.",
        expected=f"{new} alone, which is its name now",
        remedy="remove the other from the file or the environment"
        " (TAXI_FARE_SECTION__NAME).",
    )
