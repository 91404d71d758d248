/* The matching kernel of indexer/stores/matching/kernel.py once more, in C: how fast the machine can run it.

   The same notes, plan and tally, the same steps in the same order, so both must leave the same bytes behind. */

#include <stdint.h>

typedef int32_t i4;
typedef int64_t i8;

typedef struct {
    const i8 *filed, *also_starts;
    const i4 *also_keyword, *also_place;
    const i8 *also_bound, *term_starts;
    const i4 *terms;
    const i8 *weights, *total, *sequence_starts;
    const i4 *sequence, *anchor;
    const i8 *heap_starts;
} plan_t;

typedef struct {
    i8 *counts, *cutoff;
    i4 *heap_sizes;
    i8 *heap;
} tally_t;

typedef struct {
    i4 serial;
    i8 fresh, engagement, preference;
    const i4 *stream;
    i8 length;
    i4 *stamp, *last, *earlier;
} note_t;

enum { MATCHING, PHRASE, HEADLINE, FRESH, ENGAGEMENT, COUNTS };

static i8 stamp_stream(const note_t *note, i4 *held) {
    i8 count = 0;
    for (i8 place = 0; place < note->length; place++) {
        i4 term = note->stream[place];
        if (term < 0) continue;
        if (note->stamp[term] == note->serial) {
            note->earlier[place] = note->last[term];
        } else {
            note->stamp[term] = note->serial;
            note->earlier[place] = -1;
            held[count++] = term;
        }
        note->last[term] = (i4)place;
    }
    return count;
}

static int look_up(const note_t *note, const plan_t *plan, i8 keyword, i8 place, i8 bound, i8 cutoff, i8 *key) {
    int whole = 1;
    for (i8 other = place; other < plan->term_starts[keyword + 1]; other++) {
        if (note->stamp[plan->terms[other]] != note->serial) {
            whole = 0;
            bound -= plan->weights[other];
            if ((bound << 32 | note->preference) <= cutoff) {
                *key = 0;
                return 0;
            }
        }
    }
    *key = bound << 32 | note->preference;
    return whole;
}

static int holds_phrase(const note_t *note, const plan_t *plan, i8 keyword, i4 term) {
    i8 first = plan->sequence_starts[keyword], length = plan->sequence_starts[keyword + 1] - first;
    if (length == 1) return 1;
    for (i8 place = note->last[term]; place >= 0; place = note->earlier[place]) {
        i8 start = place - plan->anchor[keyword];
        if (start >= 0 && start + length <= note->length) {
            i8 step = 0;
            while (step < length && note->stream[start + step] == plan->sequence[first + step]) step++;
            if (step == length) return 1;
        }
    }
    return 0;
}

static void sink(i8 *heap, i8 size, i8 key) {
    i8 place = 0, child = 1;
    while (child < size) {
        if (child + 1 < size && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= key) break;
        heap[place] = heap[child];
        place = child;
        child = 2 * place + 1;
    }
    heap[place] = key;
}

static void keep(i8 keyword, i8 key, const plan_t *plan, tally_t *tally) {
    i8 *heap = tally->heap + plan->heap_starts[keyword];
    i8 room = plan->heap_starts[keyword + 1] - plan->heap_starts[keyword], size = tally->heap_sizes[keyword];
    if (size < room) {
        i8 place = size;
        while (place > 0 && heap[(place - 1) / 2] > key) {
            heap[place] = heap[(place - 1) / 2];
            place = (place - 1) / 2;
        }
        heap[place] = key;
        tally->heap_sizes[keyword] = (i4)++size;
    } else {
        sink(heap, size, key);
    }
    if (size == room) tally->cutoff[keyword] = heap[0];
}

static void open_first(const note_t *note, i4 term, const plan_t *plan, tally_t *tally) {
    for (i8 keyword = plan->filed[term]; keyword < plan->filed[term + 1]; keyword++) {
        i8 cutoff = tally->cutoff[keyword], key;
        int whole = look_up(note, plan, keyword, plan->term_starts[keyword] + 1, plan->total[keyword], cutoff, &key);
        if (key > cutoff) keep(keyword, key, plan, tally);
        if (whole) {
            i8 *counts = tally->counts + COUNTS * keyword;
            counts[MATCHING]++;
            counts[PHRASE] += holds_phrase(note, plan, keyword, term);
            counts[FRESH] += note->fresh;
            counts[ENGAGEMENT] += note->engagement;
        }
    }
}

static void open_also(const note_t *note, i4 term, const plan_t *plan, tally_t *tally) {
    for (i8 posting = plan->also_starts[term]; posting < plan->also_starts[term + 1]; posting++) {
        i8 keyword = plan->also_keyword[posting], bound = plan->also_bound[posting];
        i8 cutoff = tally->cutoff[keyword], key;
        if ((bound << 32 | note->preference) <= cutoff) continue;
        i8 place = plan->term_starts[keyword], opened = place + plan->also_place[posting];
        while (place < opened && note->stamp[plan->terms[place]] != note->serial) place++;
        if (place == opened) {
            look_up(note, plan, keyword, opened + 1, bound, cutoff, &key);
            if (key > cutoff) keep(keyword, key, plan, tally);
        }
    }
}

static void open_headline(const note_t *note, i4 term, const plan_t *plan, tally_t *tally) {
    for (i8 keyword = plan->filed[term]; keyword < plan->filed[term + 1]; keyword++) {
        i8 place = plan->term_starts[keyword] + 1, end = plan->term_starts[keyword + 1];
        while (place < end && note->stamp[plan->terms[place]] == note->serial) place++;
        tally->counts[COUNTS * keyword + HEADLINE] += place == end;
    }
}

void match_chunk(i8 notes, const i4 *text_starts, const i4 *text_ids, const i4 *headline_starts,
                 const i4 *headline_ids, const uint8_t *fresh, const i8 *engagement, const i8 *preference,
                 const plan_t *plan, tally_t *tally, i4 *stamp, i4 *last, i4 *earlier, i4 *held) {
    for (i8 at = 0; at < notes; at++) {
        note_t note = {(i4)(2 * at + 1), fresh[at], engagement[at], preference[at], text_ids + text_starts[at],
                       text_starts[at + 1] - text_starts[at], stamp, last, earlier};
        i8 count = stamp_stream(&note, held);
        for (i8 place = 0; place < count; place++) {
            open_first(&note, held[place], plan, tally);
            open_also(&note, held[place], plan, tally);
        }
        note.serial++;
        note.stream = headline_ids + headline_starts[at];
        note.length = headline_starts[at + 1] - headline_starts[at];
        count = stamp_stream(&note, held);
        for (i8 place = 0; place < count; place++) open_headline(&note, held[place], plan, tally);
    }
}
