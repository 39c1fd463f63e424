"""The vacancy's page sends back which ranking was shown, and a choice on an older one is refused."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from karmayogi.ehrms import orders
from karmayogi.institutions import grants
from karmayogi.institutions.grants import NewGrant
from karmayogi.institutions.roles import Role

from ...signing import sign_in

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
SINCE = dt.date(2020, 1, 1)


@pytest.fixture
def board(ministry, client):
    """The maker as a member of the board, signed in."""
    body, who, _ = ministry
    grants.give([NewGrant(who["maker"], Role.BOARD_MEMBER, body.id, SINCE, "9")])
    return sign_in(client, "maker")


def test_a_choice_goes_with_the_ranking_that_was_shown(ministry, ranked, board):
    body, who, _ = ministry
    old = ranked(ministry, now=NOW)
    page = board.get("/posts/vacancies/V/").content.decode()
    assert re.findall(r'name="ranking" value="([^"]+)"', page) == [str(old.id)]
    choice = {
        "who": str(who["anna"]),
        "ranking": str(old.id),
        "why": "A fact that the figures do not show. " * 2,
    }
    latest = ranked(ministry, now=NOW + dt.timedelta(minutes=1))
    for stale in (choice, {**choice, "ranking": ""}, {**choice, "ranking": "nonsense"}):
        answer = board.post("/posts/vacancies/V/recommend/", stale, follow=True)
        assert "ranked again since" in answer.content.decode()
        assert orders.latest(bodies=[body]) == []
    nobody = board.post("/posts/vacancies/V/recommend/", {**choice, "who": "nobody"}, follow=True)
    assert "Choose a candidate first" in nobody.content.decode()
    board.post("/posts/vacancies/V/recommend/", {**choice, "ranking": str(latest.id)})
    (order,) = orders.latest(bodies=[body])
    assert (order.person, order.maker, order.effective) == (who["anna"], who["maker"], timezone.localdate())
