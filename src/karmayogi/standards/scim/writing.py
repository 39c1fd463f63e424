"""What we answer, strictly as RFC 7643 and RFC 7644 have it: resources, lists, errors and what the service can do."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    Error,
    ETag,
    Filter,
    ListResponse,
    Meta,
    Pagination,
    Patch,
    Reference,
    ResourceType,
    ResponseParameters,
    Schema,
    SCIMException,
    ServiceProviderConfig,
    Sort,
)

from karmayogi.standards.scim.resources import (
    WORK,
    Body,
    Email,
    EnterpriseUser,
    Manager,
    Membership,
    Parent,
    Person,
)

MEDIA_TYPE = "application/scim+json"
LARGEST_PAGE = 200
PAGE = 100
BODY_BYTES = 1_048_576
"""Bytes of a request."""


@dataclass(frozen=True)
class Link:
    """Another resource as one refers to it."""

    id: str
    name: str


@dataclass(frozen=True)
class ToldOfPerson:
    """What is told of a person; '' and None where nothing is recorded."""

    id: str
    login: str
    name: str
    active: bool
    email: str
    external_id: str
    employee_code: str
    body: Link | None
    manager: Link | None
    since: dt.datetime | None


@dataclass(frozen=True)
class ToldOfBody:
    """What is told of a body."""

    id: str
    code: str
    name: str
    kind: str
    order_no: str
    parent: Link | None
    external_id: str


def person(told: ToldOfPerson, *, base: str) -> Any:
    """The User resource; `base` is the address of the service, without a slash at its end."""
    made: Any = Person(
        id=told.id,
        external_id=told.external_id or None,
        user_name=told.login,
        display_name=told.name,
        active=told.active,
        emails=[Email(value=told.email, type=WORK)] if told.email else None,
    )
    made[EnterpriseUser] = _record(told, base)
    if told.body:
        made.groups = [
            Membership(
                value=told.body.id, ref=Reference(f"{base}/Bodies/{told.body.id}"), display=told.body.name
            )
        ]
    made.meta = Meta(
        resource_type="User", created=told.since, location=f"{base}/Users/{told.id}", version=version(told)
    )
    return made


def _record(told: ToldOfPerson, base: str) -> EnterpriseUser | None:
    leads = told.manager and Manager(
        value=told.manager.id,
        ref=Reference(f"{base}/Users/{told.manager.id}"),
        display_name=told.manager.name,
    )
    if not (told.employee_code or told.body or leads):
        return None
    return EnterpriseUser(
        employee_number=told.employee_code or None,
        department=told.body.name if told.body else None,
        manager=leads or None,
    )


def body(told: ToldOfBody, *, base: str) -> Body:
    """The Body resource."""
    above = told.parent
    return Body(
        id=told.id,
        external_id=told.external_id or None,
        code=told.code,
        display_name=told.name,
        kind=told.kind,
        order_number=told.order_no,
        parent=_parent(above, base) if above else None,
        meta=Meta(resource_type="Body", location=f"{base}/Bodies/{told.id}", version=version(told)),
    )


def _parent(above: Link, base: str) -> Parent:
    return Parent(value=above.id, ref=Reference(f"{base}/Bodies/{above.id}"))


def version(told: ToldOfPerson | ToldOfBody) -> str:
    """The entity tag: the same for the same content."""
    return f'W/"{sha256(repr(told).encode()).hexdigest()[:24]}"'


def resource(made: Any, *, asked: ResponseParameters[Any] | None = None) -> bytes:
    """One resource as JSON, with the attributes that were asked for."""
    told = made.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked)
    return _json(told)


def listing(
    kinds: Any,
    made: Sequence[Any],
    *,
    total: int,
    start: int = 1,
    asked: ResponseParameters[Any] | None = None,
) -> bytes:
    """One page of a list as JSON; `start` counts from 1."""
    answer = ListResponse[kinds](
        total_results=total, start_index=start, items_per_page=len(made), resources=list(made)
    )
    return _json(answer.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked))


def error(status: int, detail: str, *, scim_type: str | None = None) -> bytes:
    """An error as JSON (RFC 7644, 3.12)."""
    return _json(Error(status=status, scim_type=scim_type, detail=detail).model_dump())


def refusal(said: SCIMException | ValidationError) -> tuple[int, bytes]:
    """Status and JSON for what the library refuses; of several faults the first."""
    told = said.to_error() if isinstance(said, SCIMException) else Error.from_validation_errors(said)[0]
    return told.status or 400, _json(told.model_dump())


def service(*, base: str) -> ServiceProviderConfig:
    """What the service can do; bulk and sorting it cannot, and says so."""
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=LARGEST_PAGE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=True),
        pagination=Pagination(
            cursor=False, index=True, default_pagination_method=Pagination.DefaultPaginationMethod.index,
            default_page_size=PAGE, max_page_size=LARGEST_PAGE,
        ),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="The token that was shown once when the client was registered.",
                primary=True,
            )
        ],
        meta=Meta(resource_type="ServiceProviderConfig", location=f"{base}/ServiceProviderConfig"),
    )  # fmt: skip


def resource_types(*, base: str) -> dict[str, ResourceType]:
    """id -> resource type."""
    found = {}
    for kind, endpoint in ((Person, "/Users"), (Body, "/Bodies")):
        told = ResourceType.from_resource(kind)
        told.endpoint = endpoint  # type: ignore[assignment]
        told.meta = Meta(resource_type="ResourceType", location=f"{base}/ResourceTypes/{told.id}")
        found[str(told.id)] = told
    return found


def schemas(*, base: str) -> dict[str, Schema]:
    """URN in small letters -> schema."""
    found = {}
    for kind in (Person, EnterpriseUser, Body):
        told = kind.to_schema()
        told.meta = Meta(resource_type="Schema", location=f"{base}/Schemas/{told.id}")
        found[str(told.id).lower()] = told
    return found


def _json(told: Mapping[str, Any] | Iterable[Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
