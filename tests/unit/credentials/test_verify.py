"""Anyone may check a code, signed out, and learns exactly what the certificate says."""

import datetime as dt

import pytest

from karmayogi.credentials import awards, keys, verify
from karmayogi.credentials.models import Key, PublishedStatement
from karmayogi.credentials.verify import State
from karmayogi.institutions.models import AuditRow
from karmayogi.registry import codes
from karmayogi.registry.acting import acting, as_worker

from .conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(service):
    with as_worker():
        service.test(service.anna)
        service.rate(service.anna)
        service.refresh(service.anna)
        awards.consider([service.anna], now=NOW)
        (card,) = awards.of(service.anna)
    return card


def check(code, now=NOW):
    with acting():
        return verify.check(code, now=now)


def test_a_statement_is_valid_however_its_code_was_typed(card):
    for typed in (card.code, card.document["code"], f" {card.document['code'].lower()} "):
        answer = check(typed)
        assert answer.state is State.VALID
        assert all(c.passed for c in answer.checks)
    assert (answer.facts.holder, answer.facts.competency) == ("Anna", "Tender evaluation")
    assert answer.facts.level == card.level
    assert answer.document == card.document


def test_an_unknown_or_mistyped_code_is_unknown(card):
    wrong = card.code[:-1] + ("0" if card.code[-1] != "0" else "1")
    for code in ("000000000000", wrong, "", "hello", "x" * 5000):
        answer = check(code)
        assert (answer.state, answer.facts) == (State.UNKNOWN, None)


def test_a_document_that_was_changed_is_noticed_and_not_repeated(card):
    with as_worker():
        row = PublishedStatement.objects.get(code=card.code)
        row.document["level"]["number"] = 5 if card.level != 5 else 4
        row.save()
    answer = check(card.code)
    assert (answer.state, answer.facts) == (State.CHANGED, None)


def test_a_genuine_document_under_another_code_is_noticed(card, service):
    with as_worker():
        service.test(service.bela)
        service.rate(service.bela)
        service.refresh(service.bela)
        awards.consider([service.bela], now=NOW)
        (other,) = awards.of(service.bela)
        PublishedStatement.objects.filter(code=card.code).update(document=other.document)
    assert check(card.code).state is State.CHANGED


def test_a_withdrawn_statement_says_when_and_why(card, service):
    with as_worker():
        awards.withdraw(card.id, by=service.boss, reason="Lodged appeal upheld.", now=NOW)
    answer = check(card.code)
    assert answer.state is State.WITHDRAWN
    assert (answer.facts.withdrawn_at, answer.facts.reason) == (NOW, "Lodged appeal upheld.")
    assert {c.what: c.passed for c in answer.checks} == {
        "code": True, "key": True, "document": True, "withdrawn": False, "date": None,
    }  # fmt: skip


def test_a_statement_past_its_day_is_expired(card):
    last = dt.datetime.combine(card.until, dt.time(), NOW.tzinfo)
    assert check(card.code, now=last - dt.timedelta(days=1)).state is State.VALID
    assert check(card.code, now=last).state is State.EXPIRED


def test_without_a_trusted_key_it_cannot_be_checked(card):
    name = card.document["proof"]["verificationMethod"]
    with as_worker():
        keys.revoke(name, reason="The disk was lost.", now=NOW)
    assert check(card.code).state is State.CANNOT_CHECK
    with as_worker():
        Key.objects.filter(name=name).update(name="did:key:other")
    answer = check(card.code)
    assert (answer.state, answer.facts) == (State.CANNOT_CHECK, None)


def test_the_entry_of_a_code_is_the_one_written_when_it_was_issued(card):
    with as_worker():
        assert AuditRow.objects.filter(id=verify.entry(card.code), act="statement.issue").count() == 1
    with acting(), pytest.raises(awards.NoSuchStatement):
        verify.entry("000000000000")
    with acting(), pytest.raises(codes.MistypedCode):
        verify.entry("hello")
