/* The matching kernel of indexer/stores/matching/kernel.py once more, in C: how fast the machine can run it.

   The same blocks, plan and tally, the same steps in the same order, so both must leave the same bytes behind. */

#include <stdint.h>

typedef int32_t i4;
typedef int64_t i8;
typedef uint64_t u8;

typedef struct {
    const i4 *row;
    const u8 *some, *bits;
} rows_t;

typedef struct {
    rows_t text, headline;
    const u8 *notes, *fresh;
    const i8 *engagement, *preference;
} block_t;

typedef struct {
    const i8 *starts;
    const i4 *terms;
    const i8 *weights;
} plan_t;

typedef struct {
    i8 *counts;
    const i8 *starts;
    i4 *sizes;
    i8 *keys, *cutoff;
} tally_t;

typedef struct {
    i8 *rows, *weights, *open, *chosen;
    u8 *common, *found;
} room_t;

enum { MATCHING, HEADLINE, FRESH, ENGAGEMENT, COUNTS };
enum { DEEPEST = 8, FEW = 12 };
static const i8 LOW = 0xFFFFFFFF;

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

static void take_in(const tally_t *tally, i8 number, i8 key) {
    i8 *heap = tally->keys + tally->starts[number];
    i8 space = tally->starts[number + 1] - tally->starts[number], size = tally->sizes[number];
    if (size < space) {
        i8 place = size;
        while (place > 0 && heap[(place - 1) / 2] > key) {
            heap[place] = heap[(place - 1) / 2];
            place = (place - 1) / 2;
        }
        heap[place] = key;
        tally->sizes[number] = (i4)++size;
    } else {
        sink(heap, size, key);
    }
    if (size == space) tally->cutoff[number] = heap[0];
}

static i8 held(const rows_t *rows, const plan_t *plan, i8 keyword, const room_t *room, i8 *weight) {
    i8 count = 0;
    *weight = 0;
    for (i8 place = plan->starts[keyword]; place < plan->starts[keyword + 1]; place++) {
        i4 row = rows->row[plan->terms[place]];
        if (row >= 0) {
            room->rows[count] = row;
            room->weights[count] = plan->weights[place];
            *weight += plan->weights[place];
            count++;
        }
    }
    return count;
}

static u8 find_all(const rows_t *rows, i8 words, i8 count, const room_t *room, i8 *number) {
    u8 *restrict found = room->found, some = rows->some[room->rows[0]];
    for (i8 other = 1; other < count; other++) some &= rows->some[room->rows[other]];
    *number = 0;
    if (__builtin_popcountll(some) > FEW) {
        const u8 *first = rows->bits + room->rows[0] * words;
        for (i8 word = 0; word < words; word++) found[word] = first[word];
        for (i8 other = 1; other < count; other++) {
            const u8 *row = rows->bits + room->rows[other] * words;
            for (i8 word = 0; word < words; word++) found[word] &= row[word];
        }
        for (i8 word = 0; word < words; word++) *number += __builtin_popcountll(found[word]);
    } else {
        for (u8 rest = some; rest; rest &= rest - 1) {
            i8 word = __builtin_ctzll(rest);
            u8 notes = rows->bits[room->rows[0] * words + word];
            for (i8 other = 1; other < count; other++) notes &= rows->bits[room->rows[other] * words + word];
            found[word] = notes;
            *number += __builtin_popcountll(notes);
        }
    }
    return some;
}

static void count_found(const block_t *block, i8 *counts, u8 some, const room_t *room) {
    i8 fresh = 0, engagement = 0;
    for (; some; some &= some - 1) {
        i8 word = __builtin_ctzll(some);
        fresh += __builtin_popcountll(room->found[word] & block->fresh[word]);
        for (u8 rest = room->found[word]; rest; rest &= rest - 1)
            engagement += block->engagement[64 * word + __builtin_ctzll(rest)];
    }
    counts[FRESH] += fresh;
    counts[ENGAGEMENT] += engagement;
}

static u8 find_weighty(const block_t *block, i8 words, i8 count, i8 need, const room_t *room) {
    u8 *restrict found = room->found;
    for (i8 word = 0; word < words; word++) {
        found[word] = 0;
        room->common[word] = block->notes[word];
    }
    i8 tried = count < DEEPEST ? count : DEEPEST, sure = 0;
    for (i8 place = tried; place < count; place++) sure += room->weights[place];
    room->open[tried] = 0;
    for (i8 place = tried - 1; place >= 0; place--) room->open[place] = room->open[place + 1] + room->weights[place];
    i8 depth = 0, place = 0;
    for (;;) {
        const u8 *common = room->common + depth * words;
        if (sure >= need) {
            for (i8 word = 0; word < words; word++) found[word] |= common[word];
        } else if (sure + room->open[place] >= need) {
            const u8 *row = block->text.bits + room->rows[place] * words;
            u8 *restrict deeper = room->common + (depth + 1) * words, left = 0;
            for (i8 word = 0; word < words; word++) {
                deeper[word] = common[word] & row[word];
                left |= deeper[word];
            }
            depth++;
            room->chosen[depth] = place;
            sure += room->weights[place];
            place++;
            if (left) continue;
        }
        if (!depth) break;
        place = room->chosen[depth];
        sure -= room->weights[place];
        depth--;
        place++;
    }
    u8 some = 0;
    for (i8 word = 0; word < words; word++) some |= (u8)(found[word] != 0) << word;
    return some;
}

static void keep_best(const block_t *block, i8 words, i8 keyword, i8 count, u8 some, const tally_t *tally,
                      const room_t *room) {
    for (; some; some &= some - 1) {
        i8 word = __builtin_ctzll(some);
        for (u8 rest = room->found[word]; rest; rest &= rest - 1) {
            i8 bit = __builtin_ctzll(rest), weight = 0;
            for (i8 place = 0; place < count; place++)
                weight += room->weights[place] * (i8)(block->text.bits[room->rows[place] * words + word] >> bit & 1);
            i8 key = weight << 32 | block->preference[64 * word + bit];
            if (key > tally->cutoff[keyword]) take_in(tally, keyword, key);
        }
    }
}

void match_block(i8 notes, i8 keywords, const block_t *block, const plan_t *plan, const tally_t *tally,
                 const room_t *room) {
    i8 words = (notes + 511) / 512 * 8;
    for (i8 keyword = 0; keyword < keywords; keyword++) {
        i8 terms = plan->starts[keyword + 1] - plan->starts[keyword], *counts = tally->counts + COUNTS * keyword;
        i8 weight, number, count = held(&block->headline, plan, keyword, room, &weight);
        if (count == terms) {
            find_all(&block->headline, words, count, room, &number);
            counts[HEADLINE] += number;
        }
        count = held(&block->text, plan, keyword, room, &weight);
        i8 cutoff = tally->cutoff[keyword];
        int listed = (weight << 32 | block->preference[0]) > cutoff;
        i8 need = (cutoff >> 32) + (block->preference[0] <= (cutoff & LOW));
        int all_or_none = listed && need > weight - room->weights[count - 1];
        u8 some = 0;
        if (count == terms || all_or_none) {
            some = find_all(&block->text, words, count, room, &number);
            if (!number) {
                some = 0;
            } else if (count == terms) {
                counts[MATCHING] += number;
                count_found(block, counts, some, room);
            }
        }
        if (listed) {
            if (!all_or_none) some = find_weighty(block, words, count, need, room);
            keep_best(block, words, keyword, count, some, tally, room);
        }
    }
}
