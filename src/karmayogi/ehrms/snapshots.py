"""Postings as a series of snapshots tells them: cut, entered and joined by orders of one kind.

A snapshot speaks for its bodies from its day to the next one. On days that no snapshot spoke for yet it is all that is
so of the postings that orders of this kind made; on other days it only adds. What ends or changes is closed in record
time and written anew; postings by other orders stay, and a claim that meets one is left out.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from karmayogi.ehrms import effects, orders, spans
from karmayogi.ehrms.effects import Ended
from karmayogi.ehrms.models import Order
from karmayogi.ehrms.orders import Entry, Line
from karmayogi.ehrms.spans import OPEN, Span

Kept = tuple[Span, str]
"""Days a posting keeps, and as which kind."""


@dataclass(frozen=True)
class Claim:
    """`person` has `post` of `body` as `kind`, in `part` of it, over `span`: said by one snapshot or several."""

    body: UUID
    person: UUID
    post: UUID
    kind: str
    part: tuple[int, int]
    span: Span

    @property
    def key(self) -> tuple[UUID, UUID, str, tuple[int, int]]:
        """What adjoining claims must share to be one posting."""
        return self.person, self.post, self.kind, self.part


@dataclass(frozen=True)
class Held(Claim):
    """A posting as recorded now."""

    id: UUID


def days(bodies: Iterable[UUID], *, kind: str) -> dict[UUID, set[dt.date]]:
    """body -> the days of its snapshots so far."""
    found: dict[UUID, set[dt.date]] = defaultdict(set)
    for body, day in Order.objects.filter(kind=kind, body_id__in=list(bodies)).values_list(
        "body_id", "effective"
    ):
        found[body].add(day)
    return found


def held(bodies: Iterable[UUID], *, kind: str) -> list[Held]:
    """The postings on posts of these bodies that orders of this kind made, as recorded now."""
    return _held(_HELD, bodies=list(bodies), kind=kind)


def _elsewhere(people: Iterable[UUID], bodies: Iterable[UUID], *, kind: str) -> list[Held]:
    return _held(_ELSEWHERE, people=list(people), bodies=list(bodies), kind=kind)


def _held(query: str, **asked: Any) -> list[Held]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return [
            Held(body, person, post, how, (lower, upper), spans.span(since, until), id)
            for body, person, post, how, lower, upper, since, until, id in cursor.fetchall()
        ]


def enter(
    claims: Sequence[Claim],
    *,
    within: Mapping[UUID, Sequence[Span]],
    known: Mapping[UUID, Iterable[dt.date]],
    number: Callable[[UUID, dt.date], str],
    kind: str,
    now: dt.datetime,
) -> None:
    """Enters what snapshots claim. `known`: the days of all snapshots of each body, of these and of former ones.

    `within`: the days of a body no former snapshot spoke for. `number` names the order of a body's snapshot. Each
    snapshot has an order, even one that changes nothing. A claim that would give a post two holders or an official two
    posts is left out: compare with `held` afterwards. A second run changes nothing.
    """
    bodies = list(known)
    with transaction.atomic():
        others = _elsewhere({c.person for c in claims}, bodies, kind=kind)
        spoke = days({h.body for h in others}, kind=kind)
        left = _left(others, claims, within=within, spoke=spoke)
        _replace(_cut(held(bodies, kind=kind), claims, within=within) | left, now=now)
        lines = _added(held(bodies, kind=kind), claims, within=within)
        entries: dict[tuple[UUID, dt.date], list[Line]] = {(b, day): [] for b in bodies for day in known[b]}
        for c in lines:
            day = max((d for d in known[c.body] if d <= c.span[0]), default=c.span[0])
            line = Line(c.person, c.post, c.kind, c.span[0], spans.end(c.span[1]), c.part)
            entries.setdefault((c.body, day), []).append(line)
        orders.enter_all(
            [
                Entry(number(body, day), kind, body, day, said)
                for (body, day), said in sorted(
                    entries.items(), key=lambda item: (item[0][1], str(item[0][0]))
                )
            ],
            now=now,
        )
        _replace(_joinable(held(bodies, kind=kind)), now=now)


def _cut(
    standing: Sequence[Held], claims: Sequence[Claim], *, within: Mapping[UUID, Sequence[Span]]
) -> dict[Held, list[Kept]]:
    """Postings that no longer run as they stand -> the days they keep."""
    said = defaultdict(list)
    for c in claims:
        said[c.key].append(c.span)
    kept = {h: spans.without([h.span], spans.without(within.get(h.body, ()), said[h.key])) for h in standing}
    return {h: [(piece, h.kind) for piece in pieces] for h, pieces in kept.items() if pieces != [h.span]}


def _left(
    others: Sequence[Held],
    claims: Sequence[Claim],
    *,
    within: Mapping[UUID, Sequence[Span]],
    spoke: Mapping[UUID, Iterable[dt.date]],
) -> dict[Held, list[Kept]]:
    """Who is seen in another body after the last snapshot of theirs has moved: the old post is held besides."""
    seen: dict[UUID, list[dt.date]] = defaultdict(list)
    for c in claims:
        if c.kind == "substantive":
            seen[c.person] += [since for since, _ in spans.common([c.span], within.get(c.body, ()))]
    kept = {}
    for h in others:
        moved = min((day for day in seen[h.person] if day > max(spoke[h.body], default=OPEN)), default=OPEN)
        if h.span[0] < moved < h.span[1]:
            kept[h] = [((h.span[0], moved), h.kind), ((moved, h.span[1]), "additional_charge")]
    return kept


def _added(
    standing: Sequence[Held], claims: Sequence[Claim], *, within: Mapping[UUID, Sequence[Span]]
) -> list[Claim]:
    """What the claims say beyond what stands: a post someone has already is not given to them again."""
    had = defaultdict(list)
    for h in standing:
        had[h.person, h.post].append(h.span)
    found = []
    for c in claims:
        more = spans.without([c.span], had[c.person, c.post])
        fresh = list(within.get(c.body, ()))
        for piece in sorted(spans.common(more, fresh) + spans.without(more, fresh)):
            found.append(Claim(c.body, *c.key, piece))
    return found


def _joinable(standing: Sequence[Held]) -> dict[Held, list[Kept]]:
    """Postings that adjoin an equal one: the first of them takes all the days, the others none."""
    alike = defaultdict(list)
    for h in sorted(standing, key=lambda h: h.span):
        alike[h.key].append(h)
    found: dict[Held, list[Kept]] = {}
    for group in alike.values():
        for span in spans.joined(h.span for h in group):
            first, *others = (h for h in group if spans.common([h.span], [span]))
            if others:
                found |= {first: [(span, first.kind)]} | {h: [] for h in others}
    return found


def _replace(changes: Mapping[Held, Sequence[Kept]], *, now: dt.datetime) -> None:
    """Closes these postings in record time and writes anew the days they keep, under the orders they have."""
    if not changes:
        return
    pieces = [
        (h.id, since, spans.end(until), as_) for h, kept in changes.items() for (since, until), as_ in kept
    ]
    stays: dict[tuple[UUID, UUID, str], list[Span]] = defaultdict(list)
    for h, kept in changes.items():
        for piece, as_ in kept:
            stays[h.person, h.post, as_].append(piece)
    ended = [
        Ended(h.person, h.post, h.kind, since, spans.end(until))
        for h in changes
        for since, until in spans.without([h.span], stays[h.person, h.post, h.kind])
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _REPLACE,
            {
                "closing": [h.id for h in changes],
                "ids": [id for id, *_ in pieces],
                "since": [since for _, since, *_ in pieces],
                "until": [until for _, _, until, _ in pieces],
                "kinds": [as_ for *_, as_ in pieces],
                "now": now,
            },
        )
        fresh = [id for (id,) in cursor.fetchall()]
    effects.restate(fresh, ended=ended)


_ALL = """
SELECT p.body_id, h.person_id, h.post_id, h.kind, lower(h.part), upper(h.part), lower(h.during), upper(h.during), h.id
FROM ehrms_post p JOIN ehrms_posting h ON h.post_id = p.id JOIN ehrms_order o ON o.id = h.order_id
WHERE upper_inf(h.recorded) AND o.kind = %(kind)s
"""
_HELD = f"{_ALL} AND p.body_id = ANY(%(bodies)s) ORDER BY h.id"
_ELSEWHERE = f"""
{_ALL} AND h.person_id = ANY(%(people)s) AND p.body_id <> ALL(%(bodies)s) AND h.kind = 'substantive'
AND upper_inf(h.during)
ORDER BY h.id
"""
_REPLACE = """
WITH closed AS (
    UPDATE ehrms_posting SET recorded = tstzrange(lower(recorded), greatest(%(now)s, lower(recorded)))
    WHERE id = ANY(%(closing)s)
    RETURNING *
), piece AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(since)s::date[], %(until)s::date[], %(kinds)s::text[])
    AS piece(id, since, until, kind)
)
INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
SELECT gen_random_uuid(), c.person_id, c.post_id, x.kind, c.part, daterange(x.since, x.until),
       tstzrange(%(now)s, NULL), c.order_id
FROM closed c JOIN piece x ON x.id = c.id
RETURNING id
"""
