"""My account: the ways in, the second factor, what is open now, and proving again who one is."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from karmayogi.institutions import audit, sessions
from karmayogi.institutions.roles import Audience
from karmayogi.web.accounts import assurance
from karmayogi.web.routes import Data, Scope, route


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.ACCOUNT)
def ways_in(request: Any) -> HttpResponse:
    """Password, mobile, app, passkeys and recovery codes of the person, and their open sessions."""
    held = list(Authenticator.objects.filter(user_id=request.user.pk).order_by("created_at"))
    context = {
        "title": _("Sign-in and security"),
        "lead": _("How you sign in, and where you are signed in now."),
        "app": next((a for a in held if a.type == Authenticator.Type.TOTP), None),
        "codes": next((a.wrap() for a in held if a.type == Authenticator.Type.RECOVERY_CODES), None),
        "passkeys": [a.wrap() for a in held if a.type == Authenticator.Type.WEBAUTHN],
        "mobile": _masked(request.user.mobile),
        "has_password": request.user.has_usable_password(),
        "sessions": sessions.of(request.reach.actor, present=request.session.session_key, now=timezone.now()),
    }
    return render(request, "account/security.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.ACCOUNT)
def second_factor(request: Any) -> HttpResponse:
    """Before the screens of a role: asks for the second factor, or helps to set one up."""
    after = _after(request)
    if assurance.two_factors(request):
        return HttpResponseRedirect(after)
    ways = [
        w
        for w in get_adapter(request).get_reauthentication_methods(request.user)
        if w["id"] != "reauthenticate"
    ]
    if ways:
        return HttpResponseRedirect(f"{ways[0]['url']}?{urlencode({'next': after})}")
    return render(request, "account/second_factor.html", {"title": _("This role needs a second factor")})


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.ACCOUNT, methods=("GET", "POST"))
def step_up(request: Any) -> HttpResponse:
    """Before a sensitive act: proves again who sits there, then goes back to the page with the act."""
    after = _after(request)
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    if ways:
        messages.info(
            request, _("This act needs a fresh proof that it is you. Then press the button once more.")
        )
        strongest = next((w for w in ways if w["id"] != "reauthenticate"), ways[0])
        return HttpResponseRedirect(f"{strongest['url']}?{urlencode({'next': after})}")
    if settings.DEMO and request.method == "POST":
        assurance.note_persona(request, request.user)
        return HttpResponseRedirect(after)
    return render(request, "account/step_up.html", {"title": _("Is it still you?"), "next": after})


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.ACCOUNT, methods=("POST",))
def end_sessions(request: Any) -> HttpResponse:
    """Ends the chosen sessions of the person, or all but the present one."""
    person, present = request.reach.actor, request.session.session_key
    if request.POST.get("all"):
        ended = sessions.end_all([person], but=present)
    else:
        ended = sessions.end(person, marks=request.POST.getlist("session"))
    audit.record(
        "session.end", actor=person, object_kind="person", object_id=person, details={"ended": ended}
    )
    said = ngettext("%(n)s session was ended.", "%(n)s sessions were ended.", ended) % {"n": ended}
    messages.success(request, said)
    return redirect("mfa_index")


def _masked(mobile: str) -> str:
    """The number with only its last four digits readable."""
    return f"…{mobile[-4:]}" if mobile else ""


def _after(request: Any) -> str:
    """The address of ours to go on to."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if ours else "/"
