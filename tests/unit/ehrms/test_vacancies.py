"""One vacancy: ranked on evidence, stored before the choice, decided by two officers."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from karmayogi.competency import evidence, frameworks, positions, profile
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.competency.positions import NewActivity, NewPosition, NewRequirement, NewRole
from karmayogi.ehrms import orders, postings, posts, vacancies
from karmayogi.ehrms.orders import Line, OrderStopped
from karmayogi.ehrms.posts import NewPost
from karmayogi.institutions import assignments, bodies, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.policy import starter
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 21)
LONG_AGO = dt.date(2020, 1, 1)
REASON = "Led the flood works of 2024 with 43 contracts; see the completion report at flag C of the file."


@pytest.fixture
def ministry():
    with as_worker():
        starter.load(now=NOW)
        body = bodies.establish([NewBody("min", "Ministry", "ministry")], since=LONG_AGO, order_no="1")["min"]
        names = ["anna", "bela", "chand", "new", "maker", "checker", "rater"]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n, joined=LONG_AGO) for n in names)
        who = people.by_codes(names)
        version = frameworks.publish(
            NewFramework(
                key="f",
                title="F",
                version="1",
                levels=[NewLevel(n, f"Level {n}", "") for n in range(1, 6)],
                competencies=[
                    NewCompetency(
                        "tender", "functional", "Tender evaluation", "", dict.fromkeys(range(1, 6), "t")
                    )
                ],
            ),
            now=NOW,
        )
        assert version
        positions.define(
            [NewPosition("p", "Officer", [NewRole("r", [NewActivity("a", [NewRequirement("tender", 3)])])])],
            framework="f",
            order_no="2",
            since=LONG_AGO,
        )
        seats = posts.sanction(
            [
                NewPost(c, body, "Officer", "B", LONG_AGO, "3", level=8, position="p")
                for c in ("A", "B", "C", "D")
            ]
            + [NewPost("V", body, "Senior officer", "A", LONG_AGO, "3", level=9, position="p")]
        )
        since = {"anna": LONG_AGO, "bela": LONG_AGO, "chand": LONG_AGO, "new": dt.date(2026, 6, 1)}
        lines = [
            Line(who[n], seats[c], "substantive", since[n])
            for n, c in zip(("anna", "bela", "chand", "new"), "ABCD", strict=True)
        ]
        orders.enter("1/2020", lines, kind="appointment", body=body, effective=LONG_AGO, now=NOW)
        show(who, "anna", 5.0)
        show(who, "bela", 1.0)
        yield bodies.by_ids([body])[body], who, seats


def show(who, name, level):
    """Three observations by three raters at one level, and the estimate they give."""
    tender = frameworks.by_key("tender")
    evidence.record(
        [
            NewEvidence(
                who[name],
                tender.id,
                Source.RATING,
                NOW - dt.timedelta(days=10 + i),
                f"r{name}{i}",
                observer=who[rater],
                payload={"level": level, "answers": 1},
            )
            for i, rater in enumerate(("rater", "maker", "checker"))
        ],
        now=NOW,
    )
    profile.refresh([who[name]], now=NOW)


def ranked(ministry, now=NOW):
    body, _, _ = ministry
    return vacancies.stored(vacancies.rank(posts.by_code("V"), within=body, by=None, on=DAY, now=now))


def test_who_has_shown_more_comes_first_and_a_rule_stops_with_its_value(ministry):
    _, who, _ = ministry
    ranking = ranked(ministry)
    assert [c.person for c in ranking.candidates] == [who["anna"], who["chand"], who["bela"]]
    assert [c.person for c in ranking.not_eligible] == [who["new"]]
    assert ranking.not_eligible[0].rules[0].state == "stop"
    assert ranking.candidates[0].needs[0].statement == "met"
    assert ranking.candidates[2].needs[0].statement == "below"


def test_the_stored_ranking_keeps_what_was_shown_and_a_later_one_shows_the_move(ministry):
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


def test_the_same_evidence_gives_the_same_ranking_and_the_same_hash(ministry):
    one, two = ranked(ministry), ranked(ministry, now=NOW + dt.timedelta(minutes=1))
    assert one.content_hash == two.content_hash


def test_a_choice_outside_the_first_bracket_needs_a_reason(ministry):
    _, who, _ = ministry
    ranking = ranked(ministry)
    choice = {"person": who["bela"], "maker": who["maker"], "effective": DAY, "now": NOW}
    with pytest.raises(OrderStopped, match="60 characters"):
        orders.draft(ranking.id, reason="He is good.", **choice)
    assert orders.draft(ranking.id, reason=REASON, **choice).outside_bracket


def test_nobody_stopped_by_a_rule_can_be_recommended(ministry):
    _, who, _ = ministry
    with pytest.raises(OrderStopped, match="relaxation"):
        orders.draft(
            ranked(ministry).id, person=who["new"], maker=who["maker"], reason=REASON, effective=DAY, now=NOW
        )


def test_a_second_officer_issues_and_the_posting_moves(ministry):
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


def test_who_is_transferred_leads_the_old_team_no_more(ministry):
    body, who, seats = ministry
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ehrms_post SET reports_to_id = %s WHERE code IN ('B', 'C')", [seats["A"]])
        cursor.execute(
            "UPDATE institutions_assignment SET supervisor_id = %s WHERE post IN (%s, %s)",
            [who["anna"], seats["B"], seats["C"]],
        )
        cursor.execute(
            "UPDATE institutions_assignment SET during = daterange(lower(during), '2027-01-01') WHERE post = %s",
            [seats["C"]],
        )
    order = orders.draft(
        ranked(ministry).id, person=who["anna"], maker=who["maker"], reason="", effective=DAY, now=NOW
    )
    yesterday = [s.person for s in assignments.team(who["anna"], on=DAY)]
    orders.issue(order.id, checker=who["checker"], now=NOW)
    assert yesterday == [who["bela"], who["chand"]]
    assert assignments.team(who["anna"], on=DAY) == []
    assert [s.person for s in assignments.team(who["anna"], on=DAY - dt.timedelta(days=1))] == yesterday
    assert who["chand"] in assignments.standing([who["chand"]], on=dt.date(2026, 12, 31))
    assert assignments.standing([who["chand"]], on=dt.date(2027, 1, 1)) == {}


def test_the_database_itself_refuses_a_maker_as_checker(ministry):
    _, who, _ = ministry
    order = orders.draft(
        ranked(ministry).id, person=who["anna"], maker=who["maker"], reason="", effective=DAY, now=NOW
    )
    with pytest.raises(IntegrityError, match="maker_is_not_checker"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ehrms_order SET checker_id = maker_id WHERE id = %s", [order.id])
