"""Consents step by step, the privacy notice, and letters that rest on a consent."""

import datetime as dt

import pytest
from django.utils import timezone

from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.journeys import my_data
from karmayogi.policy import consents, privacy_notice, rules
from karmayogi.registry import outbox
from karmayogi.registry.acting import acting, as_worker

from ...signing import sign_in

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timezone.localdate()


@pytest.fixture
def anna():
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        people.enrol([NewPerson("anna", "Anna"), NewPerson("bela", "Bela")])
        return people.find("anna")[0]


def say(person, given, when=NOW):
    with acting(actor=person):
        return consents.say(person, "reminders", given=given, now=when, on=DAY)


def standing(person):
    with as_worker():
        return consents.given_by([person], matter="reminders") == {person}


def test_the_latest_step_counts_and_every_step_is_kept(anna):
    assert not standing(anna)
    assert say(anna, True)
    assert not say(anna, True, NOW + dt.timedelta(seconds=1))
    assert standing(anna)
    assert say(anna, False, NOW + dt.timedelta(seconds=2))
    assert not standing(anna)
    with acting(actor=anna):
        assert [s.given for s in consents.of(anna)] == [False, True]


def test_a_letter_that_rests_on_a_consent_does_not_leave_once_it_is_withdrawn(anna):
    sent = []
    with as_worker():
        for key, payload in [("code", {}), ("due", {consents.RESTS_ON: "reminders"})]:
            outbox.put(key, kind="sms", recipient=anna, payload=payload, due=NOW)
    say(anna, True)
    say(anna, False, NOW + dt.timedelta(seconds=1))
    with as_worker():
        outbox.deliver(now=NOW, channels={"sms": consents.heeding(lambda letter: sent.append(letter.key))})
        assert sent == ["code"]
    say(anna, True, NOW + dt.timedelta(seconds=2))
    with as_worker():
        later = NOW + dt.timedelta(minutes=10)
        outbox.deliver(now=later, channels={"sms": consents.heeding(lambda letter: sent.append(letter.key))})
    assert sent == ["code", "due"]


def test_nobody_consents_for_somebody_else_nor_changes_a_step(anna):
    from django.db import Error, connection, transaction

    with as_worker():
        (bela,) = people.find("bela")
    with acting(actor=bela), pytest.raises(Error), transaction.atomic():
        consents.say(anna, "reminders", given=True, now=NOW, on=DAY)
    say(anna, True)
    for act in ("UPDATE policy_consent SET given = false", "DELETE FROM policy_consent"):
        with acting(actor=anna), pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(act)


def test_the_ledger_and_the_acknowledgement_stand_in_the_copy_of_my_data(anna):
    say(anna, True)
    with acting(actor=anna):
        privacy_notice.acknowledge(anna, language="hi", now=NOW, on=DAY)
    with as_worker():
        found = my_data.collect(anna)
    assert [row["matter"] for row in found["policy_consent"]] == ["reminders"]
    shown = privacy_notice.in_force("hi", on=DAY)
    assert [(r["version"], r["language"], r["digest"]) for r in found["policy_acknowledgement"]] == [
        (shown.version, "hi", shown.digest)
    ]


def test_the_page_gives_and_withdraws_with_one_button(client, anna):
    visit = sign_in(client, anna)
    visit.post("/account/consent/", {"matter": "reminders", "say": "give"})
    assert standing(anna)
    assert "Withdraw" in visit.get("/account/consent/").content.decode()
    visit.post("/account/consent/", {"matter": "reminders", "say": "withdraw"})
    assert not standing(anna)
    assert visit.post("/account/consent/", {"matter": "everything", "say": "give"}).status_code == 404


@pytest.mark.parametrize("language", ["en", "hi", "ur"])
def test_the_notice_has_its_six_parts_in_every_language(language):
    notice = privacy_notice.in_force(language, on=DAY)
    assert notice.language == language
    assert len(notice.sections()) == 6
    assert all(head and body for head, body in notice.sections())


def test_who_signs_in_reads_the_notice_first_and_once(client, anna, settings):
    settings.DEMO = False
    visit = sign_in(client, anna)
    assert visit.get("/").headers["location"] == "/account/notice/"
    assert "I have read it" in visit.get("/account/notice/").content.decode()
    assert visit.post("/account/notice/").headers["location"] == "/"
    assert visit.get("/").headers["location"] == "/home/"


def test_another_version_is_shown_again(client, anna, settings, monkeypatch):
    settings.DEMO = False
    visit = sign_in(client, anna)
    visit.post("/account/notice/")
    monkeypatch.setattr(privacy_notice, "_versions", lambda: [("2026-1", DAY)])
    assert visit.get("/").headers["location"] == "/home/"
    monkeypatch.setattr(privacy_notice, "_versions", lambda: [("2026-2", DAY)])
    monkeypatch.setattr(
        privacy_notice,
        "_path",
        lambda version, language="", path=privacy_notice._path: path("2026-1", language),
    )
    assert visit.get("/").headers["location"] == "/account/notice/"
