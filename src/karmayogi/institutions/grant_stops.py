"""Stopping authority: suspended for a time, resumed, or ended early. Taking away is quick: one person with a reason."""

import datetime as dt
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit, giving
from karmayogi.institutions.access import Reach
from karmayogi.institutions.giving import NotYoursToGive, WrongTime
from karmayogi.institutions.grants import GrantCard
from karmayogi.institutions.models import GrantStop
from karmayogi.institutions.proposals import SHORTEST, ReasonTooShort
from karmayogi.registry import ids


class AlreadyStopped(Exception):
    """The grant is suspended already, or its time is over."""

    status = 409


class NotSuspended(Exception):
    """There is no suspension to lift."""

    status = 409


def suspend(reach: Reach, grant: GrantCard, *, reason: str, until: dt.date | None, now: dt.datetime) -> UUID:
    """Suspends a grant from today, until a day or until somebody lifts it; it counts no more at the next request.

    Raises `NotYoursToGive`, `ReasonTooShort`, `AlreadyStopped`, `WrongTime`.
    """
    if until is not None and until <= reach.on:
        raise WrongTime(_("The last day of a suspension lies after today."))
    return _stop(reach, grant, GrantStop.Kind.SUSPENDED, reason=reason, until=until, now=now)


def end(reach: Reach, grant: GrantCard, *, reason: str, now: dt.datetime) -> UUID:
    """Ends a grant today for good, and with it what was passed on of it. Its holder may end it too. As `suspend`."""
    return _stop(reach, grant, GrantStop.Kind.ENDED, reason=reason, until=None, now=now)


def resume(reach: Reach, grant: GrantCard, *, reason: str, now: dt.datetime) -> None:
    """Lifts the suspension that runs; never one's own. Raises `NotYoursToGive`, `NotSuspended`, `ReasonTooShort`."""
    if grant.person == reach.actor or not giving.may_stop(reach, grant):
        raise NotYoursToGive(_("Your role does not decide on this authority over this body."))
    _check(reason)
    with transaction.atomic():
        rows = GrantStop.objects.filter(
            grant_id=grant.id, kind="suspended", during__contains=reach.on, lifted_at__isnull=True
        )
        held = list(rows)
        if not held:
            raise NotSuspended(_("This authority is not suspended today."))
        for stop in held:
            rows.filter(pk=stop.pk).update(
                during=DateRange(stop.during.lower, reach.on), lifted_by_id=reach.actor, lifted_at=now,
                lifted_why=reason.strip(),
            )  # fmt: skip
        _trace("grant.resume", reach, grant, reason)


def _stop(
    reach: Reach,
    grant: GrantCard,
    kind: GrantStop.Kind,
    *,
    reason: str,
    until: dt.date | None,
    now: dt.datetime,
) -> UUID:
    own_end = kind is GrantStop.Kind.ENDED and grant.person == reach.actor
    if not own_end and not giving.may_stop(reach, grant):
        raise NotYoursToGive(_("Your role does not decide on this authority over this body."))
    _check(reason)
    row = GrantStop(
        id=ids.new(), grant_id=grant.id, kind=kind.value, during=DateRange(reach.on, until), reason=reason.strip(),
        by_id=giving.actor_of(reach), recorded_at=now,
    )  # fmt: skip
    if grant.state == "ended":
        raise AlreadyStopped(_("The time of this authority is over. Look at the list again."))
    with transaction.atomic():
        try:
            with transaction.atomic():
                GrantStop.objects.bulk_create([row])
        except DatabaseError as refused:
            raise AlreadyStopped(_("This authority is stopped already. Look at the list again.")) from refused
        _trace(f"grant.{'suspend' if kind is GrantStop.Kind.SUSPENDED else 'end'}", reach, grant, reason)
    return row.id


def _check(reason: str) -> None:
    if len(reason.strip()) < SHORTEST:
        raise ReasonTooShort(_("Write the reason in a sentence that others can check."))


def _trace(act: str, reach: Reach, grant: GrantCard, reason: str) -> None:
    audit.record(
        act, actor=reach.actor, object_kind="grant", object_id=grant.id, body=grant.body.id, reason=reason.strip(),
        details={"person": str(grant.person), "role": grant.role.value},
    )  # fmt: skip
