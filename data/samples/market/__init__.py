"""The sample market: what people search, what others wrote, what is missing; all of it made up by this project."""

from __future__ import annotations
