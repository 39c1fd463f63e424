"""Days are those of the place: what happened after midnight in Delhi happened on that day, whatever UTC says."""

import datetime as dt

import pytest

from karmayogi.credentials import grounds
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db
AFTER_MIDNIGHT = dt.datetime(2026, 11, 20, 18, 45, tzinfo=dt.UTC)
"""00:15 on the 21st in Delhi."""


def test_evidence_is_of_the_day_on_which_it_happened_there(service):
    now = AFTER_MIDNIGHT + dt.timedelta(hours=12)
    with as_worker():
        service.test(service.anna, when=AFTER_MIDNIGHT)
        service.rate(service.anna, when=AFTER_MIDNIGHT)
        service.refresh(service.anna, now=now)
        (earned,) = grounds.earned([service.anna], now=now)
        days = rules.in_force("evidence.sources", on=now.date()).value["rating"]["expires_days"]
    rating = next(kind for kind in earned.kinds if kind.name == "rating")
    assert rating.newest == dt.date(2026, 11, 21)
    assert rating.counts_until == dt.date(2026, 11, 21) + dt.timedelta(days=days)
