"""SCIM 2.0 over HTTP (RFC 7644): people and bodies for registered systems, one transaction a request."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from scim2_models import ResourceType, ResponseParameters, Schema

from karmayogi.institutions import provisioning
from karmayogi.standards.scim import filters, reading, writing
from karmayogi.standards.scim.resources import Body, Person
from karmayogi.web.exchange.door import ChangedMeanwhile, exchange
from karmayogi.web.exchange.kinds import BODIES, PEOPLE, Kind

MODIFYING = ("PUT", "PATCH", "DELETE")


@exchange("GET")
def service_provider_config(request: HttpRequest) -> HttpResponse:
    """What the service can do."""
    return _json(writing.resource(_service()))


@exchange("GET")
def resource_types(request: HttpRequest, name: str = "") -> HttpResponse:
    """All kinds of resource, or one."""
    return _described(writing.resource_types(base=_base()), name, ResourceType)


@exchange("GET")
def schemas(request: HttpRequest, urn: str = "") -> HttpResponse:
    """All schemas, or one; the case of a URN does not count."""
    return _described(writing.schemas(base=_base()), urn.lower(), Schema)


@exchange("GET", "POST")
def users(request: Any) -> HttpResponse:
    """The people in the client's care, or one more of them."""
    return _create(request, PEOPLE) if request.method == "POST" else _list(request, (PEOPLE,))


@exchange("GET", *MODIFYING)
def user(request: Any, id: UUID) -> HttpResponse:
    """One person."""
    return _one(request, PEOPLE, id)


@exchange("GET", "POST")
def bodies(request: Any) -> HttpResponse:
    """The bodies of the client's subtree, or one more of them."""
    return _create(request, BODIES) if request.method == "POST" else _list(request, (BODIES,))


@exchange("GET", *MODIFYING)
def body(request: Any, id: UUID) -> HttpResponse:
    """One body."""
    return _one(request, BODIES, id)


@exchange("POST")
def search_users(request: Any) -> HttpResponse:
    """As `users`, with the question in the request instead of the address."""
    return _list(request, (PEOPLE,), asked=_payload(request))


@exchange("POST")
def search_bodies(request: Any) -> HttpResponse:
    """As `bodies`, with the question in the request instead of the address."""
    return _list(request, (BODIES,), asked=_payload(request))


@exchange("POST")
def search(request: Any) -> HttpResponse:
    """People and bodies at once, people first."""
    return _list(request, (PEOPLE, BODIES), asked=_payload(request))


@exchange("GET", "POST", *MODIFYING)
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Every other address, e.g. of groups and of bulk requests, which do not exist here."""
    raise Http404


def _list(request: Any, kinds: tuple[Kind, ...], *, asked: Mapping[str, Any] | None = None) -> HttpResponse:
    resources = Person | Body if len(kinds) > 1 else kinds[0].resource
    query = reading.search(resources, asked if asked is not None else request.GET.dict())
    size = min(writing.PAGE if query.count is None else query.count, writing.LARGEST_PAGE)
    first = query.start_index_0 or 0
    made: list[Any] = []
    total = 0
    for kind in kinds:
        condition = filters.condition(query.filter, kind.resource)
        # Where one kind ends the next goes on: the offset into it is what is left of the first.
        offset, wanted = max(0, first - total), size - len(made)
        found, there = kind.page(request.client, condition, on=request.reach.on, offset=offset, size=wanted)
        made += [kind.told(one, base=_base()) for one in found]
        total += there
    return _json(writing.listing(resources, made, total=total, start=first + 1, asked=query))


def _create(request: Any, kind: Kind) -> HttpResponse:
    held, asked = _payload(request), _parameters(request, kind)
    wanted = kind.wanted(reading.new(kind.resource, held))
    made = kind.add(request.client, wanted, on=request.reach.on, now=timezone.now())
    _note_attempts(request, made.id)
    return _told(kind, made, asked=asked, status=201)


def _one(request: Any, kind: Kind, id: UUID) -> HttpResponse:
    asked = _parameters(request, kind)
    if request.method in MODIFYING:
        provisioning.hold(id)
    given = kind.one(request.client, id, on=request.reach.on)
    present = kind.told(given, base=_base())
    if request.method not in MODIFYING:
        unchanged = _matches(request.headers.get("If-None-Match"), present)
        return HttpResponse(status=304) if unchanged else _told(kind, given, asked=asked)
    if "If-Match" in request.headers and not _matches(request.headers["If-Match"], present):
        raise ChangedMeanwhile("The resource was changed since it was read. Read it again.")
    if request.method == "DELETE":
        kind.remove(request.client, given, on=request.reach.on, now=timezone.now())
        return HttpResponse(status=204)
    held = _payload(request, present=present)
    change: Callable[..., Any] = reading.replaced if request.method == "PUT" else reading.patched
    wanted = kind.wanted(change(present, held))
    made = kind.alter(request.client, given, wanted, on=request.reach.on, now=timezone.now())
    _note_attempts(request, id)
    return _told(kind, made, asked=asked)


def _told(kind: Kind, given: Any, *, asked: ResponseParameters[Any], status: int = 200) -> HttpResponse:
    resource = kind.told(given, base=_base())
    response = _json(writing.resource(resource, asked=asked), status=status)
    response["ETag"], response["Location"] = resource.meta.version, resource.meta.location
    return response


def _described(found: Mapping[str, Any], name: str, kind: type[Any]) -> HttpResponse:
    if not name:
        return _json(writing.listing(kind, list(found.values()), total=len(found)))
    if name not in found:
        raise Http404
    return _json(writing.resource(found[name]))


def _payload(request: Any, *, present: Any = None) -> dict[str, Any]:
    held = reading.payload(request.body)
    request.attempted = reading.attempts(held, present=present)
    return held


def _parameters(request: HttpRequest, kind: Kind) -> ResponseParameters[Any]:
    names = {"attributes", "excludedattributes"}
    asked = {name: value for name, value in request.GET.items() if name.lower() in names}
    return reading.search(kind.resource, asked)


def _note_attempts(request: Any, id: UUID) -> None:
    if request.attempted:
        provisioning.note_attempt(
            request.client, request.attempted, method=request.method or "", object_id=id
        )


def _matches(header: str | None, present: Any) -> bool:
    tags = [tag.strip() for tag in (header or "").split(",")]
    return "*" in tags or present.meta.version in tags or present.meta.version.removeprefix("W/") in tags


def _json(told: bytes, *, status: int = 200) -> HttpResponse:
    return HttpResponse(told, status=status, content_type=writing.MEDIA_TYPE)


@cache
def _service() -> Any:
    return writing.service(base=_base())


def _base() -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}/scim/v2"
