# steps.sh - what every pipeline has in common: settings, steps that are done once, slices, plan, resume.
# SPDX-License-Identifier: Apache-2.0
#
#   begin USAGE "$@"             reads options; sets IN (array), OUT, SLICES, and the settings of curate.conf
#   inputs                       sets FILES, the input files
#   step NAME FILE COMMAND...    FILE (in OUT) is made by COMMAND, where @ stands for it; other outputs are named @.SUFFIX
#   each NAME FILE COMMAND...    the same, for each slice of the documents alone
#   range NAME FILE COMMAND...   the same, for each of RANGES shares of the keys in all slices
#   share NAME FILE COMMAND...   the same, for each of SHARES shares of the slices, 32 or so in each
#   global STAGE NAME FILE ...   a step that must see all documents, in part, merge and apply (pipelines/global.sh)
#   finish                       after the last step
#
# One description serves one machine and many. On one machine every step is one task, run at once. With --slices N nothing
# is run: OUT/plan is written, and pipelines/local/submit or pipelines/slurm/submit carry it out. `each` is then N tasks,
# one a slice; `step` is one, over the files of all slices in order. A slice of 1-text.jsonl.zst is 1-text/00005.jsonl.zst.
# What a step reads is found in its COMMAND: words that begin with "$OUT/FILE" of a step before, or are input files, all of
# which {in} stands for. With a comma before it ",$OUT/FILE" is all files in one word; "=$OUT/FILE" is the text of the file,
# "#$OUT/FILE" its line for this slice. {i} and {n} in a word are the task's number and how many there are.
#
# A task is passed over when its file stands and FILE.key says that it was made by this version, from these very inputs,
# with these options. A key is of the step's words, with the keys of the steps that it reads, size and time of other files.
# COMMAND writes FILE whole or not at all (tamis does), so a pipeline may be killed anywhere and run again; where the command can
# (tamis's --resume) a task goes on inside its slice.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$here/../bin:$PATH
. "$here/global.sh"
declare -A KIND TASKS FILE KEY WORDS NEEDS is_input      # by step's name; NEEDS: steps that it reads
STEPS=() stopped='' SLICES=1 input_bytes=''

die() { echo "$(basename "$0"): $1" >&2; exit "${2:-2}"; }

begin() {
    local usage=$1; shift
    CONF=$here/curate.conf FROM='' UNTIL='' PLAN='' THREADS=0 IN=()
    while [ $# -gt 0 ]; do
        case $1 in
        --conf) CONF=$2; shift ;;
        --from) FROM=$2; shift ;;          # this step and all after it again
        --until) UNTIL=$2; shift ;;
        --plan) PLAN=1 ;;
        --slices) SLICES=$2; shift ;;
        -j) THREADS=$2; shift ;;
        -h|--help) echo "usage: $(basename "$0") [--plan] [--from STEP] [--until STEP] [--conf FILE] [--slices N] [-j N] $usage"; exit 0 ;;
        -*) die "unknown option $1" ;;
        *) IN+=("$1") ;;
        esac
        shift
    done
    [ ${#IN[@]} -ge 2 ] || die "usage: $(basename "$0") [OPTION]... $usage"
    [[ $SLICES =~ ^[1-9][0-9]{0,4}$ ]] || die "--slices $SLICES is not a number from 1 to 99999"
    OUT=${IN[-1]}; unset 'IN[-1]'
    [ -f "$CONF" ] || die "--conf: $CONF is not there"
    # shellcheck disable=SC1090
    . "$CONF"
    mkdir -p "$OUT"
    [ "${RANGES:-0}" -gt 0 ] || RANGES=$(((SLICES + 31) / 32))
    [ "${SHARES:-0}" -gt 0 ] || SHARES=$RANGES
    began=''; [ -n "$FROM" ] || began=1
}

# The input files of a folder, or the files themselves; fails with a line when there are none.
inputs() {
    local f found=()
    for f in "${IN[@]}"; do
        if [ -d "$f" ]; then
            while IFS= read -r f; do found+=("$f"); done < <(find -L "$f" -type f \( -name '*.warc' -o -name '*.warc.gz' -o -name '*.warc.zst' \
                -o -name '*.wet.gz' -o -name '*.arc.gz' -o -name '*.wacz' -o -name '*.jsonl' -o -name '*.jsonl.gz' -o -name '*.jsonl.zst' \) | LC_ALL=C sort)
        elif [ -e "$f" ]; then found+=("$f")
        else die "$f is not there" 1; fi
    done
    [ ${#found[@]} -gt 0 ] || die "no .warc.gz, .wet.gz or .jsonl.zst in ${IN[*]}" 1
    FILES=("${found[@]}") N_FILES=${#found[@]}
    for f in "${FILES[@]}"; do is_input[$f]=1; done
    inputs_key=$(printf '%s\0' "${FILES[@]}" | xargs -0 stat -L -c '%n %s %Y' | sha256sum)
    version=$(tamis --version)
    [ -z "$PLAN" ] || [ "$SLICES" -gt 1 ] || printf '%-10s %8s %8s %8s  %s\n' step memory disk time command
}

# ---- what a step says ----

# refer WORD: REPLY is "{NAME}SUFFIX" where WORD is the file of step NAME, or a side file of it, with "," "=" or "#" kept;
# else WORD. needs gets NAME.
refer() {
    local word=$1 mark='' name best=''
    REPLY=$word
    case $word in [,=#]"$OUT"/*) mark=${word:0:1}; word=${word:1} ;; "$OUT"/*) ;; *) return 0 ;; esac
    for name in "${STEPS[@]}"; do
        case $word in "$OUT/${FILE[$name]}"*) [ -n "$best" ] && [ ${#FILE[$name]} -lt ${#FILE[$best]} ] || best=$name ;; esac
    done
    [ -n "$best" ] || { needs+=("${STEPS[-1]}"); return 0; }           # a file beside that of a step: wait for the last one
    needs+=("$best")
    REPLY="$mark{$best}${word#"$OUT/${FILE[$best]}"}"
}

# declare_step KIND NAME FILE COMMAND...: fills the tables for NAME.
declare_step() {
    local kind=$1 name=$2 file=$3 word words=() needs=() skip='' key sliced=''; shift 3
    key="$version $kind $SLICES"; case $kind in range) key+=" $RANGES" ;; share) key+=" $SHARES" ;; esac
    for word; do
        if [ -n "${is_input[$word]:-}" ] || [ "$word" = '{in}' ]; then
            [[ " ${words[*]} " = *" {in} "* ]] && continue
            words+=("{in}"); sliced=1; key+=$'\n'$inputs_key
            continue
        fi
        refer "$word"
        words+=("$REPLY")
        [ -n "$skip" ] || key+=$'\n'$REPLY
        case $word in "$OUT"/*) ;; *) [ ! -f "$word" ] || key+=" $(stat -L -c '%s %Y' "$word")" ;; esac
        skip=''; [ "$word" != --memory ] || skip=1                     # bytes do not depend on it
    done
    [ -n "$sliced" ] || [ ${#needs[@]} -gt 0 ] || [ ${#STEPS[@]} = 0 ] || needs=("${STEPS[-1]}")
    for word in "${needs[@]}"; do
        key+=$'\n'${KEY[$word]}
        [ "${TASKS[$word]}" = 1 ] || sliced=1
    done
    STEPS+=("$name") KIND[$name]=$kind FILE[$name]=$file NEEDS[$name]=${needs[*]} WORDS[$name]=${words[*]@Q}
    TASKS[$name]=1
    case $kind$sliced in each1) TASKS[$name]=$SLICES ;; range1) TASKS[$name]=$RANGES ;; share1) TASKS[$name]=$SHARES ;; esac
    KEY[$name]=$(sha256sum <<<"$key"); KEY[$name]=${KEY[$name]%% *}
}

# ---- one task ----

# path_of NAME I: REPLY is the file of its task I.
path_of() {
    local file=${FILE[$1]} base=${FILE[$1]##*/}
    if [ "${TASKS[$1]}" = 1 ]; then REPLY=$OUT/$file
    else printf -v REPLY '%s/%s/%05d%s' "$OUT" "${file%"${base#"${base%%.*}"}"}" "$2" "${base#"${base%%.*}"}"; fi
}

# is_done NAME I: its file stands and has this key. Sets REPLY to the file.
is_done() {
    local key=''
    path_of "$1" "$2"
    [ -f "$REPLY" ] && [ -f "$REPLY.key" ] && read -r key <"$REPLY.key"
    [ "$key" = "${KEY[$1]}" ]
}

# args_in I: the input files of slice I, as --shard would cut them; fewer files than slices are cut inside.
args_in() {
    local n=$N_FILES from to files
    if [ "$SLICES" = 1 ]; then args+=("${FILES[@]}"); return; fi
    if [ "$n" -lt "$SLICES" ]; then from=0 to=$n; else from=$((n * $1 / SLICES)) to=$((n * ($1 + 1) / SLICES)); fi
    mapfile -t -s "$from" -n $((to - from)) files <"$OUT/plan.inputs"
    args+=("${files[@]}")
    [ "$n" -ge "$SLICES" ] || args+=(--shard "$1/$SLICES")
}

# args_of NAME I REF SUFFIX MARK: the files of step REF that task I of NAME reads; they must be whole. Many are named in a list.
args_of() {
    local i from=0 n=${TASKS[$1]} to=${TASKS[$3]} files=() all
    [ "$n" = 1 ] || [ "$to" = 1 ] || case ${KIND[$1]}-${KIND[$3]} in
    each-each|share-share) from=$2 to=$(($2 + 1)) ;;
    share-each) from=$((to * $2 / n)) to=$((to * ($2 + 1) / n)) ;;
    esac
    for ((i = from; i < to; i++)); do
        is_done "$3" "$i" || die "$1 reads $REPLY, which is not whole or not up to date" 1
        files+=("$REPLY$4")
    done
    if [ ${#files[@]} -gt 500 ]; then
        printf '%s\n' "${files[@]}" >"$file.$3.list.$$"; mv "$file.$3.list.$$" "$file.$3.list"
        files=("@$file.$3.list")
    fi
    case $5 in
    ',') printf -v all '%s,' "${files[@]}"; args+=("${all%,}") ;;
    '=') args+=("$(cat "${files[0]}")") ;;
    '#') args+=("$(sed -n "$(($2 + 1))p" "${files[0]}")") ;;
    *) args+=("${files[@]}") ;;
    esac
}

# run_task NAME I: makes its file, and then the key.
run_task() {
    local name=$1 i=$2 words word args=() ref mark file
    path_of "$name" "$i"; file=$REPLY
    mkdir -p "${file%/*}"
    eval "words=(${WORDS[$name]})"
    for word in "${words[@]}"; do
        mark=''; case $word in [,=#]'{'*) mark=${word:0:1} ;; esac
        ref=${word#"$mark"{}; ref=${ref%%\}*}
        case $word in
        '{in}') args_in "$i" ;;
        "$mark{$ref}"*) if [ -n "$ref" ] && [ -n "${KEY[$ref]:-}" ]; then args_of "$name" "$i" "$ref" "${word#*\}}" "$mark"; continue; fi ;;&
        *) word=${word//@/$file}; word=${word//'{i}'/$i}; args+=("${word//'{n}'/${TASKS[$name]}}") ;;
        esac
    done
    rm -f "$file.key"
    "${args[@]}" -j "$THREADS" --manifest "$file.manifest.json" ${TASK_MEMORY:+--memory "$TASK_MEMORY"} \
        --resume ${TASK_CHECKPOINT:+--checkpoint "$TASK_CHECKPOINT"} || return
    [ -e "$file" ] || die "$name made no $file" 3
    echo "${KEY[$name]}" >"$file.key.$$" && mv "$file.key.$$" "$file.key"
}

# ---- the steps of a pipeline ----

step() { declare_step step "$@"; [ "$SLICES" -gt 1 ] || go "$1"; }
each() { declare_step each "$@"; [ "$SLICES" -gt 1 ] || go "$1"; }
range() { declare_step range "$@"; }
share() { declare_step share "$@"; }

# go NAME: on one machine, at once.
go() {
    local name=$1 start
    [ -z "$stopped" ] || return 0
    [ "$name" = "$FROM" ] && began=1
    [ "$name" = "$UNTIL" ] && stopped=1
    if is_done "$name" 0 && { [ -z "$FROM" ] || [ -z "$began" ]; }; then echo "$name: done before"; return; fi
    if [ -n "$PLAN" ]; then plan_step "$name"; return; fi
    [ -n "$began" ] || die "$REPLY is not up to date, and --from $FROM begins after it" 1
    start=$(date +%s%N)
    run_task "$name" 0 || die "$name failed; run again to go on from here" $?
    start=$((($(date +%s%N) - start) / 100000000))
    printf '%s: %s in %d.%d s\n' "$name" "${FILE[$name]##*/}" $((start / 10)) $((start % 10))
}

# plan_step NAME: what it would run, and about what it takes: pipelines/costs times the bytes of the input.
plan_step() {
    [ -n "$input_bytes" ] || input_bytes=$(printf '%s\0' "${FILES[@]}" | xargs -0 stat -L -c %s | awk '{ n += $1 } END { print n + 0 }')
    awk -v name="$1" -v n="$input_bytes" -v threads="$([ "$THREADS" = 0 ] && nproc || echo "$THREADS")" -v ceiling="$MEMORY" \
        -v rows="$((PROXY_STEPS * PROXY_ROWS * SEEDS))" '
        function short(x) { return x >= 1e9 ? sprintf("%.1f GB", x / 1e9) : sprintf("%.0f MB", x / 1e6 + 0.5) }
        BEGIN { unit = index("KMGT", toupper(substr(ceiling, length(ceiling)))); ceiling = ceiling * (unit ? 1024 ^ unit : 1) }
        $1 == name { memory = $3 * 1e6 + $4 * n; if (memory > ceiling) memory = ceiling; seconds = ($2 * n / 1e9 + $6 * rows) / threads
                     cost = sprintf("%8s %8s %8s", short(memory), short($5 * n), seconds < 600 ? sprintf("%.0f s", seconds + 0.5) : sprintf("%.0f min", seconds / 60)) }
        END { printf "%-10s %s  ", name, cost ? cost : "       ?        ?        ?" }' "$here/costs"
    printf '%s\n' "${WORDS[$1]//\'/}"
}

# After the last step: the plan, when there are slices; else what became of the documents.
finish() {
    local name
    for name in "$FROM" "$UNTIL"; do
        [ -z "$name" ] || [ -n "${KIND[$name]:-}" ] || die "there is no step $name; the steps: ${STEPS[*]}"
    done
    if [ "$SLICES" -gt 1 ]; then write_plan; elif [ -z "$PLAN$stopped" ]; then funnel; fi
}

# What became of the documents, from manifests: a line a stage, summed over slices.
funnel() {
    local name i files
    printf '\n%-16s %9s %9s  %s\n' stage in out dropped
    for name in "${STEPS[@]}"; do
        files=()
        for ((i = 0; i < TASKS[$name]; i++)); do path_of "$name" "$i"; [ ! -f "$REPLY.manifest.json" ] || files+=("$REPLY.manifest.json"); done
        [ ${#files[@]} = 0 ] || printf '%s\0' "${files[@]}" | xargs -0 sed -n 's/.*"stage":"\([^"]*\)","in":\([0-9]*\),"out":\([0-9]*\),"dropped":{\(.*\)},"rejected".*/\1|\2|\3|\4/p' | add_up
    done
}

add_up() {
    tr -d '"' | awk -F'|' '
        !($1 in into) { order[++n] = $1 }
        { into[$1] += $2; out[$1] += $3; m = split($4, why, ",")
          for (i = 1; i <= m; i++) { split(why[i], w, ":"); if (!(($1, w[1]) in dropped)) reasons[$1] = reasons[$1] "," w[1]; dropped[$1, w[1]] += w[2] } }
        END { for (k = 1; k <= n; k++) { s = order[k]; m = split(substr(reasons[s], 2), why, ","); line = ""
              for (i = 1; i <= m; i++) line = line (i > 1 ? ", " : "") why[i] ":" dropped[s, why[i]]
              printf "%-16s %9d %9d  %s\n", s, into[s], out[s], line } }'
}

# ---- the plan: the tables as shell, in OUT/plan, and the input files, a line each, in OUT/plan.inputs ----

write_plan() {
    local name
    [ "$N_FILES" -ge "$SLICES" ] || [[ ${FILES[0]} = *.jsonl* ]] || die "$N_FILES files are fewer than $SLICES slices"
    printf '%s\n' "${FILES[@]}" >"$OUT/plan.inputs"
    {
        declare -p STEPS KIND TASKS FILE KEY WORDS NEEDS SLICES OUT N_FILES | sed 's/^declare -\([aA]*\)[-x]* /declare -g\1 /'
        printf 'cd %q || exit\n' "$PWD"
    } >"$OUT/plan.new"
    mv "$OUT/plan.new" "$OUT/plan"
    [ -z "$PLAN" ] || for name in "${STEPS[@]}"; do printf '%-12s %5d  %s\n' "$name" "${TASKS[$name]}" "${WORDS[$name]//\'/}"; done
}

read_plan() {
    [ -f "$1/plan" ] || die "$1 has no plan; submit writes one" 1
    # shellcheck disable=SC1091
    . "$1/plan"
}

# The log of task I of NAME.
log_of() { printf -v REPLY '%s/log/%s.%05d' "$OUT" "$1" "$2"; }

# left_of NAME: LEFT gets the tasks of NAME that have no whole output.
left_of() {
    local i
    LEFT=()
    for ((i = 0; i < TASKS[$1]; i++)); do is_done "$1" "$i" || LEFT+=("$i"); done
}
