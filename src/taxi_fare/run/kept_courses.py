"""The courses of a backtest, kept where the next one goes on with them."""

import hashlib
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from taxi_fare.core.columns import FEATURES_VERSION
from taxi_fare.core.documents import Part
from taxi_fare.core.errors import TemporaryError
from taxi_fare.core.files import to_json, write_json
from taxi_fare.core.json_text import parse_json
from taxi_fare.core.locks import locked
from taxi_fare.core.settings import Settings
from taxi_fare.core.tariff import TERMS_ID
from taxi_fare.run.course import Course, KeptCourse
from taxi_fare.scoring.portable_model import FORMAT
from taxi_fare.training.policies import Policy
from taxi_fare.training.recipes import Recipe

# Of each policy, the versions beside those in production.
_KEPT_VERSIONS = 1
_logger = logging.getLogger(__name__)


class _Progress(Part):
    """What is kept."""

    fingerprints: dict[str, str]
    courses: dict[str, KeptCourse]


@dataclass
class Courses:
    """
    The courses of some policies, which begin with the same month.

    Parameters
    ----------
    folder : Path
        Theirs alone.
    courses : sequence of Course
        One for each policy.
    """

    folder: Path
    courses: Sequence[Course]

    def keep(self, fingerprints: Mapping[str, str]) -> None:
        """Write down how far they are, and by which bytes of the months."""
        kept = self._others() | {
            each.policy.name: each.kept for each in self.courses
        }
        progress = _Progress(fingerprints=dict(fingerprints), courses=kept)
        write_json(self._file, progress.model_dump(mode="json"))

    def go_on(self, fingerprints: Mapping[str, str]) -> None:
        """Take up what is kept, unless months have changed since then."""
        progress = self._read()
        known = progress.fingerprints if progress else {}
        same = all(fingerprints.get(x, y) == y for x, y in known.items())
        if progress is None or not same:
            if self.folder.exists():
                _logger.warning("Months changed: the backtest begins anew")
                shutil.rmtree(self.folder)
            return
        for course in self.courses:
            course.kept = progress.courses.get(course.policy.name, course.kept)

    @property
    def _file(self) -> Path:
        return self.folder / "progress.json"

    def _others(self) -> dict[str, KeptCourse]:
        """Return the courses of policies that nobody asks for now."""
        progress = self._read()
        return dict(progress.courses) if progress else {}

    def _read(self) -> _Progress | None:
        try:
            written = parse_json(self._file.read_bytes())
            return _Progress.model_validate(written)
        except FileNotFoundError:
            return None
        except (ValueError, ValidationError) as error:
            _logger.warning("%s cannot be read: %s", self._file, error)
            return None


@contextmanager
def kept_courses(
    place: Path,
    policies: Sequence[Policy],
    *,
    first: str,
    recipe: Recipe,
    settings: Settings,
) -> Iterator[Courses]:
    """
    Return the courses of some policies, as far as they went.

    Raises
    ------
    TemporaryError
        If another process is at it.
    """
    folder = place / _digest(first, recipe, settings)
    place.mkdir(parents=True, exist_ok=True)
    refusal = TemporaryError(
        f"Another backtest is running in {place}.",
        expected="one at a time",
        remedy="wait until it has ended, or name another --reports-dir.",
    )
    with locked(folder.with_suffix(".lock"), wait_seconds=0, refusal=refusal):
        courses = [
            Course(each, _ruled(settings, each), folder / each.name)
            for each in policies
        ]
        yield Courses(folder, courses)


def _ruled(settings: Settings, policy: Policy) -> Settings:
    """Let a policy decide by its rule, and keep no more than it needs."""
    promotion = settings.promotion.model_copy(update={"rule": policy.rule})
    registry = settings.registry.model_copy(
        update={"keep_versions": _KEPT_VERSIONS}
    )
    return settings.model_copy(
        update={"promotion": promotion, "registry": registry}
    )


def _digest(first: str, recipe: Recipe, settings: Settings) -> str:
    """Name what a course depends on, but for its months and its policy."""
    sections = ("training", "validation", "gates", "promotion", "watch")
    parts = {
        # Models of another code are not in production here.
        "code": (FEATURES_VERSION, TERMS_ID, FORMAT),
        "first": first,
        "recipe": recipe.name,
        "parameters": recipe.parameters(settings),
        "library": recipe.record.library(),
        **settings.model_dump(include={*sections}),
    }
    return hashlib.sha256(to_json(parts).encode()).hexdigest()[:12]
