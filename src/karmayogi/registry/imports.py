"""The imports kit: streams a file, sets bad rows aside, writes good ones in batches, and proves that counts add up.

Each batch is one transaction that also moves the cursor, so a killed import goes on after its last whole batch.
Whether a row is new, changed or the same is said by the function that writes it; the same bytes a second time
must give neither new nor changed rows.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from django.db import connection, transaction

from karmayogi.registry import bulk, errors, ids
from karmayogi.registry.acting import as_worker
from karmayogi.registry.models import ImportProblem, ImportRun
from karmayogi.registry.progress import Cancelled
from karmayogi.standards.tables import Problem

T = TypeVar("T")
SHOWN = 1000
_PIECE = 1 << 20


class CountsDoNotAddUp(Exception):
    """Rows read are not rows accepted plus rows set aside; the batch was undone. The fault is ours: report it."""


class ImportAlreadyRunning(Exception):
    """This very file is being imported; wait until that is done."""

    status = 409


class Meter(Protocol):
    """What progress is reported to: a job's `Progress`, or a bar on a terminal."""

    def step(self, n: int = 1) -> None:
        """Counts `n` more rows."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What writing one batch did. Rows of `problems` were not written and count as set aside."""

    new: int = 0
    changed: int = 0
    same: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What an import came to: read = accepted + quarantined, accepted = new + changed + same.

    `id`: of the kept run, None for a dry run; `problems`: the first thousand; `seconds`: this run's wall clock.
    """

    id: UUID | None
    read: int
    accepted: int
    quarantined: int
    new: int
    changed: int
    same: int
    problems: tuple[Problem, ...]
    seconds: float


@dataclass
class _Tally:
    """Counts so far. `items`: what came out of the reader, the measure of the cursor."""

    items: int = 0
    accepted: int = 0
    quarantined: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0


def run(
    kind: str,
    source: Path,
    *,
    reader: Callable[[Path], Iterator[T | Problem]],
    write: Callable[[Sequence[T]], Counts],
    dry_run: bool,
    now: dt.datetime,
    batch: int = 5000,
    resume: bool = True,
    progress: Meter | None = None,
    owner: UUID | None = None,
    error_file: Path | None = None,
) -> Result:
    """Imports `source` (a file or a folder) and returns what came of it.

    `reader` yields, in the order of the file, each good row or the `Problem` that stops it (several in sequence
    if one row has several); the same bytes must give the same sequence. `write` writes a batch and counts it; it runs
    as the worker role in one transaction. `dry_run`: everything is done and rolled back, nothing is kept.
    `resume`: a killed, cancelled or failed import of the same bytes goes on where its last whole batch ended.
    `error_file`: problems are written there as CSV.

    Raises `ImportAlreadyRunning`, `CountsDoNotAddUp`, what the reader raises for a file it cannot read at all,
    and `Cancelled` from `progress`; whole batches stay.
    """
    started = time.monotonic()
    digest = _hash(source)
    with _alone(f"{kind}:{digest}"), ExitStack() as stack:
        if dry_run:
            stack.enter_context(_undone())
        work = _Import(
            write=write,
            kept=None
            if dry_run
            else _begin(kind, source, digest=digest, owner=owner, now=now, resume=resume),
            sink=stack.enter_context(errors.writer(error_file)) if error_file else None,
        )
        try:
            work.take(reader(source), size=batch, progress=progress)
        except BaseException as error:
            work.stop(error, seconds=time.monotonic() - started)
            raise
        work.finish(seconds=time.monotonic() - started)
    return work.result(seconds=time.monotonic() - started)


def problems(id: UUID) -> Iterator[Problem]:
    """Why rows of a kept import were set aside, in the order of the file; streamed."""
    rows = ImportProblem.objects.filter(run_id=id).order_by("row", "id")
    for row in rows.iterator(chunk_size=2000):
        yield Problem(row.row, row.column, row.value, row.what, row.mend)


class _Import(Generic[T]):
    """One running import."""

    def __init__(
        self,
        *,
        write: Callable[[Sequence[T]], Counts],
        kept: ImportRun | None,
        sink: Callable[[Problem], None] | None,
    ) -> None:
        self.write, self.kept, self.sink = write, kept, sink
        self.tally = _Tally()
        self.shown: list[Problem] = []
        self.read = self.bad = self.bad_before = 0
        if kept and kept.cursor:
            self.tally = _Tally(
                kept.cursor, kept.accepted, kept.quarantined, kept.new, kept.changed, kept.same
            )
            self._show(problems(kept.id))

    def take(self, reader: Iterator[T | Problem], *, size: int, progress: Meter | None) -> None:
        """Everything the reader gives, in batches of `size`; what a former run wrote is passed over."""
        counted = self._counted(reader)
        for _ in islice(counted, self.tally.items):
            pass
        self.bad_before = self.bad
        if progress and self.tally.items:
            progress.step(self.tally.items)
        while items := list(islice(counted, size)):
            self._batch(items)
            if progress:
                progress.step(len(items))

    def _counted(self, reader: Iterator[T | Problem]) -> Iterator[T | Problem]:
        """Counts rows as they come; several problems in sequence of one row are one row."""
        former = None
        for item in reader:
            if not isinstance(item, Problem):
                self.read += 1
            elif item.row != former:
                self.read, self.bad, former = self.read + 1, self.bad + 1, item.row
            yield item

    def _batch(self, items: Sequence[T | Problem]) -> None:
        rows = [item for item in items if not isinstance(item, Problem)]
        found = [item for item in items if isinstance(item, Problem)]
        with as_worker():
            counts = self.write(rows) if rows else Counts()
            self._add(counts, rows=len(rows), items=len(items))
            found.extend(counts.problems)
            if self.kept:
                self._keep(found)
        self._show(found)

    def _add(self, counts: Counts, *, rows: int, items: int) -> None:
        late = len({problem.row for problem in counts.problems})
        if counts.new + counts.changed + counts.same + late != rows:
            raise CountsDoNotAddUp(f"{rows} rows were to be written, but {counts} came back.")
        t = self.tally
        t.items += items
        t.accepted += rows - late
        t.quarantined += self.bad - self.bad_before + late
        t.new, t.changed, t.same = t.new + counts.new, t.changed + counts.changed, t.same + counts.same
        self.bad_before = self.bad
        if self.read != t.accepted + t.quarantined:
            raise CountsDoNotAddUp(f"{self.read} rows read are not {t.accepted} + {t.quarantined}.")

    def _show(self, found: Iterable[Problem]) -> None:
        for problem in found:
            if len(self.shown) < SHOWN:
                self.shown.append(problem)
            if self.sink:
                self.sink(problem)

    def _keep(self, found: Sequence[Problem]) -> None:
        assert self.kept is not None
        if found:
            bulk.load(
                ImportProblem,
                ["id", "run_id", "row", "column", "value", "what", "mend"],
                ((ids.new(), self.kept.id, p.row, p.column, p.value[:200], p.what, p.mend) for p in found),
            )
        t = self.tally
        ImportRun.objects.filter(pk=self.kept.id).update(
            cursor=t.items, accepted=t.accepted, quarantined=t.quarantined, new=t.new, changed=t.changed,
            same=t.same,
        )  # fmt: skip

    def stop(self, error: BaseException, *, seconds: float) -> None:
        """Notes why a kept import ended early; after a kill nothing is noted and it counts as running."""
        if self.kept is None or connection.needs_rollback or not isinstance(error, Exception):
            return
        state = "cancelled" if isinstance(error, Cancelled) else "failed"
        self._close(state, message=f"{type(error).__name__}: {error}"[:1000], seconds=seconds)

    def finish(self, *, seconds: float) -> None:
        """Marks a kept import as done."""
        if self.kept:
            self._close("done", message="", seconds=seconds)

    def _close(self, state: str, *, message: str, seconds: float) -> None:
        assert self.kept is not None
        with as_worker():
            ImportRun.objects.filter(pk=self.kept.id).update(
                state=state, message=message, seconds=self.kept.seconds + seconds
            )

    def result(self, *, seconds: float) -> Result:
        """What it came to."""
        t = self.tally
        return Result(
            self.kept.id if self.kept else None, self.read, t.accepted, t.quarantined, t.new, t.changed, t.same,
            tuple(self.shown), seconds,
        )  # fmt: skip


def _begin(
    kind: str, source: Path, *, digest: str, owner: UUID | None, now: dt.datetime, resume: bool
) -> ImportRun:
    with as_worker():
        former = ImportRun.objects.filter(kind=kind, sha256=digest).exclude(state="done")
        row = former.order_by("-started_at").first() if resume else None
        if row is None:
            row = ImportRun(kind=kind, source=source.name[-200:], sha256=digest, owner=owner, started_at=now)
        row.state = "running"
        row.save()
    return row


def _hash(source: Path) -> str:
    """SHA-256 of the file, or of names and bytes of all files in the folder."""
    digest = sha256()
    for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" if source.is_dir() else b"")
            with path.open("rb") as stream:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
    return digest.hexdigest()


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        with as_worker():
            yield
        transaction.set_rollback(True)


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Holds a lock of the session, which the server takes back when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        if not cursor.fetchone()[0]:
            raise ImportAlreadyRunning("This file is being imported already. Wait until that is done.")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
