"""Files as people have them -> chunks of columns -> checked records."""

from __future__ import annotations
