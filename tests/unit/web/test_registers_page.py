"""Somebody asks that a register be completed, another person decides, a job enters it: domain, body, designation."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from karmayogi.institutions import bodies, designations, domains, people, registrations
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.designations import Title
from karmayogi.institutions.models import AuditRow, Body, BodyPlace, EmailDomain, Proposal
from karmayogi.institutions.people import NewPerson
from karmayogi.institutions.roles import Role
from karmayogi.journeys import jobs as clock
from karmayogi.registry import notices
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import JobRun

from ...signing import sign_in
from .service import SINCE, set_up

pytestmark = pytest.mark.django_db
WHY = "The letter of the ministry of 2 March lies in room 204."
CHECKED = "The letter of 2 March says so, and the ministry confirmed it by phone."
NAMES = {"asha": "office", "bina": "office", "head": "ministry", "operator": "top", "far": "far"}


@pytest.fixture
def cast():
    """An office under a ministry, another ministry; a head of the ministry and an operator of the whole."""
    new = [
        NewBody("top", "The service", "service"),
        NewBody("ministry", "Ministry", "ministry", "top"),
        NewBody("far", "Far", "ministry", "top"),
        NewBody("office", "Office", "office", "ministry"),
    ]
    return set_up(
        new,
        NAMES,
        [("head", Role.HEAD, "ministry"), ("operator", Role.OPERATOR, "top"), ("far", Role.HEAD, "far")],
    )


@pytest.fixture
def visit(client, cast):
    return lambda login: sign_in(client, cast[login])


def ask(visit, register, /, *, who="asha", **said):
    given = {"reason": WHY, "body": "ministry", "sure": "yes", **said}
    return visit(who).post(f"/registers/ask/{register}/", given)


def a_body(visit, **said):
    new = {
        "name": "Roads Wing",
        "code": "ROADS",
        "kind": "office",
        "order": "A-1/2026",
        "since": "2026-01-05",
    }
    return ask(visit, "body", **{**new, **said})


def asked():
    return Proposal.objects.order_by("-made_at").first()


def decide(visit, proposal, *, who="operator", decision="approve", answer=CHECKED):
    return visit(who).post(f"/registrar/requests/{proposal.id}/", {"decision": decision, "answer": answer})


def carry_out(proposal):
    """What the worker does with the job that the decision asked for."""
    assert (
        JobRun.objects.filter(kind=registrations.JOB, arguments={"proposal": str(proposal.id)}).count() == 1
    )
    with as_worker():
        now = timezone.now()
        return registrations.carry_out(proposal.id, on=timezone.localdate(now), now=now)


def page(visit, who="asha"):
    return visit(who).get("/registers/").content.decode()


def test_a_domain_is_asked_for_checked_by_another_entered_and_shown(visit, cast):
    assert ask(visit, "domain", domain="Clerk@Rural.Example.IN").status_code == 302
    proposal = asked()
    assert "Waiting" in page(visit)
    assert decide(visit, proposal).status_code == 302
    assert not EmailDomain.objects.exists(), "the web enters nothing itself"
    assert carry_out(proposal) == 1
    (row,) = EmailDomain.objects.all()
    assert (row.domain, row.body.code, row.asked) == ("rural.example.in", "ministry", proposal.id)
    shown = page(visit)
    assert "rural.example.in" in shown
    assert "Entered" in shown
    assert CHECKED in shown
    with as_worker():
        (told,) = notices.of(cast["asha"])
    assert (told.kind, told.params) == ("registration_approved", {"name": "rural.example.in"})
    acts = list(AuditRow.objects.order_by("id").values_list("act", flat=True))
    assert acts.count("proposal.make") == acts.count("proposal.approve") == acts.count("domain.enter") == 1


def test_a_body_takes_its_place_and_every_other_subtree_stays_what_it_was(visit, cast):
    def under():
        return {b.code: {o.code for o in Body.objects.filter(lower__gte=b.lower, lower__lt=b.upper)} for b in
                Body.objects.all()}  # fmt: skip

    before = under()
    assert a_body(visit).status_code == 302
    proposal = asked()
    assert decide(visit, proposal, who="head").status_code == 302
    assert carry_out(proposal) == 1
    after = under()
    assert after.pop("ROADS") == {"ROADS"}
    assert after == {c: s | ({"ROADS"} if c in ("top", "ministry") else set()) for c, s in before.items()}
    place = BodyPlace.objects.get(body__code="ROADS")
    assert (place.parent.code, place.order_no, place.during.lower) == (
        "ministry",
        "A-1/2026",
        dt.date(2026, 1, 5),
    )


def test_what_is_alike_is_shown_before_a_designation_is_asked_for(visit, cast):
    with as_worker():
        designations.record(
            [Title("1", "Assistant Engineer"), Title("2", "Driver")], source="t", now=timezone.now()
        )
    first = ask(visit, "designation", name="Asistant Engineer", sure="")
    assert first.status_code == 200
    assert "Assistant Engineer" in first.content.decode()
    assert "Driver" not in first.content.decode()
    assert not Proposal.objects.exists()
    assert ask(visit, "designation", name="Asistant Engineer").status_code == 302
    shown = visit("operator").get(f"/registrar/requests/{asked().id}/").content.decode()
    assert "Assistant Engineer" in shown, "whoever decides sees it too"
    decide(visit, asked())
    assert carry_out(asked()) == 1
    assert designations.resolve(["ASISTANT  ENGINEER"]) == {"ASISTANT  ENGINEER": "Asistant Engineer"}


def test_what_stands_in_the_register_is_not_asked_for_again(visit, cast):
    with as_worker():
        designations.record([Title("1", "Section Officer")], source="t", now=timezone.now())
    assert b"in the register already" in ask(visit, "designation", name="SECTION   OFFICER").content
    assert b"has the code ministry already" in a_body(visit, code="Ministry").content
    assert b"stands under this body already" in a_body(visit, name="office").content
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    "domain", ["gmail.com", "mail.yahoo.co.in", "gov.in", "in", "nic.in", "rural", "a b.in", "", "x@"]
)
def test_public_shared_and_broken_domains_are_refused(visit, cast, domain):
    assert ask(visit, "domain", domain=domain).status_code == 400
    assert not Proposal.objects.exists()


def test_a_part_of_a_shared_domain_is_a_body_s_own():
    assert domains.normal("A@Rural.भारत.") == "rural.xn--h2brj9c"
    domains.refuse_shared("rural.gov.in")
    with pytest.raises(domains.SharedDomain):
        domains.refuse_shared("gmail.com")


def test_a_domain_of_another_body_is_not_taken_nor_one_under_it(visit, cast):
    ask(visit, "domain", domain="rural.example.in")
    decide(visit, asked())
    carry_out(asked())
    for domain in ("rural.example.in", "north.rural.example.in", "example.in"):
        refused = ask(visit, "domain", who="far", domain=domain, body="far")
        assert refused.status_code == 400, domain
        assert b"is entered already" in refused.content
    assert ask(visit, "domain", domain="office.rural.example.in", body="office").status_code == 302


def test_the_database_gives_one_domain_to_one_body(cast):
    ministry, far = Body.objects.get(code="ministry"), Body.objects.get(code="far")
    now, other = timezone.now(), far.id
    with as_worker():
        domains.enter("one.example.in", ministry.id, asked=far.id, since=SINCE, now=now)
        with pytest.raises(domains.DomainTaken):
            domains.enter("one.example.in", other, asked=far.id, since=SINCE, now=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            EmailDomain(
                domain="One.Example.in", body=far, during="[2020-01-01,)", asked=far.id, recorded_at=now
            ).save()


def test_nobody_decides_their_own_nor_outside_their_bodies_nor_without_a_reason(visit, cast):
    ask(visit, "domain", who="operator", domain="top.example.in", body="top")
    assert decide(visit, asked()).status_code == 400
    a_body(visit)
    assert visit("far").get(f"/registrar/requests/{asked().id}/").status_code == 404
    assert decide(visit, asked(), who="far").status_code == 404
    assert visit("bina").get("/registrar/").status_code == 403
    assert decide(visit, asked(), who="head", answer="ok").status_code == 400
    assert set(Proposal.objects.values_list("state", flat=True)) == {"waiting"}
    assert not JobRun.objects.exists()


def test_a_head_decides_on_bodies_and_not_on_what_all_share(visit, cast):
    ask(visit, "domain", domain="rural.example.in")
    assert decide(visit, asked(), who="head").status_code == 400
    assert "Read and decide" not in visit("head").get("/registrar/").content.decode()
    a_body(visit)
    assert "Read and decide" in visit("head").get("/registrar/").content.decode()


def test_a_declined_request_enters_nothing_and_says_why(visit, cast):
    a_body(visit)
    why = "The order sets up a cell, not an office. Ask again with its kind put right."
    assert decide(visit, asked(), decision="decline", answer=why).status_code == 302
    assert not JobRun.objects.exists()
    assert why in page(visit)
    with as_worker():
        assert notices.of(cast["asha"])[0].kind == "registration_declined"


def test_what_was_entered_in_the_meantime_is_not_entered_twice_and_whoever_asked_is_told(visit, cast):
    a_body(visit)
    proposal = asked()
    decide(visit, proposal)
    with as_worker():
        bodies.establish([NewBody("ROADS", "Another", "office", "far")], since=SINCE, order_no="2")
    assert carry_out(proposal) == 0
    assert carry_out(proposal) == 0, "and a second run changes nothing"
    assert Body.objects.get(code="ROADS").name == "Another"
    assert "has the code ROADS already" in page(visit)
    with as_worker():
        assert [n.kind for n in notices.of(cast["asha"])] == ["registration_failed", "registration_approved"]


def test_an_unapproved_request_is_not_carried_out(visit, cast):
    a_body(visit)
    now = timezone.now()
    with as_worker(), pytest.raises(registrations.NotApproved):
        registrations.carry_out(asked().id, on=timezone.localdate(now), now=now)


def test_one_asks_for_one_s_own_line_only_once_and_takes_it_back(visit, cast):
    assert ask(visit, "domain", domain="rural.example.in", body="far").status_code == 400
    ask(visit, "domain", domain="rural.example.in")
    assert ask(visit, "domain", who="bina", domain="rural.example.in").status_code == 400
    proposal = asked()
    assert visit("bina").post(f"/registers/requests/{proposal.id}/withdraw/").status_code == 404
    assert visit("asha").post(f"/registers/requests/{proposal.id}/withdraw/").status_code == 302
    assert asked().state == "withdrawn"


def test_whoever_serves_nowhere_is_told_who_can_ask(visit, cast):
    with as_worker():
        people.enrol([NewPerson("idle", "Idle", employee_code="idle", joined=SINCE)])
        cast["idle"] = people.by_logins(["idle"])["idle"].id
    assert "Your establishment section can" in page(visit, "idle")
    assert ask(visit, "domain", who="idle", domain="rural.example.in").status_code == 200
    assert not Proposal.objects.exists()


def test_the_web_role_writes_none_of_the_registers(cast):
    """The net under the pages: in SQL, as an operator who approved."""
    ministry = Body.objects.get(code="ministry")
    with acting(actor=cast["operator"], scopes="{[1,100)}", on=timezone.localdate(), purpose="registrar"):
        for write in (
            lambda: Body.objects.filter(pk=ministry.pk).update(upper=99),
            lambda: domains.enter(
                "a.example.in", ministry.id, asked=ministry.id, since=SINCE, now=timezone.now()
            ),
            lambda: bodies.establish([NewBody("X", "X", "office", "top")], since=SINCE, order_no="1"),
        ):
            with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                write()


def test_the_worker_knows_the_job():
    assert clock.register
    assert registrations.JOB in app.tasks
