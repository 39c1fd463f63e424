"""Posts: the sanctioned seats of bodies, and which of them are filled or vacant on a day.

Designations and names of bodies come in the `language` asked for; the English where there is no other.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from karmayogi.ehrms import reporting_lines
from karmayogi.ehrms.models import Post
from karmayogi.ehrms.reporting_lines import ReportingFact
from karmayogi.institutions import assignments
from karmayogi.institutions.bodies import BodyCard
from karmayogi.registry import bulk, ids, translations

COLUMNS = (
    *("id", "code", "body_id", "designation", "service", "grade", "level", "kind", "position", "sensitive"),
    *("tenure_years", "state", "sanctioned", "sanction_order"),
)


class UnknownPost(LookupError):
    """No post in reach has this code or id."""


@dataclass(frozen=True)
class PostCard:
    """A post as other rooms and screens know it. `level` is the pay level, 0 where unknown."""

    id: UUID
    code: str
    body: UUID
    designation: str
    service: str
    grade: str
    level: int
    position: str
    sensitive: bool
    tenure_years: int | None
    state: str


@dataclass(frozen=True)
class NewPost:
    """A seat to be sanctioned; `reports_to` is the code of another post, of the same call or standing already."""

    code: str
    body: UUID
    designation: str
    grade: str
    since: dt.date
    sanction_order: str
    level: int = 0
    service: str = ""
    kind: str = "regular"
    position: str = ""
    sensitive: bool = False
    tenure_years: int | None = None
    state: str = "live"
    reports_to: str | None = None
    until: dt.date | None = None


def sanction(posts: Sequence[NewPost], *, now: dt.datetime | None = None) -> dict[str, UUID]:
    """Sanctions the posts not there yet and returns code -> id of all of them.

    Each reports from its first day on to the post named; a line to nowhere is left out. `now`: when this is recorded,
    None for this moment.
    """
    codes = {p.code for p in posts} | {p.reports_to for p in posts if p.reports_to}
    known = dict(Post.objects.filter(code__in=codes).values_list("code", "id"))
    fresh = [p for p in posts if p.code not in known]
    known.update({p.code: ids.new() for p in fresh})
    bulk.load(
        Post,
        COLUMNS,
        (
            (
                known[p.code],
                p.code,
                p.body,
                p.designation,
                p.service,
                p.grade,
                p.level,
                p.kind,
                p.position,
                p.sensitive,
                p.tenure_years,
                p.state,
                f"[{p.since},{p.until or ''})",
                p.sanction_order,
            )
            for p in fresh
        ),
    )
    reporting_lines.write(
        (
            ReportingFact(known[p.code], known[p.reports_to], p.since, p.sanction_order, p.until)
            for p in fresh
            if p.reports_to in known and p.reports_to != p.code
        ),
        now=now or timezone.now(),
    )
    return {p.code: known[p.code] for p in posts}


def describe(positions: Iterable[tuple[UUID, str]]) -> int:
    """Puts posts under positions (post id, position key); returns how many changed. One statement."""
    pairs = list(positions)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ehrms_post p SET position = x.position"
            " FROM unnest(%s::uuid[], %s::text[]) AS x(id, position)"
            " WHERE p.id = x.id AND p.position <> x.position",
            [[key for key, _ in pairs], [position for _, position in pairs]],
        )
        changed = cursor.rowcount
    assignments.describe(pairs)
    return int(changed)


def by_codes(codes: Iterable[str], *, language: str = "en") -> dict[str, PostCard]:
    """code -> post, for codes that are known."""
    return {p.code: _card(p) for p in _called(language).filter(code__in=list(codes))}


def places(codes: Iterable[str]) -> dict[str, tuple[UUID, UUID]]:
    """code -> (post, body), for codes that are known: the little that imports of many rows need."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, id, body_id FROM ehrms_post WHERE code = ANY(%s)", [list(codes)])
        return {code: (post, body) for code, post, body in cursor.fetchall()}


def by_code(code: str) -> PostCard:
    """The post with this code; `UnknownPost` if there is none."""
    found = by_codes([code])
    if not found:
        raise UnknownPost(f"There is no post with the code {code}.")
    return found[code]


def by_ids(keys: Iterable[UUID], *, language: str = "en") -> dict[UUID, PostCard]:
    """id -> post, for ids that are known."""
    return {p.id: _card(p) for p in _called(language).filter(id__in=list(keys))}


def within(body: BodyCard, *, on: dt.date) -> list[PostCard]:
    """The live posts of a body's subtree on the day, by code."""
    return [_card(p) for p in _live(body, on=on)]


@dataclass(frozen=True)
class Vacancy:
    """A live post that nobody holds substantively, and the day since when (None: never held)."""

    post: PostCard
    body_name: str
    since: dt.date | None


def vacant(body: BodyCard, *, on: dt.date, language: str = "en") -> list[Vacancy]:
    """The vacant posts of a body's subtree on the day, longest vacant first. Two statements."""
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"on": on, "lower": body.lower, "upper": body.upper, "language": language}
        cursor.execute(_VACANT, asked)
        found = cursor.fetchall()
    cards = by_ids((row[0] for row in found), language=language)
    return [Vacancy(cards[key], name, since) for key, name, since in found if key in cards]


_VACANT = f"""
SELECT p.id, {translations.spoken("b.id", "name", "b.name")}, (
    SELECT max(upper(h.during)) FROM ehrms_posting h
    WHERE h.post_id = p.id AND h.kind = 'substantive' AND upper_inf(h.recorded) AND upper(h.during) <= %(on)s::date)
FROM ehrms_post p JOIN institutions_body b ON b.id = p.body_id
WHERE b.lower >= %(lower)s AND b.lower < %(upper)s AND p.state = 'live' AND p.sanctioned @> %(on)s::date
  AND NOT EXISTS (
    SELECT 1 FROM ehrms_posting h WHERE h.post_id = p.id AND h.kind = 'substantive'
    AND upper_inf(h.recorded) AND h.during @> %(on)s::date)
ORDER BY 3 NULLS LAST, p.code
"""  # noqa: S608


@dataclass(frozen=True)
class Strength:
    """Sanctioned, filled and vacant seats: always counted, never stored."""

    sanctioned: int
    filled: int

    @property
    def vacant(self) -> int:
        """Seats without a substantive holder."""
        return self.sanctioned - self.filled


def strength(bodies: Sequence[BodyCard], *, on: dt.date) -> dict[UUID, Strength]:
    """body id -> strength of its subtree on the day; one statement for all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id, count(p.id), count(p.id) FILTER (WHERE EXISTS (SELECT 1 FROM ehrms_posting h"
            " WHERE h.post_id = p.id AND h.kind = 'substantive' AND upper_inf(h.recorded) AND h.during @> %s::date))"
            " FROM unnest(%s::uuid[], %s::int[], %s::int[]) AS t(id, lower, upper)"
            " LEFT JOIN institutions_body b ON b.lower >= t.lower AND b.lower < t.upper"
            " LEFT JOIN ehrms_post p ON p.body_id = b.id AND p.state = 'live' AND p.sanctioned @> %s::date"
            " GROUP BY t.id",
            [on, [b.id for b in bodies], [b.lower for b in bodies], [b.upper for b in bodies], on],
        )
        return {key: Strength(sanctioned, filled) for key, sanctioned, filled in cursor.fetchall()}


def _called(language: str) -> QuerySet[Any]:
    return Post.objects.annotate(called=translations.said_phrase("designation", language=language))


def _live(body: BodyCard, *, on: dt.date) -> QuerySet[Any]:
    return (
        _called("en")
        .filter(
            body__lower__gte=body.lower, body__lower__lt=body.upper, state="live", sanctioned__contains=on
        )
        .order_by("code")
    )


def _card(p: Any) -> PostCard:
    return PostCard(
        p.id,
        p.code,
        p.body_id,
        p.called,
        p.service,
        p.grade,
        p.level,
        p.position,
        p.sensitive,
        p.tenure_years,
        p.state,
    )
