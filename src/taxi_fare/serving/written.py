"""The answer to a request for prices, written piece by piece, and counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic_core import to_json

from taxi_fare.serving.figures import Figures
from taxi_fare.serving.priced import Told


@dataclass
class Written:
    """
    Quotes as JSON, as far as they are priced, and what is counted of them.

    Ten thousand quotes as text take a tenth of what they take as objects:
    what is written is let go.
    """

    _pieces: list[bytes] = field(default_factory=list)
    _prices: list[float] = field(default_factory=list)
    _kinds: Counter[str] = field(default_factory=Counter)
    _rare: Counter[str] = field(default_factory=Counter)

    def add(self, found: Sequence[Told]) -> None:
        """Write some quotes."""
        self._pieces.append(to_json([each.document for each in found])[1:-1])
        self._prices += [each.document["price"] for each in found]
        self._kinds.update(note for each in found for note in each.kinds)
        self._rare.update(feature for each in found for feature in each.rare)

    def document(self, **besides: Any) -> bytes:
        """Return the whole answer."""
        begin = to_json(besides)[:-1]
        return b"".join(
            [begin, b',"quotes":[', b",".join(self._pieces), b"]}"]
        )

    def count(
        self, figures: Figures, *, kind: Literal["rides", "trips"]
    ) -> None:
        """Count what was asked, once all of it is answered."""
        figures.rides.labels(kind).observe(len(self._prices))
        figures.prices.observe(self._prices)
        for note, rides in self._kinds.items():
            figures.notes.labels(note).inc(rides)
        for feature, rides in self._rare.items():
            figures.rare.labels(feature).inc(rides)
