# Functions, locals, recursion, results.
greet() { local who=${1:-world}; echo "hello $who"; }; greet; greet bob; fact() { (( $1 <= 1 )) && { echo 1; return; }; echo $(( $1 * $(fact $(($1 - 1))) )); }; fact 10
swap() { local -n x=$1 y=$2; local t=$x; x=$y; y=$t; }; p=1 q=2; swap p q; echo $p $q; is_even() { (( $1 % 2 == 0 )); }; for i in 1 2; do if is_even $i; then echo "$i even"; else echo "$i odd"; fi; done
log() { local level=$1; shift; printf '[%s] %s\n' "${level^^}" "$*" >&2; }; log warn "a b" c 2>&1; counter() { : $((count++)); }; counter; counter; echo $count; out=$(greet sub; exit 3); echo "$out $?"
outer() { local v=outer; inner; echo $v; }; inner() { v=changed; }; outer; echo "[${v-unset}]"; f() { echo "$FUNCNAME ${#FUNCNAME[@]} $# $*"; }; f a "b c"; ret() { return 42; }; ret; echo $?; ret || echo "or $?"; g() { [[ $1 == x ]] || return; echo is x; }; g x; g y; echo $?
hanoi() { local n=$1; if (( n > 0 )); then hanoi $((n-1)) $2 $4 $3; ((moves++)); hanoi $((n-1)) $4 $3 $2; fi; }; hanoi 5 a b c; echo $moves; declare -F | grep -c fact; unset -f greet; greet 2>/dev/null || echo gone; command -v log; type -t log
try() { "$@" || { local s=$?; echo "failed: $* ($s)"; return $s; }; }; try true; try ls /nosuch 2>/dev/null; try sh -c 'exit 7'; set -- a b; h() { set -- z; echo $1; }; h; echo $1; exec 3>&1; k() { echo to3 >&3; }; x=$(k); echo "x=[$x]"
retry() { local n=0; until "$@"; do ((++n >= 3)) && { echo "no after $n"; return 1; }; done; echo "yes after $n"; }; c=0; flaky() { ((++c == 2)); }; retry flaky; retry false
