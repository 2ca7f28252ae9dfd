/* tokenizer_tiktoken.c - ranks as tiktoken has them: a line is base64 of the token's bytes, a space, its rank.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The file does not hold the split pattern or the special tokens; both are known for the published ones
 * by what the file's name holds: r50k, p50k, cl100k, o200k. Any other file is read with cl100k's split.
 */
#include "model/tokenizer_model.h"

#include <stdlib.h>

static const struct { const char *in_name, *split; struct { const char *text; uint32_t id; } special[6]; } published[] = {
    { "r50k", "gpt2", { { "<|endoftext|>", 50256 } } },
    { "p50k", "gpt2", { { "<|endoftext|>", 50256 } } },
    { "o200k", "o200k", { { "<|endoftext|>", 199999 }, { "<|endofprompt|>", 200018 } } },
    { "cl100k", "cl100k", { { "<|endoftext|>", 100257 }, { "<|fim_prefix|>", 100258 }, { "<|fim_middle|>", 100259 }, { "<|fim_suffix|>", 100260 },
                            { "<|endofprompt|>", 100276 } } },
    { "", "cl100k", { { NULL, 0 } } },
};

static int digit64(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool base64_read(struct str s, struct buf *to)
{
    while (s.n && s.p[s.n - 1] == '=') s.n--;
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < s.n; i++) {
        const int d = digit64(s.p[i]);
        if (d < 0) return false;
        bits = bits << 6 | (uint32_t)d;
        have += 6;
        if (have >= 8) buf_putc(to, (char)(bits >> (have -= 8)));
    }
    return s.n % 4 != 1;
}

static void base64_write(struct str s, struct buf *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < s.n ? (uint8_t)s.p[i + k] : 0u);
        for (int k = 0; k < 4; k++) buf_putc(to, i + (size_t)k <= s.n ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}

static bool read_line(struct tokenizer *t, struct str line, struct buf *token, struct err *e)
{
    struct str rest = line, word;
    char number[24] = "", *end;
    buf_reset(token);
    if (!str_cut(&rest, ' ', &word) || !rest.p || !base64_read(word, token) || !token->n) return err_set(e, ERR_DATA, "a line is not base64 and a rank");
    rest = str_trim(rest);
    if (!rest.n || rest.n >= sizeof number) return err_set(e, ERR_DATA, "a rank is not a number");
    memcpy(number, rest.p, rest.n);
    const unsigned long id = strtoul(number, &end, 10);
    if (*end || id >= VOCAB_MAX) return err_set(e, ERR_DATA, "rank %s is not a number below %d", number, VOCAB_MAX);
    vocab_set(&t->vocab, (uint32_t)id, buf_str(token));
    return true;
}

static uint32_t own_rank(const void *with, uint32_t id) { (void)with; return id; }

bool tokenizer_read_tiktoken(struct tokenizer *t, struct str bytes, const char *name, struct err *e)
{
    struct buf token = { 0 };
    bool ok = true;
    size_t line_no = 0;
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
    for (size_t k = 0; k < 6 && published[i].special[k].text; k++) tokenizer_add(t, published[i].special[k].id, str_of(published[i].special[k].text), true);
    return tokenizer_split(t, published[i].split, e);
}

bool tokenizer_write_tiktoken(const struct tokenizer *t, struct buf *to, struct err *e)
{
    if (!t->byte_level) return err_set(e, ERR_USAGE, "tiktoken's ranks hold byte-level BPE only");
    for (uint32_t id = 0; id < t->vocab.n; id++) {
        if (!t->vocab.token[id].p || tokenizer_special(t, id)) continue;
        base64_write(t->vocab.token[id], to);
        buf_printf(to, " %u\n", id);
    }
    return true;
}
