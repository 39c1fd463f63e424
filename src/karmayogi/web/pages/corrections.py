"""For the establishment section: objections to the record, examined by a clerk and decided by a verifier."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from karmayogi.institutions import people
from karmayogi.institutions.proposals import ReasonTooShort
from karmayogi.institutions.roles import Audience
from karmayogi.journeys import objections
from karmayogi.registry import cases, files
from karmayogi.registry.cases import SHORTEST, CaseCard, Outcome
from karmayogi.web.pages.official.wrong import entry_word
from karmayogi.web.routes import Data, Scope, route

A_PAGE = 50
ANSWERS = (Outcome.CORRECTED, Outcome.UPHELD)


@dataclass(frozen=True)
class Row:
    """An objection in the list."""

    case: CaseCard
    who: str
    what: str
    overdue: bool


def answer_word(outcome: str) -> str:
    """What an answer says about the record."""
    return _("The record is corrected") if outcome == Outcome.CORRECTED else _("The record stays as it is")


@route(Audience.ESTABLISHMENT, scope=Scope.TREE, data=Data.SERVICE)
def waiting(request: Any) -> HttpResponse:
    """What waits for the actor's role in the bodies of the grants; those due first on top."""
    page = Paginator(objections.waiting(request.reach), A_PAGE).get_page(request.GET.get("page"))
    held: list[CaseCard] = list(page.object_list)
    names = people.by_ids([c.opened_by for c in held]) if held else {}
    rows = [
        Row(c, names[c.opened_by].name if c.opened_by in names else "", _what(c), c.due < request.reach.on)
        for c in held
    ]
    context = {"title": _("Corrections"), "rows": rows, "page": page}
    return render(request, "establishment/corrections.html", context)


@route(
    Audience.ESTABLISHMENT,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("GET", "POST"),
    subject=objections.at_the_desk,
)
def one(request: Any, case: UUID) -> HttpResponse:
    """What is said, the proof, and the form of whose turn it is; a POST proposes the answer after examining."""
    found: CaseCard = request.subject
    reason, chosen, bad = request.POST.get("reason", "").strip(), request.POST.get("outcome", ""), ""
    if request.method == "POST":
        if chosen in ANSWERS and len(reason) >= SHORTEST:
            objections.examine(
                found, reach=request.reach, outcome=Outcome(chosen), reason=reason, now=timezone.now()
            )
            messages.success(request, _("Your answer waits for a verifier, who decides it."))
            return redirect("corrections")
        bad = _("Choose an answer and give its reason in a sentence or two. Nothing was decided.")
    return _shown(request, found, reason=reason, chosen=chosen, bad=bad)


@route(
    Audience.ESTABLISHMENT,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("POST",),
    subject=objections.at_the_desk,
    step_up=True,
)
def decide(request: Any, case: UUID) -> HttpResponse:
    """Approves or declines the proposed answer."""
    found: CaseCard = request.subject
    proposal = objections.proposed(request.reach, found.id, now=timezone.now())
    if proposal is None:
        raise objections.NothingToDecide(_("No answer of somebody else waits for your decision here."))
    first = objections.of(found)
    link = _beside_the_entry(first)
    approve = request.POST.get("decision") == "approve"
    try:
        objections.decide(
            found, proposal=proposal, reach=request.reach, approve=approve,
            answer=request.POST.get("answer", ""), link=link, now=timezone.now(),
        )  # fmt: skip
    except ReasonTooShort as error:
        return _shown(request, found, bad=str(error))
    messages.success(
        request, _("The answer is sent to the official.") if approve else _("It goes back to the clerk.")
    )
    return redirect("corrections")


@route(Audience.ESTABLISHMENT, scope=Scope.TREE, data=Data.SERVICE, subject=objections.at_the_desk)
def proof(request: Any, case: UUID) -> Any:
    """The proof, to download; it is never shown inside a page."""
    attached = objections.of(request.subject).proof
    if attached is None:
        raise files.NoSuchFile(_("There is no such file."))
    card = files.card(attached.file)
    return FileResponse(
        files.open(card.id), as_attachment=True, filename=card.name, content_type=card.media_type
    )


def _shown(
    request: Any, case: CaseCard, *, reason: str = "", chosen: str = "", bad: str = ""
) -> HttpResponse:
    reach = request.reach
    objection = objections.of(case)
    proposal = objections.proposed(reach, case.id, now=timezone.now())
    who = people.by_ids([case.opened_by]).get(case.opened_by)
    open_ = case.state in cases.WAITING
    context = {
        "title": _("Objection: {entry}").format(entry=entry_word(objection.field)),
        "case": case, "objection": objection, "who": who, "proposal": proposal, "waiting": open_,
        "proposed": answer_word(proposal.content["outcome"]) if proposal else "",
        "answer": answer_word(case.outcome) if case.outcome else "",
        "to_examine": open_ and not proposal and case.role in reach.roles
        and reach.actor not in objection.handled_by,
        "answers": [(o.value, answer_word(o)) for o in ANSWERS],
        "reason": reason, "chosen": chosen, "bad": bad, "shortest": SHORTEST,
        "overdue": open_ and case.due < reach.on,
    }  # fmt: skip
    return render(request, "establishment/correction.html", context, status=400 if bad else 200)


def _what(case: CaseCard) -> str:
    return _("Appeal") if case.subject_kind == objections.APPEAL else entry_word(case.subject_kind)


def _beside_the_entry(first: objections.Objection) -> str:
    if first.field == "ended":  # the posting may stand under another id once it is corrected
        return reverse("record-wrong")
    return reverse("record-wrong-one", kwargs={"field": first.field, "subject": first.subject})
