"""Places out of Airflow's variables, before Airflow shows and logs them."""

from urllib.parse import unquote


def without_keys(place: str) -> str:
    """
    Return a place; refuse an address that may have a key in it.

    The command would refuse it as well, after Airflow has logged the whole
    call of spark-submit.

    Parameters
    ----------
    place : str
        A folder, or an address such as ``s3a://bucket/prefix``.

    Returns
    -------
    str
        The same.

    Raises
    ------
    ValueError
        If it is no plain path and has an ``@`` in it; not repeated.
    """
    if "@" in unquote(place) and not place.startswith("/"):
        raise ValueError(
            "A variable with a place has an @ in it: keys belong in the"
            " environment of the worker, and not in an address."
        )
    return place
