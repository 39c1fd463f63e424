"""Whom a breach affects, each way as one query, and what they and the offices are told."""

import csv
import datetime as dt
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from karmayogi.institutions import bodies, people
from karmayogi.policy import breaches
from karmayogi.policy.breaches import BreachCard
from karmayogi.registry import files, keys, notices, outbox
from karmayogi.registry.errors import safe
from karmayogi.registry.files import FileCard
from karmayogi.registry.notices import NewNotice
from karmayogi.registry.outbox import NewLetter


class NoSuchTable(LookupError):
    """The table does not exist or holds no key of a person."""


@dataclass(frozen=True, slots=True)
class Query:
    """SQL that gives a column `person`, its values, and the same in words."""

    sql: str
    values: dict[str, Any]
    words: str


def named(handles: Iterable[str]) -> Query:
    """People by id, login or employee code."""
    told = [handle.strip() for handle in handles if handle.strip()]
    return Query(_NAMED, {"handles": told}, f"a list of {len(told)}")


def serving_in(code: str, *, on: dt.date) -> Query:
    """Everyone who serves in the subtree of a body on the day; raises `bodies.UnknownBody`."""
    place = bodies.by_code(code)
    return Query(
        _SERVING, {"low": place.lower, "high": place.upper, "on": on}, f"serving under {code} on {on}"
    )


def signed_in_from(place: str, *, since: dt.datetime, until: dt.datetime) -> Query:
    """Everyone with a session opened from a network address between two moments."""
    values: dict[str, Any] = {"place": place, "since": since, "until": until}
    return Query(_SESSIONS, values, f"sessions opened from {place} between {since:%F %R} and {until:%F %R}")


def handled_by(actor: UUID, *, since: dt.datetime, until: dt.datetime) -> Query:
    """Everyone whose record an account acted on between two moments, by the log: for an account that was misused."""
    values: dict[str, Any] = {"actor": actor, "since": since, "until": until}
    return Query(_HANDLED, values, f"acted on by one account between {since:%F %R} and {until:%F %R}")


def in_table(name: str) -> Query:
    """Everyone with a row in a table, whatever the column; raises `NoSuchTable`."""
    table = keys.tables().get(name)
    if table is None or not table.keys:
        raise NoSuchTable(f"{name} is no table with a key of a person. See: karmayogi privacy export --list.")
    parts = [f'SELECT "{key.column}" AS person FROM "{table.table}"' for key in table.keys]  # noqa: S608
    return Query(" UNION ".join(parts), {}, f"a row in {name}")


WAYS = ("people", "body", "sessions", "acted", "table")
"""The ways to find whom a breach affects."""
LIST, TELL, EXPORT = "journeys.breach_list", "journeys.breach_tell", "journeys.breach_export"
"""The jobs that a page asks for: everyone is looked through, so no page does it itself."""


class NotAQuestion(ValueError):
    """What is needed to find people this way is not said."""

    status = 400


def asked(
    way: str, value: str, *, since: dt.datetime | None, until: dt.datetime | None, now: dt.datetime
) -> Query:
    """The query of one of `WAYS`. Raises `NotAQuestion`, `bodies.UnknownBody`, `NoSuchTable`."""
    if way not in WAYS or not value.strip():
        raise NotAQuestion(_("Choose how they are found, and write by what."))
    if way in ("sessions", "acted") and since is None:
        raise NotAQuestion(_("Say from when on."))
    if way == "people":
        return named(value.split())
    if way == "body":
        return serving_in(value.strip(), on=timezone.localdate(now))
    if way == "table":
        return in_table(value.strip())
    span = {"since": since or now, "until": until or now}
    if way == "sessions":
        return signed_in_from(value.strip(), **span)
    found = people.find(value.strip())
    if not found:
        raise NotAQuestion(_("Nobody has this login or employee code."))
    return handled_by(found[0], **span)


def list_asked(number: str, query: Query, *, by: UUID, now: dt.datetime) -> int:
    """Lists everyone the query finds; how many were not listed before. As the worker role."""
    return breaches.list_affected(
        number, query.sql, values=query.values, found_by=query.words, by=by, now=now
    )


def export(id: UUID, *, by: UUID, reason: str, now: dt.datetime) -> tuple[FileCard, int]:
    """A file (CSV) with everyone affected, that only `by` can open, and an audit row with the reason. As the worker."""
    card, _found = breaches.one(id)
    with tempfile.TemporaryFile() as spool:
        text = io.TextIOWrapper(spool, encoding="utf-8-sig", newline="")
        writer = csv.writer(text)
        writer.writerow(["employee_code", "name", "body", "found_by", "listed_at", "told_at"])
        count = 0
        for code, name, body, found_by, listed, told in breaches.affected(id):
            moments = (listed.isoformat(), told.isoformat() if told else "")
            writer.writerow([*(safe(cell) for cell in (code, name, body, found_by)), *moments])
            count += 1
        text.flush()
        spool.seek(0)
        kept = files.keep(
            spool, name=f"affected-{now:%Y%m%d-%H%M}.csv", media_type="text/csv", owner=by, now=now,
        )  # fmt: skip
        text.detach()
    breaches.note_export(card.number, by=by, reason=reason, people=count)
    return kept, count


def tell(number: str, *, by: UUID, now: dt.datetime) -> int:
    """Leaves a notice for everyone affected and not told yet, and a letter in their language; how many people.

    As the worker role. A second run tells only who was listed since.
    """
    with transaction.atomic():
        card = breaches.card(number)
        to = breaches.untold(number)
        notices.tell_all(
            [
                NewNotice(p, "breach", f"breach:{card.id}:{p}", {"number": number, "what": card.what})
                for p in to
            ],
            now=now,
        )
        outbox.put_all(_letters(card, people.languages_by_mail(to)), due=now)
        return breaches.mark_told(number, to, by=by, now=now)


def report(number: str) -> str:
    """What the offices are told, as plain text. Raises `breaches.NoSuchBreach`."""
    return written(breaches.card(number))


def written(card: BreachCard) -> str:
    """The report on a breach as plain text: nature, times, number of people by body, measures. One query."""
    lines = [
        f"BREACH OF PERSONAL DATA {card.number}", "", card.what, "",
        f"Happened:               {_at(card.happened_at)}",
        f"Known since:            {_at(card.known_at)}",
        f"CERT-In, due:           {_at(card.cert_due)}   told: {_at(card.cert_told_at)}",
        f"Board, detailed, due:   {_at(card.board_due)}   told: {_at(card.board_told_at)}",
        f"People affected:        {card.affected}   told: {card.told}",
        f"Measures:               {card.measures or 'not written yet'}",
        f"Closed:                 {_at(card.closed_at)}", "", "People affected by the body where they serve:",
    ]  # fmt: skip
    lines += [
        f"  {code or '(serve nowhere)':<24} {count:>8}" for code, count in breaches.affected_by_body(card.id)
    ]
    return "\n".join(lines) + "\n"


def _letters(card: BreachCard, language_of: dict[UUID, str]) -> list[NewLetter]:
    by_language: dict[str, list[UUID]] = defaultdict(list)
    for person, language in language_of.items():
        by_language[language].append(person)
    written = []
    for language, group in by_language.items():
        with translation.override(language):
            payload = {"subject": subject(), "text": f"{text()}\n\n{card.what}\n\n{settings.PUBLIC_URL}\n"}
        written += [NewLetter(f"breach:{card.id}:{p}", "email", p, payload) for p in group]
    return written


def subject() -> str:
    """The first line of what an affected person reads."""
    return _("Your data was affected by a breach")


def text() -> str:
    """What an affected person is told to do."""
    return _(
        "What happened stands below. End the sessions you do not know on your security page, and ask your"
        " establishment section what it means for you."
    )


def _at(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}" if moment else "-"


_NAMED = """
SELECT p.id AS person FROM institutions_person p LEFT JOIN institutions_account a ON a.person_id = p.id
WHERE p.id::text = ANY(%(handles)s) OR p.employee_code = ANY(%(handles)s) OR a.login = ANY(%(handles)s)
"""
_SERVING = """
SELECT a.person_id AS person FROM institutions_assignment a JOIN institutions_body b ON b.id = a.body_id
WHERE b.lower >= %(low)s AND b.lower < %(high)s AND a.during @> %(on)s::date
"""
_SESSIONS = """
SELECT s.person_id AS person FROM institutions_session s
WHERE s.place = %(place)s AND s.opened_at BETWEEN %(since)s AND %(until)s
"""
_HANDLED = """
SELECT p.id AS person FROM institutions_auditrow r JOIN institutions_person p ON p.id::text = r.object_id
WHERE r.actor = %(actor)s AND r.at BETWEEN %(since)s AND %(until)s
"""
