"""Errors as pages: what is set up wrongly is our fault and goes to the log; what is not there is nobody's."""

import logging

import pytest
from django.test import RequestFactory

from karmayogi.credentials.keys import NoSigningKey
from karmayogi.ehrms.durations import UnreadableDuration
from karmayogi.ehrms.orders import OrderStopped
from karmayogi.ehrms.vacancies import NoSuchRanking
from karmayogi.policy.rules import NoSuchRule, SeveralScopes
from karmayogi.web import errors

SAID = "No order sets the rule plan.shares for 21.11.2026."


@pytest.mark.parametrize("kind", [NoSuchRule, SeveralScopes, NoSigningKey, UnreadableDuration])
def test_a_house_set_up_wrongly_is_our_fault_named_in_the_log_and_nowhere_else(kind, caplog):
    with caplog.at_level(logging.ERROR):
        answer = errors.answer(RequestFactory().get("/plan/"), kind(SAID))
    assert answer.status_code == 500
    assert "plan.shares" not in answer.content.decode()
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert f"GET /plan/: {kind.__name__}: {SAID}" in line.getMessage()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NoSuchRanking("There is no such ranking."), 404),
        (OrderStopped("It stops."), 409),
        (LookupError("a codec"), None),
        (KeyError("name"), None),
        (IndexError("place"), None),
        (UnicodeDecodeError("utf-8", b"", 0, 1, "no"), None),
    ],
)
def test_only_what_the_domain_itself_did_not_find_is_not_found(error, status):
    assert errors._status(error) == status
