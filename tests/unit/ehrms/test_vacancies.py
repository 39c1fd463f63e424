"""One vacancy: ranked on evidence, stored before the choice."""

import datetime as dt

import pytest

from karmayogi.ehrms import posts, vacancies

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)


def test_who_has_shown_more_comes_first_and_a_rule_stops_with_its_value(ministry, ranked):
    _, who, _ = ministry
    ranking = ranked(ministry)
    assert [c.person for c in ranking.candidates] == [who["anna"], who["chand"], who["bela"]]
    assert [c.person for c in ranking.not_eligible] == [who["new"]]
    assert ranking.not_eligible[0].rules[0].state == "stop"
    assert ranking.candidates[0].needs[0].statement == "met"
    assert ranking.candidates[2].needs[0].statement == "below"


def test_the_stored_ranking_keeps_what_was_shown_and_a_later_one_shows_the_move(ministry, ranked, show):
    _, who, _ = ministry
    first = ranked(ministry)
    show(who, "chand", 5.0)
    second = ranked(ministry, now=NOW + dt.timedelta(minutes=1))
    assert vacancies.stored(first.id) == first
    assert first.content_hash != second.content_hash
    before, after = ({c.person: c.overall for c in r.candidates}[who["chand"]] for r in (first, second))
    assert before == pytest.approx(0.5, abs=0.01)
    assert after > 0.8
    assert set(vacancies.places(second)) == {who["anna"], who["bela"], who["chand"]}
    assert [r.id for r in vacancies.recent(posts.by_code("V").id, limit=2)] == [second.id, first.id]


def test_the_same_evidence_gives_the_same_ranking_and_the_same_hash(ministry, ranked):
    one, two = ranked(ministry), ranked(ministry, now=NOW + dt.timedelta(minutes=1))
    assert one.content_hash == two.content_hash
