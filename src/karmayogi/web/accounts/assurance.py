"""How sure we are who sits there: by one thing or by two, and how long ago."""

import time
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
    record_authentication,
)
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.conf import settings
from django.contrib.auth import SESSION_KEY

from karmayogi.institutions.roles import Audience

FRESH_SECONDS = 600
"""A sensitive act asks for the person again when the last proof is older."""
ONE_FACTOR = frozenset({Audience.ANYONE, Audience.SIGN_IN, Audience.OFFICIAL, Audience.SUPERVISOR})
"""Audiences for which one factor is enough; every other one needs two."""
PERSONA = "persona"
"""The one-click sign-in of the demonstration, which stands for both factors there and nowhere else."""


def note_persona(request: Any, account: Any) -> None:
    """Records that a persona of the demonstration was chosen just now."""
    record_authentication(request, account, PERSONA)


def records(request: Any) -> list[dict[str, Any]]:
    """What was proved in this session, the earliest first: method, at (seconds since 1970), type."""
    session = request.session
    # Records of somebody who signed in earlier in the same browser prove nothing about who is signed in now.
    if session.get(_AUTHENTICATION_METHODS_USER_SESSION_KEY) != session.get(SESSION_KEY):
        return []
    found = session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    return [r for r in found if _counts(r)]


def signing_in(request: Any) -> str:
    """The id of the person who proved a first factor and still owes a second one; '' if there is none."""
    pending = request.session.get(LOGIN_SESSION_KEY)
    return str(pending.get("user_pk") or "") if isinstance(pending, dict) else ""


def fresh(request: Any) -> bool:
    """True if the person proved who they are within the last ten minutes."""
    return any(time.time() - r["at"] < FRESH_SECONDS for r in records(request))


def two_factors(request: Any) -> bool:
    """True if this session rests on two factors.

    A passkey with its own PIN or fingerprint is two; so is a code of an app after a password or a text message, and
    a sign-on of the government whose provider is set up as one that asks for two.
    """
    return any(_two(r) for r in records(request))


def _two(record: dict[str, Any]) -> bool:
    method = record["method"]
    if method == "socialaccount":
        return record.get("provider") in settings.SIGN_ON_WITH_TWO_FACTORS
    return method in ("mfa", PERSONA)


def _counts(record: dict[str, Any]) -> bool:
    return record.get("method") != PERSONA or bool(settings.DEMO)
