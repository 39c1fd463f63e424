"""Requests that may be sent twice and act once: the answer is kept under the key the sender chose.

The key is taken in the transaction of the act itself: a second request with it waits until the first is kept or
undone, then gets the same answer or goes on in its place. (The draft standard of the header `Idempotency-Key`.)
"""

import datetime as dt
import re
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from karmayogi.registry import ids
from karmayogi.registry.models import Replay

KEPT = dt.timedelta(days=2)
"""How long an answer is kept: longer than any sender goes on trying."""
LARGEST = 65_536
"""Bytes of an answer that are kept; a page is never kept, only where it leads."""
_FIT = re.compile(r"[\x21-\x7e]{8,200}")


class BadKey(Exception):
    """The key of a request is not one: eight to two hundred printable characters without spaces."""

    status = 400


class OtherRequest(Exception):
    """The key was used for another request; what is new needs a new key."""

    status = 422


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer to a request that was carried out before. `body`: None where only status and place were kept."""

    status: int
    location: str
    media_type: str
    body: bytes | None


def take(key: str, *, person: UUID, asked: bytes, now: dt.datetime) -> Kept | None:
    """None if this transaction is the first with the key and shall act; else the answer that was kept.

    `asked`: everything that makes the request what it is. Waits while another transaction works on the same key.
    Raises `BadKey`, and `OtherRequest` if the key stands for another request.
    """
    if not _FIT.fullmatch(key):
        raise BadKey(_("The key of this request must have 8 to 200 letters, digits or signs. Send it anew."))
    hashed, content = sha256(key.encode()).hexdigest(), sha256(asked).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_replay (id, person, key, asked, at, location, media_type)"
            " VALUES (%s, %s, %s, %s, %s, '', '') ON CONFLICT (person, key) DO NOTHING RETURNING id",
            [ids.new(), person, hashed, content, now],
        )
        if cursor.fetchone():
            return None
    row = Replay.objects.get(person=person, key=hashed)
    if row.asked != content:
        raise OtherRequest(
            _("This form was sent before with other content. Open the page again and send it from there.")
        )
    body = bytes(row.body) if row.body is not None else None
    return Kept(row.status or 0, row.location, row.media_type, body)


def keep(key: str, *, person: UUID, answer: Kept) -> None:
    """Keeps the answer to a request that `take` let through."""
    body = answer.body if answer.body is not None and len(answer.body) <= LARGEST else None
    Replay.objects.filter(person=person, key=sha256(key.encode()).hexdigest()).update(
        status=answer.status, location=answer.location[:600], media_type=answer.media_type[:100], body=body
    )


def release(key: str, *, person: UUID) -> None:
    """Gives the key back: the request did nothing, and may be sent again with it."""
    Replay.objects.filter(person=person, key=sha256(key.encode()).hexdigest()).delete()


def sweep(*, now: dt.datetime) -> int:
    """Forgets answers older than `KEPT`; returns how many. For a job."""
    return Replay.objects.filter(at__lt=now - KEPT).delete()[0]
