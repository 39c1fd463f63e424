"""The two ways to a witness: a folder that somebody else carries away, and an address that signs what it is shown."""

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from karmayogi.institutions.audit_witnesses import Proof, Refused, Unreachable, Witness
from karmayogi.standards import notes, witness
from karmayogi.standards.notes import MalformedNote, Note, Verifier

PATIENCE = 10.0
"""Seconds to wait for an answer."""
KEYS = "keys"
"""The file of verifier keys in a folder of checkpoints, one a line."""
DIGITS = 12


@dataclass(frozen=True)
class Folder:
    """Checkpoints as files `<size>.checkpoint`; a file that stands is never written again."""

    path: Path
    keys: Sequence[Verifier] = ()

    @property
    def name(self) -> str:
        """The folder."""
        return f"folder {self.path}"

    def see(self, note: str, *, size: int, since: int, proof: Proof) -> str:
        """Writes the checkpoint; see `Witness`."""
        try:
            file = place(self.path, size)
            file.parent.mkdir(parents=True, exist_ok=True)
            known = file.read_text(encoding="utf-8") if file.exists() else None
            if known is not None and _text(known) != _text(note):
                raise Refused(f"{file} says something else about {size} entries than this log does.")
            self._write_keys()
            if known is None:
                write_once(file, note)
        except OSError as error:
            raise Unreachable(f"{self.path}: {error.strerror}") from error
        return ""

    def _write_keys(self) -> None:
        """The keys of the log stand beside the checkpoints from the first day on; later ones are added."""
        file = self.path / KEYS
        known = file.read_text(encoding="utf-8").split() if file.exists() else []
        fresh = [key.text for key in self.keys if key.text not in known]
        if fresh:
            with file.open("a", encoding="utf-8") as stream:
                stream.writelines(f"{text}\n" for text in fresh)


@dataclass(frozen=True)
class Address:
    """A witness that speaks C2SP tlog-witness at an http(s) address; `key`: the one it signs with."""

    url: str
    key: Verifier

    @property
    def name(self) -> str:
        """The name of its key."""
        return self.key.name

    def see(self, note: str, *, size: int, since: int, proof: Proof) -> str:
        """Posts the checkpoint and checks the cosignature; see `Witness`."""
        status, said = self._post(witness.request(note, old=since, proof=proof(since)))
        if status == 409 and said.strip().isdigit():
            seen = int(said)
            if seen > size:
                raise Refused(
                    f"It has seen {seen} entries of this log, which has {size}: was it rolled back?"
                )
            status, said = self._post(witness.request(note, old=seen, proof=proof(seen)))
        if status in (403, 404, 422):
            raise Refused(f"It refused: {status} {said.strip()}")
        if status != 200:
            raise Unreachable(f"It answered {status}.")
        return self._checked(note, said)

    def _checked(self, note: str, said: str) -> str:
        try:
            lines = tuple(notes.read_signature(line) for line in said.splitlines())
            ours = [s for s in lines if (s.name, s.id) == (self.key.name, self.key.id)]
            if not notes.signed_by(Note(_text(note), tuple(ours)), [self.key]):
                raise MalformedNote("none of its key")
        except MalformedNote as error:
            raise Unreachable(f"It sent no cosignature that holds: {error}") from error
        return "".join(s.line for s in ours)

    def _post(self, text: str) -> tuple[int, str]:
        request = urllib.request.Request(  # noqa: S310 (the scheme is checked when it is configured)
            f"{self.url}/add-checkpoint", data=text.encode(), headers={"Content-Type": "text/plain"}
        )
        try:
            with _OPENER.open(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read(20_000).decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(2_000).decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{self.url}: {error}") from error


class _NoWayRound(urllib.request.HTTPRedirectHandler):
    """A witness does not send us elsewhere."""

    def redirect_request(self, *_: object) -> None:
        """No new request."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoWayRound)


class BadWitness(ValueError):
    """The environment names a witness in a way that cannot be used."""


def configured(keys: Sequence[Verifier], environment: Mapping[str, str] = os.environ) -> list[Witness]:
    """The witnesses named in the environment; `keys`: of the log. Raises `BadWitness`.

    KARMAYOGI_WITNESS_FOLDER: a folder. KARMAYOGI_WITNESS_URL with KARMAYOGI_WITNESS_KEY: an address and its key.
    """
    found: list[Witness] = []
    if folder := environment.get("KARMAYOGI_WITNESS_FOLDER"):
        found.append(Folder(Path(folder).resolve(), keys))
    if url := environment.get("KARMAYOGI_WITNESS_URL"):
        if not url.startswith(("https://", "http://")):
            raise BadWitness("KARMAYOGI_WITNESS_URL must begin with https:// or http://.")
        try:
            key = notes.read_verifier(environment.get("KARMAYOGI_WITNESS_KEY", ""))
        except MalformedNote as error:
            raise BadWitness(f"KARMAYOGI_WITNESS_KEY: {error}") from error
        if key.kind != notes.WITNESS:
            raise BadWitness("KARMAYOGI_WITNESS_KEY is the key of a log, not of a witness.")
        found.append(Address(url.rstrip("/"), key))
    return found


def place(folder: Path, size: int) -> Path:
    """Where a checkpoint of this size stands in a folder of checkpoints."""
    digits = f"{size:0{DIGITS}d}"
    return folder / digits[:-6] / digits[-6:-3] / f"{digits}.checkpoint"


def write_once(file: Path, text: str) -> None:
    """Writes a file whole or not at all, and for good: it is on the disk when this returns. Raises OSError."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.chmod(0o444)
    draft.replace(file)
    where = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(where)
    finally:
        os.close(where)


def _text(note: str) -> str:
    return note.partition("\n\n")[0] + "\n"
