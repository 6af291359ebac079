"""Files of the project's checkout, from whichever folder it is called."""

from pathlib import Path

_FOLDER = Path(__file__).parents[3]
_NEEDED = (Path(__file__), _FOLDER / "pyproject.toml")
# None for a package that was installed without its checkout, or is read from
# a wheel (spark-submit --py-files), wherever that lies.
CHECKOUT = _FOLDER if all(file.is_file() for file in _NEEDED) else None


def project_file(path: str) -> Path | None:
    """Find a file of the working directory or of the checkout."""
    for folder in (Path.cwd(), CHECKOUT):
        if folder is not None and (folder / path).is_file():
            return folder / path
    return None
