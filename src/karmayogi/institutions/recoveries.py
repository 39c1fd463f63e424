"""Recoveries: an official gets a way in back after a SIM change or a lost phone, by two people of the help desk.

Both are of the same desk audience but never the same person; a member of a desk is helped by a desk above theirs.
What the web may write to an account it may write in the transaction of the approval only (row policies, a trigger).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from karmayogi.institutions import access, assignments, audit, looks, people, proposals, sessions
from karmayogi.institutions.access import Reach
from karmayogi.institutions.assignments import Standing
from karmayogi.institutions.models import Account, Grant, Recovery
from karmayogi.institutions.proposals import ProposalCard
from karmayogi.institutions.roles import Audience, Role
from karmayogi.registry import ids, outbox

ACT = "account.recover"
OPEN = "desk.open"
_PLUS_AND_DIGITS = range(12, 17)


class Loss(StrEnum):
    """What was lost."""

    MOBILE = "mobile"
    FACTORS = "factors"


class Check(StrEnum):
    """How the desk made sure that it is the official; each has to be done by somebody who is named."""

    DOCUMENT = "document"
    CALL = "call"


class OwnAccount(Exception):
    """Nobody at a desk helps themselves in."""

    status = 403


class DeskHelpsItself(Exception):
    """The account is of a member of a desk; only a desk above that one may recover it."""

    status = 403


class NotChecked(Exception):
    """What was checked, and by whom, is not said."""

    status = 400


class NotAMobile(Exception):
    """What was entered is no mobile number."""

    status = 400


class NumberTaken(Exception):
    """The mobile number belongs to another account; two accounts with one number could both not sign in."""

    status = 409


class StillClosed(Exception):
    """The account waits, so that its owner can say that it was not them."""

    status = 403


class NothingToStop(LookupError):
    """There is no recovery in reach that could still be stopped."""


@dataclass(frozen=True, slots=True)
class RecoveryCard:
    """A recovery carried out. While it is before `opens_at` it can be stopped. Mobiles show their last digits only."""

    id: UUID
    person: UUID
    mobile: str
    made_at: dt.datetime
    opens_at: dt.datetime
    stopped_at: dt.datetime | None


def opened(reach: Reach, code: str, *, reason: str) -> Standing | None:
    """The official of the desk's bodies with exactly this employee code, None if there is none; both are audited.

    Raises `proposals.ReasonTooShort`.
    """
    if len(reason.strip()) < proposals.SHORTEST:
        raise proposals.ReasonTooShort(_("Write who asked for help and how, so that others can check it."))
    key = people.by_codes([code.strip()]).get(code.strip())
    standing = None
    try:
        standing = access.official(reach, key) if key else None
    except access.OutOfReach:
        key = None
    audit.record(
        OPEN, actor=reach.actor, object_kind="person" if standing else "code", object_id=key if standing else code[:40],
        body=standing.body if standing else None, reason=reason.strip(),
    )  # fmt: skip
    if standing:
        looks.opened(reach, standing.person, page="desk-person", purpose="", reason=reason.strip())
    return standing


def propose(
    reach: Reach, official: Standing, *, loss: Loss, mobile: str, check: Check | None, checked: str, reason: str,
    now: dt.datetime,
) -> UUID:  # fmt: skip
    """Asks for a recovery; the proposal's id. `checked`: whom one saw or called, and the document or number.

    Raises `OwnAccount`, `DeskHelpsItself`, `NotChecked`, `NotAMobile`, and what `proposals.make` raises.
    """
    may_help(reach, official.person)
    if check is None or len(checked.strip()) < 10:
        raise NotChecked(_("Say what you checked, who did it, and which document or office number it was."))
    number = people.mobile(mobile) if loss is Loss.MOBILE else ""
    if loss is Loss.MOBILE and len(number) not in _PLUS_AND_DIGITS:
        raise NotAMobile(_("Write the new mobile number with its ten digits."))
    assert reach.actor is not None
    return proposals.make(
        ACT, key=str(official.person), reason=reason, maker=reach.actor, body=official.body, desk=Audience.HELP_DESK,
        now=now, about=official.person, days=2,
        content={"loss": loss.value, "mobile": number, "check": check.value, "checked": checked.strip()[:300]},
    )  # fmt: skip


def decide(
    reach: Reach, proposal: UUID, *, approve: bool, answer: str, wait: dt.timedelta, now: dt.datetime
) -> ProposalCard:
    """Declines a recovery, or approves it and carries it out at once: the new mobile holds, factors and sessions end.

    `wait`: how long nobody signs in afterwards. Raises `NumberTaken` and what `may_help` and `proposals.decide` raise.
    """
    assert reach.actor is not None
    with transaction.atomic():
        card = proposals.decide(proposal, act=ACT, approve=approve, answer=answer, by=reach.actor, now=now)
        if approve:
            assert card.about is not None
            may_help(reach, card.about)
            _carry_out(card, by=reach.actor, wait=wait, now=now)
    return card


def may_help(reach: Reach, person: UUID) -> None:
    """Refuses the own account, and that of a member of a desk that is not under the actor's own desk.

    Raises `OwnAccount`, `DeskHelpsItself`.
    """
    if person == reach.actor:
        raise OwnAccount(_("This is your own account. Go to the help desk yourself, like everybody else."))
    desks = Grant.objects.filter(person_id=person, role=Role.HELP_DESK.value, during__contains=reach.on)
    for lower in desks.values_list("body__lower", flat=True):
        if not any(b.lower < lower < b.upper for b in reach.bodies):
            raise DeskHelpsItself(
                _("This official is at a help desk too. Only a desk of a body above theirs may help them.")
            )


def stop(reach: Reach, recovery: UUID, *, reason: str, now: dt.datetime) -> None:
    """Stops a recovery whose wait is not over: the former mobile holds again. One person is enough to be careful.

    Raises `NothingToStop`, `OwnAccount`, `proposals.ReasonTooShort`.
    """
    if len(reason.strip()) < proposals.SHORTEST:
        raise proposals.ReasonTooShort(_("Write who said that it was not them, and how you know."))
    with transaction.atomic(), connection.cursor() as cursor:
        row = (
            Recovery.objects.select_for_update()
            .filter(pk=recovery, stopped_at=None, opens_at__gt=now)
            .first()
        )
        if row is None:
            raise NothingToStop(_("There is no recovery here that could still be stopped."))
        if row.person_id == reach.actor:
            raise OwnAccount(_("This is your own account. Another member of the desk stops it."))
        cursor.execute(_STOP, [now, reach.actor, reason.strip(), reach.actor, recovery])
        if row.new_mobile:
            Account.objects.filter(person_id=row.person_id).update(mobile=row.former_mobile)
        sessions.end_all([row.person_id])
        audit.record(
            "account.recovery.stop", actor=reach.actor, object_kind="person", object_id=row.person_id,
            body=row.body_id, reason=reason.strip(),
        )  # fmt: skip


def lately(reach: Reach, *, since: dt.datetime) -> list[RecoveryCard]:
    """What was carried out in the desk's bodies since then, the latest first; at most a hundred."""
    found = Recovery.objects.none()
    for body in reach.bodies:
        found |= Recovery.objects.filter(
            body__lower__gte=body.lower, body__lower__lt=body.upper, made_at__gte=since
        )
    return [
        RecoveryCard(r.id, r.person_id, r.new_mobile[-4:], r.made_at, r.opens_at, r.stopped_at)
        for r in found.order_by("-made_at")[:100]
    ]


def refuse_closed(person: UUID, *, now: dt.datetime) -> None:
    """Refuses to sign somebody in whose account was recovered and still waits. Raises `StillClosed`."""
    until = Recovery.objects.filter(person_id=person, stopped_at=None, opens_at__gt=now).order_by("-opens_at")
    opens = until.values_list("opens_at", flat=True).first()
    if opens is not None:
        hours = max(1, round((opens - now).total_seconds() / 3600))
        raise StillClosed(
            _("The help desk gave this account a new way in. It opens in about {hours} hours, so that you can tell"
              " the desk if it was not you.").format(hours=hours)
        )  # fmt: skip


def _carry_out(card: ProposalCard, *, by: UUID, wait: dt.timedelta, now: dt.datetime) -> None:
    assert card.about is not None
    person, mobile = card.about, str(card.content["mobile"])
    id = ids.new()
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [id, person, card.body, card.id, mobile, now + wait, by])
        # From here on the account is open to this transaction.
        account = Account.objects.get(person_id=person)
        if mobile:
            if Account.objects.filter(mobile=mobile).exclude(person_id=person).exists():
                raise NumberTaken(
                    _(
                        "This mobile number belongs to another account. Ask the official for a number of their own."
                    )
                )
            cursor.execute(
                "UPDATE institutions_recovery SET former_mobile = %s WHERE id = %s", [account.mobile, id]
            )
            # Whoever holds the lost phone may know the password; the owner sets a new one after a code by text.
            Account.objects.filter(person_id=person).update(mobile=mobile, password="!")  # noqa: S106 (no password opens it)
        # Not through the collector of Django, which would look into tables that the desk does not see.
        cursor.execute("DELETE FROM mfa_authenticator WHERE user_id = %s", [person])
        factors = cursor.rowcount
    ended = sessions.end_all([person])
    audit.record(
        ACT, actor=by, object_kind="person", object_id=person, body=card.body, reason=card.reason,
        details={"proposal": str(card.id), "loss": card.content["loss"], "factors": factors, "sessions": ended},
    )  # fmt: skip
    _tell(account, id, numbers={account.mobile, mobile} - {""}, wait=wait, now=now)


def _tell(
    account: Account, recovery: UUID, *, numbers: Iterable[str], wait: dt.timedelta, now: dt.datetime
) -> None:
    """Writes to the former and the new number and to the address, in the language of the person."""
    said = people.by_ids([account.person_id]).get(account.person_id)
    with override(said.language if said else "en"):
        hours = round(wait.total_seconds() / 3600)
        text = str(
            _("The help desk changed how you sign in to Karmayogi. It opens in {hours} hours. If this was not you, tell"
              " the help desk of your office at once.").format(hours=hours)
        )  # fmt: skip
        subject = str(_("How you sign in was changed"))
    for number in sorted(numbers):
        outbox.text(account.person_id, to=number, text=text, now=now)
    if account.email:
        letter = {"subject": subject, "text": text}
        outbox.put(f"recovery/{recovery}", kind="email", recipient=account.person_id, payload=letter, due=now)


def names(rows: Iterable[UUID], *, on: dt.date, language: str = "en") -> dict[UUID, Standing]:
    """person -> where they stand, for the lists of the desk."""
    return assignments.standing(rows, on=on, language=language)


_BEGIN = """
INSERT INTO institutions_recovery (id, person_id, body_id, asked_id, former_mobile, new_mobile, made_at, opens_at,
                                   why_stopped, touched_by_id, touched_at)
VALUES (%s, %s, %s, %s, '', %s, transaction_timestamp(), %s, '', %s, transaction_timestamp())
"""
_STOP = """
UPDATE institutions_recovery SET stopped_at = %s, stopped_by_id = %s, why_stopped = %s, touched_by_id = %s,
       touched_at = transaction_timestamp()
WHERE id = %s
"""
__all__ = [
    "Check", "DeskHelpsItself", "Loss", "NotAMobile", "NotChecked", "NothingToStop", "NumberTaken",
    "OwnAccount", "RecoveryCard", "StillClosed", "decide", "lately", "may_help", "names", "opened", "propose",
    "refuse_closed", "stop",
]  # fmt: skip
