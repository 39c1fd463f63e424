"""Assignments: who serves where, under whom, on which day. Written by orders; read by everyone below them.

Names of bodies and designations come in the `language` asked for; the English where there is no other.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.models import Assignment
from karmayogi.registry import bulk, ids, translations

COLUMNS = (
    *("id", "person_id", "body_id", "post", "position", "designation", "supervisor_id", "kind", "share"),
    *("during", "order_no"),
)


@dataclass(frozen=True)
class AssignmentFact:
    """One dated fact of who serves where. `until` is the first day no longer covered; None is open."""

    person: UUID
    body: UUID
    designation: str
    since: dt.date
    order_no: str
    post: UUID | None = None
    position: str = ""
    supervisor: UUID | None = None
    kind: str = "substantive"
    share: Decimal = Decimal(1)
    until: dt.date | None = None


@dataclass(frozen=True)
class Standing:
    """Where an official stands on a day: the substantive assignment, with the names screens need."""

    person: UUID
    name: str
    body: UUID
    body_code: str
    body_name: str
    body_number: int
    designation: str
    post: UUID | None
    position: str
    supervisor: UUID | None
    since: dt.date


def write(facts: Iterable[AssignmentFact]) -> int:
    """Appends dated facts; returns how many."""
    return bulk.load(
        Assignment,
        COLUMNS,
        (
            (
                ids.new(),
                f.person,
                f.body,
                f.post,
                f.position,
                f.designation,
                f.supervisor,
                f.kind,
                f.share,
                f"[{f.since},{f.until or ''})",
                f.order_no,
            )
            for f in facts
        ),
    )


def end(*, posts: Sequence[UUID] = (), people: Sequence[UUID] = (), on: dt.date, kinds: Sequence[str]) -> int:
    """Closes assignments running on the day before `on`, by post or by person; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_assignment SET during = daterange(lower(during), %s)"
            " WHERE (post = ANY(%s) OR person_id = ANY(%s)) AND kind = ANY(%s)"
            " AND lower(during) < %s AND (upper_inf(during) OR upper(during) > %s)",
            [on, list(posts), list(people), list(kinds), on, on],
        )
        return int(cursor.rowcount)


def standing(people: Iterable[UUID], *, on: dt.date, language: str = "en") -> dict[UUID, Standing]:
    """person -> where they stand on the day, for those in reach with a substantive assignment."""
    wanted = list(people)
    return {
        s.person: s
        for s in _standings(
            f"a.person_id = ANY(%(people)s::uuid[]) {_BY_NAME}", on=on, language=language, people=wanted
        )
    }


def team(supervisor: UUID, *, on: dt.date, language: str = "en") -> list[Standing]:
    """The officials who work under `supervisor` on the day, by name."""
    mine = f"a.supervisor_id = %(supervisor)s {_BY_NAME}"
    return _standings(mine, on=on, language=language, supervisor=supervisor)


def within(body: BodyCard, *, on: dt.date) -> list[Standing]:
    """Everyone who serves in the subtree of `body` on the day, by name."""
    return _standings(f"{_WITHIN} {_BY_NAME}", on=on, lower=body.lower, upper=body.upper)


def page(
    body: BodyCard, *, on: dt.date, offset: int, size: int, text: str = "", language: str = "en"
) -> tuple[list[Standing], int]:
    """One page of `within`, narrowed to names that contain `text`, and how many there are in all."""
    asked = {"on": on, "lower": body.lower, "upper": body.upper, "text": text, "offset": offset, "size": size}
    narrowed = f"{_WITHIN} AND position(upper(%(text)s) IN upper(p.name)) > 0"
    cut = f"{narrowed} {_BY_NAME} OFFSET %(offset)s LIMIT %(size)s"
    found = _standings(cut, language=language, **asked)
    return found, _fetch(f"SELECT count(*) {_SUBSTANTIVE} AND {narrowed}", asked)[0][0]


def leads_team(person: UUID, *, on: dt.date) -> bool:
    """True if anyone works under this person on the day."""
    running = Assignment.objects.filter(during__contains=on, kind="substantive")
    return running.filter(supervisor_id=person).exists()


def offices(person: UUID, *, on: dt.date) -> list[tuple[int, int]]:
    """The subtrees [lower, upper) of the bodies in which someone serves on the day, in charge or beside it."""
    serving = Assignment.objects.filter(person_id=person, during__contains=on)
    return list(serving.values_list("body__lower", "body__upper"))


def history(people: Iterable[UUID], *, language: str = "en") -> dict[UUID, list[AssignmentFact]]:
    """person -> every assignment, latest first."""
    found: dict[UUID, list[AssignmentFact]] = {}
    query = Assignment.objects.filter(person_id__in=list(people)).annotate(
        called=translations.said_phrase("designation", language=language)
    )
    for a in query.order_by("-during"):
        fact = AssignmentFact(
            person=a.person_id,
            body=a.body_id,
            designation=a.called,
            since=a.during.lower,
            order_no=a.order_no,
            post=a.post,
            position=a.position,
            supervisor=a.supervisor_id,
            kind=a.kind,
            share=a.share,
            until=a.during.upper,
        )
        found.setdefault(a.person_id, []).append(fact)
    return found


def _standings(condition: str, *, language: str = "en", **asked: Any) -> list[Standing]:
    columns = _COLUMNS if language == "en" else _SPOKEN_COLUMNS
    query = f"SELECT {columns} {_SUBSTANTIVE} AND {condition}"
    return [Standing(*row) for row in _fetch(query, {**asked, "language": language})]


def _fetch(query: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


_COLUMNS = """
a.person_id, p.name, a.body_id, b.code, b.name, b.lower, a.designation, a.post, a.position, a.supervisor_id,
lower(a.during)
"""
"""What a `Standing` is made of, in its order."""

_SPOKEN_COLUMNS = _COLUMNS.replace("b.name", translations.spoken("a.body_id", "name", "b.name")).replace(
    "a.designation", translations.phrased("a.designation")
)

_SUBSTANTIVE = """
FROM institutions_assignment a
JOIN institutions_person p ON p.id = a.person_id
JOIN institutions_body b ON b.id = a.body_id
WHERE a.kind = 'substantive' AND a.during @> %(on)s::date
"""
_WITHIN = "b.lower >= %(lower)s AND b.lower < %(upper)s"
_BY_NAME = "ORDER BY p.name, a.person_id"
