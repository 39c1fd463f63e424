"""Events on courses: the append-only log of what people did and what was refused to them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from karmayogi.learning.models import ProgressEvent


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened: enrolled, rejoined, unenrolled, opened, finished, refused or completed.

    `seconds`: what the server had seen of the page by then; `needed`: what a refusal asked for.
    """

    person: UUID
    course: UUID
    kind: str
    at: dt.datetime
    page: UUID | None = None
    seconds: int | None = None
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A kept event; `page` is the page's key, '' for events of the whole course."""

    kind: str
    at: dt.datetime
    page: str
    seconds: int | None
    needed: int | None


def append(events: Iterable[NewEvent]) -> int:
    """Keeps the events; returns how many."""
    rows = ProgressEvent.objects.bulk_create(
        (
            ProgressEvent(
                person_id=e.person,
                course_id=e.course,
                page_id=e.page,
                kind=e.kind,
                at=e.at,
                seconds=e.seconds,
                needed=e.needed,
            )
            for e in events
        ),
        batch_size=5000,
    )
    return len(rows)


def of(person: UUID, course: UUID) -> list[Event]:
    """What happened to a person on a course, oldest first."""
    query = ProgressEvent.objects.filter(person_id=person, course_id=course).order_by("at", "id")
    rows = query.values_list("kind", "at", "page__key", "seconds", "needed")
    return [Event(kind, at, key or "", seconds, needed) for kind, at, key, seconds, needed in rows]
