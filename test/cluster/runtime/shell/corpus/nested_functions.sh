f() { local x=1 y; y=2; g; echo "f x=$x y=$y"; }
g() { x=changed; local y=inner; echo "g y=$y"; return 3; }
x=global y=global; f; echo "$? $x $y"
status() { return "$1"; }
status 300; echo $?; status 255; echo $?
h() { (exit 9); }; h; echo $?
v=$(status 4); echo "assign $?"
local_assign() { local v=$(status 4); echo "local hides $?"; }; local_assign
echo "$(status 6)$?"; v=$(exit 2) w=$(exit 3); echo $?
! status 1; echo $?; ! true; echo $?
status 3 | true; echo $?; true | status 3; echo $?
{ status 5; }; echo $?; (status 5); echo $?
if status 1; then :; fi; echo "if $?"
case x in y) false;; esac; echo "case $?"
outer() { inner() { echo "inner of $1"; }; inner "$1"; }; outer a; inner b
fact() { if [ "$1" -le 1 ]; then echo 1; else echo $(( $1 * $(fact $(($1 - 1))) )); fi; }; fact 6
fib() { [ $1 -lt 2 ] && echo $1 && return; echo $(( $(fib $(($1-1))) + $(fib $(($1-2))) )); }; fib 9
args() { echo "$# $*"; set -- p q; echo "$# $1"; }; set -- a b c; args 1 2; echo "$#"
unset -f outer; outer x; echo $?
sub() ( cd /; pwd; exit 8 ); sub; echo "$?"; [ "$(pwd)" != / ] && echo stayed
redir() { echo out; echo err >&2; } > redir.out 2>&1; redir; cat redir.out
pipef() { while read -r l; do echo "<$l>"; done; }; printf 'a\nb' | pipef; echo "a b" | { read -r p q; echo "$q $p"; }
n=0; printf '1\n2\n' | while read -r _; do n=$((n+1)); done; echo "n=$n"
while read -r l; do n=$((n+1)); done < redir.out; echo "n=$n"
alias ll='echo aliased'
ll x
unalias ll; ll y; echo $?
eval 'e() { echo "made by eval $1"; }'; e 1
echo "${0##*/} $#"; shift 5; echo $?
