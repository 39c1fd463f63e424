"""Bodies: the dated tree of the service, and today's tree as numbers.

Names come in the `language` asked for; the English where there is no other.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from karmayogi.institutions.models import Body, BodyPlace
from karmayogi.registry import bulk, ids, translations


class UnknownBody(LookupError):
    """No body has this code or id; check the list of bodies."""


@dataclass(frozen=True)
class BodyCard:
    """A body as other rooms know it. Its subtree is every body with `lower <= other.lower < upper`."""

    id: UUID
    code: str
    name: str
    kind: str
    lower: int
    upper: int

    @property
    def scope(self) -> str:
        """The subtree as an int4range in PostgreSQL's notation."""
        return f"[{self.lower},{self.upper})"


@dataclass(frozen=True)
class NewBody:
    """A body to be set up; `parent` is the code of another body of the same call or of one that stands already."""

    code: str
    name: str
    kind: str
    parent: str | None = None


def establish(bodies: Sequence[NewBody], *, since: dt.date, order_no: str) -> dict[str, UUID]:
    """Sets up the bodies not there yet, places them from `since` on, and renumbers the tree: code -> id of all."""
    known = dict(Body.objects.values_list("code", "id"))
    fresh = [b for b in bodies if b.code not in known]
    known.update({b.code: ids.new() for b in fresh})
    missing = {b.parent for b in fresh if b.parent} - set(known)
    if missing:
        raise UnknownBody(f"The parent body is not known: {', '.join(sorted(missing))}. Set it up first.")
    bulk.load(
        Body,
        ["id", "code", "name", "kind", "lower", "upper"],
        [(known[b.code], b.code, b.name, b.kind, 0, 0) for b in fresh],
    )
    bulk.load(
        BodyPlace,
        ["id", "body_id", "parent_id", "during", "order_no"],
        [
            (ids.new(), known[b.code], known[b.parent] if b.parent else None, f"[{since},)", order_no)
            for b in fresh
        ],
    )
    if fresh:
        renumber(on=max(since, timezone.localdate()))
    return known


def renumber(*, on: dt.date) -> None:
    """Gives every body its interval in the tree of the day `on`; one statement, whatever the number of bodies.

    Two at once take turns: whoever comes second numbers the bodies of the first too.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE])
        cursor.execute(_RENUMBER, {"on": on})


_TREE = 0x5343494D
"""The lock under which the tree is numbered anew."""
_RENUMBER = """
WITH RECURSIVE tree AS (
    SELECT b.id, ARRAY[b.code]::text[] AS path, ARRAY[b.id] AS chain
    FROM institutions_body b
    LEFT JOIN institutions_bodyplace p ON p.body_id = b.id AND p.during @> %(on)s::date
    WHERE p.parent_id IS NULL
  UNION ALL
    SELECT b.id, t.path || b.code::text, t.chain || b.id
    FROM tree t
    JOIN institutions_bodyplace p ON p.parent_id = t.id AND p.during @> %(on)s::date
    JOIN institutions_body b ON b.id = p.body_id
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY path) AS n FROM tree
), sized AS (
    SELECT member AS id, count(*) AS size FROM tree, unnest(chain) AS member GROUP BY member
)
UPDATE institutions_body b SET lower = n.n, upper = n.n + s.size
FROM numbered n JOIN sized s USING (id)
WHERE n.id = b.id AND (b.lower, b.upper) IS DISTINCT FROM (n.n, n.n + s.size)
"""


def by_codes(codes: Iterable[str], *, language: str = "en") -> dict[str, BodyCard]:
    """code -> body, for the codes that are known."""
    return {b.code: _card(b) for b in _named(language).filter(code__in=list(codes))}


def by_code(code: str) -> BodyCard:
    """The body with this code; `UnknownBody` if there is none."""
    found = by_codes([code])
    if not found:
        raise UnknownBody(f"There is no body with the code {code}.")
    return found[code]


def by_ids(keys: Iterable[UUID], *, language: str = "en") -> dict[UUID, BodyCard]:
    """id -> body, for the ids that are known."""
    return {b.id: _card(b) for b in _named(language).filter(id__in=list(keys))}


def subtree(body: BodyCard) -> list[BodyCard]:
    """The body and everything under it today, in the order of the tree."""
    rows = _named("en").filter(lower__gte=body.lower, lower__lt=body.upper)
    return [_card(b) for b in rows.order_by("lower")]


def children(bodies: Iterable[UUID], *, on: dt.date, language: str = "en") -> Mapping[UUID, list[BodyCard]]:
    """parent id -> bodies directly under it on that day, by name."""
    found: dict[UUID, list[BodyCard]] = {}
    places = BodyPlace.objects.filter(parent_id__in=list(bodies), during__contains=on).select_related("body")
    called = places.annotate(called=translations.said("body_id", "name", "body__name", language=language))
    for place in called.order_by("called"):
        if place.parent_id is not None:
            found.setdefault(place.parent_id, []).append(_card(place.body, place.called))
    return found


def above(body: BodyCard, *, language: str = "en") -> list[BodyCard]:
    """The chain of bodies from the top down to, and with, this one."""
    return above_number(body.lower, language=language)


def above_number(number: int, *, language: str = "en") -> list[BodyCard]:
    """The chain from the top down to the body with this number in today's tree."""
    chain = _named(language).filter(lower__lte=number, upper__gt=number)
    return [_card(b) for b in chain.order_by("lower")]


def span() -> tuple[int, int]:
    """The numbers of the whole tree as [lower, upper); (0, 0) without any body."""
    found = Body.objects.aggregate(low=Min("lower"), high=Max("upper"))
    return found["low"] or 0, found["high"] or 0


def _named(language: str) -> QuerySet[Any]:
    return Body.objects.annotate(called=translations.said("id", "name", "name", language=language))


def _card(body: Any, called: str = "") -> BodyCard:
    return BodyCard(body.id, body.code, called or body.called, body.kind, body.lower, body.upper)
