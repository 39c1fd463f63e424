"""The entries of one's own record that one may say are wrong, as they are recorded now."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from karmayogi.ehrms import corrections, postings
from karmayogi.institutions import people

FIELDS = ("name", "joined", "ended")
"""Name, day of joining, and the first day that a posting no longer covers."""
LONGEST_NAME = 200


class NotAValue(Exception):
    """What is said to be right cannot be recorded for this entry."""

    status = 400


class NoSuchEntry(LookupError):
    """There is no such entry in the person's record."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that may be wrong. `value`: as recorded, days as YYYY-MM-DD, "" if open or not known.

    `called`: the designation of a posting, else ""; `since`: its first day; `order_no`: by which order it stands.
    """

    field: str
    subject: UUID
    value: str
    called: str = ""
    since: dt.date | None = None
    order_no: str = ""


def of(person: UUID, *, language: str = "en") -> list[Entry]:
    """The entries of a person's record: name, joining, and each posting recorded now, the latest first."""
    name, joined = people.name_and_joining(person)
    found = [Entry("name", person, name), Entry("joined", person, joined.isoformat() if joined else "")]
    ids = corrections.standing([person])
    for fact in postings.of([person], language=language).get(person, []):
        held = ids.get((person, fact.post, fact.kind, fact.since))
        if held:
            until = fact.until.isoformat() if fact.until else ""
            found.append(Entry("ended", held.id, until, fact.designation, fact.since, fact.order_no))
    return found


def entry(person: UUID, field: str, subject: UUID) -> Entry:
    """One entry of the person's record; raises `NoSuchEntry`."""
    found = next((e for e in of(person) if (e.field, e.subject) == (field, subject)), None)
    if found is None:
        raise NoSuchEntry(_("There is no such entry in your record."))
    return found


def right_value(entry: Entry, says: str, *, on: dt.date) -> str:
    """What is said to be right as it would be recorded; raises `NotAValue`."""
    said = " ".join(says.split())
    if said == entry.value or not said:
        raise NotAValue(_("Write what is right, if it differs from what is recorded."))
    if entry.field == "name":
        if len(said) > LONGEST_NAME:
            raise NotAValue(_("A name has at most 200 letters. Write it shorter."))
        return said
    try:
        day = dt.date.fromisoformat(said)
    except ValueError:
        raise NotAValue(_("Choose a day of the calendar.")) from None
    if day > on or (entry.since and day <= entry.since):
        raise NotAValue(_("Choose a day that is past, and after the posting began."))
    return day.isoformat()
