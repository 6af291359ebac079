"""Names of code as people say them."""


def name_in_words(name: str) -> str:
    """Write a name in words: ``all_trips`` is "all trips"."""
    return name.replace("_", " ")
