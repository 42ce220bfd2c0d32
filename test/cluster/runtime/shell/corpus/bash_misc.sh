shopt -s expand_aliases; alias say='echo said'; 
say it; type -t say cd ls if f 2>&1; f() { :; }; type -t f; type f; declare -F f; declare -F | head -2
set -- a b c; echo "${@:2}" "${*: -1}" "${!#}" "$#" "${@:0:1}"; shift 2; echo "$1"; set --; echo "$#"
v=name; name=val; echo "${!v}" ; printf -v "$v" %s new; echo $name; for n in ${!nam*}; do echo $n; done
echo "$BASH_SUBSHELL" $(echo $BASH_SUBSHELL) $( (echo $BASH_SUBSHELL) ); echo ${BASH_VERSINFO[0]} $((${#BASHPID} > 0)) $SHLVL
enable -n echo; type -t echo | tail -1; enable echo; builtin echo b; command echo c; command -v f
eval "x=(1 2)"; echo ${x[1]}; source <(echo 'echo sourced $1') arg; . ./nothere; echo $?
function g { echo "g $*"; return; }; g 1 2; h() { local -a l=(1 2); local -i n=3; local -r c=1; echo ${#l[@]} $n; c=2; echo no; }; h; echo $?
set -x; echo traced "a b" $((1+1)); x=5; [[ a == a ]]; ((x>1)); for i in 1; do :; done; case a in a) :;; esac; { set +x; } 2>/dev/null
PS4='+${LINENO}: '; set -x; true; set +x
ulimit -n >/dev/null && echo ulimit; umask -S; pushd / >/dev/null; dirs | cut -c1-2; popd >/dev/null; echo ~root ~nosuch; echo a{b,c}
printf '%s|' a\ b "c d" 'e"f' g"h"'i'; echo; echo -e 'a\tb\n\x41\e[0m' -n | od -c | head -2; echo -n x; echo; echo -E 'a\tb'; echo -ne 'x\ny'; echo
let "a = 3 * 4"; echo $a; test -v a && echo set; [ -z "$zz" -a -n "$a" ] && echo both; [[ $a -eq 12 ]] && echo twelve
trap 'echo dbg $BASH_COMMAND' DEBUG; true; trap - DEBUG; trap 'echo ret' RETURN; r() { :; }; r; trap - RETURN; trap -p; trap 'echo "x y"' USR1; trap -p USR1; trap -l | head -1
times > /dev/null; getconf ARG_MAX > /dev/null 2>&1; wait; disown 2>&1; kill -l 15; kill -l TERM; kill -0 $$ && echo alive; kill -TERM 999999; echo $?; kill abc; echo $?
cat <<< "here $((1+1))"; cat <<'X' | wc -l
a
b
X
nosuchcmd --x; echo $?; ./nosuch; echo $?; /; echo $?; touch notexec; ./notexec; echo $?; echo $(< notexec) $(<nosuchfile)
printf 'echo no shebang $0\n' > ns; chmod +x ns; ./ns; printf '#!/bin/nosuch\n' > bad; chmod +x bad; ./bad; echo $?; printf '#!/bin/bash -e\necho with $-\n' | sed 's/with.*/ok/' > sb; chmod +x sb; ./sb
unset x; echo ${x:?}; echo never
