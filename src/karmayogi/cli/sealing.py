"""The thread beside the jobs that seals the audit log every few seconds and hands checkpoints to the witnesses."""

import logging
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from karmayogi.institutions.audit_witnesses import Witness

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between seals. A row is sealed within this and the time of one seal."""


class Sealing(threading.Thread):
    """Seals until stopped; a failure is logged and tried again. Start it after Django is set up."""

    def __init__(self, *, every: float = EVERY) -> None:
        super().__init__(name="sealing", daemon=True)
        self.every = every
        self._stopping = threading.Event()

    def run(self) -> None:
        """Seals once more when it is stopped, so that nothing waits for the next worker."""
        from django.db import connection

        while not self._stopping.wait(self.every):
            self._round()
        self._round()
        connection.close()

    def stop(self, patience: float = 30.0) -> None:
        """Ends the thread after a last seal."""
        self._stopping.set()
        self.join(patience)

    def _round(self) -> None:
        from django.db import connection

        from karmayogi.registry.acting import named

        try:
            with named("system:sealer"):
                seal_all()
                hand_out()
        except Exception:
            log.exception("The audit log could not be sealed")
            connection.close()


def seal_all() -> int:
    """Seals until nothing is left; returns how many entries. 0 if another process seals."""
    from django.utils import timezone

    from karmayogi.institutions import audit_sealing

    entries = 0
    try:
        while True:
            done = audit_sealing.seal(now=timezone.now())
            entries += done.entries
            if not done.left:
                return entries
    except audit_sealing.AnotherSeals:
        return entries


def hand_out() -> int:
    """Hands the newest checkpoint to the witnesses that are due; returns how many took it."""
    from django.utils import timezone

    from karmayogi.institutions import audit_witnesses

    return audit_witnesses.deliver(configured(), now=timezone.now())


def configured() -> list["Witness"]:
    """The witnesses named in the environment; raises click.ClickException where one is named wrongly."""
    from karmayogi.institutions import audit_channels, audit_sealing

    try:
        return audit_channels.configured(audit_sealing.known_keys())
    except audit_channels.BadWitness as error:
        raise click.ClickException(str(error)) from error
