"""Likenesses: pairs of records that may be of one person. A machine suggests with its reasons; people decide.

Pairs are found by a mobile or an e-mail address that two to five records share (what more share is an office's), and
by names alike (trigrams) among records of one body and one day of joining. Each sign that holds leaves a part of the
doubt; the score is one minus the product of these parts.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit, proposals
from karmayogi.institutions.access import Reach
from karmayogi.institutions.models import LikelySame

SIGNS: Mapping[str, float] = MappingProxyType(
    {"mobile": 0.35, "email": 0.35, "name": 0.5, "joined": 0.2, "body": 0.1}
)
"""Which share of the doubt a sign takes away; of the name that share times its likeness (0 to 1). Our own choice, from
no study: what it decides is the order of a list that people read."""
LEAST = 0.5
ALIKE = 0.6
"""Trigram likeness (pg_trgm `similarity`) from which names bring two records together."""


class NoSuchPair(LookupError):
    """There is no such suggestion in the bodies one keeps."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be of one person. `score` 0 to 1; `reasons`: keys of `SIGNS` that hold."""

    id: UUID
    one: UUID
    other: UUID
    score: float
    reasons: tuple[str, ...]


def find(*, now: dt.datetime) -> int:
    """Writes the queue anew: pairs that hold, with score and reasons; how many wait. As the worker role.

    What was set aside stays so; what holds no more leaves the queue. Set-based: three joins on what records share.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FIND, {"now": now, "least": LEAST, "alike": ALIKE, **SIGNS})
        cursor.execute(
            "DELETE FROM institutions_likelysame WHERE set_aside_at IS NULL AND found_at < %s", [now]
        )
        cursor.execute("SELECT count(*) FROM institutions_likelysame WHERE set_aside_at IS NULL")
        return int(cursor.fetchone()[0])


def waiting(reach: Reach, *, limit: int = 50) -> list[Pair]:
    """The pairs of the kept bodies that nobody has judged yet, the likeliest first."""
    found = LikelySame.objects.none()
    for body in reach.bodies:
        found |= LikelySame.objects.filter(
            set_aside_at=None, body__lower__gte=body.lower, body__lower__lt=body.upper
        )
    return [_pair(row) for row in found.order_by("-score", "id")[:limit]]


def likeliest(limit: int) -> list[Pair]:
    """The likeliest pairs that wait anywhere, for the command line."""
    return [
        _pair(row) for row in LikelySame.objects.filter(set_aside_at=None).order_by("-score", "id")[:limit]
    ]


def one(id: UUID) -> Pair:
    """The pair, if it is in the bodies one keeps. Raises `NoSuchPair`."""
    row = LikelySame.objects.filter(pk=id, set_aside_at=None).first()
    if row is None:
        raise NoSuchPair(_("There is no such suggestion, or it was judged already."))
    return _pair(row)


def set_aside(reach: Reach, id: UUID, *, why: str, now: dt.datetime) -> None:
    """Says that these are two people; the pair is not suggested again. Raises `NoSuchPair`, `ReasonTooShort`."""
    if len(why.strip()) < proposals.SHORTEST:
        raise proposals.ReasonTooShort(_("Write in a sentence how you know that these are two people."))
    with transaction.atomic():
        pair = LikelySame.objects.filter(pk=id, set_aside_at=None)
        if not pair.update(set_aside_at=now, set_aside_by=reach.actor, why=why.strip()):
            raise NoSuchPair(_("There is no such suggestion, or it was judged already."))
        audit.record(
            "likeness.set_aside", actor=reach.actor, object_kind="likeness", object_id=id, reason=why.strip()
        )


def _pair(row: LikelySame) -> Pair:
    return Pair(row.id, row.one_id, row.other_id, float(row.score), tuple(row.reasons))


_FIND = """
WITH shared AS (
    SELECT array_agg(person_id ORDER BY person_id) AS people FROM institutions_account
    WHERE mobile <> '' GROUP BY mobile HAVING count(*) BETWEEN 2 AND 5
  UNION ALL
    SELECT array_agg(person_id ORDER BY person_id) FROM institutions_account
    WHERE email <> '' GROUP BY lower(email) HAVING count(*) BETWEEN 2 AND 5
), served AS (
    SELECT DISTINCT p.id, p.joined, a.body_id, p.name
    FROM institutions_person p JOIN institutions_assignment a ON a.person_id = p.id WHERE p.joined IS NOT NULL
), met AS (
    SELECT a.id AS one, b.id AS other FROM shared, unnest(people) AS a (id), unnest(people) AS b (id) WHERE a.id < b.id
  UNION
    SELECT a.id, b.id FROM served a JOIN served b ON b.joined = a.joined AND b.body_id = a.body_id AND a.id < b.id
    WHERE similarity(a.name, b.name) >= %(alike)s
), signs AS (
    SELECT m.one, m.other, p.joined IS NOT DISTINCT FROM q.joined AND p.joined IS NOT NULL AS joined,
           x.mobile = y.mobile AND x.mobile <> '' AS mobile, lower(x.email) = lower(y.email) AND x.email <> '' AS email,
           similarity(p.name, q.name) AS alike,
           EXISTS (SELECT 1 FROM institutions_assignment a JOIN institutions_assignment b ON b.body_id = a.body_id
                   WHERE a.person_id = m.one AND b.person_id = m.other) AS body
    FROM met m JOIN institutions_person p ON p.id = m.one JOIN institutions_person q ON q.id = m.other
    JOIN institutions_account x ON x.person_id = m.one JOIN institutions_account y ON y.person_id = m.other
    WHERE NOT EXISTS (SELECT 1 FROM institutions_personalias s WHERE s.until IS NULL
                      AND (s.person_id, s.other_id) IN ((m.one, m.other), (m.other, m.one)))
), judged AS (
    SELECT one, other, 1 - (1 - %(name)s * alike)
           * CASE WHEN mobile THEN 1 - %(mobile)s ELSE 1 END * CASE WHEN email THEN 1 - %(email)s ELSE 1 END
           * CASE WHEN joined THEN 1 - %(joined)s ELSE 1 END * CASE WHEN body THEN 1 - %(body)s ELSE 1 END AS score,
           to_jsonb(array_remove(ARRAY[CASE WHEN mobile THEN 'mobile' END, CASE WHEN email THEN 'email' END,
               CASE WHEN alike >= %(alike)s THEN 'name' END, CASE WHEN joined THEN 'joined' END,
               CASE WHEN body THEN 'body' END], NULL)) AS reasons
    FROM signs
)
INSERT INTO institutions_likelysame (id, one_id, other_id, body_id, score, reasons, found_at, why)
SELECT gen_random_uuid(), j.one, j.other, last.body_id, round(j.score::numeric, 3), j.reasons, %(now)s, ''
FROM judged j, LATERAL (
    SELECT a.body_id FROM institutions_assignment a WHERE a.person_id IN (j.one, j.other)
    ORDER BY upper(a.during) DESC NULLS FIRST, lower(a.during) DESC LIMIT 1) last
WHERE j.score >= %(least)s
ON CONFLICT (one_id, other_id) DO UPDATE
SET score = excluded.score, reasons = excluded.reasons, found_at = excluded.found_at, body_id = excluded.body_id
WHERE institutions_likelysame.set_aside_at IS NULL
"""
