"""Help in which every name and value is whole, however narrow it is shown."""

import io
import textwrap
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from functools import partial
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup

_ELLIPSIS = "…"
# Of options, and of arguments.
_USUAL = ("Options", "Arguments")
_NAME, _TEXT = 2 * " ", 6 * " "


class WholeHelpCommand(TyperCommand):
    """A command whose help is a table where that cuts nothing."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, like Typer's own method."""
        table = partial(super().format_help, ctx, formatter)
        _write_whole(table, partial(_write_stacked, self, ctx, formatter))


class WholeHelpGroup(TyperGroup):
    """The same of a group of commands."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, like Typer's own method."""
        table = partial(super().format_help, ctx, formatter)
        _write_whole(table, partial(_write_stacked, self, ctx, formatter))


def _write_whole(
    table: Callable[[], object], stacked: Callable[[], object]
) -> None:
    """Draw the table for nobody: only then is it known whether it fits."""
    with redirect_stdout(io.StringIO()) as drawn:
        table()
    if _ELLIPSIS in drawn.getvalue():
        stacked()
    else:
        table()


def _write_stacked(command: Any, ctx: Any, formatter: Any) -> None:
    """Write what each option does below its name."""
    command.format_usage(ctx, formatter)
    command.format_help_text(ctx, formatter)
    rows = [
        (_panel(each, _USUAL[isinstance(each, TyperArgument)]), *record)
        for each in command.get_params(ctx)
        if (record := each.get_help_record(ctx))
    ]
    for name, each in getattr(command, "commands", {}).items():
        told = each.short_help or each.help or ""
        rows.append((_panel(each, "Commands"), name, told.split("\n\n")[0]))
    for panel in dict.fromkeys(row[0] for row in rows):
        with formatter.section(panel):
            formatter.write(
                "\n".join(_lines(rows, panel, width=formatter.width)) + "\n"
            )
    command.format_epilog(ctx, formatter)


def _panel(shown: Any, usual: str) -> str:
    panel = getattr(shown, "rich_help_panel", None)
    return panel if isinstance(panel, str) else usual


def _lines(
    rows: Iterable[tuple[str, str, str]], panel: str, *, width: int
) -> Iterable[str]:
    for _, name, told in (row for row in rows if row[0] == panel):
        # Values end where one of them ends.
        values = name.replace("|", "| ")
        for indent, text in ((_NAME, values), (_TEXT, told)):
            yield from (
                line.replace("| ", "|")
                for line in textwrap.wrap(
                    text,
                    width,
                    initial_indent=indent,
                    subsequent_indent=_TEXT,
                    break_on_hyphens=False,
                    break_long_words=False,
                )
            )
