"""The nightly job: people whose evidence ran out, a piece at a time, with what they have earned by then."""

import datetime as dt

import pytest
from django.utils import timezone

from karmayogi.competency import profile
from karmayogi.credentials import awards
from karmayogi.journeys import jobs as journeys
from karmayogi.registry import ids
from karmayogi.registry.acting import as_worker
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
    assert journeys.refresh(progress) == {"levels": 2, "plans": 0, "issued": 2}
    assert progress.done == 2
    with as_worker():
        assert [len(awards.of(person)) for person in due] == [1, 1]
        assert profile.due(on=timezone.localdate()) == []
    assert journeys.refresh(progress)["levels"] == 0
