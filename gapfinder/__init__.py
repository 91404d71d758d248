"""Gaps: a store's snapshot -> demand, supply, unmet searches -> report. Knows nothing of HTTP."""

from __future__ import annotations
