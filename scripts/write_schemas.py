"""Write ``docs/schemas/`` from the models of the documents: ``make docs``."""

from pathlib import Path
from typing import Any

from taxi_fare.core.files import write_json
from taxi_fare.reports.documents.listing import DOCUMENTS

FOLDER = Path(__file__).parents[1] / "docs" / "schemas"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HEADER = """\
<!-- Written by `make docs` from the models of the documents: do not edit. -->

# Schemas

Every document that the project writes for others, with its JSON Schema. The
schemas say what is written; keys may be added, and none is renamed. Whoever
reads keeps keys that it does not know, and takes a key that is missing for
what its description says. A document that lacks a required key, or holds
something else in it, is one clear error that names the file and the key.

| schema | where the document is | what it is |
|---|---|---|
"""


def schemas() -> dict[str, dict[str, Any]]:
    """
    Return the schema of every document.

    Returns
    -------
    dict
        By name.
    """
    return {
        name: {"$schema": _DIALECT} | each.model.model_json_schema()
        for name, each in DOCUMENTS.items()
    }


def page() -> str:
    """
    Return the page that lists them.

    Returns
    -------
    str
        Markdown.
    """
    rows = [
        f"| [{name}]({name}.json) | {each.where} | {_purpose(each.model)} |\n"
        for name, each in DOCUMENTS.items()
    ]
    return _HEADER + "".join(rows)


def _purpose(model: type[Any]) -> str:
    """Take the first sentence, without the name of the file before it."""
    text = str(model.__doc__).strip().splitlines()[0].rpartition("``: ")[2]
    return text[0].upper() + text[1:].replace("``", "`")


def main() -> None:
    """Write every schema, and the page that lists them."""
    for name, schema in schemas().items():
        write_json(FOLDER / f"{name}.json", schema)
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
