"""The steps of the registry tests, as a module and as a program."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

STEPS = Path(__file__).with_name("registry_steps.py")


@pytest.fixture(scope="session")
def registry_steps() -> ModuleType:
    """The module ``registry_steps.py``, which is a program as well."""
    spec = importlib.util.spec_from_file_location("registry_steps", STEPS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
