"""Files -> a store, in one go that is published at its end; and the store segmented anew."""

from __future__ import annotations
