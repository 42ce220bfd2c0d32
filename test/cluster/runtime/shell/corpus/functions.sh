f() { echo "f: $# $1"; return 3; }
f a b; echo $?
g() { local x=in; echo $x; x=changed; h; }
h() { echo "h sees $x"; }
x=out; g; echo $x
rec() { [ $1 -le 0 ] && return; echo -n "$1 "; rec $(($1-1)); }; rec 5; echo
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(( $1 * $(fact $(($1-1))) )); fi; }; fact 10
s() ( x=sub; echo $x ); s; echo $x
r() { echo out; echo err >&2; } 2>&1; r
v() { echo "[$VAR]"; }; VAR=tmp v; echo "[${VAR-}]"
unset -f v; v 2>/dev/null; echo $?
k() { for i in 1 2 3; do [ $i = 2 ] && return 7; done; }; k; echo $?
set -- a b c; p() { echo "$@" $#; shift; echo "$@"; }; p x y z; echo "$@"
ret() { false; return; }; ret; echo $?
echo() { command echo "wrapped: $*"; }; echo hi; unset -f echo; echo hi
l() { local a b=2; a=1; local -; set -f; command echo *; }; l
nested() { inner() { command echo inner; }; }; nested; inner
