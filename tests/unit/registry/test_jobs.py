"""Jobs in a real second process on the same database."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from karmayogi.registry import ids, jobs, translations
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import JobRun

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
HERE = Path(__file__).parent
PATIENCE = 300


@pytest.fixture(scope="module", autouse=True)
def _own_database(databases):
    """What is committed here must not meet the tests of other modules."""
    yield
    databases.clones.pop("empty", None)


@pytest.fixture
def worker(databases):
    """Starts workers on this test's database; ends them afterwards."""
    started = []

    def start(*arguments):
        given = databases.environment(connection.settings_dict["NAME"])
        path = f"{given['PYTHONPATH']}:{HERE}"
        command = [sys.executable, "-m", "karmayogi", "worker", "--also", "worker_jobs", *arguments]
        log = (databases.folder / "worker.log").open("w")
        process = subprocess.Popen(
            command, env={**given, "PYTHONPATH": path, "DATABASE_URL": ""}, cwd=HERE.parents[2], stderr=log
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=120)


def wait_for(condition, patience=PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("It did not happen in time.")


def ask(kind, owner=None, **arguments):
    with acting(actor=owner) if owner else as_worker():
        return jobs.start(kind, owner=owner, title="Test", arguments=arguments, now=NOW)


def card(job):
    with as_worker():
        return jobs.card(job)


def written(thing):
    with as_worker():
        return translations.read([thing], language="hi").get(thing, "name", "") == "x"


def queued():
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs")
        return cursor.fetchone()[0]


def test_jobs_run_fail_and_are_cancelled_and_their_progress_shows(worker):
    anna, thing, stopped = ids.new(), ids.new(), ids.new()
    quick = ask("test.count", anna, n=5, thing=str(thing))
    bad = ask("test.fails")
    never = ask("test.count", anna, n=5, thing=str(stopped))
    with acting(actor=anna):
        assert jobs.cancel(never, now=NOW)
        assert {c.id for c in jobs.of(anna)} == {quick, never}
        assert jobs.card(quick).state == "queued"
    with acting(actor=ids.new()), pytest.raises(jobs.NoSuchJob):
        jobs.card(quick)
    long = ask("test.slow", anna, thing=str(stopped))

    worker()
    wait_for(lambda: card(quick).state == "done")
    assert (card(quick).done, card(quick).total, card(quick).result) == (5, 5, {"counted": 5})
    assert written(thing)

    wait_for(lambda: 0 < card(long).done < 6000)
    assert card(long).message == "counting"
    assert not written(stopped)  # the work is not committed yet, its progress shows nevertheless
    with acting(actor=anna):
        assert jobs.cancel(long, now=NOW)
    wait_for(lambda: card(long).state == "cancelled")
    assert not written(stopped)

    assert (card(never).state, card(never).finished_at) == ("cancelled", NOW)
    wait_for(lambda: card(bad).state == "failed")
    assert card(bad).attempts == 2
    assert "the table is empty" in card(bad).message
    with as_worker():
        assert not jobs.cancel(quick, now=NOW)


def test_a_job_asked_for_in_a_transaction_that_is_rolled_back_never_was():
    before = queued()
    with transaction.atomic():
        job = ask("test.count", n=1, thing=str(ids.new()))
        assert queued() == before + 1
        transaction.set_rollback(True)
    assert queued() == before
    with as_worker(), pytest.raises(jobs.NoSuchJob):
        jobs.card(job)


def test_the_job_of_a_killed_worker_is_done_by_the_next_one(worker, tmp_path):
    flag = tmp_path / "started"
    job = ask("test.dies_first", flag=str(flag))
    # Patient with itself: a worker whose own sign of life is late takes its job for one that was left behind.
    first = worker()
    wait_for(flag.exists)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert card(job).state == "running"
    worker("--heartbeat", "1")
    wait_for(lambda: card(job).state == "done")
    assert card(job).attempts == 2


def test_a_job_of_the_clock_that_is_retried_keeps_its_run(worker):
    tick = int(NOW.timestamp())
    app.configure_task(name="test.fails").defer(timestamp=tick)
    worker()

    def runs():
        with as_worker():
            return list(
                JobRun.objects.filter(kind="test.fails", scheduled_at=NOW).values_list("state", "attempts")
            )

    wait_for(lambda: runs() == [("failed", 2)])
    assert jobs._scheduled("test.fails", title="", timestamp=tick + 60) != jobs._scheduled(
        "test.fails", title="", timestamp=tick
    )


@pytest.mark.drill
def test_the_schedule_starts_jobs_by_the_clock(worker):
    worker()

    def ran():
        with as_worker():
            return JobRun.objects.filter(kind="test.every_minute", state="done", title="Each minute").exists()

    wait_for(ran, patience=300)
    assert ran()
