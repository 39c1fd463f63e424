"""The transaction that says who acts.

Every statement of the product runs inside `acting(...)`: one transaction that takes a database role and writes
the actor, the date and the reach the gate decided into settings local to that transaction. Row-level policies
read them; outside such a transaction they read nothing and every personal table is empty.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

from django.db import connection, transaction

from karmayogi.registry import roles

REACH = ("app.actor", "app.scopes", "app.team", "app.on", "app.purpose")
SETTINGS = ("role", *REACH, "app.session", "app.presented")
_SET = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS)
_NARROW = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in REACH)
_GET = "SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)


@contextmanager
def acting(
    role: str = roles.APP,
    *,
    actor: UUID | None = None,
    scopes: str = "",
    team: bool = False,
    on: dt.date | None = None,
    purpose: str = "",
    session: str = "",
) -> Iterator[None]:
    """A transaction as `role`, for `actor`, seeing `scopes` (an int4multirange of body numbers) on the day `on`.

    `team`: the actor's own team is in reach too. `purpose`: "sign-in" opens what signing in must look up.
    `session`: the one session key that may be read. Nested use restores the outer settings on the way out;
    after an error the savepoint does.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            before: tuple[str, ...] | None = None
            if nested:
                cursor.execute(_GET)
                before = cursor.fetchone()
            cursor.execute(_SET, [role, *_values(actor, scopes, team, on, purpose), session, ""])
        yield
        if before is not None:
            with connection.cursor() as cursor:
                cursor.execute(_SET, list(before))


def narrow(
    *,
    actor: UUID | None,
    scopes: str = "",
    team: bool = False,
    on: dt.date | None = None,
    purpose: str = "",
) -> None:
    """Tells the running transaction who acts, once the session has said so; role and session stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(_NARROW, _values(actor, scopes, team, on, purpose))


def present(handle: str) -> None:
    """Tells the running transaction which one account is being signed in to: its id, login, mobile or employee code.

    While the purpose is "sign-in", policies open the rows of that account and of no other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.presented', %s, true)", [handle])


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """The same transaction under another role, to read by for a moment, e.g. `roles.SCORER` to read answer keys.

    A savepoint stands around it and is always rolled back: that gives the former role back, whatever happened, and
    nothing written inside remains.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', %s, true)", [role])
        yield
        transaction.set_rollback(True)


def become(role: str) -> None:
    """Takes a role of one purpose for the rest of the running transaction, e.g. `roles.PROVISIONER`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true)", [role])


def as_worker() -> AbstractContextManager[None]:
    """`acting` as the role of jobs and of the command line, which reaches every row but owns no table."""
    return acting(roles.WORKER)


def _values(actor: UUID | None, scopes: str, team: bool, on: dt.date | None, purpose: str) -> list[str]:
    return [str(actor or ""), scopes, "on" if team else "", on.isoformat() if on else "", purpose]
