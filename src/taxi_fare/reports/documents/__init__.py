"""The reports, as types; ``listing`` has all of them."""
