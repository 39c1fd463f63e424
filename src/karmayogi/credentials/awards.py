"""Statements of level: issued by rules over evidence, withdrawn with a reason. There is no other way to get one.

Everything here that writes runs as the worker role (a job or the command line); the web role can only read.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.credentials import documents, grounds, keys
from karmayogi.credentials.grounds import Earned
from karmayogi.credentials.models import PublishedStatement, Statement
from karmayogi.institutions import aliases, audit, letters, people
from karmayogi.institutions.audit import Trace
from karmayogi.registry import bulk, codes, ids, notices
from karmayogi.registry.notices import NewNotice
from karmayogi.standards import signing

KIND = "statement"
LONGEST = dt.timedelta(days=1826)
_COLUMNS = (
    "id", "person_id", "competency_id", "level", "basis", "code", "document", "issued_at", "valid_until", "state",
    "reason",
)  # fmt: skip
_TURN, TURNS = 0x61776172, 256
"""Key of advisory locks, and how many there are: considerations of one person take turns, others seldom meet."""


class NoSuchStatement(LookupError):
    """There is no such statement, or it is not yours to see."""


class StatementAlreadyWithdrawn(Exception):
    """This statement was withdrawn before."""

    status = 409


class StatementsCollided(Exception):
    """Another transaction stated one of the levels first; nothing was issued."""

    status = 409


class ReasonMissing(Exception):
    """A withdrawal needs a reason that the person and whoever checks the statement can read."""

    status = 400


@dataclass(frozen=True, slots=True)
class StatementCard:
    """A statement as it stands. `state`: issued or withdrawn; `until`: first day on which it no longer counts."""

    id: UUID
    person: UUID
    competency: UUID
    level: int
    code: str
    document: Mapping[str, Any]
    issued_at: dt.datetime
    until: dt.date
    state: str
    withdrawn_at: dt.datetime | None
    reason: str
    replaced_by: UUID | None


def consider(people: Iterable[UUID], *, now: dt.datetime, by_mail: bool = False) -> list[UUID]:
    """Issues a signed statement for every level these people have earned and that is not stated yet; their ids.

    Everyone gets a notice; `by_mail`: also a letter, where there is an address. Not for history loaded in bulk.

    A second call with no new evidence issues nothing. A statement that was withdrawn is not issued again on the
    same evidence. Read `competency.profile` afresh before. Raises `NoSigningKey`, `NoSuchRule`.
    """
    concerned = sorted(set(aliases.principals(people).values()))
    with transaction.atomic():
        _take_turns(concerned)
        found = grounds.earned(concerned, now=now)
        fresh, standing = _not_stated(found, on=timezone.localdate(now))
        return _issue(fresh, standing, now=now, by_mail=by_mail) if fresh else []


def of(person: UUID) -> list[StatementCard]:
    """The person's statements, newest first."""
    return of_all([person]).get(person, [])


def of_all(people: Iterable[UUID]) -> dict[UUID, list[StatementCard]]:
    """person -> statements, newest first, under all ids of the person (`aliases`), in two queries."""
    found: dict[UUID, list[StatementCard]] = {}
    asked = aliases.sets(people)
    for row in Statement.objects.filter(person__in=list(asked)).order_by("-issued_at", "-id"):
        found.setdefault(asked[row.person_id], []).append(_card(row))
    return found


def card(id: UUID) -> StatementCard:
    """The statement; raises `NoSuchStatement`."""
    row = Statement.objects.filter(pk=id).first()
    if row is None:
        raise NoSuchStatement(_("There is no such statement."))
    return _card(row)


def withdraw(id: UUID, *, by: UUID, reason: str, now: dt.datetime) -> None:
    """Withdraws a statement at once and for everyone who checks it; the reason is shown to them.

    The person gets a notice, and a letter with the reason where there is an address.
    Raises `ReasonMissing`, `NoSuchStatement`, `StatementAlreadyWithdrawn`.
    """
    if not reason.strip():
        raise ReasonMissing(_("Write why the statement is withdrawn; whoever checks it will read this."))
    with transaction.atomic():
        row = Statement.objects.select_for_update().filter(pk=id).first()
        if row is None:
            raise NoSuchStatement(_("There is no such statement."))
        if row.state == "withdrawn":
            raise StatementAlreadyWithdrawn("This statement was withdrawn before.")
        row.state, row.withdrawn_at, row.withdrawn_by, row.reason = "withdrawn", now, by, reason
        row.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "reason"])
        PublishedStatement.objects.filter(code=row.code).update(
            state="withdrawn", withdrawn_at=now, reason=reason
        )
        audit.record(
            "statement.withdraw", actor=by, object_kind="statement", object_id=id, reason=reason,
        )  # fmt: skip
        news = NewNotice(
            row.person_id,
            "statement_withdrawn",
            f"withdrawn:{id}",
            {**_params(row.document), "reason": reason},
        )
        notices.tell_all([news], now=now)
        letters.write_all([news], now=now)


def _take_turns(people: Iterable[UUID]) -> None:
    """Lets considerations of one person follow each other.

    A lock for each person would fill the table of locks with a thousand of them; they share `TURNS` locks, taken in
    ascending order, so that no two considerations wait for each other.
    """
    turns = sorted({person.int % TURNS for person in people})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, turn) FROM unnest(%s::int[]) AS turn", [_TURN, turns]
        )


def _not_stated(
    found: Sequence[Earned], *, on: dt.date
) -> tuple[list[Earned], dict[tuple[UUID, UUID], Statement]]:
    """Those without a statement that still says as much, and the statement that each of them takes the place of."""
    concerned = Statement.objects.filter(person__in={e.person for e in found}).defer("document")
    rows = list(concerned)
    known = {(r.person_id, r.competency_id, r.level, r.basis) for r in rows}
    standing = {
        (r.person_id, r.competency_id): r for r in rows if r.state == "issued" and r.replaced_by_id is None
    }
    fresh = []
    for e in found:
        held = standing.get((e.person, e.competency.id))
        says_as_much = held is not None and held.level >= e.level and held.valid_until > on
        if not says_as_much and (e.person, e.competency.id, e.level, e.basis) not in known:
            fresh.append(e)
    return fresh, standing


def _issue(
    fresh: Sequence[Earned],
    standing: Mapping[tuple[UUID, UUID], Statement],
    *,
    now: dt.datetime,
    by_mail: bool,
) -> list[UUID]:
    signer = keys.signer(now=now)
    names = people.by_ids({e.person for e in fresh})
    made = [ids.new() for _ in fresh]
    code_of = codes.new_for_all(KIND, made)
    rows, published, news, signed = [], [], [], []
    for id, e in zip(made, fresh, strict=True):
        until = min(e.until or dt.date.max, timezone.localdate(now) + LONGEST)
        document = signer.sign(
            documents.make(
                e, id=id, code=code_of[id], holder=names[e.person].name, issuer=settings.PUBLIC_URL, now=now,
                until=until,
            )
        )  # fmt: skip
        signed.append(document)
        text = json.dumps(document, ensure_ascii=False)
        rows.append(
            (id, e.person, e.competency.id, e.level, e.basis, code_of[id], text, now, until, "issued", "")
        )
        published.append((ids.new(), code_of[id], text, "issued", "", ""))
        news.append(NewNotice(e.person, "statement_issued", f"statement:{id}", _params(document)))
    _replace(made, fresh, standing, code_of)
    columns = ("id", "code", "document", "state", "reason", "replaced_by")
    if bulk.load(Statement, _COLUMNS, rows) + bulk.load(PublishedStatement, columns, published) != 2 * len(
        rows
    ):
        raise StatementsCollided("Somebody stated one of these levels at the same time. Try again.")
    _trace(made, signed, now=now)
    notices.tell_all(news, now=now)
    if by_mail:
        letters.write_all(news, now=now)
    return made


def entry_of(statement: object, document: Mapping[str, Any]) -> UUID:
    """The entry of the audit log that says this very document was issued."""
    return audit.entry_of("statement.issue", statement, digest=signing.digest(document))


def _trace(made: Sequence[UUID], documents: Sequence[Mapping[str, Any]], *, now: dt.datetime) -> None:
    traces = [
        Trace(id, {"document": signing.digest(document)}, entry_of(id, document))
        for id, document in zip(made, documents, strict=True)
    ]
    audit.record_all("statement.issue", traces, actor=None, object_kind="statement", reason="", now=now)


def _replace(
    made: Sequence[UUID],
    fresh: Sequence[Earned],
    standing: Mapping[tuple[UUID, UUID], Statement],
    code_of: Mapping[UUID, str],
) -> None:
    """Points the statements that stood so far to the new ones; the foreign key is checked at commit."""
    olds, codes_of_old = [], {}
    for id, e in zip(made, fresh, strict=True):
        old = standing.get((e.person, e.competency.id))
        if old is not None:
            old.replaced_by_id = id
            olds.append(old)
            codes_of_old[old.code] = code_of[id]
    Statement.objects.bulk_update(olds, ["replaced_by"], batch_size=1000)
    shown = list(PublishedStatement.objects.filter(code__in=list(codes_of_old)).defer("document"))
    for row in shown:
        row.replaced_by = codes_of_old[row.code]
    PublishedStatement.objects.bulk_update(shown, ["replaced_by"], batch_size=1000)


def _params(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "competency": document["competency"]["id"].removeprefix("urn:uuid:"),
        "name": document["competency"]["name"],
        "level": document["level"]["number"],
        "level_name": document["level"]["name"],
    }


def _card(row: Statement) -> StatementCard:
    return StatementCard(
        row.id, row.person_id, row.competency_id, row.level, row.code, row.document, row.issued_at,
        row.valid_until, row.state, row.withdrawn_at, row.reason, row.replaced_by_id,
    )  # fmt: skip
