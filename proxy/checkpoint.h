/* checkpoint.h - a training run on disk: a folder that goes on where it stopped, and that others can load.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   model.safetensors    the weights (model/gpt_file.h), when the run is done
 *   config.json          Hugging Face's LlamaConfig, and under "tamis" what was trained; the tokenizer's file beside it
 *   state.safetensors    while it runs: weights, moments and "step"; away when the run is done
 *   log.jsonl            {"step":1,"tokens":8192,"loss":5.5,"rate":0.00002,"norm":1.2,"domains":{"web":5.4}}, a line a step, and
 *                        {"step":100,"held":{"web":4.1}}, a line an evaluation. No times: the same run writes the same
 *                        bytes
 *
 * Each of the first three is written aside and renamed. The log grows as the run does; a run that goes on first cuts
 * off what lies behind its state.
 */
#ifndef PROXY_CHECKPOINT_H
#define PROXY_CHECKPOINT_H
#include "proxy/train.h"

/* state.safetensors */
bool checkpoint_save(const struct train *t, const char *folder, struct err *e) MUST_CHECK;
/* of the same model, seed and rows, or ERR_USAGE */
bool checkpoint_resume(struct train *t, const char *folder, bool *found, struct err *e) MUST_CHECK;
bool checkpoint_finish(const struct train *t, const char *folder, const char *tokenizer, struct err *e) MUST_CHECK;

struct train_log;
/* lines up to this step stay */
struct train_log *train_log_open(const char *folder, long step, struct err *e) MUST_CHECK;
void train_log_step(struct train_log *l, const struct train *t, const struct train_said *said);
void train_log_held(struct train_log *l, const struct train *t, const double *loss);                 /* (n_domains) */
bool train_log_close(struct train_log *l, struct err *e) MUST_CHECK;

#endif
