(
f() { local -a l=(1 2); echo ${l[@]}; local -n r=$1; r=changed; }; q=1; f q; echo $q
)
echo "status $?"
(
function g { echo "args: $# $*"; return 2; }; g 1 2 || echo rc $?; type g; declare -f g
)
echo "status $?"
(
set -e; f() { false; echo notreached; }; if f; then echo yes; fi; f || echo or; trap 'echo cleanup $?' EXIT; x=$(false) ; echo no
)
echo "status $?"
