"""Rows that whoever knows a code may read, signed in or not, and nobody may list.

A table with `read=BY_CODE` shows the web role exactly the row whose `code` was set with `code(...)` in the
running transaction. Without one, or with a wrong one, it is empty.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

BY_CODE = "code = (select nullif(current_setting('app.code', true), ''))"


@contextmanager
def code(known: str) -> Iterator[None]:
    """While inside, rows with this code can be read; afterwards no longer."""
    with transaction.atomic():
        _set(known)
        yield
        _set("")


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.code', %s, true)", [value])
