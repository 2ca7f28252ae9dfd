/* tokenizer_json.c - read Hugging Face's tokenizer.json.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   { "added_tokens": [{ "id", "content", "special" }], "normalizer", "pre_tokenizer", "post_processor", "decoder",
 *     "model": { "type": "BPE", "vocab": { token: id }, "merges": ["a b"] or [["a", "b"]] }
 *            | { "type": "Unigram", "unk_id", "vocab": [[token, log-probability]], "byte_fallback" }
 *            | { "type": "WordPiece", "vocab": { token: id }, "unk_token", "continuing_subword_prefix", "max_input_chars_per_word" } }
 *
 * What it asks for and is not known here is an error that names it: a tokenizer that encodes otherwise than
 * its file says is worse than none.
 */
#include "core/base64.h"
#include "model/bytelevel.h"
#include "model/tokenizer_model.h"

#include <jansson.h>
#include <math.h>

#define SPACE_MARK "\xE2\x96\x81"

static struct str text_of(const json_t *j)
{
    return json_is_string(j) ? (struct str){ json_string_value(j), json_string_length(j) } : (struct str){ NULL, 0 };
}
static struct str text_at(const json_t *j, const char *key) { return text_of(json_object_get(j, key)); }
static bool is(const json_t *j, const char *type) { return str_eq(text_at(j, "type"), str_of(type)); }
static bool on(const json_t *j, const char *key, bool otherwise)
{
    const json_t *v = json_object_get(j, key);
    return json_is_boolean(v) ? json_is_true(v) : otherwise;
}
static bool unknown(const json_t *j, const char *what, struct err *e)
{
    const struct str type = text_at(j, "type");
    return err_set(e, ERR_DATA, "%s of type \"%.*s\" is not known here, or not with these settings", what, (int)type.n,
                   type.p ? type.p : "");
}

/* A row of steps is {"type": "Sequence", LIST: [...]}; one step stands for itself. */
static bool each_step(struct tokenizer *t, const json_t *j, const char *list,
                      bool (*step)(struct tokenizer *, const json_t *, struct err *), struct err *e)
{
    if (!j || json_is_null(j)) return true;
    if (!is(j, "Sequence")) return step(t, j, e);
    const json_t *all = json_object_get(j, list);
    for (size_t i = 0; i < json_array_size(all); i++)
        if (!each_step(t, json_array_get(all, i), list, step, e)) return false;
    return true;
}

/* ---- normalizer ---- */

static bool add_normal(struct tokenizer *t, struct normal_step s, struct err *e)
{
    if (t->normal.n == NORMAL_MAX) return err_set(e, ERR_DATA, "more than %d normalizers", NORMAL_MAX);
    t->normal.step[t->normal.n++] = s;
    return true;
}

/* SentencePiece's character map; here, as there, the longest rule at each place. */
static bool read_charsmap(struct tokenizer *t, struct str base64, struct err *e)
{
    struct buf map = { 0 };
    struct normal_step s = { NORMAL_SPM };
    const bool ok = (base64_read(base64, &map) || err_set(e, ERR_DATA, "precompiled_charsmap is not base64"))
                    && spm_charsmap(&s.spm, str_copy(&t->mem, buf_str(&map)), e);
    buf_free(&map);
    return ok && add_normal(t, s, e);
}

static bool read_replace(struct tokenizer *t, const json_t *j, struct err *e)
{
    const json_t *pattern = json_object_get(j, "pattern");
    const struct str from = text_at(pattern, "String"), to = str_copy(&t->mem, text_at(j, "content"));
    if (from.n) return add_normal(t, (struct normal_step){ NORMAL_REPLACE, str_copy(&t->mem, from), to }, e);
    if (str_eq(text_at(pattern, "Regex"), S(" {2,}")))
        return add_normal(t, (struct normal_step){ NORMAL_SQUEEZE, .to = to }, e);
    return unknown(j, "normalizer", e);
}

static bool read_normal(struct tokenizer *t, const json_t *j, struct err *e)
{
    static const struct { const char *type; enum normal_kind kind; } plain[] = {
        { "NFC", NORMAL_NFC }, { "NFD", NORMAL_NFD }, { "NFKC", NORMAL_NFKC }, { "NFKD", NORMAL_NFKD },
        { "Lowercase", NORMAL_LOWER }, { "StripAccents", NORMAL_STRIP_ACCENTS },
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (is(j, plain[i].type)) return add_normal(t, (struct normal_step){ plain[i].kind }, e);
    if (is(j, "Prepend"))
        return add_normal(t, (struct normal_step){ NORMAL_PREPEND, .to = str_copy(&t->mem, text_at(j, "prepend")) }, e);
    if (is(j, "Strip"))
        return add_normal(t, (struct normal_step){ NORMAL_STRIP, .left = on(j, "strip_left", true),
                                                   .right = on(j, "strip_right", true) }, e);
    if (is(j, "Replace")) return read_replace(t, j, e);
    if (is(j, "Precompiled")) return read_charsmap(t, text_at(j, "precompiled_charsmap"), e);
    if (!is(j, "BertNormalizer")) return unknown(j, "normalizer", e);
    const bool lower = on(j, "lowercase", true);
    return add_normal(t, (struct normal_step){ NORMAL_BERT, .clean = on(j, "clean_text", true),
                                               .cjk = on(j, "handle_chinese_chars", true),
                                               .accents = on(j, "strip_accents", lower), .lower = lower }, e);
}

/* ---- pre_tokenizer ---- */

static bool read_split(struct tokenizer *t, const json_t *j, struct err *e)
{
    const json_t *pattern = json_object_get(j, "pattern");
    const struct str regex = text_at(pattern, "Regex");
    if (!regex.p || !str_eq(text_at(j, "behavior"), S("Isolated")) || on(j, "invert", false))
        return unknown(j, "pre_tokenizer", e);
    return tokenizer_split(t, regex.p, e);
}

/* Spaces become marks, one is put before the text, and each mark begins a piece. */
static bool read_metaspace(struct tokenizer *t, const json_t *j, struct err *e)
{
    const struct str mark = text_at(j, "replacement"), scheme = text_at(j, "prepend_scheme");
    if (mark.p && !str_eq(mark, S(SPACE_MARK))) return unknown(j, "pre_tokenizer", e);
    if (!add_normal(t, (struct normal_step){ NORMAL_REPLACE, .from = S(" "), .to = S(SPACE_MARK) }, e)) return false;
    const bool prefix = scheme.p ? !str_eq(scheme, S("never")) : on(j, "add_prefix_space", true);
    if (prefix && !add_normal(t, (struct normal_step){ NORMAL_PREFIX, .to = S(SPACE_MARK) }, e)) return false;
    return !on(j, "split", true) || tokenizer_split(t, "each_mark", e);
}

static bool read_pre(struct tokenizer *t, const json_t *j, struct err *e)
{
    static const struct { const char *type, *split; } dropping[] = {
        { "BertPreTokenizer", "bert" }, { "WhitespaceSplit", "\\s+" }, { "Whitespace", "[\\p{L}\\p{M}\\p{N}\\p{Pc}]+|[^\\p{L}\\p{M}\\p{N}\\p{Pc}\\s]+" },
    };
    for (size_t i = 0; i < 3; i++) {
        if (!is(j, dropping[i].type)) continue;
        t->drop_blanks = true;
        return tokenizer_split(t, dropping[i].split, e);
    }
    if (is(j, "Metaspace")) return read_metaspace(t, j, e);
    if (is(j, "ByteLevel")) {
        t->byte_level = true;
        t->prefix_space = on(j, "add_prefix_space", true);
        return !on(j, "use_regex", true) || tokenizer_split(t, "gpt2", e);
    }
    if (is(j, "Digits")) return tokenizer_split(t, on(j, "individual_digits", false) ? "digits" : "digit_runs", e);
    if (is(j, "Punctuation") && (!json_object_get(j, "behavior") || str_eq(text_at(j, "behavior"), S("Isolated"))))
        return tokenizer_split(t, "punctuation", e);
    if (is(j, "Split")) return read_split(t, j, e);
    return unknown(j, "pre_tokenizer", e);
}

/* ---- model ---- */

static struct str token_of(const struct tokenizer *t, struct str as_written, struct buf *work)
{
    buf_reset(work);
    return t->byte_level && bytelevel_read(as_written, work) ? buf_str(work) : as_written;
}

static bool read_vocab(struct tokenizer *t, json_t *vocab, struct err *e)
{
    struct buf work = { 0 };
    bool ok = json_is_object(vocab) || err_set(e, ERR_DATA, "model.vocab is not an object");
    for (void *at = ok ? json_object_iter(vocab) : NULL; at && ok; at = json_object_iter_next(vocab, at)) {
        const json_t *id = json_object_iter_value(at);
        const struct str token = { json_object_iter_key(at), json_object_iter_key_len(at) };
        if (!json_is_integer(id) || json_integer_value(id) < 0 || json_integer_value(id) >= VOCAB_MAX)
            ok = err_set(e, ERR_DATA, "model.vocab: the id of \"%.*s\" is not below %d",
                         (int)(token.n < 80 ? token.n : 80), token.p, VOCAB_MAX);
        else if (token.n) vocab_set(&t->vocab, (uint32_t)json_integer_value(id), token_of(t, token, &work));
    }
    buf_free(&work);
    return ok;
}

static bool merge_halves(const json_t *j, struct str *left, struct str *right)
{
    if (json_is_array(j) && json_array_size(j) == 2) {
        *left = text_of(json_array_get(j, 0));
        *right = text_of(json_array_get(j, 1));
        return left->p && right->p;
    }
    *right = text_of(j);
    return right->p && str_cut(right, ' ', left) && right->p;
}

static bool read_merge(struct tokenizer *t, const json_t *j, uint32_t rank, struct buf *work, struct err *e)
{
    struct str half[2];
    uint32_t id[2];
    struct buf both = { 0 };
    bool ok = merge_halves(j, &half[0], &half[1]) || err_set(e, ERR_DATA, "it is not two tokens");
    for (int i = 0; ok && i < 2; i++) {
        const struct str token = token_of(t, half[i], work);
        id[i] = vocab_find(&t->vocab, token);
        buf_put(&both, token);
        if (id[i] == VOCAB_NONE)
            ok = err_set(e, ERR_DATA, "\"%.*s\" is not in the vocabulary", (int)half[i].n, half[i].p);
    }
    const uint32_t merged = ok ? vocab_find(&t->vocab, buf_str(&both)) : VOCAB_NONE;
    buf_free(&both);
    if (!ok) return false;
    if (merged == VOCAB_NONE) return err_set(e, ERR_DATA, "what it makes is not in the vocabulary");
    bpe_add(&t->bpe, id[0], id[1], rank, merged);
    return true;
}

static bool read_bpe(struct tokenizer *t, const json_t *j, struct err *e)
{
    if (text_at(j, "continuing_subword_prefix").n || text_at(j, "end_of_word_suffix").n)
        return err_set(e, ERR_DATA, "model: BPE with affixes is not known here");
    if (!read_vocab(t, json_object_get(j, "vocab"), e)) return false;
    bpe_init(&t->bpe, &t->vocab);
    t->bpe.chars = !t->byte_level;
    t->bpe.fallback = on(j, "byte_fallback", false);
    t->bpe.fuse_unk = on(j, "fuse_unk", false);
    t->bpe.whole_first = on(j, "ignore_merges", false);
    const struct str unk = text_at(j, "unk_token");
    if (unk.n) t->bpe.unk = vocab_find(&t->vocab, unk);
    const json_t *merges = json_object_get(j, "merges");
    struct buf work = { 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(merges); i++)
        if (!read_merge(t, json_array_get(merges, i), (uint32_t)i, &work, e)) ok = err_in(e, "merge %zu", i);
    buf_free(&work);
    return ok;
}

static bool read_scored(struct tokenizer *t, const json_t *item, uint32_t id, bool unknown_piece, struct err *e)
{
    const struct str piece = text_of(json_array_get(item, 0));
    const double score = json_number_value(json_array_get(item, 1));
    if (json_array_size(item) != 2 || !piece.n || !json_is_number(json_array_get(item, 1)) || !(fabs(score) < 1e30))
        return err_set(e, ERR_DATA, "model.vocab[%u] is not a piece and its score", id);
    vocab_set(&t->vocab, id, piece);
    if (!unknown_piece) unigram_put(&t->unigram, id, piece, (float)score, UNIGRAM_PLAIN);
    return true;
}

static bool read_unigram(struct tokenizer *t, const json_t *j, struct err *e)
{
    const json_t *vocab = json_object_get(j, "vocab"), *unk = json_object_get(j, "unk_id");
    const size_t n = json_array_size(vocab);
    if (!json_is_array(vocab) || !n || n > VOCAB_MAX)
        return err_set(e, ERR_DATA, "model.vocab is not an array of 1 to %d pieces", VOCAB_MAX);
    const uint32_t unk_id = json_is_integer(unk) && json_integer_value(unk) >= 0
                            && (size_t)json_integer_value(unk) < n ? (uint32_t)json_integer_value(unk) : VOCAB_NONE;
    t->model = MODEL_UNIGRAM;
    for (uint32_t id = 0; id < n; id++)
        if (!read_scored(t, json_array_get(vocab, id), id, id == unk_id, e)) return false;
    t->unigram.unk = unk_id;
    tokenizer_unigram_bytes(t, on(j, "byte_fallback", false));
    return true;
}

static bool read_wordpiece(struct tokenizer *t, const json_t *j, struct err *e)
{
    const struct str prefix = text_at(j, "continuing_subword_prefix"), unk = text_at(j, "unk_token");
    const json_t *most = json_object_get(j, "max_input_chars_per_word");
    if (!read_vocab(t, json_object_get(j, "vocab"), e)) return false;
    t->model = MODEL_WORDPIECE;
    t->decode = DECODE_WORDPIECE;
    wordpiece_init(&t->wordpiece, &t->vocab, prefix.p ? str_copy(&t->mem, prefix) : S("##"),
                   vocab_find(&t->vocab, unk.p ? unk : S("[UNK]")), json_is_integer(most)
                   && json_integer_value(most) > 0 ? (size_t)json_integer_value(most) : 100);
    return true;
}

static bool read_model(struct tokenizer *t, const json_t *j, struct err *e)
{
    if (is(j, "Unigram")) return read_unigram(t, j, e);
    if (is(j, "WordPiece")) return read_wordpiece(t, j, e);
    if (is(j, "BPE") || (!text_at(j, "type").p && json_object_get(j, "merges"))) return read_bpe(t, j, e);
    return unknown(j, "model", e);
}

/* How ids become text: marks become spaces where the decoder says so. */
static bool read_decoder(struct tokenizer *t, const json_t *j, struct err *e)
{
    (void)e;
    if (is(j, "Metaspace") || is(j, "ByteFallback")
        || (is(j, "Replace") && str_eq(text_at(json_object_get(j, "pattern"), "String"), S(SPACE_MARK))))
        t->decode = DECODE_SPM;
    if (is(j, "WordPiece")) t->decode = DECODE_WORDPIECE;
    return true;
}

/* ---- around the text ---- */

static void add_frame(struct tokenizer *t, const json_t *list)
{
    bool seen = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *special = json_object_get(json_array_get(list, i), "SpecialToken");
        if (!special) { seen = true; continue; }
        const uint32_t id = vocab_find(&t->vocab, text_at(special, "id"));
        if (id == VOCAB_NONE) continue;
        if (!seen && t->n_before < FRAME_MAX) t->before[t->n_before++] = id;
        if (seen && t->n_after < FRAME_MAX) t->after[t->n_after++] = id;
    }
}

static bool read_post(struct tokenizer *t, const json_t *j, struct err *e)
{
    if (is(j, "ByteLevel")) return true;
    if (is(j, "TemplateProcessing")) { add_frame(t, json_object_get(j, "single")); return true; }
    if (!is(j, "BertProcessing") && !is(j, "RobertaProcessing")) return unknown(j, "post_processor", e);
    const uint32_t cls = vocab_find(&t->vocab, text_of(json_array_get(json_object_get(j, "cls"), 0)));
    const uint32_t sep = vocab_find(&t->vocab, text_of(json_array_get(json_object_get(j, "sep"), 0)));
    if (cls != VOCAB_NONE) t->before[t->n_before++ % FRAME_MAX] = cls;
    if (sep != VOCAB_NONE) t->after[t->n_after++ % FRAME_MAX] = sep;
    return true;
}

static bool read_added(struct tokenizer *t, const json_t *list, struct err *e)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *j = json_array_get(list, i), *id = json_object_get(j, "id");
        if (!json_is_integer(id) || json_integer_value(id) < 0 || json_integer_value(id) >= VOCAB_MAX)
            return err_set(e, ERR_DATA, "added_tokens[%zu]: its id is not below %d", i, VOCAB_MAX);
        tokenizer_add(t, (uint32_t)json_integer_value(id), text_at(j, "content"), on(j, "special", false));
    }
    return true;
}

static bool read_all(struct tokenizer *t, const json_t *j, struct err *e)
{
    const json_t *model = json_object_get(j, "model");
    if (!json_is_object(model)) return err_set(e, ERR_DATA, "there is no \"model\"");
    if (!each_step(t, json_object_get(j, "normalizer"), "normalizers", read_normal, e)) return false;
    if (!each_step(t, json_object_get(j, "pre_tokenizer"), "pretokenizers", read_pre, e)) return false;
    if (!read_model(t, model, e) || !each_step(t, json_object_get(j, "decoder"), "decoders", read_decoder, e))
        return false;
    if (t->model == MODEL_BPE && !t->byte_level && t->decode == DECODE_SPM && !tokenizer_split_marks(t, e))
        return false;
    return read_added(t, json_object_get(j, "added_tokens"), e)
        && each_step(t, json_object_get(j, "post_processor"), "processors", read_post, e);
}

bool tokenizer_read_json(struct tokenizer *t, struct str bytes, struct err *e)
{
    json_error_t at;
    json_t *j = json_loadb(bytes.p, bytes.n, JSON_ALLOW_NUL, &at);
    if (!j) return err_set(e, ERR_DATA, "line %d: %s", at.line, at.text);
    const bool ok = read_all(t, j, e);
    json_decref(j);
    return ok;
}
