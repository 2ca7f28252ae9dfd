/* tokenizer_write.c - write Hugging Face's tokenizer.json.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"
#include "model/bytelevel.h"
#include "model/tokenizer_model.h"
#include "record/json.h"

#define SPACE_MARK "\xE2\x96\x81"

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

static void put_replace(struct buf *to, const char *kind, struct str from, struct str with)
{
    buf_printf(to, "{\"type\": \"Replace\", \"pattern\": {\"%s\": ", kind);
    json_put_string(to, from);
    buf_put(to, S("}, \"content\": "));
    json_put_string(to, with);
    buf_putc(to, '}');
}

static void put_prepend(struct buf *to, struct str what)
{
    buf_put(to, S("{\"type\": \"Prepend\", \"prepend\": "));
    json_put_string(to, what);
    buf_putc(to, '}');
}

static void put_charsmap(struct buf *to, const struct spm_rules *r)
{
    struct buf map = { 0 };
    spm_charsmap_write(r, &map);
    buf_put(to, S("{\"type\": \"Precompiled\", \"precompiled_charsmap\": \""));
    base64_write(buf_str(&map), to);
    buf_put(to, S("\"}"));
    buf_free(&map);
}

/* SentencePiece's step is up to four here. */
static void put_spm(struct buf *to, const struct spm_rules *r)
{
    const char *comma = "";
    if (r->array.n) { put_charsmap(to, r); comma = ", "; }
    if (r->trim) {
        buf_printf(to, "%s{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}, ", comma);
        put_replace(to, "Regex", S(" {2,}"), S(" "));
        comma = ", ";
    }
    if (r->dummy_prefix) { buf_put(to, str_of(comma)); put_prepend(to, S(SPACE_MARK)); comma = ", "; }
    if (r->escape) { buf_put(to, str_of(comma)); put_replace(to, "String", S(" "), S(SPACE_MARK)); }
}

static void put_step(struct buf *to, const struct normal_step *s)
{
    static const char *const plain[] = { "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents" };
    switch (s->kind) {
    case NORMAL_NFC: case NORMAL_NFD: case NORMAL_NFKC: case NORMAL_NFKD: case NORMAL_LOWER: case NORMAL_STRIP_ACCENTS:
        buf_printf(to, "{\"type\": \"%s\"}", plain[s->kind]);
        return;
    case NORMAL_PREPEND: case NORMAL_PREFIX: put_prepend(to, s->to); return;
    case NORMAL_REPLACE: put_replace(to, "String", s->from, s->to); return;
    case NORMAL_SQUEEZE: put_replace(to, "Regex", S(" {2,}"), s->to); return;
    case NORMAL_STRIP:
        buf_printf(to, "{\"type\": \"Strip\", \"strip_left\": %s, \"strip_right\": %s}", yes(s->left), yes(s->right));
        return;
    case NORMAL_BERT:
        buf_printf(to, "{\"type\": \"BertNormalizer\", \"clean_text\": %s, \"handle_chinese_chars\": %s, \"strip_accents\": %s, \"lowercase\": %s}", yes(s->clean),
                   yes(s->cjk), yes(s->accents), yes(s->lower));
        return;
    case NORMAL_SPM: put_spm(to, &s->spm); return;
    }
}

/* Metaspace's way to begin a text is its pre-tokeniser's, not a normaliser's. */
static bool is_metaspace(const struct normal *n) { return n->n && n->step[n->n - 1].kind == NORMAL_PREFIX; }

static void put_normal(const struct normal *n, struct buf *to)
{
    buf_put(to,
            n->n ? S("  \"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [") : S("  \"normalizer\": null,\n"));
    for (size_t i = 0; i + is_metaspace(n) < n->n; i++) {
        if (i) buf_put(to, S(", "));
        put_step(to, &n->step[i]);
    }
    if (n->n) buf_put(to, S("]},\n"));
}

static void put_split(const struct pretoken *p, struct buf *to)
{
    switch (pretoken_kind(p)) {
    case SPLIT_DIGITS: buf_put(to, S("{\"type\": \"Digits\", \"individual_digits\": true}")); return;
    case SPLIT_DIGIT_RUNS: buf_put(to, S("{\"type\": \"Digits\", \"individual_digits\": false}")); return;
    case SPLIT_PUNCTUATION: buf_put(to, S("{\"type\": \"Punctuation\", \"behavior\": \"Isolated\"}")); return;
    case SPLIT_BERT: buf_put(to, S("{\"type\": \"BertPreTokenizer\"}")); return;
    case SPLIT_EACH_MARK:
        buf_put(to, S("{\"type\": \"Metaspace\", \"replacement\": \"" SPACE_MARK "\", \"prepend_scheme\": \"always\", \"split\": true}"));
        return;
    default: break;
    }
    buf_put(to, S("{\"type\": \"Split\", \"pattern\": {\"Regex\": "));
    put_string(to, pretoken_regex(p));
    buf_put(to, S("}, \"behavior\": \"Isolated\", \"invert\": false}"));
}

/* Cutting at marks is only the faster way to the same ids: the file does without. */
static bool is_written(const struct pretoken *p) { return pretoken_kind(p) != SPLIT_MARKS; }

static void put_pre(const struct tokenizer *t, struct buf *to)
{
    /* ByteLevel brings it along */
    const bool gpt2 = t->byte_level && t->n_splits && pretoken_kind(t->split[t->n_splits - 1]) == SPLIT_GPT2;
    size_t n = 0;
    buf_put(to, S("  \"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": ["));
    for (size_t i = 0; i + gpt2 < t->n_splits; i++) {
        if (!is_written(t->split[i])) continue;
        if (n++) buf_put(to, S(", "));
        put_split(t->split[i], to);
    }
    if (t->byte_level)
        buf_printf(to,
                   "%s{\"type\": \"ByteLevel\", \"add_prefix_space\": %s, \"trim_offsets\": true, \"use_regex\": %s}",
                   n ? ", " : "", yes(t->prefix_space), yes(gpt2));
    buf_put(to, S("]},\n"));
}

/* ---- around a text ---- */

static void put_template(const struct tokenizer *t, const char *which, int type, struct buf *to)
{
    const char *comma = "";
    for (size_t i = 0; i < t->n_before + 1 + t->n_after; i++, comma = ", ") {
        buf_put(to, str_of(comma));
        if (i == t->n_before) {
            buf_printf(to, "{\"Sequence\": {\"id\": \"%s\", \"type_id\": %d}}", which, type);
            continue;
        }
        buf_put(to, S("{\"SpecialToken\": {\"id\": "));
        json_put_string(to, t->vocab.token[i < t->n_before ? t->before[i] : t->after[i - t->n_before - 1]]);
        buf_printf(to, ", \"type_id\": %d}}", type);
    }
}

static void put_post(const struct tokenizer *t, struct buf *to)
{
    if (!t->n_before && !t->n_after) { buf_put(to, S("  \"post_processor\": null,\n")); return; }
    buf_put(to, S("  \"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": ["));
    put_template(t, "A", 0, to);
    buf_put(to, S("], \"pair\": ["));
    put_template(t, "A", 0, to);
    buf_put(to, S(", "));
    put_template(t, "B", 1, to);
    buf_put(to, S("], \"special_tokens\": {"));
    for (size_t i = 0; i < t->n_before + t->n_after; i++) {
        const uint32_t id = i < t->n_before ? t->before[i] : t->after[i - t->n_before];
        if (i) buf_put(to, S(", "));
        json_put_string(to, t->vocab.token[id]);
        buf_put(to, S(": {\"id\": "));
        json_put_string(to, t->vocab.token[id]);
        buf_printf(to, ", \"ids\": [%u], \"tokens\": [", id);
        json_put_string(to, t->vocab.token[id]);
        buf_put(to, S("]}"));
    }
    buf_put(to, S("}},\n"));
}

static void put_decoder(const struct tokenizer *t, struct buf *to)
{
    switch (t->decode) {
    case DECODE_BYTES:
        buf_put(to,
                t->byte_level
                ? S("  \"decoder\": {\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true, \"use_regex\": true},\n") : S("  \"decoder\": null,\n"));
        return;
    case DECODE_WORDPIECE:
        buf_put(to, S("  \"decoder\": {\"type\": \"WordPiece\", \"prefix\": \"##\", \"cleanup\": true},\n")); return;
    case DECODE_SPM: break;
    }
    buf_put(to, S("  \"decoder\": {\"type\": \"Sequence\", \"decoders\": ["));
    put_replace(to, "String", S(SPACE_MARK), S(" "));
    buf_put(to, S(", {\"type\": \"ByteFallback\"}, {\"type\": \"Fuse\"}"));
    if (normal_marked(&t->normal))
        buf_put(to, S(", {\"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 0}"));
    buf_put(to, S("]},\n"));
}

/* ---- models ---- */

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

static void put_unigram(const struct tokenizer *t, struct buf *to)
{
    const struct unigram *u = &t->unigram;
    buf_put(to, S("  \"model\": {\n    \"type\": \"Unigram\",\n    \"unk_id\": "));
    if (u->unk == VOCAB_NONE) buf_put(to, S("null"));
    else buf_printf(to, "%u", u->unk);
    buf_put(to, S(",\n    \"vocab\": ["));
    for (uint32_t id = 0; id < t->vocab.n; id++) {
        const struct str token = t->vocab.token[id];
        buf_put(to, id ? S(",\n      [") : S("\n      ["));
        if (token.p) json_put_string(to, token);
        else buf_printf(to, "\"<unused_%u>\"", id);
        buf_put(to, S(", "));
        json_put_number(to, !token.p ? (double)u->least : id < u->n ? (double)u->score[id] : 0);
        buf_putc(to, ']');
    }
    buf_printf(to, "\n    ],\n    \"byte_fallback\": %s\n  }\n", yes(u->fallback));
}

static void put_wordpiece(const struct tokenizer *t, struct buf *to)
{
    struct buf work = { 0 };
    buf_put(to, S("  \"model\": {\n    \"type\": \"WordPiece\",\n    \"unk_token\": "));
    json_put_string(to, t->wordpiece.unk == VOCAB_NONE ? S("[UNK]") : t->vocab.token[t->wordpiece.unk]);
    buf_printf(to, ",\n    \"continuing_subword_prefix\": \"##\",\n    \"max_input_chars_per_word\": %zu,\n",
               t->wordpiece.most_chars);
    put_vocab(t, &work, to);
    to->n -= 2;                                                       /* the last comma: no merges follow */
    buf_put(to, S("\n  }\n"));
    buf_free(&work);
}

bool tokenizer_write_json(const struct tokenizer *t, struct buf *to, struct buf *lost, struct err *e)
{
    (void)e;
    buf_put(to, S("{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n"));
    put_added(t, to);
    put_normal(&t->normal, to);
    put_pre(t, to);
    put_post(t, to);
    put_decoder(t, to);
    if (t->model == MODEL_BPE) put_bpe(t, to);
    else if (t->model == MODEL_UNIGRAM) put_unigram(t, to);
    else put_wordpiece(t, to);
    buf_put(to, S("}\n"));
    for (uint32_t id = 0; lost && t->model == MODEL_UNIGRAM && id < t->unigram.n; id++)
        if (t->unigram.user[id])
            buf_printf(lost, "user-defined piece %u: it is taken when it is likely, not always\n", id);
    return true;
}
