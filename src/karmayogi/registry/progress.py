"""The handle a running job reports through, and the running itself."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from karmayogi.registry.acting import as_worker, named
from karmayogi.registry.models import JobRun

log = logging.getLogger(__name__)
_PAUSE = 0.5


class Cancelled(Exception):
    """The owner asked the job to stop; let it pass, what was not committed is undone."""


class DiedTooOften(Exception):
    """The job took its worker down each time it was tried; it is not tried again."""


class Progress:
    """How a job tells where it is. Writes at most twice a second; counts in between are kept here."""

    def __init__(self, run: UUID) -> None:
        self.run = run
        self.done = 0
        self._written = 0.0
        # Another connection: what it writes must be seen, and what it reads must be new, in mid-transaction.
        self._connection = connection.copy()

    def begin(self, *, attempt: int, most: int) -> None:
        """Marks the run as running; raises `Cancelled`, or `DiedTooOften` beyond the last attempt."""
        if attempt > most:
            raise DiedTooOften(f"The worker died {most} times while it did this. Tell the help desk.")
        self._write(state="running", started_at=timezone.now(), attempts=attempt, done=0, message="")
        self._stop_if_asked()

    def set(self, total: int) -> None:
        """Says how many steps there will be."""
        self._write(total=total)
        self._stop_if_asked()

    def step(self, n: int = 1) -> None:
        """Counts `n` steps done. Raises `Cancelled` if the owner asked to stop."""
        self.done += n
        if time.monotonic() - self._written >= _PAUSE:
            self._write(done=self.done)
            self._stop_if_asked()

    def say(self, message: str) -> None:
        """One line on what is being done now."""
        self._write(message=message, done=self.done)

    def attach(self, file: UUID) -> None:
        """Names the file (of `registry.files`, committed) that lists what went wrong."""
        self._write(error_file_id=file)

    def _stop_if_asked(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT cancel_asked FROM registry_jobrun WHERE id = %s", [self.run])
            row = cursor.fetchone()
        if row and row[0]:
            raise Cancelled

    def _write(self, **columns: Any) -> None:
        self._written = time.monotonic()
        names = ", ".join(f"{name} = %s" for name in columns)  # names are ours, never from outside
        with self._connection.cursor() as cursor:
            cursor.execute(f"UPDATE registry_jobrun SET {names} WHERE id = %s", [*columns.values(), self.run])  # noqa: S608

    def _close(self) -> None:
        self._connection.close()


def execute(
    run: UUID, work: Callable[..., Mapping[str, Any] | None], *, whole: bool, attempt: int, most: int
) -> None:
    """Runs one job once, the `attempt`-th time of `most`; a failure is raised, so that the queue tries again."""
    with as_worker():
        row = JobRun.objects.filter(pk=run).first()
    if row is None or row.state not in ("queued", "running"):
        return  # cancelled while it waited, or done by a worker that died just after
    progress = Progress(run)
    try:
        progress.begin(attempt=attempt, most=most)
        with named(f"system:job/{row.kind}"), as_worker() if whole else nullcontext():
            result = work(progress, **row.arguments)
            _finish(run, progress, dict(result or {}))
    except Cancelled:
        progress._write(state="cancelled", finished_at=timezone.now(), done=progress.done)
    except Exception as error:
        log.exception("Job %s (%s) failed", run, row.kind)
        shown = f"{type(error).__name__}: {error}"[:500]
        if attempt >= most:
            progress._write(state="failed", finished_at=timezone.now(), message=shown)
        else:
            progress._write(state="queued", message=shown)
        raise
    finally:
        progress._close()


def _finish(run: UUID, progress: Progress, result: dict[str, Any]) -> None:
    # On the main connection: work and mark stand or fall together.
    with as_worker():
        JobRun.objects.filter(pk=run).update(
            state="done", finished_at=timezone.now(), done=progress.done, result=result, message=""
        )
