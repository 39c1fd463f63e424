"""Signing keys."""

import datetime as dt

import psycopg
import pytest

from karmayogi.credentials import keys
from karmayogi.credentials.models import KeySeed
from karmayogi.registry import roles
from karmayogi.registry.acting import acting, as_role, as_worker
from karmayogi.standards import signing

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)


def test_what_is_signed_can_be_checked_with_the_public_half():
    with as_worker():
        card = keys.make(now=NOW)
        signed = keys.signer(now=NOW).sign({"says": "hello"})
    assert signing.verify(signed, public_keys={card.name: card.public}).ok
    assert signed["proof"]["verificationMethod"] == card.name


def test_a_key_signs_only_within_its_days_and_not_once_given_up():
    with as_worker():
        card = keys.make(now=NOW, days=10)
        assert card.signs_on(dt.date(2026, 11, 21))
        assert not card.signs_on(dt.date(2026, 12, 1))
        with pytest.raises(keys.NoSigningKey):
            keys.signer(now=NOW + dt.timedelta(days=10))
        assert keys.ensure(now=NOW) == card
        keys.revoke(card.name, reason="Lost.", now=NOW)
        assert keys.ensure(now=NOW) != card


def test_the_private_half_is_not_for_the_web_role_nor_for_monitoring():
    with as_worker():
        keys.make(now=NOW)
    for role in (roles.APP, roles.MONITOR):
        with pytest.raises(Exception, match="permission denied"), acting(role):
            KeySeed.objects.count()
    for barred in (roles.SCORER, roles.MONITOR):
        with pytest.raises(Exception, match="permission denied"), as_worker(), as_role(barred):
            KeySeed.objects.count()
    with as_worker(), as_role(roles.SIGNER):
        assert KeySeed.objects.count() == 1


def test_the_web_cannot_become_the_role_that_signs(databases):
    with (
        psycopg.connect(databases.url(roles.APP, databases.clone("empty"))) as web,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        web.execute(f"SET ROLE {roles.SIGNER}")
