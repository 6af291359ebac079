"""Name everything that a command lacks, and not the first of it alone."""

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperArgument, TyperOption

from taxi_fare.cli.whole_help import WholeHelpCommand


class WholeTruthCommand(WholeHelpCommand):
    """A command that tells at once what was not given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse them, like Typer's own method."""
        words = [word.partition("=")[0] for word in args]
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            first = getattr(error, "param", None)
            if type(error).__name__ == "MissingParameter" and first:
                hints = [
                    each.get_error_hint()
                    for each in self._missing(first, words)
                ]
                # The word before them is that of one: option, argument.
                named: Any = error
                named.param_hint = ", ".join(hints)
            raise

    def _missing(self, first: Any, words: Sequence[str]) -> list[Any]:
        """Return the first one that lacks, and those that lack as well."""
        found: list[Any] = []
        for each in self.params:
            lacks = each is first
            if isinstance(each, TyperArgument) and found:
                lacks = lacks or isinstance(first, TyperArgument)
            if isinstance(each, TyperOption):
                lacks = lacks or not {*each.opts} & {*words}
            if each.required and lacks:
                found.append(each)
        return found
