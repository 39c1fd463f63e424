"""One's consents, each given or withdrawn with one button, and the privacy notice with its acknowledgement."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from karmayogi.institutions.roles import Audience
from karmayogi.policy import consents, privacy_notice
from karmayogi.web.routes import Data, Scope, route


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.ACCOUNT, methods=("GET", "POST"))
def consents_page(request: Any) -> HttpResponse:
    """What rests on consent, how it stands, and every step so far; a POST gives or withdraws one."""
    actor = request.reach.actor
    if request.method == "POST":
        matter, given = request.POST.get("matter", ""), request.POST.get("say") == "give"
        consents.say(actor, matter, given=given, now=timezone.now(), on=request.reach.on)
        messages.success(
            request, _("Your consent is noted.") if given else _("Your consent is withdrawn, from now on.")
        )
        return redirect("consents")
    steps = consents.of(actor)
    latest = {step.matter: step for step in reversed(steps)}
    context = {
        "title": _("Consents"),
        "matters": [
            (key, word, consents.ABOUT[key], latest.get(key)) for key, word in consents.MATTERS.items()
        ],
        "steps": [(step, consents.MATTERS.get(step.matter, step.matter)) for step in steps],
    }
    return render(request, "account/consents.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.ACCOUNT, methods=("GET", "POST"))
def notice(request: Any) -> HttpResponse:
    """The privacy notice of the day; a POST says that it was read, and goes on to the first page."""
    actor, on, language = request.reach.actor, request.reach.on, get_language() or "en"
    if request.method == "POST":
        privacy_notice.acknowledge(actor, language=language, now=timezone.now(), on=on)
        return redirect("first")
    context = {
        "title": _("Privacy notice"),
        "notice": privacy_notice.in_force(language, on=on),
        "is_read": privacy_notice.is_read(actor, on=on),
    }
    return render(request, "account/notice.html", context)
