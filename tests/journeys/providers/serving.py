"""A small server for providers; a browser opens connections that it leaves idle, so each has a thread."""

from collections.abc import Callable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def serve(application: Callable[..., Any], port: int) -> None:
    """Answers on a port of loopback until the process is ended."""
    make_server("127.0.0.1", port, application, server_class=_Server).serve_forever()
