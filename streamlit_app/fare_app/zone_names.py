"""What a zone is called, in a sentence and in a list."""

from taxi_fare.core.zones import zones


def zone_name(level: str) -> str:
    """
    Name a zone.

    Parameters
    ----------
    level : str
        As in the features.

    Returns
    -------
    str
        The name with its number; the level where there is no such zone.
    """
    zone = zones().get(int(level)) if str(level).isdecimal() else None
    return str(zone) if zone else str(level)


def zone_label(level: object) -> str:
    """
    Name a zone where many are listed, by borough.

    Parameters
    ----------
    level : object
        Its number, or the level of a feature.

    Returns
    -------
    str
        Borough, name and number; the level where there is no such zone.
    """
    text = str(level)
    zone = zones().get(int(text)) if text.isdecimal() else None
    return f"{zone.borough} — {zone.name} ({text})" if zone else text
