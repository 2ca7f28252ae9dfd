# steps.sh - what every pipeline has in common: settings, steps that are done once, plan, resume.
# SPDX-License-Identifier: Apache-2.0
#
#   begin USAGE "$@"             reads options; sets IN (array), OUT, and the settings of curate.conf
#   step NAME FILE COMMAND...    FILE (in OUT) is made by COMMAND, where @ stands for it; other outputs are named @.SUFFIX
#
# A step is passed over when FILE stands and FILE.key says that it was made by this version, from these very inputs, with
# these options. The key of an input that is itself a step's file is that step's key; of any other file its size and time.
# COMMAND writes FILE whole or not at all (tamis does), so a pipeline may be killed anywhere and run again.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$here/../bin:$PATH

die() { echo "$(basename "$0"): $1" >&2; exit "${2:-2}"; }

begin() {
    local usage=$1; shift
    CONF=$here/curate.conf FROM='' UNTIL='' PLAN='' THREADS=0
    IN=()
    while [ $# -gt 0 ]; do
        case $1 in
        --conf) CONF=$2; shift ;;
        --from) FROM=$2; shift ;;          # this step and all after it again
        --until) UNTIL=$2; shift ;;
        --plan) PLAN=1 ;;
        -j) THREADS=$2; shift ;;
        -h|--help) echo "usage: $(basename "$0") [--plan] [--from STEP] [--until STEP] [--conf FILE] [-j N] $usage"; exit 0 ;;
        -*) die "unknown option $1" ;;
        *) IN+=("$1") ;;
        esac
        shift
    done
    [ ${#IN[@]} -ge 2 ] || die "usage: $(basename "$0") [OPTION]... $usage"
    OUT=${IN[-1]}; unset 'IN[-1]'
    # shellcheck disable=SC1090
    . "$CONF"
    mkdir -p "$OUT"
    began=''; [ -n "$FROM" ] || began=1
}

# The input files of a folder, or the files themselves; fails with a line when there are none.
inputs() {
    local f found=()
    for f in "${IN[@]}"; do
        if [ -d "$f" ]; then
            while IFS= read -r f; do found+=("$f"); done < <(find "$f" -type f \( -name '*.warc' -o -name '*.warc.gz' -o -name '*.warc.zst' \
                -o -name '*.wet.gz' -o -name '*.arc.gz' -o -name '*.wacz' -o -name '*.jsonl' -o -name '*.jsonl.gz' -o -name '*.jsonl.zst' \) | LC_ALL=C sort)
        elif [ -e "$f" ]; then found+=("$f")
        else die "$f is not there" 1; fi
    done
    [ ${#found[@]} -gt 0 ] || die "no .warc.gz, .wet.gz or .jsonl.zst in ${IN[*]}" 1
    FILES=("${found[@]}")
}

# key_of FILE COMMAND...: what FILE and its side files (FILE.*) are themselves does not count.
key_of() {
    local file=$1 a; shift
    tamis --version
    for a; do
        printf '%s\n' "$a"
        case $a in "$file"*) continue ;; esac
        if [ -f "$a.key" ]; then cat "$a.key"
        elif [ -f "${a%.*}.key" ]; then cat "${a%.*}.key"        # a side file of a step
        elif [ -f "$a" ]; then stat -c '%s %Y' "$a"; fi
    done
}

step() {
    local name=$1 file=$OUT/$2 key args=() a start; shift 2
    [ -z "$stopped" ] || return 0
    for a; do args+=("${a//@/$file}"); done
    [ "$name" = "$FROM" ] && { began=1; rm -f "$file.key"; }
    key=$(key_of "$file" "${args[@]}" | sha256sum | cut -d' ' -f1)
    [ "$name" = "$UNTIL" ] && stopped=1
    if [ -f "$file" ] && [ "$(cat "$file.key" 2>/dev/null)" = "$key" ]; then echo "$name: done before"; return; fi
    if [ -n "$PLAN" ]; then printf '%-10s %s\n' "$name" "${args[*]}"; return; fi
    [ -n "$began" ] || die "$file is not up to date, and --from $FROM begins after it" 1
    start=$(date +%s%N); rm -f "$file.key"
    "${args[@]}" -j "$THREADS" || die "$name failed; run again to go on from here" $?
    [ -e "$file" ] || die "$name made no $file" 3
    echo "$key" >"$file.key"
    printf '%s: %s in %d.%01d s\n' "$name" "$2" $((($(date +%s%N) - start) / 1000000000)) $((($(date +%s%N) - start) / 100000000 % 10)) | sed "s|: .* in |: $(basename "$file") in |"
}
stopped=''

# What became of the documents, from manifests: a line a stage.
funnel() {
    printf '\n%-12s %9s %9s  %s\n' stage in out dropped
    sed -n 's/.*"stage":"\([^"]*\)","in":\([0-9]*\),"out":\([0-9]*\),"dropped":{\(.*\)},"rejected".*/\1|\2|\3|\4/p' "$@" | while IFS='|' read -r stage in out dropped; do
        printf '%-12s %9d %9d  %s\n' "$stage" "$in" "$out" "$(echo "$dropped" | tr -d '"' | sed 's/,/, /g')"
    done
}
