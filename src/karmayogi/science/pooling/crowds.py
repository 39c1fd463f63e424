"""The same states for a million groups at once: normal messages in a compiled loop, any other shape by chunk."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.pooling.attribution import Attribution
from karmayogi.science.pooling.refusals import refuse_messages, refuse_rows
from karmayogi.science.pooling.states import Drift, Pooled, cohorts, pool

NONE: Floats = np.empty(0)
FEW = 256
"""Events of a group up to which sorting by insertion is quickest; its steps grow with their square."""


@dataclass(frozen=True)
class _Laid:
    """Events in the order of the loops: `order` is empty if they stand so already."""

    order: Ints
    starts: Ints
    columns: tuple[Floats, Floats, Floats, Floats]
    cohorts: tuple[Floats, Floats, Floats]


def pool_normals(
    group: Ints,
    day: Floats,
    mean: Floats,
    sd: Floats,
    *,
    groups: int,
    as_of: float,
    drift: Drift,
    expires: Floats | None = None,
) -> Pooled:
    """What `pool` finds from normal messages [E] with these means and sds in logits, exact and without a grid.

    Arguments as for `pool`. An infinite sd says nothing. Events that stand by group and day are read where they
    lie; others take one index more (8 bytes an event). Compiled: for jobs, not for pages. Raises EvidenceMalformed.
    """
    from karmayogi.science.pooling import kernels  # compiling is for whoever has a crowd

    laid = _laid(group, day, mean, sd, expires, groups, as_of, drift)
    means, variances, information = np.empty(groups), np.empty(groups), np.empty(groups)
    kernels.filter_normals(
        laid.order, laid.starts, *laid.columns, *laid.cohorts, float(as_of), means, variances, information
    )
    return Pooled(means, np.sqrt(variances, out=variances), information)


def attribute_normals(
    group: Ints,
    day: Floats,
    mean: Floats,
    sd: Floats,
    *,
    groups: int,
    as_of: float,
    drift: Drift,
    expires: Floats | None = None,
) -> Attribution:
    """What each normal message [E] did to the state that `pool_normals` finds from the same arguments."""
    from karmayogi.science.pooling import kernels  # compiling is for whoever has a crowd

    laid = _laid(group, day, mean, sd, expires, groups, as_of, drift)
    shift, weight, variance, information = (np.zeros(len(day)) for _ in range(4))
    kernels.attribute_normal_events(
        laid.order,
        laid.starts,
        *laid.columns,
        *laid.cohorts,
        float(as_of),
        shift,
        weight,
        variance,
        information,
    )
    return Attribution(shift, weight, variance, information)


def pool_by_chunk(
    group: Ints,
    day: Floats,
    likelihoods_of: Callable[[Ints], Floats],
    *,
    groups: int,
    as_of: float,
    drift: Drift,
    expires: Floats | None = None,
    rows: int = 50_000,
) -> Pooled:
    """What `pool` finds, with the log-likelihoods of about `rows` events in memory at a time.

    `likelihoods_of` is given indices of events, ascending, and returns their log-likelihoods [n, Q] on GRID. A
    group is never split. Arguments else as for `pool`. Raises EvidenceMalformed.
    """
    refuse_rows(group, day, groups=groups, as_of=as_of, expires=expires)
    target, spread, rate = cohorts(drift, groups)
    starts = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=groups))])
    order = np.argsort(group, kind="stable")
    found = Pooled(target.copy(), np.sqrt(spread), np.zeros(groups))
    first = 0
    while first < groups:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + rows, side="right")) - 1)
        mine, here = slice(first, last), np.sort(order[starts[first] : starts[last]])
        part = pool(
            group[here] - first,
            day[here],
            likelihoods_of(here),
            groups=last - first,
            as_of=as_of,
            drift=Drift(target[mine], np.sqrt(spread[mine]), rate[mine]),
            expires=None if expires is None else expires[here],
        )
        found.means[mine], found.sds[mine], found.information[mine] = part.means, part.sds, part.information
        first = last
    return found


def _laid(
    group: Ints,
    day: Floats,
    mean: Floats,
    sd: Floats,
    expires: Floats | None,
    groups: int,
    as_of: float,
    drift: Drift,
) -> _Laid:
    from karmayogi.science.pooling import kernels

    refuse_rows(group, day, groups=groups, as_of=as_of, expires=expires, mean=mean, sd=sd)
    refuse_messages(mean, sd)
    day, group = _read_only(day), np.ascontiguousarray(group, dtype=np.int64)
    starts = kernels.starts_of(group, groups)
    if kernels.is_ordered(group, day):
        order = np.empty(0, dtype=np.int64)
    elif np.diff(starts).max() > FEW:
        order = np.lexsort((day, group))
    else:
        order = kernels.order_of(group, day, starts)
    target, spread, rate = map(_read_only, cohorts(drift, groups))
    until = _read_only(NONE if expires is None else expires)
    return _Laid(order, starts, (day, _read_only(mean), _read_only(sd), until), (target, spread, rate))


def _read_only(values: Floats) -> Floats:
    """A view that cannot be written through: to the compiler others are of another type, to be compiled for anew."""
    view = np.ascontiguousarray(values, dtype=np.float64)[:]
    view.flags.writeable = False
    return view
