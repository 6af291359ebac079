"""Scales of colours, in steps, so that each has its like on a dark page."""

from plotly.colors import sample_colorscale

# Finer than anybody sees on a map.
STEPS = 33
_SCALE = "Cividis"


def steps(
    scale: str | list[str], *, first: float, last: float
) -> tuple[str, ...]:
    """
    Return colours that lie evenly on a part of a scale.

    Parameters
    ----------
    scale : str or list of str
        Of Plotly: a name, or colours that lie evenly on it.
    first, last : float
        Where the part begins and ends, in [0, 1].

    Returns
    -------
    tuple of str
        ``#rrggbb``.
    """
    places = [
        first + (last - first) * step / (STEPS - 1) for step in range(STEPS)
    ]
    found = sample_colorscale(scale, places, colortype="tuple")
    return tuple(
        "#" + "".join(f"{round(255 * part):02x}" for part in colour)
        for colour in found
    )


# More stands out more from its page, and the least still does (3 to 1): dark
# on light, light on dark. The rest of the scale would vanish in the page.
MORE = steps(_SCALE, first=0.6, last=0.0)
MORE_IN_DARK = steps(_SCALE, first=0.4, last=1.0)
