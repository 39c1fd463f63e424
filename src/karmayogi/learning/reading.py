"""Reading: which page a person has open now, and how many seconds of it count.

The rule: time counts for the page opened last, from its opening to the next sign of the person (another page
opened, the page finished, leaving the course). One interval counts at most `LONGEST` times the minutes the page
takes, so a tab left open overnight adds little. There is no heartbeat on purpose: the same rule holds for a phone
without scripts, and a client has nothing to send that could be forged.
"""

import datetime as dt
from uuid import UUID

from django.db import connection

from karmayogi.registry import ids

LONGEST = 3
"""An interval counts up to this many times the minutes of its page."""


def take_turn(person: UUID) -> None:
    """Waits until no other request of this person is at work; the turn ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 70))", [f"reading:{person}"])


def stop(person: UUID, *, now: dt.datetime) -> None:
    """Ends the interval that is running, if any, and counts it for its page."""
    with connection.cursor() as cursor:
        cursor.execute(_STOP, {"person": person, "now": now, "longest": LONGEST})


def start(person: UUID, page: UUID, *, now: dt.datetime) -> None:
    """Begins an interval on `page`; call `stop` first."""
    with connection.cursor() as cursor:
        cursor.execute(starting(), {"state": ids.new(), "person": person, "page": page, "now": now})


def starting(source: str = "") -> str:
    """SQL that begins an interval on `%(page)s` for `%(person)s`, once for each row of `source` (FROM ...).

    `%(state)s` is the id of the row that is written the first time.
    """
    return _START.format(source=source)


_STOP = """
UPDATE learning_pagestate s SET reading_since = NULL, seconds = s.seconds + least(
    greatest(floor(extract(epoch FROM %(now)s - s.reading_since)), 0), p.minutes * 60 * %(longest)s)::int
FROM learning_page p
WHERE p.id = s.page_id AND s.person_id = %(person)s AND s.reading_since IS NOT NULL
"""

_START = """
INSERT INTO learning_pagestate (id, person_id, page_id, state, seconds, opened_at, reading_since)
SELECT %(state)s::uuid, %(person)s::uuid, %(page)s::uuid, 'open', 0, %(now)s::timestamptz, %(now)s::timestamptz
{source}
ON CONFLICT (person_id, page_id) DO UPDATE SET reading_since = excluded.reading_since
"""
