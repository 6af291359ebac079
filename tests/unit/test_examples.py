"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import taxi_fare

MODULES = [
    module.name
    for module in pkgutil.walk_packages(taxi_fare.__path__, "taxi_fare.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name: str) -> None:
    """What is shown is what happens."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    """The search above does find some."""
    months = importlib.import_module("taxi_fare.core.months")
    assert doctest.testmod(months).attempted >= 2
