"""The imports kit, on a table of its own: translations serve as the thing that is imported."""

import csv
import datetime as dt
import uuid

import pytest
from django.db import connection

from karmayogi.registry import errors, imports, translations
from karmayogi.registry.acting import as_worker
from karmayogi.registry.imports import Counts, CountsDoNotAddUp
from karmayogi.registry.models import ImportProblem, ImportRun, Translation
from karmayogi.registry.progress import Cancelled
from karmayogi.registry.translations import Text
from karmayogi.standards.tables import Problem

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


def read(path):
    """Each line is a number; a line that is none is a problem in two columns."""
    for row, line in enumerate(path.read_text().split(), 2):
        if line.isdigit():
            yield Text(uuid.UUID(int=int(line)), "name", "hi", line, line)
        else:
            yield Problem(row, "number", line, "This is not a number", "Write digits only.")
            yield Problem(row, "name", line, "There is no name", "Write a name.")


def write(rows):
    before = Translation.objects.filter(object__in=[r.object for r in rows]).count()
    touched = translations.put(rows)
    new = len(rows) - before
    return Counts(new, touched - new, len(rows) - touched)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_text("\n".join([*map(str, range(1, 8)), "=cmd()", "9", "10", "bad"]))
    return path


def run(table, **more):
    given = {"reader": read, "write": write, "dry_run": False, "now": NOW, "batch": 3, **more}
    return imports.run("numbers", table, **given)


def counts(result):
    return result.read, result.accepted, result.quarantined, result.new, result.changed, result.same


def stored():
    with as_worker():
        return Translation.objects.count()


def test_good_rows_are_written_bad_ones_set_aside_and_counts_add_up(table):
    result = run(table)
    assert counts(result) == (11, 9, 2, 9, 0, 0)
    assert stored() == 9
    assert len(result.problems) == 4
    assert [p.row for p in imports.problems(result.id)] == [9, 9, 12, 12]
    assert ImportRun.objects.get().state == "done"


def test_the_same_bytes_again_change_nothing(table):
    run(table)
    assert counts(run(table)) == (11, 9, 2, 0, 0, 9)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(table):
    result = run(table, dry_run=True)
    assert counts(result) == (11, 9, 2, 9, 0, 0)
    assert result.id is None
    assert stored() == ImportRun.objects.count() == ImportProblem.objects.count() == 0
    assert len(result.problems) == 4


def test_the_error_file_names_row_column_and_mend_and_runs_no_formula(table, tmp_path):
    path = tmp_path / "errors.csv"
    result = run(table, error_file=path)
    with path.open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["row", "column", "value", "what", "mend"]
    assert rows[1] == ["9", "number", "'=cmd()", "This is not a number", "Write digits only."]
    assert len(rows) == 5
    assert "".join(errors.lines(imports.problems(result.id))) == path.read_bytes().decode()


@pytest.mark.parametrize("cell", ["=1+1", "+91", "-5", "@name", "\tx"])
def test_formula_characters_are_prefixed(cell):
    assert errors.safe(cell) == "'" + cell


def test_a_killed_import_goes_on_after_its_last_whole_batch(table, tmp_path):
    written = []

    def dies_at_seven(rows):
        if any(r.text == "7" for r in rows):
            translations.put(rows)
            raise SystemExit  # as if the process was killed: nothing is noted
        written.extend(r.text for r in rows)
        return write(rows)

    with pytest.raises(SystemExit):
        run(table, write=dies_at_seven)
    assert stored() == 6
    assert ImportRun.objects.get().state == "running"

    def remembers(rows):
        written.extend(r.text for r in rows)
        return write(rows)

    path = tmp_path / "errors.csv"
    result = run(table, write=remembers, error_file=path)
    assert written == ["1", "2", "3", "4", "5", "6", "7", "9", "10"]
    assert counts(result) == (11, 9, 2, 9, 0, 0)
    assert len(path.read_text().splitlines()) == 5
    assert ImportRun.objects.get().state == "done"


def test_resuming_behind_a_bad_row_still_adds_up(table):
    seen = []

    def dies_late(rows):
        seen.append(rows)
        if len(seen) == 4:
            raise RuntimeError("disk")
        return write(rows)

    with pytest.raises(RuntimeError):
        run(table, write=dies_late)
    kept = ImportRun.objects.get()
    assert (kept.state, kept.cursor, kept.quarantined) == ("failed", 9, 1)
    assert counts(run(table)) == (11, 9, 2, 9, 0, 0)


def test_without_resume_it_starts_from_the_first_row(table):
    with pytest.raises(SystemExit):
        run(table, write=lambda rows: (_ for _ in ()).throw(SystemExit))
    assert counts(run(table, resume=False)) == (11, 9, 2, 9, 0, 0)
    assert ImportRun.objects.count() == 2


def test_rows_the_writer_refuses_are_set_aside_too(table):
    def refuses_five(rows):
        good = [r for r in rows if r.text != "5"]
        bad = [Problem(6, "number", "5", "Five is taken", "Choose another.")] * (len(rows) - len(good))
        done = write(good)
        return Counts(done.new, done.changed, done.same, tuple(bad))

    result = run(table, write=refuses_five)
    assert counts(result) == (11, 8, 3, 8, 0, 0)


def test_a_writer_whose_counts_do_not_add_up_is_undone(table):
    def forgets_one(rows):
        done = write(rows)
        return Counts(done.new - 1, done.changed, done.same)

    with pytest.raises(CountsDoNotAddUp):
        run(table, write=forgets_one)
    assert stored() == 0
    assert ImportRun.objects.get().state == "failed"


def test_a_cancelled_import_keeps_its_whole_batches(table):
    class Meter:
        def step(self, n=1):
            raise Cancelled

    with pytest.raises(Cancelled):
        run(table, progress=Meter())
    assert stored() == 3
    assert ImportRun.objects.get().state == "cancelled"


def test_one_file_is_not_imported_twice_at_the_same_time(table):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            key = f"numbers:{imports._hash(table)}"
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        with pytest.raises(imports.ImportAlreadyRunning):
            run(table)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    assert counts(run(table))[0] == 11
