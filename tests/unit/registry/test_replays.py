"""A request with a key acts once; another request with the same key is refused."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from karmayogi.registry import ids, replays
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import Replay
from karmayogi.registry.replays import BadKey, Kept, OtherRequest

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
KEY = "a-key-of-its-own"
GONE_ON = Kept(302, "/plan/", "text/html", None)


def take(person, *, key=KEY, asked=b"one", now=NOW):
    with acting(actor=person):
        return replays.take(key, person=person, asked=asked, now=now)


def test_the_second_request_gets_the_answer_of_the_first():
    anna = ids.new()
    assert take(anna) is None
    with acting(actor=anna):
        replays.keep(KEY, person=anna, answer=GONE_ON)
    assert take(anna) == GONE_ON
    assert take(ids.new()) is None, "a key belongs to whoever chose it"


def test_the_same_key_with_other_content_is_refused():
    anna = ids.new()
    take(anna)
    with pytest.raises(OtherRequest):
        take(anna, asked=b"two")


def test_a_request_that_did_nothing_gives_its_key_back():
    anna = ids.new()
    take(anna)
    with acting(actor=anna):
        replays.release(KEY, person=anna)
    assert take(anna, asked=b"two") is None


@pytest.mark.parametrize("key", ["short", "with a blank in it", "x" * 201, "ends-with-a-line\n"])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(BadKey):
        take(ids.new(), key=key)


def test_nobody_reads_the_answers_of_another_and_old_ones_are_forgotten():
    anna = ids.new()
    take(anna)
    with acting(actor=ids.new()):
        assert not Replay.objects.exists()
    with as_worker():
        assert replays.sweep(now=NOW + replays.KEPT) == 0
        assert replays.sweep(now=NOW + replays.KEPT + dt.timedelta(seconds=1)) == 1


def test_a_large_answer_is_kept_without_its_body():
    anna = ids.new()
    take(anna)
    with acting(actor=anna):
        replays.keep(KEY, person=anna, answer=Kept(201, "", "application/json", b"x" * 70_000))
    assert take(anna) == Kept(201, "", "application/json", None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first_is_undone", [False, True])
def test_a_second_request_waits_for_the_first_and_goes_on_if_it_was_undone(first_is_undone, databases):
    anna, found, began = ids.new(), [], threading.Event()

    def second():
        began.set()
        try:
            found.append(take(anna))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with databases.committed("empty"):
        with acting(actor=anna):
            replays.take(KEY, person=anna, asked=b"one", now=NOW)
            thread.start()
            began.wait(5)
            thread.join(0.5)
            assert thread.is_alive(), "it waits"
            replays.keep(KEY, person=anna, answer=GONE_ON)
            transaction.set_rollback(first_is_undone)
        thread.join(10)
    assert found == [None if first_is_undone else GONE_ON]
