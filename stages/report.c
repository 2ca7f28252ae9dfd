/* report.c - a run as one page.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"
#include "core/file.h"
#include "frame/stage.h"

static struct { long documents; } opt = { .documents = 100000 };
static const struct opt options[] = {
    { 0, "documents", INT(&opt.documents), "N", "look at about so many closely; all are counted", .min = 1, .max = 1e8 },
    { END }
};

static bool report_command(const struct run *r, struct err *e)
{
    struct buf html = { 0 };
    if (r->n_files != 1 || !strcmp(r->files[0], "-")) return err_set(e, ERR_USAGE, "give one folder of a run");
    bool ok = report_page(&html, r, r->files[0], (size_t)opt.documents, e);
    struct output *o = ok ? output_open(r->output, e) : NULL;
    ok = o && output_write(o, buf_str(&html), e);
    if (ok) ok = output_done(o, e);
    else output_drop(o);
    buf_free(&html);
    return ok;
}

const struct stage stage_report = {
    .place = 900, .name = "report", .brief = "a run as one page: funnel, signals, thresholds, clusters, shards",
    .usage = "[OPTION]... RUN",
    .text = "RUN is the folder that a pipeline wrote. The page needs no network and no script. For each threshold it shows the\n"
            "documents that were just kept and just dropped: what came to the stage is played again for that.",
    .memory = "what --documents asks for, and counts",
    .example = "  tamis report build/demo/run -o report.html", .see = "why, undo",
    .options = options, .command = report_command,
};
