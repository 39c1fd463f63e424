"""Proofs over canonical JSON: what was signed verifies, anything else does not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karmayogi.standards import signing

SEED = bytes(range(32))
KEYS = {"key-1": signing.public_key(SEED)}
SIGNED = signing.sign(
    {
        "name": "कर्मयोगी",
        "level": 3,
        "score": 0.5,
        "passed": True,
        "on": ["2026-04-01", None],
        "nested": {"a": "b"},
    },
    seed=SEED,
    key_id="key-1",
    created="2026-04-01T10:00:00Z",
)
TEXT = json.dumps(SIGNED, ensure_ascii=False, separators=(",", ":"))
# Data Integrity EdDSA Cryptosuites v1.0, appendix B.2 (published test vector).
W3C_KEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
W3C_CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
W3C_METHOD = f"https://vc.example/issuers/5678#{W3C_KEY}"
W3C_SIGNED = {
    "@context": W3C_CONTEXT,
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": W3C_METHOD,
        "proofPurpose": "assertionMethod",
        "@context": W3C_CONTEXT,
        "proofValue": "z63t83Y53KfzJ5ZosfKTnqfMcKB2dmTrfjSaQjeNNjAD5srBowQfmWqeRb8rRjme"
        "EuCBEsddF9LsVogtuTsijJKh4",
    },
}


def test_a_signed_document_is_valid_after_a_journey_through_json():
    assert signing.verify(json.loads(TEXT), public_keys=KEYS) == signing.Verdict(True, "valid")


def test_the_order_of_members_and_white_space_do_not_matter():
    shuffled = dict(reversed(json.loads(json.dumps(SIGNED, indent=4)).items()))
    assert signing.verify(shuffled, public_keys=KEYS).ok


def test_the_published_w3c_example_is_valid_and_fails_when_changed():
    keys = {W3C_METHOD: W3C_KEY}
    assert signing.verify(W3C_SIGNED, public_keys=keys).reason == "valid"
    assert signing.verify({**W3C_SIGNED, "name": "Alumni credential"}, public_keys=keys).reason == "changed"


@given(st.integers(0, len(TEXT) - 1), st.characters(codec="utf-8"))
def test_any_single_changed_character_is_detected(at, letter):
    try:
        changed = json.loads(TEXT[:at] + letter + TEXT[at + 1 :])
    except ValueError:
        return
    if changed != SIGNED:
        assert not signing.verify(changed, public_keys=KEYS).ok


@given(st.integers(0, len(TEXT) - 1))
def test_any_single_missing_character_is_detected(at):
    try:
        changed = json.loads(TEXT[:at] + TEXT[at + 1 :])
    except ValueError:
        return
    assert changed == SIGNED or not signing.verify(changed, public_keys=KEYS).ok


@pytest.mark.parametrize("member", ["type", "cryptosuite", "created", "proofPurpose", "proofValue"])
def test_every_member_of_the_proof_is_protected(member):
    without = {**SIGNED, "proof": {k: v for k, v in SIGNED["proof"].items() if k != member}}
    added = {**SIGNED, "proof": {**SIGNED["proof"], "challenge": "x"}}
    assert signing.verify(without, public_keys=KEYS).reason == "changed"
    assert signing.verify(added, public_keys=KEYS).reason == "changed"


def test_a_document_signed_with_another_key_is_changed_or_unknown():
    other = signing.new_key()
    document = signing.sign({"a": 1}, seed=other, key_id="key-1", created="2026-04-01T10:00:00Z")
    assert signing.verify(document, public_keys=KEYS).reason == "changed"
    assert signing.verify(document, public_keys={}).reason == "unknown-key"
    assert signing.verify(document, public_keys={"key-1": signing.public_key(other)}).ok


@pytest.mark.parametrize("proof", [None, "x", [], 3])
def test_a_document_without_a_proof_says_so(proof):
    assert signing.verify({"a": 1}, public_keys=KEYS).reason == "no-proof"
    assert signing.verify({"a": 1, "proof": proof}, public_keys=KEYS).reason == "no-proof"


@pytest.mark.parametrize("value", [float("nan"), 2**60, "\ud800"])
def test_what_json_cannot_carry_exactly_is_not_signed(value):
    with pytest.raises(signing.NotCanonical):
        signing.sign({"a": value}, seed=SEED, key_id="k", created="2026-04-01T10:00:00Z")
    assert signing.verify({**SIGNED, "a": value}, public_keys=KEYS).reason == "changed"


def test_a_signed_document_is_not_signed_again():
    with pytest.raises(signing.AlreadySigned):
        signing.sign(SIGNED, seed=SEED, key_id="k", created="2026-04-01T10:00:00Z")


def test_keys_are_fresh_and_of_thirty_two_bytes():
    assert len({signing.new_key() for _ in range(5)}) == 5
    assert len(signing.new_key()) == 32


def test_a_malformed_public_key_of_ours_is_an_error_not_a_verdict():
    with pytest.raises(ValueError, match="Ed25519"):
        signing.verify(SIGNED, public_keys={"key-1": "z6Mk"})
