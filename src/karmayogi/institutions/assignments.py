"""Assignments: who serves where, under whom, on which day. Written by orders; read by everyone below them.

Names of bodies and designations come in the `language` asked for; the English where there is no other.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from karmayogi.institutions import aliases, sql
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.models import Assignment
from karmayogi.registry import ids, translations

SERVING = """
SELECT person_id AS person, position FROM institutions_roll
WHERE person_id = ANY(%(people)s::uuid[]) AND kind = 'substantive' AND during @> %(on)s::date
"""
"""SQL: which position each of `people` has on the day, for statements of rooms above that go on from there."""


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


class ServesTwice(Exception):
    """Somebody would have two substantive assignments at one time."""

    status = 409


def write(facts: Iterable[AssignmentFact]) -> int:
    """Adds dated facts not known yet; returns how many. A second run adds nothing.

    A substantive assignment of somebody who has another one in that time is left out: compare the count.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.OPEN)
        with cursor.cursor.copy(f"COPY assignment_said ({sql.NAMES}) FROM STDIN") as copy:
            for f in facts:
                copy.write_row(
                    (ids.new(), f.person, f.body, f.post, f.position, f.designation, f.supervisor, f.kind, f.share,
                     f"[{f.since},{f.until or ''})", f.order_no)
                )  # fmt: skip
        cursor.execute(sql.ADD_POSSIBLE)
        added = int(cursor.rowcount)
        cursor.execute(sql.CLOSE)
    return added


@contextmanager
def restating() -> Iterator[None]:
    """Says anew who serves where, in sets: fill two tables inside, and what they say is so afterwards.

    `assignment_span` (person_id, post, kind, span daterange): the days of a person on a post in a kind of service about
    which something is said. `assignment_said` (the columns of an assignment): all that is so on these days. What stands
    there otherwise is shortened or taken away; what is so already stays. Raises
    `ServesTwice`, and then nothing of it is written.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.OPEN)
        yield
        cursor.execute(sql.FIND_GONE)
        if cursor.rowcount > 0:
            for statement in sql.TAKE_AWAY:
                cursor.execute(statement)
        cursor.execute(sql.ADD)
        cursor.execute(sql.SERVING_TWICE)
        if cursor.fetchone():
            raise ServesTwice(
                "Somebody would have two substantive assignments at once. End the former one first."
            )
        cursor.execute(sql.CLOSE)


def describe(positions: Iterable[tuple[UUID, str]]) -> int:
    """Puts all service on posts under positions (post id, position key); returns how many rows changed."""
    pairs = list(positions)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_assignment a SET position = x.position"
            " FROM unnest(%s::uuid[], %s::text[]) AS x(id, position)"
            " WHERE a.post = x.id AND a.position <> x.position",
            [[post for post, _ in pairs], [position for _, position in pairs]],
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
    narrowed = f"{_WITHIN} AND position(upper(%(text)s) IN upper(a.name)) > 0"
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
    """person -> every assignment, latest first, under all ids of the person (`aliases`)."""
    found: dict[UUID, list[AssignmentFact]] = {}
    asked = aliases.sets(people)
    query = Assignment.objects.filter(person_id__in=list(asked)).annotate(
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
        found.setdefault(asked[a.person_id], []).append(fact)
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
a.person_id, a.name, a.body_id, a.body_code, a.body_name, a.lower, a.designation, a.post, a.position, a.supervisor_id,
lower(a.during)
"""
"""What a `Standing` is made of, in its order."""

_SPOKEN_COLUMNS = _COLUMNS.replace(
    "a.body_name", translations.spoken("a.body_id", "name", "a.body_name")
).replace("a.designation", translations.phrased("a.designation"))

_SUBSTANTIVE = """
FROM institutions_roll a
WHERE a.kind = 'substantive' AND a.during @> %(on)s::date
"""
_WITHIN = "a.lower >= %(lower)s AND a.lower < %(upper)s"
_BY_NAME = "ORDER BY a.name, a.person_id"
