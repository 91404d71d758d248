"""The compiled inner loop: what a block of notes adds to the statistics and best notes of every keyword.

The notes of a block are bits (see :mod:`indexer.stores.matching.bits`). The notes that match a keyword are those whose
bit is set in the rows of all its terms, and are counted 64 at a time. Those that may be among its best are found in the
same way: sets of its terms that weigh enough together, heaviest terms first, where *enough* is what the keyword's worst
listed note weighs by now (as in the MaxScore method of Turtle and Flood 1995, with bits in the place of postings).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from indexer.stores.matching.bits import ROWS, U8, Rows, flags, lowest, ones, rows_of, signed, words_for
from indexer.stores.matching.compiled import compiled, inlined
from indexer.stores.matching.heaps import HEAPS, Heaps, take_in
from indexer.stores.matching.plan import I8, Plan
from indexer.stores.matching.spill import Chunk

COLUMNS: Final = 4  # of Tally.counts
MATCHING, HEADLINE, FRESH, ENGAGEMENT = range(COLUMNS)
DEEPEST: Final = 8  # so many terms of a keyword are tried in sets; where it has more, the rest count as held
FEW: Final = 12  # words are looked at one by one; more of them all at once
_LOW: Final = 0xFFFFFFFF


class Block(NamedTuple):
    """Some notes, the most preferred first.

    Attributes:
        text, headline: Which notes hold which terms.
        notes: A bit for each note, all of them set.
        fresh: A bit for each note, set if it is fresh.
        engagement, preference: A number for each note.
    """

    text: Rows
    headline: Rows
    notes: U8
    fresh: U8
    engagement: I8
    preference: I8


class Tally(NamedTuple):
    """What is added up for the keywords of a plan.

    Attributes:
        counts: Keywords x (matching, headline, fresh, engagement).
        heaps: The best notes.
    """

    counts: npt.NDArray[np.int64]
    heaps: Heaps


class Room(NamedTuple):
    """Room to work in.

    Attributes:
        rows: The rows of a keyword's terms that are in the block.
        weights: What they weigh.
        open: What the terms from each of the first on weigh together.
        chosen: The terms of the set at hand.
        common: For each number of chosen terms, the notes that hold them all.
        found: Some notes.
    """

    rows: I8
    weights: I8
    open: I8
    chosen: I8
    common: U8
    found: U8


ONE, SIX = np.uint64(1), np.uint64(6)

_I8 = types.int64[::1]
_U8 = types.uint64[::1]
_U8S = types.uint64[:, ::1]
_BLOCK = types.NamedTuple([ROWS, ROWS, _U8, _U8, _I8, _I8], Block)  # type: ignore[no-untyped-call]
_TALLY = types.NamedTuple([types.int64[:, ::1], HEAPS], Tally)  # type: ignore[no-untyped-call]
_PLAN = types.NamedTuple([_I8, _I8, types.int32[::1], _I8, _I8, _I8], Plan)  # type: ignore[no-untyped-call]
_ROOM = types.NamedTuple([_I8, _I8, _I8, _I8, _U8S, _U8], Room)  # type: ignore[no-untyped-call]


def block_of(chunk: Chunk, preference: I8, terms: int) -> Block:
    """A chunk of notes as bits.

    Args:
        chunk: The notes, the most preferred first.
        preference: Of each note: 0 or more and less than 2^32.
        terms: How many terms there are.
    """
    return Block(
        rows_of(chunk.text_starts, chunk.text_ids, terms),
        rows_of(chunk.headline_starts, chunk.headline_ids, terms),
        flags(np.ones(len(chunk), np.uint8)),
        flags(chunk.fresh),
        chunk.engagement,
        preference,
    )


def room_for(plan: Plan, notes: int) -> Room:
    """Room for blocks of that many notes."""
    words = words_for(notes)
    most = int(np.diff(plan.starts).max(initial=0))
    (rows, weights), (open_, chosen) = np.empty((2, most), np.int64), np.empty((2, DEEPEST + 1), np.int64)
    common = np.empty((DEEPEST + 1, words), np.uint64)
    return Room(rows, weights, open_, chosen, common, np.empty(words, np.uint64))


@inlined
def _held(rows: Rows, plan: Plan, keyword: int, room: Room) -> tuple[int, int]:
    """Put the rows of a keyword's terms into the room, with their weights; gives their number and weight together."""
    count = 0
    weight = signed(0)
    for place in range(plan.starts[keyword], plan.starts[keyword + 1]):
        row = rows.row[plan.terms[place]]
        if row >= 0:
            room.rows[count] = row
            room.weights[count] = plan.weights[place]
            weight += plan.weights[place]
            count += 1
    return count, weight


@inlined
def _find_all(rows: Rows, count: int, room: Room) -> tuple[np.uint64, int]:
    """Find the notes that hold all terms in the room.

    Returns:
        A bit for each word that may have such notes; only these are written to. And the number of notes.
    """
    some = rows.some[room.rows[0]]
    for other in range(1, count):
        some &= rows.some[room.rows[other]]
    found = room.found
    number = np.uint64(0)
    if ones(some) > FEW:
        first = rows.bits[room.rows[0]]
        for word in range(len(found)):
            found[word] = first[word]
        for other in range(1, count):
            row = rows.bits[room.rows[other]]
            for word in range(len(found)):
                found[word] &= row[word]
        for word in range(len(found)):
            number += ones(found[word])
    else:
        rest = some
        while rest != 0:
            at = lowest(rest)
            rest &= rest - ONE
            notes = rows.bits[room.rows[0], at]
            for other in range(1, count):
                notes &= rows.bits[room.rows[other], at]
            found[at] = notes
            number += ones(notes)
    return some, signed(number)


@inlined
def _count_found(block: Block, counts: I8, some: np.uint64, room: Room) -> None:
    """Add up what is to be known of the notes that were found in some words."""
    fresh = np.uint64(0)
    engagement = signed(0)
    while some != 0:
        word = lowest(some)
        some &= some - ONE
        rest = room.found[word]
        fresh += ones(rest & block.fresh[word])
        while rest != 0:
            engagement += block.engagement[(word << SIX) + lowest(rest)]
            rest &= rest - ONE
    counts[FRESH] += signed(fresh)
    counts[ENGAGEMENT] += engagement


@inlined
def _find_weighty(block: Block, count: int, need: int, room: Room) -> np.uint64:
    """Find the notes whose terms in the room weigh ``need`` or more; more are found where there are many terms.

    Goes through the sets of terms that weigh enough while no smaller one in them does, heaviest terms first.

    Args:
        block: The notes.
        count: Number of terms in the room.
        need: 1 or more.
        room: Gets the notes, in ``found``.

    Returns:
        A bit for each word that has such notes.
    """
    words = len(room.found)
    for word in range(words):
        room.found[word] = 0
        room.common[0, word] = block.notes[word]
    tried = min(count, DEEPEST)
    sure = signed(0)  # what the chosen terms weigh, and those that are never decided on
    for place in range(tried, count):
        sure += room.weights[place]
    room.open[tried] = 0
    for place in range(tried - 1, -1, -1):
        room.open[place] = room.open[place + 1] + room.weights[place]
    depth, place = 0, 0
    while True:
        go_on = False
        if sure >= need:
            for word in range(words):
                room.found[word] |= room.common[depth, word]
        elif sure + room.open[place] >= need:
            row = block.text.bits[room.rows[place]]
            left = np.uint64(0)
            for word in range(words):
                both = room.common[depth, word] & row[word]
                room.common[depth + 1, word] = both
                left |= both
            depth += 1
            room.chosen[depth] = place
            sure += room.weights[place]
            place += 1
            go_on = left != 0
        if not go_on:  # leave the last chosen term out
            if depth == 0:
                break
            place = room.chosen[depth]
            sure -= room.weights[place]
            depth -= 1
            place += 1
    some = np.uint64(0)
    for word in range(words):
        some |= np.uint64(room.found[word] != 0) << np.uint64(word)
    return some


@inlined
def _keep_best(block: Block, keyword: int, count: int, some: np.uint64, heaps: Heaps, room: Room) -> None:
    """Take the notes that are among a keyword's best into its heap.

    Args:
        block: The notes.
        keyword: The keyword.
        count: Number of its terms in the room.
        some: A bit for each word that has notes that were found.
        heaps: The best notes so far.
        room: The rows of its terms, and what was found.
    """
    while some != 0:
        word = lowest(some)
        some &= some - ONE
        rest = room.found[word]
        while rest != 0:
            bit = lowest(rest)
            rest &= rest - ONE
            weight = signed(0)
            for place in range(count):
                weight += room.weights[place] * signed(block.text.bits[room.rows[place], word] >> bit & ONE)
            key = weight << 32 | block.preference[(word << SIX) + bit]
            if key > heaps.cutoff[keyword]:
                take_in(heaps, keyword, key)


@compiled(_BLOCK, _PLAN, _TALLY, _ROOM)
def match_block(block: Block, plan: Plan, tally: Tally, room: Room) -> None:
    """Add one block of notes to the tally of the keywords of a plan.

    Args:
        block: The notes, at least one.
        plan: The keywords.
        tally: Is added to.
        room: As :func:`room_for` makes it for this plan and number of notes.
    """
    for keyword in range(len(plan.starts) - 1):
        terms = plan.starts[keyword + 1] - plan.starts[keyword]
        counts = tally.counts[keyword]
        count, weight = _held(block.headline, plan, keyword, room)
        if count == terms:
            _, number = _find_all(block.headline, count, room)
            counts[HEADLINE] += number
        count, weight = _held(block.text, plan, keyword, room)
        cutoff = tally.heaps.cutoff[keyword]
        listed = (weight << 32 | block.preference[0]) > cutoff  # whether a note can be
        need = (cutoff >> 32) + (block.preference[0] <= cutoff & _LOW)
        all_or_none = listed and need > weight - room.weights[count - 1]
        some = np.uint64(0)
        if count == terms or all_or_none:
            some, number = _find_all(block.text, count, room)
            if number == 0:
                some = np.uint64(0)
            elif count == terms:
                counts[MATCHING] += number
                _count_found(block, counts, some, room)
        if listed:
            if not all_or_none:
                some = _find_weighty(block, count, need, room)
            _keep_best(block, keyword, count, some, tally.heaps, room)
