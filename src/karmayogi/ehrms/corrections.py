"""Corrections of postings that were entered with another last day, in sets; nothing is overwritten.

The posting that stands is closed in record time and written anew with its new end, under the order it has. The
official's assignment follows it, and the team of the post is led by whoever holds the post from then on.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from karmayogi.ehrms import effects
from karmayogi.ehrms.effects import Ended
from karmayogi.institutions import audit
from karmayogi.institutions.audit import Trace
from karmayogi.institutions.corrections import change

Key = tuple[UUID, UUID, str, dt.date]
"""person, post, kind, first day: what makes a posting one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A posting as recorded now. `until` is the first day no longer covered, None open; `order_no` its order."""

    id: UUID
    until: dt.date | None
    order_no: str


@dataclass(frozen=True, slots=True)
class End:
    """The first day a posting no longer covers, to be recorded instead of the one it has."""

    posting: UUID
    until: dt.date


def standing(people: Iterable[UUID]) -> dict[Key, Standing]:
    """(person, post, kind, first day) -> the posting, for every one recorded now of these people."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(set(people))])
        return {
            (person, post, kind, since): Standing(id, until, number)
            for person, post, kind, since, id, until, number in cursor.fetchall()
        }


def crowded(ends: Iterable[End]) -> set[UUID]:
    """The postings that with their new end would meet another holder of the post or another post of the official."""
    with connection.cursor() as cursor:
        cursor.execute(_CROWDED, _values(ends))
        return {id for (id,) in cursor.fetchall()}


def end(ends: Iterable[End], *, reason: str, now: dt.datetime) -> int:
    """Records new ends, with one audit row each; how many postings had another end.

    Ask `crowded` first: a posting that meets another one is refused by the database, and all with it. The same few
    statements for any number of postings.
    """
    said = list(ends)
    if not said:
        return 0
    values = {**_values(said), "now": now}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_END_POSTINGS, values)
        moved = cursor.fetchall()
        traces = [Trace(id, {"until": change(old, new)}) for id, _, old, new, *_ in moved]
        ended = [
            Ended(person, post, kind, new, old)
            for _, _, old, new, person, post, kind in moved
            if old is None or old > new
        ]
        effects.restate([anew for _, anew, *_ in moved], ended=ended)
        return audit.record_all(
            "posting.correct", traces, actor=None, object_kind="posting", reason=reason, now=now
        )


def _values(ends: Iterable[End]) -> dict[str, list[UUID] | list[dt.date]]:
    said = list(ends)
    return {"postings": [e.posting for e in said], "untils": [e.until for e in said]}


_STANDING = """
SELECT h.person_id, h.post_id, h.kind, lower(h.during), h.id, upper(h.during), o.number
FROM ehrms_posting h JOIN ehrms_order o ON o.id = h.order_id
WHERE h.person_id = ANY(%s) AND upper_inf(h.recorded)
"""

_MOVED = """
WITH moved AS MATERIALIZED (
    SELECT h.*, s.until FROM unnest(%(postings)s::uuid[], %(untils)s::date[]) s (id, until)
    JOIN ehrms_posting h ON h.id = s.id
    WHERE upper_inf(h.recorded) AND upper(h.during) IS DISTINCT FROM s.until
)"""
_MEETS = """EXISTS (
    SELECT 1 FROM ehrms_posting o WHERE o.id <> m.id AND o.kind = 'substantive' AND upper_inf(o.recorded)
      AND lower(o.during) >= lower(m.during) AND lower(o.during) < m.until AND """

_CROWDED = f"""{_MOVED}
SELECT m.id FROM moved m WHERE m.kind = 'substantive'
  AND ({_MEETS} o.person_id = m.person_id) OR {_MEETS} o.post_id = m.post_id AND o.part && m.part))
"""  # noqa: S608
"""Only what begins later can be met: first days are not corrected."""

_END_POSTINGS = f"""{_MOVED}, closed AS (
    UPDATE ehrms_posting h SET recorded = tstzrange(lower(h.recorded), %(now)s)
    FROM moved m WHERE h.id = m.id
), renewed AS MATERIALIZED (
    SELECT m.*, gen_random_uuid() AS anew FROM moved m
), written AS (
    INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
    SELECT anew, person_id, post_id, kind, part, daterange(lower(during), until), tstzrange(%(now)s, NULL), order_id
    FROM renewed
)
SELECT id, anew, upper(during), until, person_id, post_id, kind FROM renewed
"""  # noqa: S608
