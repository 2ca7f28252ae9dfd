# submit.sh - what local/submit and slurm/submit have in common: their face, and the plan.
# SPDX-License-Identifier: Apache-2.0
#
#   face USAGE "$@"      reads the common options, leaves the others in OTHER; writes the plan and reads it
#   sweep [all]          removes temporary files that tasks of this machine left when they were killed; of all machines
#
# The options: --slices N, --conf FILE, --resume, --plan, -h; after "--" all goes to OTHER.
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

face() {
    local usage="usage: $(basename "$(dirname "$0")")/submit PIPELINE IN... OUT --slices N [--resume] [--plan] [--conf FILE] $1" words=() options=() resume='' plan='' out
    OTHER=(); shift
    while [ $# -gt 0 ]; do
        case $1 in
        --slices|--conf) options+=("$1" "$2"); shift ;;
        --resume) resume=1 ;;
        --plan) plan=1 options+=(--plan) ;;
        -h|--help) echo "$usage"; exit 0 ;;
        --) shift; OTHER+=("$@"); break ;;
        --*=*) OTHER+=("$1") ;;
        -*) OTHER+=("$1" "$2"); shift ;;
        *) words+=("$1") ;;
        esac
        shift
    done
    [ ${#words[@]} -ge 3 ] && [[ " ${options[*]} " = *' --slices '* ]] || die "$usage"
    [[ " ${options[*]} " != *' --slices 1 '* ]] || die "one slice is pipelines/${words[0]}.sh"
    out=${words[-1]}
    [ -n "$resume$plan" ] || [ ! -e "$out/plan" ] || die "$out holds a run; --resume goes on with it"
    "$here/${words[0]}.sh" "${options[@]}" "${words[@]:1}"
    [ -z "$plan" ] || exit 0
    read_plan "$out"
    mkdir -p "$OUT/log"
}

sweep() {
    local f host
    find "$OUT" -name '.*.tmp-*' | while IFS= read -r f; do
        host=${f##*.tmp-}; host=${host%-*}
        if [ "${1:-}" = all ] || { [ "$host" = "$(hostname)" ] && ! kill -0 "${f##*-}" 2>/dev/null; }; then rm -f "$f"; fi
    done
}
