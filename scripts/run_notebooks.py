"""
Run the notebooks of examples/ on the demo, and keep what they print.

``make notebooks`` does it.
"""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "examples"
_SECONDS = 300


def main() -> None:
    """Run them, where they are."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        run(path)
        print(path)


def run(path: Path) -> None:
    """
    Run a notebook in its folder, and write it with its output.

    Raises
    ------
    CellExecutionError
        If a cell fails; the notebook stays as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=_SECONDS, resources=place).execute()
    for cell in notebook.cells:
        # When each cell ran is no news for the next change.
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    main()
