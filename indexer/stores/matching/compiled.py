"""Compile a function once a machine, not once a run.

What is compiled here makes no arrays, it only works on those it is given. So numba need not count references to them
(``_nrt``): where arrays come in named tuples, counting costs three times as much as the work.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "_nrt": False}


def compiled(*signature: Any) -> Callable[[F], F]:
    """Compile with fixed argument types, without the GIL, and keep the machine code on disk.

    The code is kept beside the module, or, when that folder can't be written, in ``NUMBA_CACHE_DIR`` or the user's
    cache folder. Where none of them can be used, the function is compiled anew in every process (some seconds).
    """

    def decorate(function: F) -> F:
        try:
            return cast("F", numba.njit(signature, cache=True, **_OPTIONS)(function))
        except (RuntimeError, OSError, EOFError, pickle.UnpicklingError):  # no such folder, disk full, file damaged
            return cast("F", numba.njit(signature, **_OPTIONS)(function))

    return decorate


def inlined(function: F) -> F:
    """Compile as a part of the compiled functions that call it."""
    return cast("F", numba.njit(forceinline=True, **_OPTIONS)(function))
