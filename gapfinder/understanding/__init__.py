"""What queries and notes are about: category, brand, product, needs, crowd, scene, price, intent."""

from __future__ import annotations
