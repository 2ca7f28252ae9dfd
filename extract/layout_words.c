/* layout_words.c - what the words say: those of a block's text, and those that its author gave a box as names.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Both in two ways: topics from the tables of words.h, and the learned lexicon's score, the sum over n words
 * divided by the root of n. */
#include "extract/layout.h"
#include "core/hash.h"

#include <math.h>

enum { COUNTED_WORDS = 60 };

/* ---- names ---- */

static uint64_t tag_topics(uint16_t tag)
{
    static const uint64_t topics[TAGS] = {
        [TAG_article] = 1ull << BOX_ARTICLE, [TAG_main] = 1ull << BOX_MAIN, [TAG_nav] = 1ull << BOX_NAV,
        [TAG_footer] = 1ull << BOX_FOOTER,
        [TAG_header] = 1ull << BOX_HEADER, [TAG_aside] = 1ull << BOX_SIDEBAR, [TAG_figure] = 1ull << BOX_CAPTION,
        [TAG_figcaption] = 1ull << BOX_CAPTION,
        [TAG_form] = 1ull << BOX_FORM, [TAG_button] = 1ull << BOX_BUTTON, [TAG_menu] = 1ull << BOX_NAV,
        [TAG_search] = 1ull << BOX_SEARCH,
        [TAG_pre] = 1ull << BOX_CODE, [TAG_dialog] = 1ull << BOX_SIGNUP, [TAG_noscript] = 1ull << BOX_NOSCRIPT };
    return topics[tag];
}

static bool says(struct str name)                                /* attributes whose words tell what a box is for */
{
    const char *p = name.p;
    switch (name.n) {
    case 2: return !memcmp(p, "id", 2);
    case 4: return !memcmp(p, "role", 4);
    case 5: return !memcmp(p, "class", 5);
    case 8: return !memcmp(p, "itemprop", 8) || !memcmp(p, "itemtype", 8);
    case 10: return !memcmp(p, "aria-label", 10);
    case 11: return !memcmp(p, "data-testid", 11) || !memcmp(p, "aria-hidden", 11);
    default: return false;
    }
}

void layout_names(const struct html_node *n, struct names *names)
{
    *names = (struct names){ .topics = tag_topics(n->tag) };
    names->slot[names->n++] = (uint16_t)words_slot(n->tag, NAME_BITS);
    for (uint32_t i = 0; i < n->n_attrs; i++) {
        const struct html_attr *a = &n->attrs[i];
        struct str name = { a->name, a->n_name }, value = { a->value, a->n_value };
        if (says(name)) words_names(value, names);
    }
}

static const struct named *look(struct layout *l, struct str value, uint64_t key)
{
    struct named *at = &l->named[key % NAMED];
    if (at->key == key) return at;
    struct names names = { 0 };
    words_names(value, &names);
    *at = (struct named){ key, names.topics, 0, names.n };
    for (int i = 0; i < names.n; i++) at->sum += l->lexicon->name[names.slot[i]];
    return at;
}

void layout_name_box(struct layout *l, struct box *x, const struct html_node *n)
{
    uint64_t class = 0;
    int words = 1, sum = l->lexicon->name[words_slot(n->tag, NAME_BITS)];
    x->topics = tag_topics(n->tag);
    x->main = n->tag == TAG_main;
    for (uint32_t i = 0; i < n->n_attrs; i++) {
        struct str name = { n->attrs[i].name, n->attrs[i].n_name }, value = { n->attrs[i].value, n->attrs[i].n_value };
        if (!says(name)) continue;
        uint64_t key = hash64(value, 0);
        const struct named *k = look(l, value, key);
        x->topics |= k->topics;
        sum += k->sum;
        words += k->n;
        if (name.n == 5) class = key;
        else if (name.n == 4) x->main |= str_eq(value, S("main"));
    }
    x->sign = hash_mix(n->tag ^ class);
    x->names = (float)sum / (LEXICON_UNIT * sqrtf((float)words));
}

/* ---- text ---- */

struct said { int sum, n; };

static void say(struct layout *l, struct said *s, uint32_t slot)
{
    s->sum += l->lexicon->text[slot];
    s->n++;
    if (l->record) buf_put(l->record, (struct str){ (const char *)&slot, sizeof slot });
}

static float said_of(const struct said *s)
{
    return s->n ? (float)s->sum / (LEXICON_UNIT * sqrtf((float)s->n)) : 0;
}

enum { WORD = 24, TOPIC_WORDS = 400, MARKS = 60 };

/* One word of the block: the hash of it, and of its first WORD letters. */
static void read_word(struct layout *l, struct block *b, struct said *said, uint32_t nth, uint64_t hash, uint64_t first)
{
    uint32_t topics = nth < TOPIC_WORDS ? words_line(hash) : 0;
    b->stops += topics >> L_STOP & 1;
    if (nth >= COUNTED_WORDS) return;
    for (uint32_t t = topics & ~(1u << L_STOP); t; t &= t - 1) b->line_words[__builtin_ctz(t)]++;
    say(l, said, words_slot(first, TEXT_BITS));
}

/* Room for the marks of a block: all of a short one, which may be compared with the title, else the first. */
static uint32_t make_room(struct layout *l, const struct block *b)
{
    uint32_t most = b->words > LAYOUT_TITLE_WORDS ? MARKS : b->n / 2 + 1;
    while (l->n_marks + most > l->cap_marks) {
        size_t cap = l->cap_marks ? 2 * l->cap_marks : 4096;
        uint64_t *marks = NEW(l->mem, uint64_t, cap);
        if (l->n_marks) memcpy(marks, l->marks, l->n_marks * sizeof *marks);
        l->marks = marks;
        l->cap_marks = cap;
    }
    return most;
}

void layout_read_words(struct layout *l, struct block *b)
{
    const char *p = l->text.p + b->text, *end = p + b->n;
    uint32_t words = 0, room = make_room(l, b);
    uint64_t all = 0;
    struct said said = { 0 };
    b->first_mark = (uint32_t)l->n_marks;
    for (; p < end; p++) {
        uint64_t mark = 0;
        unsigned char c;
        while (p < end && (c = words_fold[(unsigned char)*p])) { /* a word's parts: of letters, of digits */
            const char *begin = p;
            const bool digit = c <= '9';
            uint64_t hash = WORDS_START, first = 0;
            for (; p < end && (c = words_fold[(unsigned char)*p]) && (c <= '9') == digit; p++) {
                if (p - begin == WORD) first = hash;
                hash = words_step(hash, (char)c);
                all = words_step(all, (char)c);
            }
            mark = words_mark(mark, hash);
            if (!digit) read_word(l, b, &said, words++, hash, p - begin > WORD ? first : hash);
        }
        if (mark && b->n_marks < room) l->marks[b->first_mark + b->n_marks++] = mark;
    }
    l->n_marks += b->n_marks;
    if (l->record) buf_put(l->record, (struct str){ (const char *)&(uint32_t){ LEXICON_END }, sizeof(uint32_t) });
    b->text_score = said_of(&said);
    b->hash = hash_mix(all);
}
