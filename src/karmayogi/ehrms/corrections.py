"""Corrections of postings that were entered with another last day, in sets; nothing is overwritten.

The posting that stands is closed in record time and written anew with its new end, under the order it has. The
official's assignment follows it, and the team of the post is led by whoever holds the post from then on.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

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
        cursor.execute(_LEAVE_TEAMS, values)
        cursor.execute(_END_ASSIGNMENTS, values)
        cursor.execute(_END_POSTINGS, values)
        traces = [Trace(id, {"until": change(old, new)}) for id, old, new in cursor.fetchall()]
        return audit.record_all(
            "posting.correct", traces, actor=None, object_kind="posting", reason=reason, now=now
        )


def lead(posts: Collection[UUID]) -> int:
    """Gives those who report to these posts, and have nobody above them, the holder of the post; how many of them.

    Whoever was posted before the holder of the post above was entered has nobody above them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LEAD_TEAMS, [list(posts)])
        return int(cursor.fetchone()[0])


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
), anew AS (
    INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
    SELECT gen_random_uuid(), person_id, post_id, kind, part, daterange(lower(during), until),
           tstzrange(%(now)s, NULL), order_id
    FROM moved
)
SELECT id, upper(during), until FROM moved
"""  # noqa: S608

_END_ASSIGNMENTS = f"""{_MOVED}, own AS MATERIALIZED (
    SELECT a.id, m.until, lower(a.during) >= m.until AS beyond, row_number() OVER (
        PARTITION BY m.id, lower(a.during) >= m.until ORDER BY lower(a.during) DESC) = 1 AS last
    FROM moved m JOIN institutions_assignment a
        ON a.person_id = m.person_id AND a.post = m.post_id AND a.kind = m.kind AND m.during @> lower(a.during)
), gone AS (
    DELETE FROM institutions_assignment a USING own WHERE a.id = own.id AND own.beyond
)
UPDATE institutions_assignment a SET during = daterange(lower(a.during), own.until)
FROM own WHERE a.id = own.id AND own.last AND NOT own.beyond
"""  # noqa: S608
"""A posting may have several assignments in sequence, one for each supervisor; the last one takes the new end."""

_COLUMNS = "id, person_id, body_id, post, position, designation, supervisor_id, kind, share, during, order_no"

_LEAVE_TEAMS = f"""{_MOVED}, left_behind AS MATERIALIZED (
    SELECT DISTINCT ON (a.id) a.*, m.until
    FROM moved m JOIN ehrms_post p ON p.reports_to_id = m.post_id
    JOIN institutions_assignment a ON a.post = p.id AND a.supervisor_id = m.person_id
    WHERE m.kind = 'substantive' AND (upper_inf(m.during) OR upper(m.during) > m.until)
      AND (upper_inf(a.during) OR upper(a.during) > m.until)
    ORDER BY a.id, m.until
), changed AS (
    UPDATE institutions_assignment a
    SET during = daterange(lower(t.during), CASE WHEN lower(t.during) < t.until THEN t.until ELSE upper(t.during) END),
        supervisor_id = CASE WHEN lower(t.during) < t.until THEN t.supervisor_id END
    FROM left_behind t WHERE a.id = t.id
)
INSERT INTO institutions_assignment ({_COLUMNS})
SELECT gen_random_uuid(), person_id, body_id, post, position, designation, NULL, kind, share,
       daterange(until, upper(during)), order_no
FROM left_behind WHERE lower(during) < until
"""  # noqa: S608
"""Who no longer holds the post no longer leads its team, hence no longer reads its rows."""

_LEAD_TEAMS = f"""
WITH led AS MATERIALIZED (
    SELECT DISTINCT ON (a.id) a.*, h.person_id AS leader, a.during * h.during AS under
    FROM ehrms_post p
    JOIN institutions_assignment a ON a.post = p.id AND a.supervisor_id IS NULL
    JOIN ehrms_posting h ON h.post_id = p.reports_to_id
    WHERE p.reports_to_id = ANY(%s) AND h.kind = 'substantive' AND upper_inf(h.recorded)
      AND NOT isempty(h.during * a.during) AND h.person_id <> a.person_id
    ORDER BY a.id, upper(h.during) DESC NULLS FIRST, lower(h.during) DESC
), changed AS (
    UPDATE institutions_assignment a SET supervisor_id = led.leader, during = led.under
    FROM led WHERE a.id = led.id
    RETURNING a.id
), around AS (
    INSERT INTO institutions_assignment ({_COLUMNS})
    SELECT gen_random_uuid(), person_id, body_id, post, position, designation, NULL, kind, share, part, order_no
    FROM led, unnest(datemultirange(during) - datemultirange(under)) part
)
SELECT count(*) FROM changed
"""  # noqa: S608
"""The row keeps its id on the days that are led, so that the order that made it does not make it again."""
