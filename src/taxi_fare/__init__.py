"""
Predict what a New York yellow-taxi rider pays in total, month by month.

The public API is what ``__init__.pyi`` lists. A name is imported when it is
used: ``import taxi_fare`` alone loads nothing, and starts nothing.
"""

import ast
from functools import cache
from importlib import import_module
from pkgutil import get_data
from typing import Any

__version__ = "0.1.0"


@cache
def _public() -> dict[str, str]:
    """Return the module of each public name, as the stub tells it."""
    # Not opened by its path: the package may lie in a wheel.
    stub = ast.parse(get_data(__name__, "__init__.pyi") or b"")
    return {
        alias.name: str(node.module)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return [*_public(), "__version__"]
    if name not in _public():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_public()[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *_public()]
