"""The legacy mode: same as ``taxi-fare train-legacy``."""

from taxi_fare.__main__ import main

if __name__ == "__main__":
    main("train-legacy")
