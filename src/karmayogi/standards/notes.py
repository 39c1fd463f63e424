"""Signed notes, checkpoints and cosignatures of transparency logs, as C2SP writes them.

A note is text, an empty line, and signature lines (C2SP signed-note v1.0.0). A checkpoint is a note of three lines:
origin, size, root hash in base64 (C2SP tlog-checkpoint v1.0.0). A witness adds a cosignature with its time (C2SP
tlog-cosignature v1). All signatures are Ed25519 (RFC 8032). A verifier key is text: name, key id, key.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, WITNESS = 1, 4
"""Types of signature: of whoever keeps the log; of a witness, with the time."""
LONGEST = 20_000
"""Characters of a note we read; a checkpoint with sixteen signatures has fewer than 3,000."""

Sign = Callable[[bytes], bytes]
"""Signs bytes with Ed25519: 64 bytes."""


class MalformedNote(ValueError):
    """This text is no signed note, no checkpoint, or no verifier key."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name. `kind`: `LOG` or `WITNESS`; `public`: 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which signature lines name the key."""
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The key as others write it into their configuration."""
        return f"{self.name}+{self.id.hex()}+{_encoded(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"— {self.name} {_encoded(self.id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ends in a newline) and who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(s.line for s in self.signatures)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at a moment: its name, how many entries, the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"


def read_verifier(text: str) -> Verifier:
    """A verifier key; raises `MalformedNote`."""
    name, _, rest = text.strip().partition("+")
    id, _, key = rest.partition("+")
    raw = _decoded(key)
    if len(raw) != 33 or raw[0] not in (LOG, WITNESS):
        raise MalformedNote("This is not an Ed25519 verifier key: name+id+key.")
    found = Verifier(key_name(name), raw[0], raw[1:])
    if found.id.hex() != id:
        raise MalformedNote("The id of the key does not belong to this name and key; it was mistyped.")
    return found


def key_name(text: str) -> str:
    """`text`, if it can be the name of a key; raises `MalformedNote`."""
    if not text or "+" in text or any(c.isspace() for c in text):
        raise MalformedNote("The name of a key is not empty and has neither spaces nor a plus sign.")
    return text


def read(text: str) -> Note:
    """One signed note; raises `MalformedNote`."""
    if len(text) > LONGEST:
        raise MalformedNote(f"A note has at most {LONGEST} characters.")
    said, found, lines = text.rpartition("\n\n")
    if not found or not lines.endswith("\n"):
        raise MalformedNote("A note ends in an empty line and lines with signatures.")
    if any(ord(c) < 32 and c != "\n" for c in text):
        raise MalformedNote("A note has no control characters.")
    return Note(said + "\n", tuple(read_signature(line) for line in lines.splitlines()))


def read_signature(line: str) -> Signature:
    """One signature line, without its newline; raises `MalformedNote`."""
    dash, _, rest = line.partition(" ")
    name, _, value = rest.partition(" ")
    raw = _decoded(value)
    if dash != "—" or len(raw) < 5:
        raise MalformedNote("A signature line is: dash, name of the key, signature.")
    return Signature(key_name(name), raw[:4], raw[4:])


def read_checkpoint(note: Note) -> Checkpoint:
    """What the note says of the log; raises `MalformedNote`."""
    lines = note.text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]):
        raise MalformedNote("A checkpoint has three lines: name of the log, size, root.")
    root = _decoded(lines[2])
    # Digits of other scripts are digits for Python, not here.
    if not (lines[1].isascii() and lines[1].isdigit()) or str(int(lines[1])) != lines[1] or len(root) != 32:
        raise MalformedNote("Size or root of the checkpoint is not what it should be.")
    return Checkpoint(lines[0], int(lines[1]), root)


def sign(text: str, *, key: Verifier, by: Sign) -> Signature:
    """The signature of a log under a text."""
    return Signature(key.name, key.id, by(text.encode()))


def cosign(text: str, *, key: Verifier, by: Sign, at: int) -> Signature:
    """The cosignature of a witness; `at`: seconds since 1970."""
    return Signature(key.name, key.id, at.to_bytes(8, "big") + by(_seen(text, at)))


def signed_by(note: Note, keys: Iterable[Verifier]) -> list[Verifier]:
    """Which of these keys signed. A line that names one of them and does not hold raises `MalformedNote`."""
    found = []
    for key in keys:
        lines = [s for s in note.signatures if (s.name, s.id) == (key.name, key.id)]
        if lines and not all(_holds(note.text, s, key) for s in lines):
            raise MalformedNote(f"The signature of {key.name} does not belong to this text.")
        found += [key] if lines else []
    return found


def witnessed_at(signature: Signature) -> int:
    """The time in a cosignature, in seconds since 1970."""
    return int.from_bytes(signature.value[:8], "big")


def _holds(text: str, signature: Signature, key: Verifier) -> bool:
    said, value = text.encode(), signature.value
    if key.kind == WITNESS:
        said, value = _seen(text, witnessed_at(signature)), value[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def _seen(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote("This is not base64.") from None
