"""Files -> checked records -> segmented text -> a store. Knows nothing of gaps."""

from __future__ import annotations
