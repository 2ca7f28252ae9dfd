/* run.h - what emu.c does for emu.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef ACCEL_EMU_RUN_H
#define ACCEL_EMU_RUN_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
struct emu_pos { unsigned x, y, z; };
struct emu_pos emu_thread(void), emu_block(void), emu_block_dim(void), emu_grid_dim(void);
int emu_lane(void);                                  /* of the warp */
/* the block's dynamic shared memory, filled with garbage at its start */
void *emu_dynamic(void);
void emu_sync_block(void), emu_sync_warp(void);
uint32_t emu_shuffle(uint32_t v, int from);          /* lane `from`'s v */
void emu_launch(const unsigned grid[3], const unsigned block[3], size_t dynamic, void (*run)(void *), void *arg);
#ifdef __cplusplus
}
#endif
#endif
