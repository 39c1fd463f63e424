"""The doors: first page, languages, the pages about the site, and in the demonstration the choice of a person."""

from dataclasses import replace
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _

from karmayogi.institutions import access, people
from karmayogi.institutions.roles import Audience
from karmayogi.journeys.demo import personas
from karmayogi.policy import privacy_notice, purposes
from karmayogi.registry.acting import narrow
from karmayogi.registry.limits import Limit
from karmayogi.web import languages as tongues
from karmayogi.web.accounts import assurance
from karmayogi.web.routes import Data, Scope, route

FIRST_PAGE = {
    Audience.COMMISSION: "benchmarks",
    Audience.AUTHORITY: "vacancies",
    Audience.MANAGER: "needs",
    Audience.HELP_DESK: "desk",
    Audience.ESTABLISHMENT: "records",
    Audience.PROVIDER: "provider",
    Audience.SUPERVISOR: "team",
    Audience.OFFICIAL: "home",
}
OFTEN = Limit(120, 60)
OWN = "language_own"
"""The cookie that says of the one with the language that it follows an account: the next account brings its own."""


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def first(request: Any) -> HttpResponse:
    """Sends everyone to their first page; the signed out to the door."""
    if request.reach.actor is None:
        return redirect("personas" if settings.DEMO else "account_login")
    # In the demonstration nobody is a person whom a notice would be about.
    if not settings.DEMO and not privacy_notice.is_read(request.reach.actor, on=request.reach.on):
        return redirect("privacy-notice")
    # Whether someone leads a team can only be seen by looking at the team.
    narrow(actor=request.reach.actor, on=request.reach.on, team=True)
    open_to = access.audiences(request.reach.actor, on=request.reach.on)
    request.session["audiences"] = [a.value for a in open_to]
    response = redirect(FIRST_PAGE[next(a for a in FIRST_PAGE if a in open_to)])
    _speak_own(request, response, request.user.person.language)
    return response


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC, methods=("POST",), rate=OFTEN)
def set_language(request: Any) -> HttpResponse:
    """Remembers the chosen language in a cookie, and for who is signed in also in their account."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(_back(request))
    if check_for_language(language):
        _remember_language(response, language, own=bool(request.reach.actor))
        if request.reach.actor:
            people.prefer_language(request.reach.actor, language)
    return response


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def languages(request: Any) -> HttpResponse:
    """All languages of the Eighth Schedule, with how complete each is."""
    context = {"title": _("Languages"), "languages": tongues.offered(), "next": _back(request)}
    return render(request, "languages.html", context)


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def privacy(request: Any) -> HttpResponse:
    """What is kept about a person, why, by which law and how long, and who may see it: from the register."""
    months = purposes.months(on=timezone.localdate())
    context = {
        "title": _("Privacy"),
        "purposes": [
            {
                "key": key,
                "title": _(purpose.title),
                "why": _(purpose.why),
                "ground": _(purpose.ground),
                "months": months[key],
                "counted": _(purpose.counted),
                "blocked_by": _(purpose.blocked_by) if purpose.blocked_by else "",
                "tables": purposes.of_purpose(key).items(),
            }
            for key, purpose in purposes.purposes().items()
        ],
    }
    return render(request, "about/privacy.html", context)


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def accessibility(request: Any) -> HttpResponse:
    """How the site is made to be used by everyone, and what is known not to work yet."""
    return render(request, "about/accessibility.html", {"title": _("Accessibility")})


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def help_page(request: Any) -> HttpResponse:
    """First help for each audience."""
    return render(request, "about/help.html", {"title": _("Help")})


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def cannot_sign_in(request: Any) -> HttpResponse:
    """What to do, where to go and what to bring when no way in is left."""
    return render(request, "account/cannot_sign_in.html", {"title": _("I cannot sign in")})


@route(Audience.SIGN_IN, scope=Scope.NONE, data=Data.PUBLIC, methods=("GET", "POST"), rate=OFTEN, demo=True)
def choose_persona(request: Any) -> HttpResponse:
    """The demonstration's people, one click each."""
    if request.method != "POST":
        groups = [(_(title), [_in_language(p) for p in found]) for title, found in personas.groups()]
        return render(request, "personas.html", {"groups": groups})
    persona = personas.by_key().get(request.POST.get("as", ""))
    account = people.account(persona.login) if persona else None
    if account is None:
        raise Http404
    get_adapter(request).login(request, account)
    assurance.note_persona(request, account)
    response = redirect("first")
    _speak_own(request, response, account.person.language)
    return response


def _speak_own(request: Any, response: HttpResponse, language: str) -> None:
    """The language of the account, unless this browser was told another one while nobody was signed in."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES and not request.COOKIES.get(OWN)
    if not chosen and check_for_language(language):
        _remember_language(response, language, own=True)


def _remember_language(response: HttpResponse, language: str, *, own: bool) -> None:
    kept: dict[str, Any] = {"max_age": 365 * 86400, "samesite": "Lax"}
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, **kept)
    if own:
        response.set_cookie(OWN, "1", **kept)
    else:
        response.delete_cookie(OWN, samesite="Lax")


def _in_language(persona: personas.Persona) -> personas.Persona:
    return replace(persona, role=_(persona.role), try_this=_(persona.try_this))


def _back(request: Any) -> str:
    """Where the person came from, if it is an address of ours."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if ours else "/"
