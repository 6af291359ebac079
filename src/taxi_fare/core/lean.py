"""What a process that runs for long does not need to load."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

import pyarrow as pa


class _NoPandas(MetaPathFinder):
    """Says that pandas is not installed."""

    def find_spec(
        self, fullname: str, path: Any, target: Any = None
    ) -> ModuleSpec | None:
        """Refuse pandas; others are looked for elsewhere."""
        if fullname == "pandas":
            raise ModuleNotFoundError(f"{fullname} is not needed here")
        return None


@contextmanager
def without_pandas() -> Iterator[None]:
    """
    Keep PyArrow from loading pandas, in this process and from now on.

    It does where pandas is installed, at the first list that becomes an array,
    only to see whether the list is one of its: 40 MB and half a second for
    who has none. It asks once; afterwards pandas can be imported as ever.
    """
    if "pandas" in sys.modules:
        yield
        return
    refusal = _NoPandas()
    sys.meta_path.insert(0, refusal)
    try:
        pa.array([0])
        yield
    finally:
        sys.meta_path.remove(refusal)
