"""Seats of a body: sanctioned and filled, counted once a publication for all bodies and summed up the tree."""

import datetime as dt
from uuid import UUID

import numpy as np
from django.db import connection

from karmayogi.monitoring.models import SeatCount
from karmayogi.registry import bulk, ids

COLUMNS = ("id", "publication_id", "body_id", "sanctioned", "filled")


def write(publication: UUID, *, on: dt.date) -> tuple[int, int]:
    """Writes the totals of every body with seats for a publication and drops those of others: meant, and written."""
    with connection.cursor() as cursor:
        cursor.execute(_OWN, {"on": on})
        bodies = cursor.fetchall()
    lower = np.array([row[1] for row in bodies], dtype=np.int64)
    upper = np.array([row[2] for row in bodies], dtype=np.int64)
    own = np.array([row[3:] for row in bodies], dtype=np.int64).reshape(-1, 2)
    # The subtree of a body is the rows from `lower` up to `upper`.
    running = np.vstack([np.zeros((1, 2), dtype=np.int64), np.cumsum(own, axis=0)])
    totals = running[np.searchsorted(lower, upper)] - running[np.arange(len(bodies))]
    rows = [
        (ids.new(), publication, body, sanctioned, filled)
        for (body, *_), (sanctioned, filled) in zip(bodies, totals.tolist(), strict=True)
        if sanctioned
    ]
    written = bulk.load(SeatCount, COLUMNS, rows)
    SeatCount.objects.exclude(publication=publication).delete()
    return len(rows), written


_OWN = """
WITH held AS (
    SELECT DISTINCT post_id FROM ehrms_posting
    WHERE kind = 'substantive' AND upper_inf(recorded) AND during @> %(on)s::date
)
SELECT b.id, b.lower, b.upper, count(p.id), count(h.post_id)
FROM institutions_body b
LEFT JOIN ehrms_post p ON p.body_id = b.id AND p.state = 'live' AND p.sanctioned @> %(on)s::date
LEFT JOIN held h ON h.post_id = p.id
WHERE b.lower > 0
GROUP BY b.id ORDER BY b.lower
"""
"""What counts as a seat and as filled is that of `ehrms.posts.strength`; a test holds the two equal."""
