"""How it stands with the audit log: sealed, unsealed, witnessed."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from karmayogi.cli import sealing
from karmayogi.institutions.audit_witnesses import Standing

LATE = 30.0
"""Seconds an unsealed row may be old before something is wrong; the worker seals every two."""
OVERDUE = 900.0
"""Seconds a witness may be out of reach before somebody should look."""


@dataclass(frozen=True, slots=True)
class LogStatus:
    """`oldest_unsealed`: seconds; None if every row is sealed. `witnessed`: entries a witness has."""

    entries: int
    oldest_unsealed: float | None
    witnessed: int
    witnesses: list[Standing]
    at: dt.datetime

    @property
    def well(self) -> bool:
        """Sealing keeps up, and no witness refuses or has been out of reach for long."""
        late = self.oldest_unsealed is not None and self.oldest_unsealed > LATE
        return not late and not any(self.overdue(w) for w in self.witnesses)

    def overdue(self, standing: Standing) -> bool:
        """This witness refuses, or has not been reached for a quarter of an hour."""
        since = standing.failing_since
        return standing.refused or (since is not None and (self.at - since).total_seconds() > OVERDUE)

    def lines(self) -> Iterator[str]:
        """For people."""
        age = "nothing is unsealed" if self.oldest_unsealed is None else f"{self.oldest_unsealed:.1f} s"
        yield f"sealed entries     {self.entries}, of which a witness has {self.witnessed}"
        yield f"oldest unsealed    {age}"
        if not self.witnesses:
            yield "witnesses          none: name them in KARMAYOGI_WITNESS_FOLDER and KARMAYOGI_WITNESS_URL"
        for w in self.witnesses:
            state = "REFUSES" if w.refused else f"fails, {w.failures} times" if w.failures else "well"
            yield f"witness            {w.name}: {state}; has {w.size}, {w.behind} behind"
            if w.said:
                yield f"                   {w.said}"


def look() -> LogStatus:
    """The state now, as the worker role; Django must be set up."""
    from django.utils import timezone

    from karmayogi.institutions import audit_proofs, audit_sealing, audit_witnesses
    from karmayogi.registry.acting import as_worker

    now = timezone.now()
    with as_worker():
        names = [w.name for w in sealing.configured()]
        oldest = audit_sealing.oldest_unsealed()
        return LogStatus(
            entries=audit_proofs.length(),
            oldest_unsealed=(now - oldest).total_seconds() if oldest else None,
            witnessed=audit_witnesses.witnessed(),
            witnesses=audit_witnesses.standings(names),
            at=now,
        )
