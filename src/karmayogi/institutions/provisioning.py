"""People as a registered system provisions them: seen and changed within its subtree, enrolled, given up.

Postings, grants and roles are never written here, nor is anything that opens an account. Every change is one audit
row with the former and the new value. Runs as the role `PROVISIONER`, which the gate takes once the token was verified.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction

from karmayogi.institutions import audit
from karmayogi.institutions import provisioning_sql as sql
from karmayogi.institutions.corrections import change as changed
from karmayogi.institutions.provisioning_clients import Client
from karmayogi.registry import ids
from karmayogi.standards.scim.filters import Condition

LENGTHS = {"login": 80, "name": 200, "email": 254, "external_id": 200, "employee_code": 40}
"""Characters that are kept."""


class NotInCare(LookupError):
    """Nobody with this id is in the care of the client, or there is no such person; the two are not told apart."""


class AlreadyThere(Exception):
    """A login or an employee code belongs to somebody; they may be out of the client's sight."""


class NotYoursToChange(Exception):
    """The client may not change this about the person."""


class ValueNotKept(Exception):
    """A value is missing, too long or not of its kind."""


@dataclass(frozen=True)
class Wanted:
    """How a person is to be; '' for no e-mail, external id or employee code."""

    login: str
    name: str
    active: bool
    email: str = ""
    external_id: str = ""
    employee_code: str = ""


@dataclass(frozen=True)
class Provided:
    """A person in a client's care. `body` and `leader`: today's, as (id, name); the leader only where in sight too.

    `enrolled`: by this client; `closed_at`: when this client closed the account.
    """

    id: UUID
    login: str
    name: str
    active: bool
    email: str
    external_id: str
    employee_code: str
    body: tuple[UUID, str] | None
    leader: tuple[UUID, str] | None
    since: dt.datetime | None
    link: UUID | None
    enrolled: bool
    closed_at: dt.datetime | None


def page(
    client: Client, asked: Condition | None, *, on: dt.date, offset: int, size: int
) -> tuple[list[Provided], int]:
    """People in the client's care whom the filter names, by id, and how many there are. Raises `sql.NotAskable`."""
    condition, values = sql.where(asked, sql.PEOPLE)
    told = f"{sql.FROM} WHERE {sql.IN_CARE} AND {condition}"
    asked_with = [*_care(client, on), *values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {told}", asked_with)
        total = int(cursor.fetchone()[0])
        if not size or offset >= total:
            return [], total
        cursor.execute(f"{sql.SELECT} {told} ORDER BY p.id OFFSET %s LIMIT %s", [*asked_with, offset, size])
        return [_provided(row) for row in cursor.fetchall()], total


def one(client: Client, person: UUID, *, on: dt.date) -> Provided:
    """The person, if in the client's care; else `NotInCare`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{sql.SELECT} {sql.FROM} WHERE {sql.IN_CARE} AND p.id = %s", [*_care(client, on), person]
        )
        row = cursor.fetchone()
    if row is None:
        raise NotInCare("There is no such person among those this client looks after.")
    return _provided(row)


def hold(key: UUID) -> None:
    """Makes requests about the same person or body take turns, until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"scim {key}"])


def enrol(client: Client, wanted: Wanted, *, on: dt.date, now: dt.datetime) -> Provided:
    """Enrols somebody new, or takes back whom this client had given up, known by their employee code.

    Raises `AlreadyThere` where a login or a code is taken, `ValueNotKept`.
    """
    _check(wanted)
    given_up = _given_up(client, wanted.employee_code)
    with _unique():
        if given_up is not None:
            return _take_back(client, given_up, wanted, on=on, now=now)
        person = ids.new()
        with connection.cursor() as cursor:
            cursor.execute(sql.ENROL[0], [person, wanted.employee_code or None, wanted.name])
            # The link first: the account is written under the eyes of the rule that asks for it.
            closed = None if wanted.active else now
            cursor.execute(sql.LINK, [ids.new(), client.id, person, wanted.external_id, True, now, closed])
            cursor.execute(sql.ENROL[1], [person, wanted.login, wanted.email, wanted.active])
    _record("scim.person.enrol", client, person, {"login": wanted.login, "external_id": wanted.external_id})
    return one(client, person, on=on)


def alter(client: Client, person: Provided, wanted: Wanted, *, on: dt.date, now: dt.datetime) -> Provided:
    """Makes the person as wanted; nothing is written where nothing differs.

    Raises `AlreadyThere`, `NotYoursToChange`, `ValueNotKept`.
    """
    _check(wanted)
    _allow(person, wanted)
    said = {name: getattr(wanted, name) for name in (*LENGTHS, "active")}
    differing = {n: (getattr(person, n), value) for n, value in said.items() if getattr(person, n) != value}
    if not differing:
        return person
    with _unique(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_person SET name = %s, employee_code = %s WHERE id = %s",
            [wanted.name, wanted.employee_code or None, person.id],
        )
        cursor.execute(
            "UPDATE institutions_account SET login = %s, email = %s, is_active = %s WHERE person_id = %s",
            [wanted.login, wanted.email, wanted.active, person.id],
        )
    _link(client, person, wanted, now=now)
    details = {name: changed(old, new) for name, (old, new) in differing.items()}
    _record("scim.person.change", client, person.id, details)
    return one(client, person.id, on=on)


def give_up(client: Client, person: Provided, *, now: dt.datetime) -> None:
    """Closes the account, which ends every session at its next request, and lets go of the person; both stay kept."""
    closed = now if person.active else person.closed_at
    with connection.cursor() as cursor:
        cursor.execute("UPDATE institutions_account SET is_active = false WHERE person_id = %s", [person.id])
        if person.link is None:
            link: list[Any] = [ids.new(), client.id, person.id, "", False, now, closed]
            cursor.execute(sql.LINK, link)
        cursor.execute(
            "UPDATE institutions_provisionedperson SET until = %s, closed_at = %s WHERE client_id = %s"
            " AND person_id = %s AND until IS NULL",
            [now, closed, client.id, person.id],
        )
    _record("scim.person.give-up", client, person.id, {"active": changed(person.active, False)})


def note_attempt(client: Client, attributes: list[str], *, method: str, object_id: object) -> None:
    """Keeps that a client tried to set what gives authority or a way in, and that it was ignored."""
    audit.record(
        "scim.authority.ignore", actor=None, object_kind="person", object_id=object_id, body=client.body.id,
        reason="authority is given by an order, never by provisioning",
        details={"client": str(client.id), "attributes": attributes, "method": method},
    )  # fmt: skip


def _allow(person: Provided, wanted: Wanted) -> None:
    if wanted.employee_code != person.employee_code and (not person.enrolled or _ordered(person.id)):
        raise NotYoursToChange("An employee code stands fast once an order named the person.")
    if wanted.active and not person.active and person.closed_at is None:
        raise NotYoursToChange("This account was not closed by this client. Ask the help desk to open it.")


def _ordered(person: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql.ORDERED, [person, person])
        found: bool = cursor.fetchone()[0]
    return found


def _link(client: Client, person: Provided, wanted: Wanted, *, now: dt.datetime) -> None:
    closed = None if wanted.active else (person.closed_at or (now if person.active else None))
    with connection.cursor() as cursor:
        if person.link is None:
            cursor.execute(
                sql.LINK, [ids.new(), client.id, person.id, wanted.external_id, False, now, closed]
            )
        else:
            cursor.execute(
                "UPDATE institutions_provisionedperson SET external_id = %s, closed_at = %s WHERE id = %s",
                [wanted.external_id, closed, person.link],
            )


def _given_up(client: Client, code: str) -> tuple[UUID, bool, dt.datetime | None] | None:
    """(person, enrolled, closed at) of whom the client gave up last and who has this employee code; None for nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.person_id, l.enrolled, l.closed_at FROM institutions_provisionedperson l"
            " JOIN institutions_person p ON p.id = l.person_id WHERE l.client_id = %s AND p.employee_code = %s"
            " AND NOT EXISTS (SELECT 1 FROM institutions_provisionedperson r WHERE r.client_id = l.client_id"
            " AND r.person_id = l.person_id AND r.until IS NULL) ORDER BY l.until DESC LIMIT 1",
            [client.id, code],
        )
        row: tuple[UUID, bool, dt.datetime | None] | None = cursor.fetchone()
    return row


def _take_back(
    client: Client,
    given_up: tuple[UUID, bool, dt.datetime | None],
    wanted: Wanted,
    *,
    on: dt.date,
    now: dt.datetime,
) -> Provided:
    person, enrolled, closed = given_up
    with connection.cursor() as cursor:
        cursor.execute(sql.LINK, [ids.new(), client.id, person, wanted.external_id, enrolled, now, closed])
    _record("scim.person.take-back", client, person, {"external_id": wanted.external_id})
    return alter(client, one(client, person, on=on), wanted, on=on, now=now)


def _check(wanted: Wanted) -> None:
    for name, longest in LENGTHS.items():
        if len(getattr(wanted, name)) > longest:
            raise ValueNotKept(f"{name} has more than {longest} characters.")
    if not wanted.name or not wanted.login or any(c.isspace() for c in wanted.login):
        raise ValueNotKept("A person has a name, and a userName without spaces.")
    if wanted.email:
        try:
            validate_email(wanted.email)
        except ValidationError as error:
            raise ValueNotKept("This is no e-mail address.") from error


@contextmanager
def _unique() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise AlreadyThere("The userName or the employeeNumber belongs to somebody already.") from error


def _care(client: Client, on: dt.date) -> list[Any]:
    body = client.body
    return [client.id, on, on, body.lower, body.upper, client.id, on, client.id]


def _record(act: str, client: Client, person: UUID, details: Mapping[str, Any]) -> None:
    audit.record(
        act, actor=None, object_kind="person", object_id=person, body=client.body.id,
        reason=f"provisioned by {client.name}", details={"client": str(client.id), **details},
    )  # fmt: skip


def _provided(row: tuple[Any, ...]) -> Provided:
    body, called, leads, leader = row[7:11]
    served, led = (body, called) if body else None, (leads, leader) if leads else None
    return Provided(*(*row[:7], served, led, *row[11:]))
