"""The ledger of consents: what rests on a person's consent, given and withdrawn step by step, the latest step counts.

Only what the service does not need stands here; everything else rests on the law of employment. Withdrawing takes
one step, like giving, and holds from the next statement on.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit
from karmayogi.policy import privacy_notice
from karmayogi.policy.models import Consent
from karmayogi.registry.outbox import Channel, Posted

MATTERS = {
    "reminders": _("Reminders by text message"),
    "mentors": _("To be found as a mentor"),
    "studies": _("Research and studies"),
    "support": _("Support looks at my pages with me"),
}
"""What may be consented to, and what it is called."""
ABOUT = {
    "reminders": _(
        "A text message when something in your plan is due. Codes for signing in come without it."
    ),
    "mentors": _("Colleagues of other offices see your name, designation and what you can show."),
    "studies": _(
        "Your rows are used without your name to learn what helps. Published figures never need it."
    ),
    "support": _("While you ask for help, somebody of the help desk may open your pages; the log says when."),
}
RESTS_ON = "rests_on"
"""In the payload of a letter: the matter without whose consent it never leaves."""


class UnknownMatter(LookupError):
    """Nothing of this name rests on consent."""


class NoConsent(Exception):
    """The recipient has not consented to such letters, or has withdrawn it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ledger."""

    matter: str
    given: bool
    at: dt.datetime


def say(person: UUID, matter: str, *, given: bool, now: dt.datetime, on: dt.date) -> bool:
    """Appends a step, if it differs from the latest; True if it did. Raises `UnknownMatter`."""
    if matter not in MATTERS:
        raise UnknownMatter(_("Nothing of this name rests on your consent."))
    if (person in given_by([person], matter=matter)) == given:
        return False
    notice = privacy_notice.in_force("en", on=on).version
    with transaction.atomic():
        row = Consent(person_id=person, matter=matter, given=given, at=now, notice=notice)
        row.save(force_insert=True)
        act = "consent.give" if given else "consent.withdraw"
        audit.record(
            act,
            actor=person,
            object_kind="consent",
            object_id=row.id,
            details={"matter": matter, "notice": notice},
        )
    return True


def given_by(people: Iterable[UUID], *, matter: str) -> set[UUID]:
    """Those of the people whose consent to the matter stands now, in one query."""
    latest = Consent.objects.filter(person_id__in=list(people), matter=matter)
    rows = latest.order_by("person_id", "-at", "-id").distinct("person_id")
    return {person for person, given in rows.values_list("person_id", "given") if given}


def of(person: UUID) -> list[Step]:
    """The steps of a person, the latest first."""
    rows = Consent.objects.filter(person_id=person).order_by("-at", "-id")
    return [Step(row.matter, row.given, row.at) for row in rows]


def heeding(channel: Channel) -> Channel:
    """The channel, for letters that rest on no consent or on one that stands at the moment of sending."""

    def send(letter: Posted) -> None:
        matter = letter.payload.get(RESTS_ON)
        if matter and letter.recipient not in given_by([letter.recipient], matter=matter):
            raise NoConsent(f"{matter}: not consented to, or withdrawn.")
        channel(letter)

    return send
