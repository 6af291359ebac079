"""Docstrings describe the parameters and results that there really are."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from numpydoc.validate import validate

import taxi_fare

# What the text alone does not tell: see pyproject.toml.
CHECKED = {"PR01", "PR02", "RT01"}


def _public_objects() -> Iterator[str]:
    modules = pkgutil.walk_packages(taxi_fare.__path__, "taxi_fare.")
    for module in (importlib.import_module(each.name) for each in modules):
        # The docstring of a command is its help; options explain themselves.
        if module.__name__.startswith("taxi_fare.cli."):
            continue
        for name, value in vars(module).items():
            if name.startswith("_") or (
                getattr(value, "__module__", None) != module.__name__
            ):
                continue
            if inspect.isfunction(value) or _has_parameters(value):
                yield f"{module.__name__}.{name}"
            if inspect.isclass(value):
                yield from _methods(value)


def _has_parameters(value: object) -> bool:
    """Whether a class has a constructor of its own, not an inherited one."""
    return (
        inspect.isclass(value)
        and "__init__" in vars(value)
        and not getattr(value, "_is_protocol", False)
    )


def _methods(owner: type) -> Iterator[str]:
    for name, value in vars(owner).items():
        if not name.startswith("_") and isinstance(
            value, (classmethod, staticmethod, type(_methods))
        ):
            yield f"{owner.__module__}.{owner.__qualname__}.{name}"


@pytest.mark.parametrize("name", sorted(_public_objects()))
def test_docstring_matches_the_signature(name: str) -> None:
    """Every parameter is documented, none that is not there, and a result."""
    errors = [
        f"{code} {text}"
        for code, text in validate(name)["errors"]
        if code in CHECKED
    ]
    assert errors == []
