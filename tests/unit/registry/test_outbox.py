"""Letters leave once, and failures wait."""

import datetime as dt

import pytest
from django.core import mail
from django.db import connection

from karmayogi.registry import ids, outbox
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import Letter

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
WORDS = {"subject": "Your level", "text": "Your level was recorded."}


def put(key="level:1", to=None):
    outbox.put(key, kind="email", recipient=to or ids.new(), payload=WORDS, due=NOW)


def test_a_letter_put_twice_is_sent_once():
    anna = ids.new()
    with acting(actor=anna):
        put(to=anna)
        put(to=anna)
    with as_worker():
        channels = {"email": outbox.email({anna: "anna@example.org"}.get)}
        assert outbox.deliver(now=NOW, channels=channels) == outbox.Delivered(1, 0, 0)
        assert outbox.deliver(now=NOW, channels=channels) == outbox.Delivered(0, 0, 0)
    (message,) = mail.outbox
    assert message.to == ["anna@example.org"]
    assert message.subject == "Your level"


def test_a_failure_is_kept_with_its_reason_and_tried_again_later():
    with as_worker():
        put()
        nobody = {"email": outbox.email(lambda person: None)}
        assert outbox.deliver(now=NOW, channels=nobody).failed == 1
        assert outbox.deliver(now=NOW, channels=nobody).failed == 0
        row = Letter.objects.get()
        assert row.due == NOW + dt.timedelta(minutes=1)
        assert "no e-mail address" in row.last_error
        anyone = {"email": outbox.email(lambda person: "a@example.org")}
        assert outbox.deliver(now=row.due, channels=anyone).sent == 1


def test_a_channel_whose_statement_fails_does_not_hold_up_the_post():
    def asks_nonsense(letter):
        connection.cursor().execute("SELECT address FROM no_such_table")

    with as_worker():
        put("first")
        put("second")
        assert outbox.deliver(now=NOW, channels={"email": asks_nonsense}) == outbox.Delivered(0, 2, 0)
        assert [row.attempts for row in Letter.objects.all()] == [1, 1]
        assert all("no_such_table" in row.last_error for row in Letter.objects.all())
        anyone = {"email": outbox.email(lambda person: "a@example.org")}
        assert outbox.deliver(now=NOW + dt.timedelta(minutes=1), channels=anyone).sent == 2


def test_after_eight_failures_a_letter_is_given_up():
    with as_worker():
        put()
        nobody = {"email": outbox.email(lambda person: None)}
        late = NOW
        for _ in range(8):
            outcome = outbox.deliver(now=late, channels=nobody)
            late += dt.timedelta(days=1)
        assert outcome == outbox.Delivered(0, 0, 1)
        assert outbox.deliver(now=late, channels=nobody) == outbox.Delivered(0, 0, 0)


def test_the_outbox_cannot_be_read_by_the_web():
    with pytest.raises(Exception, match="permission denied"), acting(actor=ids.new()):
        Letter.objects.count()
