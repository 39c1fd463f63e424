"""The resources: a person as User with the enterprise extension, a body as a resource type of our own.

Only what is kept is declared, so the published schemas say exactly what a client can rely on. Nothing that opens an
account is among it (password, mobile number, certificates), and what gives authority can only be read.
"""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AnyExtension,
    CaseExact,
    ComplexAttribute,
    Extension,
    Mutability,
    Reference,
    Required,
    Resource,
    Returned,
    Uniqueness,
)

WORK = "work"
KINDS = ("ministry", "department", "office", "state", "institute", "provider")
"""Kinds of body that another system may set up."""

_Shown = Mutability.read_only


class Email(ComplexAttribute):
    """The one e-mail address that is kept of a person."""

    value: Annotated[str | None, Required.true] = None
    """The address."""

    type: str | None = Field(None, examples=[WORK])
    """Always 'work'."""


class Membership(ComplexAttribute):
    """A body in which a person serves today."""

    value: Annotated[str | None, _Shown, CaseExact.true] = None
    """The id of the body."""

    ref: Annotated[Reference["Body"] | None, _Shown] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the body."""

    display: Annotated[str | None, _Shown] = None
    """The name of the body."""


class Held(ComplexAttribute):
    """Authority; never told to a machine and never taken from one."""

    value: Annotated[str | None, _Shown] = None
    """The name of the role or entitlement."""


class User(Resource[AnyExtension]):
    """A person with the account by which they sign in."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """The name under which the person signs in; kept in small letters."""

    display_name: Annotated[str | None, Required.true] = None
    """The person's name. Where it is missing in what a client sends, it is put together from 'name'."""

    active: Annotated[bool | None, Required.true] = None
    """Whether the person may sign in; true where a new person comes without it."""

    emails: list[Email] | None = None
    """The address at work. Of several the one of type 'work' is kept, else the first."""

    groups: Annotated[list[Membership] | None, _Shown] = None
    """The bodies in which the person serves today. Only an order changes them."""

    roles: Annotated[list[Held] | None, _Shown, Returned.request] = None
    """Always empty: authority is given by an order, never by provisioning."""

    entitlements: Annotated[list[Held] | None, _Shown, Returned.request] = None
    """Always empty, as roles."""


class Manager(ComplexAttribute):
    """Who leads a person today."""

    value: Annotated[str | None, _Shown, CaseExact.true] = None
    """The id of the leader, where the client may see them."""

    ref: Annotated[Reference["User[Any]"] | None, _Shown] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the leader."""

    display_name: Annotated[str | None, _Shown] = None
    """The name of the leader."""


class EnterpriseUser(Extension):
    """What the service record says of a person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: Annotated[str | None, CaseExact.true, Uniqueness.server] = None
    """The verified employee code, by which an account is joined. It stands fast once an order named the person."""

    department: Annotated[str | None, _Shown] = None
    """The name of the body in which the person serves today."""

    manager: Annotated[Manager | None, _Shown] = None
    """Who leads the person today."""


class Parent(ComplexAttribute):
    """The body under which a body stands."""

    value: Annotated[str | None, CaseExact.true] = None
    """Its id."""

    ref: Annotated[Reference["Body"] | None, CaseExact.true] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Its address."""


class Body(Resource[Any]):
    """A ministry, department, office or other body of the service."""

    __schema__ = URN("urn:karmayogi:params:scim:schemas:2.0:Body")

    code: Annotated[str | None, Required.true, Mutability.immutable, CaseExact.true, Uniqueness.server] = None
    """The code of the body."""

    display_name: Annotated[str | None, Required.true] = None
    """The name of the body."""

    kind: Annotated[str | None, Required.true, Mutability.immutable] = Field(None, examples=list(KINDS))
    """What sort of body it is."""

    order_number: Annotated[str | None, Required.true] = None
    """The number of the order by which it stands where it stands."""

    parent: Parent | None = None
    """The body under which it stands; none right under the one that the client looks after."""


Person = User[EnterpriseUser]
"""A User as it goes over the wire."""
