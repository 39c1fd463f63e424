"""Check a certificate: for anyone, signed in or not; it shows only what the certificate says."""

from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from karmayogi.competency import frameworks
from karmayogi.credentials import verify
from karmayogi.credentials.verify import Answer, Facts, State
from karmayogi.institutions import audit_proofs
from karmayogi.institutions.roles import Audience
from karmayogi.registry import codes
from karmayogi.registry.limits import Limit
from karmayogi.web.pages import in_log
from karmayogi.web.routes import Data, Scope, route
from karmayogi.web.templatetags import ui

OFTEN = Limit(120, 60)
TAGS = {
    State.VALID: ("t-met", "sealed"),
    State.EXPIRED: ("t-unsure", "clock"),
    State.WITHDRAWN: ("t-stop", "octagon"),
    State.CHANGED: ("t-stop", "broken"),
    State.CANNOT_CHECK: ("t-unsure", "cut"),
    State.UNKNOWN: ("t-plain", "search"),
}


@dataclass(frozen=True)
class Shown:
    """What verify.html draws."""

    cls: str
    icon: str
    word: str
    say: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    checks: list[tuple[str, str, str]] = field(default_factory=list)
    note: str = ""
    href: str = ""
    button: str = ""


@route(Audience.ANYONE, scope=Scope.PUBLISHED, data=Data.PUBLIC, rate=OFTEN)
def enter(request: Any) -> HttpResponse:
    """The field for the code; a code that reads well leads to its own address."""
    typed = request.GET.get("code", "").strip()
    if not typed:
        return render(request, "verify.html", {})
    try:
        return redirect("verify-code", code=codes.shown(codes.read(typed)))
    except codes.MistypedCode as stop:
        return render(request, "verify.html", {"answer": _mistyped(str(stop)), "code": typed})


@route(Audience.ANYONE, scope=Scope.PUBLISHED, data=Data.PUBLIC, rate=OFTEN)
def by_code(request: Any, code: str) -> HttpResponse:
    """What stands behind a code today."""
    answer = verify.check(code, now=timezone.now())
    context = {"answer": _shown(answer, code), "code": code}
    return render(request, "verify.html", context, status=404 if answer.state is State.UNKNOWN else 200)


@route(Audience.ANYONE, scope=Scope.PUBLISHED, data=Data.PUBLIC, rate=OFTEN)
def proof(request: Any, code: str) -> HttpResponse:
    """The proof that the certificate stands in the audit log, for `verify_log.py --proof`: nothing personal in it."""
    try:
        found = verify.entry(code)
    except codes.MistypedCode as error:
        raise Http404 from error
    return JsonResponse(dict(audit_proofs.proof_of(found).as_json()))


@route(Audience.ANYONE, scope=Scope.PUBLISHED, data=Data.PUBLIC, rate=OFTEN)
def entry(request: Any, code: str) -> HttpResponse:
    """The page about the certificate's entry in the log: where it stands and how anyone checks it."""
    try:
        found = verify.entry(code)
    except codes.MistypedCode as error:
        raise Http404 from error
    crumbs = [
        {"word": _("Check a certificate"), "href": reverse("verify-code", args=[code])},
        {"word": _("Proof")},
    ]
    about = _("Certificate {code}").format(code=code)
    return in_log.answer(request, found, about=about, name=f"certificate-{code}", crumbs=crumbs)


def _shown(answer: Answer, code: str) -> Shown:
    cls, icon = TAGS[answer.state]
    word, say = _words(answer)
    note, href, button = _note(answer, code)
    return Shown(
        cls, icon, word, say,
        facts=_facts(answer.facts, answer.state) if answer.facts else [],
        checks=[] if answer.state is State.UNKNOWN else _checks(answer),
        note=note, href=href, button=button,
    )  # fmt: skip


def _mistyped(text: str) -> Shown:
    cls, icon = TAGS[State.UNKNOWN]
    say = _("This is not a code of ours. Compare it with the paper, character by character.")
    return Shown(cls, icon, _("Not found"), say)


def _words(answer: Answer) -> tuple[str, str]:
    withdrawn = answer.facts.withdrawn_at if answer.facts else None
    return {
        State.VALID: (_("Valid"), _("Genuine, unchanged, and not withdrawn.")),
        State.EXPIRED: (
            _("No longer current"),
            _("It is genuine, but its time is over. The evidence behind it is too old to rely on."),
        ),
        State.WITHDRAWN: (
            _("Withdrawn"),
            _("It was genuine, but the issuer took it back on {day}. Do not rely on it.").format(
                day=ui.date(withdrawn)
            ),
        ),
        State.CHANGED: (
            _("Changed"),
            _("The document is not as it was signed. Do not rely on it, and tell the issuer."),
        ),
        State.CANNOT_CHECK: (
            _("Cannot check fully"),
            _("We do not hold the key that signed it, so we cannot say whether it is genuine."),
        ),
        State.UNKNOWN: (
            _("Not found"),
            _("We have issued no certificate with this code. Compare it with the paper."),
        ),
    }[answer.state]


def _facts(facts: Facts, state: State) -> list[tuple[str, str]]:
    competency, level = _names(facts)
    kinds = {
        "test": _("test"),
        "rating": _("work seen by the supervisor"),
        "work_product": _("work marked with names hidden"),
    }
    rows = [
        (_("Holder"), facts.holder),
        (
            _("Shows"),
            _("{competency}, level {level} of {levels} ({name})").format(
                competency=competency, level=facts.level, levels=facts.levels, name=level
            ),
        ),
        (_("Based on"), ", ".join(kinds.get(kind, kind) for kind in facts.kinds)),
        (_("Issued by"), f"{_('Karmayogi')}, {facts.issuer}"),
        (_("Issued"), ui.date(facts.issued)),
        (_("Counts until"), ui.date(facts.until)),
        (_("Number"), facts.code),
    ]
    if state is State.WITHDRAWN:
        rows[5:6] = [(_("Withdrawn"), ui.date(facts.withdrawn_at)), (_("Reason"), facts.reason)]
    return rows


def _names(facts: Facts) -> tuple[str, str]:
    """Competency and level in the language of the page; as the statement says them where we hold no other words."""
    language = get_language() or "en"
    said = (facts.competency, facts.level_name)
    if language == "en":
        return said
    return frameworks.level_names(facts.competency_id, facts.level, language=language) or said


def _checks(answer: Answer) -> list[tuple[str, str, str]]:
    words = {
        "code": _("Code: issued by this service"),
        "document": _("Signature: nothing was changed since it was signed"),
        "key": _("Key: one of ours, and in use on the day of signing"),
        "withdrawn": _("Not withdrawn, by our list of {time}").format(time=ui.date(timezone.now(), "time")),
        "date": _("Still within its time"),
    }
    failed = {
        "withdrawn": _("Withdrawn, by our list of {time}").format(time=ui.date(timezone.now(), "time")),
        "document": _("Signature: the document was changed after signing"),
        "key": _("Key: not one that we hold for that day"),
        "date": _("Its time is over"),
    }
    ends = ("ask", "wave") if answer.state is State.CANNOT_CHECK else ("no", "cross")
    reached = [c for c in answer.checks if c.passed is not None]  # what was not reached says nothing
    return [
        ("ok", "tick", words[c.what]) if c.passed else (*ends, failed.get(c.what, words[c.what]))
        for c in reached
    ]


def _note(answer: Answer, code: str) -> tuple[str, str, str]:
    if answer.state is State.CANNOT_CHECK:
        again = reverse("verify-code", args=[code])
        return _("Nothing is said against the certificate itself. Try again later."), again, _("Try again")
    if answer.facts and answer.facts.replaced_by:
        href = reverse("verify-code", args=[answer.facts.replaced_by])
        return _("A newer certificate has taken its place."), href, _("Open the newer one")
    return "", "", ""
