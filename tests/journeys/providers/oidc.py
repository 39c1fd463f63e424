"""A provider of OpenID Connect in a process of its own: django-allauth's, with a page that lets anyone be anyone.

Its one argument is JSON: port, folder, client (id, secret, back) and people (name, code, email).
"""

import json
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

TOLD: dict[str, Any] = json.loads(sys.argv[1])
PEOPLE: dict[str, dict[str, str]] = {p["name"]: p for p in TOLD["people"]}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

settings.configure(
    SECRET_KEY="of this test's provider only",
    DEBUG=False,
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF="oidc",
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path(TOLD["folder"]) / "idp.sqlite"),
            "OPTIONS": {"timeout": 120, "transaction_mode": "IMMEDIATE"},
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "allauth",
        "allauth.account",
        "allauth.idp.oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    SESSION_COOKIE_NAME="idp",
    LOGIN_URL="/who/",
    # The client's secret is looked at in every sign-on; a slow hash of it would take seconds of a busy machine.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    IDP_OIDC_ADAPTER="oidc.Claims",
    IDP_OIDC_PRIVATE_KEY=KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode(),
)

import django  # noqa: E402

# Adapter and addresses are named by module, and a script's module goes by another name.
sys.modules["oidc"] = sys.modules[__name__]

django.setup()

from allauth.idp.oidc.adapter import DefaultOIDCAdapter  # noqa: E402
from django.contrib.auth import get_user_model, login  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils.html import format_html, format_html_join  # noqa: E402


class Claims(DefaultOIDCAdapter):
    """Says the employee code of a person, and their e-mail as verified."""

    def get_claims(self, purpose: Any, user: Any, client: Any, scopes: Any, **kwargs: Any) -> dict[str, Any]:
        person = PEOPLE[user.username]
        claims = {"sub": f"oidc-{user.username}", "email": person["email"], "email_verified": True}
        return claims | ({"employee_code": person["code"]} if person["code"] else {})

    def get_user_sub(self, client: Any, user: Any) -> str:
        return f"oidc-{user.username}"

    def get_user_by_sub(self, client: Any, sub: str) -> Any:
        return get_user_model().objects.get(username=sub.removeprefix("oidc-"))


def who(request: HttpRequest) -> HttpResponse:
    """A button for each person."""
    if request.method == "POST":
        user = get_user_model().objects.get(username=request.POST["as"])
        login(request, user, "django.contrib.auth.backends.ModelBackend")
        return HttpResponseRedirect(request.GET["next"])
    buttons = format_html_join("", '<button name="as" value="{}">{}</button>', ((n, n) for n in PEOPLE))
    return HttpResponse(format_html('<title>Provider</title><form method="post">{}</form>', buttons))


urlpatterns = [path("who/", who), path("", include("allauth.idp.urls"))]


def lay() -> None:
    """Tables, people and the one client."""
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    for name in PEOPLE:
        get_user_model().objects.create_user(name)
    client = TOLD["client"]
    Client.objects.create(
        id=client["id"], secret=make_password(client["secret"]), scopes="openid\nprofile\nemail",
        redirect_uris=client["back"], skip_consent=True,
    )  # fmt: skip


if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application
    from serving import serve

    lay()
    serve(get_wsgi_application(), TOLD["port"])
