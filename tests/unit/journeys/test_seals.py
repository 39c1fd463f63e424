"""Rotation of root keys: old signatures verify, old seals open, and nothing is dropped that is still needed."""

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils import timezone

from karmayogi.credentials import keys as certificates
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.journeys import seals
from karmayogi.registry import custody, vault
from karmayogi.registry.acting import as_worker
from karmayogi.web.accounts.factors import Factors

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def sealed(settings, tmp_path):
    """A keeper of its own; a signing key, a certificate key and a second factor sealed by its first root key."""
    settings.CUSTODY_FILE = tmp_path / "custody.keys"
    with as_worker():
        key = custody.ensure("trial", name="trial", now=NOW)
        certificates.make(now=NOW)
        people.enrol([NewPerson("anna", "Anna")])
        (anna,) = people.find("anna")
        row = Authenticator.objects.create(
            user_id=anna, type="totp", data={"secret": Factors().encrypt("S3CRET"), "other": "plain"}
        )
        yield key, custody.signer("trial").sign(b"before"), row


def secret(row):
    row.refresh_from_db()
    assert row.data["other"] == "plain"
    return Factors().decrypt(row.data["secret"])


def test_after_a_rotation_old_signatures_verify_and_every_seal_opens_without_the_old_root(sealed):
    key, signature, row = sealed
    before = row.data["secret"]
    done = seals.rotate()
    assert (done.signing, done.certificates, done.factors) == (custody_seeds(), certificate_seeds(), 1)
    assert vault.keeper().marks() != []
    assert seals.drop_old() == 1
    assert len(vault.keeper().marks()) == 1
    assert secret(row) == "S3CRET"
    assert row.data["secret"] != before
    public = Ed25519PublicKey.from_public_bytes(key.public)
    public.verify(signature, b"before")
    public.verify(custody.signer("trial").sign(b"after"), b"after")
    certificates.signer(now=NOW)


def custody_seeds():
    return len(custody.every())


def certificate_seeds():
    return len(certificates.every())


def test_a_root_that_something_needs_is_not_dropped(sealed):
    """Planted: a root key is put in front and nothing is sealed anew."""
    vault.keeper().rotate()
    with pytest.raises(seals.StillNeeded):
        seals.drop_old()
    assert secret(sealed[2]) == "S3CRET"


def test_a_retired_key_still_verifies_and_another_signs(sealed):
    key, signature, _ = sealed
    anew = custody.rotate("trial", now=NOW)
    assert custody.signer("trial").key.id == anew.id != key.id
    assert [k.id for k in custody.of("trial") if k.retired_at] == [key.id]
    Ed25519PublicKey.from_public_bytes(key.public).verify(signature, b"before")


def test_a_pseudonym_stays_when_a_root_is_added(sealed):
    before = vault.pseudonym(b"anna", purpose="trial")
    seals.rotate()
    assert vault.pseudonym(b"anna", purpose="trial") == before


def test_a_keeper_outside_is_rotated_outside(settings):
    settings.KEEPER = f"{__name__}.Elsewhere"
    with as_worker(), pytest.raises(seals.KeeperOutside):
        seals.rotate()


class Elsewhere:
    def keys(self, purpose):
        return [b"k" * 32]
