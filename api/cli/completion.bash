# @about@
_rongjian_below() {
    case "$1" in
@below@
    esac
}
_rongjian_options() {
    case "$1" in
@options@
    esac
}
_rongjian_wants() {
    case "$1" in
@wants@
    esac
}
_rongjian_values() {
    case "$1" in
@values@
    esac
}
_rongjian() {
    local IFS=$'\n'
    local cur=${COMP_WORDS[COMP_CWORD]} path= wants= second= word names
    local -i at=0 i
    [[ $cur == = ]] && cur=
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == = ]]; then
            continue
        elif [[ -n $wants ]]; then
            wants=
        elif [[ $word == -* ]]; then
            [[ -n $(_rongjian_wants "$path|$word") ]] && wants=$word
        elif [[ -n $(_rongjian_below "$path") ]]; then
            path=${path:+$path }$word
        else
            [[ $at -eq 1 ]] && second=$word
            at+=1
        fi
    done
    if [[ -n $wants ]]; then
        names=$(_rongjian_values "$path|$wants|$second")
    elif [[ $cur == -* ]]; then
        names=$(_rongjian_options "$path")
    else
        names=$(_rongjian_below "$path")
        [[ -z $names ]] && names=$(_rongjian_values "$path|$at|$second")
    fi
    [[ $names == @logs ]] && names=$(command ls "${RONGJIAN_HOME:-.rongjian}/logs" 2>/dev/null)
    COMPREPLY=($(compgen -W "$names" -- "$cur"))
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o bashdefault -o default -F _rongjian rongjian
