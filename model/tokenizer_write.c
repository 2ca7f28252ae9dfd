/* tokenizer_write.c - write Hugging Face's tokenizer.json.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/bytelevel.h"
#include "model/tokenizer_model.h"
#include "record/json.h"

static void put_string(struct buf *to, const char *s) { json_put_string(to, str_of(s)); }
static const char *yes(bool b) { return b ? "true" : "false"; }

static void put_token(const struct tokenizer *t, uint32_t id, struct buf *work, struct buf *to)
{
    const struct str token = t->vocab.token[id];
    buf_reset(work);
    if (t->byte_level && !tokenizer_special(t, id)) bytelevel_write(token, work);
    else buf_put(work, token);
    json_put_string(to, buf_str(work));
}

static void put_added(const struct tokenizer *t, struct buf *to)
{
    buf_put(to, S("  \"added_tokens\": ["));
    for (size_t k = 0, n = 0; k < t->vocab.n; k++) {                  /* by id */
        for (size_t i = 0; i < t->n_added; i++) {
            const struct added *a = &t->added[i];
            if (a->id != k) continue;
            buf_printf(to, "%s\n    {\"id\": %u, \"content\": ", n++ ? "," : "", a->id);
            json_put_string(to, a->text);
            buf_printf(to, ", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": %s, \"special\": %s}", yes(!a->special), yes(a->special));
        }
    }
    buf_put(to, S("\n  ],\n"));
}

static bool put_normal(const struct normal *n, struct buf *to, struct err *e)
{
    static const char *const plain[] = { "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents" };
    buf_put(to, n->n ? S("  \"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [") : S("  \"normalizer\": null,\n"));
    for (size_t i = 0; i < n->n; i++) {
        if (n->step[i].kind > NORMAL_STRIP_ACCENTS) return err_set(e, ERR_USAGE, "its normaliser cannot be written yet");
        buf_printf(to, "%s{\"type\": \"%s\"}", i ? ", " : "", plain[n->step[i].kind]);
    }
    if (n->n) buf_put(to, S("]},\n"));
    return true;
}

static void put_split(const struct pretoken *p, struct buf *to)
{
    switch (pretoken_kind(p)) {
    case SPLIT_DIGITS: buf_put(to, S("{\"type\": \"Digits\", \"individual_digits\": true}")); return;
    case SPLIT_DIGIT_RUNS: buf_put(to, S("{\"type\": \"Digits\", \"individual_digits\": false}")); return;
    case SPLIT_PUNCTUATION: buf_put(to, S("{\"type\": \"Punctuation\", \"behavior\": \"Isolated\"}")); return;
    case SPLIT_BERT: case SPLIT_MARKS: case SPLIT_GPT2: case SPLIT_CL100K: case SPLIT_O200K: case SPLIT_LLAMA3: case SPLIT_REGEX: break;
    }
    buf_put(to, S("{\"type\": \"Split\", \"pattern\": {\"Regex\": "));
    put_string(to, pretoken_regex(p));
    buf_put(to, S("}, \"behavior\": \"Isolated\", \"invert\": false}"));
}

static void put_pre(const struct tokenizer *t, struct buf *to)
{
    const bool gpt2 = t->byte_level && t->n_splits && pretoken_kind(t->split[t->n_splits - 1]) == SPLIT_GPT2;    /* ByteLevel brings it along */
    buf_put(to, S("  \"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": ["));
    for (size_t i = 0; i + gpt2 < t->n_splits; i++) {
        if (i) buf_put(to, S(", "));
        put_split(t->split[i], to);
    }
    if (t->byte_level)
        buf_printf(to, "%s{\"type\": \"ByteLevel\", \"add_prefix_space\": %s, \"trim_offsets\": true, \"use_regex\": %s}",
                   t->n_splits > gpt2 ? ", " : "", yes(t->prefix_space), yes(gpt2));
    buf_put(to, S("]},\n"));
}

static void put_vocab(const struct tokenizer *t, struct buf *work, struct buf *to)
{
    buf_put(to, S("    \"vocab\": {"));
    for (uint32_t id = 0, n = 0; id < t->vocab.n; id++) {
        if (!t->vocab.token[id].p) continue;
        buf_put(to, n++ ? S(",\n      ") : S("\n      "));
        put_token(t, id, work, to);
        buf_printf(to, ": %u", id);
    }
    buf_put(to, S("\n    },\n"));
}

static void put_merges(const struct tokenizer *t, struct buf *work, struct buf *to)
{
    struct arena mem = { 0 };
    const struct bpe_merge *merge = tokenizer_merges(t, &mem);
    buf_put(to, S("    \"merges\": ["));
    for (size_t i = 0; i < t->bpe.n_merges; i++) {
        buf_put(to, i ? S(",\n      [") : S("\n      ["));
        put_token(t, (uint32_t)(merge[i].pair >> 32), work, to);
        buf_put(to, S(", "));
        put_token(t, (uint32_t)merge[i].pair, work, to);
        buf_putc(to, ']');
    }
    buf_put(to, S("\n    ]\n"));
    arena_free(&mem);
}

static void put_bpe(const struct tokenizer *t, struct buf *to)
{
    struct buf work = { 0 };
    buf_put(to, S("  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": "));
    if (t->bpe.unk == VOCAB_NONE) buf_put(to, S("null"));
    else put_token(t, t->bpe.unk, &work, to);
    buf_printf(to, ",\n    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": null,\n    \"fuse_unk\": %s,\n    \"byte_fallback\": %s,\n"
                   "    \"ignore_merges\": %s,\n", yes(t->bpe.fuse_unk), yes(t->bpe.fallback), yes(t->bpe.whole_first));
    put_vocab(t, &work, to);
    put_merges(t, &work, to);
    buf_put(to, S("  }\n"));
    buf_free(&work);
}

bool tokenizer_write_json(const struct tokenizer *t, struct buf *to, struct err *e)
{
    buf_put(to, S("{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n"));
    put_added(t, to);
    if (!put_normal(&t->normal, to, e)) return false;
    put_pre(t, to);
    buf_put(to, S("  \"post_processor\": null,\n"));
    buf_put(to, t->byte_level ? S("  \"decoder\": {\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true, \"use_regex\": true},\n") : S("  \"decoder\": null,\n"));
    put_bpe(t, to);
    buf_put(to, S("}\n"));
    return true;
}
