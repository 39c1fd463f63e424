"""`karmayogi serve`: the web server, as the web role."""

import os

import click

from karmayogi.cli import environment
from karmayogi.registry import roles


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True)
def command(host: str, port: int, workers: int) -> None:
    """Serve the pages."""
    run(host, port, workers)


def run(host: str, port: int, workers: int) -> None:
    """Replaces this process by gunicorn; static files are collected first."""
    environment.prepare(roles.APP)
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
    from gunicorn.app.wsgiapp import WSGIApplication

    os.environ.setdefault("KARMAYOGI_PUBLIC_URL", f"http://{host}:{port}")
    application = WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="karmayogi serve")
    application.app_uri = "karmayogi.web.wsgi:application"
    for name, value in {
        "bind": [f"{host}:{port}"],
        "workers": workers,
        "worker_class": "gthread",
        "threads": 2,
        "accesslog": None,
        "proc_name": "karmayogi",
    }.items():
        application.cfg.set(name, value)
    application.run()
