"""News for people."""

import datetime as dt

import pytest

from karmayogi.registry import ids, notices
from karmayogi.registry.acting import acting

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


def test_a_person_may_tell_another_and_only_the_other_reads_it_once():
    anna, bela = ids.new(), ids.new()
    with acting(actor=anna):
        for _ in range(2):
            notices.tell(bela, "observed", params={"level": 3}, link="/record", now=NOW, key="o:1")
        assert notices.of(bela) == []
    with acting(actor=bela):
        (card,) = notices.of(bela, limit=5)
        assert (card.kind, card.params, card.link, card.seen) == ("observed", {"level": 3}, "/record", False)
        assert notices.seen(bela, now=NOW) == 1
        assert notices.seen(bela, now=NOW) == 0
        assert notices.of(bela)[0].seen


def test_somebody_signed_out_leaves_no_notice():
    with pytest.raises(Exception, match="row-level security"), acting():
        notices.tell(ids.new(), "observed", params={}, now=NOW, key="o:2")
