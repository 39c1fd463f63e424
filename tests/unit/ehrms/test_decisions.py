"""What the authority decides on a ranking: drafted by one officer, issued by a second, never on themselves."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from karmayogi.ehrms import orders, postings, reporting_lines, spans
from karmayogi.ehrms.orders import Line, OrderStopped, PostAlreadyHeld
from karmayogi.ehrms.reporting_lines import ReportingFact
from karmayogi.institutions import assignments
from karmayogi.registry import roles
from karmayogi.registry.acting import acting

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 21)
REASON = "Led the flood works of 2024 with 43 contracts; see the completion report at flag C of the file."


@pytest.fixture
def drafted(ministry, ranked):
    """Drafts an order for one of the ranked, and returns its card."""
    _, who, _ = ministry

    def draft(name="anna", maker="maker", effective=DAY, ranking=None):
        chosen = (ranking or ranked(ministry)).id
        return orders.draft(
            chosen, person=who[name], maker=who[maker], reason=REASON, effective=effective, now=NOW
        )

    return draft


def test_a_choice_outside_the_first_bracket_needs_a_reason(ministry, ranked):
    _, who, _ = ministry
    ranking = ranked(ministry)
    choice = {"person": who["bela"], "maker": who["maker"], "effective": DAY, "now": NOW}
    with pytest.raises(OrderStopped, match="60 characters"):
        orders.draft(ranking.id, reason="He is good.", **choice)
    assert orders.draft(ranking.id, reason=REASON, **choice).outside_bracket


def test_nobody_stopped_by_a_rule_can_be_recommended(ministry, ranked):
    _, who, _ = ministry
    with pytest.raises(OrderStopped, match="relaxation"):
        orders.draft(
            ranked(ministry).id, person=who["new"], maker=who["maker"], reason=REASON, effective=DAY, now=NOW
        )


def test_a_second_officer_issues_and_the_posting_moves(ministry, ranked):
    _, who, seats = ministry
    order = orders.draft(
        ranked(ministry).id, person=who["anna"], maker=who["maker"], reason="", effective=DAY, now=NOW
    )
    with pytest.raises(OrderStopped, match="Another officer"):
        orders.issue(order.id, checker=who["maker"], now=NOW)
    issued = orders.issue(order.id, checker=who["checker"], now=NOW)
    assert issued.state == "in_force"
    assert [h.person for h in postings.holders([seats["V"]], on=DAY)[seats["V"]]] == [who["anna"]]
    assert postings.holders([seats["A"]], on=DAY) == {}
    assert postings.holders([seats["A"]], on=DAY - dt.timedelta(days=1))[seats["A"]][0].person == who["anna"]
    assert assignments.standing([who["anna"]], on=DAY)[who["anna"]].designation == "Senior officer"
    with pytest.raises(OrderStopped, match="in force"):
        orders.issue(order.id, checker=who["checker"], now=NOW)


def test_who_is_transferred_leads_the_old_team_no_more(ministry, ranked):
    _, who, seats = ministry
    lines = [ReportingFact(seats[code], seats["A"], dt.date(2020, 1, 1), "4") for code in "BC"]
    reporting_lines.report(lines, within={seats[c]: [spans.ALWAYS] for c in "BC"}, source="4", now=NOW)
    order = orders.draft(
        ranked(ministry).id, person=who["anna"], maker=who["maker"], reason="", effective=DAY, now=NOW
    )
    yesterday = [s.person for s in assignments.team(who["anna"], on=DAY)]
    orders.issue(order.id, checker=who["checker"], now=NOW)
    assert yesterday == [who["bela"], who["chand"]]
    assert assignments.team(who["anna"], on=DAY) == []
    assert [s.person for s in assignments.team(who["anna"], on=DAY - dt.timedelta(days=1))] == yesterday


def test_the_database_itself_refuses_a_maker_as_checker(ministry, ranked):
    _, who, _ = ministry
    order = orders.draft(
        ranked(ministry).id, person=who["anna"], maker=who["maker"], reason="", effective=DAY, now=NOW
    )
    with pytest.raises(IntegrityError, match="maker_is_not_checker"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ehrms_order SET checker_id = maker_id WHERE id = %s", [order.id])


def test_a_choice_on_a_ranking_that_was_made_again_is_refused(ministry, ranked, drafted):
    old = ranked(ministry)
    latest = ranked(ministry, now=NOW + dt.timedelta(minutes=1))
    with pytest.raises(OrderStopped, match="ranked again"):
        drafted(ranking=old)
    assert drafted(ranking=latest).state == "recommended"


def test_nobody_proposes_or_issues_an_order_on_themselves(ministry, drafted):
    _, who, _ = ministry
    with pytest.raises(OrderStopped, match="on yourself"):
        drafted("anna", maker="anna")
    order = drafted("anna")
    with pytest.raises(OrderStopped, match="neither proposes nor issues"):
        orders.issue(order.id, checker=who["anna"], now=NOW)


def test_no_order_is_drafted_for_a_day_that_is_past(drafted):
    with pytest.raises(OrderStopped, match="past"):
        drafted(effective=DAY - dt.timedelta(days=1))


def test_an_order_issued_after_its_day_takes_effect_on_the_day_of_issue(ministry, drafted):
    _, who, seats = ministry
    order = drafted()
    monday = DAY + dt.timedelta(days=2)
    issued = orders.issue(order.id, checker=who["checker"], now=NOW + dt.timedelta(days=2))
    assert (issued.state, issued.effective) == ("in_force", monday)
    assert postings.holders([seats["A"]], on=DAY)[seats["A"]][0].person == who["anna"]
    assert postings.holders([seats["V"]], on=DAY) == {}
    assert postings.holders([seats["V"]], on=monday)[seats["V"]][0].person == who["anna"]
    assert assignments.standing([who["anna"]], on=DAY)[who["anna"]].designation == "Officer"
    assert assignments.standing([who["anna"]], on=monday)[who["anna"]].designation == "Senior officer"


def test_an_order_for_a_later_day_leaves_everybody_in_place_until_then(ministry, drafted):
    _, who, seats = ministry
    later = dt.date(2027, 4, 1)
    order = drafted(effective=later)
    assert orders.issue(order.id, checker=who["checker"], now=NOW).effective == later
    eve = later - dt.timedelta(days=1)
    assert postings.holders([seats["A"]], on=eve)[seats["A"]][0].person == who["anna"]
    assert postings.holders([seats["V"]], on=later)[seats["V"]][0].person == who["anna"]
    assert assignments.standing([who["anna"]], on=eve)[who["anna"]].designation == "Officer"
    assert assignments.standing([who["anna"]], on=later)[who["anna"]].designation == "Senior officer"


def test_an_order_on_a_post_held_meanwhile_changes_nothing_at_all(ministry, drafted):
    body, who, seats = ministry
    order = drafted("anna")
    line = Line(who["checker"], seats["V"], "substantive", DAY)
    assert orders.enter("8", [line], kind="appointment", body=body.id, effective=DAY, now=NOW) == 1
    with acting(roles.WORKER, purpose="authority"):
        with pytest.raises(PostAlreadyHeld):
            orders.issue(order.id, checker=who["bela"], now=NOW)
        assert purpose() == "authority"
        assert [(o.state, o.checker) for o in orders.of([order.id])] == [("recommended", None)]
        assert [h.person for h in postings.holders([seats["A"]], on=DAY)[seats["A"]]] == [who["anna"]]


def test_an_error_that_says_nothing_of_a_holder_is_not_told_as_one(ministry, drafted):
    _, who, _ = ministry
    order = drafted("anna")
    with acting(roles.SUPERUSER), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE institutions_assignment ADD CONSTRAINT nobody_from_today"
            " CHECK (lower(during) < '2026-11-21') NOT VALID"
        )
    with pytest.raises(IntegrityError, match="nobody_from_today"):
        orders.issue(order.id, checker=who["checker"], now=NOW)
    assert orders.of([order.id])[0].state == "recommended"


def test_numbers_are_of_the_local_year_and_do_not_repeat():
    new_year = dt.datetime(2026, 12, 31, 18, 30, tzinfo=dt.UTC)
    assert orders._number(new_year).startswith("2027/")
    assert orders._number(new_year - dt.timedelta(minutes=1)).startswith("2026/")
    assert len({orders._number(NOW) for _ in range(20_000)}) == 20_000


def test_the_list_holds_orders_about_the_bodies_asked_for_and_those_under_them(ministry, drafted):
    body, _, _ = ministry
    order = drafted()
    assert [o.id for o in orders.latest(bodies=[body])] == [order.id]
    beside = replace(body, lower=body.upper, upper=body.upper + 1)
    assert orders.latest(bodies=[beside]) == []
    assert orders.latest(bodies=[]) == []


def purpose():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.purpose', true)")
        return cursor.fetchone()[0]
