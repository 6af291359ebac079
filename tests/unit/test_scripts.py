"""The scripts of the project's root: their syntax and what they pass on."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tree_sitter_powershell
import typer
from tree_sitter import Language, Node, Parser

from taxi_fare.cli.main import app

ROOT = Path(__file__).parents[2]
SHARED = "scripts/taxi_fare.ps1"
COMMANDS = {
    "run_pipeline.ps1": "pipeline",
    "run_tests_pre_train.ps1": "check data",
    "run_ex05.ps1": "train-legacy",
    "run_tests_post_train.ps1": "check model",
    "run_predict.ps1": "predict",
    "run_tests_post_predict.ps1": "check predictions",
}
# The description's table.
PIPELINE_PARAMETERS = {
    "TestMonth",
    "TrainMonths",
    "SkipMissing",
    "Legacy",
    "SkipTests",
    "TrainOnly",
    "PredictOnly",
    "Force",
    "RegistryPath",
    "Help",
}

every_script = pytest.mark.parametrize("script", COMMANDS)
every_file = pytest.mark.parametrize("file", [*COMMANDS, SHARED])


def _parse(text: str) -> Node:
    language = Language(tree_sitter_powershell.language())
    return Parser(language).parse(text.encode()).root_node


def _tree(script: str) -> Node:
    return _parse((ROOT / script).read_text(encoding="ascii"))


def _find(node: Node, kind: str) -> Iterator[Node]:
    if node.type == kind:
        yield node
    for child in node.children:
        yield from _find(child, kind)


def _text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


def _mistakes(node: Node) -> list[int]:
    """Lines that PowerShell 5.1 would refuse."""
    newer = {"pipeline_chain_tail"}  # `&&` and `||` came with version 7
    wrong = node.is_error or node.is_missing or node.type in newer
    lines = [node.start_point.row + 1] if wrong else []
    return lines + [line for part in node.children for line in _mistakes(part)]


def _parameters(script: str) -> dict[str, str]:
    """Name and type of each parameter."""
    return {
        _text(next(_find(node, "variable"))).removeprefix("$"): _text(
            next(_find(node, "type_literal"))
        )
        for node in _find(_tree(script), "script_parameter")
    }


def _mapping(script: str) -> dict[str, str]:
    """Option of the command for each parameter."""
    return {
        _text(next(_find(node, "key_expression"))): _text(
            next(_find(node, "string_literal"))
        ).strip("'")
        for node in _find(_tree(script), "hash_entry")
    }


def _real_options(command: str) -> dict[str, bool]:
    """Options of a command, and whether each is a flag."""
    found: Any = typer.main.get_command(app)
    for word in command.split():
        found = found.commands[word]
    return {
        name: parameter.is_flag
        for parameter in found.params
        for name in parameter.opts
    }


@every_file
def test_syntax(file: str) -> None:
    """No script has a line that PowerShell 5.1 or 7 would refuse."""
    assert _mistakes(_tree(file)) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("[switch] $Help\n)", "[switch] $Help\n"),
        ("'--force'", "'--force"),
        ("$options = [ordered]@{", "$options = [ordered]@"),
        ("exit 0 }", "exit 0"),
        ("exit $LASTEXITCODE", "exit ($Help ? 0 : 1)"),
        ("exit $LASTEXITCODE", "exit ($LASTEXITCODE ?? 1)"),
        ("exit $LASTEXITCODE", "a && b"),
    ],
)
def test_a_broken_script_is_found(right: str, wrong: str) -> None:
    """Whatever breaks a script, or needs more than version 5.1."""
    text = (ROOT / "run_pipeline.ps1").read_text(encoding="ascii")
    assert text.count(right) == 1
    assert _mistakes(_parse(text.replace(right, wrong)))


@every_script
def test_help_describes_every_parameter(script: str) -> None:
    """`-Help` shows what the first comment says."""
    first = _tree(script).children[0]
    assert first.type == "comment"
    text = _text(first)
    for section in (".SYNOPSIS", ".DESCRIPTION", ".EXAMPLE"):
        assert f"\n{section}\n" in text
    documented = re.findall(r"^\.PARAMETER (\w+)\n\S", text, re.MULTILINE)
    assert documented == list(_parameters(script))


@every_script
def test_every_parameter_is_passed_on(script: str) -> None:
    """Except the one that shows the help."""
    assert [*_mapping(script), "Help"] == list(_parameters(script))


def test_pipeline_has_the_parameters_of_the_description() -> None:
    """Each of them, and no other."""
    assert set(_parameters("run_pipeline.ps1")) == PIPELINE_PARAMETERS


@every_script
def test_the_command_is_called_and_its_exit_code_returned(script: str) -> None:
    """The last two statements of the script."""
    statements = _tree(script).children[-1].children
    call, leave = (_text(node) for node in statements[-2:])
    words = ", ".join(f"'{word}'" for word in COMMANDS[script].split())
    assert call.startswith(f"Invoke-TaxiFare @({words}) $options $")
    assert leave.strip() == "exit $LASTEXITCODE"


@every_script
def test_what_is_not_a_parameter_is_refused(script: str) -> None:
    """A month after a forgotten comma is no registry path."""
    attributes = next(_find(_tree(script), "attribute_list"))
    assert _text(attributes) == "[CmdletBinding(PositionalBinding = $false)]"


@pytest.mark.parametrize(
    ("script", "window"),
    [
        ("run_tests_pre_train.ps1", ["TestMonth", "TrainMonths"]),
        ("run_predict.ps1", ["Month", "ModelPath", "RegistryPath"]),
    ],
)
def test_called_bare_a_step_is_of_the_legacy_mode(
    script: str, window: list[str]
) -> None:
    """The description's step by step; these parameters leave it."""
    names = ", ".join(f"'{name}'" for name in [*window, "Legacy"])
    text = (ROOT / script).read_text()
    assert (
        f"$window = {names}\n"
        "if (-not ($window | Where-Object { $given.ContainsKey($_) })) {\n"
        "    $given['Legacy'] = [switch] $true\n"
        "}\n"
    ) in text
    assert set(window) < set(_parameters(script))


@every_script
def test_every_option_is_one_of_the_command(script: str) -> None:
    """With a value where the command wants one, and only there."""
    options = _real_options(COMMANDS[script])
    types = _parameters(script)
    for parameter, option in _mapping(script).items():
        assert option in options, f"{COMMANDS[script]} has no {option}"
        assert (types[parameter] == "[switch]") is options[option], option


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The scripts alone, in a project that has no environment."""
    project = tmp_path / "a project"
    (project / "scripts").mkdir(parents=True)
    for name in ("run_pipeline.sh", SHARED, *COMMANDS):
        shutil.copy(ROOT / name, project / name)
    return project


@pytest.fixture
def project(copied: Path) -> Path:
    """The same, with a Python that notes its call and ends with 5."""
    python = copied / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$PWD" "$@" > called\nexit 5\n'
    )
    python.chmod(0o755)
    return copied


def _called(project: Path) -> list[str]:
    """Where the Python of the project was called, and with what."""
    return (project / "called").read_text().splitlines()


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "TERM": "dumb", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_syntax_of_the_shell_script() -> None:
    """Bash reads it to the end."""
    assert _run("bash", "-n", ROOT / "run_pipeline.sh", cwd=ROOT).stderr == ""


@pytest.mark.parametrize("link", [None, "direct", "relative"])
def test_the_shell_script_passes_everything_on(
    link: str | None, project: Path, tmp_path: Path
) -> None:
    """From another folder, through a link, arguments and code as they are."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    script = project / "run_pipeline.sh"
    if link is not None:
        target = Path("../a project") if link == "relative" else project
        script = elsewhere / "pipeline"
        script.symlink_to(target / "run_pipeline.sh")
    arguments = ["--train-months", "2023-01,2023-02", "--registry-path=a  b"]
    done = _run(script, *arguments, "", cwd=elsewhere)
    assert (done.returncode, done.stdout, done.stderr) == (5, "", "")
    assert _called(project) == [
        str(project),
        "main.py",
        "pipeline",
        *arguments,
        "",
    ]
    assert [file for file in elsewhere.iterdir() if file != script] == []


def test_the_shell_script_says_that_the_environment_is_missing(
    copied: Path, tmp_path: Path
) -> None:
    """Exit 7, one sentence, and nothing is written."""
    before = sorted(copied.rglob("*"))
    done = _run(copied / "run_pipeline.sh", cwd=tmp_path)
    assert done.returncode == 7
    assert done.stdout == ""
    assert done.stderr == (
        f"There is no Python in {copied}/.venv: run 'make env' in {copied}.\n"
    )
    assert sorted(copied.rglob("*")) == before


@pytest.mark.parametrize(
    ("argument", "code", "text"),
    [
        ("--help", 0, "Usage: taxi-fare pipeline"),
        ("-h", 0, "Usage: taxi-fare pipeline"),
        ("--test-month=2023-13", 2, "'2023-13' is not a month"),
    ],
)
def test_the_shell_script_runs_the_real_command(
    argument: str, code: int, text: str, tmp_path: Path
) -> None:
    """Its help, and its refusal of a month that does not exist."""
    if not (ROOT / ".venv" / "bin" / "python").exists():
        pytest.skip("the environment of this checkout is not in .venv")
    link = tmp_path / "pipeline"
    link.symlink_to(ROOT / "run_pipeline.sh")
    done = _run(link, argument, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert text in (done.stderr if code else done.stdout)


FAKE_PROGRAM = """\
#!/bin/bash
[[ $1 = - ]] && { cat >/dev/null; echo 2023-03..2023-06; exit; }
name=$(basename "$0")
[[ $name = python ]] && step=$(basename "$1" .py) || step=$1
echo "$step" >>"$CALLS"
code=FAILS_$step
exit "${!code:-0}"
"""


@pytest.fixture
def month(tmp_path: Path) -> Callable[..., tuple[int, list[str]]]:
    """Run the monthly run of a container, with programs that do nothing."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python", "taxi-fare"):
        (programs / name).write_text(FAKE_PROGRAM)
        (programs / name).chmod(0o755)
    calls = tmp_path / "calls"

    def run_month(
        *arguments: str, pages: bool = True, **fails: int
    ) -> tuple[int, list[str]]:
        """Let steps fail; return the exit code, and the steps begun."""
        environment = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "CALLS": str(calls),
            "MODEL_REGISTRY": "s3a://models/registry",
            "MINIO_ENDPOINT": "http://minio:9000",
            "SPARK_MASTER_PAGE": "http://master:8080",
        } | {f"FAILS_{step}": str(code) for step, code in fails.items()}
        if not pages:
            environment |= {"STORE_PAGE": "", "SPARK_MASTER_PAGE": ""}
        done = subprocess.run(
            [ROOT / "deploy" / "containers" / "run_month.sh", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        begun = calls.read_text().split() if calls.exists() else []
        return done.returncode, begun

    return run_month


EVERY_STEP = [
    *("answers", "answers", "make_bucket"),
    *("ingest", "pipeline", "eda", "copy_registry"),
]


@pytest.mark.parametrize(
    ("fails", "code"),
    [
        ({}, 0),
        ({"pipeline": 5}, 5),
        ({"pipeline": 75, "eda": 3}, 75),
        ({"pipeline": 5, "eda": 1, "copy_registry": 6}, 5),
        ({"eda": 4}, 4),
        ({"eda": 4, "copy_registry": 7}, 4),
        ({"copy_registry": 7}, 7),
    ],
)
def test_the_month_of_a_container_ends_with_its_first_failure(
    fails: dict[str, int],
    code: int,
    month: Callable[..., tuple[int, list[str]]],
) -> None:
    """And does the rest: the app is to show what there is."""
    assert month("2023-06", **fails) == (code, EVERY_STEP)


@pytest.mark.parametrize(
    ("step", "last"), [("ingest", 3), ("make_bucket", 2), ("answers", 0)]
)
def test_the_month_of_a_container_needs_what_comes_first(
    step: str, last: int, month: Callable[..., tuple[int, list[str]]]
) -> None:
    """Without a store, or its months, there is nothing to run on."""
    code, begun = month("2023-06", **{step: 75})
    assert (code, begun) == (75, EVERY_STEP[: last + 1])


def test_the_month_of_a_container_asks_no_page_that_there_is_not(
    month: Callable[..., tuple[int, list[str]]],
) -> None:
    """A store of the cloud has none, and Kubernetes no master."""
    assert month("2023-06", pages=False) == (0, EVERY_STEP[2:])


def test_the_month_of_a_container_may_be_simulated(
    month: Callable[..., tuple[int, list[str]]],
) -> None:
    """Before it is ingested; nonsense is refused before anything."""
    assert month("2023-6") == (2, [])
    assert month("2023-06", "--simulate", "many") == (2, [])
    code, begun = month("2023-06", "--simulate", "100")
    assert (code, begun[3:5]) == (0, ["simulate_months", "ingest"])
