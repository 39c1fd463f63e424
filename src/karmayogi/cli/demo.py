"""`karmayogi demo`: builds the public service in miniature, then serves it with its personas."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import click

from karmayogi.cli import COMMANDS, environment, sealing
from karmayogi.cli.binaries import ServerError
from karmayogi.cli.databases import drop_database
from karmayogi.registry import roles

HOST = "127.0.0.1"
Tell = Callable[[str, int, int], None]


@click.command()
@click.option("--load-only", is_flag=True, help="Only load it into migrated tables, then stop.")
@click.option("--quiet", is_flag=True, help="Say nothing while working.")
@click.option("--host", default=HOST, show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes that serve pages.")
@click.option("--fresh", is_flag=True, help="Delete this demonstration's database first and begin anew.")
def command(load_only: bool, quiet: bool, host: str, port: int, workers: int, fresh: bool) -> None:
    """Build the public service in miniature and serve it.

    Everyone in it is invented. The first start builds it; later ones only serve it.
    """
    os.environ.setdefault("KARMAYOGI_DEMO", "1")
    if load_only:
        load(quiet=quiet)
        return
    started = time.perf_counter()
    os.environ.setdefault("KARMAYOGI_PUBLIC_URL", f"http://{_shown(host)}:{port}")
    _check_port(host, port)
    if fresh:
        _begin_anew()
    _prepare_tables()
    seconds = _child("demo", "--load-only", *(["--quiet"] if quiet else []))
    with _worker():
        _guide(host, port, built=seconds, seconds=time.perf_counter() - started)
        _serve(host, port, workers)


def load(*, quiet: bool) -> None:
    """Loads the miniature up to today as the worker role; the tables must be there. Twice is as good as once."""
    with _plainly():
        environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.journeys.demo import miniature

    started = time.perf_counter()
    with _shown_progress(quiet) as tell:
        built = miniature.build(today=timezone.localdate(), progress=tell, analyze=_analyzer())
    sealing.seal_all()
    if not quiet:
        if built.steps:
            click.echo(f"built in {time.perf_counter() - started:.1f} seconds, up to {built.today}", err=True)
        else:
            click.echo(f"built before, up to {built.today}", err=True)


def _analyzer() -> Callable[[], None] | None:
    """Tells the planner what the tables hold now, as their owner; None where the owner's address is not known."""
    import psycopg

    try:
        address = environment.address(roles.OWNER)
    except environment.NoDatabaseFor:
        return None

    def analyze() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("ANALYZE")

    return analyze


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} cannot be used ({error.strerror}). Choose another: karmayogi demo --port {port + 1}"
            ) from error


def _begin_anew() -> None:
    if os.environ.get("DATABASE_URL"):
        raise click.ClickException(
            "DATABASE_URL is set: this command deletes no database of yours. Unset it, or empty the database yourself."
        )
    with _plainly():
        drop_database(environment.own_server().start(), environment.database_name())


def _prepare_tables() -> None:
    """Migrates as the owner, in a process of its own: one process talks to the database in one role."""
    with _plainly():
        environment.address(roles.OWNER)
    done = subprocess.run(
        [sys.executable, "-m", "karmayogi", "db", "migrate"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise click.ClickException(
            f"The tables could not be prepared.\n{(done.stderr or done.stdout).strip()}"
        )


def _child(*arguments: str) -> float:
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "karmayogi", *arguments], check=False)
    if done.returncode:
        raise click.ClickException("The demonstration could not be loaded; the lines above say why.")
    return time.perf_counter() - started


@contextmanager
def _worker() -> Iterator[None]:
    """A process that runs jobs beside the pages, ended with them."""
    if "worker" not in COMMANDS:
        yield
        return
    # a session of its own: Ctrl-C reaches us, and we end it after the pages have stopped
    running = subprocess.Popen([sys.executable, "-m", "karmayogi", "worker"], start_new_session=True)
    owner = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == owner:  # a forked page server leaves through here as well
            running.terminate()
            try:
                running.wait(timeout=10)
            except subprocess.TimeoutExpired:
                running.kill()


def _serve(host: str, port: int, workers: int) -> None:
    from karmayogi.cli import serve

    sys.argv[1:] = []  # gunicorn would read our options as its own
    serve.run(host, port, workers)


def _guide(host: str, port: int, *, built: float, seconds: float) -> None:
    from karmayogi.journeys.demo.personas import groups

    address = f"http://{_shown(host)}:{port}/"
    lines = ["", f"Open {address} and choose who you would like to be:", ""]
    for heading, people in groups():
        lines.append(f"  {heading}")
        lines += [f"    {p.name:<20} {p.role}. {p.try_this}" for p in people]
    lines += ["", f"Ready in {seconds:.0f} seconds ({built:.0f} of them for the data). Ctrl-C ends it.", ""]
    click.echo("\n".join(lines))


def _shown(host: str) -> str:
    return "localhost" if host in (HOST, "0.0.0.0", "::") else host  # noqa: S104 (only compared)


@contextmanager
def _plainly() -> Iterator[None]:
    """What is wrong with the database, in one sentence instead of a trace."""
    try:
        yield
    except (ServerError, environment.NoDatabaseFor) as error:
        raise click.ClickException(str(error)) from error


def _shown_progress(quiet: bool) -> AbstractContextManager[Tell | None]:
    if quiet:
        return contextlib.nullcontext(None)
    return _bars() if sys.stderr.isatty() else _lines()


@contextmanager
def _lines() -> Iterator[Tell]:
    started: dict[str, float] = {}

    def tell(title: str, done: int, total: int) -> None:
        begun = started.setdefault(title, time.perf_counter())
        if total and done == total:
            click.echo(f"{title:<20} {done:>7,}  {time.perf_counter() - begun:5.1f} s", err=True)

    yield tell


@contextmanager
def _bars() -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        tasks = {}

        def tell(title: str, done: int, total: int) -> None:
            if title not in tasks:
                tasks[title] = shown.add_task(title, total=total or None)
            shown.update(tasks[title], completed=done, total=total or None)

        yield tell
