"""Signing in as somebody, for tests that are about what comes after."""

import time
from uuid import UUID

from django.contrib.auth import get_user_model
from django.test import Client

from karmayogi.registry.acting import as_worker


def sign_in(client: Client, who: str | UUID, *, factors: int = 2, ago: float = 0) -> Client:
    """The client, signed in as the person with this login or id, by so many factors, that many seconds ago."""
    field = "pk" if isinstance(who, UUID) else "login"
    with as_worker():
        account = get_user_model().objects.get(**{field: who})
    client.force_login(account)
    session = client.session
    methods = ["password", "mfa"][:factors]
    session["account_authentication_methods"] = [
        {"method": m, "at": time.time() - ago, "reauthenticated": True} for m in methods
    ]
    session["account_authentication_methods_user"] = str(account.pk)
    session.save()
    return client
