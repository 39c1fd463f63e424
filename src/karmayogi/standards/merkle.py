"""Merkle trees over an append-only log, as RFC 6962, section 2.1 defines them (SHA-256; the same as RFC 9162, 2.1).

A tree over n leaves is named by its size n; a part of it is a range of positions `[start, end)`. Proofs are given as
ranges first (`inclusion_ranges`, `consistency_ranges`), so that whoever stores hashes of whole subtrees need not
read every leaf; `range_hash` says how a range is put together from perfect subtrees.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
"""Root of the tree without leaves."""

Range = tuple[int, int]
"""Positions `[start, end)` of leaves."""


class OutsideTree(ValueError):
    """The position or the size is not one of this tree."""


def leaf_hash(entry: bytes) -> bytes:
    """The 32 bytes that stand for an entry in the tree."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32 bytes of a node over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order; `EMPTY` for none."""
    return range_hash((0, len(leaves)), lambda start, end: perfect_hash(leaves[start:end]))


def perfect_hash(hashes: Sequence[bytes]) -> bytes:
    """The hash over 1, 2, 4, 8... neighbouring hashes of one height."""
    row = list(hashes)
    if not row or len(row) & (len(row) - 1):
        raise OutsideTree(f"A perfect subtree has 1, 2, 4, 8... leaves, not {len(row)}.")
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def perfect_ranges(part: Range) -> list[Range]:
    """The perfect subtrees a range consists of, largest first: its length in binary."""
    start, end = part
    found = []
    while start < end:
        size = 1 << ((end - start).bit_length() - 1)
        found.append((start, start + size))
        start += size
    return found


def range_hash(part: Range, perfect: Callable[[int, int], bytes]) -> bytes:
    """The hash of a range; `perfect(start, end)` gives those of the perfect subtrees in it."""
    hashes = [perfect(start, end) for start, end in perfect_ranges(part)]
    if not hashes:
        return EMPTY
    result = hashes.pop()
    for left in reversed(hashes):
        result = node_hash(left, result)
    return result


def inclusion_ranges(position: int, *, size: int) -> list[Range]:
    """Ranges whose hashes prove that a leaf stands at `position` in the tree of `size` (RFC 6962, 2.1.1)."""
    if not 0 <= position < size:
        raise OutsideTree(f"There is no position {position} in a tree of {size} leaves.")
    found: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(first: int, *, size: int) -> list[Range]:
    """Ranges whose hashes prove that the tree of `first` leaves begins the tree of `size` (RFC 6962, 2.1.2).

    From the empty tree, or from a tree to itself, nothing needs a proof: the list is empty.
    """
    if not 0 <= first <= size:
        raise OutsideTree(f"A tree of {first} leaves does not begin one of {size}.")
    if first in (0, size):
        return []
    found: list[Range] = []
    start, end, whole = 0, size, True
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    if not whole:
        found.append((start, end))
    return found[::-1]


def inclusion_proof(leaves: Sequence[bytes], *, position: int) -> list[bytes]:
    """The proof for one of these leaf hashes."""
    return [root(leaves[start:end]) for start, end in inclusion_ranges(position, size=len(leaves))]


def consistency_proof(leaves: Sequence[bytes], *, first: int) -> list[bytes]:
    """The proof that the first `first` of these leaf hashes are the start of all of them."""
    return [root(leaves[start:end]) for start, end in consistency_ranges(first, size=len(leaves))]


def verify_inclusion(leaf: bytes, *, position: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf at `position` to the root of the tree of `size` (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    here, last, result = position, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            result = node_hash(step, result)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            result = node_hash(result, step)
        here, last = here >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of `first` leaves is shown to begin that of `second` (RFC 9162, 2.1.4.2).

    The empty tree begins every tree; its root must be `EMPTY` and the proof must be empty.
    """
    if first == second:
        return not proof and first_root == second_root and (first > 0 or first_root == EMPTY)
    if not 0 <= first < second:
        return False
    if first == 0:
        return not proof and first_root == EMPTY
    steps = list(proof) if first & (first - 1) else [first_root, *proof]
    if not steps:
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, step)
        here, last = here >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
