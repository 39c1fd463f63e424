"""My data: asks for the file with everything that is kept with one's key, and hands it out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.journeys import my_data
from karmayogi.registry import files, jobs
from karmayogi.registry.jobs import JobCard
from karmayogi.web.routes import Data, Scope, route


def own_export(reach: Reach, run: UUID) -> JobCard:
    """A run of the actor's own that is done and has its file."""
    found = [card for card in asked_for(reach.actor) if card.id == run and card.state == "done"]
    if not found:
        raise jobs.NoSuchJob(gettext_lazy("There is no such file among those you asked for."))
    return found[0]


def asked_for(person: UUID | None) -> list[JobCard]:
    """The files a person asked for, newest first."""
    return jobs.of(person, kind=my_data.JOB) if person else []


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE, methods=("GET", "POST"))
def my_data_page(request: Any) -> HttpResponse:
    """What can be asked for, and the files asked for so far; a POST asks for a new one."""
    asked = asked_for(request.reach.actor)
    if request.method == "POST":
        _ask(request, asked)
        return redirect("my-data")
    context = {
        "title": _("My data"),
        "asked": asked,
        "waiting": any(card.state in jobs.OPEN for card in asked),
    }
    return render(request, "official/my_data.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE, subject=own_export)
def my_data_file(request: Any, run: UUID) -> Any:
    """The zip, to download."""
    card = files.card(UUID(request.subject.result["file"]))
    return FileResponse(
        files.open(card.id), as_attachment=True, filename=card.name, content_type=card.media_type
    )


def _ask(request: Any, asked: list[JobCard]) -> None:
    if any(card.state in jobs.OPEN for card in asked):
        messages.info(request, _("Your file is being made already."))
        return
    language = get_language() or "en"
    jobs.start(
        my_data.JOB,
        owner=request.reach.actor,
        title=my_data.TITLE,
        now=timezone.now(),
        arguments={"language": language},
    )
    messages.success(request, _("Your file is being made. It appears here; look again in a minute."))
