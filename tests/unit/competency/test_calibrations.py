"""Calibration sets: numbered, immutable, carried forward."""

import datetime as dt
from uuid import uuid4

import pytest
from django.db import connection, transaction
from tests.unit.competency.conftest import DAY, NOW

from karmayogi.competency import calibrations, contents, frameworks
from karmayogi.competency.calibrations import ItemParameter
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
ONE, TWO = uuid4(), uuid4()
LATER = NOW + dt.timedelta(days=1)


def test_before_the_first_set_nothing_is_calibrated(service):
    with as_worker():
        assert calibrations.current() == calibrations.NONE_YET
        assert calibrations.parameters(calibrations.NONE_YET, items=[ONE]) == {}


def test_a_set_carries_over_what_it_does_not_restate_and_the_former_stays(service):
    with as_worker():
        first = calibrations.publish(
            [ItemParameter(ONE, 1.0, 0.0)],
            label="a",
            order_no="1",
            now=NOW,
            severities={service.boss: 0.3},
            cohorts={service.tenders: (0.2, 0.9)},
        )
        second = calibrations.publish([ItemParameter(TWO, 2.0, 1.0)], label="b", order_no="2", now=LATER)
        assert (first.number, second.number) == (1, 2)
        assert set(calibrations.parameters(first, items=[ONE, TWO])) == {ONE}
        assert set(calibrations.parameters(second, items=[ONE, TWO])) == {ONE, TWO}
        assert calibrations.severities(second, raters=[service.boss, service.anna]) == {service.boss: 0.3}
        assert second.cohorts == {service.tenders: (0.2, 0.9)}
        assert calibrations.at(NOW).number == 1
        assert calibrations.current().number == 2


def test_a_set_keeps_the_cuts_of_its_day(service):
    with as_worker():
        first = calibrations.publish([], label="a", order_no="1", now=NOW)
        frameworks.set_cuts(service.tenders, cuts=(-1, 0, 1, 2, 3), study="s", since=DAY, now=NOW)
        second = calibrations.publish([], label="b", order_no="2", now=LATER)
    assert first.cuts[service.tenders] == (-2, -1, 0, 1, 2)
    assert second.cuts[service.tenders] == (-1, 0, 1, 2, 3)


def test_nothing_of_a_set_can_be_changed(service):
    with as_worker():
        calibrations.publish([ItemParameter(ONE, 1.0, 0.0)], label="a", order_no="1", now=NOW)
        for table in ("calibrationset", "itemparameter"):
            with pytest.raises(Exception, match="appended to"), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(f"DELETE FROM competency_{table}")


def test_the_web_role_cannot_read_item_parameters_but_the_scorer_can(service):
    with as_worker():
        held = calibrations.publish([ItemParameter(ONE, 1.0, 0.0)], label="a", order_no="1", now=NOW)
    with acting(actor=service.anna, on=DAY):
        assert calibrations.parameters(held, items=[ONE]) == {ONE: ItemParameter(ONE, 1.0, 0.0)}
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT a FROM competency_itemparameter")


def test_a_set_states_the_hash_of_everything_in_it_and_of_the_set_before(service):
    with as_worker():
        first = calibrations.publish(
            [ItemParameter(ONE, 1.1, -0.3)], label="a", order_no="1", now=NOW, severities={service.boss: 0.3}
        )
        second = calibrations.publish([], label="b", order_no="2", now=LATER)
        assert contents.changed() == (2, [])
        assert len(first.hash) == 64
        assert second.hash != first.hash
        assert calibrations.current().hash == second.hash
        parameters, severities = contents.everything(second.id)
        same = {"parameters": parameters, "severities": severities, "cohorts": {}, "cuts": second.cuts}
        assert contents.whole(2, "b", first.hash, **same).hash == second.hash
        assert contents.whole(2, "b", "0" * 64, **same).hash != second.hash


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE competency_itemparameter SET a = a + 1e-12",
        "UPDATE competency_raterseverity SET severity = -severity",
        "UPDATE competency_calibrationset SET cuts = '{}'",
        "DELETE FROM competency_itemparameter",
    ],
)
def test_a_set_that_was_changed_past_the_guards_is_named(service, change):
    with as_worker():
        calibrations.publish(
            [ItemParameter(ONE, 1.1, -0.3)], label="a", order_no="1", now=NOW, severities={service.boss: 0.3}
        )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(change)
        cursor.execute("SET LOCAL session_replication_role = origin")
    with as_worker():
        assert contents.changed() == (1, [1])
