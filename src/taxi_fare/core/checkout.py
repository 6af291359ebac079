"""Files of the project's checkout, from whichever folder it is called."""

from pathlib import Path

_FOLDER = Path(__file__).parents[3]
# None for a package that was installed without its checkout.
CHECKOUT = _FOLDER if (_FOLDER / "pyproject.toml").is_file() else None


def project_file(path: str) -> Path | None:
    """
    Find a file of the working directory or of the checkout.

    Parameters
    ----------
    path : str
        Relative to either.

    Returns
    -------
    Path or None
        An absolute path; the working directory's file when both have one.
    """
    for folder in (Path.cwd(), CHECKOUT):
        if folder is not None and (folder / path).is_file():
            return folder / path
    return None
