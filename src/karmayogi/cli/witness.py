"""`karmayogi audit witness`: a witness of somebody's log, for another machine. It knows no database and no Django."""

import datetime as dt
import fcntl
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from karmayogi.standards import notes, witness
from karmayogi.standards.notes import Checkpoint, Note, Verifier

SEED, KEYS, LATEST = "seed", "keys", "latest"


class AnotherWitness(Exception):
    """A witness already runs on this folder."""


class Keeper:
    """Checkpoints of one log in `folder`, each signed once. Two keepers of one folder exclude each other."""

    def __init__(self, folder: Path, *, log: Verifier, name: str) -> None:
        self.folder, self.log = folder, log
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / "lock").open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherWitness(f"A witness already runs on {folder}.") from None
        self._private = _seed(folder / SEED)
        self.key = Verifier(name, notes.WITNESS, self._private.public_key().public_bytes_raw())
        _durable(folder / KEYS, f"{log.text}\n{self.key.text}\n")
        self._turn = threading.Lock()

    def last(self) -> Checkpoint | None:
        """What was signed last."""
        file = self.folder / LATEST
        return notes.read_checkpoint(notes.read(file.read_text(encoding="utf-8"))) if file.exists() else None

    def see(self, text: str, *, now: dt.datetime) -> tuple[int, str]:
        """Status and body of the answer to a request. What is signed is on the disk before it is answered."""
        with self._turn:
            answer = witness.judge(text, key=self.log, last=self.last())
            if answer.note is None:
                return answer.status, f"{answer.size if answer.status == 409 else answer.say}\n"
            point = notes.read_checkpoint(answer.note)
            line = notes.cosign(
                answer.note.text, key=self.key, by=self._private.sign, at=int(now.timestamp())
            )
            ours = [s for s in answer.note.signatures if (s.name, s.id) == (self.log.name, self.log.id)]
            kept = str(Note(answer.note.text, (*ours, line)))
            digits = f"{point.size:012d}"
            _durable(self.folder / digits[:-6] / digits[-6:-3] / f"{digits}.checkpoint", kept)
            _durable(self.folder / LATEST, kept)
        return 200, line.line


def serve(keeper: Keeper, *, host: str, port: int) -> ThreadingHTTPServer:
    """A server that answers for the keeper; call its `serve_forever`."""

    class Requests(BaseHTTPRequestHandler):
        """POST /add-checkpoint; GET /key and /checkpoint for whoever wants to look."""

        timeout = 20

        def do_POST(self) -> None:
            """A checkpoint to sign."""
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint" or not length.isdigit() or int(length) > witness.LONGEST:
                self._say(404 if self.path != "/add-checkpoint" else 400, "POST /add-checkpoint\n")
                return
            text = self.rfile.read(int(length)).decode(errors="replace")
            self._say(*keeper.see(text, now=dt.datetime.now(dt.UTC)))

        def do_GET(self) -> None:
            """The key of this witness, or the newest checkpoint it signed."""
            latest = keeper.folder / LATEST
            if self.path == "/key":
                self._say(200, f"{keeper.key.text}\n")
            elif self.path == "/checkpoint" and latest.exists():
                self._say(200, latest.read_text(encoding="utf-8"))
            else:
                self._say(404, "Nothing here.\n")

        def _say(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            kind = "text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: what was signed stands in the folder."""

    return ThreadingHTTPServer((host, port), Requests)


def _seed(file: Path) -> Ed25519PrivateKey:
    if not file.exists():
        private = Ed25519PrivateKey.generate()
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
            stream.write(private.private_bytes_raw())
            os.fsync(stream.fileno())
    return Ed25519PrivateKey.from_private_bytes(file.read_bytes())


def _durable(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.new")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
    where = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(where)
    finally:
        os.close(where)
