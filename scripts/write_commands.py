"""Write ``docs/commands.md`` from the command line itself: ``make docs``."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from taxi_fare.cli.main import app
from taxi_fare.core import errors

FILE = Path(__file__).parents[1] / "docs" / "commands.md"
NAME = "taxi-fare"
_HEADER = """\
<!-- Written by `make docs` from the command line itself: do not edit. -->

# Commands

`taxi-fare COMMAND`, `python -m taxi_fare COMMAND` and, in the checkout,
`python main.py COMMAND` are the same. Relative paths are those of the folder
that a command is called in.

| entry file | same as |
|---|---|
| `python src/ml_pipeline.py` | `taxi-fare train` |
| `python src/train.py` | `taxi-fare train-legacy` |
| `python src/predict.py` | `taxi-fare predict` |

The result goes to stdout, everything else to stderr.
"""
# Codes that no error class stands for. Signals: 128 and their number.
_OTHER_CODES = {
    0: "Done; the model was promoted, or the current one kept.",
    1: "Anything else, such as a full disk or a bug.",
    130: "Interrupted by Ctrl-C (SIGINT).",
    143: "Told to end (SIGTERM).",
}
_Options = dict[str, tuple[str, str]]


def exit_codes() -> dict[int, str]:
    """
    Return what each exit code means.

    Returns
    -------
    dict of int to str
        In ascending order.
    """
    of_errors = {
        each.exit_code: (inspect.getdoc(each) or "").partition("\n")[0]
        for each in errors.TaxiFareError.__subclasses__()
        if each.__module__ == errors.__name__
    }
    return dict(sorted((_OTHER_CODES | of_errors).items()))


def commands() -> dict[str, Any]:
    """
    Return every command, and every group of commands.

    Returns
    -------
    dict of str to Command
        By name, such as ``taxi-fare registry show``.
    """
    return dict(_walk(NAME, typer.main.get_command(app)))


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for child, below in getattr(command, "commands", {}).items():
        yield from _walk(f"{name} {child}", below)


def options(command: Any) -> _Options:
    """
    Return the options of a command, as its ``--help`` tells them.

    Parameters
    ----------
    command : Command
        From ``commands``.

    Returns
    -------
    dict of str to tuple
        By name and type: meaning; default, range or "required".
    """
    program = typer.main.get_command(app)
    above = program.make_context(NAME, [], resilient_parsing=True)
    context = command.make_context(
        NAME, [], parent=above, resilient_parsing=True
    )
    found: _Options = {}
    for each in command.get_params(context):
        record = each.get_help_record(context)
        if record:  # None for what is hidden
            meaning, _, rest = record[1].partition("  [")
            found[record[0]] = (meaning, rest.removesuffix("]"))
    return found


def document() -> str:
    """
    Return the content of ``docs/commands.md``.

    Returns
    -------
    str
        Markdown.
    """
    every = commands()
    of_commands = [
        options(each).items()
        for each in every.values()
        if not hasattr(each, "commands")
    ]
    common = dict(of_commands[0])
    for one in of_commands[1:]:
        common = {key: common[key] for key in common if key in dict(one)}
    codes = [f"| {code} | {text} |" for code, text in exit_codes().items()]
    parts = [
        _HEADER,
        "## Exit codes\n\n| code | means |\n|---|---|\n" + "\n".join(codes),
        "\n## Options of every command\n\n" + _table(common),
    ]
    parts += [
        _section(name, command=command, common=common)
        for name, command in every.items()
    ]
    return "\n".join(parts)


def _section(name: str, *, command: Any, common: _Options) -> str:
    own = {
        key: value
        for key, value in options(command).items()
        if common.get(key) != value
    }
    level = "##" if name.count(" ") < 2 else "###"
    text = f"{level} `{name}`\n\n{command.help}\n"
    return f"{text}\n{_table(own)}" if own else text


def _table(rows: _Options) -> str:
    lines = [
        f"| `{name.replace('|', chr(92) + '|')}` | {_cell(meaning)} |"
        f" {_cell(rest)} |"
        for name, (meaning, rest) in rows.items()
    ]
    head = "| option | means | value |\n|---|---|---|\n"
    return head + "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    plain = " ".join(text.split())
    return plain.replace("|", r"\|").replace("<", r"\<").replace("*", r"\*")


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
