from __future__ import annotations

import resource
import signal

import pytest

from gapfinder.meaning.vectors import _mapped


def test_a_disk_that_is_too_small_is_an_error_and_no_dead_process() -> None:
    """A limit on the size of files stands for the full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            _mapped(1 << 12, 1 << 10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    rows = _mapped(1 << 12, 1 << 10)
    assert (rows.shape, int(rows.max())) == ((4096, 1024), 0)
