# @about@
function __rongjian_below
    switch "$argv[1]"
@below@
    end
end
function __rongjian_options
    switch "$argv[1]"
@options@
    end
end
function __rongjian_wants
    switch "$argv[1]"
@wants@
    end
end
function __rongjian_values
    switch "$argv[1]"
@values@
    end
end
function __rongjian_names
    set -l cur (commandline -ct)
    set -l tokens (commandline -opc)
    set -l path ''
    set -l wants ''
    set -l second ''
    set -l at 0
    for word in $tokens[2..-1]
        if test -n "$wants"
            set wants ''
        else if string match -q -- '-*=*' $word
            continue
        else if string match -q -- '-*' $word
            if test -n "$(__rongjian_wants "$path|$word")"
                set wants $word
            end
        else if test -n "$(__rongjian_below "$path")"
            set path (string trim "$path $word")
        else
            test $at -eq 1; and set second $word
            set at (math $at + 1)
        end
    end
    set -l names
    if test -n "$wants"
        set names (__rongjian_values "$path|$wants|$second")
    else if string match -q -- '-*' "$cur"
        set names (__rongjian_options "$path")
    else
        set names (__rongjian_below "$path")
        test -n "$names"; or set names (__rongjian_values "$path|$at|$second")
    end
    if test "$names" = @logs
        set -l home .rongjian
        set -q RONGJIAN_HOME; and set home $RONGJIAN_HOME
        set names (command ls "$home/logs" 2>/dev/null)
    end
    printf '%s\n' $names
end
complete -c rongjian -e
complete -c rongjian -n 'test -n "$(__rongjian_names)"' -f -a '(__rongjian_names)'
