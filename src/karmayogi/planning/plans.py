"""Personal plans: what to do next, this week and until the horizon, and what was done."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.learning import practice_log
from karmayogi.planning.making import make
from karmayogi.planning.models import PlanItem
from karmayogi.planning.sql import PLANS

__all__ = [
    "DoneElsewhere", "ItemCard", "PlanCard", "UnknownItem", "finish", "make", "of", "of_people", "renew",
]  # fmt: skip

BECAUSE = 9
"""The column of a step that a bare cursor hands on as JSON text."""
SHARES = ("on_job", "with_others", "course")


class UnknownItem(LookupError):
    """The step is not in your plan any more; open the plan again."""


class DoneElsewhere(Exception):
    """A check or a course is done by finishing it, not by saying so; open it from the plan."""

    status = 409


@dataclass(frozen=True, slots=True)
class ItemCard:
    """One step. `kind`: check, course, on_job or with_others; `ref`: course, activity offered, or competency.

    `key`: of the course, or of the competency for a check, "" else. `why`: unsure, below or learned, with `because`
    = {level, value, chance_of_gap, essential}. `state`: planned or done. `entry`: the row of the practice log.
    """

    id: UUID
    kind: str
    ref: UUID
    key: str
    title: str
    competency: UUID
    competency_key: str
    competency_name: str
    why: str
    because: Mapping[str, Any]
    minutes: int
    planned_on: dt.date
    number: int
    gain: float
    beyond_share: bool
    state: str
    done_at: dt.datetime | None
    entry: UUID | None


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A person's plan on `[since, until)`; `id` and the dates are None while there is none.

    `items`: open steps in order. `done`: steps done since the horizon began, latest first, also those of plans it
    took the place of. `minutes`: what there is for the whole horizon.
    """

    person: UUID
    id: UUID | None = None
    made_at: dt.datetime | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    minutes: int = 0
    shares_kept: bool = True
    items: tuple[ItemCard, ...] = ()
    done: tuple[ItemCard, ...] = ()

    @property
    def minutes_planned(self) -> int:
        """Minutes of the open steps."""
        return sum(item.minutes for item in self.items)

    @property
    def minutes_by_share(self) -> dict[str, int]:
        """on_job, with_others, course -> minutes, open and done; checks are no learning and count nowhere."""
        return {kind: sum(i.minutes for i in (*self.items, *self.done) if i.kind == kind) for kind in SHARES}


def of(person: UUID, *, language: str = "en") -> PlanCard:
    """The plan of one person in reach; an empty card if there is none."""
    return of_people([person], language=language)[person]


def of_people(people: Iterable[UUID], *, language: str = "en") -> dict[UUID, PlanCard]:
    """person -> plan, for people in reach; one statement for one or a thousand."""
    wanted = list(people)
    asked: dict[str, Any] = {
        "people": wanted,
        "language": language,
        "zone": timezone.get_current_timezone_name(),
    }
    with connection.cursor() as cursor:
        cursor.execute(PLANS, asked)
        rows = cursor.fetchall()
    heads: dict[UUID, PlanCard] = {}
    held: dict[UUID, list[ItemCard]] = {}
    for row in rows:
        card = PlanCard(*row[:7])
        heads[card.person] = card
        if row[7] is not None:
            held.setdefault(card.person, []).append(_item(row[7:]))
    return {p: _filled(heads[p], held.get(p, [])) if p in heads else PlanCard(p) for p in wanted}


def renew(person: UUID, *, on: dt.date, now: dt.datetime) -> bool:
    """What follows a result: marks what it finished and plans anew. True if the plan changed."""
    return make([person], on=on, now=now) > 0


def finish(item: UUID, *, person: UUID, now: dt.datetime, minutes: int | None = None, note: str = "") -> UUID:
    """The person says that a task at work or with others is done; returns the practice log's row, to be confirmed.

    Raises `UnknownItem`, or `DoneElsewhere` for a check or a course.
    """
    with transaction.atomic():
        row = PlanItem.objects.select_for_update().filter(id=item, person_id=person).first()
        if row is None or row.state != "planned":
            raise UnknownItem(_("This step is not open in your plan. Open the plan again."))
        if row.kind not in ("on_job", "with_others"):
            raise DoneElsewhere(
                _("Checks and courses are done by finishing them. Open the step from your plan.")
            )
        today = timezone.localdate(now)
        entry = practice_log.plan(
            person, by=person, kind="on_job" if row.kind == "on_job" else "with_others", title=row.title,
            minutes=minutes or row.minutes, planned_on=row.planned_on, now=now, competency=row.competency_id,
        )  # fmt: skip
        practice_log.claim(entry, by=person, done_on=today, now=now, note=note)
        PlanItem.objects.filter(id=row.id).update(state="done", done_at=now, entry=entry)
    return entry


def _filled(card: PlanCard, steps: Sequence[ItemCard]) -> PlanCard:
    done = [(step.done_at, step) for step in steps if step.done_at is not None]
    done.sort(key=lambda pair: pair[0], reverse=True)
    items = tuple(step for step in steps if step.state == "planned")
    return replace(card, items=items, done=tuple(step for _, step in done))


def _item(columns: Sequence[Any]) -> ItemCard:
    return ItemCard(*(json.loads(c) if place == BECAUSE else c for place, c in enumerate(columns)))
