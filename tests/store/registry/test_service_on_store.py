"""The HTTP service follows a registry that is in a store."""

from price_service import literal_model, publish, served, wait

from taxi_fare.core.sections import ServingSettings
from taxi_fare.core.settings import Settings
from taxi_fare.registry.by_hand import roll_back
from taxi_fare.registry.opening import open_registry

RIDE = {
    "pickup": "JFK",
    "dropoff": 230,
    "at": "2023-06-15T17:30:00",
    "miles": 17,
    "minutes": 45,
    "rate_code": 1,
}


def test_a_promotion_and_a_rollback_in_the_store_are_served(
    store_settings: Settings, url: str
) -> None:
    """By the version's name, and with its prices."""
    registry, first = open_registry(url, store_settings), literal_model()
    publish(registry, "first", first)
    often = {"serving": ServingSettings(look_seconds=0.2)}
    with served(url, store_settings.model_copy(update=often)) as client:

        def model() -> str:
            """Ask for a price; say who told it."""
            answer = client.post("/v1/quotes", json={"rides": [RIDE]})
            assert answer.status_code == 200, answer.text
            (quote,) = answer.json()["quotes"]
            assert quote["price"] == 52.0
            return str(answer.json()["model_id"])

        wait(lambda: client.get("/health/ready").status_code == 200)
        assert model() == "first"
        publish(registry, "second", first)
        wait(lambda: model() == "second")
        roll_back(registry, run_id="back", reason="a test")
        wait(lambda: model() == "first")
