"""The command line ``gapfinder``. Commands are thin: they parse, call, and show."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; an error ends in one sentence and its exit code, never in a traceback."""
    from gapfinder.cli.app import build
    from indexer.errors import GapfinderError

    try:
        build()()
    except GapfinderError as error:
        from gapfinder.cli.show import complain

        complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("stopped; nothing unfinished was published", file=sys.stderr)  # noqa: T201 - the last word of a program
        sys.exit(130)
