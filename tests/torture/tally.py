"""What an attack did: one row of the table in docs/reliability.md."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_TRACEBACK = re.compile(
    r"Traceback \(most recent call last\)|Exception in thread"
    r"|^\s+at [\w.$]+\([\w.]*(?::\d+)?\)",
    re.MULTILINE,
)
_COLUMNS = (
    "tried",
    "survived",
    "lost",
    "half-written",
    "tracebacks",
    "secrets seen",
)
# What must not happen at all.
_HARM = _COLUMNS[2:]


@dataclass
class Tally:
    """
    Counts of one attack.

    Parameters
    ----------
    what : str
        The attack, in the words of the table.
    counts : Counter of str
        By column.
    stories : list of str
        What came to harm, for whoever mends it.
    """

    what: str
    counts: Counter[str] = field(default_factory=Counter)
    stories: list[str] = field(default_factory=list)

    def tried(self, story: str, harm: Iterable[tuple[str, str]]) -> None:
        """Count one try, and the kinds of harm that it did with words."""
        self.counts["tried"] += 1
        found = list(harm)
        for kind in {kind for kind, _ in found}:
            self.counts[kind] += 1
        self.counts["survived"] += not found
        self.stories += [f"{story}: {kind}: {words}" for kind, words in found]

    @property
    def harmed(self) -> int:
        """How many tries did harm of some kind."""
        return sum(self.counts[kind] for kind in _HARM)

    def row(self) -> str:
        """Give the row of the table."""
        cells = [self.what, *(f"{self.counts[each]:,}" for each in _COLUMNS)]
        return f"| {' | '.join(cells)} |"


def table(tallies: Iterable[Tally]) -> str:
    """Write the table of all attacks, with a row for them together."""
    rows = list(tallies)
    together = Tally("**together**")
    for each in rows:
        together.counts.update(each.counts)
    head = f"| what was done | {' | '.join(_COLUMNS)} |"
    line = f"|---|{'---:|' * len(_COLUMNS)}"
    return "\n".join([head, line, *(each.row() for each in [*rows, together])])


def traceback_in(text: str) -> list[tuple[str, str]]:
    """Find what no person should have to read."""
    found = _TRACEBACK.search(text)
    if found is None:
        return []
    return [("tracebacks", text[max(0, found.start() - 300) :][:2_000])]
