"""Why a row of the table is not met and what was tried, by the row's name; shown only while it is not met."""

from __future__ import annotations

from typing import Final

WHY: Final[dict[str, str]] = {}
