"""Selling points: what people want from a category in their own words, who offers it, and where nobody does."""

from __future__ import annotations
