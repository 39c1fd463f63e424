"""The register of breaches: clocks, lists made in sets, letters in each language, and no closing before its time."""

import datetime as dt

import pytest
from django.utils import timezone

from karmayogi.institutions import assignments, audit, bodies, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.journeys import affected
from karmayogi.policy import breaches, rules
from karmayogi.registry import notices
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import Letter

pytestmark = pytest.mark.django_db
NOW = timezone.now()
KNOWN = NOW - dt.timedelta(hours=5)
SINCE = dt.date(2020, 1, 1)


@pytest.fixture
def who():
    """anna (hi) and bela (en, no address) under a, chand (ur) under b; operator nowhere; breach B/1 is open."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        told = [
            ("anna", "hi", "a@example.org"),
            ("bela", "en", ""),
            ("chand", "ur", "c@example.org"),
            ("op", "en", ""),
        ]
        people.enrol(
            NewPerson(n, n.title(), employee_code=f"E-{n}", language=lang, email=m) for n, lang, m in told
        )
        found = {n: card.id for n, card in people.by_logins([n for n, *_ in told]).items()}
        known = bodies.establish(
            [NewBody("m", "M", "ministry"), NewBody("a", "A", "wing", "m"), NewBody("b", "B", "wing", "m")],
            since=SINCE, order_no="1",
        )  # fmt: skip
        served = [("anna", "a"), ("bela", "a"), ("chand", "b")]
        assignments.write(AssignmentFact(found[n], known[b], "Officer", SINCE, "1") for n, b in served)
        breaches.open_one("B/1", what="A laptop was lost.", known_at=KNOWN, by=found["op"], now=NOW)
        yield found


def add(who, query):
    return breaches.list_affected(
        "B/1", query.sql, values=query.values, found_by=query.words, by=who["op"], now=NOW
    )


def test_the_clocks_run_from_the_moment_it_was_known(who):
    card = breaches.card("B/1")
    assert (card.cert_due, card.board_due) == (KNOWN + dt.timedelta(hours=6), KNOWN + dt.timedelta(hours=72))


def test_people_are_listed_once_whatever_finds_them(who):
    assert add(who, affected.named(["E-anna", str(who["bela"]), "nobody", ""])) == 2
    assert add(who, affected.serving_in("a", on=timezone.localdate())) == 0
    assert add(who, affected.serving_in("m", on=timezone.localdate())) == 1
    assert breaches.affected_by_body(breaches.card("B/1").id) == [("a", 2), ("b", 1)]


def test_whom_a_misused_account_acted_on_is_found_in_the_log(who):
    audit.record("person.read", actor=who["op"], object_kind="person", object_id=who["chand"])
    audit.record("person.read", actor=who["bela"], object_kind="person", object_id=who["anna"])
    query = affected.handled_by(who["op"], since=KNOWN, until=NOW + dt.timedelta(hours=1))
    assert add(who, query) == 1
    assert breaches.untold("B/1") == [who["chand"]]


def test_sessions_from_an_address_are_found_between_two_moments(who):
    from karmayogi.institutions.models import Session

    for name, place, hours in [
        ("anna", "192.0.2.7", 3),
        ("bela", "192.0.2.8", 3),
        ("chand", "192.0.2.7", 30),
    ]:
        Session(
            session_key=name, session_data="x", expire_date=NOW, person_id=who[name], place=place,
            opened_at=NOW - dt.timedelta(hours=hours),
        ).save(force_insert=True)  # fmt: skip
    add(who, affected.signed_in_from("192.0.2.7", since=KNOWN, until=NOW))
    assert breaches.untold("B/1") == [who["anna"]]


def test_everyone_with_a_row_in_a_table_is_found_and_other_tables_are_refused(who):
    assert add(who, affected.in_table("institutions_assignment")) == 3
    with pytest.raises(affected.NoSuchTable):
        affected.in_table("institutions_body; DROP TABLE x")


def test_the_affected_are_told_once_in_their_language_and_see_only_their_own_row(who):
    from karmayogi.policy.models import Affected

    add(who, affected.in_table("institutions_assignment"))
    assert affected.tell("B/1", by=who["op"], now=NOW) == 3
    assert affected.tell("B/1", by=who["op"], now=NOW) == 0
    letters = {letter.recipient: letter.payload["text"] for letter in Letter.objects.filter(kind="email")}
    assert set(letters) == {who["anna"], who["chand"]}
    assert letters[who["anna"]] != letters[who["chand"]]
    assert [n.kind for n in notices.of(who["bela"])] == ["breach"]
    with acting(actor=who["anna"]):
        assert list(Affected.objects.values_list("person_id", flat=True)) == [who["anna"]]


def test_a_breach_closes_only_reported_told_and_with_its_measures(who):
    add(who, affected.named(["anna"]))
    with pytest.raises(breaches.NotToBeClosed):
        breaches.close("B/1", measures="Disks are encrypted.", by=who["op"], now=NOW)
    breaches.report("B/1", to="cert", by=who["op"], at=NOW)
    breaches.report("B/1", to="board", by=who["op"], at=NOW)
    with pytest.raises(breaches.NotToBeClosed):
        breaches.close("B/1", measures="Disks are encrypted.", by=who["op"], now=NOW)
    affected.tell("B/1", by=who["op"], now=NOW)
    assert breaches.close("B/1", measures="Disks are encrypted.", by=who["op"], now=NOW).closed_at == NOW
    text = affected.report("B/1")
    assert "People affected:        1   told: 1" in text
    assert "Disks are encrypted." in text
