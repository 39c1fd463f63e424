"""Keys in custody: one signs for a purpose, and only the signer reads its seed."""

import datetime as dt

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection

from karmayogi.registry import custody
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def test_a_purpose_has_one_key_that_signs_until_it_is_retired():
    with as_worker():
        first = custody.ensure("log", name="log.example", now=NOW)
        assert custody.ensure("log", name="another", now=NOW) == first
        signer = custody.signer("log")
        Ed25519PublicKey.from_public_bytes(first.public).verify(signer.sign(b"text"), b"text")
        second = custody.rotate("log", now=NOW + dt.timedelta(days=1))
        assert (second.name, second.public != first.public) == ("log.example", True)
        assert [key.id for key in custody.of("log")] == [second.id, first.id]
        with pytest.raises(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(first.public).verify(custody.signer("log").sign(b"t"), b"t")


def test_without_a_key_nothing_is_signed():
    with as_worker():
        for act in (lambda: custody.signer("log"), lambda: custody.rotate("log", now=NOW)):
            with pytest.raises(custody.NoKey):
                act()


def test_the_web_role_reads_no_seed():
    with as_worker():
        custody.ensure("log", name="log.example", now=NOW)
    with pytest.raises(Exception, match="permission denied"), acting(), connection.cursor() as cursor:
        cursor.execute("SELECT seed FROM registry_signingseed")
