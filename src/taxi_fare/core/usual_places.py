"""Where things are when nothing says otherwise."""

from pathlib import Path

USUAL_REGISTRY = Path("models/registry")
LEGACY_MODEL = Path("models/ex05_spark_model")
