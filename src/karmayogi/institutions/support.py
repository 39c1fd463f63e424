"""Support that looks at somebody's pages: only with their consent, only for a time, only to read."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import assignments, audit, people, proposals
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.models import SupportVisit
from karmayogi.institutions.proposals import ProposalCard
from karmayogi.institutions.roles import Audience
from karmayogi.registry import ids

LOOK = "support.look"
DAYS_TO_ANSWER = 2


@dataclass(frozen=True, slots=True)
class VisitCard:
    """A consent: until when the supporter may look, and when the person ended it, if they did; why it was asked."""

    id: UUID
    proposal: UUID
    person: UUID
    supporter: UUID
    begins_at: dt.datetime
    until: dt.datetime
    ended_at: dt.datetime | None
    reason: str

    def runs(self, now: dt.datetime) -> bool:
        """True if the supporter may look now."""
        return self.ended_at is None and self.begins_at <= now < self.until


def ask(reach: Reach, person: UUID, *, reason: str, now: dt.datetime) -> UUID:
    """Asks a person for consent to look at their pages; the proposal's id. Raises as `proposals.make`, `OutOfReach`."""
    standing = assignments.standing([person], on=reach.on).get(person)
    if standing is None or reach.actor is None or person == reach.actor:
        raise OutOfReach(_("There is no such person in the bodies you look after."))
    named = people.by_ids([reach.actor])
    return proposals.make(
        LOOK,
        key=f"{reach.actor}:{person}",
        reason=reason,
        maker=reach.actor,
        body=standing.body,
        desk=Audience.OFFICIAL,
        now=now,
        about=person,
        content={"who": next((p.name for p in named.values()), ""), "whom": standing.name},
        days=DAYS_TO_ANSWER,
    )


def asked(reach: Reach, *, now: dt.datetime) -> list[ProposalCard]:
    """Who waits for the consent of the actor."""
    return proposals.waiting(reach, acts=[LOOK], now=now)


def answer(proposal: UUID, *, person: UUID, consent: bool, minutes: int, now: dt.datetime) -> None:
    """The person's answer; with a yes the supporter may look for so many minutes. Raises as `proposals.decide`."""
    said = "" if consent else str(_("The person did not agree to be looked at."))
    with transaction.atomic():
        card = proposals.decide(proposal, act=LOOK, approve=consent, answer=said, by=person, now=now)
        if consent:
            row = SupportVisit(
                id=ids.new(), proposal_id=card.id, person_id=person, supporter_id=card.maker, begins_at=now,
                until=now + dt.timedelta(minutes=minutes),
            )  # fmt: skip
            SupportVisit.objects.bulk_create([row])


def end(visit: UUID, *, person: UUID, now: dt.datetime) -> None:
    """Ends a consent at once. Raises `OutOfReach` where none of the person's runs."""
    with transaction.atomic():
        mine = SupportVisit.objects.filter(pk=visit, person_id=person, ended_at__isnull=True, until__gt=now)
        if not mine.update(ended_at=now):
            raise OutOfReach(_("Nobody looks at your pages under this consent any more."))
        audit.record("support.end", actor=person, object_kind="person", object_id=person)


def running(
    *, now: dt.datetime, person: UUID | None = None, supporter: UUID | None = None
) -> list[VisitCard]:
    """The consents that run now, of a person or for a supporter."""
    rows: Any = SupportVisit.objects.filter(ended_at__isnull=True, begins_at__lte=now, until__gt=now)
    rows = rows.filter(person_id=person) if person else rows
    rows = rows.filter(supporter_id=supporter) if supporter else rows
    return [
        VisitCard(
            v.id, v.proposal_id, v.person_id, v.supporter_id, v.begins_at, v.until, v.ended_at, v.reason
        )
        for v in rows.annotate(reason=F("proposal__reason")).order_by("until")
    ]
