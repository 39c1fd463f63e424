"""The privacy notice: one text for each version and language, shown before anything else and acknowledged.

The texts are files of the package, `starter/privacy_notice/<version>.<language>.md`, and are never edited once they
are in force: another text is another version, with the day from which it holds.
"""

import csv
import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from uuid import UUID

from karmayogi.policy.models import Acknowledgement

_FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Notice:
    """A version in one language. `digest`: SHA-256 of the text, in hexadecimal; `effective`: its first day."""

    version: str
    effective: dt.date
    language: str
    text: str
    digest: str

    def sections(self) -> list[tuple[str, str]]:
        """(heading, paragraph) pairs."""
        pieces = self.text.split("## ")[1:]
        return [(head.strip(), body.strip()) for head, _, body in (p.partition("\n") for p in pieces)]


def in_force(language: str, *, on: dt.date) -> Notice:
    """The version of the day in the language, in English where it is not translated."""
    version, effective = max((found for found in _versions() if found[1] <= on), key=lambda found: found[1])
    known = language if _path(version, language).is_file() else _FALLBACK
    text = _path(version, known).read_text(encoding="utf-8")
    return Notice(version, effective, known, text, hashlib.sha256(text.encode()).hexdigest())


def is_read(person: UUID, *, on: dt.date) -> bool:
    """True if the person acknowledged the version of the day, in whatever language."""
    version = in_force(_FALLBACK, on=on).version
    return Acknowledgement.objects.filter(person_id=person, version=version).exists()


def acknowledge(person: UUID, *, language: str, now: dt.datetime, on: dt.date) -> Notice:
    """Writes down that the person was shown the notice; a second time changes nothing."""
    notice = in_force(language, on=on)
    row = Acknowledgement(
        person_id=person, version=notice.version, language=notice.language, digest=notice.digest, at=now
    )
    Acknowledgement.objects.bulk_create([row], ignore_conflicts=True)
    return notice


@cache
def _versions() -> list[tuple[str, dt.date]]:
    lines = _path("versions").read_text(encoding="utf-8").splitlines()
    return [(row["version"], dt.date.fromisoformat(row["effective"])) for row in csv.DictReader(lines)]


def _path(version: str, language: str = "") -> "resources.abc.Traversable":
    folder = resources.files("karmayogi.policy.starter") / "privacy_notice"
    return folder / (f"{version}.{language}.md" if language else f"{version}.csv")
