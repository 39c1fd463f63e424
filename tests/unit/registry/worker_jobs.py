"""Jobs for test_jobs: imported by the worker process through `--also`, never by the tests themselves."""

import time

from karmayogi.registry import jobs, translations
from karmayogi.registry.translations import Text


@jobs.job("test.count")
def count(progress, n, thing):
    """Writes one text and counts to n."""
    progress.set(n)
    translations.put([Text(thing, "name", "hi", "x", "x")])
    for _ in range(n):
        progress.step()
    return {"counted": n}


@jobs.job("test.slow")
def slow(progress, thing, seconds=0.1):
    """Writes one text, then counts to 6000 slowly; the text must not stay if it is stopped."""
    progress.set(6000)
    translations.put([Text(thing, "name", "hi", "x", "x")])
    progress.say("counting")
    for _ in range(6000):
        time.sleep(seconds)
        progress.step()


@jobs.job("test.dies_first")
def dies_first(progress, flag):
    """Hangs on its first attempt, is quick on the next."""
    from pathlib import Path

    if not Path(flag).exists():
        Path(flag).touch()
        time.sleep(600)
    return {"attempt": "later"}


@jobs.job("test.fails", attempts=2)
def fails(progress):
    """Always fails."""
    raise ValueError("the table is empty")


@jobs.job("test.every_minute", cron="* * * * *", title="Each minute")
def every_minute(progress):
    """Runs by the clock."""
    return {"ran": True}
