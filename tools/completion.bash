# completion.bash - stages, then the options of the stage; from tamis itself.
# SPDX-License-Identifier: Apache-2.0
_tamis() {
    local word=${COMP_WORDS[COMP_CWORD]}
    if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W "run $(tamis --names)" -- "$word"))
    elif [ "${word#-}" != "$word" ]; then COMPREPLY=($(compgen -W "$(tamis "${COMP_WORDS[1]}" --words)" -- "$word"))
    else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -F _tamis tamis
