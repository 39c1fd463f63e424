"""Identities: several records of one person, joined by two people of the establishment and parted again the same way.

Joining writes one row: the record that stays and the other. No fact of either is touched; whoever reads a person's
facts reads them under all ids (`aliases`). Parting ends the row, and both stand as before.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import aliases, audit, proposals, sessions
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.aliases import KIND
from karmayogi.institutions.models import PersonAlias
from karmayogi.institutions.proposals import ProposalCard
from karmayogi.institutions.roles import Audience, Role
from karmayogi.registry import ids, translations

MERGE, SPLIT = "person.merge", "person.split"


class SameRecord(Exception):
    """The two codes name one record."""

    status = 400


class HeldTwice(Exception):
    """The two records hold a substantive post on the same day; one of the postings is wrong, or they are two people."""

    status = 409


class ServesUnderTheOther(Exception):
    """Today the other record serves, so that one has to stay."""

    status = 409


class AlreadyJoined(Exception):
    """One of the records is joined with another already."""

    status = 409


class NotJoined(LookupError):
    """There is no such join in reach that still holds."""


class OwnRecord(Exception):
    """Nobody joins or parts records of their own."""

    status = 403


class RoleMissing(Exception):
    """The clerk asks and the verifier decides; the actor's grant here is the other one."""

    status = 403


class JoinedElsewhere(Exception):
    """The account belongs to a record that was joined to another one; its owner signs in there."""

    status = 403


@dataclass(frozen=True, slots=True)
class Record:
    """One of two records, as the pages of the establishment compare them."""

    id: UUID
    name: str
    code: str
    joined: dt.date | None
    posts: tuple[tuple[str, str, dt.date, dt.date | None], ...]
    """(designation, body, since, until), latest first."""


def refuse_joined(person: UUID) -> None:
    """Refuses to sign somebody in by a record that was joined to another. Raises `JoinedElsewhere`."""
    if aliases.principals([person])[person] != person:
        raise JoinedElsewhere(
            _("This record was joined with your other one. Sign in with the account of that one; your learning and"
              " your evidence are all there.")
        )  # fmt: skip


def compared(reach: Reach, codes: Iterable[str], *, on: dt.date) -> list[Record]:
    """The records with these employee codes, in their order. Raises `OutOfReach` for a code not in the kept bodies."""
    wanted = [code.strip() for code in codes]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT employee_code, id FROM institutions_person WHERE employee_code = ANY(%s)", [wanted]
        )
        known = dict(cursor.fetchall())
    missing = [code for code in wanted if code not in known]
    if missing or not reach.bodies:
        raise OutOfReach(
            _("There is no record with the employee code {code} in the bodies you keep.").format(
                code=(missing or wanted)[0]
            )
        )
    found = records([known[code] for code in wanted])
    return [found[known[code]] for code in wanted]


def records(people: Iterable[UUID]) -> dict[UUID, Record]:
    """id -> the record with its posts, for those in reach."""
    wanted = list(people)
    posts: dict[UUID, list[Any]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, {"people": wanted, "language": get_language() or "en"})
        for person, *post in cursor.fetchall():
            posts[person].append(tuple(post))
        cursor.execute(
            "SELECT id, name, employee_code, joined FROM institutions_person WHERE id = ANY(%s)", [wanted]
        )
        return {
            id: Record(id, name, code or "", joined, tuple(posts.get(id, ())))
            for id, name, code, joined in cursor.fetchall()
        }


def propose_merge(reach: Reach, *, stays: UUID, other: UUID, reason: str, now: dt.datetime) -> UUID:
    """Asks that `other` be read as a record of the person whose record `stays`; the proposal's id.

    Raises `RoleMissing`, `SameRecord`, `HeldTwice`, `ServesUnderTheOther`, `AlreadyJoined`, `OwnRecord`.
    """
    _need(reach, Role.CLERK)
    _refuse_own(reach, stays, other)
    refuse_impossible(stays, other, on=reach.on)
    assert reach.actor is not None
    return proposals.make(
        MERGE, key=":".join(sorted((str(stays), str(other)))), reason=reason, maker=reach.actor,
        body=_body_of(reach, stays, other), desk=Audience.ESTABLISHMENT, now=now, about=stays,
        content={"other": str(other)},
    )  # fmt: skip


def propose_split(reach: Reach, link: UUID, *, reason: str, now: dt.datetime) -> UUID:
    """Asks that a join be ended; the proposal's id. Raises `RoleMissing`, `NotJoined`, `OwnRecord`."""
    _need(reach, Role.CLERK)
    row = _holding(link)
    _refuse_own(reach, row.person_id, row.other_id)
    assert reach.actor is not None
    return proposals.make(
        SPLIT, key=str(link), reason=reason, maker=reach.actor, body=_body_of(reach, row.person_id, row.other_id),
        desk=Audience.ESTABLISHMENT, now=now, about=row.person_id,
        content={"alias": str(link), "other": str(row.other_id)},
    )  # fmt: skip


def decide(
    reach: Reach, proposal: UUID, *, act: str, approve: bool, answer: str, now: dt.datetime
) -> ProposalCard:
    """Declines a merge or split, or approves it and carries it out in the same transaction.

    Afterwards the caller has the levels of `about` and of content["other"] worked out anew. Raises `RoleMissing`,
    `OwnRecord`, what the merge raises, and what `proposals.decide` raises.
    """
    _need(reach, Role.VERIFIER)
    assert reach.actor is not None
    with transaction.atomic():
        card = proposals.decide(proposal, act=act, approve=approve, answer=answer, by=reach.actor, now=now)
        if approve:
            assert card.about is not None
            other = UUID(card.content["other"])
            _refuse_own(reach, card.about, other)
            if act == MERGE:
                _join(card, card.about, other, on=reach.on, now=now)
            else:
                _part(card, now=now)
            audit.record(
                act, actor=reach.actor, object_kind="person", object_id=card.about, body=card.body,
                reason=card.reason, details={"proposal": str(card.id), "other": str(other)},
            )  # fmt: skip
    return card


def refuse_impossible(stays: UUID, other: UUID, *, on: dt.date) -> None:
    """Refuses what cannot be one person, or not in this direction. The message names the posts and the days.

    Raises `SameRecord`, `HeldTwice`, `ServesUnderTheOther`.
    """
    if stays == other:
        raise SameRecord(_("Both codes name the same record. Enter the codes of two records."))
    with connection.cursor() as cursor:
        records = aliases.sets([stays, other]).items()
        held: dict[str, Any] = {
            "one": [id for id, asked in records if asked == stays],
            "two": [id for id, asked in records if asked == other],
            "language": get_language() or "en",
        }
        cursor.execute(_BOTH_HELD, held)
        clash = cursor.fetchone()
        if clash:
            one, two, since = clash
            raise HeldTwice(
                _("Both records hold a post on {day}: {one}, and {two}. Correct the wrong posting first, or these are"
                  " two people.").format(day=date_format(since, "j F Y"), one=one, two=two)
            )  # fmt: skip
        cursor.execute(_SERVES, [other, on])
        if cursor.fetchone():
            raise ServesUnderTheOther(
                _("The other record serves today. Choose that one as the record that stays.")
            )


def _join(card: ProposalCard, stays: UUID, other: UUID, *, on: dt.date, now: dt.datetime) -> None:
    refuse_impossible(stays, other, on=on)
    row = PersonAlias(
        id=ids.new(), person_id=stays, other_id=other, alias=str(other), kind=KIND, order_no=str(card.id),
        asked_id=card.id, since=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise AlreadyJoined(
            _("One of these records is joined with another already. Part those first, then ask again.")
        ) from None
    sessions.end_all([other])


def _part(card: ProposalCard, *, now: dt.datetime) -> None:
    row = _holding(UUID(card.content["alias"]))
    # The end may not lie before the beginning, whatever two machines' clocks say.
    PersonAlias.objects.filter(pk=row.pk).update(until=max(now, row.since), ended_id=card.id)


def _holding(link: UUID) -> PersonAlias:
    row = PersonAlias.objects.filter(pk=link, kind=KIND, until=None).first()
    if row is None:
        raise NotJoined(_("These records are not joined, or were parted already."))
    return row


def _need(reach: Reach, role: Role) -> None:
    if role not in reach.roles:
        raise RoleMissing(
            _("The establishment clerk asks and the verifier decides. Your grant here is the other one.")
        )


def _refuse_own(reach: Reach, *records: UUID | None) -> None:
    if reach.actor in records:
        raise OwnRecord(_("This is a record of your own. Somebody else joins or parts it."))


def _body_of(reach: Reach, *people: UUID | None) -> UUID:
    """The body over which the proposal is decided: where one of the two serves or served last, within the reach."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_BODY, [[p for p in people if p]])
        for body, lower in cursor.fetchall():
            if reach.covers(lower):
                found: UUID = body
                return found
    raise OutOfReach(_("Neither of these records served in the bodies you keep."))


_POSTS = f"""
SELECT a.person_id, {translations.phrased("a.designation")}, {translations.spoken("b.id", "name", "b.name")},
       lower(a.during), upper(a.during)
FROM institutions_assignment a JOIN institutions_body b ON b.id = a.body_id
WHERE a.person_id = ANY(%(people)s::uuid[]) AND a.kind = 'substantive' ORDER BY a.during DESC
"""  # noqa: S608
_BOTH_HELD = """
SELECT one.designation || ' (' || ob.name || ')', two.designation || ' (' || tb.name || ')',
       lower(one.during * two.during)
FROM institutions_assignment one JOIN institutions_body ob ON ob.id = one.body_id
JOIN institutions_assignment two ON two.kind = 'substantive' AND two.during && one.during
JOIN institutions_body tb ON tb.id = two.body_id
WHERE one.kind = 'substantive' AND one.person_id = ANY(%(one)s::uuid[]) AND two.person_id = ANY(%(two)s::uuid[])
ORDER BY 3 LIMIT 1
"""
for _place in ("one", "two"):
    _BOTH_HELD = _BOTH_HELD.replace(
        f"{_place}.designation", translations.phrased(f"{_place}.designation")
    ).replace(f"{_place[0]}b.name", translations.spoken(f"{_place[0]}b.id", "name", f"{_place[0]}b.name"))
_SERVES = """
SELECT 1 FROM institutions_assignment WHERE person_id = %s AND kind = 'substantive' AND during @> %s::date LIMIT 1
"""
_LAST_BODY = """
SELECT a.body_id, b.lower FROM institutions_assignment a JOIN institutions_body b ON b.id = a.body_id
WHERE a.person_id = ANY(%s::uuid[]) ORDER BY upper(a.during) DESC NULLS FIRST, lower(a.during) DESC
"""
