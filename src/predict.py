"""Batch inference: same as ``taxi-fare predict``."""

from taxi_fare.__main__ import main

if __name__ == "__main__":
    main("predict")
