"""That something stands in the sealed log: a page that explains the proof, and the proof itself as a file."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from karmayogi.institutions import audit_proofs
from karmayogi.institutions.audit_proofs import NotInLog
from karmayogi.institutions.roles import Audience
from karmayogi.web.routes import Data, Scope, route

FILE = "file"


@route(Audience.ANYONE, scope=Scope.PUBLISHED, data=Data.PUBLIC)
def verifier(request: Any) -> HttpResponse:
    """The one file with which anybody checks a proof or the whole log, without anything else of this project."""
    text = (files("karmayogi.standards") / "verify_log.py").read_bytes()
    return HttpResponse(
        text,
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verify_log.py"'},
    )


def answer(
    request: Any, entry: UUID, *, about: str, name: str, crumbs: Iterable[Mapping[str, str]]
) -> HttpResponse:
    """The page about the entry of the log, or with `?as=file` the file for `verify_log.py --proof`.

    `about`: what the entry is of, as a heading; `name`: of the file, without its end. Nothing personal stands in the
    file. What is not sealed yet has a page that says so, and no file: `NotInLog`.
    """
    if request.GET.get("as") == FILE:
        return as_file(entry, name=name)
    try:
        proof = audit_proofs.proof_of(entry)
    except NotInLog:
        proof = None
    context = {
        "title": _("Proof from the log"),
        "about": about,
        "proof": proof,
        "crumbs": crumbs,
        "name": name,
    }
    return render(request, "in_log.html", context)


def as_file(entry: UUID, *, name: str) -> HttpResponse:
    """The proof as a file to keep. Raises `NotInLog`."""
    return JsonResponse(
        dict(audit_proofs.proof_of(entry).as_json()),
        headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
    )
