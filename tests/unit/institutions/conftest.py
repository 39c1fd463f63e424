"""A database of its own where what is written is committed: for what only commits can show."""

import pytest
from django.db import connection

from karmayogi.registry import roles


@pytest.fixture
def committed(databases, django_db_blocker):
    """Django on a fresh empty database as the worker role; its address as the superuser."""
    with django_db_blocker.unblock():
        before = dict(connection.settings_dict)
        connection.close()
        address, name = databases.address, databases.clone("empty")
        connection.settings_dict.update(
            NAME=name,
            USER=roles.WORKER,
            PASSWORD=address.passwords[roles.WORKER],
            HOST=address.host,
            PORT=str(address.port),
        )
        yield databases.url(roles.SUPERUSER, name)
        connection.close()
        connection.settings_dict.update(before)
