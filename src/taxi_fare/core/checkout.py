"""Files of the project's checkout, from whichever folder it is called."""

from contextlib import suppress
from pathlib import Path

_FOLDER = Path(__file__).parents[3]
_NEEDED = (Path(__file__), _FOLDER / "pyproject.toml")
# Where a wheel has what lies beside the package in a checkout.
_SHIPPED = Path(__file__).parents[1] / "shipped"
# None for a package that was installed without its checkout, or is read from
# a wheel (spark-submit --py-files), wherever that lies.
CHECKOUT = _FOLDER if all(file.is_file() for file in _NEEDED) else None


def project_file(path: str) -> Path | None:
    """Find a file of the working directory or of the checkout."""
    places = [CHECKOUT] if CHECKOUT else []
    with suppress(OSError):  # it may be gone
        places.insert(0, Path.cwd())
    for folder in places:
        with suppress(OSError):  # it may not be searchable
            if (folder / path).is_file():
                return folder / path
    return None


def shipped_file(path: str) -> Path | None:
    """Find a file that a wheel brings as well: of the app, conf and dags."""
    folder = CHECKOUT or _SHIPPED
    return folder / path if (folder / path).is_file() else None
