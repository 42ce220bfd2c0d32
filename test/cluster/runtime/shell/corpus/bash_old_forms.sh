# Brace expansion switched off, old arithmetic, toggled case, what arrays say of themselves.
set +B; echo {a,b} {1..3}; set -B; echo {a,b} {1..3}; echo $-
echo $[1+2*3] $[ 4 / 3 ] "$[2**4]"; x=5; echo $[x++] $x; a=(7 8 9); echo $[a[1]+1]
x=Hello; echo ${x~~} ${x~} ${x~~[a-l]} ${x^^} ${x,,}; y=(aB Cd); echo ${y[@]~~} ${y[@]~}
declare -a a=(1 "two words"); echo ${a[@]@A}; declare -A m=([k]="v w"); echo "${m[@]@A}"; s="a'b"; echo "${s@A}" "${s@Q}"
set -o | grep -E 'brace|hash|pipefail|interactive'; set +o | sed -n 1,3p
caller; f() { caller; caller 0; }; f
hash -r; hash
{ sh -c 'kill -9 $$' "$HOME"; echo "killed $?"; } 2>&1 | sed 's, *[0-9]* Killed, PID Killed,'
f() { sh -c 'kill -HUP "$1"' x $BASHPID "y z"; }
f 2>/dev/null & wait $! 2>/dev/null; echo "hung up $?"
sleep 5 & kill $!; wait $!; echo "terminated $?"
(sh -c 'kill -TERM $$'); echo "in a subshell $?"
