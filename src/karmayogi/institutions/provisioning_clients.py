"""Systems that provision people and bodies: registered by an order for one subtree, known by a token shown once."""

import datetime as dt
import secrets
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from karmayogi.institutions import audit, bodies
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.models import ProvisioningClient
from karmayogi.registry import ids
from karmayogi.registry.acting import present

TOKEN_BYTES = 32


class UnknownClient(LookupError):
    """No client of this name is running."""


class NameTaken(Exception):
    """A running client has this name; revoke it first, or choose another."""


@dataclass(frozen=True)
class Client:
    """A registered system. `body`: it looks after this one and everything under it."""

    id: UUID
    name: str
    body: BodyCard
    since: dt.datetime
    until: dt.datetime
    order_no: str


def register(name: str, *, body: str, order_no: str, now: dt.datetime, until: dt.datetime) -> str:
    """Registers a client for the subtree of a body (its code); returns the token, which is kept nowhere.

    Raises `NameTaken`, `bodies.UnknownBody`.
    """
    place = bodies.by_code(body)
    if ProvisioningClient.objects.filter(name=name, until__gt=now).exists():
        raise NameTaken(f"A running client is called {name}. Revoke it first, or choose another name.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = ProvisioningClient.objects.create(
        id=ids.new(),
        name=name,
        body_id=place.id,
        token=_digest(token),
        since=now,
        until=until,
        order_no=order_no,
    )
    audit.record(
        "scim.client.register", actor=None, object_kind="provisioning_client", object_id=made.id, body=place.id,
        reason=order_no, details={"name": name, "until": until.isoformat()},
    )  # fmt: skip
    return token


def revoke(name: str, *, reason: str, now: dt.datetime) -> None:
    """Ends the client of this name from the next request on; raises `UnknownClient`."""
    found = ProvisioningClient.objects.filter(name=name, until__gt=now).first()
    if found is None:
        raise UnknownClient(f"No running client is called {name}. `karmayogi scim client list` names them.")
    found.until = now
    found.save(update_fields=["until"])
    audit.record(
        "scim.client.revoke", actor=None, object_kind="provisioning_client", object_id=found.id,
        reason=reason, details={"name": name},
    )  # fmt: skip


def registered() -> list[Client]:
    """Every client there ever was, the latest first; for the command line."""
    return [_client(c) for c in ProvisioningClient.objects.select_related("body").order_by("-since")]


def known(token: str, *, now: dt.datetime) -> Client | None:
    """The running client with this token; None for a wrong, ended or revoked one. Tells the database the digest."""
    digest = _digest(token)
    present(digest)
    rows = ProvisioningClient.objects.select_related("body")
    found = rows.filter(token=digest, since__lte=now, until__gt=now).first()
    return _client(found) if found else None


def _client(row: ProvisioningClient) -> Client:
    b = row.body
    place = BodyCard(b.id, b.code, b.name, b.kind, b.lower, b.upper)
    return Client(row.id, row.name, place, row.since, row.until, row.order_no)


def _digest(token: str) -> str:
    # 256 random bits need no salt and no slow hash: nobody can try them out.
    return sha256(token.encode()).hexdigest()
