"""RFC 6962 trees against the vectors of Certificate Transparency, and against the definition for every small tree."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.standards import merkle

INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
BELOW = {
    "1": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "23": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "4567": "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "4": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "45": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "67": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
}
"""Hashes of parts of the tree of eight leaves, by the positions they cover."""
INCLUSION = [
    (0, 1, []),
    (0, 8, [BELOW["1"], BELOW["23"], BELOW["4567"]]),
    (5, 8, [BELOW["4"], BELOW["67"], ROOTS[3]]),
    (2, 3, [ROOTS[1]]),
    (1, 5, [ROOTS[0], BELOW["23"], BELOW["4"]]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [BELOW["1"], BELOW["23"], BELOW["4567"]]),
    (6, 8, [BELOW["45"], BELOW["67"], ROOTS[3]]),
    (2, 5, [BELOW["23"], BELOW["4"]]),
]
LEAVES = [merkle.leaf_hash(entry) for entry in INPUTS]


def hexed(proof):
    return [step.hex() for step in proof]


def defined(leaves):
    """MTH of RFC 6962, 2.1, written down once more."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + defined(leaves[:k]) + defined(leaves[k:])).digest()


def test_the_empty_tree_has_the_hash_of_nothing():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size):
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("position", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference(position, size, proof):
    assert hexed(merkle.inclusion_proof(LEAVES[:size], position=position)) == proof
    steps = [bytes.fromhex(step) for step in proof]
    root = bytes.fromhex(ROOTS[size - 1])
    assert merkle.verify_inclusion(LEAVES[position], position=position, size=size, proof=steps, root=root)


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference(first, second, proof):
    assert hexed(merkle.consistency_proof(LEAVES[:second], first=first)) == proof
    steps = [bytes.fromhex(step) for step in proof]
    roots = {"first_root": bytes.fromhex(ROOTS[first - 1]), "second_root": bytes.fromhex(ROOTS[second - 1])}
    assert merkle.verify_consistency(first=first, second=second, proof=steps, **roots)


def test_what_is_outside_a_tree_is_refused():
    for wrong in (
        lambda: merkle.inclusion_ranges(3, size=3),
        lambda: merkle.inclusion_ranges(-1, size=3),
        lambda: merkle.consistency_ranges(4, size=3),
        lambda: merkle.perfect_hash(LEAVES[:3]),
        lambda: merkle.perfect_hash([]),
    ):
        with pytest.raises(merkle.OutsideTree):
            wrong()


numbered = st.integers(1, 70).map(lambda n: [merkle.leaf_hash(bytes([i])) for i in range(n)])


@given(numbered)
@settings(max_examples=60, deadline=None)
def test_the_root_is_as_defined(leaves):
    assert merkle.root(leaves) == defined(leaves)


@given(numbered, st.data())
@settings(max_examples=150, deadline=None)
def test_a_proof_of_inclusion_holds_for_its_own_leaf_place_and_root_only(leaves, data):
    position = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = merkle.inclusion_proof(leaves, position=position), merkle.root(leaves)
    known = {"position": position, "size": len(leaves), "proof": proof, "root": root}
    assert merkle.verify_inclusion(leaves[position], **known)
    wrong = [
        {"position": (position + 1) % len(leaves)} if len(leaves) > 1 else {"position": 1},
        {"root": merkle.leaf_hash(b"another")},
        {"proof": [*proof, root]},
        {"position": -1},
    ]
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        bent = [*proof]
        bent[place] = merkle.leaf_hash(b"bent")
        wrong += [{"proof": proof[:-1]}, {"proof": bent}]
    for change in wrong:
        assert not merkle.verify_inclusion(leaves[position], **known | change)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"another"), **known)


@given(numbered, st.data())
@settings(max_examples=150, deadline=None)
def test_a_proof_of_consistency_holds_for_its_own_trees_only(leaves, data):
    first, second = data.draw(st.integers(0, len(leaves))), len(leaves)
    proof = merkle.consistency_proof(leaves, first=first)
    roots = {"first_root": merkle.root(leaves[:first]), "second_root": merkle.root(leaves)}
    known = {"first": first, "second": second, "proof": proof, **roots}
    assert merkle.verify_consistency(**known)
    other = merkle.leaf_hash(b"another")
    assert not merkle.verify_consistency(**known | {"first_root": other})
    assert not merkle.verify_consistency(**known | {"proof": [*proof, other]})
    if proof:
        assert not merkle.verify_consistency(**known | {"second_root": other})
        assert not merkle.verify_consistency(**known | {"proof": proof[:-1]})
        rewritten = [other, *leaves[1:]]
        assert not merkle.verify_consistency(**known | {"second_root": merkle.root(rewritten)})


@given(st.integers(0, 300), st.integers(1, 300))
def test_a_range_is_cut_into_perfect_subtrees(start, size):
    start *= 1024
    parts = merkle.perfect_ranges((start, start + size))
    assert parts[0][0] == start
    assert parts[-1][1] == start + size
    assert all((end - begin).bit_count() == 1 for begin, end in parts)
    assert [b for b, _ in parts[1:]] == [e for _, e in parts[:-1]]
