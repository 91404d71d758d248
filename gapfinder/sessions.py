"""Reformulated searches: ones that the same person asked again in other words soon afterwards.

A search is reformulated when one of the next five searches of its session, within ``session_minutes`` and later in
time, has another canonical query for the same need: a word in common that is not generic (proven synonyms are the same
word), or a text that is much alike. Another topic is no reformulation. Where a log knows no sessions, the searches of a
user within that time are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
_STEPS_AT_ONCE: Final = 500_000
_STEP_COLUMNS: Final = ["place", "variant", "day", "state", "earlier", "later"]
_ADD_STEPS: Final = "INSERT INTO steps BY NAME SELECT * FROM given"
# Rows that are equal in all that orders them are interchangeable, so the numbers mean the same every time.
_IN_ORDER: Final = """
    SELECT s.rowid AS place, s.session, s.moment, f.query, s.variant, s.day, s.state
    FROM searches s JOIN folded f USING (variant) ANTI JOIN bots USING (person)
    WHERE s.session IS NOT NULL
    ORDER BY s.session, s.moment, f.query, s.variant, s.state, s.person
"""


def mark_reformulated(log: SearchLog, settings: Settings) -> None:
    """Make the table ``reformulated``: the searches that are, as (place, query, variant, day, state).

    ``place`` is the row of ``searches``. Needs ``searches``, ``bots``, ``folded``, ``canonical`` and ``words``.
    """
    log.run(
        """
        CREATE TABLE steps (place BIGINT, variant INTEGER, day INTEGER, state TINYINT, earlier INTEGER, later INTEGER)
        """
    )
    longest = settings.whole("session_minutes") * _MICROSECONDS_A_MINUTE
    waiting: list[pa.Table] = []
    for steps in _steps(log.batches(_IN_ORDER), longest):
        waiting.append(steps)
        if sum(map(len, waiting)) >= _STEPS_AT_ONCE:
            log.append(pa.concat_tables(waiting), _ADD_STEPS)
            waiting = []
    if waiting:
        log.append(pa.concat_tables(waiting), _ADD_STEPS)
    _relate(log)
    log.run(
        """
        CREATE TABLE reformulated AS
        SELECT DISTINCT place, earlier AS query, variant, day, state FROM steps JOIN related USING (earlier, later)
        """
    )
    log.drop("steps", "related")


def _steps(batches: Iterable[pa.RecordBatch], longest: int) -> Iterator[pa.Table]:
    """Each search with those of the next :data:`STEPS` of its session that may ask it again: ``steps``.

    Args:
        batches: All searches by session and time (:data:`_IN_ORDER`).
        longest: Most microseconds between the two.
    """
    rest = None
    for batch in batches:
        rows = pa.Table.from_batches([batch])
        rows = rows if rest is None else pa.concat_tables([rest, rows]).combine_chunks()
        # The last searches wait for those that follow them.
        yield from _following(rows, max(rows.num_rows - STEPS, 0), longest)
        rest = rows.slice(max(rows.num_rows - STEPS, 0))
    if rest is not None:
        yield from _following(rest.combine_chunks(), rest.num_rows, longest)


def _following(rows: pa.Table, count: int, longest: int) -> Iterator[pa.Table]:
    """The steps of the first ``count`` rows."""
    session, moment, query = (rows[name].to_numpy() for name in ("session", "moment", "query"))
    for step in range(1, STEPS + 1):
        last = min(count, rows.num_rows - step)
        if last <= 0:
            return
        passed = moment[step : last + step] - moment[:last]
        found = (session[step : last + step] == session[:last]) & (query[step : last + step] != query[:last])
        places = np.flatnonzero(found & (passed > 0) & (passed <= longest))
        if places.size:
            taken = rows.select(["place", "variant", "day", "state", "query"]).take(places)
            yield taken.append_column("later", pa.array(query[places + step])).rename_columns(_STEP_COLUMNS)


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
