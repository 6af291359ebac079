"""What a wrong value is told with: this project's words, no library's."""

from collections.abc import Iterator
from datetime import date
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import core_schema

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.sections import Sections
from taxi_fare.core.settings import load_settings
from taxi_fare.core.wrong_values import _EXPECTED, expected_of, first_fault
from taxi_fare.serving.asked import QuotesAsked

FOREIGN = ("Input", "input", "pydantic", "Value error", "should", "Extra")
OWN = {"value_error"}
SECTIONS: dict[str, type[BaseModel]] = {
    name: type(field.default) for name, field in Sections.model_fields.items()
}
FIELDS = [
    (section, name)
    for section, model in SECTIONS.items()
    for name in model.model_fields
]
WRONG = [
    *("abc", "", "x" * 300, None, True, -1, 0, 2.5, 1e300, 10**400),
    *(float("inf"), [], [1], ["a"] * 9, {}, {"a": 1}, b"\xff", date.today()),
]


def _failures(model: type[BaseModel], name: str) -> Iterator[ValidationError]:
    for value in WRONG:
        try:
            model.model_validate({name: value})
        except ValidationError as failure:
            yield failure


@pytest.mark.parametrize(("section", "name"), FIELDS)
def test_each_setting_is_refused_in_our_words(section: str, name: str) -> None:
    """Whatever is wrong with it, and however it is written."""
    for failure in _failures(SECTIONS[section], name):
        told = first_fault(failure)
        assert not [word for word in FOREIGN if word in told], told
        assert len(told) < 250
        for error in failure.errors():
            assert error["type"] in _EXPECTED.keys() | OWN, error


@pytest.mark.parametrize("name", ["rides", "trips", "coverage", "explain"])
def test_so_is_what_the_service_is_asked(name: str) -> None:
    """The same words are in its problems."""
    wrong = [{"rides": [{"pickup": value, "at": value}]} for value in WRONG]
    for asked in [*wrong, *({name: value} for value in WRONG)]:
        with pytest.raises(ValidationError) as failure:
            QuotesAsked.model_validate({"other": 1} | asked)
        for error in failure.value.errors():
            told = expected_of(error)
            assert not [word for word in FOREIGN if word in told], told


def test_every_kind_of_error_has_words() -> None:
    """Those that nothing here can raise yet, too."""
    kinds = get_args(core_schema.ErrorType)
    assert set(_EXPECTED) <= set(kinds)
    for kind in set(kinds) - set(_EXPECTED):
        told = expected_of({"type": kind, "loc": (), "msg": "", "input": 0})
        assert told == "a value of another kind"


TOLD = {
    "TRAINING__SEED=abc": "seed: expected a whole number, found 'abc'",
    "VALIDATION__RETENTION_MIN=-1": "expected a number of at least 0, found",
    "TRAINING__SEED=9999999999": "expected a number of at most 2,147,483,647,",
    "LOGGING__LEVEL=LOUD": "expected one of DEBUG, INFO, WARNING, ERROR,",
    "TRAINING__ENCODING=x": "encoding: expected one of onehot, index or auto,",
    "PREDICTION__INTERVAL=85": "expected one of 80, 90, 95, found 85",
    "LEGACY__MONTHS=abc": "TAXI_FARE_LEGACY__MONTHS: expected a list or a sec",
    "LEGACY__MONTHS=5": "legacy.months: expected a list, found 5",
    "TRAINING__X=5": "training.x is no known name",
    "TRAINING=5": "training: expected names with values, found 5",
}


@pytest.mark.parametrize("given", TOLD)
def test_a_wrong_variable_says_what_was_expected_and_found(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one short sentence, with the place."""
    name, _, value = given.partition("=")
    monkeypatch.setenv(f"TAXI_FARE_{name}", value)
    with pytest.raises(WrongUsageError) as refusal:
        load_settings()
    assert TOLD[given] in str(refusal.value)


def test_what_is_hidden_is_not_shown() -> None:
    """A secret in the wrong place is told by its place only."""

    class Held(BaseModel):
        key: int

    with pytest.raises(ValidationError) as failure:
        Held.model_validate({"key": "a-secret"})
    told = first_fault(failure.value, hidden={"key"})
    assert told == "key: expected a whole number"
