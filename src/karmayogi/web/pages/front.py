"""The doors: first page, languages, language switch, and in the demonstration the choice of a person."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language

from karmayogi.institutions import access, people
from karmayogi.institutions.roles import Audience
from karmayogi.registry.limits import Limit
from karmayogi.web.routes import Data, Scope, route

FIRST_PAGE = {
    Audience.COMMISSION: "benchmarks",
    Audience.AUTHORITY: "vacancies",
    Audience.MANAGER: "needs",
    Audience.SUPERVISOR: "team",
    Audience.OFFICIAL: "home",
}


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def first(request: Any) -> HttpResponse:
    """Sends everyone to their first page; the signed out to the door."""
    if request.reach.actor is None:
        return redirect("personas" if settings.DEMO else "account_login")
    open_to = access.audiences(request.reach.actor, on=request.reach.on)
    return redirect(FIRST_PAGE[next(a for a in FIRST_PAGE if a in open_to)])


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC, methods=("POST",), rate=Limit(120, 60))
def set_language(request: Any) -> HttpResponse:
    """Remembers the chosen language in a cookie, and for who is signed in also in their account."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    if check_for_language(language):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax")
        if request.reach.actor:
            people.prefer_language(request.reach.actor, language)
    return response
