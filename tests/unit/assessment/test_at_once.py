"""Two clicks at once, on two real connections: one sitting, one answer, one row of evidence."""

import datetime as dt
import threading

import pytest
from django.db import OperationalError, connection

from karmayogi.assessment import sittings
from karmayogi.competency import evidence
from karmayogi.registry.acting import acting, as_worker

NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
DAY = NOW.date()


@pytest.fixture
def committed(databases, django_db_blocker, found_house):
    """The house of this folder in a database of its own, committed."""
    with django_db_blocker.unblock():
        before = dict(connection.settings_dict)
        connection.close()
        address = databases.address
        connection.settings_dict.update(
            NAME=databases.clone("empty"),
            USER="postgres",
            PASSWORD=address.passwords["postgres"],
            HOST=address.host,
            PORT=str(address.port),
        )
        yield found_house()
        connection.close()
        connection.settings_dict.update(before)


def at_once(*calls):
    """Runs the calls in threads that start together; what each returned or raised."""
    barrier, came = threading.Barrier(len(calls), timeout=300), [None] * len(calls)

    def run(place, call):
        try:
            barrier.wait()
            came[place] = call()
        except Exception as error:
            came[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=entry) for entry in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_two_clicks_at_once_count_once(committed):
    anna = committed.anna

    def begin():
        with acting(actor=anna, on=DAY):
            return sittings.begin(anna, competency=committed.competency, now=NOW)

    def answer(option):
        def click():
            with acting(actor=anna, on=DAY):
                return sittings.answer(first, person=anna, item=item, option=option, now=NOW)

        return click

    def finish():
        with acting(actor=anna, on=DAY):
            return sittings.finish(first, person=anna, now=NOW)

    first, second = at_once(begin, begin)
    assert first == second
    with acting(actor=anna, on=DAY):
        item = sittings.question(first, person=anna, now=NOW).version
    came = at_once(answer("a"), answer("b"))
    assert {type(c) for c in came} == {sittings.State, sittings.AlreadyAnswered}
    assert at_once(finish, finish) == [sittings.State.FINISHED] * 2
    with as_worker():
        assert len(evidence.of([anna])[anna]) == 1


def test_a_check_whose_time_ran_out_is_closed_once_whoever_comes_first(committed):
    anna, late = committed.anna, NOW + dt.timedelta(hours=2)
    with acting(actor=anna, on=DAY):
        sitting = sittings.begin(anna, competency=committed.competency, now=NOW)
        item = sittings.question(sitting, person=anna, now=NOW).version
        sittings.answer(sitting, person=anna, item=item, option="b", now=NOW)

    def ask():
        with acting(actor=anna, on=DAY):
            return sittings.question(sitting, person=anna, now=late)

    def begin():
        with acting(actor=anna, on=DAY):
            return sittings.begin(anna, competency=committed.competency, now=late)

    def lapse():
        with as_worker():
            return sittings.lapse(now=late)

    with acting(actor=anna, on=DAY):
        assert waits_for_the_lock(sitting, ask)
        assert waits_for_the_lock(sitting, begin)
    asked, begun, lapsed = at_once(ask, begin, lapse)
    assert asked is None
    assert isinstance(begun, sittings.TooSoonToRetake)
    assert lapsed in ([], [anna])
    with as_worker():
        assert [card.state for card in sittings.of(anna)] == [sittings.State.LAPSED]
        assert len(evidence.of([anna])[anna]) == 1


def waits_for_the_lock(sitting, call):
    """True if the call does not end while this transaction holds the sitting's lock."""
    sittings._alone(str(sitting))

    def impatient():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return call()

    (came,) = at_once(impatient)
    return isinstance(came, OperationalError)
