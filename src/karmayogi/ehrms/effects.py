"""What orders do: postings, and through them assignments whose supervisor is right on every day.

Used by the nouns of this room inside their transaction; the statements are in `sql`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from karmayogi.ehrms import sql
from karmayogi.institutions import assignments


@dataclass(frozen=True)
class Ended:
    """Time taken from a posting: from `since` to what was its last day before (`until`, None where it was open)."""

    person: UUID
    post: UUID
    kind: str
    since: dt.date
    until: dt.date | None


def add(orders: Sequence[UUID], *, first: UUID, lines: int, now: dt.datetime) -> int:
    """Writes the postings that lines of orders make, with their assignments; returns how many are new.

    A line that would give a post two holders or an official two posts is left out; of several that exclude one
    another the earliest (by id) that is possible stands. `first`: only lines with this id or a later one; `lines`:
    how many there may be, which spares a last look where all are written.
    """
    values: dict[str, Any] = {"orders": list(orders), "first": first, "now": now}
    fresh: list[UUID] = []
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql.ADD_POSTINGS, values)
            found = [key for (key,) in cursor.fetchall()]
            fresh += found
            if not found or len(fresh) >= lines:
                break
    restate(fresh)
    return len(fresh)


def carry_out(order: UUID, *, on: dt.date, now: dt.datetime) -> None:
    """Puts one order into effect, on its day or on the day `on` if that is later.

    The officials' running postings end the day before. Raises what the constraints raise if a post has a holder or
    an official another post.
    """
    values: dict[str, Any] = {"order": order, "on": on, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(sql.CLOSE_POSTINGS, values)
        ended = [Ended(*row) for row in cursor.fetchall()]
        cursor.execute(sql.WRITE_POSTINGS, values)
        fresh = [key for (key,) in cursor.fetchall()]
    restate(fresh, ended=ended)


def restate(
    fresh: Sequence[UUID] = (),
    *,
    ended: Sequence[Ended] = (),
    lines: Sequence[tuple[UUID, dt.date, dt.date]] = (),
) -> None:
    """Says anew who serves where under whom, for all whom a change may touch.

    `fresh`: new postings; `ended`: time taken from postings; `lines`: (post, since, until) where the line of a post or
    its description changed (`dt.date.max` is open). Touched are these postings themselves and those on posts that
    report to a post whose holder changed. An assignment is cut wherever the line, the holder of the post above or the
    description changes.
    """
    if not (fresh or ended or lines):
        return
    columns: dict[str, Any] = {
        "fresh": list(fresh),
        "ended_people": [e.person for e in ended],
        "ended_posts": [e.post for e in ended],
        "ended_kinds": [e.kind for e in ended],
        "ended_since": [e.since for e in ended],
        "ended_until": [e.until for e in ended],
        "posts": [post for post, _, _ in lines],
        "since": [since for _, since, _ in lines],
        "until": [None if until == dt.date.max else until for _, _, until in lines],
    }
    with assignments.restating(), connection.cursor() as cursor:
        cursor.execute(sql.SERVICE, columns)
