"""Let each cell of a table name its column: on a phone it stands below."""

import re
from itertools import zip_longest

from markupsafe import Markup

# Of our own templates alone: what fills them is escaped.
_HEADING = re.compile(r'<th scope="col"[^>]*>(.*?)</th>')
_ROW = re.compile(r'<tr><th scope="row".*?</tr>', re.DOTALL)
_CELL = re.compile(r"<td\b")
# With more columns than this a table is wider than a phone.
_FEW = 3


def labelled(inner: Markup) -> Markup:
    """Name the column of every cell in the rows of a table."""
    headings = _HEADING.findall(inner)
    if not headings:
        return inner
    _, *columns = headings

    def name(row: re.Match[str]) -> str:
        """Name the columns of one row."""
        begin, *cells = _CELL.split(row[0])
        return begin + "".join(
            f'<td data-label="{column}"{cell}'
            for column, cell in zip_longest(columns, cells, fillvalue="")
            if cell
        )

    return Markup(_ROW.sub(name, inner))  # noqa: S704 - it was markup before


def is_wide(inner: Markup) -> bool:
    """Tell whether a table has too many columns for a phone."""
    return len(_HEADING.findall(inner)) > _FEW
