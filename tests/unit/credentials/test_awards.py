"""Levels are stated by rule, once, and withdrawn with a reason."""

import datetime as dt
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection

from karmayogi.competency.evidence import Source
from karmayogi.credentials import awards, verify
from karmayogi.credentials.models import PublishedStatement, Statement
from karmayogi.institutions.models import Account, AuditRow, Person
from karmayogi.policy import rules
from karmayogi.registry import notices
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import Letter
from karmayogi.standards import signing

from .conftest import NOW

pytestmark = pytest.mark.django_db
DAY = NOW.date()


def consider(service, *people, now=NOW):
    with as_worker():
        service.refresh(*people, now=now)
        return awards.consider(people, now=now)


def evidence_of_two_kinds(service, person):
    with as_worker():
        service.test(person)
        service.rate(person)


def test_two_kinds_of_evidence_that_make_it_sure_are_stated_once(service):
    evidence_of_two_kinds(service, service.anna)
    (first,) = consider(service, service.anna, service.bela)
    assert consider(service, service.anna, service.bela) == []
    with acting(actor=service.anna, on=DAY):
        (card,) = awards.of(service.anna)
        assert card.id == first
        assert card.level >= 3
        assert card.document["holder"] == {"name": "Anna"}
        assert [e["kind"] for e in card.document["evidence"]] == ["rating", "test"]
        (notice,) = notices.of(service.anna)
        assert (notice.kind, notice.params["level"]) == ("statement_issued", card.level)
    with acting(actor=service.bela, on=DAY):
        assert awards.of(service.anna) == []


def test_each_statement_issued_is_an_entry_of_the_log_that_names_its_document(service):
    evidence_of_two_kinds(service, service.anna)
    (first,) = consider(service, service.anna)
    with as_worker():
        (card,) = awards.of(service.anna)
        row = AuditRow.objects.get(id=awards.entry_of(first, card.document))
        assert (row.act, row.object_id, row.actor) == ("statement.issue", str(first), None)
        assert row.details == {"document": signing.digest(card.document)}
        bent = {**card.document, "issuer": "Somebody else"}
        assert awards.entry_of(first, bent) != row.id


def test_one_kind_of_evidence_gives_no_level_of_the_upper_part(service):
    with as_worker():
        service.test(service.anna)
        service.test(service.anna, source=Source.TEST, key="sitting:2")  # a test again, not another kind
    consider(service, service.anna)
    with as_worker():
        assert [card.level for card in awards.of(service.anna)] == [2]


def test_without_evidence_nothing_is_stated(service):
    assert consider(service, service.anna, service.bela) == []


def test_evidence_that_an_order_does_not_admit_for_certificates_counts_for_nothing(service):
    house = next(rule for rule in rules.HOUSE_DEFAULTS if rule.key == "evidence.use")
    barred = {**house.value, "rating": {**house.value["rating"], "certificate": False}}
    with as_worker():
        rules.issue([replace(house, value=barred, order_no="2/2025", since=dt.date(2025, 1, 1))])
    evidence_of_two_kinds(service, service.anna)
    consider(service, service.anna)
    with as_worker():
        assert [card.level for card in awards.of(service.anna)] == [2]


def test_a_statement_counts_until_too_few_kinds_are_left(service):
    evidence_of_two_kinds(service, service.anna)
    consider(service, service.anna)
    with as_worker():
        (card,) = awards.of(service.anna)
    assert card.until == DAY + dt.timedelta(days=731)  # the rating expires first


def test_a_higher_level_takes_the_place_of_the_lower_and_both_are_kept(service):
    with as_worker():
        service.test(service.anna)
    consider(service, service.anna)
    later = NOW + dt.timedelta(days=10)
    with as_worker():
        service.rate(service.anna, when=later)
    consider(service, service.anna, now=later)
    with as_worker():
        new, old = awards.of(service.anna)
        assert new.level > old.level == 2
        assert old.replaced_by == new.id
    with acting():
        assert verify.check(old.code, now=later).facts.replaced_by == new.document["code"]


def test_a_withdrawn_level_is_not_stated_again_on_the_same_evidence_but_on_new(service):
    evidence_of_two_kinds(service, service.anna)
    (first,) = consider(service, service.anna)
    with as_worker():
        with pytest.raises(awards.ReasonMissing):
            awards.withdraw(first, by=service.boss, reason=" ", now=NOW)
        awards.withdraw(first, by=service.boss, reason="The sitting was another person's.", now=NOW)
        with pytest.raises(awards.StatementAlreadyWithdrawn):
            awards.withdraw(first, by=service.boss, reason="Again.", now=NOW)
    assert consider(service, service.anna) == []
    with as_worker():
        service.rate(service.anna, key="rating:2", when=NOW)
    assert len(consider(service, service.anna)) == 1


def test_the_web_role_can_neither_issue_nor_change_nor_list(service):
    evidence_of_two_kinds(service, service.anna)
    consider(service, service.anna)
    with pytest.raises(Exception, match="permission denied"), acting(actor=service.anna, on=DAY):
        Statement.objects.update(level=5)
    with pytest.raises(Exception, match="permission denied"), acting(actor=service.anna, on=DAY):
        Statement.objects.all().delete()
    with acting(actor=service.anna, on=DAY):
        assert PublishedStatement.objects.count() == 0
    with acting():
        assert Statement.objects.count() == PublishedStatement.objects.count() == 0


def test_an_award_goes_by_mail_once_in_the_persons_language_and_only_where_it_is_asked_for(service):
    with as_worker():
        Account.objects.filter(person_id=service.anna).update(email="anna@example.org")
        Person.objects.filter(id=service.anna).update(language="hi")
    for person in (service.anna, service.bela):
        evidence_of_two_kinds(service, person)
    with as_worker():
        service.refresh(service.anna, service.bela)
        assert len(awards.consider([service.anna, service.bela], now=NOW, by_mail=True)) == 2
        awards.consider([service.anna, service.bela], now=NOW, by_mail=True)
        (letter,) = Letter.objects.all()
    assert letter.recipient == service.anna
    assert "निविदा मूल्यांकन" in letter.payload["subject"]


def test_who_loses_a_certificate_is_told_and_gets_the_reason_by_letter_in_their_language(service):
    with as_worker():
        Account.objects.filter(person_id=service.anna).update(email="anna@example.org")
        Person.objects.filter(id=service.anna).update(language="hi")
    evidence_of_two_kinds(service, service.anna)
    (first,) = consider(service, service.anna)
    with as_worker():
        awards.withdraw(first, by=service.boss, reason="The sitting was another person's.", now=NOW)
        (letter,) = Letter.objects.all()
        told = notices.of(service.anna)
    assert [n.kind for n in told if n.kind == "statement_withdrawn"] == ["statement_withdrawn"]
    assert letter.recipient == service.anna
    assert "निरस्त" in letter.payload["subject"]
    assert "The sitting was another person's." in letter.payload["text"]


def turns(*people):
    """The locks that a consideration of these people holds."""
    with as_worker(), connection.cursor() as cursor:
        awards.consider(people, now=NOW)
        cursor.execute(
            "SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid = 2"
            " ORDER BY objid"
        )
        return [turn for (turn,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_considerations_of_different_people_do_not_wait_for_each_other(service):
    one, other, a_twin = UUID(int=1), UUID(int=2), UUID(int=1 + awards.TURNS)
    assert turns(one) == turns(one) != turns(other)
    assert turns(one, other) == sorted(turns(one) + turns(other))
    assert turns(one, a_twin) == turns(one)
    assert len(turns(*(UUID(int=n) for n in range(5_000)))) == awards.TURNS


def test_history_is_loaded_without_letters(service):
    with as_worker():
        Account.objects.filter(person_id=service.anna).update(email="anna@example.org")
    evidence_of_two_kinds(service, service.anna)
    assert len(consider(service, service.anna)) == 1
    with as_worker():
        assert not Letter.objects.exists()
