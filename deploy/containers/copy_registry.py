"""
Copy a registry from a store to a folder: ``copy_registry.py ADDRESS FOLDER``.

The app in a container has no key of the store. The copy is for looking at;
nobody trains into it.
"""

import shutil
import sys
from pathlib import Path

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.files import temporary_folder, write_json
from taxi_fare.core.registry_files import STATE_FILE, VERSIONS
from taxi_fare.core.settings import load_settings
from taxi_fare.core.version_files import DamagedModelError
from taxi_fare.registry.contract import ModelVersions
from taxi_fare.registry.opening import open_registry


def main(address: str, folder: str) -> None:
    """Copy new versions first, then the state, and remove old versions."""
    registry = open_registry(address, load_settings())
    versions = Path(folder) / VERSIONS
    state, names = registry.read(), registry.versions.names()
    for name in sorted(names):
        if not (versions / name).is_dir():
            _copy(registry.versions, name, versions / name)
    write_json(Path(folder) / STATE_FILE, state.to_document())
    for old in versions.glob("[!.]*"):
        if old.name not in names:
            shutil.rmtree(old)


def _copy(versions: ModelVersions, name: str, target: Path) -> None:
    """Give a version its name when it is there whole."""
    if damaged := versions.damaged_files(name):
        raise DamagedModelError(name, damaged)
    with temporary_folder(target) as parts:
        whole = parts / name
        shutil.copytree(versions.path(name), whole)
        whole.rename(target)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except TaxiFareError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
