"""What a witness of a log answers, as C2SP tlog-witness has it: it signs only what continues what it signed before."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from karmayogi.standards import merkle, notes
from karmayogi.standards.notes import Checkpoint, MalformedNote, Note, Verifier

MOST_STEPS = 63
LONGEST = 50_000
"""Characters of a request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` as in HTTP, and why. 200: the witness may sign `note`; 409: it stands at `size`."""

    status: int
    say: str
    note: Note | None = None
    size: int = 0


def request(note: str, *, old: int, proof: Sequence[bytes]) -> str:
    """The text a log sends: the size the witness has seen, the proof from there, the new checkpoint."""
    steps = "".join(base64.b64encode(step).decode() + "\n" for step in proof)
    return f"old {old}\n{steps}\n{note}"


def judge(text: str, *, key: Verifier, last: Checkpoint | None) -> Answer:
    """The answer to a request; never raises. `key`: of the log; `last`: what was signed before for it."""
    try:
        old, proof, note = _read(text)
        point = notes.read_checkpoint(note)
    except MalformedNote as error:
        return Answer(400, str(error))
    if point.origin != key.name:
        return Answer(404, f"The log {point.origin} is not known here.")
    try:
        if not notes.signed_by(note, [key]):
            return Answer(403, "The key known here did not sign this.")
    except MalformedNote as error:
        return Answer(403, str(error))
    return _continues(note, point, old=old, proof=proof, last=last or Checkpoint(key.name, 0, merkle.EMPTY))


def _continues(
    note: Note, point: Checkpoint, *, old: int, proof: Sequence[bytes], last: Checkpoint
) -> Answer:
    if old > point.size:
        return Answer(400, "The old size is larger than the new one.")
    if old != last.size:
        return Answer(409, "Another size was signed last.", size=last.size)
    if not merkle.verify_consistency(
        first=old, second=point.size, first_root=last.root, second_root=point.root, proof=proof
    ):
        return Answer(422, "This checkpoint does not continue the one signed before.")
    return Answer(200, "", note)


def _read(text: str) -> tuple[int, list[bytes], Note]:
    if len(text) > LONGEST:
        raise MalformedNote("The request is too long.")
    head, found, note = text.partition("\n\n")
    first, *steps = head.split("\n")
    word, _, size = first.partition(" ")
    if not found or word != "old" or not (size.isascii() and size.isdigit()) or str(int(size)) != size:
        raise MalformedNote("A request begins with the old size.")
    if len(steps) > MOST_STEPS:
        raise MalformedNote(f"A proof has at most {MOST_STEPS} steps.")
    try:
        return int(size), [base64.b64decode(step, validate=True) for step in steps], notes.read(note)
    except (binascii.Error, ValueError) as error:
        raise MalformedNote(str(error)) from None
