/* schedule.c - the rate of a step.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/train.h"

#include <math.h>

double schedule_rate(const struct schedule *s, long step)
{
    if (step < s->warmup) return s->peak * (double)(step + 1) / (double)s->warmup;
    if (s->how == SCHEDULE_CONSTANT) return s->peak;
    const long span = s->how == SCHEDULE_WSD ? s->decay : s->steps - s->warmup, left = s->steps - step;
    if (left >= span) return s->peak;
    if (left <= 0) return s->peak * s->floor;
    const double done = 1 - (double)left / (double)span,
                 fall = s->how == SCHEDULE_WSD ? done : (1 - cos(M_PI * done)) / 2;
    return s->peak * (1 - (1 - s->floor) * fall);
}
