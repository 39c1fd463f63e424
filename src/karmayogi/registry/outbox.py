"""What has to leave the machine: written in the business transaction, delivered later, once for each key.

The registry knows persons as ids only, so the address of a recipient is asked of a function passed in.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.mail import EmailMessage
from django.db import transaction

from karmayogi.registry import ids
from karmayogi.registry.models import Letter

MOST_ATTEMPTS = 8
FIRST_PAUSE = dt.timedelta(minutes=1)
SENDING = "journeys.letters"
"""The job that sends what waits here."""
NOBODY = UUID(int=0)
SHORT_LIVED = frozenset({"sms"})
"""Channels whose letters hold what nobody must read later, such as a code: once sent, the text is dropped."""


class NoAddress(Exception):
    """The recipient has no address for this channel; ask them to enter one."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One letter as a channel gets it."""

    id: UUID
    key: str
    kind: str
    recipient: UUID
    payload: Mapping[str, Any]


Channel = Callable[[Posted], None]
"""Takes one letter out of the house; raises any exception if it could not."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many letters went out, failed and will be tried again, and were given up."""

    sent: int
    failed: int
    given_up: int


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter to be written. `key`: what makes it one; `kind`: the channel that takes it."""

    key: str
    kind: str
    recipient: UUID
    payload: Mapping[str, Any]


def put(key: str, *, kind: str, recipient: UUID, payload: Mapping[str, Any], due: dt.datetime) -> None:
    """Writes one letter into the running transaction; the same `key` again changes nothing."""
    put_all([NewLetter(key, kind, recipient, payload)], due=due)


def put_all(letters: Iterable[NewLetter], *, due: dt.datetime) -> None:
    """Writes many letters at once; keys that were used before are passed over."""
    rows = (
        Letter(key=new.key, kind=new.kind, recipient=new.recipient, payload=dict(new.payload), due=due)
        for new in letters
    )
    Letter.objects.bulk_create(rows, batch_size=5000, ignore_conflicts=True)


def text(person: UUID | None, *, to: str, text: str, now: dt.datetime) -> None:
    """Writes a text message that is to leave at once. Without a person it is only written: it never leaves."""
    key = ids.new()
    Letter.objects.bulk_create(
        [
            Letter(
                key=f"text/{key}", kind="sms", recipient=person or NOBODY, payload={"to": to, "text": text}, due=now,
                given_up_at=None if person else now,
            )
        ]
    )  # fmt: skip


def deliver(*, now: dt.datetime, channels: Mapping[str, Channel], limit: int = 100) -> Delivered:
    """Sends up to `limit` due letters, each in its own transaction, oldest first.

    Two deliverers at once never take the same letter. A failure is kept with its reason and tried again after
    1, 2, 4... minutes, eight times in all. `channels`: by letter kind; other kinds wait.
    """
    outcomes = {"sent": 0, "failed": 0, "given_up": 0}
    for _ in range(limit):
        outcome = _one(now=now, channels=channels)
        if outcome is None:
            break
        outcomes[outcome] += 1
    return Delivered(**outcomes)


def email(address: Callable[[UUID], str | None]) -> Channel:
    """A channel by Django's mail. Payload: "subject" and "text", both already in the reader's language.

    The Message-ID is the letter's id, so that a second copy sent after a crash can be recognised.
    """

    def send(letter: Posted) -> None:
        to = address(letter.recipient)
        if not to:
            raise NoAddress("There is no e-mail address for this person.")
        EmailMessage(
            letter.payload["subject"],
            letter.payload["text"],
            to=[to],
            headers={"Message-ID": f"<{letter.id}@karmayogi>"},
        ).send()

    return send


def _one(*, now: dt.datetime, channels: Mapping[str, Channel]) -> str | None:
    with transaction.atomic():
        waiting = Letter.objects.select_for_update(skip_locked=True).filter(
            sent_at__isnull=True, given_up_at__isnull=True, due__lte=now, kind__in=list(channels)
        )
        row = waiting.order_by("due", "id").first()
        if row is None:
            return None
        row.attempts += 1
        try:
            # A savepoint: an error in the database spoils what the channel did, not the note about it.
            with transaction.atomic():
                channels[row.kind](Posted(row.id, row.key, row.kind, row.recipient, row.payload))
        except Exception as error:  # whatever a channel raises, the letter must stay and say why
            row.last_error = f"{type(error).__name__}: {error}"[:300]
            if row.attempts >= MOST_ATTEMPTS:
                row.given_up_at = now
            row.due = now + FIRST_PAUSE * 2 ** (row.attempts - 1)
        else:
            row.sent_at, row.last_error = now, ""
        if row.kind in SHORT_LIVED and (row.sent_at or row.given_up_at):
            row.payload = {}
        row.save(update_fields=["attempts", "last_error", "given_up_at", "due", "sent_at", "payload"])
    return "sent" if row.sent_at else "given_up" if row.given_up_at else "failed"
