"""No JVM in unit tests; the steps of registry tests; a literal model."""

import importlib.util
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest
from price_service import literal_model

from taxi_fare.core.columns import FEATURES, FEATURES_VERSION
from taxi_fare.core.files import sha256_of, write_json
from taxi_fare.core.language import speaking
from taxi_fare.core.retold import retold
from taxi_fare.scoring.portable_model import PORTABLE_FILE, PortableModel

STEPS = Path(__file__).with_name("registry_steps.py")

# As a monthly run wrote it.
MANIFEST = json.loads(
    (Path(__file__).parents[1] / "data/documents/manifest.json").read_text()
)


@pytest.fixture(autouse=True)
def _no_jvm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests take seconds: whatever would start a JVM fails."""

    def refuse(*arguments: object, **options: object) -> NoReturn:
        """Stand in for PySpark's gateway."""
        raise AssertionError("a unit test tried to start a JVM")

    monkeypatch.setattr("pyspark.core.context.launch_gateway", refuse)


# Words that no French sentence has.
ENGLISH = re.compile(
    r"\b(the|than|with|of|is|are|was|trips?|and|which|by|it|its|that|what)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="session")
def english_in() -> Callable[[str], list[str]]:
    """Find what is still English in a French text."""
    return ENGLISH.findall


@pytest.fixture(scope="session")
def in_french(english_in: Callable[[str], list[str]]) -> Callable[[str], str]:
    """Tell a sentence of a document in French: nothing stays English."""

    def told(sentence: str) -> str:
        """Return it, when all of it is."""
        with speaking("fr"):
            found = retold(sentence)
        assert english_in(found) == [], found
        assert found != sentence, f"no catalog knows {sentence!r}"
        return found

    return told


@pytest.fixture(scope="session")
def registry_steps() -> ModuleType:
    """The module ``registry_steps.py``, which is a program as well."""
    spec = importlib.util.spec_from_file_location("registry_steps", STEPS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def portable_version(tmp_path: Path, literal_trees: PortableModel) -> Path:
    """A version with the two literal trees, in folder ``version``."""
    folder = tmp_path / "version"
    literal_trees.write(folder)
    digest = sha256_of(folder / PORTABLE_FILE)
    write_json(
        folder / "manifest.json",
        MANIFEST
        | {
            "features": {
                "version": FEATURES_VERSION,
                "names": FEATURES,
                "levels": {},
            },
            "model_id": "literal",
            "simulated": True,
            "files": {PORTABLE_FILE: digest},
        },
    )
    return folder


@pytest.fixture(scope="session")
def literal_trees() -> PortableModel:
    """Two trees whose prices can be reckoned by hand."""
    return literal_model()
