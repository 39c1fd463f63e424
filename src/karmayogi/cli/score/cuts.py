"""Cut scores as options say them."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import isfinite

from karmayogi.cli.score.tables import FileCannotBeUsed


def numbers(text: str) -> tuple[float, ...]:
    """Rising finite numbers out of "A,B,..."."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise FileCannotBeUsed(f"{text} is no list of numbers. Write cuts as -0.5,0.4,1.2.") from error
    if not all(map(isfinite, found)) or any(a >= b for a, b in pairwise(found)):
        raise FileCannotBeUsed(f"Cuts must be finite and rise from level to level: {text} does not.")
    return found


def cuts_of(options: Iterable[str]) -> dict[str, tuple[float, ...]]:
    """Cuts by name out of "NAME=A,B,..."."""
    made = {}
    for option in options:
        name, sign, rest = option.partition("=")
        if not sign or not name.strip():
            raise FileCannotBeUsed(f"{option} names no scale. Write --cuts NAME=-0.5,0.4,1.2.")
        made[name.strip()] = numbers(rest)
    return made


def chosen(cuts: Mapping[str, tuple[float, ...]], said: str | None) -> tuple[float, ...]:
    """The cuts meant by an option: numbers, a name in the set, or without a word the only ones there are."""
    if said is None:
        return next(iter(cuts.values())) if len(cuts) == 1 else ()
    if said in cuts:
        return cuts[said]
    return numbers(said)
