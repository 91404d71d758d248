"""Reformulated searches: ones that the same person asked again in other words soon afterwards.

A search is reformulated when one of the next five searches of its session, within ``session_minutes`` and later in
time, has another canonical query for the same need: a word in common that is not generic (proven synonyms are the same
word), or a text that is much alike. Another topic is no reformulation. Where a log knows no sessions, the searches of a
user within that time are one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from rapidfuzz import process
from rapidfuzz.distance import Indel

from gapfinder.keywords import is_topic
from gapfinder.searchlog import SearchLog
from gapfinder.settings import Settings
from indexer.dictionary import shipped_synonyms

STEPS: Final = 5
ALIKE: Final = 0.5
_MICROSECONDS_A_MINUTE: Final = 60_000_000


def mark_reformulated(log: SearchLog, settings: Settings) -> None:
    """Make the table ``acts``: the searches by people that have a canonical query, with ``reformulated``.

    Needs ``searches``, ``folded``, ``canonical`` and ``words``.
    """
    # Rows that are equal in all that orders them are interchangeable, so the numbers mean the same every time.
    log.run(
        """
        CREATE TABLE placed AS
        SELECT row_number() OVER (ORDER BY s.session, s.moment, f.query, s.variant, s.state) AS place,
               f.query, s.variant, s.person, s.session, s.moment, s.day, s.state
        FROM searches s JOIN folded f USING (variant)
        WHERE NOT s.bot
        """
    )
    log.run(
        """
        CREATE TABLE steps AS
        SELECT a.place, a.query AS earlier, b.query AS later
        FROM placed a CROSS JOIN range(1, $steps + 1) k(step) JOIN placed b ON b.place = a.place + k.step
        WHERE b.session = a.session AND b.query <> a.query AND b.moment > a.moment AND b.moment - a.moment <= $longest
        """,
        steps=STEPS,
        longest=settings.whole("session_minutes") * _MICROSECONDS_A_MINUTE,
    )
    _relate(log)
    log.run(
        """
        CREATE TABLE acts AS
        SELECT p.* EXCLUDE (place, session), r.place IS NOT NULL AS reformulated
        FROM placed p
        LEFT JOIN (SELECT DISTINCT place FROM steps JOIN related USING (earlier, later)) r USING (place)
        """
    )
    log.drop("placed", "steps", "related")


def _relate(log: SearchLog) -> None:
    """Make the table ``related`` (earlier, later): pairs of canonical queries that follow each other for one need."""
    log.run("CREATE TABLE pairs AS SELECT DISTINCT earlier, later FROM steps")
    log.keep("topics", _topics(log))
    log.run(
        """
        CREATE TABLE related AS
        SELECT DISTINCT p.earlier, p.later
        FROM pairs p JOIN topics a ON a.query = p.earlier JOIN topics b ON b.query = p.later AND b.topic = a.topic
        """
    )
    log.run(
        """
        CREATE TABLE others AS
        SELECT p.earlier, p.later, a.text AS one, b.text AS other
        FROM (SELECT * FROM pairs EXCEPT SELECT * FROM related) p
        JOIN canonical a ON a.query = p.earlier JOIN canonical b ON b.query = p.later
        """
    )
    for batch in log.batches("SELECT * FROM others"):
        likeness = process.cpdist(
            batch["one"].to_pylist(), batch["other"].to_pylist(), scorer=Indel.normalized_similarity, dtype=np.float64
        )
        alike = pa.Table.from_batches([batch]).filter(pa.array(likeness >= ALIKE))
        log.append(alike, "INSERT INTO related SELECT earlier, later FROM given")
    log.drop("pairs", "topics", "others")


def _topics(log: SearchLog) -> pa.Table:
    """The words of each canonical query that say what it is about, as (query, topic)."""
    words = log.table("SELECT DISTINCT term FROM words ORDER BY term")["term"].to_pylist()
    first = {term: group[0] for group in shipped_synonyms() for term in group}
    kept = [word for word in words if is_topic(word)]
    topics = pa.array([first.get(word, word) for word in kept], pa.string())
    log.keep("meant", pa.table({"term": pa.array(kept, pa.string()), "topic": topics}))
    return log.table("SELECT DISTINCT w.query, m.topic FROM words w JOIN meant m USING (term)")
