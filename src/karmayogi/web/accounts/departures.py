"""Going to a sign-on of the government and coming back: what django-allauth's views leave to us."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.decorators import login_not_required
from allauth.core.internal import httpkit
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.providers.saml import views as saml
from allauth.socialaccount.providers.saml.utils import build_saml_config
from allauth.socialaccount.sessions import LoginSession
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from onelogin.saml2.auth import OneLogin_Saml2_Settings
from onelogin.saml2.errors import OneLogin_Saml2_ValidationError
from requests import RequestException

from karmayogi.institutions import sessions
from karmayogi.registry import apart

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]

ASIDE, COOKIE = "saml_acs_session", "saml-acs-session"
"""Where a SAML response waits: a form sent from another site carries no session of ours."""
LONGEST = 200_000
"""Characters of a SAML response; one with every attribute and certificate has about 20 000."""
WAIT_SECONDS = 120
SHAPE = "karmayogi.standards.saml:shape"
"""What reads a response first, in a process of its own."""

UNREADABLE = (ValueError, SyntaxError, OneLogin_Saml2_ValidationError, RequestException)
"""What reading a provider's answer raises: document types and entities (refused), broken XML or JSON, no identifier."""


class NotASignOn(Exception):
    """The form holds no SAML response, or one that no provider sends; start again on the sign-in page."""

    status = 400


@login_not_required  # type: ignore[untyped-decorator]
def oidc_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leaves for a provider of OpenID Connect."""
    return _leave(request, _app("openid_connect", provider_id), oidc.login, provider_id=provider_id)


@login_not_required  # type: ignore[untyped-decorator]
def oidc_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Comes back from a provider of OpenID Connect."""
    return _came(request, _app("openid_connect", provider_id), oidc.callback, provider_id=provider_id)


@login_not_required  # type: ignore[untyped-decorator]
def saml_login(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Leaves for a SAML identity provider."""
    return _leave(request, _app("saml", organization_slug), saml.login, organization_slug=organization_slug)


@csrf_exempt
@login_not_required  # type: ignore[untyped-decorator]
def saml_receive(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Takes the response of an identity provider, for two minutes, and asks for it from our own side.

    Only its shape is looked at here, and that apart; what waits has stood up to it. Raises `NotASignOn`.
    """
    _app("saml", organization_slug)
    _look_at(request, organization_slug)
    response = HttpResponseRedirect(
        reverse("saml_finish_acs", kwargs={"organization_slug": organization_slug})
    )
    waiting = LoginSession(request, ASIDE, COOKIE)
    waiting.store.update({"request": httpkit.serialize_request(request)})
    waiting.store.set_expiry(WAIT_SECONDS)
    waiting.save(response)
    return response


saml_receive.methods = frozenset({"POST"})


@login_not_required  # type: ignore[untyped-decorator]
def saml_finish(request: Any, organization_slug: str) -> HttpResponse:
    """Judges the response that waits."""
    app = _app("saml", organization_slug)
    key = request.COOKIES.get(COOKIE)
    if key:
        request.saml_acs_session = sessions.aside(key)
    return _came(request, app, saml.finish_acs, organization_slug=organization_slug)


@login_not_required  # type: ignore[untyped-decorator]
def saml_sign_off(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Leads to our own way out: what another site asks for is asked of the person first."""
    _app("saml", organization_slug)
    return HttpResponseRedirect(reverse("account_logout"))


@login_not_required  # type: ignore[untyped-decorator]
def saml_metadata(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """What an identity provider must know of us, without a sign-off that we would not follow."""
    app = _app("saml", organization_slug)
    config = build_saml_config(request, app["settings"], organization_slug)
    del config["sp"]["singleLogoutService"]
    told = OneLogin_Saml2_Settings(settings=config, sp_validation_only=True).get_sp_metadata()
    return HttpResponse(told, content_type="text/xml")


def _look_at(request: Any, name: str) -> None:
    """Lets through what has the shape of one response; the XML library of this process reads nothing else."""
    sent = request.POST.getlist("SAMLResponse")
    if len(sent) != 1 or not 0 < len(sent[0]) <= LONGEST:
        raise NotASignOn(_("This holds no sign-on. Start again on the sign-in page."))
    try:
        apart.read(SHAPE, sent[0].encode(errors="replace"))
    except apart.Unread as error:
        log.warning("the sign-on %s sent what is no response: %s", name, error)
        request.refused = f"The sign-on {name} sent what is no response. {error}"
        raise NotASignOn(
            _("What the sign-on sent is not the answer of a sign-on. Start again on the sign-in page; "
              "if it happens again, tell the help desk which sign-on you used.")
        ) from error  # fmt: skip


def _app(kind: str, name: str) -> Any:
    apps = settings.SOCIALACCOUNT_PROVIDERS.get(kind, {}).get("APPS", ())
    found = next((a for a in apps if a["provider_id"] == name), None)
    if found is None:
        raise Http404
    return found


def _leave(request: HttpRequest, app: Any, view: View, **address: str) -> HttpResponse:
    try:
        response = view(request, **address)
    except RequestException as error:
        log.warning("the sign-on %s does not answer: %s", app["provider_id"], error)
        return render(request, "socialaccount/authentication_error.html", status=503)
    to = response.get("Location", "")
    if urlsplit(to).scheme not in ("http", "https"):
        return response
    # Browsers hold every redirect of a sent form to form-action, further ones of the provider too; a link they do not.
    return render(request, "socialaccount/leaving.html", {"to": to, "name": app["name"]})


def _came(request: Any, app: Any, view: View, **address: str) -> HttpResponse:
    try:
        with transaction.atomic():
            response = view(request, **address)
    except UNREADABLE as error:
        log.warning(
            "the sign-on %s sent what cannot be read: %s: %s", app["provider_id"], type(error).__name__, error
        )
        response = render(request, "socialaccount/authentication_error.html", status=401)
    if response.status_code == 401:
        request.refused = f"The sign-on {app['provider_id']} did not stand up to its check."
    return response
