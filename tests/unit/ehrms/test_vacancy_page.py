"""The vacancy's page sends back which ranking was shown, and a choice on an older one is refused."""

import datetime as dt
import re

import pytest
from django.utils import formats, timezone

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
    grants.give([NewGrant(who[n], Role.BOARD_MEMBER, body.id, SINCE, "9") for n in ("maker", "checker")])
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


def test_the_day_on_which_an_order_takes_effect_is_chosen_and_never_past(ministry, ranked, board):
    body, who, _ = ministry
    ranking = ranked(ministry, now=NOW)
    today = timezone.localdate()
    page = board.get("/posts/vacancies/V/").content.decode()
    assert f'type="date" id="day" name="day" value="{today}" min="{today}"' in page
    choice = {"who": str(who["anna"]), "ranking": str(ranking.id), "why": "A fact that counts. " * 4}
    for day, says in (
        (today - dt.timedelta(days=1), "a day that is past"),
        ("31.12.2030", "such as 2026-12-31"),
    ):
        answer = board.post("/posts/vacancies/V/recommend/", {**choice, "day": str(day)}, follow=True)
        assert says in answer.content.decode()
        assert orders.latest(bodies=[body]) == []
    later = today + dt.timedelta(days=40)
    board.post("/posts/vacancies/V/recommend/", {**choice, "day": str(later)})
    (order,) = orders.latest(bodies=[body])
    assert order.effective == later
    sign_in(board, "checker")
    waiting = board.get("/posts/orders/").content.decode()
    assert "Posting and team change on" in waiting
    answer = board.post(f"/posts/orders/{order.id}/issue/", follow=True)
    day = formats.date_format(later, "j F Y")
    assert f"is issued: Anna takes up V on {day}" in answer.content.decode()
