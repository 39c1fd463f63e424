"""The file that names the sign-ons of the government, and what it may not loosen."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

KINDS = ("openid_connect", "saml")
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class SignOnNotSafe(Exception):
    """The file describes a sign-on that would let the wrong person in; its message says what to change."""


def read(path: str) -> dict[str, Any]:
    """The sign-ons of a file as django-allauth wants them, {} without a path.

    What is not for an operator to choose is set here: proof of possession for OIDC codes, the full check of SAML
    responses, and no response that nobody asked for. Raises SignOnNotSafe.
    """
    told = _told(path) if path else {}
    found: dict[str, Any] = {kind: {"APPS": []} for kind in KINDS if kind in told}
    if set(told) - set(KINDS):
        raise SignOnNotSafe(
            f"A sign-on is one of {', '.join(KINDS)}; take out {sorted(set(told) - set(KINDS))}."
        )
    names: set[str] = set()
    for kind in found:
        for app in _listed(told[kind]):
            name = app.get("provider_id", "")
            if not isinstance(name, str) or not name or name in names:
                raise SignOnNotSafe(f'Each sign-on needs a "provider_id" of its own; "{name}" is none.')
            names.add(name)
            settled = _oidc(app) if kind == "openid_connect" else _saml(app)
            found[kind]["APPS"].append(settled)
    return found


def _told(path: str) -> dict[str, Any]:
    try:
        told = json.loads(Path(path).read_text())
    except (ValueError, RecursionError) as error:
        raise SignOnNotSafe(f"The file of sign-ons is not JSON in UTF-8: {error}") from None
    return _object(told, "The file of sign-ons")


def _listed(kind: object) -> list[dict[str, Any]]:
    apps = _object(kind, "Each kind of sign-on").get("APPS", [])
    if not isinstance(apps, list):
        raise SignOnNotSafe('"APPS" must be a list of sign-ons.')
    return [_object(app, "Each sign-on") for app in apps]


def _object(found: object, what: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise SignOnNotSafe(f"{what} must be an object with names, in braces.")
    return found


def with_two_factors(sign_ons: Mapping[str, Any]) -> frozenset[str]:
    """Names of the sign-ons whose provider always asks for two factors."""
    return frozenset(
        a["provider_id"] for a in _apps(sign_ons) if a.get("settings", {}).get("two_factors") is True
    )


def _apps(sign_ons: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for kind in sign_ons.values():
        yield from kind["APPS"]


def _oidc(app: Mapping[str, Any]) -> dict[str, Any]:
    settings = _object(app.get("settings", {}), '"settings"')
    _sealed(app, settings.get("server_url", ""), "server_url")
    return {**app, "settings": {**settings, "oauth_pkce_enabled": True}}


def _saml(app: Mapping[str, Any]) -> dict[str, Any]:
    settings = _object(app.get("settings", {}), '"settings"')
    idp = _object(settings.get("idp", {}), '"idp"')
    key = "metadata_url" if idp.get("metadata_url") else "sso_url"
    _sealed(app, idp.get(key, ""), key)
    advanced = {
        **_object(settings.get("advanced", {}), '"advanced"'),
        "strict": True,
        "reject_idp_initiated_sso": True,
        "reject_deprecated_algorithm": True,
        "want_name_id": True,
    }
    # Its addresses here carry the client id; one name serves for both.
    return {**app, "client_id": app["provider_id"], "settings": {**settings, "advanced": advanced}}


def _sealed(app: Mapping[str, Any], address: object, key: str) -> None:
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
        raise SignOnNotSafe(f'"{key}" of the sign-on "{app["provider_id"]}" must begin with https://.')
