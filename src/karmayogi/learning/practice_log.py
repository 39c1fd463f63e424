"""The practice log: learning on the job (the 70) and with others (the 20), confirmed by a second person."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import assignments
from karmayogi.learning.models import Activity, ActivityStep

Values = dict[str, Any]
Kind = Literal["on_job", "with_others"]


class UnknownActivity(LookupError):
    """No activity in reach has this id."""


class ActivityNotOpen(Exception):
    """The activity has moved on since the page was shown; open it again."""

    status = 409


class SecondPartyNeeded(Exception):
    """Only the supervisor of the day may plan for, confirm or decline the work of another; never the person."""

    status = 403


class ReasonMissing(Exception):
    """Say why; the person will read it and can answer."""

    status = 400


@dataclass(frozen=True, slots=True)
class ActivityCard:
    """An activity: state planned, done (said so by the person), confirmed or declined (by `confirmed_by`).

    `note` is the latest one; `steps_of` has them all.
    """

    id: UUID
    person: UUID
    kind: str
    title: str
    minutes: int
    competency: UUID | None
    planned_on: dt.date
    state: str
    done_on: dt.date | None
    confirmed_by: UUID | None
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what to an activity: planned, done, confirmed or declined."""

    act: str
    by: UUID
    at: dt.datetime
    note: str


def plan(
    person: UUID,
    *,
    by: UUID,
    kind: Kind,
    title: str,
    minutes: int,
    planned_on: dt.date,
    now: dt.datetime,
    competency: UUID | None = None,
    note: str = "",
) -> UUID:
    """Plans an activity, by the person or by their supervisor; returns its id. Raises `SecondPartyNeeded`."""
    if by != person:
        _supervises(by, person, now)
    activity = Activity(
        person_id=person,
        kind=kind,
        title=title,
        minutes=minutes,
        competency=competency,
        planned_on=planned_on,
        state="planned",
        note=note,
    )
    with transaction.atomic():
        activity.save(force_insert=True)
        _step(activity.id, "planned", by, now, note)
    return activity.id


def claim(
    activity: UUID,
    *,
    by: UUID,
    done_on: dt.date,
    now: dt.datetime,
    minutes: int | None = None,
    note: str = "",
) -> None:
    """The person says the work is done, with the minutes it really took; it waits for confirmation.

    A declined activity can be claimed again, with a note that answers the reason.
    """
    held = _held(activity)
    if held.person_id != by:
        raise SecondPartyNeeded(_("Only the person who did the work can say that it is done."))
    values = {"state": "done", "done_on": done_on, "confirmed_by": None, "minutes": minutes or held.minutes}
    _move(held, "done", by, now, note, states=("planned", "declined"), values=values)


def confirm(activity: UUID, *, by: UUID, now: dt.datetime, note: str = "") -> None:
    """The supervisor confirms having seen the work. Raises `SecondPartyNeeded` or `ActivityNotOpen`."""
    _answer(activity, "confirmed", by, now, note)


def decline(activity: UUID, *, by: UUID, reason: str, now: dt.datetime) -> None:
    """The supervisor does not confirm and says why; the person can answer by claiming again."""
    if not reason.strip():
        raise ReasonMissing(_("Say why you do not confirm this. The person will read it and can answer."))
    _answer(activity, "declined", by, now, reason)


def of(people: Iterable[UUID], *, states: Iterable[str] | None = None) -> dict[UUID, list[ActivityCard]]:
    """person -> their activities, latest plan first; only those in `states` if given."""
    query = Activity.objects.filter(person_id__in=list(people))
    if states is not None:
        query = query.filter(state__in=list(states))
    found: dict[UUID, list[ActivityCard]] = {}
    for row in query.order_by("-planned_on", "-id"):
        found.setdefault(row.person_id, []).append(_card(row))
    return found


def by_id(activity: UUID) -> ActivityCard:
    """The activity, if in reach; else `UnknownActivity`."""
    return _card(_held(activity))


def steps_of(activities: Iterable[UUID]) -> dict[UUID, list[Step]]:
    """activity -> everything that was done to it, oldest first."""
    found: dict[UUID, list[Step]] = {}
    for row in ActivityStep.objects.filter(activity_id__in=list(activities)).order_by("at", "id"):
        found.setdefault(row.activity_id, []).append(Step(row.act, row.by_id, row.at, row.note))
    return found


def minutes_confirmed(
    people: Iterable[UUID], *, since: dt.date, until: dt.date
) -> dict[UUID, dict[str, int]]:
    """person -> kind -> confirmed minutes of work done on `[since, until)`; kinds without any are left out."""
    query = Activity.objects.filter(
        person_id__in=list(people), state="confirmed", done_on__gte=since, done_on__lt=until
    )
    found: dict[UUID, dict[str, int]] = {}
    for person, kind, minutes in query.values_list("person_id", "kind").annotate(Sum("minutes")):
        found.setdefault(person, {})[kind] = minutes
    return found


def _answer(activity: UUID, state: str, by: UUID, now: dt.datetime, note: str) -> None:
    held = _held(activity)
    _supervises(by, held.person_id, now)
    _move(held, state, by, now, note, states=("done",), values={"state": state, "confirmed_by": by})


def _move(
    held: Activity,
    act: str,
    by: UUID,
    now: dt.datetime,
    note: str,
    *,
    states: tuple[str, ...],
    values: Values,
) -> None:
    with transaction.atomic():
        open_one = Activity.objects.filter(id=held.id, state__in=states)
        if not open_one.update(**values, note=note):
            raise ActivityNotOpen(_("This activity has moved on since the page was shown. Open it again."))
        _step(held.id, act, by, now, note)


def _supervises(by: UUID, person: UUID, now: dt.datetime) -> None:
    standing = assignments.standing([person], on=timezone.localdate(now)).get(person)
    if by == person or standing is None or standing.supervisor != by:
        raise SecondPartyNeeded(
            _("Only the person's present supervisor can do this, and nobody for their own work.")
        )


def _held(activity: UUID) -> Activity:
    row = Activity.objects.filter(id=activity).first()
    if row is None:
        raise UnknownActivity(_("There is no such activity among those you may see."))
    return row


def _step(activity: UUID, act: str, by: UUID, now: dt.datetime, note: str) -> None:
    ActivityStep(activity_id=activity, act=act, by_id=by, at=now, note=note).save(force_insert=True)


def _card(row: Activity) -> ActivityCard:
    return ActivityCard(
        id=row.id,
        person=row.person_id,
        kind=row.kind,
        title=row.title,
        minutes=row.minutes,
        competency=row.competency,
        planned_on=row.planned_on,
        state=row.state,
        done_on=row.done_on,
        confirmed_by=row.confirmed_by_id,
        note=row.note,
    )
