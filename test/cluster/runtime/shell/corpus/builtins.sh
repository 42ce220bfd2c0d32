pwd | sed 's#.*/#X/#'; cd /; pwd; cd - >/dev/null; cd /nonexistent; echo $?
cd /tmp; pwd; cd ..; pwd; cd usr/../tmp; pwd
type cd; type echo; type if; type ls >/dev/null && echo found; type nonexistent; echo $?
command -v cd; command -v nonexistent; echo $?; command -v if
f() { :; }; type f; command -v f
alias ll='echo aliased'; alias ll; unalias ll; alias ll 2>/dev/null; echo $?
umask; umask 077; umask; umask 022; umask -S
eval 'echo ev "$1"' ; x='echo $y'; y=why; eval $x
set -- -a -b val file; while getopts ab: o; do echo "$o ${OPTARG-}"; done; shift $((OPTIND-1)); echo "$@"
OPTIND=1; set -- -x; getopts a o; echo "$o $?"
OPTIND=1; set -- -abval; while getopts :ab: o; do echo "$o:${OPTARG-}"; done
OPTIND=1; set -- -b; getopts :b: o; echo "$o $OPTARG"
export E=1; sh -c 'echo $E'; F=2; sh -c 'echo [$F]'; F=3 sh -c 'echo $F'
readonly R=1; echo $R
test -d / && echo dir; [ -f /etc/passwd ] && echo file; [ -z "" ] && echo empty; [ a = a ] && echo eq; [ 1 -lt 2 ] && echo lt
[ a = b ] || echo ne; [ ! -e /nope ] && echo nope; [ "a" -a "b" ] && echo and; [ "" -o b ] && echo or; [ \( a = a \) ] && echo paren
[ 1 -eq x ]; echo $?; [ a b ]; echo $?; [ a; echo $?
: ignored args; echo $?; true; echo $?; false; echo $?
echo -n no; echo; echo 'esc\tape\n\\' ; echo "oct\0101"
times >/dev/null; echo $?; hash -r; echo $?
printf '%s %d %5d|%-5d|%05d %x %o %c %%\n' str 42 7 7 7 255 8 char
printf '%s\n' a b c; printf '%s-%s\n' 1 2 3; printf '%b\n' 'a\tb'; printf '%.2f %e %g\n' 3.14159 1234.5 0.0001
printf '%5.1f|%-8s|%8s|%.3s\n' 2.25 ab cd efghij; printf '%d\n' 0x1f 010 "'A"; printf 'no newline'; echo
printf '%d\n' abc; echo $?; printf '\101\x41\n'; printf '%s' ; echo; printf '%+d % d %i\n' 5 5 -5
exec 2>&1; nosuchcmd; echo $?; ./nope; echo $?; /tmp; echo $?
. ./nope.sh; echo unreached
