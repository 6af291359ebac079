"""How the page of a run writes numbers, in the language it speaks."""

from taxi_fare.core.language import say_numbers, spoken_language

NOTHING = "–"
_MINUS = "−"
_HARD_SPACE = "\xa0"
_MINUTE = 60.0


def count(number: int | None) -> str:
    """
    Write a count.

    Parameters
    ----------
    number : int or None
        None where it is not known.

    Examples
    --------
    >>> count(12345)
    '12,345'
    """
    return NOTHING if number is None else say_numbers(f"{number:,}")


def dollars(amount: float, *, signed: bool = False) -> str:
    """
    Write US dollars.

    Parameters
    ----------
    amount : float
        Dollars.

    Examples
    --------
    >>> dollars(1234.5), dollars(-0.5), dollars(2, signed=True)
    ('$1,234.50', '−$0.50', '+$2.00')
    """
    text = money(f"{abs(amount):,.2f}")
    return _with_sign(amount, text=text, signed=signed)


def money(figures: str) -> str:
    """
    Write the sign of the dollar where the language has it.

    Examples
    --------
    >>> money("12.50")
    '$12.50'
    """
    if spoken_language() == "en":
        return f"${figures}"
    return f"{say_numbers(figures)}{_HARD_SPACE}$"


def number(value: float, *, digits: int = 3, signed: bool = False) -> str:
    """
    Write a number without a unit.

    Examples
    --------
    >>> number(-0.5), number(0.5, digits=1, signed=True)
    ('−0.500', '+0.5')
    """
    text = say_numbers(f"{abs(value):,.{digits}f}")
    return _with_sign(value, text=text, signed=signed)


def _with_sign(value: float, *, text: str, signed: bool) -> str:
    if not any(figure in text for figure in "123456789"):
        return text
    plus = "+" if signed else ""
    return f"{_MINUS if value < 0 else plus}{text}"


def percent(value: float, digits: int = 1) -> str:
    """
    Write a percentage.

    Parameters
    ----------
    value : float
        Of 100.
    digits : int, optional
        After the point.

    Returns
    -------
    str
        What is more than nothing is never written as nothing.

    Examples
    --------
    >>> percent(12.345), percent(0.001), percent(0)
    ('12.3\xa0%', '<\xa00.1\xa0%', '0.0\xa0%')
    """
    least = 10.0**-digits
    if 0 < value < least / 2:
        return unbroken(say_numbers(f"< {least:.{digits}f} %"))
    return unbroken(say_numbers(f"{value:.{digits}f} %"))


def unbroken(text: str) -> str:
    """
    Keep a number and its sign on one line.

    Parameters
    ----------
    text : str
        A sentence.

    Returns
    -------
    str
        The same, with spaces that do not break.

    Examples
    --------
    >>> unbroken("too low for 56 % of the trips")
    'too low for 56\xa0% of the trips'
    """
    return text.replace(" %", f"{_HARD_SPACE}%").replace(
        "< ", f"<{_HARD_SPACE}"
    )


def duration(seconds: float) -> str:
    """
    Write how long something took.

    Parameters
    ----------
    seconds : float
        Seconds.

    Returns
    -------
    str
        Seconds, or minutes and seconds.

    Examples
    --------
    >>> duration(7.25), duration(119.9)
    ('7.2 s', '2 min 0 s')
    """
    if seconds < _MINUTE:
        return say_numbers(f"{seconds:.1f} s")
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
