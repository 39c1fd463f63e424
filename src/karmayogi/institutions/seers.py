"""Who can see somebody's record on a day, and by what: computed from the same facts that the gate reads."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F

from karmayogi.institutions import assignments, bodies, holding, people
from karmayogi.institutions.models import Grant
from karmayogi.institutions.roles import SEES_PEOPLE, Role
from karmayogi.registry import translations


@dataclass(frozen=True, slots=True)
class SeerCard:
    """Somebody who can open the record. `role` None: the supervisor of the posting; `until` None: no last day.

    `body`: over which the authority is held; `order_no`: by which order; `grant`: its id, None for the supervisor.
    """

    person: UUID
    name: str
    role: Role | None
    body: str
    since: dt.date
    until: dt.date | None
    order_no: str
    grant: UUID | None


def of(person: UUID, *, on: dt.date, language: str = "en") -> list[SeerCard]:
    """Everyone who can open the person's record on the day, the supervisor first; nobody who serves nowhere."""
    standing = assignments.standing([person], on=on, language=language).get(person)
    if standing is None:
        return []
    return [*_supervisor(standing), *_holders(standing, on=on, language=language)]


def _supervisor(standing: assignments.Standing) -> list[SeerCard]:
    found = people.by_ids([standing.supervisor]) if standing.supervisor else {}
    return [
        SeerCard(card.id, card.name, None, standing.body_name, standing.since, None, "", None)
        for card in found.values()
    ]


def _holders(standing: assignments.Standing, *, on: dt.date, language: str) -> list[SeerCard]:
    place = bodies.by_ids([standing.body])[standing.body]
    over = [b.id for b in bodies.above(place)]
    rows: Any = holding.counting(
        Grant.objects.filter(body_id__in=over, role__in=[r.value for r in SEES_PEOPLE]), on=on
    )
    called = translations.said("body_id", "name", "body__name", language=language)
    named = rows.exclude(person_id=standing.person).annotate(called=called, holder=F("person__name"))
    return [
        SeerCard(
            g.person_id, g.holder, Role(g.role), g.called, g.during.lower, g.during.upper, g.order_no, g.id
        )
        for g in named.order_by("-body__lower", "role", "person__name")
    ]
