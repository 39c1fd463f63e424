"""News for people inside the product. Pages make the sentence from kind and params, in their language."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from karmayogi.registry import joined
from karmayogi.registry.models import Notice


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """One piece of news. `link`: a path of this site or ''."""

    id: UUID
    kind: str
    params: Mapping[str, Any]
    link: str
    at: dt.datetime
    seen: bool


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to be left. `key`: what makes it one, e.g. "statement:<id>"."""

    person: UUID
    kind: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""


def tell(
    person: UUID, kind: str, *, params: Mapping[str, Any], link: str = "", now: dt.datetime, key: str
) -> None:
    """Leaves a notice for `person`; the same `key` again changes nothing."""
    tell_all([NewNotice(person, kind, key, params, link)], now=now)


def tell_all(notices: Iterable[NewNotice], *, now: dt.datetime) -> None:
    """Leaves many notices at once; keys that were used before are passed over."""
    rows = (
        Notice(key=n.key, person=n.person, kind=n.kind, params=dict(n.params), link=n.link, at=now)
        for n in notices
    )
    Notice.objects.bulk_create(rows, batch_size=5000, ignore_conflicts=True)


def of(person: UUID, *, limit: int = 20) -> list[NoticeCard]:
    """The newest notices of a person, newest first, under all ids (`joined`).

    Those of another id are history: they count as seen, because nothing is written under that id.
    """
    rows = Notice.objects.filter(joined.under("person", person)).order_by("-at", "-id")[:limit]
    return [
        NoticeCard(r.id, r.kind, r.params, r.link, r.at, r.seen_at is not None or r.person != person)
        for r in rows
    ]


def seen(person: UUID, *, now: dt.datetime, only: Iterable[UUID] | None = None) -> int:
    """Marks the person's notices (or those of `only`) as seen; how many were not before."""
    query = Notice.objects.filter(person=person, seen_at__isnull=True)
    if only is not None:
        query = query.filter(id__in=list(only))
    return query.update(seen_at=now)
