"""Sessions in the database, where a request may read only the one session whose key it presented.

What a person may see of their own sessions is where and when each began; the key of none is ever shown.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db import connection
from django.utils import timezone

from karmayogi.institutions.models import Session
from karmayogi.institutions.oneself import BEGUN

_RUNNING = f"SELECT session_data FROM {BEGUN.name} WHERE session_key = %s AND expire_date > %s"  # noqa: S608
SIGNED_IN_AT, PLACE, DEVICE = "signed_in_at", "place", "device"
"""What a session holds about its beginning."""


@dataclass(frozen=True)
class SessionCard:
    """One session of a person. `mark` names it without being its key; `place` is the network address."""

    mark: str
    opened_at: dt.datetime | None
    place: str
    device: str
    until: dt.datetime
    present: bool


class SessionStore(DatabaseSessions):
    """Django's store; before writing it presents the key it is about to use (a new key after sign-in)."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, and no key any more, if there is none or it has ended."""
        with connection.cursor() as cursor:
            cursor.execute(_RUNNING, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        held: dict[str, Any] = self.decode(row[0])
        return held

    def save(self, must_create: bool = False) -> None:
        """Saves under the present key, making one if there is none."""
        if self.session_key is None:
            return self.create()
        _present(self.session_key)
        super().save(must_create=must_create)
        return None

    def create(self) -> None:
        """Makes a session under a fresh key; keys are long and random, so none is looked up first."""
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        self.save(must_create=True)
        self.modified = True

    def delete(self, session_key: str | None = None) -> None:
        """Deletes one session, by default the present one."""
        key = session_key or self.session_key
        if key:
            _present(key)
        super().delete(session_key)

    def create_model_instance(self, data: Mapping[str, Any]) -> Any:
        """The row, with whose session it is and how it began beside what it holds."""
        row: Any = super().create_model_instance(data)  # type: ignore[arg-type]
        held, opened = data.get(SESSION_KEY), data.get(SIGNED_IN_AT)
        row.person_id = UUID(str(held)) if held else None
        row.opened_at = dt.datetime.fromisoformat(opened) if opened else None
        row.place, row.device = str(data.get(PLACE, ""))[:45], str(data.get(DEVICE, ""))[:200]
        return row

    @classmethod
    def get_model_class(cls) -> Any:
        """The table of sessions."""
        return Session


def began(session: Any, *, place: str, device: str, now: dt.datetime) -> None:
    """Notes in a fresh session where and when it began."""
    session[SIGNED_IN_AT], session[PLACE], session[DEVICE] = now.isoformat(), place, device


def of(person: UUID, *, present: str | None, now: dt.datetime) -> list[SessionCard]:
    """The running sessions of a person in reach, the latest first; `present`: the key of the one that asks."""
    return [
        SessionCard(
            _mark(s.session_key), s.opened_at, s.place, s.device, s.expire_date, s.session_key == present
        )
        for s in Session.objects.filter(person_id=person, expire_date__gt=now).order_by("-opened_at")
    ]


def aside(key: str) -> SessionStore:
    """The session with this key, read: one that holds what another site sent, beside the session of the request."""
    _present(key)
    store = SessionStore(key)
    store.keys()
    return store


def end(person: UUID, *, marks: Iterable[str]) -> int:
    """Ends those sessions of a person; from then on their keys open nothing. How many ended."""
    asked = set(marks)
    keys = [k for k in _keys(person) if _mark(k) in asked]
    return Session.objects.filter(session_key__in=keys).delete()[0]


def end_all(people: Iterable[UUID], *, but: str | None = None) -> int:
    """Ends every session of these people except the one with the key `but`. How many ended."""
    return Session.objects.filter(person_id__in=list(people)).exclude(session_key=but or "").delete()[0]


def sweep(*, now: dt.datetime) -> int:
    """Forgets sessions that have run out, for the nightly job. How many."""
    return Session.objects.filter(expire_date__lte=now).delete()[0]


def _keys(person: UUID) -> list[str]:
    return list(Session.objects.filter(person_id=person).values_list("session_key", flat=True))


def _mark(key: str) -> str:
    return sha256(f"session {key}".encode()).hexdigest()[:24]


def _present(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.session', %s, true)", [key])
