"""`karmayogi serve`: the web server, as the web role."""

import os
from typing import Any

import click

from karmayogi.cli import environment
from karmayogi.registry import roles


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes that serve pages.")
def command(host: str, port: int, workers: int) -> None:
    """Serve the pages."""
    run(host, port, workers)


def run(host: str, port: int, workers: int) -> None:
    """Serves until stopped; static files are collected first."""
    os.environ.setdefault("KARMAYOGI_PUBLIC_URL", f"http://{host}:{port}")
    environment.prepare(roles.APP)
    from django.core.management import call_command
    from gunicorn.app.base import BaseApplication
    from gunicorn.util import import_app

    call_command("collectstatic", verbosity=0, interactive=False)
    options = {
        "bind": [f"{host}:{port}"],
        "workers": workers,
        "worker_class": "gthread",
        "threads": 2,
        "proc_name": "karmayogi",
        # Loaded once, before any worker takes a connection: a worker that loads beside busy ones is slow enough to be
        # taken for dead, and lets its first visitors wait.
        "preload_app": True,
        "control_socket_disable": True,
    }

    class Pages(BaseApplication):  # type: ignore[misc]
        """Our WSGI application under gunicorn, without gunicorn's own command line."""

        def load_config(self) -> None:
            """Sets our options over gunicorn's defaults."""
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            """The application, by its name: the command line does not know the pages."""
            return import_app("karmayogi.web.wsgi:application")

    Pages().run()
