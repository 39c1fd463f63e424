"""Bodies as a registered system provisions them: all of its subtree are seen, those it set up itself are changed.

A body stands where an order put it: whoever moves one names the order. Former places stay, dated. A body that others
set up is not touched by a machine, except for the id under which the machine knows it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from karmayogi.institutions import audit, bodies
from karmayogi.institutions import provisioning_sql as sql
from karmayogi.institutions.corrections import change as changed
from karmayogi.institutions.provisioning import AlreadyThere, NotInCare, NotYoursToChange, ValueNotKept
from karmayogi.institutions.provisioning_clients import Client
from karmayogi.institutions.provisioning_sql import Column
from karmayogi.registry import ids
from karmayogi.standards.scim.filters import Condition
from karmayogi.standards.scim.resources import KINDS

LENGTHS = {"code": 80, "name": 240, "kind": 24, "order_no": 80, "external_id": 200}


@dataclass(frozen=True)
class WantedBody:
    """How a body is to be; `parent` None for right under the body that the client looks after."""

    code: str
    name: str
    kind: str
    order_no: str
    parent: UUID | None = None
    external_id: str = ""


@dataclass(frozen=True)
class ProvidedBody:
    """A body in a client's care. `above`: (id, name) of what it stands under, None at the top of the client's subtree.

    `made`: the client set it up.
    """

    id: UUID
    code: str
    name: str
    kind: str
    order_no: str
    above: tuple[UUID, str] | None
    external_id: str
    link: UUID | None
    made: bool


def page(
    client: Client, asked: Condition | None, *, on: dt.date, offset: int, size: int
) -> tuple[list[ProvidedBody], int]:
    """Bodies of the client's subtree whom the filter names, by id, and how many there are. Raises `sql.NotAskable`."""
    condition, values = sql.where(asked, _COLUMNS)
    told = f"{_FROM} AND {condition}"
    asked_with = [*_care(client, on), *values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {told}", asked_with)
        total = int(cursor.fetchone()[0])
        if not size or offset >= total:
            return [], total
        cursor.execute(f"{_SELECT} {told} ORDER BY b.id OFFSET %s LIMIT %s", [*asked_with, offset, size])
        return [_provided(row) for row in cursor.fetchall()], total


def one(client: Client, body: UUID, *, on: dt.date) -> ProvidedBody:
    """The body, if it lies in the client's subtree; else `NotInCare`."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} {_FROM} AND b.id = %s", [*_care(client, on), body])
        row = cursor.fetchone()
    if row is None:
        raise NotInCare("There is no such body among those this client looks after.")
    return _provided(row)


def establish(client: Client, wanted: WantedBody, *, on: dt.date, now: dt.datetime) -> ProvidedBody:
    """Sets up a body from today on. Raises `AlreadyThere` where the code is taken, `ValueNotKept`."""
    _check(wanted)
    if wanted.kind not in KINDS:
        raise ValueNotKept(f"kind is one of {', '.join(KINDS)}.")
    body = ids.new()
    above = _above(client, wanted, on=on)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO institutions_body (id, code, name, kind, lower, upper) VALUES (%s, %s, %s, %s, 0, 0)",
                [body, wanted.code, wanted.name, wanted.kind],
            )
    except IntegrityError as error:
        raise AlreadyThere("A body has this code already.") from error
    _place(body, above, wanted.order_no, on=on)
    _link(client, body, wanted.external_id, made=True, now=now)
    details = {"code": wanted.code, "parent": str(above), "order": wanted.order_no}
    _record("scim.body.establish", client, body, details)
    return one(_renumbered(client, on=on), body, on=on)


def alter(
    client: Client, body: ProvidedBody, wanted: WantedBody, *, on: dt.date, now: dt.datetime
) -> ProvidedBody:
    """Makes the body as wanted; another parent or another order is a new place from today on.

    Raises `NotYoursToChange`, `ValueNotKept`.
    """
    _check(wanted)
    held = body.above[0] if body.above else None
    said = {"name": wanted.name, "order_no": wanted.order_no, "parent": wanted.parent, "code": wanted.code}
    former = {"name": body.name, "order_no": body.order_no, "parent": held, "code": body.code}
    differing = {name: (former[name], value) for name, value in said.items() if former[name] != value}
    if "code" in differing or wanted.kind != body.kind:
        raise NotYoursToChange("Code and kind of a body are given once.")
    if differing and not body.made:
        raise NotYoursToChange("This body was not set up by this client. It is changed by an order only.")
    if wanted.external_id != body.external_id:
        differing["external_id"] = (body.external_id, wanted.external_id)
        _known_as(client, body, wanted.external_id, now=now)
    if not differing:
        return body
    if "name" in differing:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE institutions_body SET name = %s WHERE id = %s", [wanted.name, body.id])
    if {"parent", "order_no"} & set(differing):
        above = _above(client, wanted, on=on, moving=body.id)
        _end_place(body.id, on=on)
        _place(body.id, above, wanted.order_no, on=on)
        client = _renumbered(client, on=on)
    _record(
        "scim.body.change", client, body.id, {n: changed(old, new) for n, (old, new) in differing.items()}
    )
    return one(client, body.id, on=on)


def close(client: Client, body: ProvidedBody, *, on: dt.date, now: dt.datetime) -> None:
    """Ends the place of a body that the client set up, in which nobody serves and under which none stands."""
    if not body.made or body.id == client.body.id:
        raise NotYoursToChange("This body was not set up by this client. It is closed by an order only.")
    with connection.cursor() as cursor:
        cursor.execute(_IN_USE, [body.id, on, body.id, on])
        if cursor.fetchone()[0]:
            raise NotYoursToChange("Somebody serves in this body, or another stands under it.")
        _end_place(body.id, on=on)
        cursor.execute("UPDATE institutions_provisionedbody SET until = %s WHERE id = %s", [now, body.link])
    _record("scim.body.close", client, body.id, {"code": body.code})
    _renumbered(client, on=on)


def _above(client: Client, wanted: WantedBody, *, on: dt.date, moving: UUID | None = None) -> UUID:
    above = wanted.parent or client.body.id
    found = bodies.by_ids([above, moving] if moving else [above])
    place, moved = found.get(above), found.get(moving) if moving else None
    if place is None or not client.body.lower <= place.lower < client.body.upper:
        raise ValueNotKept("parent names no body that this client looks after.")
    if moved is not None and moved.lower <= place.lower < moved.upper:
        raise ValueNotKept("A body cannot stand under itself.")
    return above


def _place(body: UUID, above: UUID, order_no: str, *, on: dt.date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO institutions_bodyplace (id, body_id, parent_id, during, order_no)"
            " VALUES (%s, %s, %s, daterange(%s, NULL), %s)", [ids.new(), body, above, on, order_no],
        )  # fmt: skip


def _end_place(body: UUID, *, on: dt.date) -> None:
    # A place of today's becomes an empty range: it stays as a trace, and covers no day.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_bodyplace SET during = daterange(lower(during), %s)"
            " WHERE body_id = %s AND during @> %s::date", [on, body, on],
        )  # fmt: skip


def _renumbered(client: Client, *, on: dt.date) -> Client:
    bodies.renumber(on=on)
    return replace(client, body=bodies.by_ids([client.body.id])[client.body.id])


def _known_as(client: Client, body: ProvidedBody, external_id: str, *, now: dt.datetime) -> None:
    if body.link is None:
        _link(client, body.id, external_id, made=False, now=now)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_provisionedbody SET external_id = %s WHERE id = %s", [external_id, body.link]
        )


def _link(client: Client, body: UUID, external_id: str, *, made: bool, now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO institutions_provisionedbody (id, client_id, body_id, external_id, made, since)"
            " VALUES (%s, %s, %s, %s, %s, %s)", [ids.new(), client.id, body, external_id, made, now],
        )  # fmt: skip


def _check(wanted: WantedBody) -> None:
    for name, longest in LENGTHS.items():
        value = getattr(wanted, name)
        if len(value) > longest or (not value and name != "external_id"):
            raise ValueNotKept(f"{name} has 1 to {longest} characters.")


def _care(client: Client, on: dt.date) -> list[Any]:
    return [client.body.id, client.body.id, on, client.id, client.body.lower, client.body.upper]


def _record(act: str, client: Client, body: UUID, details: Mapping[str, Any]) -> None:
    audit.record(
        act, actor=None, object_kind="body", object_id=body, body=client.body.id,
        reason=f"provisioned by {client.name}", details={"client": str(client.id), **details},
    )  # fmt: skip


def _provided(row: tuple[Any, ...]) -> ProvidedBody:
    *head, above, called, external_id, link, made = row
    return ProvidedBody(*(*head, (above, called) if above else None, external_id, link, made))


_FROM = """
FROM institutions_body b
LEFT JOIN LATERAL (
    SELECT CASE WHEN b.id <> %s AND i.parent_id <> %s THEN i.parent_id END AS parent_id, i.order_no
    FROM institutions_bodyplace i WHERE i.body_id = b.id AND i.during @> %s::date LIMIT 1) i ON true
LEFT JOIN institutions_body o ON o.id = i.parent_id
LEFT JOIN institutions_provisionedbody l ON l.body_id = b.id AND l.client_id = %s AND l.until IS NULL
WHERE b.lower >= %s AND b.lower < %s
"""
_SELECT = """
SELECT b.id, b.code, b.name, b.kind, coalesce(i.order_no, ''), i.parent_id, o.name,
       coalesce(l.external_id, ''), l.id, coalesce(l.made, false)
"""
_IN_USE = """
SELECT EXISTS (SELECT 1 FROM institutions_assignment WHERE body_id = %s AND during @> %s::date)
    OR EXISTS (SELECT 1 FROM institutions_bodyplace WHERE parent_id = %s AND during @> %s::date)
"""
_COLUMNS: dict[str, Column] = {
    "id": Column("b.id::text"),
    "externalId": Column("nullif(l.external_id, '')"),
    "code": Column("b.code"),
    "displayName": Column("b.name"),
    "kind": Column("b.kind", folded=True),
    "orderNumber": Column("nullif(i.order_no, '')"),
    "parent.value": Column("i.parent_id::text"),
    "meta.resourceType": Column("'Body'"),
}
