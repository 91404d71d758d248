"""Texts as numbers: words are numbered as they come, names are found among them in one pass."""

from __future__ import annotations
