"""Joining and parting two records of one official through the pages, and what must not happen on the way."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from karmayogi.competency import evidence, profile
from karmayogi.institutions import aliases, assignments, bodies, likenesses, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.models import Account, LikelySame, PersonAlias, Proposal
from karmayogi.institutions.people import NewPerson
from karmayogi.journeys import my_data
from karmayogi.planning import plans
from karmayogi.registry.acting import acting, as_worker

from ..signing import sign_in
from .oracle import rows

pytestmark = pytest.mark.django_db
WHY = "Both records bear the same first appointment order and photograph."
CODE = "OLD-1"


@pytest.fixture
def her():
    """meenakshi, and an older record of hers in the same ministry with evidence of its own and the same mobile."""
    card = Account.objects.select_related("person").get(login="meenakshi")
    with as_worker():
        people.enrol(
            [NewPerson("meena.old", "Meenakshi Selvan", CODE, mobile=card.mobile, joined=card.person.joined)]
        )
        old = people.by_codes([CODE])[CODE]
        body = bodies.by_code("MORD-1").id
        assignments.write(
            [AssignmentFact(old, body, "Assistant", dt.date(2001, 1, 1), "old/1", until=dt.date(2002, 1, 1))]
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO competency_evidence (id, person_id, competency_id, source, happened_at, recorded_at, key,"
                " instrument, payload) SELECT gen_random_uuid(), %s, competency_id, source, happened_at, recorded_at,"
                " key, instrument, payload FROM competency_evidence WHERE person_id = %s AND source = 'test'",
                [old, card.person_id],
            )
    card.old = old
    return card


def ask(client, her):
    said = {"stays": her.person.employee_code, "other": CODE, "reason": WHY}
    response = client.post(reverse("records-compare"), said)
    return response, Proposal.objects.filter(act="person.merge").first()


def decide(client, proposal, decision="approve", answer=""):
    address = reverse("records-decide", kwargs={"proposal": proposal.id})
    assert client.get(address).status_code == 200
    return client.post(address, {"decision": decision, "answer": answer})


def joined(her):
    _response, proposal = ask(sign_in(Client(), "lalita"), her)
    assert decide(sign_in(Client(), "gurdeep"), proposal).status_code == 302
    return proposal


def test_a_clerk_asks_a_verifier_joins_and_parts_and_the_record_is_as_before(her):
    counted = "SELECT person_id, count(*) FROM competency_evidence GROUP BY 1 ORDER BY 1"
    before = rows(counted)
    with as_worker():
        own, old = (len(evidence.of([id])[id]) for id in (her.person_id, her.old))
    joined(her)
    assert rows("SELECT count(*) FROM registry_jobrun WHERE kind = 'journeys.joined'") == [(1,)]
    with as_worker():
        profile.refresh([her.person_id, her.old], now=timezone.now())
        assert len(evidence.of([her.person_id])[her.person_id]) == own + old
    clerk = sign_in(Client(), "lalita")
    link = PersonAlias.objects.get(person_id=her.person_id)
    address = reverse("records-part", kwargs={"link": link.id})
    assert clerk.get(address).status_code == 200
    clerk.post(address, {"reason": "The photographs show two people; the office confirmed it."})
    split = Proposal.objects.get(act="person.split")
    assert decide(sign_in(Client(), "gurdeep"), split).status_code == 302
    with as_worker():
        profile.refresh([her.person_id, her.old], now=timezone.now())
        assert (len(evidence.of([her.person_id])[her.person_id]), len(evidence.of([her.old])[her.old])) == (
            own,
            old,
        )
    assert rows(counted) == before


def test_the_page_of_the_official_shows_the_record_of_both(her):
    joined(her)
    assert "Assistant" in sign_in(Client(), "meenakshi").get("/record/").content.decode()


def test_my_data_holds_the_rows_of_both(her):
    with as_worker():
        alone = len(my_data.collect(her.person_id)["competency_evidence"])
    joined(her)
    with as_worker():
        both = my_data.collect(her.person_id)
    assert len(both["competency_evidence"]) > alone
    assert {row["employee_code"] for row in both["institutions_person"]} == {her.person.employee_code, CODE}


def test_the_record_that_was_joined_signs_in_no_more(her):
    other = Account.objects.get(person_id=her.old)
    other.set_password("twelve green parrots")
    other.save()
    client = Client()
    door = {"login": "meena.old", "password": "twelve green parrots"}
    client.post("/account/sign-in/", door)
    assert client.get("/home/").status_code == 200
    joined(her)
    assert client.get("/home/").status_code == 302, "its session ended"
    refused = Client().post("/account/sign-in/", door)
    assert refused.status_code == 403
    assert "Sign in with the account of that one" in refused.content.decode()


def test_nothing_is_joined_before_the_decision_or_by_the_wrong_person(her):
    clerk = sign_in(Client(), "lalita")
    _response, proposal = ask(clerk, her)
    assert decide(clerk, proposal).status_code == 409
    assert ask(sign_in(Client(), "gurdeep"), her)[0].status_code == 409
    decide(sign_in(Client(), "gurdeep"), proposal, "decline", "The photographs show two different people.")
    assert not PersonAlias.objects.exists()


def test_two_posts_at_once_are_refused_with_the_posts_named(her):
    clerk = sign_in(Client(), "lalita")
    other = Account.objects.select_related("person").get(login="arvind").person.employee_code
    page = clerk.get(reverse("records-compare"), {"stays": her.person.employee_code, "other": other})
    assert page.status_code == 409
    assert "Under Secretary (Procurement)" in page.content.decode()


def test_likely_pairs_are_found_with_reasons_and_set_aside_for_good(her):
    with as_worker():
        assert likenesses.find(now=timezone.now()) >= 1
    pair = LikelySame.objects.get(other_id=max(her.person_id, her.old), one_id=min(her.person_id, her.old))
    assert pair.reasons == ["mobile", "name", "joined", "body"]
    # 1 - (1 - 0.35)(1 - 0.2)(1 - 0.1)(1 - 0.5 alike), alike at least 0.6
    assert 0.67 <= float(pair.score) < 0.77
    clerk = sign_in(Client(), "lalita")
    assert "same mobile" in clerk.get(reverse("records")).content.decode()
    aside = {"why": "Two sisters who share a telephone; both were here."}
    clerk.post(reverse("records-aside", kwargs={"pair": pair.id}), aside)
    with as_worker():
        likenesses.find(now=timezone.now())
    assert LikelySame.objects.get(pk=pair.id).set_aside_at is not None
    assert pair.id not in [p.id for p in likenesses.likeliest(50)]


def test_a_number_of_a_whole_office_says_nothing(her):
    with as_worker():
        people.enrol(
            NewPerson(f"o{n}", f"{chr(65 + n)}a {chr(75 + n)}i", f"O{n}", mobile="+911123456789")
            for n in range(6)
        )
        likenesses.find(now=timezone.now())
    assert (
        not LikelySame.objects.filter(reasons__contains=["mobile"])
        .exclude(one_id=her.person_id)
        .exclude(other_id=her.person_id)
    )


def test_records_of_another_ministry_stay_out_of_sight(her):
    clerk = sign_in(Client(), "lalita")
    gogoi = Account.objects.select_related("person").get(login="gogoi")
    page = clerk.get(reverse("records-compare"), {"stays": gogoi.person.employee_code, "other": CODE})
    assert page.status_code == 404
    assert aliases.links([gogoi.person_id]) == []


A_PLAN = """
WITH plan AS (
    INSERT INTO planning_plan SELECT (jsonb_populate_record(NULL::planning_plan, to_jsonb(p) || jsonb_build_object('id',
        gen_random_uuid(), 'person_id', %s::text, 'made_at', p.made_at - interval '1 day'))).* FROM planning_plan p
    WHERE person_id = %s AND state = 'current' RETURNING id, person_id)
INSERT INTO planning_planitem SELECT (jsonb_populate_record(NULL::planning_planitem, to_jsonb(i) || jsonb_build_object(
    'id', gen_random_uuid(), 'plan_id', plan.id, 'person_id', plan.person_id, 'state', 'done', 'done_at', now(),
    'title', 'Wrote a note', 'kind', 'on_job', 'ref', gen_random_uuid()))).*
FROM plan, (SELECT * FROM planning_planitem WHERE person_id = %s LIMIT 1) i
"""
"""A plan of the other record with one step that it did today."""


def test_the_plan_is_that_of_the_record_that_stays_with_the_steps_done_under_both(her):
    with connection.cursor() as cursor:
        cursor.execute(A_PLAN, [her.old, her.person_id, her.person_id])
    stored = "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM planning_planitem t"
    with as_worker():
        alone, theirs = plans.of(her.person_id), plans.of(her.old)
    before = rows(stored)
    joined(her)
    with acting(actor=her.person_id, on=timezone.localdate(), purpose="official"):
        both = plans.of(her.person_id)
    assert (both.id, both.items) == (alone.id, alone.items)
    assert {step.title for step in both.done} == {step.title for step in alone.done} | {"Wrote a note"}
    assert "Wrote a note" in sign_in(Client(), "meenakshi").get("/plan/").content.decode()
    PersonAlias.objects.all().delete()
    with as_worker():
        assert (plans.of(her.person_id), plans.of(her.old)) == (alone, theirs)
    assert rows(stored) == before
