"""Cases: whoever's turn it is reads what was questioned, decides with a reason, and the official gets the answer."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from karmayogi.competency import frameworks, proofs
from karmayogi.competency.evidence import Source
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.competency.proofs import Note, Proof
from karmayogi.institutions import assignments, bodies, grants, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.grants import NewGrant
from karmayogi.institutions.people import NewPerson
from karmayogi.institutions.roles import Role
from karmayogi.journeys import answers
from karmayogi.policy import rules
from karmayogi.registry import cases, ids, outbox
from karmayogi.registry.acting import as_worker
from karmayogi.registry.models import Case
from karmayogi.web.pages import asked

from ...signing import sign_in

pytestmark = pytest.mark.django_db
SINCE = dt.date(2020, 1, 1)
SAID = "Two options of the fourth question were right."
WHY = "Both options fit the rule of 2017; the question is withdrawn."
NAMES = {"meenakshi": "ministry", "leela": "institute", "arvind": "ministry", "nandini": "institute"}


@pytest.fixture
def cast():
    """Four people, two offices under one service, a competency; leela and arvind answer for the whole service."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        people.enrol(
            NewPerson(n, n.title(), email=f"{n}@example.org", language="hi" if n == "meenakshi" else "en")
            for n in NAMES
        )
        found = {login: card.id for login, card in people.by_logins(list(NAMES)).items()}
        new = [NewBody("all", "Service", "service")]
        new += [NewBody(code, code.title(), "ministry", "all") for code in ("ministry", "institute")]
        known = bodies.establish(new, since=SINCE, order_no="1")
        assignments.write(AssignmentFact(found[n], known[b], "Officer", SINCE, "1") for n, b in NAMES.items())
        given = [("leela", Role.ASSESSOR), ("arvind", Role.ASSESSOR), ("nandini", Role.APPEAL_PANEL)]
        grants.give(
            NewGrant(
                person=found[n], role=role, body=known["all"], since=SINCE, order_no="1",
                granted_by=found["meenakshi"],
            )
            for n, role in given
        )  # fmt: skip
        scale = [NewLevel(n, {"en": f"Level {n}", "hi": f"स्तर {n}"}) for n in range(1, 6)]
        tenders = NewCompetency(
            "tenders", "functional", {"en": "Tender evaluation", "hi": "निविदा मूल्यांकन"}, "Weighs bids",
            {n: {"en": f"Weighs bids at {n}", "hi": f"निविदाओं को तौलता है {n}"} for n in range(1, 6)},
        )  # fmt: skip
        frameworks.publish(
            NewFramework("kmf", "Ours", "1", scale, [tenders], since=SINCE), now=timezone.now()
        )
        found["competency"] = frameworks.by_key("tenders").id
    return found


@pytest.fixture
def visit(client, cast):
    """A signed-in client for one of the cast."""

    def as_(login):
        return sign_in(client, cast[login])

    return as_


@pytest.fixture
def case(cast, visit):
    """A result that meenakshi questioned through her own page."""
    visit("meenakshi").post(f"/competencies/{cast['competency']}/question/", {"reason": SAID})
    with as_worker():
        (lodged,) = cases.of(cast["meenakshi"])
    return lodged.id


def test_a_questioned_result_waits_with_what_was_said_and_its_last_day(visit, case):
    page = visit("leela").get("/cases/").content.decode()
    assert f"/cases/{case}/" in page
    assert "Tender evaluation" in page
    assert SAID in page
    assert "Overdue" not in page
    with as_worker():
        Case.objects.filter(pk=case).update(due=timezone.localdate() - dt.timedelta(days=1))
    assert "Overdue" in visit("leela").get("/cases/").content.decode()


def test_nothing_waiting_says_what_will_appear(visit):
    assert "it appears here with its last day" in visit("leela").get("/cases/").content.decode()


@pytest.mark.parametrize(("login", "status"), [("arvind", 404), ("nandini", 404), ("meenakshi", 403)])
def test_the_own_office_another_turn_and_the_person_are_kept_out(visit, case, login, status):
    """arvind serves in the same office, nandini's panel has its turn later, meenakshi answers nobody."""
    assert visit(login).get(f"/cases/{case}/").status_code == status
    assert visit(login).post(f"/cases/{case}/", {"outcome": "upheld", "reason": WHY}).status_code == status
    if status == 404:
        assert SAID not in visit(login).get("/cases/").content.decode()


def test_a_late_case_moves_to_the_panel(visit, case):
    with as_worker():
        cases.escalate(now=timezone.now() + dt.timedelta(days=40))
    assert visit("leela").get(f"/cases/{case}/").status_code == 404
    assert SAID in visit("nandini").get(f"/cases/{case}/").content.decode()


def test_the_reviewer_is_told_nobodys_name(visit, case):
    page = visit("leela").get(f"/cases/{case}/").content.decode()
    assert SAID in page
    assert "Meenakshi" not in page


@pytest.mark.parametrize(
    "sent", [{"outcome": "upheld", "reason": "No."}, {"outcome": "worse", "reason": WHY}, {}]
)
def test_an_answer_without_a_choice_and_a_reason_is_not_sent(visit, case, sent):
    page = visit("leela").post(f"/cases/{case}/", sent).content.decode()
    assert "Nothing was decided" in page
    with as_worker():
        assert cases.card(case).state == "open"


def test_the_answer_reaches_the_official_as_notice_on_the_page_and_by_one_letter_in_hindi(cast, visit, case):
    answer = visit("leela").post(f"/cases/{case}/", {"outcome": "corrected", "reason": WHY})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{case}/")
    assert WHY in visit("leela").get(f"/cases/{case}/").content.decode()
    assert visit("leela").post(f"/cases/{case}/", {"outcome": "upheld", "reason": WHY}).status_code == 409
    assert (
        "Your question is answered: Tender evaluation" in visit("meenakshi").get("/notices/").content.decode()
    )
    link = f"/competencies/{cast['competency']}/question/"
    page = visit("meenakshi").get(link).content.decode()
    assert WHY in page
    assert "The result was wrong and is to be put right" in page
    now = timezone.now()
    with as_worker():
        assert [answers.write(case, link=link, now=now) for _ in "ab"] == [1, 1]
        channels = {"email": outbox.email(people.email_of)}
        assert outbox.deliver(now=now, channels=channels).sent == 1
    (letter,) = mail.outbox
    assert letter.to == ["meenakshi@example.org"]
    assert "निविदा मूल्यांकन" in letter.subject
    assert link in letter.body


def test_what_is_kept_of_the_evidence_says_all_but_who_observed():
    when = dt.datetime(2026, 11, 24, 5, tzinfo=dt.UTC)
    proof = Proof(
        when, Source.RATING, 3, True, Note.COUNTS, ids.new(), observer=ids.new(), level=4.0, level_name="Leads",
        counts_until=dt.date(2028, 11, 24), payload={"level": 4.0},
    )  # fmt: skip
    kept = asked.keep(None, [proof])
    assert str(proof.observer) not in str(kept)
    (read,) = asked.evidence(kept)
    assert read == proofs.Proof(
        when, Source.RATING, 3, True, Note.COUNTS, proof.id, level=4.0, counts_until=dt.date(2028, 11, 24)
    )
    assert asked.result(kept) is None
