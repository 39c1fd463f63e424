"""Verify codes: twelve characters, e.g. K7QM-2DXR-94TF, that a person can read off paper and type.

Alphabet: Crockford's base 32 (no I, L, O, U). The last character is a check over GF(32): the sum of a^i d_i
over all twelve is zero, a being a root of x^5 + x^2 + 1. Its powers differ, so every single wrong character
and every swap of two different characters is found.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from karmayogi.registry import showing
from karmayogi.registry.models import VerifyCode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u00a0": None})


class MistypedCode(LookupError):
    """The text is not a code of ours; at least one character is wrong, missing or too many."""

    def __init__(self) -> None:
        super().__init__("This is not a code of ours. Compare it with the paper, character by character.")


@dataclass(frozen=True, slots=True)
class Found:
    """What a code stands for."""

    code: str
    kind: str
    object: UUID


def new(kind: str, object: UUID) -> str:
    """The code of this object, made on first call; the same object gets the same code again."""
    return new_for_all(kind, [object])[object]


def new_for_all(kind: str, objects: Iterable[UUID]) -> dict[UUID, str]:
    """object -> code, made where there is none yet."""
    wanted = list(objects)
    # A clash of 55 random bits would leave an object without its code and raise below: not worth a loop.
    VerifyCode.objects.bulk_create(
        [VerifyCode(code=_made(), kind=kind, object=object) for object in wanted], ignore_conflicts=True
    )
    found = dict(VerifyCode.objects.filter(kind=kind, object__in=wanted).values_list("object", "code"))
    return {object: found[object] for object in wanted}


def find(text: str) -> Found | None:
    """What the typed code stands for, None if it was never issued; raises `MistypedCode`.

    Case, spaces and hyphens do not matter; O is read as 0, I and L as 1. Works for anyone, signed in or not.
    """
    code = read(text)
    with showing.code(code):
        row = VerifyCode.objects.filter(code=code).first()
    return Found(row.code, row.kind, row.object) if row else None


def read(text: str) -> str:
    """The code as stored (twelve characters, no hyphens) from what was typed; raises `MistypedCode`."""
    code = text.strip().upper().translate(_READ_AS)
    if len(code) != LENGTH or any(c not in ALPHABET for c in code) or _sum(code):
        raise MistypedCode
    return code


def shown(code: str) -> str:
    """The code as printed, in groups of four."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def _sum(code: str) -> int:
    # Horner from the last character: every step multiplies by a.
    total = 0
    for character in reversed(code):
        total = _times_a(total) ^ ALPHABET.index(character)
    return total


def _made() -> str:
    payload = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return payload + _check(payload)


def _check(payload: str) -> str:
    """The character c with sum(payload + c) = 0: the rest of the sum divided by a^11."""
    return next(c for c in ALPHABET if _sum(payload + c) == 0)


def _times_a(value: int) -> int:
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value
