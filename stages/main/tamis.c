/* tamis.c - the program: every stage, and the runner of fused stages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/stage.h"

int main(int argc, char **argv)
{
    return stage_main(argc, argv);
}
