"""All keywords at once: one stream of notes, exact counts and the best notes of every keyword.

The store streams its segmented notes; :func:`match_notes` counts, for every keyword, what :class:`Matches` of the
store's contract defines. :func:`match_notes_plainly` says the same in a few lines of plain Python: it is what the fast
one is tested against, and what the in-memory store runs.
"""

from __future__ import annotations

from indexer.stores.matching.match import count_terms, match_notes
from indexer.stores.matching.plain import best_notes_plainly, count_terms_plainly, match_notes_plainly

__all__ = [
    "best_notes_plainly",
    "count_terms",
    "count_terms_plainly",
    "match_notes",
    "match_notes_plainly",
]
