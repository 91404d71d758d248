"""The command line ``gapfinder``. Commands are thin: they parse, call, and show."""

from __future__ import annotations

import logging
import os
import signal
import sys
from types import FrameType
from typing import NoReturn, TextIO


def main() -> NoReturn:
    """Run the command line; an error ends in one sentence and its exit code, never in a traceback."""
    _prepare_streams()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as it is for a command in the background
        signal.signal(signal.SIGINT, _interrupted)
    logging.getLogger("stamina").addHandler(logging.NullHandler())  # retries end in one sentence, not in log lines
    _leave(_run())


def _run() -> int:
    from gapfinder.cli.app import build
    from gapfinder.cli.show import complain
    from indexer.errors import GapfinderError

    try:
        build()()
    except GapfinderError as error:
        complain(error)
        return error.exit_code
    except SystemExit as error:  # how the command line says that it is done, or used wrongly
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of a pipe has seen enough
        return 0
    except OSError as error:
        complain(GapfinderError(f"{error.filename or 'this command'}: {error.strerror or error}"))
        return 2
    return 0


def _prepare_streams() -> None:
    """Output never fails for want of a character or of a stream."""
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - lives with the process
        else:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]


def _interrupted(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.stderr.write("\nstopped; nothing unfinished was published\n")
    raise KeyboardInterrupt


def _leave(code: int) -> NoReturn:
    """End the process at once when native libraries are loaded.

    Their threads may still be at work for a reader that was left early, and tearing them down at the interpreter's end
    now and then aborts the process with a false exit code.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            os.write(2, f"error: the output can't be written: {error.strerror}\n".encode())
            code = code or 2
        os._exit(code)
    if "pyarrow" in sys.modules:
        os._exit(code)
    sys.exit(code)
