"""The documentation: its links, its commands, and what is generated."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from taxi_fare.cli import main

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_INLINE = re.compile(r"`([^`\n]+)`")
# Where documents are: not what environments, runs and caches hold.
PAGES = sorted(
    {*ROOT.glob("*.md")}.union(
        *(
            (ROOT / folder).rglob("*.md")
            for folder in ("docs", "benchmarks", "dags", "deploy")
        )
    )
)
GUIDES = [
    each
    for each in PAGES
    if each.name in {"README.md", "README.fr.md"}
    or each.parent == ROOT / "docs"
]


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


every_page = pytest.mark.parametrize("page", PAGES, ids=_name)
every_guide = pytest.mark.parametrize("page", GUIDES, ids=_name)


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    """The program behind ``make docs``."""
    file = ROOT / "scripts" / "write_commands.py"
    spec = importlib.util.spec_from_file_location("write_commands", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _without_code(text: str) -> str:
    return _INLINE.sub("", _FENCE.sub("", text))


def _anchors(text: str) -> set[str]:
    """Return what GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("columns", ["40", "200"])
def test_the_commands_are_those_of_the_command_line(
    columns: str, writer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ``make docs`` would write now, on a terminal of any width."""
    monkeypatch.setenv("COLUMNS", columns)
    there = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert there == writer.document(), "run `make docs`"


def test_exit_codes_are_the_same_wherever_they_are_told(
    writer: ModuleType,
) -> None:
    """The error classes, the help of the program, and both READMEs."""
    codes = {code for code in writer.exit_codes() if code < 128}
    assert codes == {*range(9), 75}
    told = re.findall(r"(?:^|[:,]\s)(\d+) ", main.app.info.epilog)
    assert {int(code) for code in told} == codes
    for name in ("README.md", "README.fr.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        rows = re.findall(r"^\| (\d+) \|", text, re.MULTILINE)
        assert {int(code) for code in rows} == codes


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link, and the heading that it names."""
    broken = []
    text = page.read_text(encoding="utf-8")
    for link in _LINK.findall(_without_code(text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (
            anchor
            and anchor not in _anchors(target.read_text(encoding="utf-8"))
        ):
            broken.append(link)
    assert broken == []


def _command_lines(text: str) -> Iterator[list[str]]:
    """Find ``taxi-fare …`` in blocks of code and between backticks."""
    blocks = [
        line
        for language, block in _FENCE.findall(text)
        if language == "bash"
        for line in block.replace("\\\n", " ").splitlines()
    ]
    inline = " ".join(_FENCE.sub("", text).split("\n"))
    for line in [*blocks, *_INLINE.findall(inline)]:
        words = shlex.split(line.replace(r"\|", "|"), comments=True)
        while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
            words.pop(0)  # a setting, for this call only
        if words[:1] == ["taxi-fare"]:
            yield words[1:]


def _problem(words: list[str]) -> str | None:
    """Say what the command line would refuse."""
    commands: list[Any] = [typer.main.get_command(main.app)]
    while words and hasattr(commands[0], "commands"):
        word = words.pop(0)
        if word in {"COMMAND", "…"} or word.startswith("-"):
            break
        below = [
            each.commands.get(name)
            for each in commands
            for name in word.split("|")
        ]
        if None in below:
            return f"no command {word}"
        commands = below
    known = {
        option
        for command in commands
        for each in command.params
        for option in (*each.opts, *each.secondary_opts)
    } | {"-h", "--help"}
    given = [word.split("=")[0] for word in words if word.startswith("-")]
    wrong = [option for option in given if option not in known]
    return f"no option {', '.join(wrong)}" if wrong else None


@every_guide
def test_commands_that_are_written_down_exist(page: Path) -> None:
    """Each command and each of its options."""
    text = page.read_text(encoding="utf-8")
    problems = {
        f"taxi-fare {' '.join(words)}": problem
        for words in _command_lines(text)
        if (problem := _problem([*words]))
    }
    assert problems == {}


def test_the_search_finds_commands_and_mistakes() -> None:
    """The test above can fail."""
    text = """
`taxi-fare train --test-month 2023-06`, `taxi-fare fly` and
```bash
A=1 taxi-fare registry show --nonsense  # why
taxi-fare check data|model --json
```
"""
    lines = [*_command_lines(text)]
    assert len(lines) == 4
    assert [problem for each in lines if (problem := _problem(each))] == [
        "no option --nonsense",
        "no command fly",
    ]


def _shape(name: str) -> dict[str, list[Any]]:
    """Return what two languages must have in common."""
    text = (ROOT / name).read_text(encoding="utf-8")
    prose = _FENCE.sub("", text)
    cells = re.findall(r"^\| (.*?) (?<!\\)\|", prose, re.MULTILINE)
    return {
        "headings": re.findall(r"^(#+) ", prose, re.MULTILINE),
        "blocks": _FENCE.findall(text),
        "tables": [cell for cell in cells if re.match(r"`.*`$|\d+$", cell)],
        "rules of tables": re.findall(r"^\|(?:---\|)+$", prose, re.MULTILINE),
        "items": re.findall(r"^(\d\.|-) ", prose, re.MULTILINE),
        "links": sorted(
            link
            for link in _LINK.findall(prose)
            if not link.startswith("README.")
        ),
    }


def test_both_readmes_say_the_same() -> None:
    """Headings, blocks of code, first columns of tables, items and links."""
    assert _shape("README.md") == _shape("README.fr.md")


def test_each_readme_leads_to_the_other() -> None:
    """Right below the title."""
    for name, other in (
        ("README.md", "README.fr.md"),
        ("README.fr.md", "README.md"),
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert f"]({other})" in "".join(text.splitlines()[:4])


_OF_THE_CODE = ("CONTRIBUTING.md", "docs/architecture.md", "docs/decisions.md")
_PLACES = (ROOT, ROOT / "src" / "taxi_fare", ROOT / "streamlit_app")


def _named_modules(text: str) -> Iterator[str]:
    """Find `path.py`, but not the description's own files."""
    ours, _, table = text.partition("## From the specification's files")
    rows = re.sub(r"^\| .*? \|", "|", table, flags=re.MULTILINE)
    yield from re.findall(r"`([\w./-]+\.pyi?)`", ours + rows)


@pytest.mark.parametrize("name", _OF_THE_CODE)
def test_modules_that_are_named_are_there(name: str) -> None:
    """By their whole path, from the root or from the package."""
    text = (ROOT / name).read_text(encoding="utf-8")
    named = {*_named_modules(text)}
    assert len(named) > 3
    assert [
        each
        for each in sorted(named)
        if not any((place / each).exists() for place in _PLACES)
    ] == []


def test_the_search_finds_modules() -> None:
    """The test above can fail; a file that the description names may lack."""
    text = """
`run/gone.py`, not `lake/` or `pyspark.ml`
## From the specification's files to ours
| `src/utils.py` | `core/gone.py` |
"""
    assert [*_named_modules(text)] == ["run/gone.py", "core/gone.py"]
