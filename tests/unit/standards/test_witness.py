"""A witness signs what continues what it signed, and nothing else."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from karmayogi.standards import merkle, notes, witness
from karmayogi.standards.notes import Checkpoint, Note, Verifier

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = Verifier("log.example/audit", notes.LOG, PRIVATE.public_key().public_bytes_raw())
LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(9)]


def point(size, leaves=LEAVES):
    return Checkpoint(KEY.name, size, merkle.root(leaves[:size]))


def note(size, leaves=LEAVES, private=PRIVATE):
    text = point(size, leaves).text
    return str(Note(text, (notes.sign(text, key=KEY, by=private.sign),)))


def proof(first, second):
    return merkle.consistency_proof(LEAVES[:second], first=first)


def asked(text, last=None):
    return witness.judge(text, key=KEY, last=last)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (5, 9), (4, 8), (9, 9), (1, 2)])
def test_what_continues_is_signed(first, second):
    text = witness.request(note(second), old=first, proof=proof(first, second))
    answer = asked(text, point(first) if first else None)
    assert (answer.status, notes.read_checkpoint(answer.note)) == (200, point(second))


FORGED = [merkle.leaf_hash(b"forged"), *LEAVES[1:]]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (witness.request(note(9, FORGED), old=5, proof=proof(5, 9)), 422),
        (witness.request(note(5, FORGED), old=5, proof=[]), 422),
        (witness.request(note(9), old=5, proof=[]), 422),
        (witness.request(note(9), old=0, proof=[]), 409),
        (witness.request(note(9), old=8, proof=proof(8, 9)), 409),
        (witness.request(note(4), old=5, proof=[]), 400),
        (witness.request(note(9).replace("log.example", "other.example"), old=5, proof=proof(5, 9)), 404),
        (witness.request(note(9, private=Ed25519PrivateKey.generate()), old=5, proof=proof(5, 9)), 403),
        (witness.request(note(9), old=5, proof=[bytes(32)] * 64), 400),
        ("", 400),
        ("old x\n\n" + note(9), 400),
        ("old 05\n\n" + note(9), 400),
        ("old 5\n!!\n\n" + note(9), 400),
    ],
)
def test_what_does_not_continue_is_refused(text, status):
    answer = asked(text, point(5))
    assert (answer.status, answer.note) == (status, None)
    assert answer.size == (5 if status == 409 else 0)


@given(st.text())
def test_no_request_breaks_a_witness(text):
    assert asked(text).status == 400
