"""All news of the official; reading it is said by a button, not by looking."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from karmayogi.institutions.roles import Audience
from karmayogi.registry import notices as register
from karmayogi.web.pages.official.news import news
from karmayogi.web.routes import Data, Scope, route

MOST = 100


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY, methods=("GET", "POST"))
def notices(request: Any) -> HttpResponse:
    """The newest notices; POST marks them as seen."""
    actor = request.reach.actor
    if request.method == "POST":
        register.seen(actor, now=timezone.now())
        return redirect("notices")
    found = news(register.of(actor, limit=MOST))
    context = {"title": _("Notices"), "notices": found, "unread": sum(n.unread for n in found)}
    return render(request, "official/notices.html", context)
