"""What readers say below notes: what a comment wants, and whether it praises a point or complains about it."""

from __future__ import annotations
