"""Changing tables that are in use: wait shortly for a lock, step back, try again, so that nobody queues behind us."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

SHORT = "1s"
"""As long as a change may wait for its lock: everybody who comes after it waits with it."""
TRIES = 60
PAUSE = 0.5
"""Seconds in which others get their turn."""
_NOT_AVAILABLE = "55P03"
Result = TypeVar("Result")


class TableBusy(Exception):
    """A table was in use each time; end the long transaction that holds it, then run the command again."""


def patiently(work: Callable[[], Result], *, within: str = SHORT, whole: bool = True) -> Result:
    """What `work` returns, done anew as often as a lock was not to be had `within` that time. Raises TableBusy.

    `whole`: it is one transaction; with False it opens its own.
    """
    for _ in range(TRIES):
        try:
            if not whole:
                return work()
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [within])
                return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != _NOT_AVAILABLE:
                raise
        time.sleep(PAUSE)
    raise TableBusy(
        "A table was in use whenever it was to be changed. End the long transaction that holds it, then try again."
    )
