"""The nightly job: people whose evidence ran out, a piece at a time, with what they have earned by then."""

import datetime as dt

import pytest
from django.utils import timezone
from tests import horizon

from karmayogi.competency import evidence, profile
from karmayogi.credentials import awards
from karmayogi.journeys import jobs as journeys
from karmayogi.registry import ids
from karmayogi.registry.acting import as_worker
from karmayogi.registry.models import JobRun
from karmayogi.registry.progress import Progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def progress():
    made = Progress(ids.new())
    yield made
    made._close()


@pytest.fixture
def due(service):
    """Anna and Bela, sure by new evidence, and with an old rating that has run out since the last refresh."""
    now = timezone.now()
    long_ago = now - dt.timedelta(days=1000)
    with as_worker():
        for person in (service.anna, service.bela):
            service.rate(person, when=long_ago, key=f"old:{person}")
            service.refresh(person, now=long_ago)
            service.test(person, when=now - dt.timedelta(days=1), key=f"test:{person}")
            service.rate(person, when=now - dt.timedelta(days=1), key=f"new:{person}")
        assert set(profile.due(on=timezone.localdate(now))) == {service.anna, service.bela}
    return service.anna, service.bela


def test_levels_and_certificates_follow_a_piece_at_a_time(due, progress, monkeypatch):
    monkeypatch.setattr(journeys, "AT_ONCE", 1)
    result = journeys.refresh(progress)
    assert (result["levels"], result["plans"], result["issued"]) == (2, 0, 2)
    assert progress.done == 2
    with as_worker():
        assert [len(awards.of(person)) for person in due] == [1, 1]
        assert profile.due(on=timezone.localdate()) == []
    assert journeys.refresh(progress)["levels"] == 0


def of_the_clock(work, progress):
    """Runs the job as the clock does: what it returns stands on the run, for the next one to find."""
    result = work(progress)
    with as_worker():
        JobRun.objects.create(
            kind=journeys.REFRESH, title="Refresh", state="done", result=result, asked_at=timezone.now(),
            finished_at=timezone.now(),
        )  # fmt: skip
    return result


def shows(cursor):
    """Waits until the ledger tells something new."""

    def told():
        with as_worker():
            return evidence.changed_since(cursor)[0]

    return bool(horizon.passes(told))


@pytest.mark.django_db(transaction=True)
def test_evidence_that_nobody_refreshed_for_is_found_the_next_night_and_only_then(service, progress):
    with as_worker():
        service.test(service.anna)
        service.rate(service.anna)
        assert profile.of([service.anna]) == {}
    assert shows(None)
    first = of_the_clock(journeys.refresh, progress)
    assert (first["levels"], first["issued"]) == (1, 1)
    with as_worker():
        assert evidence.changed_since(first["cursor"])[0] == []
    done = progress.done
    of_the_clock(journeys.refresh, progress)
    assert progress.done == done, "nobody was looked at again"
    with as_worker():
        service.rate(service.anna, key="rating:2")
    assert shows(first["cursor"])
    assert of_the_clock(journeys.refresh, progress)["levels"] == 1
