"""`karmayogi worker`: runs jobs and the schedule, as the worker role."""

import asyncio
import importlib
import importlib.util
from typing import Any

import click

from karmayogi.cli import environment
from karmayogi.cli.sealing import Sealing
from karmayogi.registry import roles

JOURNEYS = "karmayogi.journeys"


@click.command()
@click.option("--concurrency", default=1, show_default=True, help="Jobs at the same time.")
@click.option("--heartbeat", default=10.0, show_default=True, help="Seconds between signs of life.")
@click.option("--until-idle", is_flag=True, help="Stop when no job is waiting.")
@click.option("--also", multiple=True, metavar="MODULE", help="Import this module for its jobs, too.")
def command(concurrency: int, heartbeat: float, until_idle: bool, also: tuple[str, ...]) -> None:
    """Run jobs until stopped (Ctrl-C lets the running job finish).

    A job whose worker died is given to another one after three missed signs of life. Beside the jobs the worker
    seals the audit log every two seconds.
    """
    environment.prepare(roles.WORKER)
    for module in [*_modules(), *also]:
        importlib.import_module(module)
    sealing = Sealing()
    sealing.start()
    try:
        asyncio.run(_work(concurrency, heartbeat, wait=not until_idle))
    finally:
        sealing.stop()


def _modules() -> list[str]:
    """The module `jobs` of each room that has one."""
    from django.apps import apps

    rooms = [c.name for c in apps.get_app_configs() if c.name.startswith("karmayogi.")]
    names = [f"{room}.jobs" for room in [*rooms, JOURNEYS]]
    return [name for name in names if importlib.util.find_spec(name)]


async def _work(concurrency: int, heartbeat: float, *, wait: bool) -> None:
    from procrastinate.contrib.django import app

    stalled = heartbeat * 3
    connector: Any = app.connector  # Django's, which makes the worker's
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        async with worker_app.open_async():
            await _recover(worker_app, stalled)
            watch = asyncio.create_task(_watch(worker_app, heartbeat, stalled))
            try:
                await worker_app.run_worker_async(
                    concurrency=concurrency,
                    wait=wait,
                    update_heartbeat_interval=heartbeat,
                    stalled_worker_timeout=stalled,
                    fetch_job_polling_interval=min(5.0, heartbeat),
                )
            finally:
                watch.cancel()


async def _watch(worker_app: Any, heartbeat: float, stalled: float) -> None:
    while True:
        await asyncio.sleep(heartbeat)
        await _recover(worker_app, stalled)


async def _recover(worker_app: Any, stalled: float) -> None:
    """Puts jobs of workers that gave no sign of life for `stalled` seconds back into the queue."""
    for job in await worker_app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled):
        await worker_app.job_manager.retry_job(job)
