"""Requests for prices that work when they are pasted."""

from typing import Any

_AT = "2023-06-15T17:30:00"
# As OpenAPI names them.
EXAMPLES: dict[str, dict[str, Any]] = {
    "before": {
        "summary": "A ride before it happens",
        "value": {
            "rides": [{"pickup": "JFK", "dropoff": "Times Sq", "at": _AT}]
        },
    },
    "after": {
        "summary": "A ride after it, with what drives its price",
        "value": {
            "rides": [
                {
                    "pickup": 132,
                    "dropoff": 230,
                    "at": _AT,
                    "miles": 17,
                    "minutes": 45,
                    "passengers": 2,
                    "payment": 1,
                }
            ],
            "coverage": 80,
            "explain": True,
        },
    },
    "trips": {
        "summary": "A trip by the TLC's raw columns",
        "value": {
            "trips": [
                {
                    "VendorID": 2,
                    "tpep_pickup_datetime": _AT,
                    "tpep_dropoff_datetime": "2023-06-15T18:15:00",
                    "passenger_count": 1,
                    "trip_distance": 17.0,
                    "RatecodeID": 2,
                    "store_and_fwd_flag": "N",
                    "PULocationID": 132,
                    "DOLocationID": 230,
                    "payment_type": 1,
                }
            ]
        },
    },
}
