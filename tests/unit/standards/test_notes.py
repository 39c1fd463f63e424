"""Signed notes: the specification's own examples hold, what was bent does not."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from karmayogi.standards import notes
from karmayogi.standards.notes import LOG, WITNESS, Checkpoint, MalformedNote, Note, Verifier

FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo"
    " Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa"
    " Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1"
    " jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
OURS, THEIRS = Verifier("log.example/audit", LOG, PUBLIC), Verifier("witness.example", WITNESS, PUBLIC)
POINT = Checkpoint("log.example/audit", 3, bytes(32))


def note():
    signatures = (
        notes.sign(POINT.text, key=OURS, by=PRIVATE.sign),
        notes.cosign(POINT.text, key=THEIRS, by=PRIVATE.sign, at=1_800_000_000),
    )
    return Note(POINT.text, signatures)


def test_the_example_of_the_specification_holds():
    key = notes.read_verifier(FOO)
    assert (key.text, key.name, key.kind) == (FOO, "example.com/foo", LOG)
    found = notes.read(EXAMPLE)
    assert notes.signed_by(found, [key]) == [key]
    assert str(found) == EXAMPLE


def test_the_example_of_a_cosigned_checkpoint_is_read():
    found = notes.read(SOFA)
    point = notes.read_checkpoint(found)
    assert (point.origin, point.size) == ("example.com/behind-the-sofa", 20852163)
    assert (str(found), point.text) == (SOFA, found.text)
    assert notes.witnessed_at(found.signatures[1]) == 1679315147


def test_log_and_witness_sign_the_same_text_in_their_own_ways():
    assert notes.signed_by(notes.read(str(note())), [OURS, THEIRS]) == [OURS, THEIRS]
    assert OURS.id != THEIRS.id
    assert notes.read_checkpoint(note()) == POINT


def test_unknown_signatures_are_passed_over_and_known_ones_must_hold():
    stranger = Verifier("other.example", LOG, PUBLIC)
    assert notes.signed_by(note(), [stranger]) == []
    bent = Note(note().text.replace("\n3\n", "\n4\n"), note().signatures)
    for key in (OURS, THEIRS):
        with pytest.raises(MalformedNote, match="does not belong"):
            notes.signed_by(bent, [key])


@pytest.mark.parametrize(
    "text",
    ["", "a\n", "a\n\n", "a\n\nb\n", "a\n\n— a b", "a\n\n— a !!\n", "a\tb\n\n— n AAAAAAAA\n", "x" * 30_000,
     "a\n\n— n+m AAAAAAAA\n"],
)  # fmt: skip
def test_what_is_no_note_is_refused(text):
    with pytest.raises(MalformedNote):
        notes.read(text)


@pytest.mark.parametrize(
    "text",
    ["a\n1\n", "a\n01\n" + "A" * 43 + "=\n", "a\n-1\n" + "A" * 43 + "=\n", "a\n1\nAAAA\n", "a\n١\n" + "A" * 43 + "=\n",
     "\n1\n" + "A" * 43 + "=\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(MalformedNote):
        notes.read_checkpoint(Note(text, ()))


@pytest.mark.parametrize("text", ["", "a", "a+b+c", FOO[:-1], FOO.replace("530d", "530e"), "+" + FOO])
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(MalformedNote):
        notes.read_verifier(text)


@given(st.text())
def test_no_text_breaks_the_reader(text):
    try:
        found = notes.read(text)
    except MalformedNote:
        return
    assert str(found).count("\n\n") >= 1
