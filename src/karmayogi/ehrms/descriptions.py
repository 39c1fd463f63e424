"""Descriptions of posts: how a post is described now; what an order amends is kept with the day until which it held."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from karmayogi.ehrms import effects
from karmayogi.ehrms.models import FormerDescription
from karmayogi.registry import bulk, ids


@dataclass(frozen=True)
class Description:
    """A post as described now. `until`: the first day it is not sanctioned any more; `order_no` sanctioned it."""

    post: UUID
    body: UUID
    designation: str
    service: str
    grade: str
    level: int
    state: str
    since: dt.date
    until: dt.date | None
    order_no: str = ""


@dataclass(frozen=True)
class Former:
    """How a post was described until a day, when an order described it otherwise."""

    description: Description
    until: dt.date
    order_no: str


@dataclass(frozen=True)
class Amendment:
    """How a post is to be described, and how it was before, step by step."""

    description: Description
    formers: tuple[Former, ...]


def of(bodies: Iterable[UUID]) -> dict[str, Description]:
    """code -> description, of all posts of these bodies."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, id, body_id, designation, service, grade, level, state, lower(sanctioned), upper(sanctioned),"
            " sanction_order FROM ehrms_post WHERE body_id = ANY(%s)",
            [list(bodies)],
        )
        return {code: Description(*said) for code, *said in cursor.fetchall()}


def remember(formers: Iterable[Former], *, now: dt.datetime) -> int:
    """Keeps how posts were described formerly; returns how many descriptions. Do it before they are held."""
    return bulk.load(
        FormerDescription,
        ("id", "post_id", "designation", "service", "grade", "level", "state", "sanctioned", "until", "amended_at",
         "amended_by"),
        (
            (ids.new(), d.post, d.designation, d.service, d.grade, d.level, d.state, f"[{d.since},{d.until or ''})",
             f.until, now, f.order_no)
            for f in formers
            for d in [f.description]
        ),
    )  # fmt: skip


def amend(amendments: Sequence[Amendment], *, now: dt.datetime) -> set[UUID]:
    """Describes posts anew and keeps how they were described; returns these posts. Compare with `of` first.

    Whoever serves on them carries the designation of the day.
    """
    said = [a.description for a in amendments]
    columns: dict[str, Any] = {
        name: [getattr(d, name) for d in said]
        for name in ("post", "designation", "service", "grade", "level", "state", "since", "until")
    }
    with transaction.atomic(), connection.cursor() as cursor:
        remember((f for a in amendments for f in a.formers), now=now)
        cursor.execute(_AMEND, columns)
        renamed = [
            (a.description.post, min(f.until for f in a.formers), dt.date.max)
            for a in amendments
            if any(f.description.designation != a.description.designation for f in a.formers)
        ]
        effects.restate(lines=renamed)
    return {d.post for d in said}


_AMEND = """
UPDATE ehrms_post p SET designation = s.designation, service = s.service, grade = s.grade, level = s.level,
       state = s.state, sanctioned = daterange(s.since, s.until)
FROM unnest(
    %(post)s::uuid[], %(designation)s::text[], %(service)s::text[], %(grade)s::text[], %(level)s::int[],
    %(state)s::text[], %(since)s::date[], %(until)s::date[]
) AS s(id, designation, service, grade, level, state, since, until)
WHERE p.id = s.id
"""
