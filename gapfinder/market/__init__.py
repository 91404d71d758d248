"""The market behind the searches: categories, brands and products, what is wanted of them and who wants it."""

from __future__ import annotations
