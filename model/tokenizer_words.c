/* tokenizer_words.c - BERT's vocab.txt: a token a line, its id the line's number from 0.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The file does not say whether its model is cased; one without the word "A" or "The" is read as uncased.
 */
#include "model/tokenizer_model.h"

enum { MOST_CHARS = 100 };

/* BERT's normaliser, splitter and frame around the vocabulary that t has. */
static bool make_bert(struct tokenizer *t, bool lower, struct err *e)
{
    t->model = MODEL_WORDPIECE;
    t->decode = DECODE_WORDPIECE;
    t->normal = (struct normal){ { { NORMAL_BERT, .clean = true, .cjk = true, .accents = lower, .lower = lower } }, 1 };
    wordpiece_init(&t->wordpiece, &t->vocab, S("##"), vocab_find(&t->vocab, S("[UNK]")), MOST_CHARS);
    const uint32_t cls = vocab_find(&t->vocab, S("[CLS]")), sep = vocab_find(&t->vocab, S("[SEP]"));
    if (cls != VOCAB_NONE) t->before[t->n_before++] = cls;
    if (sep != VOCAB_NONE) t->after[t->n_after++] = sep;
    t->drop_blanks = true;
    return tokenizer_split(t, "bert", e);
}

bool tokenizer_read_words(struct tokenizer *t, struct str bytes, struct err *e)
{
    uint32_t id = 0;
    for (struct str line; str_cut(&bytes, '\n', &line); id++) {
        if (id == VOCAB_MAX) return err_set(e, ERR_DATA, "more than %d tokens", VOCAB_MAX);
        if (line.n && line.p[line.n - 1] == '\r') line.n--;
        if (line.n) vocab_set(&t->vocab, id, line);
    }
    static const char *const special[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };
    for (size_t i = 0; i < 5; i++) {
        const uint32_t at = vocab_find(&t->vocab, str_of(special[i]));
        if (at != VOCAB_NONE) tokenizer_add(t, at, str_of(special[i]), true);
    }
    const bool cased = vocab_find(&t->vocab, S("The")) != VOCAB_NONE || vocab_find(&t->vocab, S("A")) != VOCAB_NONE;
    return make_bert(t, !cased, e);
}
