"""Recipes: which there are, and what each depends on."""

import re
from functools import partial
from pathlib import Path

import pytest
from pydantic import ValidationError

from taxi_fare.cli.recipe_options import with_recipe, with_tuned
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.recipe_sections import (
    ALGORITHM_SECTIONS,
    RECIPE_NAMES,
    AlgorithmSettings,
)
from taxi_fare.core.settings import Settings
from taxi_fare.training import algorithms
from taxi_fare.training.algorithms import ALGORITHMS, find_algorithm
from taxi_fare.training.recipes import (
    RECIPES,
    Recipe,
    chosen_recipe,
    find_recipe,
)


def test_the_default_is_the_description_s() -> None:
    """GBTRegressor on one-hot columns, depth 6, 50 trees, seed 42."""
    recipe = chosen_recipe(Settings())
    assert recipe.name == "gbt-onehot"
    parameters = recipe.parameters(Settings())
    assert parameters["max_depth"] == 6
    assert parameters["max_iter"] == 50
    assert parameters["seed"] == 42


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"algorithm": "xgboost", "encoding": None}, "xgboost-index"),
        ({"algorithm": "xgboost", "encoding": "onehot"}, "xgboost-onehot"),
        ({"algorithm": None, "encoding": "index"}, "gbt-index"),
        (
            {"recipe": "gbt-tariff", "algorithm": None, "encoding": None},
            "gbt-tariff",
        ),
        (
            {"recipe": "best", "algorithm": None, "encoding": None},
            "xgboost-tariff",
        ),
    ],
)
def test_options_choose_a_recipe(given: dict[str, str], name: str) -> None:
    """Without an encoding, the algorithm's usual one."""
    settings = with_recipe(Settings(), **given)  # type: ignore[arg-type]
    assert chosen_recipe(settings).name == name
    assert find_recipe(name) == chosen_recipe(settings)


def test_settings_know_every_algorithm_and_every_recipe() -> None:
    """A wrong name is told when the settings are read, not after an hour."""
    assert tuple(RECIPES) == RECIPE_NAMES
    assert ALGORITHM_SECTIONS.keys() == ALGORITHMS.keys()
    for name in ALGORITHMS:
        section = getattr(Settings(), name)
        assert type(section) is ALGORITHM_SECTIONS[name]
    for wrong in ({"recipe": "xgboost-tarif"}, {"algorithm": "forest"}):
        with pytest.raises(ValidationError, match="is none of gbt"):
            Settings.model_validate({"training": wrong})


def test_an_encoding_alone_is_no_answer_to_a_recipe_of_the_settings() -> None:
    """It would have trained another algorithm than the settings say."""
    settings = Settings.model_validate({"training": {"recipe": "best"}})
    with pytest.raises(WrongUsageError, match=r"training\.recipe = 'best'"):
        with_recipe(settings, algorithm=None, encoding="index")
    both = with_recipe(settings, algorithm="xgboost", encoding="index")
    assert chosen_recipe(both).name == "xgboost-index"


def test_settings_choose_a_recipe_and_options_win() -> None:
    """An encoding of the settings stays with another algorithm."""
    settings = Settings.model_validate(
        {"training": {"algorithm": "xgboost", "encoding": "onehot"}}
    )
    assert chosen_recipe(settings).name == "xgboost-onehot"
    other = with_recipe(settings, algorithm="gbt", encoding=None)
    assert chosen_recipe(other).name == "gbt-onehot"


def test_a_recipe_by_its_name_is_a_whole_one() -> None:
    """Of the settings it wins; an option for a part of one wins over it."""
    settings = Settings.model_validate({"training": {"recipe": "best"}})
    assert chosen_recipe(settings).name == "xgboost-tariff"
    assert with_recipe(settings, algorithm=None, encoding=None) == settings
    other = with_recipe(settings, algorithm="gbt", encoding=None)
    assert chosen_recipe(other).name == "gbt-onehot"
    with pytest.raises(WrongUsageError, match="comes with --algorithm"):
        with_recipe(
            settings, recipe="best", algorithm="xgboost", encoding=None
        )
    with pytest.raises(WrongUsageError, match="no recipe 'worst'"):
        find_recipe("worst")


def test_what_was_tuned_comes_alone(tmp_path: Path) -> None:
    """It is a recipe: another one beside it is a mistake."""
    assert with_tuned(None, "best", None) is None
    with pytest.raises(WrongUsageError, match="what was tuned is a recipe"):
        with_tuned(tmp_path / "tuned.json", None, "gbt", None)


def test_a_tariff_comes_with_the_usual_encoding() -> None:
    """Another combination is refused, not built by another name."""
    with pytest.raises(WrongUsageError, match="gbt, index and a tariff"):
        Recipe("gbt", "index", tariff=True)


def test_what_a_tariff_asks_for_is_in_the_parameters() -> None:
    """What the algorithm does not read is not."""
    settings = Settings()
    gbt = RECIPES["gbt-tariff"].parameters(settings)
    xgboost = RECIPES["xgboost-tariff"].parameters(settings)
    assert gbt["outlier_dollars"] == xgboost["outlier_dollars"] == 100.0
    assert "huber_slope" not in gbt
    assert gbt["min_instances_per_node"] == 20
    assert xgboost["huber_slope"] == 10.0
    assert "min_instances_per_node" not in xgboost
    assert "huber_slope" not in RECIPES["xgboost-index"].parameters(settings)


def test_a_recipe_depends_on_what_it_reads_only() -> None:
    """A run done before is not another one for a setting it never read."""
    settings = Settings()
    onehot = Recipe("gbt", "onehot").parameters(settings)
    index = Recipe("gbt", "index").parameters(settings)
    assert onehot.keys() - index.keys() == {"min_level_variance"}
    assert "learning_rate" not in onehot
    assert RECIPES["xgboost-index"].parameters(settings)["max_iter"] == 100


def test_every_algorithm_has_one_record_and_one_section() -> None:
    """Neither can be added without the other."""
    sections = {
        name
        for name, field in Settings.model_fields.items()
        if isinstance(field.default, AlgorithmSettings)
    }
    assert sections == ALGORITHMS.keys()
    for name, record in ALGORITHMS.items():
        assert record.name == name
        assert callable(record.load())
        assert bool(record.extra) == bool(record.packages)
        assert record.missing_packages() == []
        assert re.fullmatch(r"\d+\.\d+", *record.library().values())


def test_an_unknown_algorithm_does_not_fall_through() -> None:
    """Neither as a recipe nor by its name."""
    for make in (find_algorithm, partial(Recipe, encoding="index")):
        with pytest.raises(WrongUsageError, match="one of gbt, xgboost"):
            make("lightgbm")


def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And only where the algorithm needs it."""
    monkeypatch.setattr(algorithms, "find_spec", lambda name: None)
    xgboost = find_algorithm("xgboost")
    assert xgboost.missing_packages() == ["xgboost", "sklearn"]
    assert xgboost.remedy == "pip install 'taxi-fare[xgboost]'"
    assert find_algorithm("gbt").missing_packages() == []


def test_the_one_seed_is_a_parameter_of_every_recipe() -> None:
    """Reports and the key of a run name it, as before."""
    settings = Settings.model_validate({"training": {"seed": 7}})
    for recipe in RECIPES.values():
        assert recipe.parameters(settings)["seed"] == 7


def test_an_unknown_recipe_is_refused_with_the_known() -> None:
    """The message lists them."""
    with pytest.raises(WrongUsageError, match="xgboost-index"):
        find_recipe("lightgbm")
