"""
Run the commands of docs/tutorial.md, and write what they print below them.

``make tutorial`` does it in a new folder, in ten minutes, and draws its
picture where there is a browser.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from pictures import draw_page

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tutorial.md"
_PICTURE = "tutorial-watch"
# A command, and the text that it printed where that is shown.
_BLOCK = re.compile(
    r"```(?P<kind>bash|python)\n(?P<command>.*?)```"
    r"(?P<between>\n\n```text\n)?"
    r"(?(between).*?```)",
    re.DOTALL,
)
_PROGRAMS = {
    "bash": ("bash", "-e", "-c"),
    "python": (sys.executable, "-c"),
}
_COLUMNS = "100"


def main() -> None:
    """Run them all, in their order."""
    text = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="tutorial-") as folder:
        place = Path(folder)
        written = _BLOCK.sub(lambda block: _run(block, place), text)
        PAGE.write_text(written, encoding="utf-8")
        draw_page("watch", _PICTURE, folder=place)


def _run(block: re.Match[str], folder: Path) -> str:
    command = block["command"]
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": _COLUMNS,
    }
    print(command, flush=True)
    answer = subprocess.run(  # noqa: S603 - what the page itself shows
        [*_PROGRAMS[block["kind"]], command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise SystemExit(f"{command}\n{answer.stdout}\n{answer.stderr}")
    shown = f"```{block['kind']}\n{command}```"
    if block["between"] is None:
        return shown
    # Where it ran is nobody's business.
    lines = answer.stdout.replace(f"{folder}/", "").splitlines()
    told = "\n".join(line.rstrip() for line in lines).strip("\n")
    return f"{shown}\n\n```text\n{told}\n```"


if __name__ == "__main__":
    main()
