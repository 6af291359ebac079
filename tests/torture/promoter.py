"""Promote a copy of the current model: ``promoter.py REGISTRY MODEL_ID``.

What the last step of a train does, without the training.
"""

import shutil
import sys
from datetime import UTC, datetime

from taxi_fare import ModelRegistry, TaxiFareError, load_settings
from taxi_fare import open_registry as open_it
from taxi_fare.core.registry_files import MANIFEST
from taxi_fare.registry.state import RegistryChangedError


def promote(registry: ModelRegistry, model_id: str) -> None:
    """Publish a copy of the current version and make it current."""
    registry.recover()
    while True:
        state = registry.read()
        assert state.current is not None
        manifest = registry.versions.manifest(state.current)
        entry = state.history[-1].model_copy(
            update={
                "run_id": model_id,
                "run_key": model_id,
                "model_id": model_id,
                "event": "promoted",
                "compared_with": state.current,
                "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            }
        )
        with registry.staging(model_id) as folder:
            shutil.copytree(
                registry.versions.path(state.current),
                folder,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns(MANIFEST),
            )
            try:
                registry.commit(
                    folder,
                    manifest=manifest | {"model_id": model_id},
                    entry=entry,
                    expected_current=state.current,
                )
            except RegistryChangedError:
                continue
            return


def main() -> int:
    """Return the exit code of the command line."""
    place, model_id = sys.argv[1:]
    try:
        promote(open_it(place, load_settings()), model_id)
    except TaxiFareError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
