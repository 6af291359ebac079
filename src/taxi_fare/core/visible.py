"""Texts from outside: shown as they are, and never done what they say."""

import json
import re

# Controls, among them what starts a terminal's commands; what ends a line;
# what turns the direction of reading; halves of a pair, which no file takes.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    r"""
    Return a text in one line, with escapes for what nobody would see.

    Examples
    --------
    >>> print(visible("a\nb \x1b[31mred"))
    a\nb \x1b[31mred
    """
    return _UNSEEN.sub(
        lambda found: found[0].encode("unicode_escape").decode(), text
    )


def visible_lines(text: str) -> str:
    """Return a text of ours, whose lines stay lines."""
    return "\n".join(map(visible, text.split("\n")))


def visible_json(document: str, *, encoding: str = "utf-8") -> str:
    """
    Return a JSON document with JSON's own escapes for these.

    So is every letter that the encoding lacks; it stays the same document.
    """
    lines = (_UNSEEN.sub(_escape, line) for line in document.split("\n"))
    text = "\n".join(lines)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = re.sub("[^\0-\x7f]", _escape, text)
    return text


def _escape(found: re.Match[str]) -> str:
    """Write a letter as JSON does, one beyond the first plane as two."""
    return json.dumps(found[0])[1:-1]
