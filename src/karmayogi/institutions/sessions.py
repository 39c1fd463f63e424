"""Sessions in the database, where a request may read only the one session whose key it presented."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

_RUNNING = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


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

    @classmethod
    def get_model_class(cls) -> Any:
        """Django's session table."""
        return Session


def _present(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.session', %s, true)", [key])
