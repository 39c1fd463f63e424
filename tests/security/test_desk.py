"""The help desk against those who sit at it: one person for both, other ministries, guessing, helping each other."""

import datetime as dt

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from karmayogi.institutions.models import Account, Proposal, Recovery, Session
from karmayogi.policy import rules
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import Letter
from karmayogi.web.pages.desk import CODES

from ..signing import sign_in
from ..windows import lasting
from .oracle import rows

pytestmark = pytest.mark.django_db
WHY = "She stood at our counter with her card this morning."
NEW = "98000 00123"
KEPT = "+919800000123"


@pytest.fixture
def her():
    account = Account.objects.select_related("person").get(login="meenakshi")
    account.set_password("twelve green parrots")
    account.save()
    return account


def code_of(login):
    return rows(
        "SELECT employee_code FROM institutions_person p JOIN institutions_account a ON a.person_id = p.id"
        " WHERE login = %s",
        login,
    )[0][0]


def found(client, code, reason=WHY):
    return client.post(reverse("desk"), {"code": code, "reason": reason})


def asked(client, account, **changes):
    """The proposal after the desk opened the record and asked for a new number."""
    response = found(client, account.person.employee_code)
    assert response.status_code == 302, response.content.decode()[:300]
    said = {
        "loss": "mobile",
        "mobile": NEW,
        "check": "document",
        "checked": "seen by the officer of room 204",
        "reason": WHY,
    }
    response = client.post(response["Location"], {**said, **changes})
    return response, Proposal.objects.filter(about=account.person_id, act="account.recover").first()


def decided(client, proposal, decision="approve", answer=""):
    return client.post(
        reverse("desk-decide", kwargs={"proposal": proposal.id}), {"decision": decision, "answer": answer}
    )


def mobile(login="meenakshi"):
    return Account.objects.get(login=login).mobile


def test_two_people_give_a_way_in_back_and_its_owner_is_told_twice(her):
    victim, former = sign_in(Client(), "meenakshi"), her.mobile
    assert victim.get("/home/").status_code == 200
    _response, proposal = asked(sign_in(Client(), "farida"), her)
    assert mobile() == former, "nothing changes before the decision"
    assert decided(sign_in(Client(), "joseph"), proposal).status_code == 302
    account = Account.objects.get(login="meenakshi")
    assert account.mobile == KEPT
    assert not account.has_usable_password()
    assert victim.get("/home/").status_code == 302, "all sessions ended"
    assert not Session.objects.filter(person_id=her.pk).exists()
    told = Letter.objects.filter(recipient=her.pk)
    assert {letter.payload.get("to") for letter in told if letter.kind == "sms"} == {former, KEPT}
    assert told.filter(kind="email").exists()
    assert rows("SELECT count(*) FROM institutions_auditrow WHERE act = 'account.recover'") == [(1,)]


def test_the_account_opens_after_the_wait_and_one_call_stops_it(her):
    former = her.mobile
    _response, proposal = asked(sign_in(Client(), "farida"), her)
    desk = sign_in(Client(), "joseph")
    decided(desk, proposal)
    recovery = Recovery.objects.get(asked=proposal)
    assert recovery.opens_at - recovery.made_at > dt.timedelta(hours=3)
    refused = Client().post("/demo/", {"as": "meenakshi"})
    assert refused.status_code == 403
    stop = {"reason": "She called from the office number: it was not her."}
    desk.post(reverse("desk-stop", kwargs={"recovery": recovery.id}), stop)
    assert mobile() == former
    assert Client().post("/demo/", {"as": "meenakshi"}).status_code == 302


def test_where_an_order_sets_no_wait_the_account_opens_at_once(her):
    today = timezone.localdate()
    with as_worker():
        rules.issue(
            [
                rules.NewRule(
                    "account.recovery_wait_hours", "number", 0, "test/1", since=today, order_date=today
                )
            ]
        )
    _response, proposal = asked(sign_in(Client(), "farida"), her)
    decided(sign_in(Client(), "joseph"), proposal)
    assert Client().post("/demo/", {"as": "meenakshi"}).status_code == 302


def test_one_person_is_not_both(her):
    desk, former = sign_in(Client(), "farida"), her.mobile
    _response, proposal = asked(desk, her)
    assert decided(desk, proposal).status_code in (400, 403, 404)
    assert mobile() == former


def test_a_declined_request_changes_nothing(her):
    former = her.mobile
    _response, proposal = asked(sign_in(Client(), "farida"), her)
    decided(sign_in(Client(), "joseph"), proposal, "decline", "The office number was answered by nobody.")
    assert mobile() == former
    assert not Recovery.objects.exists()


def test_an_official_of_another_ministry_does_not_exist_for_the_desk():
    desk = sign_in(Client(), "farida")
    other = found(desk, code_of("gogoi"))
    unknown = found(desk, "NO-SUCH-CODE")
    assert (other.status_code, unknown.status_code) == (404, 404)
    person = Account.objects.get(login="gogoi").person_id
    assert desk.get(reverse("desk-person", kwargs={"person": person})).status_code == 404


def test_a_record_is_not_opened_without_a_reason_and_the_reason_is_kept(her):
    desk = sign_in(Client(), "farida")
    address = reverse("desk-person", kwargs={"person": her.person_id})
    assert desk.get(address).status_code == 302
    assert found(desk, her.person.employee_code, "lost").status_code == 400
    assert found(desk, her.person.employee_code).status_code == 302
    page = desk.get(address).content.decode()
    assert her.person.name in page
    assert her.mobile not in page
    assert rows("SELECT reason FROM institutions_auditrow WHERE act = 'desk.open'") == [(WHY,)]


def test_codes_are_not_guessed(monkeypatch):
    monkeypatch.setattr("karmayogi.web.pages.desk.CODES", lasting(CODES))
    desk = sign_in(Client(), "farida")
    answers = [found(desk, f"D{n:05d}X").status_code for n in range(CODES.times + 2)]
    assert answers == [404] * CODES.times + [429] * 2


def test_a_desk_helps_no_member_of_a_desk_and_nobody_helps_themselves():
    farida = sign_in(Client(), "farida")
    for login in ("joseph", "farida"):
        account = Account.objects.select_related("person").get(login=login)
        response, proposal = asked(farida, account)
        assert response.status_code == 400, login
        assert proposal is None


def test_a_number_that_somebody_has_is_not_given_to_another(her):
    former = her.mobile
    _response, proposal = asked(sign_in(Client(), "farida"), her, mobile=mobile("arvind"))
    assert decided(sign_in(Client(), "joseph"), proposal).status_code == 400
    assert mobile() == former


def test_the_web_cannot_change_a_number_without_an_approved_request(her):
    """The trigger and the policies, asked in SQL: by the owner, by the desk, and by a checker without a proposal."""
    desk = Account.objects.get(login="joseph").person_id
    wrong = "UPDATE institutions_account SET mobile = '+91999' WHERE person_id = %s"
    with acting(actor=her.pk, on=timezone.localdate()), pytest.raises(Error, match="approved recovery"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(wrong, [her.pk])
    with acting(actor=desk, on=timezone.localdate(), purpose="help_desk"), connection.cursor() as cursor:
        cursor.execute(wrong, [her.pk])
        assert cursor.rowcount == 0, "the desk does not even see the account"
    assert mobile() != "+91999"
    _response, proposal = asked(sign_in(Client(), "farida"), her)
    with (
        acting(actor=desk, on=timezone.localdate(), purpose="help_desk"),
        pytest.raises(Error, match="row-level"),
    ):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO institutions_recovery (id, person_id, body_id, asked_id, former_mobile, new_mobile,"
                " made_at, opens_at, why_stopped, touched_by_id, touched_at) VALUES (gen_random_uuid(), %s, %s, %s, '',"
                " %s, now(), now(), '', %s, now())",
                [her.pk, proposal.body_id, proposal.id, KEPT, desk],
            )


def test_without_the_trigger_the_owner_could_change_the_number(her):
    """The planted fault: the test above would see it."""
    rows("ALTER TABLE institutions_account DISABLE TRIGGER account_by_recovery")
    with acting(actor=her.pk, on=timezone.localdate()), connection.cursor() as cursor:
        cursor.execute("UPDATE institutions_account SET mobile = '+91999' WHERE person_id = %s", [her.pk])
    assert mobile() == "+91999"


def test_the_desk_sees_no_level_and_no_evidence(her):
    desk = Account.objects.get(login="farida").person_id
    scopes = rows(
        "SELECT '{' || int4range(lower, upper)::text || '}' FROM institutions_body WHERE code = 'MORD'"
    )[0][0]
    seen = {}
    with acting(actor=desk, scopes=scopes, on=timezone.localdate(), purpose="help_desk"):
        for table in ("competency_evidence", "competency_estimate", "credentials_statement", "ehrms_posting"):
            seen[table] = rows(f"SELECT count(*) FROM {table} WHERE person_id = %s", her.pk)[0][0]
        known = rows("SELECT count(*) FROM institutions_person WHERE id = %s", her.pk)[0][0]
        account = rows("SELECT count(*) FROM institutions_account WHERE person_id = %s", her.pk)[0][0]
    assert (set(seen.values()), known, account) == ({0}, 1, 0)
