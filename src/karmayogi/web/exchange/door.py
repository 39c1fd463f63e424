"""The door for registered systems: who asks, by which token, and how a refusal is put to a machine."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from pydantic import ValidationError
from scim2_models import SCIMException

from karmayogi.institutions import provisioning, provisioning_clients
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.provisioning_clients import Client
from karmayogi.institutions.provisioning_sql import NotAskable
from karmayogi.institutions.roles import Audience
from karmayogi.registry import limits, roles
from karmayogi.registry.acting import become, narrow, present
from karmayogi.registry.limits import Limit, TooMany
from karmayogi.standards.scim import writing
from karmayogi.web.routes import Data, Scope, View, route

log = logging.getLogger(__name__)

OFTEN = Limit(3000, 60)
"""Requests of one client."""
WRONG = Limit(60, 60)
"""Wrong tokens from one address."""
LONGEST = 200
"""Characters of an Authorization header."""


class NotKnown(Exception):
    """No running client has this token; the operator registers one and hands over a new token."""


class ChangedMeanwhile(Exception):
    """The resource is no longer as the client last saw it; read it again, then send the change again."""


class NotAllowed(Exception):
    """The address has no such method."""

    def __init__(self, methods: Iterable[str]) -> None:
        super().__init__("This address has no such method.")
        self.methods = sorted(methods)


STATUSES: dict[type[Exception], tuple[int, str | None]] = {
    NotKnown: (401, None),
    provisioning.NotInCare: (404, None),
    OutOfReach: (404, None),
    Http404: (404, None),
    NotAllowed: (405, None),
    provisioning.AlreadyThere: (409, "uniqueness"),
    ChangedMeanwhile: (412, None),
    RequestDataTooBig: (413, None),
    TooMany: (429, None),
    provisioning.NotYoursToChange: (400, "mutability"),
    provisioning.ValueNotKept: (400, "invalidValue"),
    NotAskable: (400, "invalidFilter"),
}
"""What is refused -> status and scimType (RFC 7644, 3.12)."""


def exchange(*methods: str) -> Callable[[View], View]:
    """Declares a view for registered systems; like every route it runs in a savepoint."""
    declare = route(
        Audience.PROVISIONER, scope=Scope.TREE, data=Data.ACCOUNT, methods=methods, rate=OFTEN, machine=True
    )

    def declared(view: View) -> View:
        guarded = declare(view)
        # There is no cookie whose power another site could borrow.
        guarded.csrf_exempt = True  # type: ignore[attr-defined]
        return guarded

    return declared


def admit(request: Any) -> None:
    """Lets a registered system in: the database takes the role of this one purpose and knows its subtree."""
    now = timezone.now()
    today = timezone.localdate(now)
    become(roles.PROVISIONER)
    narrow(actor=None, on=today, purpose=Audience.PROVISIONER.value)
    client = _client(request)
    if client is None:
        if request.META.get("HTTP_AUTHORIZATION"):
            limits.count(f"provisioner-refused:{request.META.get('REMOTE_ADDR', '')}", WRONG, now=now)
        raise NotKnown("No running client has this token.")
    present("")
    scopes = f"{{{client.body.scope}}}"
    narrow(actor=client.id, scopes=scopes, on=today, purpose=Audience.PROVISIONER.value)
    limits.count(f"provisioner:{client.id}", request.declared.rate, now=now)
    request.client = client
    request.reach = Reach(None, Audience.PROVISIONER, today, bodies=(client.body,))


def answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """Any refusal, and any fault of ours, as the error resource of SCIM; a fault tells nothing of itself."""
    status, told = _told(request, error)
    response = HttpResponse(told, status=status, content_type=writing.MEDIA_TYPE)
    if isinstance(error, NotKnown):
        response["WWW-Authenticate"] = 'Bearer realm="provisioning"'
    if isinstance(error, NotAllowed):
        response["Allow"] = ", ".join(error.methods)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.seconds)
    attempted = getattr(request, "attempted", None)
    if attempted:
        request.refused = f"SCIM named what gives authority: {', '.join(attempted)}"  # type: ignore[attr-defined]
    return response


def _told(request: HttpRequest, error: Exception) -> tuple[int, bytes]:
    if isinstance(error, SCIMException | ValidationError):
        return writing.refusal(error)
    found = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), None)
    if found is not None:
        status, scim_type = found
        return status, writing.error(status, str(error) or "There is nothing here.", scim_type=scim_type)
    log.error("%s %s", request.method, request.path, exc_info=error)
    return 500, writing.error(500, "Something broke on our side. Nothing was changed.")


def _client(request: HttpRequest) -> Client | None:
    said = request.META.get("HTTP_AUTHORIZATION", "")
    kind, _, token = said.partition(" ")
    if kind.lower() != "bearer" or not token or len(said) > LONGEST:
        return None
    return provisioning_clients.known(token.strip(), now=timezone.now())
