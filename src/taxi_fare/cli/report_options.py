"""In which language a run shows the report for people."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taxi_fare.core.choices import Language

if TYPE_CHECKING:
    from taxi_fare.core.settings import Settings

Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang",
        help="Which report for people is shown at the end: each is written"
        " in every language. Default: reports.language of the settings, en.",
    ),
]


@dataclass(frozen=True)
class Reports:
    """Where reports are, and in which language they are shown."""

    folder: Path
    language: Language = "en"

    @classmethod
    def chosen(
        cls, folder: Path, lang: Language | None, settings: "Settings"
    ) -> "Reports":
        """Let the option win over the setting."""
        return cls(folder, lang or settings.reports.language)

    def page(self, name: str) -> Path:
        """Return where a page is in the language."""
        from taxi_fare.reports.monthly.pages import there_in

        return self.folder / there_in(self.folder, name, self.language)
