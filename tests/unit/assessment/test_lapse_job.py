"""The job that ends checks by the clock: what follows from them is asked for as after any other check."""

import datetime as dt

import pytest
from django.utils import timezone

from karmayogi.assessment import sittings
from karmayogi.journeys import jobs as journeys
from karmayogi.journeys.settle import SETTLE
from karmayogi.registry import ids
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import JobRun
from karmayogi.registry.progress import Progress

pytestmark = pytest.mark.django_db


def settling():
    with as_worker():
        return list(JobRun.objects.filter(kind=SETTLE).values_list("arguments", "owner"))


def test_plans_and_certificates_follow_a_check_that_the_clock_ended(house):
    yesterday = timezone.now() - dt.timedelta(days=1)
    with acting(actor=house.anna, on=yesterday.date()):
        sittings.begin(house.anna, competency=house.competency, now=yesterday)
    progress = Progress(ids.new())
    assert journeys.lapse(progress) == {"people": 1}
    assert settling() == [({"people": [str(house.anna)]}, None)]
    assert journeys.lapse(progress) == {"people": 0}
    assert len(settling()) == 1
    progress._close()
