#compdef rongjian
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
    local cur=${words[CURRENT]} way= wants= second= word names
    local -i at=0 i
    for ((i = 2; i < CURRENT; i++)); do
        word=${words[i]}
        if [[ -n $wants ]]; then
            wants=
        elif [[ $word == -*=* ]]; then
            continue
        elif [[ $word == -* ]]; then
            [[ -n $(_rongjian_wants "$way|$word") ]] && wants=$word
        elif [[ -n $(_rongjian_below "$way") ]]; then
            way=${way:+$way }$word
        else
            [[ $at -eq 1 ]] && second=$word
            at+=1
        fi
    done
    if [[ -n $wants ]]; then
        names=$(_rongjian_values "$way|$wants|$second")
    elif [[ $cur == -* ]]; then
        names=$(_rongjian_options "$way")
    else
        names=$(_rongjian_below "$way")
        [[ -z $names ]] && names=$(_rongjian_values "$way|$at|$second")
    fi
    [[ $names == @logs ]] && names=$(command ls "${RONGJIAN_HOME:-.rongjian}/logs" 2>/dev/null)
    local -a told=("${(@f)names}")
    if [[ -z $names ]]; then
        _files
    elif [[ ${told[1]} == *= ]]; then
        compadd -S '' -- $told
    else
        _describe rongjian told
    fi
}
compdef _rongjian rongjian
