"""The description's entry point: same as ``taxi-fare``."""

import sys
from pathlib import Path

# So that it starts, and says what is missing, where nothing is installed.
sys.path.insert(0, str(Path(__file__).parent / "src"))

from taxi_fare.__main__ import main

if __name__ == "__main__":
    main()
