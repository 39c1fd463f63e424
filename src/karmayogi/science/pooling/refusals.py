"""What no state can be made of, and what to do about it."""

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt import GRID, Floats, Ints

LEAST_SD = 1e-9
"""A message surer than this, in logits, is a mistake; its square would be lost among the digits."""


class EvidenceMalformed(ValueError):
    """Rows of evidence that cannot be read: wrong shapes, unknown groups, values that are no numbers."""


def refuse_rows(
    group: Ints,
    day: Floats,
    *,
    groups: int,
    as_of: float,
    expires: Floats | None = None,
    **columns: ArrayLike,
) -> None:
    """Raises EvidenceMalformed unless group, day and every column are [E], and groups and days make sense."""
    if not np.isfinite(as_of):
        raise EvidenceMalformed("Say the day the state is asked for, as a finite number.")
    if expires is not None:
        columns["expires"] = expires
    rows = np.shape(group)
    if len(rows) != 1:
        raise EvidenceMalformed("group must be one-dimensional: the group of each row of evidence.")
    for name, values in {"day": day, **columns}.items():
        if np.shape(values) != rows:
            raise EvidenceMalformed(f"{name} has shape {np.shape(values)}; give one for each row: {rows}.")
    if rows[0] == 0:
        return
    if not np.issubdtype(np.asarray(group).dtype, np.integer):
        raise EvidenceMalformed("group must hold whole numbers.")
    if np.min(group) < 0 or np.max(group) >= groups:
        raise EvidenceMalformed(
            f"Groups must lie in 0 to {groups - 1}; found {np.min(group)} to {np.max(group)}."
        )
    # a NaN or an infinity anywhere shows in the two ends, without a mask as long as the rows
    if not np.isfinite(np.min(day)) or not np.isfinite(np.max(day)):
        raise EvidenceMalformed("Every row needs a day; leave out rows whose day is not known.")


def refuse_likelihoods(log_likelihood: Floats, rows: int) -> None:
    """Raises EvidenceMalformed unless log-likelihoods are [E, Q] on GRID, below infinity and possible somewhere."""
    if np.shape(log_likelihood) != (rows, len(GRID)):
        raise EvidenceMalformed(
            f"Log-likelihoods have shape {np.shape(log_likelihood)}; give {(rows, len(GRID))}: "
            "one row on irt.GRID for each row of evidence."
        )
    if rows:
        best = np.max(log_likelihood, axis=1)  # NaN wherever a row holds one
        if not np.all(np.isfinite(best)):
            bad = np.flatnonzero(~np.isfinite(best))[:5].tolist()
            raise EvidenceMalformed(
                f"Rows {bad} are no likelihoods: NaN, infinite, or impossible at every ability."
            )


def refuse_drift(mean: Floats, spread: Floats, rate: Floats) -> None:
    """Raises EvidenceMalformed unless cohorts are finite with an sd above 0 and rates of forgetting not below 0."""
    if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(spread)) and np.all(spread > 0.0)):
        raise EvidenceMalformed("Every cohort needs a finite mean and a finite sd above 0.")
    if not np.all((rate >= 0.0) & (rate < np.inf)):
        raise EvidenceMalformed("A rate of forgetting is a finite number per day, 0 or above.")


def refuse_messages(mean: Floats, sd: Floats) -> None:
    """Raises EvidenceMalformed unless means are finite and sds above 0; an infinite sd says nothing and is allowed."""
    if np.size(mean) == 0:
        return
    if not (np.isfinite(np.min(mean)) and np.isfinite(np.max(mean))):
        raise EvidenceMalformed("A message needs a finite mean, in logits.")
    if not np.min(sd) >= LEAST_SD:
        raise EvidenceMalformed("A message needs an sd above 0, in logits; nothing is known for certain.")
