"""Jobs of the drills, for a worker started with `--also`: one as jobs are to be written, one with a planted fault."""

import time
from collections.abc import Mapping
from typing import Any

from karmayogi.cli.drills.workers import TORN, WHOLE
from karmayogi.institutions import audit
from karmayogi.registry import jobs
from karmayogi.registry.acting import as_worker
from karmayogi.registry.jobs import Progress

OFTEN = 12
"""Attempts: the drill kills on purpose what a real job meets once in a year."""


@jobs.job(WHOLE, attempts=OFTEN)
def whole(progress: Progress, number: int) -> Mapping[str, Any]:
    """Its effect and its being done are one transaction."""
    _effect(progress, number)
    time.sleep(0.3)
    return {"number": number}


@jobs.job(TORN, attempts=OFTEN, whole=False)
def torn(progress: Progress, number: int) -> Mapping[str, Any]:
    """The planted fault: its effect is kept before it is done, and has no key of its own."""
    with as_worker():
        _effect(progress, number)
    time.sleep(0.3)
    return {"number": number}


def _effect(progress: Progress, number: int) -> None:
    time.sleep(0.2)
    audit.record(
        "drill.job", actor=None, object_kind="drill", object_id=progress.run, details={"number": number}
    )
