"""No JVM in unit tests, and the steps of the registry tests."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest

STEPS = Path(__file__).with_name("registry_steps.py")


@pytest.fixture(autouse=True)
def _no_jvm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests take seconds: whatever would start a JVM fails."""

    def refuse(*arguments: object, **options: object) -> NoReturn:
        """Stand in for PySpark's gateway."""
        raise AssertionError("a unit test tried to start a JVM")

    monkeypatch.setattr("pyspark.core.context.launch_gateway", refuse)


@pytest.fixture(scope="session")
def registry_steps() -> ModuleType:
    """The module ``registry_steps.py``, which is a program as well."""
    spec = importlib.util.spec_from_file_location("registry_steps", STEPS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
