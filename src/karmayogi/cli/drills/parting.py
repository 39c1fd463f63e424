"""`drill partition`: the network between pages and database is cut, also in the middle of a commit."""

import socket
import threading
import time
from contextlib import suppress

from karmayogi.cli.cluster import HOST, free_port
from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import ground, ready, until
from karmayogi.cli.drills.kills import count
from karmayogi.cli.drills.writers import Writers

SWALLOW = 0.4
"""Seconds in which what is asked still arrives and the answers no longer do."""


def run(*, cuts: int, writers: int) -> Found:
    """Cuts the line `cuts` times under `writers`: first the way back only, then both."""
    found = Found("partition", {"cuts": 0, "writers": writers})
    slowest = {"red": 0.0, "green": 0.0}
    with ground(people=200) as place:
        line = Line(place.address.port)
        try:
            port = place.serve(given=place.environment(port=line.port))
            with Writers(place, port, count=writers) as at_work:
                for _ in range(cuts):
                    found.expect(at_work.wait_for(12), "The writers came to nothing between two cuts.")
                    line.swallow()
                    time.sleep(SWALLOW)
                    line.cut()
                    _turns(found, slowest, port, "red", 503)
                    line.mend()
                    _turns(found, slowest, port, "green", 200)
                    found.figures["cuts"] += 1
                at_work.wait_for(12)
            count(found, at_work)
        finally:
            line.cut()
    found.figures |= {f"slowest_to_{colour}_seconds": seconds for colour, seconds in slowest.items()}
    return found


def _turns(found: Found, slowest: dict[str, float], port: int, colour: str, status: int) -> None:
    began = time.monotonic()
    found.expect(until(lambda: ready(port) == status, seconds=30), f"/readyz/ did not turn {colour}.")
    slowest[colour] = max(slowest[colour], time.monotonic() - began)


class Line:
    """A line to the database that can be cut. `port`: where it begins."""

    def __init__(self, to: int) -> None:
        self.to, self.port = to, free_port()
        self.swallowing, self.pairs, self.lock = False, list[socket.socket](), threading.Lock()
        self.listener: socket.socket | None = None
        self.mend()

    def swallow(self) -> None:
        """From now on answers are lost on the way."""
        self.swallowing = True

    def cut(self) -> None:
        """Nothing goes through, and nobody can connect."""
        if self.listener:
            with suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        with self.lock:
            for one in self.pairs:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self.pairs.clear()

    def mend(self) -> None:
        """The line is as before."""
        self.swallowing = False
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self.port))
        listener.listen(50)
        self.listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection((HOST, self.to))
            except OSError:
                return
            with self.lock:
                self.pairs += [near, far]
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, back: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if not (back and self.swallowing):
                    target.sendall(piece)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
