/* tokenizer_tiktoken.c - ranks as tiktoken has them: a line is base64 of the token's bytes, a space, its rank.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The file does not hold the split pattern or the special tokens; both are known for the published ones
 * by what the file's name holds: r50k, p50k, cl100k, o200k. Any other file is read with cl100k's split.
 */
#include "core/base64.h"
#include "model/tokenizer_model.h"
#include "record/json.h"

static const struct { const char *in_name,
                      *split; struct { const char *text; uint32_t id; } special[6]; } published[] = {
    { "r50k", "gpt2", { { "<|endoftext|>", 50256 } } },
    { "p50k", "gpt2", { { "<|endoftext|>", 50256 } } },
    { "o200k", "o200k", { { "<|endoftext|>", 199999 }, { "<|endofprompt|>", 200018 } } },
    { "cl100k", "cl100k", { { "<|endoftext|>", 100257 }, { "<|fim_prefix|>", 100258 }, { "<|fim_middle|>", 100259 }, { "<|fim_suffix|>", 100260 },
                            { "<|endofprompt|>", 100276 } } },
    { "", "cl100k", { { NULL, 0 } } },
};

enum { LINE_BYTES = 16 };                                    /* a line has about so many: cl100k's 16.8 */

static bool read_line(struct tokenizer *t, struct str line, struct buf *token, struct err *e)
{
    struct str rank = line, word;
    int64_t id;
    buf_reset(token);
    if (!str_cut(&rank, ' ', &word) || !rank.p || !base64_read(word, token) || !token->n)
        return err_set(e, ERR_DATA, "a line is not base64 and a rank");
    rank = str_trim(rank);
    if (!json_integer(rank, &id) || id < 0 || id >= VOCAB_MAX)
        return err_set(e, ERR_DATA, "rank %.*s is not a number below %d", (int)(rank.n < 40 ? rank.n : 40), rank.p, VOCAB_MAX);
    vocab_set(&t->vocab, (uint32_t)id, buf_str(token));
    return true;
}

static uint32_t own_rank(const void *with, uint32_t id) { (void)with; return id; }

bool tokenizer_read_tiktoken(struct tokenizer *t, struct str bytes, const char *name, struct err *e)
{
    struct buf token = { 0 };
    bool ok = true;
    size_t line_no = 0;
    vocab_reserve(&t->vocab, bytes.n / LINE_BYTES);
    for (struct str line; ok && str_cut(&bytes, '\n', &line); ) {
        line_no++;
        if (str_trim(line).n && !read_line(t, line, &token, e)) ok = err_in(e, "line %zu", line_no);
    }
    buf_free(&token);
    if (!ok) return false;
    if (!t->vocab.n) return err_set(e, ERR_DATA, "no tokens: neither JSON nor ranks");
    t->byte_level = true;
    bpe_init(&t->bpe, &t->vocab);
    t->bpe.whole_first = true;
    bpe_add_all(&t->bpe, own_rank, NULL);
    size_t i = 0;
    while (!strstr(name, published[i].in_name)) i++;
    for (size_t k = 0; k < 6 && published[i].special[k].text; k++)
        tokenizer_add(t, published[i].special[k].id, str_of(published[i].special[k].text), true);
    return tokenizer_split(t, published[i].split, e);
}
