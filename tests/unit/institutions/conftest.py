"""A database of its own where what is written is committed: for what only commits can show."""

import pytest


@pytest.fixture
def committed(databases, django_db_blocker):
    """Django on a fresh empty database as the worker role; its address as the superuser."""
    with django_db_blocker.unblock(), databases.committed("empty") as address:
        yield address
