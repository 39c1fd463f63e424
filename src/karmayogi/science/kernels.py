"""How the loops of this room are compiled: once for each machine, by numba, with sums in the order written.

The compiled code is kept beside its module, or in `NUMBA_CACHE_DIR`, and made anew when that module changes. It is not
when a loop changes that it calls in another module: who edits `adaptive.kernels` touches `adaptive.simulation_kernels`.

Two things make a compilation long: an array copied whole (`a[:] = b`), which brings the words of its refusals along,
and a constant handed over as such (0, not int(np.int64(0))), a type of its own: the loop is compiled for it as well.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., object])


def compiled(loop: Loop) -> Loop:
    """The loop, compiled at its first call."""
    return cast(Loop, njit(cache=True, error_model="numpy")(loop))


def inner(loop: Loop) -> Loop:
    """The loop, for other loops to call and for Python not to: a third less to compile."""
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Loop, njit(cache=True, error_model="numpy", **options)(loop))
