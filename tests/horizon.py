"""Waiting for what an open transaction of any database of the server holds back."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

Said = TypeVar("Said")
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
TRIES = 6000


def passes(ask: Callable[[], Said]) -> Said:
    """The first true answer of `ask`, which may stay out only while a transaction is open somewhere.

    However long the tests beside this one keep theirs, up to ten minutes; `AssertionError` otherwise.
    """
    for _ in range(TRIES):
        with connection.cursor() as cursor:
            cursor.execute(OPEN)
            (held_back,) = cursor.fetchone()
        if said := ask():
            return said
        assert held_back, "nothing was told though no transaction is open"
        time.sleep(0.1)
    raise AssertionError("a transaction stayed open for ten minutes")
