"""``python -m gapfinder`` is the command line."""

from __future__ import annotations

from gapfinder.cli import main

if __name__ == "__main__":
    main()
