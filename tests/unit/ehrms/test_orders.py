"""Orders write postings and assignments; the database keeps posts and officials to one another."""

import datetime as dt
import threading

import psycopg
import pytest
from django.db import connection

from karmayogi.ehrms import effects, orders, postings, posts
from karmayogi.ehrms.orders import Line
from karmayogi.ehrms.posts import NewPost
from karmayogi.institutions import assignments, bodies, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.registry import roles
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
START = dt.date(2024, 1, 1)
DAY = dt.date(2026, 11, 21)


@pytest.fixture
def house():
    with as_worker():
        body = bodies.establish([NewBody("min", "Ministry", "ministry")], since=START, order_no="1/2020")[
            "min"
        ]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n) for n in ("head", "anna", "bela"))
        who = people.by_codes(["head", "anna", "bela"])
        seats = posts.sanction(
            [NewPost("H", body, "Head", "A", START, "2/2020", level=12)]
            + [NewPost(c, body, "Officer", "B", START, "2/2020", level=8, reports_to="H") for c in "XY"]
        )
        yield body, who, seats


def enter(house, number, *lines):
    return orders.enter(number, lines, kind="appointment", body=house[0], effective=START, now=NOW)


def test_an_order_writes_posting_and_assignment_with_the_supervisor_of_the_reporting_line(house):
    _, who, seats = house
    enter(house, "1", Line(who["head"], seats["H"], "substantive", START))
    assert enter(house, "2", Line(who["anna"], seats["X"], "substantive", START)) == 1
    standing = assignments.standing([who["anna"]], on=DAY)[who["anna"]]
    assert (standing.designation, standing.supervisor) == ("Officer", who["head"])


def test_entering_the_same_order_again_changes_nothing(house):
    _, who, seats = house
    line = Line(who["anna"], seats["X"], "substantive", START)
    assert [enter(house, "1", line), enter(house, "1", line)] == [1, 0]


def test_a_second_holder_and_a_second_post_are_left_out(house):
    _, who, seats = house
    enter(house, "1", Line(who["anna"], seats["X"], "substantive", START))
    assert enter(house, "2", Line(who["bela"], seats["X"], "substantive", DAY)) == 0
    assert enter(house, "3", Line(who["anna"], seats["Y"], "substantive", DAY)) == 0


def test_two_half_shares_fill_one_post(house):
    _, who, seats = house
    halves = [
        Line(who["anna"], seats["X"], "substantive", START, part=(0, 500)),
        Line(who["bela"], seats["X"], "substantive", START, part=(500, 1000)),
    ]
    assert enter(house, "1", *halves) == 2
    assert [h.share for h in postings.holders([seats["X"]], on=DAY)[seats["X"]]] == [0.5, 0.5]


def test_vacancies_and_strength_are_counted_from_postings(house):
    body, who, seats = house
    enter(house, "1", Line(who["anna"], seats["X"], "substantive", START, until=dt.date(2026, 10, 1)))
    card = bodies.by_ids([body])[body]
    assert [(v.post.code, v.since) for v in posts.vacant(card, on=DAY)] == [
        ("X", dt.date(2026, 10, 1)),
        ("H", None),
        ("Y", None),
    ]
    assert posts.strength([card], on=dt.date(2026, 9, 30))[body].filled == 1


def test_a_chain_of_transfers_works_in_one_transaction(house):
    """Anna and Bela change places: between the two writes both constraints are broken, at the end none is."""
    _, who, seats = house
    enter(
        house,
        "1",
        Line(who["anna"], seats["X"], "substantive", START),
        Line(who["bela"], seats["Y"], "substantive", START),
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS one_substantive_holder_per_post DEFERRED")
        cursor.execute(
            "UPDATE ehrms_posting SET post_id = CASE post_id WHEN %(x)s THEN %(y)s ELSE %(x)s END",
            {"x": seats["X"], "y": seats["Y"]},
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    held = postings.holders(seats.values(), on=DAY)
    assert held[seats["X"]][0].person == who["bela"]


INSERT = """
INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
VALUES (gen_random_uuid(), %s, %s, 'substantive', '[0,1000)', '[2026-01-01,)', '[2026-01-01,)', %s)
"""


@pytest.fixture
def committed(databases):
    """A database of its own with one ministry, two officials and two posts, committed, for real concurrency."""
    name = databases.clone("empty")
    with psycopg.connect(databases.url("postgres", name), autocommit=True) as c:
        c.execute("INSERT INTO institutions_body VALUES (gen_random_uuid(), 'm', 'M', 'ministry', 1, 2)")
        for login in ("anna", "bela"):
            c.execute(
                "INSERT INTO institutions_person (id, name, language) VALUES (gen_random_uuid(), %s, 'en')",
                [login],
            )
        for code in ("X", "Y"):
            c.execute(
                "INSERT INTO ehrms_post (id, code, body_id, designation, service, grade, level, kind, position,"
                " sensitive, state, sanctioned, sanction_order)"
                " SELECT gen_random_uuid(), %s, id, 'O', '', 'B', 8, 'regular', '', false, 'live', '[2020-01-01,)', '1'"
                " FROM institutions_body",
                [code],
            )
        c.execute(
            "INSERT INTO ehrms_order (id, number, kind, body_id, state, made_at, effective, reason, outside_bracket,"
            " examination) SELECT gen_random_uuid(), '1', 'transfer', id, 'in_force', now(), now(), '', false, '[]'"
            " FROM institutions_body"
        )
        found = {
            "people": [r[0] for r in c.execute("SELECT id FROM institutions_person ORDER BY name")],
            "posts": [r[0] for r in c.execute("SELECT id FROM ehrms_post ORDER BY code")],
            "order": c.execute("SELECT id FROM ehrms_order").fetchone()[0],
        }
    return databases.url(roles.WORKER, name), found


def race(url, first, second):
    """Runs two inserts at once on two connections, each committing when both have written; the errors raised."""
    barrier, errors = threading.Barrier(2, timeout=300), []

    def write(values):
        try:
            with psycopg.connect(url) as c:
                barrier.wait()
                c.execute(INSERT, values)
        except psycopg.Error as error:
            errors.append(error.diag.constraint_name)

    threads = [threading.Thread(target=write, args=[v]) for v in (first, second)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return errors


def test_two_concurrent_writers_cannot_give_one_post_two_holders(committed):
    url, found = committed
    (anna, bela), (x, _) = found["people"], found["posts"]
    for _ in range(5):
        errors = race(url, (anna, x, found["order"]), (bela, x, found["order"]))
        with psycopg.connect(url) as c:
            assert c.execute("SELECT count(*) FROM ehrms_posting").fetchone() == (1,)
            c.execute("DELETE FROM ehrms_posting")
        assert len(errors) == 1
        assert errors[0] in ("one_substantive_holder_per_post", None)


def test_two_concurrent_writers_cannot_give_one_official_two_posts(committed):
    url, found = committed
    (anna, _), (x, y) = found["people"], found["posts"]
    for _ in range(5):
        errors = race(url, (anna, x, found["order"]), (anna, y, found["order"]))
        with psycopg.connect(url) as c:
            assert c.execute("SELECT count(*) FROM ehrms_posting").fetchone() == (1,)
            c.execute("DELETE FROM ehrms_posting")
        assert len(errors) == 1


def test_who_works_under_a_post_gets_its_new_holder_as_supervisor(house):
    body, who, seats = house
    enter(
        house,
        "1",
        Line(who["anna"], seats["X"], "substantive", START),
        Line(who["bela"], seats["Y"], "substantive", START),
    )
    order = orders.Order(
        number="9", kind="transfer", body_id=body, state="issued", made_at=NOW, effective=DAY, reason=""
    )
    order.save()
    line = orders.OrderLine(
        order=order, person_id=who["head"], post_id=seats["H"], kind="substantive", since=DAY
    )
    line.save()
    effects.carry_out(order.id, on=DAY, now=NOW)
    before, after = dt.date(2026, 11, 20), DAY
    assert assignments.standing([who["anna"]], on=before)[who["anna"]].supervisor is None
    assert assignments.standing([who["anna"]], on=after)[who["anna"]].supervisor == who["head"]
    assert [s.person for s in assignments.team(who["head"], on=after)] == [who["anna"], who["bela"]]


def test_an_official_reads_their_own_postings_with_the_order_number_and_nobody_elses(house):
    _, who, seats = house
    enter(house, "1", Line(who["anna"], seats["X"], "substantive", START))
    enter(house, "2", Line(who["bela"], seats["Y"], "substantive", START))
    with acting(actor=who["anna"], on=DAY):
        found = postings.of([who["anna"], who["bela"]])
    assert {key: [p.order_no for p in rows] for key, rows in found.items()} == {who["anna"]: ["1"]}
