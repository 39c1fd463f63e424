"""Jobs that cross rooms: on demand, and on the clock."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone

from karmayogi.assessment import sittings
from karmayogi.competency import evidence, profile
from karmayogi.credentials import awards
from karmayogi.institutions import grants, likenesses, people, proposals, registrations
from karmayogi.journeys import affected, answers, joins, my_data, objections, retention
from karmayogi.journeys.settle import SETTLE, TITLE, later_for_all
from karmayogi.planning import plans
from karmayogi.policy import consents, rules
from karmayogi.registry import cases, jobs, notices, outbox, replays, texts
from karmayogi.registry.acting import as_worker
from karmayogi.registry.jobs import Progress
from karmayogi.registry.notices import NewNotice

REFRESH = "journeys.refresh"
AT_ONCE = 1000
"""People of one transaction in the nightly job."""


@jobs.job(SETTLE, title=TITLE)
def settle(progress: Progress, people: list[str]) -> Mapping[str, Any]:
    """States and signs what these people earned and makes their plans anew; a second run changes nothing."""
    progress.set(len(people))
    found = [UUID(person) for person in people]
    now = timezone.now()
    issued = awards.consider(found, now=now, by_mail=True)
    made = plans.make(found, on=timezone.localdate(now), now=now)
    progress.step(len(people))
    return {"issued": [str(key) for key in issued], "plans": made}


@jobs.job(REFRESH, cron="20 1 * * *", title="Refresh levels by evidence that came or ran out", whole=False)
def refresh(progress: Progress) -> Mapping[str, Any]:
    """Works out anew the levels, plans and certificates of people with evidence that expires today or came lately.

    Whoever records evidence refreshes its person at once; this is the net under them, for what came any other way.
    A thousand people at a time, each thousand a transaction of its own: what is done stays, whatever comes later.
    """
    now = timezone.now()
    on = timezone.localdate(now)
    with as_worker():
        former = jobs.latest(REFRESH)
        told, cursor = _told_since(former.result.get("cursor") if former else None)
        due = sorted({*profile.due(on=on), *told})
    progress.set(len(due))
    done = {"levels": 0, "plans": 0, "issued": 0, "cursor": cursor}
    for start in range(0, len(due), AT_ONCE):
        piece = due[start : start + AT_ONCE]
        with as_worker():
            done["levels"] += profile.refresh(piece, now=now)
            done["plans"] += plans.make(piece, on=on, now=now)
        # Apart: a key that is missing must not keep the levels old.
        with as_worker():
            done["issued"] += len(awards.consider(piece, now=now, by_mail=True))
        progress.step(len(piece))
    return done


def _told_since(cursor: int | None) -> tuple[set[UUID], int]:
    """Whom the ledger has something new about since the cursor, and the cursor for the next time."""
    told: set[UUID] = set()
    while True:
        rows, cursor = evidence.changed_since(cursor)
        told |= {row.person for row in rows}
        if not rows:
            return told, cursor


@jobs.job(my_data.JOB, title=my_data.TITLE)
def my_copy(progress: Progress, language: str) -> Mapping[str, Any]:
    """Makes the file with everything that is kept about whoever asked, for them alone."""
    owner = jobs.owner_of(progress.run)
    file, handed = my_data.keep(owner, language=language, now=timezone.now())
    filled = sum(1 for rows in handed.rows.values() if rows)
    return {"file": str(file.id), "rows": sum(handed.rows.values()), "tables": filled, "files": handed.files}


@jobs.job("journeys.lapse", cron="*/5 * * * *", title="End checks whose time ran out", whole=False)
def lapse(progress: Progress) -> Mapping[str, Any]:
    """Ends sittings past their deadline; what was answered is scored, and what follows from it is asked for."""
    now = timezone.now()
    # No transaction round all: one sitting is one. The worker's connection has its role anyway.
    ended = sittings.lapse(now=now)
    with as_worker():
        later_for_all(ended, now=now)
    return {"people": len(ended)}


@jobs.job("journeys.escalate", cron="*/15 * * * *", title="Move overdue cases a step up", whole=False)
def escalate(progress: Progress) -> Mapping[str, Any]:
    """Moves cases past their day to the next step of their route."""
    with as_worker():
        return {"moved": str(cases.escalate(now=timezone.now()))}


@jobs.job("journeys.sweep", cron="50 3 * * *", title="Forget answers kept for requests sent twice")
def sweep(progress: Progress) -> Mapping[str, Any]:
    """Forgets what was kept for requests that nobody sends again."""
    return {"forgotten": replays.sweep(now=timezone.now())}


@jobs.job(objections.APPLY, title=objections.TITLE)
def correct_record(progress: Progress, case: str) -> Mapping[str, Any]:
    """Records a correction that was decided; a second run changes nothing."""
    return {"corrected": objections.carry_out(UUID(case), now=timezone.now())}


@jobs.job(registrations.JOB, title=registrations.TITLE)
def register(progress: Progress, proposal: str) -> Mapping[str, Any]:
    """Enters an approved domain, body or designation; a second run changes nothing."""
    now = timezone.now()
    return {"entered": registrations.carry_out(UUID(proposal), on=timezone.localdate(now), now=now)}


@jobs.job(affected.LIST, title="List whom a breach affects")
def list_affected(
    progress: Progress, number: str, way: str, value: str, since: str, until: str
) -> Mapping[str, Any]:
    """Lists whom a breach affects, by one question; a second run adds nobody."""
    now, by = timezone.now(), jobs.owner_of(progress.run)
    moments = {"since": dt.datetime.fromisoformat(since) if since else None}
    moments["until"] = dt.datetime.fromisoformat(until) if until else None
    query = affected.asked(way, value, **moments, now=now)
    return {"people": affected.list_asked(number, query, by=by, now=now)}


@jobs.job(affected.TELL, title="Tell whom a breach affects")
def tell_affected(progress: Progress, number: str) -> Mapping[str, Any]:
    """Tells everyone affected and not told yet; a second run tells nobody twice."""
    return {"people": affected.tell(number, by=jobs.owner_of(progress.run), now=timezone.now())}


@jobs.job(affected.EXPORT, title="Make the list of whom a breach affects")
def export_affected(progress: Progress, breach: str, reason: str) -> Mapping[str, Any]:
    """Makes the list of everyone affected, for whoever asked alone."""
    owner = jobs.owner_of(progress.run)
    file, people_listed = affected.export(UUID(breach), by=owner, reason=reason, now=timezone.now())
    return {"people": people_listed, "file": str(file.id)}


@jobs.job(retention.CHECK, cron="40 2 * * *", title="Look what is past its time", whole=False)
def look(progress: Progress) -> Mapping[str, Any]:
    """Counts what is past its time and tells the operators; it deletes nothing, that takes an order and two people."""
    now = timezone.now()
    swept = retention.look(now=now)
    gone = {key: count for key, count in swept.by_purpose().items() if count}
    with as_worker():
        told = retention.tell(swept, now=now)
    return {"past": gone, "told": told}


@jobs.job(
    "journeys.authority", cron="10 1 * * *", title="End proposals and tell of grants that end", whole=False
)
def authority(progress: Progress) -> Mapping[str, Any]:
    """Ends what nobody decided in time; tells holders whose authority ends in `grant.notice_days` days."""
    now = timezone.now()
    today = timezone.localdate(now)
    with as_worker():
        lapsed = proposals.lapse(now=now)
        days = int(rules.in_force("grant.notice_days", on=today).value)
        ending = grants.ending(on=today + dt.timedelta(days=days))
        notices.tell_all(
            (
                NewNotice(
                    person, "grant_ending", f"grant:ending:{grant}", {"role": role, "day": last.isoformat()}
                )
                for grant, person, role, last in ending
            ),
            now=now,
        )
    return {"lapsed": lapsed, "told": len(ending)}


@jobs.job(answers.TELL, title="Write to the person whose question was answered")
def answered(progress: Progress, case: str, link: str) -> Mapping[str, Any]:
    """Puts the letter about the answer into the outbox, if the person has an e-mail address."""
    return {"letters": answers.write(UUID(case), link=link, now=timezone.now())}


@jobs.job(outbox.SENDING, cron="* * * * *", title="Send letters", whole=False)
def letters(progress: Progress) -> Mapping[str, Any]:
    """Sends what stands in the outbox; people without an e-mail address keep their notices."""
    # No transaction round it: each letter is kept as sent in its own. The worker's connection has its role anyway.
    return asdict(
        outbox.deliver(
            now=timezone.now(),
            channels={
                "email": consents.heeding(outbox.email(people.email_of)),
                "sms": consents.heeding(texts.channel()),
            },
        )
    )


@jobs.job(joins.JOB, title=joins.TITLE)
def joined(progress: Progress, people: list[str]) -> Mapping[str, Any]:
    """Works out anew what follows from the evidence of records that were joined or parted."""
    return {"levels": joins.settle([UUID(person) for person in people], now=timezone.now())}


@jobs.job(joins.LIKELY, cron="40 2 * * 0", title="Look for records that may be of one person")
def likely_same(progress: Progress) -> Mapping[str, Any]:
    """Writes the queue of pairs anew, once a week; nothing is joined."""
    return {"pairs": likenesses.find(now=timezone.now())}
