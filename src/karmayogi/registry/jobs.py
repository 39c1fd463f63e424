"""Long work with progress, cancel, retry and a clock, on procrastinate in the same database.

`start` writes the run and defers the job in the caller's transaction: if that is rolled back, nothing runs.
The queue holds the run's id only; arguments, progress and result stand on the run, which its owner alone may
read. Progress is written on a connection of its own, so that it shows while the work is not yet committed.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from karmayogi.registry import ids
from karmayogi.registry.models import JobRun
from karmayogi.registry.progress import Cancelled, Progress
from karmayogi.registry.progress import execute as _execute

__all__ = [
    "Cancelled",
    "JobCard",
    "NoSuchJob",
    "Progress",
    "Work",
    "cancel",
    "card",
    "job",
    "latest",
    "of",
    "start",
]

Work = Callable[..., Mapping[str, Any] | None]
"""A job: `work(progress, **arguments)`; what it returns becomes the run's result."""

MOST_ATTEMPTS = 3
OPEN = ("queued", "running")


class NoSuchJob(LookupError):
    """There is no such job, or it is not yours."""


@dataclass(frozen=True, slots=True)
class JobCard:
    """How a job stands. `state`: queued, running, done, failed or cancelled; `total` None while unknown."""

    id: UUID
    kind: str
    title: str
    owner: UUID | None
    state: str
    total: int | None
    done: int
    message: str
    result: Mapping[str, Any]
    error_file: UUID | None
    attempts: int
    asked_at: dt.datetime
    finished_at: dt.datetime | None


def job(
    kind: str, *, cron: str = "", title: str = "", attempts: int = MOST_ATTEMPTS, whole: bool = True
) -> Callable[[Work], Work]:
    """Registers a function as the job `kind`. Put it in a module `jobs.py` of a room: the worker imports those.

    The function gets a `Progress` first. `whole`: it runs in one transaction as the worker role and marks itself
    done in it; with False it opens its own (`as_worker()`), e.g. an import that keeps its finished batches.
    A job that raises, or whose worker dies, runs again from its start, `attempts` times in all: write it so that
    a second run does no harm. `cron`: five fields, in the time zone of the worker; such runs have no owner.
    """

    def register(work: Work) -> Work:
        def run(context: JobContext, timestamp: int | None = None, run: str | None = None) -> None:
            id = UUID(run) if run else _scheduled(kind, title=title or kind, timestamp=timestamp or 0)
            _execute(id, work, whole=whole, attempt=context.job.attempts + 1, most=attempts)

        # max_attempts counts the retries of procrastinate, hence all runs but the first.
        policy = RetryStrategy(max_attempts=attempts - 1, exponential_wait=2) if attempts > 1 else False
        task = app.task(name=kind, pass_context=True, retry=policy)(run)
        if cron:
            app.periodic(cron=cron)(task)
        return work

    return register


def start(
    kind: str,
    *,
    owner: UUID | None,
    title: str,
    now: dt.datetime,
    arguments: Mapping[str, Any] | None = None,
) -> UUID:
    """Asks for a job within the running transaction; returns the run's id. `arguments`: what JSON can carry."""
    row = JobRun(kind=kind, title=title, owner=owner, arguments=dict(arguments or {}), asked_at=now)
    row.save(force_insert=True)
    app.configure_task(name=kind).defer(run=str(row.id))
    return row.id


def nudge(kind: str) -> None:
    """Asks for a job of the clock to run as soon as this transaction is kept, without waiting for its time."""
    app.configure_task(name=kind).defer()


def cancel(id: UUID, *, now: dt.datetime) -> bool:
    """Asks a job to stop: at once if it still waits, else at its next step. False if it had ended already."""
    waiting = JobRun.objects.filter(pk=id, state="queued")
    if waiting.update(state="cancelled", cancel_asked=True, finished_at=now):
        return True
    return bool(JobRun.objects.filter(pk=id, state="running").update(cancel_asked=True))


def card(id: UUID) -> JobCard:
    """How the job stands; raises `NoSuchJob`."""
    row = JobRun.objects.filter(pk=id).first()
    if row is None:
        raise NoSuchJob(_("There is no such job."))
    return _card(row)


def of(owner: UUID, *, kind: str = "", limit: int = 20) -> list[JobCard]:
    """The jobs a person asked for, of one kind if it is named, newest first."""
    found = JobRun.objects.filter(owner=owner, **({"kind": kind} if kind else {}))
    return [_card(row) for row in found.order_by("-asked_at", "-id")[:limit]]


def owner_of(run: UUID) -> UUID:
    """Who asked for the job, for work that is done for one person; raises `NoSuchJob` where nobody did."""
    owner = card(run).owner
    if owner is None:
        raise NoSuchJob(_("Only a person can ask for this."))
    return owner


def latest(kind: str) -> JobCard | None:
    """The run of this kind that was done last, with what came out; None before the first. For jobs."""
    row = JobRun.objects.filter(kind=kind, state="done").order_by("-finished_at").first()
    return _card(row) if row else None


def _scheduled(kind: str, *, title: str, timestamp: int) -> UUID:
    """The run for this tick of the clock: a retry finds the run of the first attempt."""
    at = dt.datetime.fromtimestamp(timestamp, dt.UTC) if timestamp else None
    row = JobRun(id=ids.new(), kind=kind, title=title, asked_at=at or timezone.now(), scheduled_at=at)
    JobRun.objects.bulk_create([row], ignore_conflicts=True)
    return JobRun.objects.values_list("id", flat=True).get(kind=kind, scheduled_at=at) if at else row.id


def _card(row: JobRun) -> JobCard:
    return JobCard(
        row.id, row.kind, row.title, row.owner, row.state, row.total, row.done, row.message, row.result,
        row.error_file_id, row.attempts, row.asked_at, row.finished_at,
    )  # fmt: skip
