#!/usr/bin/env python3
"""Checks an audit log from outside. This one file needs Python 3.10 or newer and the package `cryptography`.

    python verify_log.py CHECKPOINTS EXPORT            the whole log
    python verify_log.py CHECKPOINTS --proof PROOF     one entry, by its proof (JSON)

CHECKPOINTS: the folder a witness keeps, or a file of checkpoints one after the other. Get them, and the keys, from
the witness or keep them yourself: what the keeper of the log hands out together with the log proves little. EXPORT:
the log as JSON lines ("-": from standard input). Exit code 0: whole, 1: something was found, 2: called wrongly.

Found are: entries edited, deleted, added in between, reordered, cut off at the end; rows that no longer say what was
sealed; personal texts that are gone without an entry that says they were erased; checkpoints that contradict each
other or are not signed by the log. Not covered are entries that stand behind the newest checkpoint; they are counted.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, WITNESS = 1, 4
FORMAT = "karmayogi-audit/1"
SALTED = ("actor", "details", "object", "reason")
PLAIN = ("id", "at", "act", "kind", "body")
MOST = 1000  # findings that are kept; the others are only counted


class Unusable(Exception):
    """What was given cannot be read at all."""


@dataclass
class Report:
    """What was found. `whole`: nothing. Positions count from 0."""

    entries: int = 0
    covered: int = 0
    erased: int = 0
    checkpoints: int = 0
    cosigned: int = 0
    count: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """True if nothing was found."""
        return self.count == 0

    def add(self, kind: str, say: str, position: int | None = None) -> None:
        """Keeps a finding."""
        self.count += 1
        if len(self.findings) < MOST:
            self.findings.append({"kind": kind, "position": position, "say": say})


@dataclass(frozen=True)
class Key:
    """A verifier key: name, type of its signatures, 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that name it in signature lines."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]


@dataclass(frozen=True)
class Point:
    """A checkpoint whose signature holds: at `size` entries the root was `root`."""

    size: int
    root: bytes
    cosigned: int


# --- Hashes (RFC 6962, section 2.1) ---------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    """Of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Grows leaf by leaf and keeps the roots of its full subtrees only."""

    def __init__(self) -> None:
        self.size, self._full = 0, list[bytes]()

    def add(self, leaf: bytes) -> None:
        """One more leaf hash."""
        size = self.size
        while size & 1:
            leaf = node_hash(self._full.pop(), leaf)
            size >>= 1
        self._full.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Over all leaves so far."""
        if not self._full:
            return hashlib.sha256(b"").digest()
        result = self._full[-1]
        for left in reversed(self._full[:-1]):
            result = node_hash(left, result)
        return result


def leads_to(leaf: bytes, position: int, size: int, path: list[bytes]) -> bytes | None:
    """The root a path leads to from a leaf at a position; None if the path does not fit the size."""
    if not 0 <= position < size:
        return None
    last = size - 1
    for step in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            leaf = node_hash(step, leaf)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            leaf = node_hash(leaf, step)
        position, last = position >> 1, last >> 1
    return leaf if last == 0 else None


# --- Checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature) ----------------------------------------------


def read_keys(text: str) -> list[Key]:
    """Verifier keys, one a line; empty lines and lines with # are passed over."""
    found = []
    for line in (raw.strip() for raw in text.splitlines()):
        if not line or line.startswith("#"):
            continue
        name, _, rest = line.partition("+")
        id, _, encoded = rest.partition("+")
        try:
            raw_key = base64.b64decode(encoded, validate=True)
        except ValueError:
            raw_key = b""
        key = Key(name, raw_key[0] if raw_key else 0, raw_key[1:])
        if len(raw_key) != 33 or key.kind not in (LOG, WITNESS) or key.id.hex() != id:
            raise Unusable(f"This is not a verifier key: {line}")
        found.append(key)
    return found


def split_notes(text: str) -> Iterator[str]:
    """The notes of a file, one after the other."""
    lines: list[str] = []
    signed = False
    for line in text.splitlines():
        if signed and line and not line.startswith("— "):
            yield "\n".join(lines) + "\n"
            lines, signed = [], False
        if line or not signed:
            lines.append(line)
        signed = signed or not line
    if any(lines):
        yield "\n".join(lines) + "\n"


def read_point(note: str, keys: list[Key], report: Report) -> Point | None:
    """The checkpoint in a note, if the log signed it; what is wrong with it goes into the report."""
    text, _, lines = note.partition("\n\n")
    try:
        origin, size, root = text.split("\n")[:3]
        point_root = base64.b64decode(root, validate=True)
        signatures = [_signature(line) for line in lines.splitlines()]
        if str(int(size)) != size or int(size) < 0 or len(point_root) != 32:
            raise ValueError(size)
    except (ValueError, IndexError):
        report.add("malformed", f"not a checkpoint: {text[:80]!r}")
        return None
    holding = set()
    for name, id, value in signatures:
        for key in (k for k in keys if (k.name, k.id) == (name, id)):
            if not _holds(text + "\n", value, key):
                report.add("signature", f"the signature of {name} under {size} entries does not hold")
                return None
            holding.add(key)
    if not any(k.kind == LOG and k.name == origin for k in holding):
        report.add("signature", f"no known key of {origin} signed the checkpoint of {size} entries")
        return None
    return Point(int(size), point_root, sum(k.kind == WITNESS for k in holding))


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, name, value = line.split(" ")
    raw = base64.b64decode(value, validate=True)
    if dash != "—" or len(raw) < 68:
        raise ValueError(line)
    return name, raw[:4], raw[4:]


def _holds(text: str, value: bytes, key: Key) -> bool:
    said = text.encode()
    if key.kind == WITNESS:
        said = f"cosignature/v1\ntime {int.from_bytes(value[:8], 'big')}\n{text}".encode()
        value = value[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_points(notes: Iterable[str], keys: list[Key], report: Report) -> dict[int, Point]:
    """size -> checkpoint; two of one size that differ are a finding."""
    points: dict[int, Point] = {}
    for note in notes:
        point = read_point(note, keys, report)
        if point is None:
            continue
        report.checkpoints += 1
        report.cosigned += bool(point.cosigned)
        known = points.setdefault(point.size, point)
        if known.root != point.root:
            report.add("fork", f"the log signed two different roots for {point.size} entries")
    return points


# --- Entries ---------------------------------------------------------------------------------------------------------


def check_log(
    lines: Iterable[str], points: dict[int, Point], report: Report, *, leaves_only: bool = False
) -> None:
    """Reads the log once and reports all that contradicts the checkpoints or itself."""
    tree, ids, gone = Tree(), set[str](), dict[str, int]()
    good, changed = 0, False
    newest = max(points, default=0)
    if 0 in points and points[0].root != tree.root():
        report.add("changed", "the checkpoint of the empty log has a root")
    for number, line in enumerate(lines):
        try:
            told = json.loads(line)
            position, text = told["position"], str(told["leaf"])
            leaf = json.loads(text)
            if leaf["format"] != FORMAT:
                raise ValueError(leaf["format"])
            id = str(leaf["id"])
        except (ValueError, KeyError, TypeError) as error:
            report.add("malformed", f"this line is not an entry: {error}", number)
            tree.add(leaf_hash(line.encode()))
            continue
        if position != number:
            report.add("order", f"position {position} stands where {number} should", number)
        if id in ids:
            report.add("repeated", f"entry {id} stands twice", number)
        ids.add(id)
        if not leaves_only:
            _check_row(told, leaf, number, gone, report)
        tree.add(leaf_hash(text.encode()))
        point = points.get(tree.size)
        if point and not changed and point.root != tree.root():
            changed = True
            report.add("changed", f"an entry from {good} to {tree.size - 1} is not as it was sealed", good)
        if point:
            good = tree.size
    report.entries, report.covered = tree.size, min(newest, tree.size)
    if tree.size < newest:
        report.add("truncated", f"the log has {tree.size} entries and once had {newest}", tree.size)
    _explain(gone, ids, report)


def _check_row(
    told: dict[str, Any], leaf: dict[str, Any], number: int, gone: dict[str, int], report: Report
) -> None:
    row = told.get("row")
    if not isinstance(row, dict):
        report.add("missing", f"the row of entry {leaf['id']} is gone", number)
        return
    wrong = [name for name in PLAIN if row.get(name) != leaf.get(name)]
    salt = row.get("salt")
    if salt is None:
        gone[str(leaf["id"])] = number
        wrong += [name for name in SALTED if row.get(name) is not None]
    else:
        wrong += [name for name in SALTED if leaf.get(name) != _salted(salt, name, row.get(name))]
    if wrong:
        report.add("edited", f"entry {leaf['id']} was edited: {', '.join(wrong)}", number)


def _salted(salt: object, name: str, value: object) -> str | None:
    if value is None:
        return None
    try:
        key = hmac.digest(bytes.fromhex(str(salt)), name.encode(), "sha256")
    except ValueError:
        return ""
    return hmac.digest(key, str(value).encode(), "sha256").hex()


def _explain(gone: dict[str, int], ids: set[str], report: Report) -> None:
    """Texts may be gone where a later entry says that they were erased: its id follows from the erased one's."""
    for id, number in gone.items():
        if entry_id("audit.erase", id) in ids:
            report.erased += 1
        else:
            report.add(
                "missing", f"the texts of entry {id} are gone, and no entry says they were erased", number
            )


def entry_id(act: str, subject: str, digest: str = "") -> str:
    """The id of the entry about an act that happens once to its object."""
    raw = bytearray(hashlib.sha256(f"{act}\n{subject}\n{digest}\n".encode()).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def check_proof(proof: dict[str, Any], points: dict[int, Point], keys: list[Key], report: Report) -> None:
    """Checks the proof of one entry: its own checkpoint, and against one kept by a witness where sizes agree."""
    try:
        path = [base64.b64decode(step, validate=True) for step in proof["path"]]
        text, position, note = str(proof["leaf"]), int(proof["position"]), str(proof["checkpoint"])
        named = json.loads(text)["id"] == proof["entry"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(f"This is not a proof: {error}") from error
    own = read_points([note], keys, report)
    if not named:
        report.add("edited", "the proof names another entry than its leaf")
    for size, point in own.items():
        if leads_to(leaf_hash(text.encode()), position, size, path) != point.root:
            report.add("changed", "the path does not lead from the entry to the root", position)
        known = points.get(size)
        if known and known.root != point.root:
            report.add("fork", f"the witness knows another root for {size} entries")
        if size > max(points, default=0):
            report.add("unwitnessed", f"the checkpoint of {size} entries is newer than any given here")
    report.entries = report.covered = len(own)


# --- Command line ----------------------------------------------------------------------------------------------------


def verify(
    checkpoints: Path, export: Iterable[str], *, keys: list[Key] | None = None, leaves_only: bool = False
) -> Report:
    """Checks an export against a folder or file of checkpoints. Raises `Unusable`."""
    known = keys if keys is not None else stored_keys(checkpoints)
    report = Report()
    points = read_points(stored_notes(checkpoints), known, report)
    if not points:
        report.add("signature", "there is no checkpoint to check against")
    check_log(export, points, report, leaves_only=leaves_only)
    return report


def stored_keys(checkpoints: Path) -> list[Key]:
    """The keys in the file `keys` beside the checkpoints."""
    file = (checkpoints if checkpoints.is_dir() else checkpoints.parent) / "keys"
    try:
        return read_keys(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"No keys to check signatures with: {error}. Name them with --keys.") from error


def stored_notes(checkpoints: Path) -> list[str]:
    """All notes of a folder (files *.checkpoint) or of a file."""
    files = sorted(checkpoints.rglob("*.checkpoint")) if checkpoints.is_dir() else [checkpoints]
    try:
        return [note for file in files for note in split_notes(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError) as error:
        raise Unusable(f"The checkpoints cannot be read: {error}") from error


def main(arguments: list[str] | None = None) -> int:
    """Runs the check; returns the exit code."""
    parser = argparse.ArgumentParser(description="Check an audit log from outside.")
    parser.add_argument("checkpoints", type=Path, help="folder or file of checkpoints")
    parser.add_argument("export", nargs="?", help="the log as JSON lines, - for standard input")
    parser.add_argument("--proof", type=Path, help="check one proof instead of a log")
    parser.add_argument("--keys", type=Path, help="file of verifier keys; CHECKPOINTS/keys if left out")
    parser.add_argument(
        "--leaves-only", action="store_true", help="the export has no rows, only what was sealed"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    if bool(given.export) == bool(given.proof):
        parser.error("name an EXPORT, or a --proof")
    try:
        report = _run(given)
    except (Unusable, OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps({"whole": report.whole, **asdict(report)}) if given.json else _told(report))
    return 0 if report.whole else 1


def _run(given: argparse.Namespace) -> Report:
    keys = read_keys(given.keys.read_text(encoding="utf-8")) if given.keys else stored_keys(given.checkpoints)
    if given.proof:
        report = Report()
        points = read_points(stored_notes(given.checkpoints), keys, report)
        check_proof(json.loads(given.proof.read_text(encoding="utf-8")), points, keys, report)
        return report
    if given.export == "-":
        return verify(given.checkpoints, sys.stdin, keys=keys, leaves_only=given.leaves_only)
    with open(given.export, encoding="utf-8") as lines:
        return verify(given.checkpoints, lines, keys=keys, leaves_only=given.leaves_only)


def _told(report: Report) -> str:
    said = [
        f"{'WHOLE' if report.whole else 'NOT WHOLE'}: {report.entries} entries, {report.covered} covered by"
        f" {report.checkpoints} checkpoints ({report.cosigned} cosigned), {report.erased} erased"
    ]
    said += [f"  {f['kind']:<11} {'' if f['position'] is None else f['position']!s:>8}  {f['say']}"
             for f in report.findings[:50]]  # fmt: skip
    if report.count > 50:
        said.append(f"  and {report.count - 50} more")
    return "\n".join(said)


if __name__ == "__main__":
    sys.exit(main())
