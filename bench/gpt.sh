# gpt.sh - a training step of the proxy transformer beside PyTorch's and beside plain loops. The start of a program is not counted, so
# the programs time themselves; the rows in results.tsv have seconds a step, and tokens a second as documents. One thread each, else
# THREADS: PyTorch's threads are told not to spin while they wait, which on a busy machine is most of what they would do.
# SPDX-License-Identifier: Apache-2.0
threads=${THREADS:-1}
steps() {    # steps SIZE VOCAB ROWS LENGTH STEPS: medians of the rounds, in turn
    local names=(tamis pytorch plain-loops) i k wall cpu peak wall0 cpu0 version
    local call="$1 $2 $3 $4 $5 $threads" title="training step, $1, vocabulary $2, $3 x $4 tokens, $threads threads"
    version=$(build/peers/bin/python -c 'import torch; print(torch.__version__)' 2>/dev/null) || names=(tamis '' plain-loops)
    rm -f "$tmp"/steps.*
    for ((k = 0; k < rounds; k++)); do
        "$TOOLS/gpt" $call >>"$tmp/steps.0"
        [ -z "${names[1]}" ] || OMP_WAIT_POLICY=PASSIVE build/peers/bin/python bench/gpt_peer.py $call >>"$tmp/steps.1"
        "$TOOLS/gpt" $1 $2 $3 $4 1 $threads plain >>"$tmp/steps.2"
    done
    echo "gpt: $title (medians of $rounds)"
    for i in 0 1 2; do
        [ -e "$tmp/steps.$i" ] || continue
        wall=$(cut -d' ' -f1 "$tmp/steps.$i" | median) cpu=$(cut -d' ' -f2 "$tmp/steps.$i" | median) peak=$(cut -d' ' -f3 "$tmp/steps.$i" | median)
        [ $i = 0 ] && wall0=$wall cpu0=$cpu
        awk -v OFS='\t' -v w=$wall -v c=$cpu -v p=$peak -v w0=$wall0 -v c0=$cpu0 -v n=$(($3 * $4)) -v name=${names[$i]} -v head="$today	$machine	gpt	$title" \
            -v version=$([ $i = 1 ] && echo $version || echo $ours_version) -v results="$RESULTS" 'BEGIN {
            printf "  %-12s %8.3f s a step, %8.3f s cpu, %8.0f tokens/s, %8.0f a second of cpu, %5d MiB, %5.2fx cpu %5.2fx wall\n", name, w, c, n / w, n / c, p, c / c0, w / w0
            print head, name, version, w, c, 0, sprintf("%.0f", n / w), p, sprintf("%.2f", c / c0), sprintf("%.2f", w / w0) >>results }'
    done
}
steps nano 2048 8 256 6
steps micro 4096 8 256 3
steps mini 16384 4 256 2
