"""The sliding-window run: same as ``taxi-fare train``."""

from taxi_fare.__main__ import main

if __name__ == "__main__":
    main("train")
