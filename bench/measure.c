/* measure.c - run one shell command and say what it cost.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   measure COMMAND      prints "WALL USER+SYSTEM PEAK" in seconds, seconds and bytes; exits as the command did
 *
 * User and system time are those of all its processes together, the peak that of the largest one. */
#include "core/mem.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
    struct rusage used;
    int status;
    if (argc != 2) return 2;
    double begin = time_now();
    pid_t child = fork();
    if (!child) {
        dup2(2, 1);                                  /* what it prints is not our answer */
        execl("/bin/bash", "bash", "-o", "pipefail", "-c", argv[1], (char *)NULL);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child) return 3;
    printf("%.4f %.4f %ld\n", time_now() - begin, seconds(used.ru_utime) + seconds(used.ru_stime),
           used.ru_maxrss * 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}
