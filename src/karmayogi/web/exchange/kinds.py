"""The two kinds of resource: which verbs of the house stand behind each, and how one becomes the other's words."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from karmayogi.institutions import provisioned_bodies, provisioning
from karmayogi.institutions.provisioned_bodies import ProvidedBody, WantedBody
from karmayogi.institutions.provisioning import Provided, ValueNotKept, Wanted
from karmayogi.standards.scim import reading, writing
from karmayogi.standards.scim.resources import Body, Person
from karmayogi.standards.scim.writing import Link, ToldOfBody, ToldOfPerson


@dataclass(frozen=True)
class Kind:
    """A kind of resource. `told(provided, base=...)` is its resource; `wanted(resource)` what a client says by one."""

    endpoint: str
    resource: Any
    page: Callable[..., tuple[list[Any], int]]
    one: Callable[..., Any]
    add: Callable[..., Any]
    alter: Callable[..., Any]
    remove: Callable[..., None]
    told: Callable[..., Any]
    wanted: Callable[[Any], Any]


def _person(given: Provided, *, base: str) -> Any:
    return writing.person(
        ToldOfPerson(
            id=str(given.id),
            login=given.login,
            name=given.name,
            active=given.active,
            email=given.email,
            external_id=given.external_id,
            employee_code=given.employee_code,
            body=_link(given.body),
            manager=_link(given.leader),
            since=given.since,
        ),
        base=base,
    )


def _body(given: ProvidedBody, *, base: str) -> Any:
    told = ToldOfBody(
        id=str(given.id),
        code=given.code,
        name=given.name,
        kind=given.kind,
        order_no=given.order_no,
        parent=_link(given.above),
        external_id=given.external_id,
    )
    return writing.body(told, base=base)


def _wanted_person(resource: Any) -> Wanted:
    said = reading.said_of_person(resource)
    return Wanted(said.login, said.name, said.active, said.email, said.external_id, said.employee_code)


def _wanted_body(resource: Any) -> WantedBody:
    said = reading.said_of_body(resource)
    try:
        parent = UUID(said.parent) if said.parent else None
    except ValueError as error:
        raise ValueNotKept("parent names no body that this client looks after.") from error
    return WantedBody(said.code, said.name, said.kind, said.order_no, parent, said.external_id)


def _remove_person(client: Any, given: Provided, *, on: dt.date, now: dt.datetime) -> None:
    provisioning.give_up(client, given, now=now)


def _link(named: tuple[UUID, str] | None) -> Link | None:
    return Link(str(named[0]), named[1]) if named else None


PEOPLE = Kind(
    endpoint="Users",
    resource=Person,
    page=provisioning.page,
    one=provisioning.one,
    add=provisioning.enrol,
    alter=provisioning.alter,
    remove=_remove_person,
    told=_person,
    wanted=_wanted_person,
)
BODIES = Kind(
    endpoint="Bodies",
    resource=Body,
    page=provisioned_bodies.page,
    one=provisioned_bodies.one,
    add=provisioned_bodies.establish,
    alter=provisioned_bodies.alter,
    remove=provisioned_bodies.close,
    told=_body,
    wanted=_wanted_body,
)
