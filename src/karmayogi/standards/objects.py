"""Reader of JSON files that are one object: whole or not at all, because a cut one cannot be told from a short one."""

from pathlib import Path
from typing import Any

import msgspec

from .tables import UnreadableFile


def read(source: Path, *, most_bytes: int, what: str) -> dict[str, Any]:
    """The object in a file; `what` names the file that is wanted, e.g. "a list of designations".

    Raises `UnreadableFile` for a file that is larger than `most_bytes`, is not UTF-8 JSON, or holds no object.
    """
    if source.stat().st_size > most_bytes:
        raise UnreadableFile(f"The file is larger than {most_bytes:,} bytes. Choose {what}.")
    return decode(source.read_bytes(), what=what)


def decode(content: bytes, *, what: str) -> dict[str, Any]:
    """The object in UTF-8 JSON text. Raises `UnreadableFile`."""
    try:
        document = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFile(f"This is not a JSON file ({error}). Export {what} as JSON in UTF-8.") from None
    if not isinstance(document, dict):
        raise UnreadableFile(f"The file holds no object with names. Choose {what}.")
    return document
